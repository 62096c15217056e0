/*
 * flow_mixer -- a hash under a secret, one multiplication for 16 octets.
 *
 * For tables that are looked into for every packet: a tenth of what SipHash
 * costs (sensor/base/hash.h).  Both factors are mixed with words that nobody
 * outside knows, so nobody outside can choose inputs that collide; who could
 * watch the hashes themselves could, and nobody can.  Values are never kept.
 */
#ifndef SENSOR_FLOW_MIXER_H
#define SENSOR_FLOW_MIXER_H

#include <stdint.h>
#include <string.h>

#include "sensor/base/hash.h"

__extension__ typedef unsigned __int128 mixer_product;

/* A hash that grows by two words at a time; `step` is secret too. */
struct mixer {
	uint64_t hash, step;
};

/* Without pattern: the fractions of the square roots of 2 and of 3. */
static inline struct mixer
mixer_start(const struct hash_key *secret)
{
	return (struct mixer){
	    UINT64_C(0x6a09e667f3bcc908) ^ secret->words[0],
	    UINT64_C(0xbb67ae8584caa73b) ^ secret->words[1],
	};
}

static inline void
mix(struct mixer *mixer, uint64_t a, uint64_t b)
{
	mixer_product wide =
	    (mixer_product)(mixer->hash ^ a) * (mixer->step ^ b);

	mixer->hash = (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

static inline uint32_t
mixer_end(const struct mixer *mixer)
{
	return (uint32_t)(mixer->hash ^ mixer->hash >> 32);
}

static inline uint64_t
mixer_load16(const uint8_t *at)
{
	uint16_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t
mixer_load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t
mixer_load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

#endif
