/*
 * Floods of requests, and requests that never end; load that grows is neither.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/detector_stage.h"

#define FLOOD 2013
#define SLOW  2014

static struct stage_flow
connection(struct stage *stage, const char *client, const char *server,
    enum verdict_kind verdict)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 80);

	flow.sighting.verdict = verdict;
	stage_answer(&flow, APPLICATION_HTTP);
	return flow;
}

static void
ask(struct stage *stage, struct stage_flow *flow)
{
	stage_message(stage, flow, MESSAGE_HTTP_REQUEST, true, 0,
	    "GET / HTTP/1.1\r\n\r\n", 18);
}

/* So many requests a second on one connection, from one time to another. */
static void
asks(struct stage *stage, const char *client, enum verdict_kind verdict,
    int per_second, double from, double to)
{
	struct stage_flow flow = connection(stage, client, "shop/web", verdict);

	for (double at = from; at < to; at += 1.0 / per_second) {
		stage_at(stage, at);
		ask(stage, &flow);
	}
	stage_finish(stage, &flow);
}

static void
strange_requests_on_one_connection_flood(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "shop/bad", VERDICT_DEVIATION, 500, 10, 20);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, FLOOD)->subject, "shop/bad");
	assert_in_range(stage_found(stage, FLOOD)->times, 1, 30);
	stage_free(stage);
}

static void
strange_connections_in_tls_flood(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct stage_flow flow = connection(
		    stage, "shop/bad", "shop/web", VERDICT_DEVIATION);

		stage_at(stage, 10 + i * 0.002);
		flow.sighting.appid.application = APPLICATION_TLS;
		stage_ready(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
}

/* Connections that are kept alive were there before the sensor. */
static void
connections_that_began_before_are_no_flood(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct stage_flow flow = connection(
		    stage, "shop/pool", "shop/web", VERDICT_DEVIATION);

		stage_at(stage, 10 + i * 0.002);
		flow.sighting.appid.application = APPLICATION_REDIS;
		flow.flow.midstream = true;
		stage_ready(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
many_clients_of_the_outside_flood_what_they_may_ask(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	/* Five a second for three minutes; and then 250 that are slow enough
	 * for a browser make five hundred times that. */
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 5, 10, 190);
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 25000; i++) {
		struct stage_flow flow =
		    connection(stage, stage_numbered("203.0.113.", i % 250),
			"shop/web", VERDICT_ALLOWED);

		stage_at(stage, 200 + i * 0.0004);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, FLOOD)->subject, "shop/web");
	stage_free(stage);
}

static void
a_load_spike_of_known_clients_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	/* A workload that may ask asks as much as it likes. */
	asks(stage, "shop/front", VERDICT_ALLOWED, 2000, 10, 20);
	/* Clients that were there before ask eight times as often. */
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 50, 20, 400);
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 400, 400, 420);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
	/* Where nothing is modelled, what is there at first is usual. */
	stage = stage_new(&detector_http_flood);
	for (int round = 0; round < 30; round++)
		asks(stage, "shop/other", VERDICT_UNMODELLED, 300,
		    500 + round * 10, 510 + round * 10);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A gateway that was known for minutes brings thirty times as many. */
static void
what_many_ask_a_gateway_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "edge/gateway", VERDICT_UNMODELLED, 8, 10, 250);
	asks(stage, "edge/gateway", VERDICT_UNMODELLED, 240, 250, 310);
	assert_int_equal(stage_findings(stage, 0), 0);
	/* It is not all that it wants. */
	asks(stage, "edge/gateway", VERDICT_UNMODELLED, 6000, 310, 325);
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
}

