/*
 * Floods of what nobody completes, and the change detection beneath, beside a
 * naive one.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/measures/rate.h"
#include "tests/detector_stage.h"

#define SYN_FLOOD  2010
#define UDP_FLOOD  2011
#define ICMP_FLOOD 2012

static void
half_open(struct stage *stage, const char *client, const char *server)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 80);

	flow.flow.answered = true;
	flow.flow.packets[1] = 1;
	flow.flow.tcp_flags[0] = TCP_SYN | TCP_RST;
	flow.flow.tcp_flags[1] = TCP_SYN | TCP_ACK;
	stage_over(stage, &flow);
}

static void
served(struct stage *stage, const char *client, const char *server)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 80);

	stage_answer(&flow, APPLICATION_HTTP);
	stage_send(stage, &flow, true, 1, 400);
	stage_send(stage, &flow, false, 3, 3000);
	stage_over(stage, &flow);
}

/* --- found ---------------------------------------------------------------- */

static void
a_syn_flood_of_one_source_is_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 2000; i++) {
		stage_at(stage, 100 + i * 0.001);
		half_open(stage, "shop/carts", "shop/web");
		if (i % 20 == 0)
			served(stage, "shop/front", "shop/web");
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(
	    stage_found(stage, SYN_FLOOD)->subject, "shop/carts");
	assert_string_equal(stage_found(stage, SYN_FLOOD)->object, "shop/web");
	assert_in_range(stage_found(stage, SYN_FLOOD)->confidence, 1, 60);
	assert_in_range(stage_found(stage, SYN_FLOOD)->times, 1, 20);
	/* Its first packet, not the one by which it was known. */
	assert_non_null(strstr(stage_found(stage, SYN_FLOOD)->evidence,
	    "\"first\":\"2023-11-14T22:15:00.000"));
	stage_free(stage);
}

/* IPv6 has no identification: equal datagrams look like copies of each eighth
 * one.  Where each is seen at three places, there are three of each. */
static void
equal_datagrams_are_a_flood(void **state)
{
	static const uint64_t copies[] = {7, 2};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stage *stage = stage_new(&detector_flood);
		struct stage_flow flow;

		stage_at(stage, 100);
		flow = stage_flow(
		    stage, "shop/bad", "shop/web", PROTOCOL_UDP, 999);
		flow.sighting.verdict = VERDICT_DEVIATION;
		stage_at(stage, 106);
		stage_send(stage, &flow, true, 600, 400000);
		flow.flow.duplicates = 601 * copies[i];
		stage_over(stage, &flow);
		assert_int_equal(stage_findings(stage, 2011), i == 0);
		if (i == 0)
			assert_non_null(
			    strstr(stage_found(stage, 2011)->evidence,
				"\"first\":\"2023-11-14T22:15:00.000"));
		stage_free(stage);
	}
}

static void
a_flood_in_many_names_blames_none_of_them(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 3000; i++) {
		stage_at(stage, 100 + i * 0.001);
		half_open(stage,
		    i % 7 == 0 ? "shop/innocent"
			       : stage_numbered("203.0.113.", i % 250),
		    "shop/web");
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, SYN_FLOOD)->subject, "shop/web");
	assert_non_null(
	    strstr(stage_found(stage, SYN_FLOOD)->sentence, "may be forged"));
	stage_free(stage);
}

/* In the names of four workloads, of which one may ask there. */
static void
a_flood_in_a_few_names_blames_none_of_them(void **state)
{
	static const char *const names[] = {
	    "shop/a", "shop/b", "shop/c", "shop/d"};
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 6000; i++) {
		struct stage_flow flow;

		stage_at(stage, 100 + i * 0.003);
		flow = stage_flow(
		    stage, names[i % 4], "shop/web", PROTOCOL_TCP, 80);
		flow.sighting.verdict =
		    i % 4 == 0 ? VERDICT_ALLOWED : VERDICT_DEVIATION;
		flow.flow.tcp_flags[0] = TCP_SYN;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, SYN_FLOOD)->subject, "shop/web");
	stage_free(stage);
}

/* Somebody floods; a minute later somebody else does, in many names. */
static void
a_flood_after_a_flood_blames_no_forged_address(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 6000; i++) {
		stage_at(stage, 100 + i * 0.002);
		half_open(stage, "shop/bad", "shop/web");
	}
	for (int i = 0; i < 6000; i++) {
		stage_at(stage, 162 + i * 0.002);
		half_open(
		    stage, stage_numbered("203.0.113.", i % 250), "shop/web");
	}
	for (size_t i = 0; i < stage->found_count; i++)
		assert_true(strcmp(stage->found[i].subject, "shop/bad") == 0 ||
			    strcmp(stage->found[i].subject, "shop/web") == 0);
	assert_int_equal(stage_findings(stage, SYN_FLOOD), 2);
	stage_free(stage);
}

