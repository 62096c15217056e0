#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_query.h"
#include "tests/unit/dns_talk.h"

/* --- names that are used -------------------------------------------------- */

/*
 * Asks for 600 names below one domain, and connects to what they are names of,
 * to one in `each`; 0: to none.
 */
static size_t
readings(bool encoded, int each)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/reader", "kube/dns");
	uint64_t seed = 3;
	size_t found;

	for (int i = 0; i < 600; i++) {
		struct stage_flow flow;
		char name[128];

		stage_at(stage, i);
		if (encoded)
			snprintf(name, sizeof(name),
			    "%016llx%016llx.stores.example",
			    (unsigned long long)draw(&seed),
			    (unsigned long long)draw(&seed));
		else
			snprintf(name, sizeof(name),
			    "%cgarden%cmaple.blogs.example", 'a' + i % 26,
			    'a' + i / 26);
		ask(&talk, name, DNS_TYPE_A);
		if (each == 0 || i % each != 0)
			continue;
		flow = stage_flow(
		    stage, "shop/reader", "203.0.113.80", PROTOCOL_TCP, 443);
		stage_end_of(stage, "203.0.113.80")->outside.server_name = name;
		stage_answer(&flow, APPLICATION_TLS);
		stage_over(stage, &flow);
	}
	found = stage_findings(stage, 2050);
	stage_free(stage);
	return found;
}

static void
test_names_that_are_connected_to_carry_nothing(void **state)
{
	(void)state;
	assert_int_equal(readings(false, 0), 1);
	assert_int_equal(readings(false, 1), 0);
	assert_int_equal(readings(false, 8), 1);
	assert_int_equal(readings(true, 0), 1);
	assert_int_equal(readings(true, 1), 0);
	assert_int_equal(readings(true, 8), 1);
}

/* Plain names below one domain, so many a second. */
static size_t
plain_names(const char *stem, double rate)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	size_t found;

	for (int i = 0; i < 4000; i++) {
		char name[128];

		stage_at(stage, i / rate);
		snprintf(name, sizeof(name), "%s%c%c%c.shop.example", stem,
		    'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676);
		ask(&talk, name, DNS_TYPE_A);
	}
	found = stage_findings(stage, 2050);
	stage_free(stage);
	return found;
}

static void
test_a_flood_of_names_is_no_tunnel(void **state)
{
	(void)state;
	assert_int_equal(plain_names("", 1000), 0);
	assert_int_equal(plain_names("", 20), 1);
	/* A program that spells a table out as fast as it can. */
	assert_int_equal(plain_names("customer-order-", 1000), 1);
}

static size_t
digests(const char *domain)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/mail", "kube/dns");
	uint64_t seed = 7;
	size_t found;

	for (int i = 0; i < 100; i++) {
		char name[128];

		stage_at(stage, i);
		snprintf(name, sizeof(name), "%016llx%016llx.%s",
		    (unsigned long long)draw(&seed),
		    (unsigned long long)draw(&seed), domain);
		miss(&talk, name);
	}
	found = stage_findings(stage, 2050);
	stage_free(stage);
	return found;
}

static void
test_reputation_lists_are_asked(void **state)
{
	(void)state;
	assert_int_equal(digests("hbl.dq.spamhaus.net"), 0);
	assert_int_equal(digests("hbl.spamhaus.example"), 1);
}

/* --- load ----------------------------------------------------------------- */

/* 1000 questions a second, for names of that many domains. */
static size_t
questions(int domains)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, "shop/carts", "203.0.113.53");
	size_t found;

	for (int i = 0; i < 20000; i++) {
		char name[128];

		stage_at(stage, i * 0.001);
		snprintf(name, sizeof(name), "w%d.d%d.com", i, i % domains);
		ask(&talk, name, DNS_TYPE_A);
	}
	found = stage_findings(stage, 2057);
	stage_free(stage);
	return found;
}

static void
test_who_asks_for_a_whole_network_floods_nobody(void **state)
{
	(void)state;
	assert_int_equal(questions(9000), 0);
	assert_int_equal(questions(1), 1);
	assert_int_equal(questions(100), 1);
}

/* --- zones ---------------------------------------------------------------- */

static size_t
transfers(const char *client, const char *checked, double pause)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, client, "shop/dns");
	size_t found;

	ask(&talk, checked, DNS_TYPE_SOA);
	stage_at(stage, pause);
	ask(&talk, "example.com", DNS_TYPE_AXFR);
	found = stage_findings(stage, 2059);
	stage_free(stage);
	return found;
}

static void
test_copies_of_zones_are_kept(void **state)
{
	(void)state;
	assert_int_equal(transfers("shop/dns2", "example.com", 1), 0);
	assert_int_equal(transfers("shop/dns2", "example.com", 300), 1);
	assert_int_equal(transfers("shop/dns2", "example.org", 1), 1);
}

/* --- addresses ------------------------------------------------------------ */

/* A server that looks for the names of those who connect to it. */
static size_t
lookups(bool connected)
{
	struct stage *stage = stage_new(&detector_dns_names);
	size_t found;

	for (int i = 0; i < 200; i++) {
		struct talk talk = talk_of(stage, "shop/mysql", "kube/dns");
		struct stage_flow flow;
		char visitor[64], name[128];
		const uint8_t *octets;

		snprintf(visitor, sizeof(visitor), "ci/job%d", i);
		stage_at(stage, i);
		flow = stage_flow(
		    stage, visitor, "shop/mysql", PROTOCOL_TCP, 3306);
		octets = flow.flow.ends[0].address.octets;
		snprintf(name, sizeof(name), "%u.%u.%u.%u.in-addr.arpa",
		    octets[15], octets[14], octets[13], octets[12]);
		miss(&talk, name);
		if (!connected)
			continue;
		stage_answer(&flow, APPLICATION_MYSQL);
		stage_over(stage, &flow);
	}
	found = stage_findings(stage, 2056);
	stage_free(stage);
	return found;
}

static void
test_visitors_are_looked_up(void **state)
{
	(void)state;
	assert_int_equal(lookups(false), 1);
	assert_int_equal(lookups(true), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_that_are_connected_to_carry_nothing),
	    cmocka_unit_test(test_a_flood_of_names_is_no_tunnel),
	    cmocka_unit_test(test_reputation_lists_are_asked),
	    cmocka_unit_test(test_who_asks_for_a_whole_network_floods_nobody),
	    cmocka_unit_test(test_copies_of_zones_are_kept),
	    cmocka_unit_test(test_visitors_are_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
