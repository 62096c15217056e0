/*
 * What looks like an attack and is none: servers that went away, clients that
 * look for them, resolvers.  Each beside what differs in one thing and is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/detector_stage.h"
#include "tests/unit/attempts.h"

#define SCAN      2001
#define KNOCK     2003
#define SYN_FLOOD 2010
#define BEACON    2030
#define LONG      2032
#define IMPOSTOR  2075

/* Begun, and goes on unless it is over. */
static void
served(struct stage *stage, const char *client, const char *server,
    uint16_t port, bool over)
{
	struct stage_flow flow =
	    attempt(stage, client, server, PROTOCOL_TCP, port);

	stage_answer(&flow, APPLICATION_UNKNOWN);
	stage_send(stage, &flow, true, 1, 400);
	stage_send(stage, &flow, false, 3, 3000);
	if (over)
		stage_over(stage, &flow);
	else
		stage_progress(stage, &flow);
}

/* --- a server that is away ------------------------------------------------ */

/* Sources that try one dead port, each so many times a second for a minute. */
static size_t
tries(const char *names, int sources, double each, enum verdict_kind verdict)
{
	struct stage *stage = stage_new(&detector_flood);
	size_t found;

	for (int i = 0; i < (int)(sources * each * 60); i++) {
		struct stage_flow flow;

		stage_at(stage, 100 + i / (sources * each));
		flow = attempt(stage, stage_numbered(names, i % sources),
		    "shop/web", PROTOCOL_TCP, 80);
		flow.sighting.verdict = verdict;
		stage_over(stage, &flow);
	}
	found = stage_findings(stage, SYN_FLOOD);
	stage_free(stage);
	return found;
}

/* Each try is one SYN: the client gives up after half a second. */
static void
clients_that_try_again_are_no_flood(void **state)
{
	const enum verdict_kind none = VERDICT_UNMODELLED;

	(void)state;
	assert_int_equal(tries("shop/client", 40, 2, none), 0);
	assert_int_equal(tries("203.0.113.", 40, 2, none), 1);  /* not ours */
	assert_int_equal(tries("shop/client", 8, 90, none), 1); /* no wait */
	assert_int_equal(tries("shop/client", 1, 60, none), 1);
	assert_int_equal(tries("shop/client", 1, 60, VERDICT_ALLOWED), 0);
	assert_int_equal(tries("shop/client#", 9, 20, none), 0); /* replicas */
}

/* A host with forty ports is started again, and has eight clients. */
static void
a_restart_is_no_knocking(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 6800; port < 6840; port += 8) {
		for (int i = 0; i < 8; i++) {
			stage_at(stage, port * 0.01 + i * 0.001);
			refused(stage, stage_numbered("shop/osd", i),
			    "shop/store", (uint16_t)port);
		}
	}
	for (int i = 0; i < 8; i++)
		served(stage, stage_numbered("shop/osd", i), "shop/store", 7,
		    true);
	assert_int_equal(stage_findings(stage, KNOCK), 0);
	/* The same by one alone. */
	for (int port = 100; port < 500; port += 100)
		refused(stage, "shop/one", "shop/door", (uint16_t)port);
	served(stage, "shop/one", "shop/door", 22, true);
	assert_int_equal(stage_findings(stage, KNOCK), 1);
	stage_free(stage);
}

/* Four workloads lose twenty ports of a host; and one tries as many alone. */
static void
a_host_that_is_away_is_not_scanned(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 0; port < 20; port++) {
		stage_at(stage, port * 0.1);
		for (int i = 0; i < 4; i++)
			refused(stage, stage_numbered("shop/osd", i),
			    "shop/store", (uint16_t)(6800 + 8 * port));
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int port = 0; port < 200; port++)
		refused(stage, "shop/osd0", "shop/store",
		    (uint16_t)(100 + 8 * port));
	assert_int_equal(stage_findings(stage, SCAN), 1);
	stage_free(stage);
}

/* --- who looks for others ------------------------------------------------- */