/* Inside, they were there for 75 s; then they ask sixty times as often. */
static void
a_spike_of_young_clients_inside_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	for (int i = 0; i < 150 + 14400; i++) {
		struct stage_flow flow =
		    connection(stage, stage_numbered("shop/front", i % 4),
			"shop/web", VERDICT_UNMODELLED);

		stage_at(
		    stage, i < 150 ? 10 + i * 0.5 : 85 + (i - 150) * 0.0083);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Twenty-five visitors a second take a page with nineteen files each. */
static void
a_sale_of_pages_with_files_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 1, 10, 300);
	for (int i = 0; i < 30000; i++) {
		char name[32];
		struct stage_flow flow;

		(void)snprintf(name, sizeof(name), "203.0.%d.%d",
		    1 + i / 20 / 250, i / 20 % 250);
		flow = connection(stage, name, "shop/web", VERDICT_ALLOWED);
		stage_at(stage, 300 + i * 0.002);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A load balancer of a cloud: 300 requests a second from the beginning on. */
static void
who_asks_for_others_teaches(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a.example\r\n"
				      "X-Forwarded-For: 203.0.113.8\r\n\r\n";

	(void)state;
	for (int fast = 0; fast < 2; fast++) {
		struct stage *stage = stage_new(&detector_http_flood);
		struct stage_flow flow = connection(
		    stage, "35.191.10.7", "shop/web", VERDICT_ALLOWED);

		for (int i = 0; i < 36000; i++) {
			stage_at(stage, 10 + i * (fast ? 0.001 : 0.0033));
			stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true,
			    0, request, sizeof(request) - 1);
		}
		assert_int_equal(stage_findings(stage, 0), fast);
		stage_free(stage);
	}
}

/* One floods while others go on visiting: it is named, they are not blamed. */
static void
visitors_do_not_hide_who_floods(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 3, 10, 190);
	for (int i = 0; i < 20000; i++) {
		struct stage_flow flow = connection(stage,
		    i % 20 == 0 ? stage_numbered("203.0.113.", i / 20 % 200)
				: "198.51.100.66",
		    "shop/web", VERDICT_ALLOWED);

		stage_at(stage, 200 + i * 0.005);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(
	    stage_found(stage, FLOOD)->subject, "198.51.100.66");
	stage_free(stage);
}

/* Two hundred that nobody knew, at three requests a second, after a calm. */
static void
a_sale_is_none_but_fast_strangers_are(void **state)
{
	(void)state;
	for (int fast = 0; fast < 2; fast++) {
		struct stage *stage = stage_new(&detector_http_flood);

		asks(stage, "198.51.100.7", VERDICT_ALLOWED, 3, 10, 300);
		for (int i = 0; i < 9000; i++) {
			struct stage_flow flow = connection(stage,
			    stage_numbered("203.0.113.", i % (fast ? 20 : 200)),
			    "shop/web", VERDICT_ALLOWED);

			stage_at(stage, 300 + i * 0.0016);
			ask(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, FLOOD), fast);
		stage_free(stage);
	}
}

