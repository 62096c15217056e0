/*
 * tls_offer -- a client's first words of TLS, by the ciphers it offers.
 */
#ifndef TESTS_UNIT_TLS_OFFER_H
#define TESTS_UNIT_TLS_OFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A hello with these ciphers and nothing else, in `out` of 128 octets. */
static inline size_t
tls_offer(uint8_t *out, const uint16_t *ciphers, size_t count)
{
	size_t size = 4 + 2 + 32 + 1;

	memset(out, 0, 128);
	out[0] = 1;
	out[4] = out[5] = 3;
	out[size + 1] = (uint8_t)(2 * count);
	size += 2;
	for (size_t i = 0; i < count; i++) {
		out[size++] = (uint8_t)(ciphers[i] >> 8);
		out[size++] = (uint8_t)ciphers[i];
	}
	out[size++] = 1;
	return size + 1;
}

#endif
