/*
 * Who prepares an attack by making it usual, slowly, for hours and days: what
 * he gains is bounded, or each of his steps is said.  (Volumes out: see
 * test_detector_exfil.c; rates by themselves: test_detector_flood.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/unit/dns_talk.h"

/* Half-open connections in the ten seconds from `from` on. */
static void
half_open(struct stage *stage, double from, int count)
{
	for (int i = 0; i < count; i++) {
		struct stage_flow one;

		stage_at(stage, from + 9.0 * i / count);
		one = stage_flow(
		    stage, "shop/carts", "shop/web", PROTOCOL_TCP, 80);
		one.flow.answered = true;
		one.flow.packets[1] = 1;
		one.flow.tcp_flags[0] = TCP_SYN | TCP_RST;
		one.flow.tcp_flags[1] = TCP_SYN | TCP_ACK;
		stage_over(stage, &one);
	}
}

/* One more every two minutes, for a day; then what flood's `syn` is thrice. */
static void
a_syn_flood_does_not_become_usual(void **state)
{
	struct stage *stage = stage_new(&detector_flood);
	double at = 0;

	(void)state;
	for (int bin = 0; bin < 8640; bin += 12, at += 120)
		half_open(stage, at, 1 + bin / 100);
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int bin = 0; bin < 6; bin++, at += 10)
		half_open(stage, at, 1500);
	assert_int_equal(stage_findings(stage, 2010), 1);
	stage_free(stage);
}

/* So many requests, evenly over ten seconds. */
static void
ask_web(struct stage *stage, const char *client, double from, int count)
{
	struct stage_flow one =
	    stage_flow(stage, client, "shop/web", PROTOCOL_TCP, 80);

	stage_at(stage, from);
	stage_answer(&one, APPLICATION_HTTP);
	for (int i = 0; i < count; i++) {
		stage_at(stage, from + 10.0 * i / count);
		stage_message(stage, &one, MESSAGE_HTTP_REQUEST, true, 0,
		    "GET / HTTP/1.1\r\n\r\n", 18);
	}
	stage_finish(stage, &one);
}

/* A client of the outside that asks a little more each hour, for twelve. */
static void
a_request_flood_does_not_become_usual(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);
	double count = 20, at = 10;

	(void)state;
	for (int hour = 0; hour < 12; hour++, count *= 1.2)
		for (int bin = 0; bin < 360; bin++, at += 10)
			ask_web(stage, "198.51.100.7", at, (int)count);
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int bin = 0; bin < 3; bin++, at += 10)
		ask_web(stage, "198.51.100.7", at, 30000);
	assert_int_equal(stage_findings(stage, 2013), 1);
	stage_free(stage);
}

/* Three times as many questions in each hour as in the one before. */
static void
a_flood_of_questions_does_not_become_usual(void **state)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	int count = 400;

	(void)state;
	stage_set(stage, "questions", 500);
	for (int hour = 0; hour < 6; hour++, count *= 3)
		for (int i = 0; i < count; i++) {
			stage_at(stage, hour * 3600.0 + 9.0 * i / count);
			ask(&talk, "a.example", DNS_TYPE_A);
		}
	assert_int_equal(stage_findings(stage, 2057), 1);
	stage_free(stage);
}

static void
place(struct stage *stage, const char *address, const char *country)
{
	struct stage_end *end = stage_end_of(stage, address);

	snprintf(end->outside.where.country, sizeof(end->outside.where.country),
	    "%s", country);
}

static void
meet(struct stage *stage, const char *server)
{
	struct stage_flow one =
	    stage_flow(stage, "shop/carts", server, PROTOCOL_TCP, 443);

	stage_answer(&one, APPLICATION_TLS);
	one.sighting.verdict = VERDICT_UNMODELLED;
	stage_ready(stage, &one);
}

