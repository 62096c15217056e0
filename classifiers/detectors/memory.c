#include "classifiers/detectors/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

/* No slot. */
#define NONE UINT32_MAX

/* An entry's place among its class; its octets lie elsewhere. */
struct slot {
	uint64_t key;
	uint32_t chain;        /* next of its bucket, or of those free */
	uint32_t older, newer; /* by use */
};

struct share {
	struct slot *slots;
	uint8_t *entries;
	uint32_t *buckets;
	uint32_t capacity, used; /* slots that were ever taken */
	uint32_t mask;
	uint32_t free, oldest, newest;
	uint64_t held, evicted;
};

struct memory {
	struct hash_key key;
	size_t size;
	void (*clear)(void *entry); /* NULL: all of it */
	struct share shares[MEMORY_CLASSES];
};

/* --- life ----------------------------------------------------------------- */

static void
share_init(struct share *share, size_t capacity, size_t size)
{
	uint32_t buckets = 1;

	assert(capacity >= 1 && capacity < NONE / 2);
	while (buckets < capacity)
		buckets *= 2;
	*share = (struct share){
	    .slots = allocate(capacity, sizeof(*share->slots)),
	    .entries = allocate_sparse(capacity, size),
	    .buckets = allocate(buckets, sizeof(*share->buckets)),
	    .capacity = (uint32_t)capacity,
	    .mask = buckets - 1,
	    .free = NONE,
	    .oldest = NONE,
	    .newest = NONE,
	};
	memset(share->buckets, 0xff, buckets * sizeof(*share->buckets));
}

struct memory *
memory_new(
    size_t inside, size_t outside, size_t size, const struct hash_key *key)
{
	struct memory *memory = allocate(1, sizeof(*memory));

	assert(size > 0 && size % 8 == 0);
	memory->key = *key;
	memory->size = size;
	share_init(&memory->shares[MEMORY_INSIDE], inside, size);
	share_init(&memory->shares[MEMORY_OUTSIDE], outside, size);
	return memory;
}

void
memory_free(struct memory *memory)
{
	if (memory == NULL)
		return;
	for (size_t i = 0; i < MEMORY_CLASSES; i++) {
		free(memory->shares[i].slots);
		free_sparse(memory->shares[i].entries,
		    memory->shares[i].capacity, memory->size);
		free(memory->shares[i].buckets);
	}
	free(memory);
}

void
memory_clear_by(struct memory *memory, void (*clear)(void *entry))
{
	memory->clear = clear;
}

/* --- keys ----------------------------------------------------------------- */

/*
 * Of a key that was hashed before it came here, and that nobody learns: with a
 * secret on either side of a mix that is enough, where SipHash would be a third
 * of what a flood of strangers costs.
 */
static uint64_t
hash(const struct memory *memory, uint64_t key)
{
	return memory_mix(
	    memory_mix(key ^ memory->key.words[0]) ^ memory->key.words[1]);
}

/* --- one share ------------------------------------------------------------ */

static void *
entry_at(const struct memory *memory, const struct share *share, uint32_t slot)
{
	return share->entries + slot * memory->size;
}

/* Where the number of that key's slot stands, or that of the chain's end. */
static uint32_t *
find(const struct memory *memory, struct share *share, uint64_t key)
{
	uint32_t *at = &share->buckets[hash(memory, key) & share->mask];

	while (*at != NONE && share->slots[*at].key != key)
		at = &share->slots[*at].chain;
	return at;
}

static void
unlink_slot(struct share *share, uint32_t slot)
{
	const struct slot *one = &share->slots[slot];

	if (one->older != NONE)
		share->slots[one->older].newer = one->newer;
	else
		share->oldest = one->newer;
	if (one->newer != NONE)
		share->slots[one->newer].older = one->older;
	else
		share->newest = one->older;
}

static void
link_newest(struct share *share, uint32_t slot)
{
	struct slot *one = &share->slots[slot];

	one->older = share->newest;
	one->newer = NONE;
	if (share->newest != NONE)
		share->slots[share->newest].newer = slot;
	else
		share->oldest = slot;
	share->newest = slot;
}

static void
use(struct share *share, uint32_t slot)
{
	if (share->newest == slot)
		return;
	unlink_slot(share, slot);
	link_newest(share, slot);
}

static void
drop(const struct memory *memory, struct share *share, uint32_t *at)
{
	uint32_t slot = *at;

	*at = share->slots[slot].chain;
	unlink_slot(share, slot);
	if (memory->clear != NULL)
		memory->clear(entry_at(memory, share, slot));
	else
		memset(entry_at(memory, share, slot), 0, memory->size);
	share->slots[slot].chain = share->free;
	share->free = slot;
	share->held--;
}

/* A slot that is in no list; the one used longest ago makes room. */
static uint32_t
take_slot(const struct memory *memory, struct share *share)
{
	uint32_t slot;

	if (share->free == NONE && share->used < share->capacity)
		return share->used++;
	if (share->free == NONE) {
		drop(memory, share,
		    find(memory, share, share->slots[share->oldest].key));
		share->evicted++;
	}
	slot = share->free;
	share->free = share->slots[slot].chain;
	return slot;
}

/* --- entries -------------------------------------------------------------- */

void *
memory_find(struct memory *memory, enum memory_class class, uint64_t key)
{
	struct share *share = &memory->shares[class];
	uint32_t slot = *find(memory, share, key);

	if (slot == NONE)
		return NULL;
	use(share, slot);
	return entry_at(memory, share, slot);
}

void *
memory_get(
    struct memory *memory, enum memory_class class, uint64_t key, bool *is_new)
{
	struct share *share = &memory->shares[class];
	uint32_t *at = find(memory, share, key);
	uint32_t slot = *at;

	if (is_new != NULL)
		*is_new = slot == NONE;
	if (slot != NONE) {
		use(share, slot);
		return entry_at(memory, share, slot);
	}
	slot = take_slot(memory, share);
	/* What made room may have been the end of this chain. */
	if (at == &share->slots[slot].chain)
		at = find(memory, share, key);
	share->slots[slot] = (struct slot){.key = key, .chain = NONE};
	*at = slot;
	link_newest(share, slot);
	share->held++;
	return entry_at(memory, share, slot);
}

void
memory_drop(struct memory *memory, enum memory_class class, uint64_t key)
{
	struct share *share = &memory->shares[class];
	uint32_t *at = find(memory, share, key);

	if (*at != NONE)
		drop(memory, share, at);
}

void *
memory_oldest(struct memory *memory, enum memory_class class, uint64_t *key)
{
	struct share *share = &memory->shares[class];

	if (share->oldest == NONE)
		return NULL;
	*key = share->slots[share->oldest].key;
	return entry_at(memory, share, share->oldest);
}

void
memory_walk(struct memory *memory,
    void (*take)(
	enum memory_class class, uint64_t key, void *entry, void *context),
    void *context)
{
	for (size_t i = 0; i < MEMORY_CLASSES; i++) {
		struct share *share = &memory->shares[i];

		for (uint32_t slot = share->oldest; slot != NONE;
		     slot = share->slots[slot].newer)
			take((enum memory_class)i, share->slots[slot].key,
			    entry_at(memory, share, slot), context);
	}
}

size_t
memory_entry_size(const struct memory *memory)
{
	return memory->size;
}

struct memory_counts
memory_counts(const struct memory *memory)
{
	struct memory_counts counts = {0};

	for (size_t i = 0; i < MEMORY_CLASSES; i++) {
		counts.held += memory->shares[i].held;
		counts.evicted += memory->shares[i].evicted;
	}
	return counts;
}
