/*
 * Whose library of TLS it is, by hellos of real programs: what each offered was
 * read off the wire.  Those that are set otherwise are nobody's, and never
 * another's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "classifiers/detectors/tls_fingerprint.h"

/* A hello with these ciphers and nothing else, in `out` of 128 octets. */
static size_t
make_offer(uint8_t *out, const uint16_t *ciphers, size_t count)
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

/* What programs sent when they were asked, whole. */
static const struct {
	enum tls_library library;
	size_t count;
	uint16_t ciphers[32];
} heard[] = {
    {TLS_LIBRARY_GNUTLS, 29,
	{0x1302, 0x1303, 0x1301, 0x1304, 0xc02c, 0xcca9, 0xc0ad, 0xc00a, 0xc02b,
	    0xc0ac, 0xc009, 0xc030, 0xcca8, 0xc014, 0xc02f, 0xc013, 0x009d,
	    0xc09d, 0x0035, 0x009c, 0xc09c, 0x002f, 0x009f, 0xccaa, 0xc09f,
	    0x0039, 0x009e, 0xc09e,
	    0x0033}}, /* gnutls-cli 3.7.9; wget, git and apt say the same */
    {TLS_LIBRARY_GNUTLS, 29,
	{0x1302, 0x1303, 0x1301, 0x1304, 0xc02c, 0xcca9, 0xc00a, 0xc0ad, 0xc02b,
	    0xc009, 0xc0ac, 0xc030, 0xcca8, 0xc014, 0xc02f, 0xc013, 0x009d,
	    0x0035, 0xc09d, 0x009c, 0x002f, 0xc09c, 0x009f, 0xccaa, 0x0039,
	    0xc09f, 0x009e, 0x0033, 0xc09e}}, /* SECURE128 */
    {TLS_LIBRARY_UNKNOWN, 12,
	{0x1302, 0x1303, 0xc02c, 0xcca9, 0xc0ad, 0xc030, 0xcca8, 0x009d, 0xc09d,
	    0x009f, 0xccaa, 0xc09f}}, /* SECURE256 */
    {TLS_LIBRARY_UNKNOWN, 29,
	{0x1301, 0x1302, 0x1303, 0x1304, 0x009c, 0x009d, 0xc09c, 0xc09d, 0x002f,
	    0x0035, 0xc02b, 0xc02c, 0xcca9, 0xc0ac, 0xc0ad, 0xc009, 0xc00a,
	    0xc02f, 0xc030, 0xcca8, 0xc013, 0xc014, 0x009e, 0x009f, 0xccaa,
	    0xc09e, 0xc09f, 0x0033, 0x0039}}, /* PERFORMANCE */
    {TLS_LIBRARY_UNKNOWN, 25,
	{0xc02c, 0xcca9, 0xc0ad, 0xc00a, 0xc02b, 0xc0ac, 0xc009, 0xc030, 0xcca8,
	    0xc014, 0xc02f, 0xc013, 0x009d, 0xc09d, 0x0035, 0x009c, 0xc09c,
	    0x002f, 0x009f, 0xccaa, 0xc09f, 0x0039, 0x009e, 0xc09e,
	    0x0033}}, /* without TLS 1.3 */
    {TLS_LIBRARY_GO, 19,
	{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a,
	    0xc014, 0x009c, 0x009d, 0x002f, 0x0035, 0xc012, 0x000a, 0x1301,
	    0x1302, 0x1303}}, /* net/http of Go 1.19 */
    {TLS_LIBRARY_UNKNOWN, 16,
	{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a,
	    0xc014, 0x009c, 0x009d, 0x002f, 0x0035, 0xc012,
	    0x000a}}, /* without TLS 1.3 */
};

static void
test_libraries_as_they_were_heard(void **state)
{
	uint8_t hello[128];

	(void)state;
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		size_t size =
		    make_offer(hello, heard[i].ciphers, heard[i].count);

		assert_int_equal(tls_library_of(hello, size), heard[i].library);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_libraries_as_they_were_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