/* A country a week, so that the last of them would look ordinary. */
static void
each_new_country_is_said(void **state)
{
	struct stage *stage = stage_new(&detector_geography);
	char address[32], country[3] = "AA";

	(void)state;
	place(stage, "203.0.113.1", "DE");
	for (int i = 0; i < 200; i++) {
		stage_at(stage, i * 3600.0);
		meet(stage, "203.0.113.1");
	}
	for (int week = 2; week < 12; week++) {
		stage_at(stage, week * 604800.0);
		country[1] = (char)('A' + week);
		snprintf(address, sizeof(address), "198.51.100.%d", week);
		place(stage, address, country);
		meet(stage, address);
		assert_int_equal(stage_findings(stage, 2090), (size_t)week - 1);
	}
	stage_free(stage);
}

/* Answers that nobody asked for, a few more in every bin for a day. */
static void
a_reflected_flood_does_not_become_usual(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int bin = 0; bin < 8646; bin++) {
		struct stage_flow one;

		stage_at(stage, bin * 10);
		one = stage_flow(
		    stage, "shop/carts", "203.0.113.5", PROTOCOL_UDP, 123);
		one.flow.opener = 1;
		one.flow.packets[0] = 0;
		one.flow.packets[1] =
		    bin < 8640 ? 10 + (uint64_t)bin / 10 : 6000;
		stage_over(stage, &one);
		if (bin == 8639)
			assert_int_equal(stage_findings(stage, 0), 0);
	}
	assert_int_equal(stage_findings(stage, 2015), 1);
	stage_free(stage);
}

/* Segments of no connection, one more in each bin for a day. */
static void
a_flood_of_strays_does_not_become_usual(void **state)
{
	struct stage *stage = stage_new(&detector_strays);

	(void)state;
	for (int bin = 0; bin < 8646; bin++) {
		struct stage_flow one;

		stage_at(stage, bin * 10);
		one = stage_flow(
		    stage, "203.0.113.5", "shop/web", PROTOCOL_TCP, 80);
		one.flow.midstream = true;
		one.flow.tcp_flags[0] = TCP_ACK;
		one.flow.packets[0] =
		    bin < 8640 ? 10 + (uint64_t)bin / 20 : 20000;
		stage_over(stage, &one);
		if (bin == 8639)
			assert_int_equal(stage_findings(stage, 0), 0);
	}
	assert_int_equal(stage_findings(stage, 2017), 1);
	stage_free(stage);
}

/* --- calling home --------------------------------------------------------- */

static void
call(struct stage *stage, double at, uint64_t octets)
{
	struct stage_flow one;

	stage_at(stage, at);
	one = stage_flow(stage, "shop/web", "203.0.113.66", PROTOCOL_TCP, 443);
	one.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&one, APPLICATION_TLS);
	stage_send(stage, &one, true, 5, octets);
	stage_send(stage, &one, false, 3, 2000);
	stage_send(stage, &one, true, 1, 60);
	stage_send(stage, &one, false, 2, 1000);
	stage_over(stage, &one);
}

static double
chance(uint64_t *random)
{
	*random = *random * 6364136223846793005 + 1442695040888963407;
	return (double)(*random >> 33) / (double)(UINT32_MAX / 2);
}

/* Who first calls at random, so that his calls look random: that is forgotten
 * with the ring of events. */
static void
noise_before_a_beacon_is_forgotten(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	uint64_t random = 7;
	double at = 10;

	(void)state;
	for (int i = 0; i < 200; i++, at += 1 - 300 * log(chance(&random)))
		call(stage, at, 500 + (uint64_t)(4000 * chance(&random)));
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 72; i++, at += 60)
		call(stage, at, 700);
	assert_int_equal(stage_findings(stage, 2030), 1);
	stage_free(stage);
}

/* Who stretches his beat by one in a hundred each time: a beat it is. */
static void
a_beat_that_drifts_is_one(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	double at = 10, period = 30;

	(void)state;
	for (int i = 0; i < 40; i++, at += period, period *= 1.01)
		call(stage, at, 700);
	assert_int_equal(stage_findings(stage, 2030), 1);
	stage_free(stage);
}

