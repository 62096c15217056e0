/*
 * Answers that nobody asked for, those who give them, and segments of no
 * connection; and siege.h beneath.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/flood/siege.h"
#include "tests/detector_stage.h"

#define VICTIM    2015
#define REFLECTOR 2016
#define STRAYS    2017

#define CART  "shop/carts"
#define WEB   "shop/web"
#define CACHE "shop/cache"

static const char *
outside(int number)
{
	static char texts[4][64];
	static int next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof(texts[0]), "203.%d.%d.%d", number / 65536 % 256,
	    number / 256 % 256, number % 256);
	return text;
}

/* A flow that begins with what its server sends, in so many packets. */
static struct stage_flow
unasked(struct stage *stage, const char *from, const char *to, uint8_t protocol,
    uint16_t port, uint64_t packets)
{
	struct stage_flow one = stage_flow(stage, to, from, protocol, port);

	one.flow.opener = 1;
	one.flow.direction = DIRECTION_HEURISTIC;
	one.flow.packets[0] = one.flow.octets[0] = 0;
	one.flow.tcp_flags[0] = 0;
	one.flow.packets[1] = packets;
	one.flow.octets[1] = packets * 468;
	if (protocol == PROTOCOL_TCP) {
		one.flow.tcp_flags[1] = TCP_SYN | TCP_ACK;
		one.flow.octets[1] = packets * 44;
	}
	if (protocol == PROTOCOL_ICMP)
		one.flow.icmp_type = 0;
	return one;
}

static void
answers(struct stage *stage, uint8_t protocol, uint16_t port, int count)
{
	for (int i = 0; i < count; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.005);
		one =
		    unasked(stage, outside(i % 200), CART, protocol, port, 10);
		stage_over(stage, &one);
	}
}

/* --- victims -------------------------------------------------------------- */

static void
answers_of_many_that_nobody_asked_for_are_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);
	const struct stage_found *found;

	(void)state;
	answers(stage, PROTOCOL_UDP, 123, 1000);
	assert_int_equal(stage_findings(stage, 0), 1);
	found = stage_found(stage, VICTIM);
	assert_string_equal(found->subject, CART);
	assert_string_equal(found->object, "");
	assert_int_equal(found->confidence, 60);
	assert_non_null(strstr(found->sentence, "datagrams from port 123"));
	assert_non_null(strstr(found->evidence, "\"sources\":"));
	assert_in_range(found->times, 1, 20);
	stage_free(stage);
}

static void
it_is_surer_where_questions_would_have_been_seen(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);
	struct stage_flow one;

	(void)state;
	stage_at(stage, 50);
	one = stage_flow(stage, WEB, outside(9999), PROTOCOL_UDP, 53);
	stage_answer(&one, APPLICATION_DNS);
	stage_over(stage, &one);
	answers(stage, PROTOCOL_UDP, 53, 1000);
	assert_int_equal(stage_found(stage, VICTIM)->confidence, 85);
	stage_free(stage);
}

/* Ten servers of the cluster answer a workload that asked none of them. */
static void
answers_of_the_clusters_own_are_found(void **state)
{
	static const struct {
		uint8_t protocol;
		uint16_t port;
		size_t found;
	} rows[] = {{PROTOCOL_UDP, 11211, 1}, {PROTOCOL_UDP, 53, 0},
	    {PROTOCOL_TCP, 80, 0}, {PROTOCOL_ICMP, 0, 0}};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct stage *stage = stage_new(&detector_reflection);
		char from[32];

		for (int i = 0; i < 1000; i++) {
			struct stage_flow one;

			stage_at(stage, 100 + i * 0.005);
			snprintf(from, sizeof(from), "shop/cache%d", i % 10);
			one = unasked(stage, from, CART, rows[row].protocol,
			    rows[row].port, 10);
			stage_over(stage, &one);
		}
		assert_int_equal(stage_findings(stage, 0), rows[row].found);
		if (rows[row].found > 0)
			assert_non_null(
			    strstr(stage_found(stage, VICTIM)->sentence,
				"hosts inside"));
		stage_free(stage);
	}
}

