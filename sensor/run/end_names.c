#include "sensor/run/end_names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/finding.h"
#include "alerts/sentence.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"
#include "sensor/base/text.h"

/* A power of two: the ends of a node's flows of some seconds. */
#define PLACES 2048

/* What Kubernetes allows, 63 and 253 characters and a slash, and the NUL. */
#define NAME_SIZE 320

/* A key of that length is hashed; longer names are cut. */
#define KEY_SIZE ((size_t)4096)

struct known_end {
	bool valid;
	uint32_t generation;
	enum attribution attribution;
	const void *who; /* workload, node, service or zone, or NULL */
	struct address address;
	uint64_t key, instance;
	char name[NAME_SIZE];
};

static_assert(NAME_SIZE >= ADDRESS_TEXT_SIZE, "an address is a name");

/* An end that is an address alone. */
struct known_address {
	struct address address;
	uint64_t key; /* 0: no entry */
	char name[ADDRESS_TEXT_SIZE];
};

struct end_names {
	struct text text;
	struct known_end places[PLACES];
	struct known_address addresses[PLACES];
};

struct end_names *
end_names_new(void)
{
	struct end_names *names = allocate(1, sizeof(*names));

	text_init(&names->text, KEY_SIZE);
	return names;
}

void
end_names_free(struct end_names *names)
{
	if (names == NULL)
		return;
	text_release(&names->text);
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

static void
make(struct end_names *names, struct known_end *one, const struct party *party)
{
	struct text *text = &names->text;
	size_t length;

	text_clear(text);
	finding_party_key(text, party);
	one->key = one->instance = key_of(text->at, text->length);
	if (party->attribution == ATTRIBUTION_EXACT) {
		text_clear(text);
		text_add(text, party->workload->id);
		one->instance = key_of(text->at, text->length);
	}
	text_clear(text);
	sentence_party(text, party);
	length = text->length < NAME_SIZE ? text->length : NAME_SIZE - 1;
	memcpy(one->name, text->at, length);
	one->name[length] = '\0';
}

/* The last octets of addresses differ the most. */
static size_t
place_of(const struct address *address)
{
	uint32_t low;

	memcpy(&low, address->octets + 12, sizeof(low));
	return (low * 0x9e3779b1U) >> 21;
}

static_assert(PLACES == 1 << 11, "place_of() takes eleven bits");

/* What a flood of strangers is made of; but each is asked for more than once,
 * and who talks is asked for with every message. */
static const struct known_address *
find_address(struct end_names *names, const struct address *address)
{
	struct known_address *one = &names->addresses[place_of(address)];

	if (one->key != 0 && address_equal(&one->address, address))
		return one;
	one->address = *address;
	one->key = key_of(address->octets, sizeof(address->octets));
	address_print(address, one->name);
	return one;
}

static bool
is_that(
    const struct known_end *one, const struct party *party, uint32_t generation)
{
	return one->valid && one->generation == generation &&
	       one->attribution == party->attribution &&
	       one->who == who_is(party) &&
	       address_equal(&one->address, &party->address);
}

static const struct known_end *
find(struct end_names *names, const struct party *party, uint32_t generation)
{
	struct known_end *one = &names->places[place_of(&party->address)];

	if (is_that(one, party, generation))
		return one;
	one->valid = true;
	one->generation = generation;
	one->attribution = party->attribution;
	one->who = who_is(party);
	one->address = party->address;
	make(names, one, party);
	return one;
}

void
end_names_get(struct end_names *names, const struct party *party,
    uint32_t generation, struct sighted_end *end)
{
	const struct known_end *one;

	*end = (struct sighted_end){.party = party};
	if (who_is(party) == NULL) {
		const struct known_address *known =
		    find_address(names, &party->address);

		end->key = end->instance = known->key;
		end->name = known->name;
	} else {
		one = find(names, party, generation);
		end->key = one->key;
		end->instance = one->instance;
		end->name = one->name;
	}
	if (party->attribution == ATTRIBUTION_EXACT)
		end->application = party->workload->application;
	end->inside = party->attribution != ATTRIBUTION_EXTERNAL &&
		      party->attribution != ATTRIBUTION_ZONE;
}