/* One call in eight is at another time: the longest tenth is left out. */
static void
a_few_calls_between_hide_no_beat(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	uint64_t random = 9;
	double at = 10;

	(void)state;
	for (int i = 0; i < 64; i++, at += 60) {
		call(stage, at, 700);
		if (i % 16 == 5)
			call(stage, at + 10 + 40 * chance(&random), 900);
	}
	assert_int_equal(stage_findings(stage, 2030), 1);
	stage_free(stage);
}

/* --- replicas ------------------------------------------------------------- */

static void
upload(struct stage *stage, const char *client, enum verdict_kind verdict,
    bool accepted, uint64_t out, uint64_t in)
{
	struct stage_flow one =
	    stage_flow(stage, client, "203.0.113.80", PROTOCOL_TCP, 443);

	stage_answer(&one, APPLICATION_TLS);
	one.flow.answered = accepted;
	one.sighting.verdict = verdict;
	stage_ready(stage, &one);
	for (int i = 0; i < 4; i++) {
		stage_send(stage, &one, true, out / 5600 + 1, out / 4);
		stage_send(stage, &one, false, in / 5600 + 1, in / 4);
		stage_progress(stage, &one);
	}
	stage_finish(stage, &one);
}

/*
 * Replicas that look as if they had sent as much make one's doing theirs: but
 * not in their names alone, for nobody accepted that; and not two of them,
 * whoever has those.
 */
static void
peers_are_not_made_in_their_names(void **state)
{
	(void)state;
	for (int accepted = 0; accepted < 2; accepted++)
		for (int helpers = 0; helpers < 4; helpers++) {
			struct stage *stage = stage_new(&detector_exfil);
			bool alike = accepted == 1 && helpers >= 2;
			char name[32];

			for (int i = 0; i < 10 * (1 + helpers); i++) {
				int who = i % (1 + helpers);

				snprintf(
				    name, sizeof(name), "shop/web#%d", who + 2);
				upload(stage, name, VERDICT_UNMODELLED,
				    who == 0 || accepted == 1, 1000000, 9000);
			}
			assert_int_equal(
			    stage_findings(stage, 2065) > 0, !alike);
			stage_free(stage);
		}
}

/* Where a model forbids it, no number of replicas makes it theirs; and who is
 * not far above his replicas is above the bound all the same. */
static void
peers_that_help_hide_nothing_forbidden(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	char name[32];

	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "shop/web#%d", i + 2);
		upload(stage, name, VERDICT_DEVIATION, true, 600000, 10000);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	upload(stage, "shop/web", VERDICT_DEVIATION, true, 5000000, 90000);
	assert_int_equal(stage_findings(stage, 2067), 0);
	assert_int_equal(stage_findings(stage, 2065), 1);
	stage_free(stage);
}

/* Who sends a megabyte an hour for days turns the usual direction round, and
 * no more than that: the bound holds. */
