#include "classifiers/detectors/measures/bitmap.h"

#include <assert.h>
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
	uint64_t sums = 0; /* of set bits, by octet of the words */
	int empty;

	/* Not every processor counts bits by itself: half-octets are added in
	 * parallel, and octets hold 128 at most. */
	static_assert(BITMAP_WORDS * 8 < 256, "sums of octets have no room");
	for (size_t i = 0; i < BITMAP_WORDS; i++) {
		uint64_t word =
		    bitmap->words[i] | (other == NULL ? 0 : other->words[i]);

		word -= word >> 1 & UINT64_C(0x5555555555555555);
		word = (word & UINT64_C(0x3333333333333333)) +
		       (word >> 2 & UINT64_C(0x3333333333333333));
		sums += (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	}
	sums = (sums & UINT64_C(0x00ff00ff00ff00ff)) +
	       (sums >> 8 & UINT64_C(0x00ff00ff00ff00ff));
	empty = BITMAP_BITS - (int)(sums * UINT64_C(0x0001000100010001) >> 48);
	/* A full one cannot say how full: as if one bit were left. */
	if (empty == 0)
		empty = 1;
	return (
	    uint32_t)(BITMAP_BITS * log((double)BITMAP_BITS / (double)empty) +
		      0.5);
}
