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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_syn_flood_does_not_become_usual),
	    cmocka_unit_test(a_request_flood_does_not_become_usual),
	    cmocka_unit_test(a_flood_of_questions_does_not_become_usual),
	    cmocka_unit_test(each_new_country_is_said),
	    cmocka_unit_test(a_reflected_flood_does_not_become_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
