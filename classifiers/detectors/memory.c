#include "classifiers/detectors/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

/* No slot. */
#define NONE UINT32_MAX

/* What stands before an entry, so that a key that is found is mostly in the
 * cache line of what was looked for. */
struct slot {
	uint64_t key;
	uint32_t chain; /* next of its bucket, or of those free */
	uint8_t held;
	uint8_t asked; /* for, since it was last passed over */
	uint8_t spare[2];
};

struct share {
	uint8_t *slots; /* each with its entry */
	uint32_t *buckets;
	uint32_t capacity, taken; /* slots that ever were */
	uint32_t mask;
	uint32_t free;
	uint32_t hand; /* the next that may make room */
	uint64_t held, evicted;
};

struct memory {
	struct hash_key key;
	size_t size, stride;
	void (*clear)(void *entry); /* NULL: all of it */
	struct share shares[MEMORY_CLASSES];
};

/* --- life ----------------------------------------------------------------- */

static void
share_init(struct share *share, size_t capacity, size_t stride)
{
	uint32_t buckets = 1;

	assert(capacity >= 1 && capacity < NONE / 2);
	while (buckets < capacity)
		buckets *= 2;
	*share = (struct share){
	    .slots = allocate_sparse(capacity, stride),
	    .buckets = allocate(buckets, sizeof(*share->buckets)),
	    .capacity = (uint32_t)capacity,
	    .mask = buckets - 1,
	    .free = NONE,
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
	memory->stride = sizeof(struct slot) + size;
	share_init(&memory->shares[MEMORY_INSIDE], inside, memory->stride);
	share_init(&memory->shares[MEMORY_OUTSIDE], outside, memory->stride);
	return memory;
}

void
memory_free(struct memory *memory)
{
	if (memory == NULL)
		return;
	for (size_t i = 0; i < MEMORY_CLASSES; i++) {
		free_sparse(memory->shares[i].slots, memory->shares[i].capacity,
		    memory->stride);
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
 * Of a key that was hashed before it came here, and that nobody learns: a
 * product of 128 bits with a secret, folded, is enough (as in strangers.c),
 * where SipHash would be a third of what a flood of strangers costs.
 */
static inline uint64_t
hash(const struct memory *memory, uint64_t key)
{
	__extension__ typedef unsigned __int128 wide;
	wide product =
	    (wide)(key ^ memory->key.words[0] ^ UINT64_C(0xa0761d6478bd642f)) *
	    (memory->key.words[1] ^ UINT64_C(0xe7037ed1a0b428db));
	uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);

	return folded ^ folded >> 32;
}

/* --- one share ------------------------------------------------------------ */

static inline struct slot *
slot_at(const struct memory *memory, const struct share *share, uint32_t number)
{
	return (struct slot *)(void *)(share->slots + number * memory->stride);
}

static inline void *
entry_of(struct slot *slot)
{
	return slot + 1;
}

/* Where the number of that key's slot stands, or that of the chain's end. */
static inline uint32_t *
find(const struct memory *memory, struct share *share, uint64_t key)
{
	uint32_t *at = &share->buckets[hash(memory, key) & share->mask];

	while (*at != NONE) {
		struct slot *slot = slot_at(memory, share, *at);

		if (slot->key == key)
			break;
		at = &slot->chain;
	}
	return at;
}

static void
drop(const struct memory *memory, struct share *share, uint32_t *at)
{
	uint32_t number = *at;
	struct slot *slot = slot_at(memory, share, number);

	*at = slot->chain;
	if (memory->clear != NULL)
		memory->clear(entry_of(slot));
	else
		memset(entry_of(slot), 0, memory->size);
	*slot = (struct slot){.chain = share->free};
	share->free = number;
	share->held--;
}

/*
 * The second chance of pages (Corbato, 1968): what was asked for since the hand
 * last came by is passed over.  A list by use would cost three more cache lines
 * each time that something is asked for.
 */
static void
make_room(const struct memory *memory, struct share *share)
{
	struct slot *slot;

	for (;;) {
		slot = slot_at(memory, share, share->hand);
		share->hand = (share->hand + 1) % share->capacity;
		if (slot->asked == 0)
			break;
		slot->asked = 0;
	}
	drop(memory, share, find(memory, share, slot->key));
	share->evicted++;
}

static uint32_t
take_slot(const struct memory *memory, struct share *share)
{
	uint32_t number;

	if (share->free == NONE && share->taken < share->capacity)
		return share->taken++;
	if (share->free == NONE)
		make_room(memory, share);
	number = share->free;
	share->free = slot_at(memory, share, number)->chain;
	return number;
}

/* --- entries -------------------------------------------------------------- */

/* What every look-up does, and nothing else. */
static inline void *
look_up(const struct memory *memory, const struct share *share, uint64_t key)
{
	uint32_t number = share->buckets[hash(memory, key) & share->mask];

	while (number != NONE) {
		struct slot *slot = slot_at(memory, share, number);

		if (slot->key == key) {
			slot->asked = 1;
			return entry_of(slot);
		}
		number = slot->chain;
	}
	return NULL;
}

void *
memory_find(struct memory *memory, enum memory_class class, uint64_t key)
{
	return look_up(memory, &memory->shares[class], key);
}

static __attribute__((noinline)) void *
add(const struct memory *memory, struct share *share, uint64_t key)
{
	uint32_t number = take_slot(memory, share);
	struct slot *slot = slot_at(memory, share, number);

	*slot = (struct slot){.key = key, .chain = NONE, .held = 1};
	/* What made room may have been the end of this chain. */
	*find(memory, share, key) = number;
	share->held++;
	return entry_of(slot);
}

void *
memory_get(
    struct memory *memory, enum memory_class class, uint64_t key, bool *is_new)
{
	void *entry = look_up(memory, &memory->shares[class], key);

	if (is_new != NULL)
		*is_new = entry == NULL;
	return entry != NULL ? entry : add(memory, &memory->shares[class], key);
}

void
memory_drop(struct memory *memory, enum memory_class class, uint64_t key)
{
	struct share *share = &memory->shares[class];
	uint32_t *at = find(memory, share, key);

	if (*at != NONE)
		drop(memory, share, at);
}

void
memory_walk(struct memory *memory,
    void (*take)(
	enum memory_class class, uint64_t key, void *entry, void *context),
    void *context)
{
	for (size_t i = 0; i < MEMORY_CLASSES; i++) {
		struct share *share = &memory->shares[i];
		uint32_t number = share->hand;

		/* Until all were taken none had to make room. */
		for (uint32_t left = share->taken; left > 0; left--) {
			struct slot *slot = slot_at(memory, share, number);

			number = (number + 1) % share->taken;
			if (slot->held != 0)
				take((enum memory_class)i, slot->key,
				    entry_of(slot), context);
		}
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
