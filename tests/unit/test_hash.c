#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sensor/base/hash.h"

/*
 * The oracle: SipHash-c-d as the paper's chapter 2 writes it down, step by step
 * over a padded copy of the message.
 */
static uint64_t
turn(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

static void
rounds(uint64_t v[4], int count)
{
	while (count-- > 0) {
		v[0] = v[0] + v[1];
		v[2] = v[2] + v[3];
		v[1] = turn(v[1], 13);
		v[3] = turn(v[3], 16);
		v[1] = v[1] ^ v[0];
		v[3] = v[3] ^ v[2];
		v[0] = turn(v[0], 32);
		v[2] = v[2] + v[1];
		v[0] = v[0] + v[3];
		v[1] = turn(v[1], 17);
		v[3] = turn(v[3], 21);
		v[1] = v[1] ^ v[2];
		v[3] = v[3] ^ v[0];
		v[2] = turn(v[2], 32);
	}
}

static uint64_t
siphash(int c, int d, const struct hash_key *key, const uint8_t *message,
    size_t size)
{
	uint8_t padded[512] = {0};
	size_t words = size / 8 + 1;
	uint64_t v[4] = {0x736f6d6570736575, 0x646f72616e646f6d,
	    0x6c7967656e657261, 0x7465646279746573};

	assert_true(words * 8 <= sizeof(padded));
	memcpy(padded, message, size);
	padded[words * 8 - 1] = (uint8_t)size;
	for (int i = 0; i < 4; i++)
		v[i] ^= key->words[i % 2];
	for (size_t i = 0; i < words; i++) {
		uint64_t m = 0;

		for (int j = 7; j >= 0; j--)
			m = m * 256 + padded[i * 8 + (size_t)j];
		v[3] ^= m;
		rounds(v, c);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	rounds(v, d);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static const struct hash_key paper_key = {
    {0x0706050403020100, 0x0f0e0d0c0b0a0908}};

/* The paper's appendix A gives one value, for SipHash-2-4. */
static void
oracle_gives_the_value_of_the_paper(void **state)
{
	uint8_t message[15];

	(void)state;
	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	assert_true(siphash(2, 4, &paper_key, message, sizeof(message)) ==
		    UINT64_C(0xa129ca6149be45e5));
}

static void
agrees_with_the_oracle_at_every_size(void **state)
{
	uint8_t message[300];
	struct hash_key key = {{0x0123456789abcdef, 0xfedcba9876543210}};

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 151 + 7);
	for (size_t size = 0; size <= sizeof(message); size++) {
		assert_true(hash_octets(&key, message, size) ==
			    siphash(1, 3, &key, message, size));
		assert_true(hash_octets(&paper_key, message, size) ==
			    siphash(1, 3, &paper_key, message, size));
	}
}

static void
ignores_alignment(void **state)
{
	uint8_t message[64];
	uint64_t expected =
	    hash_octets(&paper_key, "a message of 23 octets!", 23);

	(void)state;
	for (size_t shift = 0; shift < 16; shift++) {
		memcpy(message + shift, "a message of 23 octets!", 23);
		assert_true(
		    hash_octets(&paper_key, message + shift, 23) == expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(oracle_gives_the_value_of_the_paper),
	    cmocka_unit_test(agrees_with_the_oracle_at_every_size),
	    cmocka_unit_test(ignores_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