/* Of each host one port serves and the next two are closed. */
static size_t
members(uint16_t apart, bool served_first)
{
	struct stage *stage = stage_new(&detector_scan);
	size_t found;

	for (int i = 0; i < 9; i++) {
		const char *host = stage_numbered("shop/member", i);

		stage_at(stage, 1 + i);
		if (served_first)
			served(stage, "shop/one", host, 5701, false);
		refused(stage, "shop/one", host, (uint16_t)(5701 + apart));
		refused(stage, "shop/one", host, (uint16_t)(5702 + apart));
		refused(stage, "shop/one", host, (uint16_t)(5703 + apart));
		if (!served_first)
			served(stage, "shop/one", host, 5701, false);
	}
	found = stage_findings(stage, SCAN);
	stage_free(stage);
	return found;
}

static void
the_next_ports_of_a_member_are_no_scan(void **state)
{
	(void)state;
	assert_int_equal(members(0, true), 0);
	assert_int_equal(members(0, false), 0);
	assert_int_equal(members(1000, true), 1);
	assert_int_equal(members(1000, false), 1);
}

/* Questions that nobody answers, to as many hosts. */
static size_t
asks(const char *hosts, uint16_t from, uint16_t port,
    enum application application)
{
	struct stage *stage = stage_new(&detector_scan);
	size_t found;

	for (int i = 0; i < 40; i++) {
		struct stage_flow flow;

		stage_at(stage, i);
		flow = attempt(stage, "shop/one", stage_numbered(hosts, i),
		    PROTOCOL_UDP, port);
		flow.flow.ends[0].port = from;
		flow.sighting.appid.application = application;
		flow.sighting.appid.confidence =
		    application == APPLICATION_UNKNOWN ? APP_NONE : APP_DPI;
		stage_over(stage, &flow);
	}
	found = stage_findings(stage, SCAN);
	stage_free(stage);
	return found;
}

static void
what_is_not_answered_in_the_end_is_no_scan(void **state)
{
	(void)state;
	assert_int_equal(asks("203.0.113.", 4000, 53, APPLICATION_DNS), 0);
	assert_int_equal(asks("shop/host", 4000, 53, APPLICATION_DNS), 1);
	assert_int_equal(asks("203.0.113.", 4000, 53, APPLICATION_UNKNOWN), 1);
	assert_int_equal(asks("shop/host", 67, 68, APPLICATION_UNKNOWN), 0);
	assert_int_equal(asks("shop/host", 4000, 68, APPLICATION_UNKNOWN), 1);
}

/* A host of each lease is asked whether it is there; or nothing is leased. */
static void
leased_addresses_are_asked_for(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 80; i++) {
		const char *host = stage_numbered("shop/host", i);
		struct stage_flow flow = attempt(stage,
		    i < 40 ? "shop/dhcp" : "shop/one", host, PROTOCOL_ICMP, 0);

		flow.flow.icmp_type = 8;
		stage_at(stage, i);
		stage_over(stage, &flow);
		flow = attempt(stage, "shop/dhcp", host, PROTOCOL_UDP, 68);
		flow.flow.ends[0].port = 67;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, SCAN), 1);
	assert_string_equal(stage_found(stage, SCAN)->subject, "shop/one");
	stage_free(stage);
}

/* Each dead member is asked by datagram and by TCP. */
static size_t
gossips(int members)
{
	struct stage *stage = stage_new(&detector_scan);
	size_t found;

	for (int i = 0; i < members; i++) {
		const char *host = stage_numbered("shop/member", i);
		struct stage_flow flow =
		    attempt(stage, "shop/one", host, PROTOCOL_UDP, 8301);

		stage_at(stage, i);
		stage_over(stage, &flow);
		refused(stage, "shop/one", host, 8301);
	}
	found = stage_findings(stage, SCAN);
	stage_free(stage);
	return found;
}

static void
two_protocols_of_a_port_are_one_target(void **state)
{
	(void)state;
	assert_int_equal(gossips(9), 0);
	assert_int_equal(gossips(16), 1);
}

