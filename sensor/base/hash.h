/*
 * hash -- a keyed hash for tables that outsiders fill.
 *
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012,
 * with the reduced rounds that hash tables commonly use).  Whoever does not
 * know the key cannot choose inputs that collide.
 */
#ifndef SENSOR_BASE_HASH_H
#define SENSOR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t words[2];
};

/* The hash of `size` octets under `key`. */
uint64_t hash_octets(
    const struct hash_key *key, const void *octets, size_t size);

#endif
