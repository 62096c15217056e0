/*
 * bitmap -- about how many different things there were, in little room.
 *
 * Linear counting (Whang, Vander-Zanden, Taylor: "A linear-time probabilistic
 * counting algorithm for database applications", 1990): every thing sets the
 * bit of its hash, and n = -m ln(empty / m).  Of 1024 bits the error is below
 * 5 % up to 2000 things; a full one says 7098.
 */
#ifndef CLASSIFIERS_DETECTORS_MEASURES_BITMAP_H
#define CLASSIFIERS_DETECTORS_MEASURES_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_BITS  1024
#define BITMAP_WORDS (BITMAP_BITS / 64)

struct bitmap {
	uint64_t words[BITMAP_WORDS];
};

/* Sets the bit of a hash; returns whether it was not set. */
bool bitmap_set(struct bitmap *bitmap, uint64_t hash);
bool bitmap_has(const struct bitmap *bitmap, uint64_t hash);

/* How many different things were in either; `other` may be NULL. */
uint32_t bitmap_count(const struct bitmap *bitmap, const struct bitmap *other);

#endif
