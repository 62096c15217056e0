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

/*
 * For a function that does much of it: made twice, once for processors that
 * have AVX2, whose operations need not copy what they read; which one runs is
 * found out when the program is linked.  What it calls is made twice with it
 * only if it is inlined.  Not under sanitizers, which are not up by then.
 */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) &&        \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SIXTEEN_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define SIXTEEN_CLONES
#endif
#define SIXTEEN_INLINE static inline __attribute__((always_inline))

/* GCC's and Clang's vectors; comparing makes all bits of an octet the same. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static inline sixteen
sixteen_load(const void *at)
{
	sixteen octets;

	memcpy(&octets, at, sizeof(octets));
	return octets;
}

/* Of each octet sixteen: compilers make those they have no register for anew
 * in every round of a loop. */
extern const sixteen sixteen_times[256];

/* Where they are that octet, or one of the two. */
static inline sixteen
sixteen_is(sixteen octets, uint8_t octet)
{
	return (sixteen)(octets == sixteen_times[octet]);
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