/* Twelve calls, so many hours apart. */
static size_t
calls(double hours)
{
	struct stage *stage = stage_new(&detector_beacon);
	size_t found;

	for (int i = 0; i < 14; i++) {
		struct stage_flow flow;

		stage_at(stage, 1 + i * hours * 3600);
		flow = attempt(
		    stage, "shop/one", "203.0.113.9", PROTOCOL_TCP, 444);
		stage_answer(&flow, APPLICATION_UNKNOWN);
		stage_send(stage, &flow, true, 1, 400);
		stage_send(stage, &flow, false, 3, 3000);
		stage_over(stage, &flow);
	}
	found = stage_findings(stage, BEACON);
	stage_free(stage);
	return found;
}

static void
a_daily_job_is_no_beacon(void **state)
{
	(void)state;
	assert_int_equal(calls(24), 0);
	assert_int_equal(calls(1), 1);
}

/* Three hours of it. */
static size_t
stays(uint8_t protocol, uint16_t port)
{
	struct stage *stage = stage_new(&detector_long_connection);
	struct stage_flow flow =
	    attempt(stage, "shop/one", "203.0.113.9", protocol, port);
	size_t found;

	stage_answer(&flow, APPLICATION_UNKNOWN);
	for (int i = 1; i < 180; i++) {
		stage_at(stage, 60 * i);
		stage_send(stage, &flow, true, 60, 5000);
		stage_send(stage, &flow, false, 60, 5000);
		stage_progress(stage, &flow);
	}
	found = stage_findings(stage, LONG);
	stage_free(stage);
	return found;
}

static void
pings_are_no_connection(void **state)
{
	(void)state;
	assert_int_equal(stays(PROTOCOL_ICMP, 0), 0);
	assert_int_equal(stays(PROTOCOL_TCP, 444), 1);
}

/* An image of Redis that serves HTTP on a port. */
static size_t
serves_http(uint16_t port, enum verdict_kind verdict)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct stage *stage = stage_new(&detector_impostors);
	struct container container = {
	    .name = "one", .image = {"redis", "", "redis", "redis", "", ""}};
	struct stage_end *end = stage_end_of(stage, "shop/cache");
	struct stage_flow flow;
	size_t found;

	end->workload.containers = &container;
	end->workload.container_count = 1;
	flow = attempt(stage, "mon/prom", "shop/cache", PROTOCOL_TCP, port);
	flow.sighting.verdict = verdict;
	stage_answer(&flow, APPLICATION_HTTP);
	stage_ready(stage, &flow);
	stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE, false, 200, ok,
	    sizeof(ok) - 1);
	found = stage_findings(stage, IMPOSTOR);
	stage_free(stage);
	return found;
}

static void
an_exporter_is_no_impostor(void **state)
{
	(void)state;
	assert_int_equal(serves_http(9121, VERDICT_ALLOWED), 0);
	assert_int_equal(serves_http(9121, VERDICT_DEVIATION), 1);
	assert_int_equal(serves_http(8000, VERDICT_ALLOWED), 1);
}

/* The tap has the servers' packets alone. */
static void
one_side_of_connections_is_no_scan(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct stage_flow flow = attempt(stage, "shop/one",
		    stage_numbered("shop/host", i), PROTOCOL_TCP, 80);

		stage_at(stage, i);
		stage_answer(&flow, APPLICATION_UNKNOWN);
		flow.flow.packets[0] = flow.flow.octets[0] = 0;
		flow.flow.tcp_flags[0] = 0;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clients_that_try_again_are_no_flood),
	    cmocka_unit_test(a_restart_is_no_knocking),
	    cmocka_unit_test(a_host_that_is_away_is_not_scanned),
	    cmocka_unit_test(the_next_ports_of_a_member_are_no_scan),
	    cmocka_unit_test(what_is_not_answered_in_the_end_is_no_scan),
	    cmocka_unit_test(leased_addresses_are_asked_for),
	    cmocka_unit_test(two_protocols_of_a_port_are_one_target),
	    cmocka_unit_test(a_daily_job_is_no_beacon),
	    cmocka_unit_test(an_exporter_is_no_impostor),
	    cmocka_unit_test(pings_are_no_connection),
	    cmocka_unit_test(one_side_of_connections_is_no_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