static void
a_direction_turned_slowly_leaves_the_bound(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	for (int hour = 0; hour < 160; hour++) {
		stage_at(stage, hour * 3600.0);
		upload(stage, "shop/web", VERDICT_UNMODELLED, true,
		    hour < 60 ? 40000 : 1200000, hour < 60 ? 2000000 : 20000);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_at(stage, 160 * 3600.0);
	upload(stage, "shop/web", VERDICT_UNMODELLED, true, 20000000, 90000);
	assert_int_equal(stage_findings(stage, 2066), 0);
	assert_int_equal(stage_findings(stage, 2065), 1);
	stage_free(stage);
}

/* --- programs ------------------------------------------------------------- */

static void
say_hello(struct stage *stage, uint8_t cipher)
{
	/* Type, length, version; behind 32 octets an empty session, two octets
	 * of ciphers, a compression. */
	uint8_t hello[45] = {1, 0, 0, 41, 3, 3, [40] = 2, 0x13, cipher, 1};
	struct stage_flow one =
	    stage_flow(stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 443);

	stage_answer(&one, APPLICATION_TLS);
	one.sighting.verdict = VERDICT_UNMODELLED;
	stage_message(stage, &one, MESSAGE_TLS, true, 1, hello, sizeof(hello));
}

/*
 * Who has many programs open TLS is left alone; to become that he has to bring
 * one after the other, and each is said, until there are five.
 */
static void
each_new_program_is_said(void **state)
{
	struct stage *stage = stage_new(&detector_tls_clients);

	(void)state;
	for (int hour = 0; hour < 30; hour++) {
		stage_at(stage, hour * 3600.0);
		say_hello(stage, 1);
	}
	for (uint8_t next = 2; next < 8; next++) {
		stage_at(stage, (40 + next) * 3600.0);
		say_hello(stage, next);
		say_hello(stage, 1);
	}
	assert_int_equal(stage_found(stage, 2079)->times, 4);
	stage_free(stage);
}

/* Of a workload that tries ports of one server, which refuses all of them. */
static size_t
scans_found_of(struct stage *stage, const char *client)
{
	for (int i = 0; i < 14; i++) {
		struct stage_flow one;

		stage_at(stage, 1000 + 20 * i);
		one = stage_flow(stage, client, "shop/web", PROTOCOL_TCP,
		    (uint16_t)(100 + i));
		one.sighting.verdict = VERDICT_UNMODELLED;
		stage_refuse(&one);
		stage_over(stage, &one);
	}
	return stage_findings(stage, 2001);
}

/* What nobody asked for is no success of his; anybody can send it. */
static void
answers_that_nobody_asked_for_are_no_credit(void **state)
{
	struct stage *stage = stage_new(&detector_scan);
	char server[32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct stage_flow one;

		stage_at(stage, i);
		snprintf(server, sizeof(server), "203.0.113.%d", i + 1);
		one = stage_flow(stage, "shop/carts", server, PROTOCOL_UDP,
		    (uint16_t)(80 + i));
		one.flow.packets[0] = 0;
		one.flow.octets[0] = 0;
		stage_send(stage, &one, false, 1, 48);
		one.flow.answered = true;
		stage_over(stage, &one);
	}
	assert_int_equal(scans_found_of(stage, "shop/carts"), 1);
	stage_free(stage);
}

/* Whom strangers scan as well, he scans none the less. */
static void
strangers_hide_nobody_inside(void **state)
{
	struct stage *stage = stage_new(&detector_scan);
	char client[32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct stage_flow one;

		stage_at(stage, 900 + i);
		snprintf(client, sizeof(client), "198.51.100.%d", i + 1);
		one = stage_flow(stage, client, "shop/web", PROTOCOL_TCP,
		    (uint16_t)(2000 + i));
		one.sighting.verdict = VERDICT_UNMODELLED;
		stage_refuse(&one);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 2002), 1);
	assert_int_equal(scans_found_of(stage, "shop/carts"), 1);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_syn_flood_does_not_become_usual),
	    cmocka_unit_test(a_request_flood_does_not_become_usual),
	    cmocka_unit_test(a_flood_of_questions_does_not_become_usual),
	    cmocka_unit_test(each_new_country_is_said),
	    cmocka_unit_test(a_reflected_flood_does_not_become_usual),
	    cmocka_unit_test(a_flood_of_strays_does_not_become_usual),
	    cmocka_unit_test(noise_before_a_beacon_is_forgotten),
	    cmocka_unit_test(a_beat_that_drifts_is_one),
	    cmocka_unit_test(a_few_calls_between_hide_no_beat),
	    cmocka_unit_test(peers_are_not_made_in_their_names),
	    cmocka_unit_test(peers_that_help_hide_nothing_forbidden),
	    cmocka_unit_test(a_direction_turned_slowly_leaves_the_bound),
	    cmocka_unit_test(each_new_program_is_said),
	    cmocka_unit_test(answers_that_nobody_asked_for_are_no_credit),
	    cmocka_unit_test(strangers_hide_nobody_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
