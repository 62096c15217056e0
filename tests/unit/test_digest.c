#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sensor/base/digest.h"

static void
digest_is(const char *message, const char *hex, const char *base64)
{
	uint8_t digest[DIGEST_SIZE];
	char text[2 * DIGEST_SIZE + 1], encoded[DIGEST_BASE64_SIZE];

	digest_sha1(message, strlen(message), digest);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, hex);
	memset(encoded, 'x', sizeof(encoded));
	digest_base64(digest, encoded);
	assert_string_equal(encoded, base64);
}

/* The messages are those of RFC 3174, 7.3, and the empty one. */
static void
gives_the_known_digests(void **state)
{
	(void)state;
	digest_is("abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
	    "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
	digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	    "hJg+RBw70m66rkqh+VEp5eVGcPE=");
	digest_is("", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	    "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_known_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