/* A hundred workloads at four requests a second; no model is about them. */
static void
a_crowd_inside_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "shop/other", VERDICT_UNMODELLED, 1, 10, 80);
	for (int i = 0; i < 6000; i++) {
		struct stage_flow flow =
		    connection(stage, stage_numbered("shop/front", i % 100),
			"shop/web", VERDICT_UNMODELLED);

		stage_at(stage, 90 + i * 0.0025);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* What is usual was learnt from few visitors before thirty flood. */
static void
thirty_after_few_visitors_flood(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	for (int i = 0; i < 85 + 20000; i++) {
		struct stage_flow flow = connection(stage,
		    stage_numbered(i < 85 ? "203.0.113." : "198.51.100.",
			i < 85 ? i % 6 : i % 30),
		    "shop/web", VERDICT_ALLOWED);

		stage_at(stage, i < 85 ? 10 + i : 95 + (i - 85) * 0.0005);
		ask(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
}

/* Its first minute is learnt, but not from one who floods. */
static void
a_stranger_floods_what_nobody_knows_yet(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "203.0.113.77", VERDICT_ALLOWED, 5000, 10, 12);
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	assert_string_equal(stage_found(stage, FLOOD)->subject, "203.0.113.77");
	stage_free(stage);
	stage = stage_new(&detector_http_flood);
	asks(stage, "203.0.113.77", VERDICT_ALLOWED, 300, 10, 190);
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
	stage = stage_new(&detector_http_flood);
	for (int i = 0; i < 30 * 150; i++) {
		struct stage_flow flow = connection(
		    stage, "203.0.113.77", "shop/web", VERDICT_ALLOWED);

		stage_at(stage, 10 + i / 150.0);
		flow.sighting.appid.application = APPLICATION_TLS;
		stage_ready(stage, &flow);
		stage_finish(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
	stage = stage_new(&detector_http_flood);
	/* A load balancer that asks for everybody. */
	asks(stage, "192.168.88.5", VERDICT_ALLOWED, 300, 10, 190);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
whoever_was_known_may_not_flood_for_it(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 5, 10, 400);
	asks(stage, "198.51.100.7", VERDICT_ALLOWED, 2000, 400, 420);
	assert_int_equal(stage_findings(stage, FLOOD), 1);
	stage_free(stage);
}

/* --- slow requests -------------------------------------------------------- */

static void
dribble(struct stage *stage, int connections, const char *stem, bool answered)
{
	static struct stage_flow flows[300];
	double from = 10 + (double)stage->now.ns / 1e9 - 1.7e9;

	for (int i = 0; i < connections; i++) {
		stage_at(stage, from + i * 0.01);
		flows[i] = connection(stage,
		    strchr(stem, '.') == NULL ? stem : stage_numbered(stem, i),
		    "shop/web", VERDICT_ALLOWED);
		stage_send(stage, &flows[i], true, 1, 300);
	}
	for (int round = 1; round < 5; round++)
		for (int i = 0; i < connections; i++) {
			stage_at(stage, from + round * 12 + i * 0.01);
			stage_send(stage, &flows[i], true, 1, 60);
			if (answered)
				stage_send(stage, &flows[i], false, 1, 200);
			stage_progress(stage, &flows[i]);
		}
}

/* Machines that send a reading each 12 s, in chunks of one request. */
static void
streams_are_none_unless_very_many(void **state)
{
	static const char request[] = "POST /s HTTP/1.1\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n";

	(void)state;
	for (int many = 0; many < 2; many++) {
		static struct stage_flow flows[60];
		struct stage *stage = stage_new(&detector_http_flood);
		int connections = many ? 60 : 20;

		for (int round = 0; round < 5; round++)
			for (int i = 0; i < connections; i++) {
				stage_at(stage, 10 + round * 12 + i * 0.01);
				if (round == 0) {
					flows[i] =
					    connection(stage, "91.44.7.9",
						"shop/web", VERDICT_ALLOWED);
					stage_message(stage, &flows[i],
					    MESSAGE_HTTP_REQUEST, true, 0,
					    request, sizeof(request) - 1);
				}
				stage_send(stage, &flows[i], true, 2, 160);
				stage_progress(stage, &flows[i]);
			}
		assert_int_equal(stage_findings(stage, 0), many);
		stage_free(stage);
	}
}

static void
requests_that_do_not_end_are_found(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	dribble(stage, 50, "shop/bad", false);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, SLOW)->subject, "shop/bad");
	stage_free(stage);
	stage = stage_new(&detector_http_flood);
	dribble(stage, 200, "203.0.113.", false);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, SLOW)->subject, "shop/web");
	stage_free(stage);
}

/* One host may have as many addresses of its network as it likes. */
static void
one_network_of_ipv6_is_one_client(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);

	(void)state;
	for (int host = 1; host <= 4; host++)
		dribble(
		    stage, 12, stage_numbered("2001:db8:9:7::", host), false);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(
	    stage_found(stage, SLOW)->subject, "2001:db8:9:7::1");
	/* Another's network is another client. */
	dribble(stage, 12, "2001:db8:9:8::1", false);
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

/* Passwords of a database: said by brute-force, and no flood besides. */
static void
guesses_are_no_flood(void **state)
{
	(void)state;
	for (int fails = 0; fails < 2; fails++) {
		struct stage *stage = stage_new(&detector_http_flood);

		for (int i = 0; i < 2000; i++) {
			struct stage_flow flow;

			stage_at(stage, 10 + i * 0.001);
			flow = stage_flow(
			    stage, "shop/bad", "shop/db", PROTOCOL_TCP, 3306);
			flow.sighting.verdict = VERDICT_DEVIATION;
			stage_answer(&flow, APPLICATION_MYSQL);
			flow.flow.tcp_flags[0] |= TCP_ACK;
			stage_ready(stage, &flow);
			stage_message(stage, &flow, MESSAGE_AUTHENTICATION,
			    false, (uint32_t)fails, "denied", 6);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), !fails);
		stage_free(stage);
	}
}

