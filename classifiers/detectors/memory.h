/*
 * memory -- a table of fixed size of what a detector remembers, by key.
 *
 * Entries are plain structures of one size without pointers, so that a memory
 * is saved and restored as it is.  When it is full, one that was not asked for
 * lately makes room, and that is counted: each is passed over once if it was
 * asked for since it came or was passed over.  Entries belong to a class;
 * each class has a share of its own, so that strangers cannot push out what is
 * known of workloads.  One thread at a time.
 */
#ifndef CLASSIFIERS_DETECTORS_MEMORY_H
#define CLASSIFIERS_DETECTORS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_key;
struct memory; /* opaque */

enum memory_class {
	MEMORY_INSIDE,  /* of workloads, nodes, services */
	MEMORY_OUTSIDE, /* of addresses that anybody may invent */
	MEMORY_CLASSES
};

/*
 * Makes an owned memory for memory_free().
 *
 * inside, outside   entries of each class, at least 1
 * size              octets of an entry, a multiple of 8
 * key               borrowed; hashes keys that strangers choose
 */
struct memory *memory_new(
    size_t inside, size_t outside, size_t size, const struct hash_key *key);
void memory_free(struct memory *memory);

/*
 * Entries that are large and mostly zero are emptied by `clear`, which knows
 * how much of one was ever written: it leaves nothing but zeroes.
 */
void memory_clear_by(struct memory *memory, void (*clear)(void *entry));

/* The entry, or NULL.  Asking counts as use. */
void *memory_find(struct memory *memory, enum memory_class class, uint64_t key);

/* The entry, made of zeroes when it is new.  Never NULL; good until the next
 * call that may make one. */
void *memory_get(
    struct memory *memory, enum memory_class class, uint64_t key, bool *is_new);

/* Forgets an entry. */
void memory_drop(struct memory *memory, enum memory_class class, uint64_t key);

struct memory_counts {
	uint64_t held, evicted;
};
struct memory_counts memory_counts(const struct memory *memory);

/*
 * Hands over every entry, in each class the one that may make room next
 * first; the entries may be changed, not the memory.
 */
void memory_walk(struct memory *memory,
    void (*take)(
	enum memory_class class, uint64_t key, void *entry, void *context),
    void *context);

/* Octets of an entry. */
size_t memory_entry_size(const struct memory *memory);

/*
 * The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable
 * pseudorandom number generators", 2014).
 */
static inline uint64_t
memory_mix(uint64_t value)
{
	value += 0x9e3779b97f4a7c15;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
	value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
	return value ^ (value >> 31);
}

/*
 * Mixes keys into one: of a pair, of a pair and a port.  The order matters;
 * nothing here has to resist anybody.
 */
static inline uint64_t
memory_key(uint64_t first, uint64_t second)
{
	return memory_mix(memory_mix(first) ^ second);
}

#endif