/* Kernels answer a SYN-ACK that they did not ask for with RST. */
static void
a_victim_that_resets_is_a_victim_still(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.005);
		one = unasked(stage, outside(i), WEB, PROTOCOL_TCP, 443, 1);
		one.flow.packets[0] = 1;
		one.flow.octets[0] = 40;
		one.flow.tcp_flags[0] = TCP_RST;
		assert_true(flow_direction_is_guess(&one.flow));
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, VICTIM)->subject, WEB);
	stage_free(stage);
	/* Its own connections, whose SYNs the capture has not. */
	stage = stage_new(&detector_reflection);
	for (int i = 0; i < 1000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.005);
		one = unasked(stage, outside(i), WEB, PROTOCOL_TCP, 443, 1);
		one.flow.packets[0] = 3;
		one.flow.octets[0] = 400;
		one.flow.tcp_flags[0] = TCP_ACK | TCP_PSH | TCP_RST;
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Of the cluster's own only those that are reset: of others the SYN may not
 * have been captured. */
static void
syn_acks_from_inside_have_to_be_reset(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct stage *stage = stage_new(&detector_reflection);
		uint64_t resets = kind > 0;

		for (int i = 0; i < 2000; i++) {
			struct stage_flow one;

			stage_at(stage, 100 + i * 0.001);
			one = unasked(stage, "dev/box", WEB, PROTOCOL_TCP,
			    (uint16_t)(2000 + i), 1);
			/* Its own SYNs from one port look like copies. */
			if (kind == 2)
				one.flow.ends[0].port = one.flow.ends[1].port =
				    80;
			one.flow.packets[0] = resets;
			one.flow.octets[0] = resets * 40;
			one.flow.tcp_flags[0] = resets > 0 ? TCP_RST : 0;
			stage_over(stage, &one);
		}
		assert_int_equal(stage_findings(stage, VICTIM), kind == 1);
		if (kind == 1)
			assert_non_null(
			    strstr(stage_found(stage, VICTIM)->sentence,
				"dev/box, whose address may be forged"));
		stage_free(stage);
	}
}

/* To a port that looks like a server's: then who answers seems to ask. */
static void
answers_to_a_servers_port_are_found(void **state)
{
	static const struct {
		uint16_t from, to;
		size_t found;
	} rows[] = {{123, 80, 1}, {123, 123, 0}, {50000, 80, 0}};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		const struct detector *both[] = {
		    &detector_reflection, &detector_flood};
		size_t found[2];

		for (int i = 0; i < 2; i++) {
			struct stage *stage = stage_new(both[i]);

			for (int n = 0; n < 1000; n++) {
				struct stage_flow one;

				stage_at(stage, 100 + n * 0.005);
				one = stage_flow(stage, outside(n % 200), WEB,
				    PROTOCOL_UDP, rows[row].to);
				one.flow.ends[0].port = rows[row].from;
				stage_send(stage, &one, true, 9, 9 * 468);
				stage_over(stage, &one);
			}
			found[i] = stage_findings(stage, 0);
			if (i == 0 && found[0] > 0)
				assert_string_equal(
				    stage_found(stage, VICTIM)->subject, WEB);
			stage_free(stage);
		}
		assert_int_equal(found[0], rows[row].found);
		assert_int_equal(found[1], 1 - rows[row].found);
	}
}

static void
syn_acks_and_echo_replies_are_answers(void **state)
{
	static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_ICMP};
	static const char *const nouns[] = {"SYN-ACKs", "echo replies"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stage *stage = stage_new(&detector_reflection);

		answers(stage, protocols[i],
		    protocols[i] == PROTOCOL_TCP ? 80 : 0, 200);
		assert_int_equal(stage_findings(stage, 0), 1);
		assert_non_null(
		    strstr(stage_found(stage, VICTIM)->sentence, nouns[i]));
		stage_free(stage);
	}
}

