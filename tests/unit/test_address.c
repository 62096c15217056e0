#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>

#include "sensor/base/address.h"

static struct address
parsed(const char *text)
{
	struct address address = {{0}};

	if (!address_parse(text, &address))
		fail_msg("refused: %s", text);
	return address;
}

static struct prefix
prefix_of(const char *text)
{
	struct prefix prefix = {.length = 0};
	const char *wrong = prefix_parse(text, &prefix);

	if (wrong != NULL)
		fail_msg("%s: %s", text, wrong);
	return prefix;
}

static void
prints_as(const char *text, const char *expected)
{
	char out[ADDRESS_TEXT_SIZE];
	struct address address = parsed(text);

	address_print(&address, out);
	assert_string_equal(out, expected);
}

static void
prints_by_rfc_5952(void **state)
{
	(void)state;
	prints_as("10.0.255.199", "10.0.255.199");
	prints_as("0.0.0.0", "0.0.0.0");
	prints_as("::", "::");
	prints_as("::1", "::1");
	prints_as("1::", "1::");
	prints_as("2001:DB8::0001", "2001:db8::1");
	/* 4.2.2: one zero group stays; 4.2.3: the longest run, or the first. */
	prints_as("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	prints_as("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	prints_as("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	prints_as("::102:304", "::102:304");
	prints_as("::ffff:1.2.3.4", "1.2.3.4");
}

/* Half of the groups are zero, so that runs of every shape occur. */
static void
random_address(uint8_t octets[16])
{
	for (unsigned i = 0; i < 16; i += 2) {
		unsigned group = (unsigned)random() & 0xffff;

		if (random() % 2 == 0)
			group = 0;
		group >>= random() % 16;
		octets[i] = (uint8_t)(group >> 8);
		octets[i + 1] = (uint8_t)group;
	}
}

static void
agrees_with_inet_ntop(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 50000; i++) {
		uint8_t octets[16];
		char out[ADDRESS_TEXT_SIZE], expected[INET6_ADDRSTRLEN];
		struct address address, again;

		random_address(octets);
		address = address_from_ipv6(octets);
		address_print(&address, out);
		again = parsed(out);
		assert_true(address_equal(&address, &again));
		assert_non_null(
		    inet_ntop(AF_INET6, octets, expected, sizeof(expected)));
		if (strchr(expected, '.') == NULL)
			assert_string_equal(out, expected);
	}
}

static void
refuses_what_is_no_address(void **state)
{
	static const char *const texts[] = {"", "1.2.3", "1.2.3.4.5",
	    "1.2.3.256", "01.2.3.4", " 1.2.3.4", "1.2.3.4 ", "[::1]",
	    "fe80::1%eth0", "::1::", ":", "12345::", "1.2.3.4:80", "host",
	    "1:2:3:4:5:6:7:8:9", "0x7f.0.0.1"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct address address = {{7}};

		if (address_parse(texts[i], &address))
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(address.octets[0], 7);
	}
}

static void
keeps_families_apart(void **state)
{
	struct address ipv4 = parsed("1.2.3.4"), ipv6 = parsed("::102:304");
	const uint8_t octets[4] = {1, 2, 3, 4};
	struct address same = address_from_ipv4(octets);

	(void)state;
	assert_true(address_is_ipv4(&ipv4));
	assert_false(address_is_ipv4(&ipv6));
	assert_true(address_equal(&ipv4, &same));
	assert_int_equal(address_compare(&ipv4, &same), 0);
	assert_false(address_equal(&ipv4, &ipv6));
	assert_true(address_compare(&ipv6, &ipv4) < 0);
}

struct kinds {
	const char *text;
	bool multicast, link_local, special, loopback;
};

static void
tells_kinds(void **state)
{
	static const struct kinds rows[] = {
	    {"10.0.0.1", false, false, false, false},
	    {"223.255.255.255", false, false, false, false},
	    {"224.0.0.0", true, false, false, false},
	    {"239.255.255.255", true, false, false, false},
	    {"240.0.0.0", false, false, false, false},
	    {"255.255.255.255", false, false, true, false},
	    {"255.255.255.254", false, false, false, false},
	    {"0.0.0.0", false, false, true, false},
	    {"127.255.0.1", false, false, false, true},
	    {"128.0.0.1", false, false, false, false},
	    {"169.254.169.254", false, true, false, false},
	    {"169.253.1.1", false, false, false, false},
	    {"ff02::1", true, false, false, false},
	    {"fe80::1", false, true, false, false},
	    {"febf::1", false, true, false, false},
	    {"fec0::1", false, false, false, false},
	    {"::", false, false, true, false},
	    {"::1", false, false, false, true},
	    {"::2", false, false, false, false},
	    {"e000::1", false, false, false, false},
	    {"7f00::1", false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kinds *row = &rows[i];
		struct address a = parsed(row->text);

		assert_int_equal(address_is_multicast(&a), row->multicast);
		assert_int_equal(address_is_link_local(&a), row->link_local);
		assert_int_equal(
		    address_is_broadcast_or_unspecified(&a), row->special);
		assert_int_equal(address_is_loopback(&a), row->loopback);
	}
}

static void
reads_and_prints_prefixes(void **state)
{
	static const char *const texts[] = {"10.0.0.0/8", "0.0.0.0/0", "::/0",
	    "10.1.2.3", "10.1.2.2/31", "fd00::/8", "2001:db8::1",
	    "2001:db8::/127", "128.0.0.0/1", "8000::/1", "::/96", "::/100"};
	char out[ADDRESS_TEXT_SIZE];
	struct prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		prefix = prefix_of(texts[i]);
		prefix_print(&prefix, out);
		assert_string_equal(out, texts[i]);
	}
	assert_int_equal(prefix_of("10.0.0.0/8").length, 104);
	prefix = prefix_of("10.1.2.3/32");
	prefix_print(&prefix, out);
	assert_string_equal(out, "10.1.2.3");
	prefix = prefix_of("::ffff:10.0.0.0/104");
	prefix_print(&prefix, out);
	assert_string_equal(out, "10.0.0.0/8");
}

static void
prefix_refused(const char *text, const char *word)
{
	struct prefix prefix = {.length = 77};
	const char *wrong = prefix_parse(text, &prefix);

	if (wrong == NULL)
		fail_msg("accepted: %s", text);
	if (strstr(wrong, word) == NULL)
		fail_msg("%s: %s", text, wrong);
	assert_int_equal(prefix.length, 77);
}

static void
says_what_is_wrong_with_a_prefix(void **state)
{
	(void)state;
	prefix_refused("10.0.0.1/8", "host bits");
	prefix_refused("128.0.0.0/0", "host bits");
	prefix_refused("fd00::1/127", "host bits");
	prefix_refused("::ffff:0:0/90", "host bits");
	prefix_refused("10.0.0.0/33", "0 to 32");
	prefix_refused("10.0.0.0/", "0 to 32");
	prefix_refused("10.0.0.0/08", "0 to 32");
	prefix_refused("10.0.0.0/+8", "0 to 32");
	prefix_refused("10.0.0.0/8 ", "0 to 32");
	prefix_refused("10.0.0.0/8/8", "0 to 32");
	prefix_refused("10.0.0.0/4294967304", "0 to 32");
	prefix_refused("fd00::/129", "0 to 128");
	prefix_refused("", "not an IP address");
	prefix_refused("/8", "not an IP address");
	prefix_refused("10.0.0/8", "not an IP address");
	prefix_refused("frontend", "not an IP address");
	prefix_refused(
	    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:000/8",
	    "not an IP address");
}

/* One bit at a time is the oracle. */
static bool
contains_naively(const struct prefix *prefix, const struct address *address)
{
	struct address base = prefix->base;
	bool ipv4 = address_is_ipv4(&base) && prefix->length >= 96;

	for (unsigned i = 0; i < prefix->length; i++) {
		unsigned bit = 0x80u >> (i % 8);

		if ((base.octets[i / 8] & bit) !=
		    (address->octets[i / 8] & bit))
			return false;
	}
	return ipv4 == address_is_ipv4(address);
}

static void
contains_what_the_bits_say(void **state)
{
	unsigned inside = 0;

	(void)state;
	srandom(2);
	for (unsigned i = 0; i < 50000; i++) {
		struct prefix prefix = {.length = (uint8_t)(random() % 129)};
		struct address address;
		unsigned flip = (unsigned)random() % 128;

		random_address(prefix.base.octets);
		if (i % 2 == 0) {
			prefix.base =
			    address_from_ipv4(prefix.base.octets + 12);
			prefix.length = (uint8_t)(96 + random() % 33);
		}
		for (unsigned bit = prefix.length; bit < 128; bit++)
			prefix.base.octets[bit / 8] &=
			    (uint8_t) ~(0x80u >> (bit % 8));
		address = prefix.base;
		address.octets[flip / 8] ^= (uint8_t)(0x80u >> (flip % 8));
		assert_int_equal(prefix_contains(&prefix, &address),
		    contains_naively(&prefix, &address));
		inside += prefix_contains(&prefix, &address);
		assert_true(prefix_contains(&prefix, &prefix.base));
	}
	assert_in_range(inside, 1000, 49000);
}

static void
keeps_ipv4_out_of_ipv6_prefixes(void **state)
{
	struct prefix every6 = prefix_of("::/0"),
		      every4 = prefix_of("0.0.0.0/0");
	struct address ipv4 = parsed("10.0.0.1"), ipv6 = parsed("fd00::1");

	(void)state;
	assert_true(prefix_contains(&every6, &ipv6));
	assert_false(prefix_contains(&every6, &ipv4));
	assert_true(prefix_contains(&every4, &ipv4));
	assert_false(prefix_contains(&every4, &ipv6));
}

static void
first_host_is(const char *text, const char *expected)
{
	struct prefix prefix = prefix_of(text);
	struct address first = prefix_first_host(&prefix);
	char out[ADDRESS_TEXT_SIZE];

	address_print(&first, out);
	assert_string_equal(out, expected);
}

static void
finds_the_first_host(void **state)
{
	(void)state;
	first_host_is("10.1.0.0/24", "10.1.0.1");
	first_host_is("10.1.0.4/30", "10.1.0.5");
	first_host_is("10.1.0.4/31", "10.1.0.4");
	first_host_is("10.1.0.4", "10.1.0.4");
	first_host_is("fd00:1::/64", "fd00:1::1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_by_rfc_5952),
	    cmocka_unit_test(agrees_with_inet_ntop),
	    cmocka_unit_test(refuses_what_is_no_address),
	    cmocka_unit_test(keeps_families_apart),
	    cmocka_unit_test(tells_kinds),
	    cmocka_unit_test(reads_and_prints_prefixes),
	    cmocka_unit_test(says_what_is_wrong_with_a_prefix),
	    cmocka_unit_test(contains_what_the_bits_say),
	    cmocka_unit_test(keeps_ipv4_out_of_ipv6_prefixes),
	    cmocka_unit_test(finds_the_first_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
