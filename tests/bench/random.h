/*
 * random -- numbers that look random and are the same in every run.
 *
 * SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
 * Generators", 2014): one word of state, so a conversation can have its own.
 */
#ifndef TESTS_BENCH_RANDOM_H
#define TESTS_BENCH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t
random_next(struct random *random)
{
	uint64_t word = random->state += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

/* 0 to count-1; the bias of the multiplication does not matter here. */
static inline uint32_t
random_below(struct random *random, uint32_t count)
{
	return (uint32_t)(((random_next(random) >> 32) * count) >> 32);
}

/* first to last, both included */
static inline uint32_t
random_between(struct random *random, uint32_t first, uint32_t last)
{
	return first + random_below(random, last - first + 1);
}

static inline void
random_fill(struct random *random, uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		octets[i] = (uint8_t)(random_next(random) >> 56);
}

#endif
