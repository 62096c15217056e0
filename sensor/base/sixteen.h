/*
 * sixteen -- sixteen octets at once, to pass by what is of no interest.
 *
 * What compilers make of it is one instruction for each operation where the
 * processor has such (SSE2, NEON), and a loop elsewhere.  Whoever finds that
 * some of sixteen may be of interest looks at them one by one.
 */
#ifndef SENSOR_BASE_SIXTEEN_H
#define SENSOR_BASE_SIXTEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* GCC's and Clang's vectors; comparing makes all bits of an octet the same. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static inline sixteen
sixteen_load(const void *at)
{
	sixteen octets;

	memcpy(&octets, at, sizeof(octets));
	return octets;
}

/* Where they are that octet, or one of the two. */
static inline sixteen
sixteen_is(sixteen octets, uint8_t octet)
{
	return (sixteen)(octets == octet);
}

static inline sixteen
sixteen_is_either(sixteen octets, uint8_t one, uint8_t other)
{
	return sixteen_is(octets, one) | sixteen_is(octets, other);
}

static inline bool
sixteen_any(sixteen mask)
{
	uint64_t halves[2];

	memcpy(halves, &mask, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

#endif
