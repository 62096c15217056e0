#include "classifiers/detectors/bitmap.h"

#include <math.h>
#include <stddef.h>

bool
bitmap_has(const struct bitmap *bitmap, uint64_t hash)
{
	return (bitmap->words[hash / 64 % BITMAP_WORDS] >> (hash % 64) & 1) !=
	       0;
}

bool
bitmap_set(struct bitmap *bitmap, uint64_t hash)
{
	bool new = !bitmap_has(bitmap, hash);

	bitmap->words[hash / 64 % BITMAP_WORDS] |= UINT64_C(1) << (hash % 64);
	return new;
}

uint32_t
bitmap_count(const struct bitmap *bitmap, const struct bitmap *other)
{
	int empty = BITMAP_BITS;

	for (size_t i = 0; i < BITMAP_WORDS; i++)
		empty -= __builtin_popcountll(
		    bitmap->words[i] | (other == NULL ? 0 : other->words[i]));
	/* A full one cannot say how full: as if one bit were left. */
	if (empty == 0)
		empty = 1;
	return (
	    uint32_t)(BITMAP_BITS * log((double)BITMAP_BITS / (double)empty) +
		      0.5);
}
