/*
 * What is tried in vain and is no scan: monitors' rounds, floods over ports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/detector_stage.h"
#include "tests/unit/attempts.h"

#define SCAN 2001

/* Filled, alike and fast, at one host: a flood over its ports. */
static void
what_pours_is_no_scan(void **state)
{
	static const struct {
		double pause;
		uint64_t octets;
		int hosts;
		size_t findings;
	} cases[] = {{0.001, 92, 1, 0}, {0.001, 28, 1, 1}, {0.1, 92, 1, 1},
	    {0.001, 92, 2, 1}};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct stage *stage = stage_new(&detector_scan);

		for (int i = 0; i < 200; i++) {
			struct stage_flow flow;

			stage_at(stage, 10 + i * cases[c].pause);
			flow = attempt(stage, "shop/a",
			    stage_numbered("shop/s", i % cases[c].hosts),
			    PROTOCOL_UDP, (uint16_t)(100 + i));
			flow.flow.octets[0] = cases[c].octets;
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), cases[c].findings);
		stage_free(stage);
	}
}

/*
 * Connects and closes, thirty targets of which some refuse, in rounds of half a
 * minute; whoever goes on to others after five minutes looks around.
 */
static size_t
scans_of_checks(int rounds, int moves, int refuse, bool nobodys)
{
	struct stage *stage = stage_new(&detector_scan);
	size_t findings;

	for (int r = 0; r < rounds; r++)
		for (int i = 0; i < 30; i++) {
			struct stage_flow flow;

			stage_at(stage, r * 30.0);
			flow = stage_flow(stage, "ops/uptime",
			    stage_numbered("shop/s", i + r * moves),
			    PROTOCOL_TCP, 80);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			if (nobodys)
				stage_end_of(stage,
				    stage_numbered("shop/s", i + r * moves))
				    ->party.attribution =
				    ATTRIBUTION_UNATTRIBUTED;
			if (i % 10 < refuse)
				stage_refuse(&flow);
			else
				stage_answer(&flow, APPLICATION_UNKNOWN);
			stage_over(stage, &flow);
		}
	findings = stage_findings(stage, SCAN);
	stage_free(stage);
	return findings;
}

static void
checks_in_rounds_are_none(void **state)
{
	(void)state;
	/* All accept; a third, more than half refuse. */
	assert_int_equal(scans_of_checks(1, 0, 0, false), 0);
	for (int refuse = 3; refuse < 7; refuse += 3) {
		assert_int_equal(scans_of_checks(1, 0, refuse, false), 0);
		assert_int_equal(scans_of_checks(40, 0, refuse, false), 0);
		assert_int_equal(scans_of_checks(12, 30, refuse, false), 1);
	}
	/* Addresses that nobody held are nobody's targets. */
	assert_int_equal(scans_of_checks(1, 0, 6, true), 1);
	/* Hardly any accepts. */
	assert_int_equal(scans_of_checks(1, 0, 9, false), 1);
}

/* A balancer before a cluster: five ports of each of six nodes. */
static void
checks_of_several_ports_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct stage_flow flow = stage_flow(stage, "198.51.100.9",
		    stage_numbered("shop/s", i % 6), PROTOCOL_TCP,
		    (uint16_t)(30000 + i / 6));

		flow.sighting.verdict = VERDICT_UNMODELLED;
		stage_answer(&flow, APPLICATION_UNKNOWN);
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/*
 * A monitor connects to sixteen targets, of which a quarter refuses, and hears
 * of those first; of a scan's many more do.
 */
static void
checks_of_which_a_quarter_is_down_are_none(void **state)
{
	(void)state;
	for (int scan = 0; scan < 2; scan++) {
		struct stage *stage = stage_new(&detector_scan);

		for (int i = 0; i < (scan ? 54 : 16); i++) {
			struct stage_flow flow = attempt(stage, "ops/uptime",
			    stage_numbered("shop/s", i), PROTOCOL_TCP, 80);

			if (i < 4 || i >= 16)
				stage_refuse(&flow);
			else
				stage_answer(&flow, APPLICATION_UNKNOWN);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, SCAN), scan);
		stage_free(stage);
	}
}

/* Half of what a monitor asks is down: three ports of each of many servers, of
 * which others serve; of one server alone it is a knock. */
static void
who_fails_at_many_servers_does_not_knock(void **state)
{
	(void)state;
	for (int servers = 1; servers <= 12; servers += 11) {
		struct stage *stage = stage_new(&detector_scan);

		for (int i = 0; i < servers * 3; i++) {
			struct stage_flow flow;

			stage_at(stage, 10 + i * 0.1);
			flow = attempt(stage, "ops/prometheus",
			    stage_numbered("shop/s", i / 3), PROTOCOL_TCP,
			    (uint16_t)(9000 + i % 3));
			stage_refuse(&flow);
			stage_over(stage, &flow);
		}
		for (int i = 0; i < servers; i++) {
			struct stage_flow flow;

			stage_at(stage, 20 + i * 0.1);
			flow = attempt(stage, "ops/prometheus",
			    stage_numbered("shop/s", i), PROTOCOL_TCP, 8080);
			stage_answer(&flow, APPLICATION_HTTP);
			stage_send(stage, &flow, true, 1, 400);
			stage_send(stage, &flow, false, 3, 3000);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 2003), servers == 1);
		stage_free(stage);
	}
}