static void
what_was_asked_is_no_reflection(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.001);
		one = stage_flow(
		    stage, CART, outside(i % 200), PROTOCOL_UDP, 123);
		stage_answer(&one, APPLICATION_NTP);
		stage_send(stage, &one, false, 10, 4680);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Syslog from a device's port 514, media, and one end of connections. */
static void
streams_and_halves_of_connections_are_no_reflection(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.005);
		one =
		    unasked(stage, outside(i % 8), CART, PROTOCOL_UDP, 514, 10);
		stage_over(stage, &one);
		one = unasked(
		    stage, outside(i % 8), CART, PROTOCOL_UDP, 5004, 10);
		stage_over(stage, &one);
		one =
		    unasked(stage, outside(i % 8), CART, PROTOCOL_TCP, 443, 10);
		one.flow.inferred = true;
		stage_over(stage, &one);
		one =
		    unasked(stage, outside(i % 8), CART, PROTOCOL_TCP, 443, 10);
		one.flow.midstream = true;
		one.flow.tcp_flags[1] = TCP_ACK;
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Late answers, a resolver's few strays: below k for hours. */
static void
a_few_unasked_answers_for_hours_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int i = 0; i < 3600; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i);
		one =
		    unasked(stage, outside(i % 20), CART, PROTOCOL_UDP, 53, 30);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* --- reflectors ----------------------------------------------------------- */

static void
ask(struct stage *stage, const char *client, uint16_t port, uint64_t packets,
    uint64_t octets, enum verdict_kind verdict)
{
	struct stage_flow one =
	    stage_flow(stage, client, CACHE, PROTOCOL_UDP, port);

	one.sighting.verdict = verdict;
	stage_answer(&one, APPLICATION_UNKNOWN);
	stage_send(stage, &one, false, packets - 1, octets - 60);
	stage_over(stage, &one);
}

static void
who_answers_with_very_much_more_is_a_reflector(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);
	const struct stage_found *found;

	(void)state;
	for (int i = 0; i < 200; i++) {
		stage_at(stage, 10 + i * 0.1);
		ask(stage, "198.51.100.7", 11211, 20, 28000, VERDICT_DEVIATION);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	found = stage_found(stage, REFLECTOR);
	assert_string_equal(found->subject, CACHE);
	assert_non_null(strstr(found->sentence, "198.51.100.7"));
	assert_non_null(strstr(found->sentence, "466 times"));
	stage_free(stage);
}

static void
what_models_allow_small_answers_and_downloads_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_reflection);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		stage_at(stage, 10 + i * 0.05);
		ask(stage, WEB, 161, 4, 5600, VERDICT_ALLOWED);
		ask(stage, "198.51.100.7", 123, 1, 76, VERDICT_DEVIATION);
		ask(stage, "198.51.100.8", 443, 40, 56000, VERDICT_DEVIATION);
		ask(stage, "198.51.100.9", 53, 4, 5600, VERDICT_DEVIATION);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* --- strays --------------------------------------------------------------- */

static struct stage_flow
stray(struct stage *stage, const char *from, const char *to, uint8_t flags)
{
	struct stage_flow one = stage_flow(stage, from, to, PROTOCOL_TCP, 80);

	one.flow.midstream = true;
	one.flow.direction = DIRECTION_METADATA;
	one.flow.tcp_flags[0] = flags;
	one.flow.octets[0] = 40;
	return one;
}

static void
reset(struct stage_flow *one)
{
	one->flow.packets[1] = 1;
	one->flow.octets[1] = 40;
	one->flow.tcp_flags[1] = TCP_RST;
	one->flow.state = FLOW_FINISHED;
}

