#include "sensor/base/hash.h"

#include <endian.h>
#include <string.h>

struct sip {
	uint64_t a, b, c, d; /* v0 to v3 in the paper */
};

static inline uint64_t
rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void
sip_round(struct sip *sip)
{
	sip->a += sip->b;
	sip->b = rotate(sip->b, 13) ^ sip->a;
	sip->a = rotate(sip->a, 32);
	sip->c += sip->d;
	sip->d = rotate(sip->d, 16) ^ sip->c;
	sip->a += sip->d;
	sip->d = rotate(sip->d, 21) ^ sip->a;
	sip->c += sip->b;
	sip->b = rotate(sip->b, 17) ^ sip->c;
	sip->c = rotate(sip->c, 32);
}

/* Up to eight octets as a number, the first of them least significant. */
static inline uint64_t
load(const uint8_t *octets, size_t size)
{
	uint64_t word = 0;

	for (size_t i = 0; i < size; i++)
		word |= (uint64_t)octets[i] << (8 * i);
	return word;
}

/* Eight octets at once, which compilers do not make of the loop above. */
static inline uint64_t
load_word(const uint8_t *octets)
{
	uint64_t word;

	memcpy(&word, octets, sizeof(word));
	return le64toh(word);
}

static inline void
sip_word(struct sip *sip, uint64_t word)
{
	sip->d ^= word;
	sip_round(sip);
	sip->a ^= word;
}

uint64_t
hash_octets(const struct hash_key *key, const void *octets, size_t size)
{
	const uint8_t *at = octets;
	size_t left = size;
	/* The constants spell "somepseudorandomlygeneratedbytes" (paper). */
	struct sip sip = {
	    key->words[0] ^ UINT64_C(0x736f6d6570736575),
	    key->words[1] ^ UINT64_C(0x646f72616e646f6d),
	    key->words[0] ^ UINT64_C(0x6c7967656e657261),
	    key->words[1] ^ UINT64_C(0x7465646279746573),
	};

	for (; left >= 8; left -= 8, at += 8)
		sip_word(&sip, load_word(at));
	sip_word(&sip, load(at, left) | (uint64_t)size << 56);
	sip.c ^= 0xff;
	sip_round(&sip);
	sip_round(&sip);
	sip_round(&sip);
	return sip.a ^ sip.b ^ sip.c ^ sip.d;
}
