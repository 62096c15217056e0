#include "classifiers/inventory/service_set.h"

#include <stdlib.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

/* With so many, 10 000 services leave one stranger of 400 000 in. */
#define PROBES 4

#define BITS ((uint64_t)SERVICE_SET_WORDS * 64)

/*
 * Known to everybody: services are named by whoever runs the cluster, and an
 * outsider who hits their bits gains nothing but that his packets are shown.
 */
static const struct hash_key key = {{0x7365727669636573, 2}};

static uint64_t
hash_of(const struct address *address)
{
	return hash_octets(&key, address->octets, sizeof(address->octets));
}

/* The bit of each probe: two halves of one hash make as many as are wanted
 * (Kirsch, Mitzenmacher: "Less hashing, same performance", 2006). */
static uint64_t
bit_of(uint64_t hash, uint32_t probe)
{
	return ((hash & UINT32_MAX) + probe * (hash >> 32 | 1)) % BITS;
}

static void
add(uint64_t *words, const struct address *address)
{
	uint64_t hash = hash_of(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		uint64_t bit = bit_of(hash, i);

		words[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

/* Word by word: what is in the old one and in the new one stays in between. */
void
service_set_follow(struct service_set *set, const struct inventory *inventory)
{
	size_t count = inventory_service_count(inventory);
	uint64_t *words = allocate(SERVICE_SET_WORDS, sizeof(*words));

	for (size_t i = 0; i < count; i++) {
		const struct service *service = inventory_service(inventory, i);

		for (size_t a = 0; a < service->address_count; a++)
			add(words, &service->addresses[a]);
	}
	for (size_t i = 0; i < SERVICE_SET_WORDS; i++)
		if (atomic_load_explicit(
			&set->words[i], memory_order_relaxed) != words[i])
			atomic_store(&set->words[i], words[i]);
	atomic_store(&set->any, count > 0);
	free(words);
}

bool
service_set_has(const struct service_set *set, const struct address *address)
{
	uint64_t hash = hash_of(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		uint64_t bit = bit_of(hash, i);
		uint64_t word = atomic_load_explicit(
		    &set->words[bit / 64], memory_order_relaxed);

		if ((word >> bit % 64 & 1) == 0)
			return false;
	}
	return true;
}
