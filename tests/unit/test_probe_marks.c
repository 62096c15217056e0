/*
 * What nmap's probes are told by: each of them has its bit, and what programs
 * say has none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/application.h"
#include "classifiers/detectors/scan/probe_marks.h"

#define TEXT(octets) octets, sizeof(octets) - 1

static const struct {
	const char *octets;
	size_t size;
	uint32_t tool;
	enum application protocol;
} cases[] = {
    {TEXT("GET /nice%20ports%2C/Tri%6Eity.txt%2ebak HTTP/1.0\r\n\r\n"), 1 << 0,
	APPLICATION_HTTP},
    {TEXT("OPTIONS sip:nm SIP/2.0\r\n"), 1 << 1, APPLICATION_SIP},
    {TEXT("\x00\x00\x00\xa4\xff"
	  "SMBr"),
	1 << 2, APPLICATION_SMB},
    {TEXT("\x80\x00\x00\x28\x72\xfe\x1d\x13\x00"), 1 << 3, APPLICATION_RPC},
    {TEXT("\x00\x1e\x00\x06\x01\x00\x00\x01\x00"), 1 << 4, APPLICATION_DNS},
    {TEXT("\x00\x0c\x00\x00\x10\x00\x00\x00\x00"), 1 << 5, APPLICATION_DNS},
    {TEXT("\x6c\x00\x0b\x00\x00\x00\x00\x00\x00"), 1 << 6, APPLICATION_OTHER},
    {TEXT("OPTIONS / RTSP/1.0\r\n\r\n"), 1 << 7, APPLICATION_RTSP},
    {TEXT("\x16\x03\x00\x00\x69\x01\x00\x00\x65\x03\x03\x55\x1c\xa7\xe4"
	  "random1random2random3random4"),
	1 << 8, APPLICATION_TLS},
    {TEXT("HELP\r\n"), 1 << 9, APPLICATION_OTHER},
    {TEXT("\r\n\r\n"), 1 << 10, APPLICATION_OTHER},
    {TEXT("\x03\x00\x00\x2a\x25\xe0\x00\x00\x00\x00\x00"
	  "Cookie: mstshash=nmap\r\n"),
	1 << 11, APPLICATION_RDP},
    {TEXT("\x00\x00\x00\x71\x6a\x81\x6e\x30"), 1 << 12, APPLICATION_KERBEROS},
    {TEXT("\x30\x0c\x02\x01\x01\x60\x07\x02"), 1 << 13, APPLICATION_LDAP},
    {TEXT("GET / HTTP/1.1\r\nHost: shop\r\n\r\n"), 0, APPLICATION_HTTP},
    {TEXT("POST /orders HTTP/1.1\r\n\r\n"), 0, APPLICATION_HTTP},
    {TEXT("*2\r\n$3\r\nGET\r\n"), 0, APPLICATION_REDIS},
    {TEXT("nothing known"), 0, APPLICATION_UNKNOWN},
    {"", 0, 0, APPLICATION_UNKNOWN},
};

static void
each_probe_has_its_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct probe_marks marks = probe_marks_of(
		    (const uint8_t *)cases[i].octets, cases[i].size);

		assert_int_equal(marks.tool, cases[i].tool);
		assert_int_equal(marks.protocol, cases[i].protocol);
	}
}

/* Of a probe that was cut nobody is accused. */
static void
a_part_of_a_probe_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t size = 0; size < 4 && size < cases[i].size; size++)
			assert_int_equal(
			    probe_marks_of(
				(const uint8_t *)cases[i].octets, size)
				.tool,
			    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_probe_has_its_bit),
	    cmocka_unit_test(a_part_of_a_probe_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