static void
one_flow_of_many_syns_is_a_flood(void **state)
{
	struct stage *stage = stage_new(&detector_flood);
	struct stage_flow flow =
	    stage_flow(stage, "shop/carts", "shop/web", PROTOCOL_TCP, 80);

	(void)state;
	for (int i = 0; i < 3; i++) {
		stage_at(stage, 10.0 + i * 10);
		stage_send(stage, &flow, true, 2000, 80000);
		stage_progress(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, SYN_FLOOD), 1);
	stage_free(stage);
}

static void
datagrams(struct stage *stage, const char *client, uint64_t packets,
    enum verdict_kind verdict, uint64_t replies)
{
	struct stage_flow flow =
	    stage_flow(stage, client, "shop/log", PROTOCOL_UDP, 514);

	flow.sighting.verdict = verdict;
	stage_send(stage, &flow, true, packets - 1, packets * 100);
	if (replies > 0) {
		flow.flow.answered = true;
		stage_send(stage, &flow, false, replies, replies * 100);
	}
	stage_over(stage, &flow);
}

/* What is sent to a group is never answered (market data, television). */
static void
groups_answer_nobody(void **state)
{
	static const struct {
		const char *group;
		size_t findings;
	} cases[] = {
	    {"233.54.12.111", 0}, {"ff3e::1234", 0}, {"203.0.113.7", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage *stage = stage_new(&detector_flood);

		for (int second = 0; second < 40; second++) {
			struct stage_flow flow;

			stage_at(stage, second);
			flow = stage_flow(stage, "shop/feed", cases[i].group,
			    PROTOCOL_UDP, 26477);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			stage_send(stage, &flow, true, 6000, 600000);
			stage_over(stage, &flow);
		}
		assert_int_equal(
		    stage_findings(stage, 2011), cases[i].findings);
		stage_free(stage);
	}
}

/* One flow that nobody answers, at so many a second for five minutes. */
static void
streams(struct stage *stage, const char *client, uint64_t a_second)
{
	struct stage_flow flow =
	    stage_flow(stage, client, "shop/statsd", PROTOCOL_UDP, 8125);

	flow.sighting.verdict = VERDICT_UNMODELLED;
	for (int i = 1; i <= 30; i++) {
		stage_at(stage, i * 10);
		stage_send(stage, &flow, true, a_second * 10, a_second * 1000);
		stage_progress(stage, &flow);
	}
}

static void
telemetry_is_none_unless_it_floods(void **state)
{
	static const struct {
		const char *client;
		uint64_t a_second;
		size_t findings;
	} cases[] = {
	    {"shop/orders", 200, 0}, {"shop/orders", 450, 0},
	    {"shop/orders", 600, 1},
	    {"203.0.113.9", 200, 1}, /* any address may stand there */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage *stage = stage_new(&detector_flood);

		streams(stage, cases[i].client, cases[i].a_second);
		assert_int_equal(
		    stage_findings(stage, UDP_FLOOD), cases[i].findings);
		stage_free(stage);
	}
}

/* Video from outside at 1200/s, of which the receiver reports each second; a
 * victim that answers some, and ten times as much, are floods. */
static void
what_its_receiver_reports_on_is_a_stream(void **state)
{
	static const struct {
		uint64_t a_second, reports; /* in 10 s */
		size_t findings;
	} cases[] = {{1200, 10, 0}, {1200, 2, 1}, {12000, 10, 1}};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct stage *stage = stage_new(&detector_flood);
		struct stage_flow flow = stage_flow(
		    stage, "203.0.113.9", "shop/live", PROTOCOL_UDP, 9001);

		flow.sighting.verdict = VERDICT_UNMODELLED;
		for (int i = 1; i <= 30; i++) {
			uint64_t sent = cases[c].a_second * 10;

			stage_at(stage, i * 10);
			stage_send(stage, &flow, true, sent, sent * 100);
			stage_send(stage, &flow, false, cases[c].reports, 800);
			stage_progress(stage, &flow);
		}
		assert_int_equal(
		    stage_findings(stage, UDP_FLOOD), cases[c].findings);
		stage_free(stage);
	}
}

/* Each as slow as telemetry, and together four thousand a second. */
static void
many_streams_together_flood(void **state)
{
	struct stage *stage = stage_new(&detector_flood);
	struct stage_flow flows[10];

	(void)state;
	for (int i = 0; i < 10; i++)
		flows[i] = stage_flow(stage, stage_numbered("shop/bad", i),
		    "shop/statsd", PROTOCOL_UDP, 8125);
	for (int bin = 1; bin <= 10; bin++) {
		stage_at(stage, bin * 10);
		for (int i = 0; i < 10; i++) {
			flows[i].sighting.verdict = VERDICT_UNMODELLED;
			stage_send(stage, &flows[i], true, 4000, 400000);
			stage_progress(stage, &flows[i]);
		}
	}
	assert_int_equal(stage_findings(stage, UDP_FLOOD), 1);
	stage_free(stage);
}

