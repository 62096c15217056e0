/*
 * Where detectors draw the line: pairs that differ in one thing, of which one
 * is found and the other is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/detector_acts.h"

/* Calls whose pauses are in turns so much shorter and longer than a minute. */
static size_t
calls_found(int count, double jitter)
{
	struct stage *stage = stage_new(&detector_beacon);
	double at = 10;
	size_t found;

	for (int i = 0; i < count; i++) {
		stage_at(stage, at);
		act_call_home(stage, CART, i);
		at += 60 * (1 + (i % 2 == 0 ? jitter : -jitter));
	}
	found = stage_findings(stage, 2030);
	stage_free(stage);
	return found;
}

/* Chance makes a few look regular. */
static void
few_events_have_to_vary_less(void **state)
{
	(void)state;
	assert_int_equal(calls_found(12, 0.1), 1);
	assert_int_equal(calls_found(12, 0.33), 0);
	assert_int_equal(calls_found(40, 0.33), 1);
}

/* What a client of the outside asks in ten seconds that asked 200 before. */
static size_t
requests_found(int count)
{
	struct stage *stage = stage_new(&detector_http_flood);
	struct stage_flow flow =
	    stage_flow(stage, STRANGER, "shop/web", PROTOCOL_TCP, 80);
	size_t found;

	for (int bin = 0; bin < 40; bin++) {
		int asked = bin < 34 ? 200 : count;

		for (int i = 0; i < asked; i++) {
			stage_at(stage, 10 * (bin + 1.0 * i / asked));
			act_ask(stage, &flow);
		}
	}
	found = stage_findings(stage, 2013);
	stage_free(stage);
	return found;
}

static void
who_is_known_may_ask_ten_times_as_much(void **state)
{
	(void)state;
	assert_int_equal(requests_found(1900), 0);
	assert_int_equal(requests_found(7000), 1);
}

/* Who asks for others is not flooding, whoever looks. */
static void
a_resolver_floods_nobody(void **state)
{
	struct label label = {"k8s-app", "kube-dns"};

	(void)state;
	for (int labelled = 0; labelled < 2; labelled++) {
		struct stage *stage = stage_new(&detector_dns_load);

		if (labelled == 1)
			stage_end_of(stage, CART)->workload.labels =
			    (struct labels){&label, 1};
		for (int i = 0; i < 6000; i++)
			act_ask_for_little(stage, CART, i);
		assert_int_equal(stage_findings(stage, 2057), !labelled);
		stage_free(stage);
	}
}

/* Flows of one datagram each to forty ports of somebody. */
static void
calls_by_telephone_are_no_scan(void **state)
{
	static const enum application media[] = {APPLICATION_RTP,
	    APPLICATION_RTCP, APPLICATION_STUN, APPLICATION_UNKNOWN};

	(void)state;
	for (size_t kind = 0; kind < 4; kind++) {
		struct stage *stage = stage_new(&detector_scan);

		for (int i = 0; i < 40; i++) {
			struct stage_flow flow = stage_flow(stage, CART,
			    "shop/db", PROTOCOL_UDP, (uint16_t)(100 + 2 * i));

			stage_at(stage, i);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			flow.sighting.appid =
			    (struct appid){.application = media[kind],
				.confidence = kind < 3 ? APP_DPI : APP_NONE};
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 2001), kind == 3);
		stage_free(stage);
	}
}

/* The same two servers, each by its own image and by the other's. */
static void
a_banner_is_its_images(void **state)
{
	static const struct {
		const char *image, *banner;
		bool found;
	} cases[] = {{"mysql", "8.0.36", false},
	    {"mysql", "5.5.5-10.11.6-MariaDB", true},
	    {"mariadb", "5.5.5-10.11.6-MariaDB", false},
	    {"mariadb", "8.0.36", true}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct stage *stage = stage_new(&detector_impostors);
		const char *image = cases[i].image;
		struct container container = {
		    .name = "one", .image = {image, "", image, image, "", ""}};
		struct workload *server =
		    &stage_end_of(stage, "shop/db")->workload;
		struct stage_flow flow =
		    stage_flow(stage, CART, "shop/db", PROTOCOL_TCP, 3306);

		server->containers = &container;
		server->container_count = 1;
		stage_answer(&flow, APPLICATION_MYSQL);
		stage_message(stage, &flow, MESSAGE_BANNER, false, 0,
		    cases[i].banner, strlen(cases[i].banner));
		assert_int_equal(stage_findings(stage, 2075), cases[i].found);
		stage_free(stage);
	}
}

/* By the name that was asked for, and by one that the address was answered
 * for, of several. */
static void
a_pool_is_known_by_each_of_its_names(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++) {
		struct stage *stage = stage_new(&detector_mining);
		struct outside *outside =
		    &stage_end_of(stage, STRANGER)->outside;
		struct stage_flow flow = unmodelled(stage, CART, STRANGER, 443);

		outside->server_name = way == 1 ? "pool.minexmr.com" : NULL;
		outside->names[0] = "cdn.example";
		outside->names[1] =
		    way == 2 ? "pool.minexmr.com" : "www.example";
		outside->name_count = 2;
		stage_answer(&flow, APPLICATION_TLS);
		stage_ready(stage, &flow);
		assert_int_equal(stage_findings(stage, 2081), way > 0);
		stage_free(stage);
	}
}

/* A server that speaks first and says what people type first, and is
 * answered; a client that does so asks something. */
static void
commands_of_the_server_are_a_shell(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct stage *stage = stage_new(&detector_shells);
		struct stage_flow flow = unmodelled(stage, CART, STRANGER, 443);

		stage_answer(&flow, APPLICATION_UNKNOWN);
		stage_message(
		    stage, &flow, MESSAGE_OPENING, first != 0, 0, "id\n", 3);
		stage_message(
		    stage, &flow, MESSAGE_OPENING, first == 0, 0, "?!", 2);
		assert_int_equal(stage_findings(stage, 2085), first == 0);
		stage_free(stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(few_events_have_to_vary_less),
	    cmocka_unit_test(who_is_known_may_ask_ten_times_as_much),
	    cmocka_unit_test(a_resolver_floods_nobody),
	    cmocka_unit_test(calls_by_telephone_are_no_scan),
	    cmocka_unit_test(a_banner_is_its_images),
	    cmocka_unit_test(a_pool_is_known_by_each_of_its_names),
	    cmocka_unit_test(commands_of_the_server_are_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
