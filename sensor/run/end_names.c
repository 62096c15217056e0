#include "sensor/run/end_names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/finding_key.h"
#include "alerts/sentence.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"
#include "sensor/base/text.h"

/* Two of each hash: the ends of a node's flows of some seconds, and those of
 * one flow beside each other. */
#define BUCKETS     8192
#define BUCKET_BITS 13
#define ENDS        ((size_t)2 * BUCKETS)

static_assert(BUCKETS == 1 << BUCKET_BITS, "bucket_of() takes so many bits");

/* What Kubernetes allows, 63 and 253 characters and a slash, and the NUL. */
#define NAME_SIZE 320

static_assert(NAME_SIZE >= ADDRESS_TEXT_SIZE, "an address is a name");

/* A key of that length is hashed; longer names are cut. */
#define KEY_SIZE ((size_t)4096)

/* What is asked for, by number or by party, is one cache line; what ends point
 * to is the next. */
struct known_end {
	uint32_t number; /* 0: no entry */
	uint32_t generation;
	struct address address; /* the next three are the party's */
	const void *who;
	uint8_t attribution;
	bool inside;
	uint64_t key, instance; /* of a sighted_end, as the next */
	const char *application;
	_Alignas(64) struct party party;
};

static_assert(sizeof(struct known_end) == 128, "an end is two cache lines");

/* Two to a bucket, side by side; names lie apart, for few are read. */
struct end_names {
	struct text text;
	uint32_t made;           /* numbers that were given */
	uint8_t latest[BUCKETS]; /* of the two, by use */
	struct known_end *ends;
	char *texts;
};

struct end_names *
end_names_new(void)
{
	struct end_names *names = allocate(1, sizeof(*names));

	text_init(&names->text, KEY_SIZE);
	names->ends = allocate_sparse(ENDS, sizeof(*names->ends));
	names->texts = allocate_sparse(ENDS, NAME_SIZE);
	return names;
}

void
end_names_free(struct end_names *names)
{
	if (names == NULL)
		return;
	text_release(&names->text);
	free_sparse(names->ends, ENDS, sizeof(*names->ends));
	free_sparse(names->texts, ENDS, NAME_SIZE);
	free(names);
}

static const void *
who_is(const struct party *party)
{
	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		return party->workload;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		return party->node;
	case ATTRIBUTION_SERVICE:
		return party->service;
	case ATTRIBUTION_ZONE:
		return party->zone;
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		return NULL;
	}
	return NULL;
}

/*
 * Public on purpose: keys are the same everywhere.  Whoever aims two addresses
 * at one key has mixed up his own counts.
 */
static uint64_t
key_of(const void *octets, size_t size)
{
	static const struct hash_key same = {{0x6465746563746f72, 0x656e6473}};
	uint64_t key = hash_octets(&same, octets, size);

	return key == 0 ? 1 : key;
}

/* By what stands for it in findings. */
static void
name_party(struct end_names *names, struct known_end *one, char *name)
{
	struct text *text = &names->text;
	const struct party *party = &one->party;
	size_t length;

	text_clear(text);
	finding_party_key(text, party);
	one->key = one->instance = key_of(text->at, text->length);
	if (party->attribution == ATTRIBUTION_EXACT) {
		text_clear(text);
		text_add(text, party->workload->id);
		one->instance = key_of(text->at, text->length);
		one->application = party->workload->application;
	}
	text_clear(text);
	sentence_party(text, party);
	length = text->length < NAME_SIZE ? text->length : NAME_SIZE - 1;
	memcpy(name, text->at, length);
	name[length] = '\0';
}

static void
name_address(struct known_end *one, char *name)
{
	const struct address *address = &one->party.address;

	one->key = one->instance =
	    key_of(address->octets, sizeof(address->octets));
	address_print(address, name);
}

static char *
name_of(const struct end_names *names, const struct known_end *one)
{
	return names->texts + (size_t)(one - names->ends) * NAME_SIZE;
}

static void
make(struct end_names *names, struct known_end *one, const struct party *party,
    uint32_t generation)
{
	char *name = name_of(names, one);

	names->made += names->made == UINT32_MAX ? 2 : 1;
	one->number = names->made;
	one->generation = generation;
	one->party = *party;
	one->address = party->address;
	one->who = who_is(party);
	one->attribution = (uint8_t)party->attribution;
	one->application = NULL;
	one->inside = party->attribution != ATTRIBUTION_EXTERNAL &&
		      party->attribution != ATTRIBUTION_ZONE;
	if (one->who == NULL)
		name_address(one, name);
	else
		name_party(names, one, name);
}

/* The last octets of addresses differ the most. */
static uint32_t
bucket_of(const struct address *address)
{
	uint32_t low;

	memcpy(&low, address->octets + 12, sizeof(low));
	return (low * 0x9e3779b1U) >> (32 - BUCKET_BITS);
}

static bool
is_that(
    const struct known_end *one, const struct party *party, uint32_t generation)
{
	return one->number != 0 && one->generation == generation &&
	       address_equal(&one->address, &party->address) &&
	       one->attribution == party->attribution &&
	       one->who == who_is(party);
}

static void
hand_over(const struct end_names *names, const struct known_end *one,
    struct sighted_end *end)
{
	*end = (struct sighted_end){
	    .key = one->key,
	    .instance = one->instance,
	    .name = name_of(names, one),
	    .application = one->application,
	    .party = &one->party,
	    .inside = one->inside,
	};
}

uint32_t
end_names_get(struct end_names *names, const struct party *party,
    uint32_t generation, struct sighted_end *end)
{
	uint32_t bucket = bucket_of(&party->address);
	struct known_end *both = &names->ends[(size_t)2 * bucket];
	struct known_end *one = &both[names->latest[bucket]];

	if (!is_that(one, party, generation)) {
		names->latest[bucket] ^= 1;
		one = &both[names->latest[bucket]];
		if (!is_that(one, party, generation))
			make(names, one, party, generation);
	}
	hand_over(names, one, end);
	return one->number;
}

bool
end_names_again(struct end_names *names, uint32_t number,
    const struct address *address, uint32_t generation, struct sighted_end *end)
{
	uint32_t bucket = bucket_of(address);
	struct known_end *both = &names->ends[(size_t)2 * bucket];
	struct known_end *one = &both[names->latest[bucket]];

	if (one->number != number) {
		one = &both[names->latest[bucket] ^ 1];
		if (one->number != number)
			return false;
		names->latest[bucket] ^= 1;
	}
	if (number == 0 || one->generation != generation)
		return false;
	hand_over(names, one, end);
	return true;
}