/* The first round of a monitor is one whoever made its image. */
static size_t
scans_of_a_round(const char *image, uint8_t protocol)
{
	struct stage *stage = stage_new(&detector_scan);
	struct container container = {
	    .name = "one", .image = {image, "", image, image, "", ""}};
	struct stage_end *end = stage_end_of(stage, "ops/watch");
	size_t findings;

	end->workload.containers = &container;
	end->workload.container_count = 1;
	for (int i = 0; i < 20; i++) {
		struct stage_flow flow;

		stage_at(stage, 10 + i * 0.1);
		flow = attempt(stage, "ops/watch", stage_numbered("shop/s", i),
		    protocol, 0);
		if (protocol == PROTOCOL_ICMP) {
			flow.flow.icmp_type = 8;
			stage_answer(&flow, APPLICATION_ICMP);
		} else {
			stage_refuse(&flow);
		}
		stage_over(stage, &flow);
	}
	findings = stage_findings(stage, SCAN);
	stage_free(stage);
	return findings;
}

static void
images_that_monitor_ask_who_is_there(void **state)
{
	(void)state;
	assert_int_equal(scans_of_a_round("our-own", PROTOCOL_ICMP), 1);
	assert_int_equal(scans_of_a_round("icinga2", PROTOCOL_ICMP), 0);
	assert_int_equal(
	    scans_of_a_round("zabbix-server-mysql", PROTOCOL_ICMP), 0);
	assert_int_equal(scans_of_a_round("zabbix-agent", PROTOCOL_ICMP), 1);
	assert_int_equal(scans_of_a_round("icinga2", PROTOCOL_TCP), 1);
}

static void
watch(struct stage *stage, int host, uint8_t protocol, bool down)
{
	struct stage_flow flow =
	    attempt(stage, "ops/watch", stage_numbered("shop/s", host),
		protocol, protocol == PROTOCOL_TCP ? 80 : 0);

	if (!down && protocol == PROTOCOL_ICMP)
		stage_send(stage, &flow, false, 1, 84);
	else if (!down)
		stage_answer(&flow, APPLICATION_UNKNOWN);
	stage_over(stage, &flow);
}

/*
 * Hosts that a monitor's image connects to and pings each half a minute.  Half
 * of them are down, which is told later, as pings are.
 */
static size_t
scans_of_half_checks(int checked, int pinged)
{
	struct container container = {.name = "one",
	    .image = {"blackbox-exporter", "", "blackbox-exporter",
		"blackbox-exporter", "", ""}};
	struct stage *stage = stage_new(&detector_scan);
	struct stage_end *end = stage_end_of(stage, "ops/watch");

	size_t findings;

	end->workload.containers = &container;
	end->workload.container_count = 1;
	for (int round = 0; round < 4; round++) {
		stage_at(stage, round * 30);
		for (int i = 0; i < checked; i += 2)
			watch(stage, i, PROTOCOL_TCP, false);
		for (int i = 0; i < pinged; i++) {
			watch(stage, i, PROTOCOL_ICMP, i % 2 != 0);
			if (i % 2 != 0 && i < checked)
				watch(stage, i, PROTOCOL_TCP, true);
		}
	}
	findings = stage_findings(stage, 0);
	stage_free(stage);
	return findings;
}

/* More than are known one by one; and more pings than connections. */
static void
half_of_checks_may_be_down(void **state)
{
	(void)state;
	assert_int_equal(scans_of_half_checks(90, 90), 0);
	assert_int_equal(scans_of_half_checks(20, 34), 0);
}

/*
 * TFTP: what is asked of port 69 is answered from another port to the port that
 * asked, by who has twenty clients; to other ports of theirs nobody answers.
 */
static void
answers_from_another_port_are_no_attempts(void **state)
{
	(void)state;
	for (uint16_t beside = 0; beside < 2; beside++) {
		struct stage *stage = stage_new(&detector_scan);

		for (int i = 0; i < 20; i++) {
			struct stage_flow flow =
			    attempt(stage, stage_numbered("shop/c", i),
				"shop/boot", PROTOCOL_UDP, 69);

			flow.flow.ends[0].port = 40000;
			stage_over(stage, &flow);
			flow = attempt(stage, "shop/boot",
			    stage_numbered("shop/c", i), PROTOCOL_UDP,
			    (uint16_t)(40000 + beside));
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, SCAN), beside);
		stage_free(stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(half_of_checks_may_be_down),
	    cmocka_unit_test(answers_from_another_port_are_no_attempts),
	    cmocka_unit_test(images_that_monitor_ask_who_is_there),
	    cmocka_unit_test(what_pours_is_no_scan),
	    cmocka_unit_test(checks_in_rounds_are_none),
	    cmocka_unit_test(checks_of_several_ports_are_none),
	    cmocka_unit_test(checks_of_which_a_quarter_is_down_are_none),
	    cmocka_unit_test(who_fails_at_many_servers_does_not_knock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