static void
segments_of_no_connection_are_a_flood(void **state)
{
	static const struct {
		uint8_t flags;
		const char *name;
	} cases[] = {{TCP_ACK, "with ACK"}, {TCP_RST, "with RST"},
	    {TCP_FIN | TCP_ACK, "with FIN"}, {TCP_PSH | TCP_ACK, "with ACK"},
	    {0, "with TCP"}};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct stage *stage = stage_new(&detector_strays);
		const struct stage_found *found;

		for (int i = 0; i < 4000; i++) {
			struct stage_flow one;

			stage_at(stage, 100 + i * 0.0005);
			one = stray(stage, outside(i), WEB, cases[c].flags);
			stage_over(stage, &one);
		}
		assert_int_equal(stage_findings(stage, 0), 1);
		found = stage_found(stage, STRAYS);
		assert_string_equal(found->subject, WEB);
		assert_int_equal(found->confidence, 65);
		assert_non_null(strstr(found->sentence, cases[c].name));
		assert_non_null(strstr(found->sentence, "may be forged"));
		stage_free(stage);
	}
}

static void
a_target_that_resets_them_proves_it(void **state)
{
	struct stage *stage = stage_new(&detector_strays);

	(void)state;
	for (int i = 0; i < 4000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.0005);
		one = stray(stage, outside(i), WEB, TCP_ACK);
		reset(&one);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_found(stage, STRAYS)->confidence, 85);
	stage_free(stage);
}

static void
one_source_is_named_but_not_believed(void **state)
{
	struct stage *stage = stage_new(&detector_strays);

	(void)state;
	for (int i = 0; i < 4000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.0005);
		one =
		    stray(stage, i % 10 == 0 ? outside(i) : CART, WEB, TCP_ACK);
		reset(&one);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, STRAYS)->subject, CART);
	assert_string_equal(stage_found(stage, STRAYS)->object, WEB);
	assert_int_equal(stage_found(stage, STRAYS)->confidence, 60);
	stage_free(stage);
}

/*
 * Ten thousand connections break; each end sends its last segment twice, and
 * connects anew.
 */
static void
broken_connections_that_are_made_anew_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_strays);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.0005);
		one = stage_flow(stage, outside(i), WEB, PROTOCOL_TCP, 80);
		stage_answer(&one, APPLICATION_HTTP);
		stage_ready(stage, &one);
	}
	for (int i = 0; i < 10000; i++) {
		struct stage_flow one;

		stage_at(stage, 106 + i * 0.0005);
		one = stray(stage, outside(i), WEB, TCP_PSH | TCP_ACK);
		one.flow.packets[0] = 2;
		one.flow.octets[0] = 1200;
		reset(&one);
		stage_over(stage, &one);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/*
 * A capture that began in the middle sees both ends, or one end whose
 * acknowledgements go on; one that is blind to one end of uploads counts three
 * segments of each.
 */
static void
connections_that_were_there_before_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_strays);

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct stage_flow one;

		stage_at(stage, 100 + i * 0.001);
		one = stray(stage, outside(i), WEB, TCP_ACK | TCP_PSH);
		one.flow.packets[1] = 5;
		one.flow.octets[1] = 3000;
		one.flow.tcp_flags[1] = TCP_ACK;
		stage_over(stage, &one);
		one = stray(stage, outside(i), WEB, TCP_ACK);
		one.flow.inferred = true;
		one.flow.packets[0] = 100;
		stage_over(stage, &one);
		if (i % 10 == 0) {
			one = stray(stage, outside(i), WEB, TCP_ACK | TCP_PSH);
			one.flow.packets[0] = 500;
			one.flow.octets[0] = 700000;
			stage_over(stage, &one);
		}
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/*
 * A node's table of connections is flushed: six thousand old ones send their
 * next segment and are reset, none is made anew yet.  Who goes on for a minute,
 * or sends no data, floods.
 */
static void
remnants_of_old_connections_are_none(void **state)
{
	static const struct {
		int segments;
		uint64_t octets;
		size_t findings;
	} cases[] = {{6000, 80, 0}, {60000, 80, 1}, {6000, 40, 1}};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct stage *stage = stage_new(&detector_strays);

		for (int i = 0; i < cases[c].segments; i++) {
			struct stage_flow one;

			stage_at(stage, 100 + i * 0.001);
			one = stray(stage, CART, WEB, TCP_PSH | TCP_ACK);
			one.flow.octets[0] = cases[c].octets;
			reset(&one);
			stage_over(stage, &one);
		}
		assert_int_equal(
		    stage_findings(stage, STRAYS), cases[c].findings);
		stage_free(stage);
	}
}