static void
datagrams_and_echoes_flood(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct stage_flow flow;

		stage_at(stage, 100 + i * 0.001);
		datagrams(stage, "shop/a", 1, VERDICT_DEVIATION, 0);
		flow =
		    stage_flow(stage, "shop/b", "shop/web", PROTOCOL_ICMP, 0);
		flow.flow.answered = true;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, UDP_FLOOD), 1);
	assert_int_equal(stage_findings(stage, ICMP_FLOOD), 1);
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

/* Empty ones, to each port once, are a fast scanner's. */
static void
datagrams_to_any_port_flood(void **state)
{
	(void)state;
	for (int filled = 0; filled < 2; filled++) {
		struct stage *stage = stage_new(&detector_flood);

		for (int i = 0; i < 80000; i++) {
			struct stage_flow flow;

			if (i == 65000)
				assert_int_equal(
				    stage_findings(stage, 0), filled);
			stage_at(stage, 100 + i * 0.0005);
			flow = stage_flow(stage, "shop/a", "shop/db",
			    PROTOCOL_UDP, (uint16_t)(1 + i * 7));
			flow.sighting.verdict = VERDICT_DEVIATION;
			flow.flow.octets[0] = filled ? 92 : 28;
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), 1);
		assert_non_null(strstr(
		    stage_found(stage, UDP_FLOOD)->sentence, "on many ports"));
		stage_free(stage);
	}
}

/* --- silent --------------------------------------------------------------- */

static void
a_load_spike_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		stage_at(stage, 100 + i * 0.001);
		served(stage, "shop/front", "shop/web");
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
a_retry_storm_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct stage_flow flow = stage_flow(
		    stage, "shop/front", "shop/web", PROTOCOL_TCP, 80);

		stage_at(stage, 100 + i * 0.001);
		/* Refused, or asked again until it gives up. */
		if (i % 2 == 0)
			stage_refuse(&flow);
		else
			flow.flow.packets[0] = 3;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
streams_that_are_allowed_answered_or_usual_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_flood);

	(void)state;
	for (int i = 0; i < 100; i++) {
		stage_at(stage, 100 + i * 10);
		datagrams(stage, "shop/a", 20000, VERDICT_ALLOWED, 0);
		datagrams(stage, "shop/b", 20000, VERDICT_DEVIATION, 20000);
		/* 30 a second, for ever. */
		datagrams(stage, "shop/c", 300, VERDICT_UNMODELLED, 0);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* SYNs that a server which is down leaves without an answer, so many a second
 * of each client; a model allows them. */
static void
what_may_be_tried_is_a_retry_storm_unless_it_is_fast(void **state)
{
	(void)state;
	for (int fast = 0; fast < 2; fast++) {
		struct stage *stage = stage_new(&detector_flood);

		for (int i = 0; i < (fast ? 6000 : 1200); i++) {
			struct stage_flow flow;

			stage_at(stage, 100 + i * (fast ? 0.003 : 0.05));
			flow = stage_flow(
			    stage, "shop/front", "shop/db", PROTOCOL_TCP, 5432);
			flow.sighting.verdict = VERDICT_ALLOWED;
			flow.flow.tcp_flags[0] = TCP_SYN;
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), fast);
		if (fast)
			assert_string_equal(
			    stage_found(stage, SYN_FLOOD)->subject,
			    "shop/front");
		stage_free(stage);
	}
}

/* --- the change detection ------------------------------------------------- */

static const struct rate_rule rule = {
    .k = 20, .h = 100, .limit = 100, .growth = 0.5};

/*
 * The same by the book, from the beginning each time: bins teach when they are
 * eight old, and the sum goes over all.
 */
static double
naive_sum(const uint64_t *bins, size_t count)
{
	double mean = 0, variance = 0, sum = 0;

	for (size_t i = 0; i < count; i++) {
		double x = (double)bins[i], d = x - mean;
		double slack = fmax(fmax(20, mean), 3 * sqrt(variance));

		sum = fmax(0, sum + x - mean - slack);
		if (i + RATE_BINS >= count || sum > 100)
			continue;
		mean += 0.05 * d;
		variance = 0.95 * (variance + 0.05 * d * d);
	}
	return sum;
}