static void
few_or_answered_ones_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);
	struct stage_flow polls[50];

	(void)state;
	dribble(stage, 8, "shop/a", false);
	stage_free(stage);
	stage = stage_new(&detector_http_flood);
	/* As websockets do. */
	dribble(stage, 200, "shop/b", true);
	/* Long polls: one request, and then silence. */
	for (int i = 0; i < 50; i++) {
		polls[i] =
		    connection(stage, "shop/c", "shop/web", VERDICT_ALLOWED);
		stage_send(stage, &polls[i], true, 1, 300);
		stage_progress(stage, &polls[i]);
	}
	stage_at(stage, 100);
	for (int i = 0; i < 50; i++) {
		polls[i].flow.last = stage->now;
		stage_progress(stage, &polls[i]);
	}
	/* Of a pool: opened long ago, asked something now. */
	for (int i = 0; i < 50; i++) {
		polls[i] =
		    connection(stage, "shop/e", "shop/web", VERDICT_ALLOWED);
		polls[i].flow.first.ns -= 60 * NS_PER_SECOND;
		stage_send(stage, &polls[i], true, 1, 300);
		stage_progress(stage, &polls[i]);
	}
	/* Uploads over a slow link. */
	for (int i = 0; i < 50; i++) {
		polls[i] =
		    connection(stage, "shop/d", "shop/web", VERDICT_ALLOWED);
		polls[i].flow.first.ns -= 60 * NS_PER_SECOND;
		stage_send(stage, &polls[i], true, 100, 140000);
		stage_progress(stage, &polls[i]);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
strangers_do_not_exhaust_it(void **state)
{
	struct stage *stage = stage_new(&detector_http_flood);
	struct stage_flow flow =
	    connection(stage, "203.0.113.1", "shop/web", VERDICT_ALLOWED);

	(void)state;
	for (uint64_t i = 1; i <= 500000; i++) {
		flow.sighting.client.key = i * UINT64_C(0x9e3779b97f4a7c15);
		ask(stage, &flow);
	}
	assert_in_range(detectors_counts_of(stage->row, 0).held, 1, 8200);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strange_requests_on_one_connection_flood),
	    cmocka_unit_test(strange_connections_in_tls_flood),
	    cmocka_unit_test(connections_that_began_before_are_no_flood),
	    cmocka_unit_test(
		many_clients_of_the_outside_flood_what_they_may_ask),
	    cmocka_unit_test(a_load_spike_of_known_clients_is_none),
	    cmocka_unit_test(a_sale_is_none_but_fast_strangers_are),
	    cmocka_unit_test(what_many_ask_a_gateway_is_none),
	    cmocka_unit_test(a_spike_of_young_clients_inside_is_none),
	    cmocka_unit_test(a_sale_of_pages_with_files_is_none),
	    cmocka_unit_test(who_asks_for_others_teaches),
	    cmocka_unit_test(streams_are_none_unless_very_many),
	    cmocka_unit_test(visitors_do_not_hide_who_floods),
	    cmocka_unit_test(a_crowd_inside_is_none),
	    cmocka_unit_test(thirty_after_few_visitors_flood),
	    cmocka_unit_test(a_stranger_floods_what_nobody_knows_yet),
	    cmocka_unit_test(whoever_was_known_may_not_flood_for_it),
	    cmocka_unit_test(requests_that_do_not_end_are_found),
	    cmocka_unit_test(one_network_of_ipv6_is_one_client),
	    cmocka_unit_test(guesses_are_no_flood),
	    cmocka_unit_test(few_or_answered_ones_are_none),
	    cmocka_unit_test(strangers_do_not_exhaust_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