/* --- siege ---------------------------------------------------------------- */

static const struct rate_rule rule = {
    .k = 100, .h = 500, .limit = 500, .growth = 0.5};

static bool
blow(struct siege *siege, int64_t second, uint64_t source, uint64_t count)
{
	return siege_add(siege, &rule,
	    &(struct siege_blow){.at = {(1700000000 + second) * NS_PER_SECOND},
		.source = source,
		.count = count,
		.packet = 7});
}

/* Whoever did the last one may have no part in this one. */
static void
who_did_the_last_one_is_not_blamed_for_the_next(void **state)
{
	struct siege siege = {0};
	bool on = false;

	(void)state;
	for (int i = 0; i < 100; i++)
		on = blow(&siege, i / 10, 77, 20);
	assert_true(on);
	assert_true(siege_is_by(&siege, 77));
	for (int i = 0; i < 4000; i++)
		on = blow(&siege, 60 + i / 400, 1000 + (uint64_t)i, 1);
	assert_true(on);
	assert_false(siege_is_by_one(&siege));
	assert_in_range(siege_sources(&siege), 2000, 10000);
}

static void
what_is_told_is_told_once(void **state)
{
	struct siege siege = {0};
	uint64_t told = 0;
	uint32_t times = 0;
	struct instant now = {1700000000 * NS_PER_SECOND};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		if (blow(&siege, 0, 77, 1)) {
			uint64_t count = siege_tell(&siege, now);

			told += count;
			times += count > 0;
		}
	}
	assert_in_range(told, 8000, 10000);
	assert_in_range(times, 1, 20);
}

/* Slowly raised for a day: it may not become used to an attack. */
static void
a_normal_is_not_taught_to_bear_a_flood(void **state)
{
	struct siege siege = {0};
	bool on = false;

	(void)state;
	for (int i = 0; i < 8640; i++) /* ten seconds each */
		(void)blow(&siege, i * 10, 77, 50 + (uint64_t)i * 2000 / 8640);
	for (int i = 0; i < 6 && !on; i++)
		on = blow(&siege, 86400 + i * 10, 77, 3000);
	assert_true(on);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		answers_of_many_that_nobody_asked_for_are_one_finding),
	    cmocka_unit_test(it_is_surer_where_questions_would_have_been_seen),
	    cmocka_unit_test(answers_of_the_clusters_own_are_found),
	    cmocka_unit_test(syn_acks_and_echo_replies_are_answers),
	    cmocka_unit_test(what_was_asked_is_no_reflection),
	    cmocka_unit_test(
		streams_and_halves_of_connections_are_no_reflection),
	    cmocka_unit_test(a_few_unasked_answers_for_hours_are_none),
	    cmocka_unit_test(who_answers_with_very_much_more_is_a_reflector),
	    cmocka_unit_test(
		what_models_allow_small_answers_and_downloads_are_none),
	    cmocka_unit_test(segments_of_no_connection_are_a_flood),
	    cmocka_unit_test(a_target_that_resets_them_proves_it),
	    cmocka_unit_test(one_source_is_named_but_not_believed),
	    cmocka_unit_test(broken_connections_that_are_made_anew_are_none),
	    cmocka_unit_test(connections_that_were_there_before_are_none),
	    cmocka_unit_test(remnants_of_old_connections_are_none),
	    cmocka_unit_test(who_did_the_last_one_is_not_blamed_for_the_next),
	    cmocka_unit_test(what_is_told_is_told_once),
	    cmocka_unit_test(a_normal_is_not_taught_to_bear_a_flood),
	    cmocka_unit_test(answers_to_a_servers_port_are_found),
	    cmocka_unit_test(a_victim_that_resets_is_a_victim_still),
	    cmocka_unit_test(syn_acks_from_inside_have_to_be_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