static void
the_change_is_found_where_a_naive_one_finds_it(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (int run = 0; run < 200; run++) {
		struct rate rate = {0};
		uint64_t bins[60];
		bool changed = false;

		for (int bin = 0; bin < 60 && !changed; bin++) {
			double sum = 0;

			random =
			    random * 6364136223846793005 + 1442695040888963407;
			bins[bin] = 1 + (random >> 33) % 12;
			if (bin > 30 && run % 2 == 0)
				bins[bin] += 40 + (uint64_t)run % 50;
			for (uint64_t i = 0; i < bins[bin]; i++)
				sum = rate_add(&rate, &rule,
				    (struct instant){1000000 * NS_PER_SECOND +
						     bin * RATE_BIN +
						     (int64_t)i},
				    1);
			assert_true(fabs(sum - naive_sum(bins,
						   (size_t)bin + 1)) < 1e-6);
			changed = sum > 100;
		}
		assert_int_equal(changed, run % 2 == 0);
	}
}

/* Who raises the usual a little every bin does not get far. */
static void
a_poisoned_usual_is_bounded(void **state)
{
	struct rate rate = {0};
	double poison = 1, mean_after_an_hour = 0;

	(void)state;
	for (int bin = 0; bin < 24 * 360; bin++) {
		struct instant at = {1000000 * NS_PER_SECOND + bin * RATE_BIN};

		/* As much as may go unnoticed, always. */
		poison = rate.mean + 19;
		(void)rate_add(&rate, &rule, at, (uint64_t)poison);
		if (bin == 360)
			mean_after_an_hour = rate.mean;
	}
	/* From a twelfth and half as much an hour at most. */
	assert_true(mean_after_an_hour <= 100.0 / 8 * 1.5 + 1e-9);
	assert_true(rate.mean <= 100);
	/* And what is three times the limit is a flood all the same. */
	assert_true(
	    rate_add(&rate, &rule,
		(struct instant){1000000 * NS_PER_SECOND + 24 * 360 * RATE_BIN},
		100 + 100 + 101 + 20) > 100);
}

static void
late_counts_count(void **state)
{
	struct rate rate = {0};
	double sum = 0;

	(void)state;
	(void)rate_add(
	    &rate, &rule, (struct instant){1000000 * NS_PER_SECOND}, 1);
	(void)rate_add(
	    &rate, &rule, (struct instant){1000030 * NS_PER_SECOND}, 1);
	/* 30 s late, as attempts are that time out. */
	for (int i = 0; i < 200; i++)
		sum = rate_add(&rate, &rule,
		    (struct instant){1000000 * NS_PER_SECOND + i}, 1);
	assert_true(sum > 100);
}

static void
two_million_sources_need_no_more_memory(void **state)
{
	struct stage *stage = stage_new(&detector_flood);
	struct stage_flow flow =
	    stage_flow(stage, "203.0.113.1", "shop/web", PROTOCOL_TCP, 80);

	(void)state;
	flow.flow.answered = true;
	flow.flow.tcp_flags[0] = TCP_SYN;
	for (uint64_t i = 1; i <= 2000000; i++) {
		flow.sighting.client.key = i * UINT64_C(0x9e3779b97f4a7c15);
		flow.sighting.client.instance = flow.sighting.client.key;
		flow.flow.first.ns += 10000;
		flow.flow.last = flow.flow.first;
		stage_finish(stage, &flow);
	}
	assert_int_equal(detectors_counts_of(stage->row, 0).held, 1);
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_syn_flood_of_one_source_is_one_finding),
	    cmocka_unit_test(a_flood_in_many_names_blames_none_of_them),
	    cmocka_unit_test(a_flood_in_a_few_names_blames_none_of_them),
	    cmocka_unit_test(equal_datagrams_are_a_flood),
	    cmocka_unit_test(a_flood_after_a_flood_blames_no_forged_address),
	    cmocka_unit_test(one_flow_of_many_syns_is_a_flood),
	    cmocka_unit_test(telemetry_is_none_unless_it_floods),
	    cmocka_unit_test(what_its_receiver_reports_on_is_a_stream),
	    cmocka_unit_test(many_streams_together_flood),
	    cmocka_unit_test(datagrams_and_echoes_flood),
	    cmocka_unit_test(groups_answer_nobody),
	    cmocka_unit_test(datagrams_to_any_port_flood),
	    cmocka_unit_test(a_load_spike_is_none),
	    cmocka_unit_test(a_retry_storm_is_none),
	    cmocka_unit_test(
		what_may_be_tried_is_a_retry_storm_unless_it_is_fast),
	    cmocka_unit_test(
		streams_that_are_allowed_answered_or_usual_are_none),
	    cmocka_unit_test(the_change_is_found_where_a_naive_one_finds_it),
	    cmocka_unit_test(a_poisoned_usual_is_bounded),
	    cmocka_unit_test(late_counts_count),
	    cmocka_unit_test(two_million_sources_need_no_more_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
