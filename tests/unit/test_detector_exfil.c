/* Exfiltration by volume, and tunnels in pings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/outside.h"
#include "detector_stage.h"

#define HOUR 3600.0
#define DAY  86400.0

/* One upload, seen as it goes on and when it ends. */
static void
upload(struct stage *stage, const char *client, const char *server,
    enum verdict_kind verdict, uint64_t out, uint64_t in)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);

	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = verdict;
	stage_ready(stage, &flow);
	for (int i = 0; i < 4; i++) {
		stage_send(stage, &flow, true, out / 5600 + 1, out / 4);
		stage_send(stage, &flow, false, in / 5600 + 1, in / 4);
		stage_progress(stage, &flow);
	}
	stage_finish(stage, &flow);
}

static void
test_a_forbidden_upload(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	upload(stage, "bank/db", "203.0.113.80", VERDICT_DEVIATION, 3000000,
	    90000);
	assert_int_equal(stage_findings(stage, 0), 0);
	upload(stage, "bank/db", "203.0.113.80", VERDICT_DEVIATION, 12000000,
	    300000);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2065)->subject, "bank/db");
	assert_string_equal(stage_found(stage, 2065)->object, "203.0.113.80");
	assert_non_null(strstr(
	    stage_found(stage, 2065)->evidence, "\"verdict\":\"deviation\""));
	stage_free(stage);
}

/* What a name server inside tells a stranger by UDP may be meant for a victim;
 * by TCP it is fetched. */
static void
test_answers_of_dns_are_no_upload(void **state)
{
	static const uint8_t protocols[] = {PROTOCOL_UDP, PROTOCOL_TCP};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stage *stage = stage_new(&detector_exfil);
		struct stage_flow flow = stage_flow(
		    stage, "203.0.113.80", "kube/dns", protocols[i], 53);

		flow.sighting.verdict = VERDICT_DEVIATION;
		stage_answer(&flow, APPLICATION_DNS);
		stage_send(stage, &flow, false, 6000, 8000000);
		stage_over(stage, &flow);
		assert_int_equal(stage_findings(stage, 2065), i);
		stage_free(stage);
	}
}

/* The media of a call; not what is faster, or a model forbids, or is none. */
static void
calls_are_no_upload(void **state)
{
	static const struct {
		enum application application;
		enum verdict_kind verdict;
		uint64_t octets;
		size_t findings;
	} cases[] = {
	    {APPLICATION_RTP, VERDICT_UNMODELLED, 90000000, 0},
	    {APPLICATION_STUN, VERDICT_UNKNOWN, 90000000, 0},
	    {APPLICATION_RTP, VERDICT_UNMODELLED, 900000000, 1},
	    {APPLICATION_RTP, VERDICT_DEVIATION, 90000000, 1},
	    {APPLICATION_UNKNOWN, VERDICT_UNMODELLED, 90000000, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage *stage = stage_new(&detector_exfil);
		struct stage_flow flow = stage_flow(
		    stage, "office/pc", "203.0.113.80", PROTOCOL_UDP, 3479);

		flow.sighting.verdict = cases[i].verdict;
		stage_answer(&flow, cases[i].application);
		stage_at(stage, 400);
		stage_send(stage, &flow, true, 90000, cases[i].octets);
		stage_send(stage, &flow, false, 20000, 9000000);
		stage_over(stage, &flow);
		assert_int_equal(
		    stage_findings(stage, 2065), cases[i].findings);
		stage_free(stage);
	}
}

/* In active mode the server opens what its client asked for. */
static void
files_by_ftp_were_asked_for(void **state)
{
	static const struct {
		bool controlled;
		uint16_t port;
		enum verdict_kind verdict;
		size_t findings;
	} cases[] = {
	    {true, 20, VERDICT_UNMODELLED, 0},
	    {false, 20, VERDICT_UNMODELLED, 1},
	    {true, 50020, VERDICT_UNMODELLED, 1},
	    {true, 20, VERDICT_DEVIATION, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage *stage = stage_new(&detector_exfil);
		struct stage_flow control = stage_flow(
		    stage, "203.0.113.80", "shop/ftp", PROTOCOL_TCP, 21);
		struct stage_flow data = stage_flow(
		    stage, "shop/ftp", "203.0.113.80", PROTOCOL_TCP, 51200);

		if (cases[i].controlled) {
			stage_answer(&control, APPLICATION_FTP);
			stage_ready(stage, &control);
		}
		data.flow.ends[0].port = cases[i].port;
		data.sighting.verdict = cases[i].verdict;
		stage_answer(&data, APPLICATION_FTP_DATA);
		stage_send(stage, &data, true, 90000, 90000000);
		stage_over(stage, &data);
		assert_int_equal(
		    stage_findings(stage, 2065), cases[i].findings);
		stage_free(stage);
	}
}

/* A service is one destination, however many addresses it has, this night and
 * the next. */
static void
addresses_of_a_name_are_one(void **state)
{
	struct outside outside = {.server_name = "store.example"};
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	for (int night = 0; night < 3; night++) {
		stage_at(stage, night * DAY + 1);
		for (int i = 0; i < 8; i++) {
			struct stage_flow flow;
			char address[32];

			snprintf(
			    address, sizeof(address), "198.51.100.%d", i + 1);
			flow = stage_flow(
			    stage, "bank/db", address, PROTOCOL_TCP, 443);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			flow.sighting.server.outside = &outside;
			stage_answer(&flow, APPLICATION_TLS);
			stage_send(stage, &flow, true, 90000, 90000000);
			stage_over(stage, &flow);
		}
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2065)->about, "store.example");
	stage_free(stage);
}

/* From the flow's first packet to its last, whenever that is told. */
static void
its_evidence_is_the_flows_own(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	struct stage_flow flow;

	(void)state;
	stage_at(stage, 100);
	flow =
	    stage_flow(stage, "shop/carts", "198.51.100.9", PROTOCOL_TCP, 443);
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_TLS);
	stage_at(stage, 120);
	stage_send(stage, &flow, true, 60000, 60000000);
	stage_at(stage, 180);
	stage_over(stage, &flow);
	assert_non_null(strstr(stage_found(stage, 2065)->evidence,
	    "\"first\":\"2023-11-14T22:15:00.000000Z\","
	    "\"last\":\"2023-11-14T22:15:20.000000Z\""));
	stage_free(stage);
}

/* A backup each night, from the first on, and one that was unmodelled but had
 * a small beginning. */
static void
test_backups_are_silent(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	for (int day = 0; day < 10; day++) {
		stage_at(stage, day * DAY + 1);
		upload(stage, "bank/backup", "198.51.100.9", VERDICT_ALLOWED,
		    60000000, 1500000);
		/* By its name, where nobody wrote a model. */
		upload(stage, "shop/nightly-backup", "198.51.100.11",
		    VERDICT_UNMODELLED, 60000000, 1500000);
		/* A download is none, whatever its size. */
		upload(stage, "shop/crawler", "198.51.100.10",
		    VERDICT_DEVIATION, 3000000, 900000000);
		/* Nor is what stays inside. */
		upload(stage, "shop/carts", "shop/carts-db", VERDICT_UNMODELLED,
		    500000000, 1000000);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_more_than_ever_where_it_is_allowed(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	for (int day = 0; day < 5; day++) {
		stage_at(stage, day * DAY + 1);
		upload(stage, "bank/export", "198.51.100.9", VERDICT_ALLOWED,
		    60000000, 1500000);
		upload(stage, "bank/backup", "198.51.100.9", VERDICT_ALLOWED,
		    60000000, 1500000);
	}
	stage_at(stage, 5 * DAY + 10);
	/* The full one of a week, after increments. */
	upload(stage, "bank/backup", "198.51.100.9", VERDICT_ALLOWED,
	    1200000000, 9000000);
	assert_int_equal(stage_findings(stage, 0), 0);
	upload(stage, "bank/backup", "198.51.100.9", VERDICT_ALLOWED, 700000000,
	    9000000);
	assert_int_equal(stage_findings(stage, 2065), 1);
	upload(stage, "bank/export", "198.51.100.9", VERDICT_ALLOWED, 700000000,
	    9000000);
	assert_int_equal(stage_findings(stage, 2065), 2);
	assert_true(stage_found(stage, 2065)->confidence >= 70);
	stage_free(stage);
}

/* Each day a little more than twice: it takes as many days as doublings, and
 * what jumps over that is said. */
static void
test_slow_poisoning_is_slow(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	uint64_t octets = 1000000;

	(void)state;
	/* Ten times more each day: the normal follows by a factor of two, and
	 * on the third day it is said. */
	for (int day = 0; day < 4; day++) {
		stage_at(stage, day * DAY + 1);
		upload(stage, "bank/db", "203.0.113.80", VERDICT_UNMODELLED,
		    octets, octets / 40);
		octets *= 10;
	}
	assert_true(stage_findings(stage, 2065) >= 1);
	stage_free(stage);
	/* Doubling from below the bound gets through: so says the header. */
	stage = stage_new(&detector_exfil);
	octets = 1000000;
	for (int day = 0; day < 8; day++) {
		stage_at(stage, day * DAY + 1);
		upload(stage, "bank/db", "203.0.113.80", VERDICT_UNMODELLED,
		    octets, octets / 40);
		octets *= 2;
	}
	assert_int_equal(stage_findings(stage, 2065), 0);
	stage_free(stage);
}

static void
test_drips_and_many_destinations(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	char address[32];

	(void)state;
	/* 1 MB an hour is below the hour's bound and above the day's. */
	for (int hour = 0; hour < 24; hour++) {
		stage_at(stage, hour * HOUR + 1);
		upload(stage, "bank/db", "203.0.113.80", VERDICT_DEVIATION,
		    1000000, 20000);
	}
	assert_int_equal(stage_findings(stage, 2065), 1);
	stage_free(stage);
	stage = stage_new(&detector_exfil);
	for (int i = 0; i < 30; i++) {
		snprintf(address, sizeof(address), "203.0.113.%d", i + 1);
		upload(
		    stage, "bank/db", address, VERDICT_DEVIATION, 500000, 9000);
	}
	assert_int_equal(stage_findings(stage, 2065), 1);
	assert_string_equal(stage_found(stage, 2065)->object, "");
	stage_free(stage);
}

static void
test_a_consumer_turns(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	for (int hour = 0; hour < 6; hour++) {
		stage_at(stage, hour * HOUR + 1);
		upload(stage, "shop/mirror", "198.51.100.7", VERDICT_ALLOWED,
		    200000, 20000000);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_at(stage, 8 * HOUR);
	upload(stage, "shop/mirror", "198.51.100.7", VERDICT_ALLOWED, 40000000,
	    1000000);
	assert_int_equal(stage_findings(stage, 2066), 1);
	stage_free(stage);
}

static void
test_one_replica_differs(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	char name[32];

	(void)state;
	stage_set(stage, "times", 1000);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "shop/front#%d", i);
		upload(stage, name, "198.51.100.7", VERDICT_UNMODELLED, 100000,
		    900000);
	}
	upload(stage, "shop/front#3", "198.51.100.8", VERDICT_UNMODELLED,
	    7000000, 9000000);
	assert_int_equal(stage_findings(stage, 2067), 0);
	upload(stage, "shop/front#3", "198.51.100.9", VERDICT_UNMODELLED,
	    7900000, 9000000);
	assert_int_equal(stage_findings(stage, 2067), 1);
	stage_free(stage);
}

/* What each replica sends is what the application does; one that sends what no
 * other does is told, and so is what a model forbids to all of them. */
static void
test_replicas_that_send_alike(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	char name[32];

	(void)state;
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "shop/media#%d", i);
			upload(stage, name, "198.51.100.7", VERDICT_UNMODELLED,
			    3000000 + (uint64_t)i * 200000, 60000);
		}
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	/* Less than what goes to the usual destination. */
	upload(stage, "shop/media#2", "203.0.113.80", VERDICT_UNMODELLED,
	    10000000, 150000);
	assert_int_equal(stage_findings(stage, 2065), 1);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "bank/app#%d", i);
		upload(stage, name, "203.0.113.81", VERDICT_DEVIATION, 6000000,
		    60000);
	}
	assert_int_equal(stage_findings(stage, 2065), 2);
	stage_free(stage);
}

/* The first day's uploads where nothing is known are doubtful. */
static void
test_confidence_grows_with_what_is_known(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);

	(void)state;
	upload(stage, "shop/a", "203.0.113.80", VERDICT_UNMODELLED, 12000000,
	    300000);
	assert_int_equal(stage_found(stage, 2065)->confidence, 50);
	stage_free(stage);
	stage = stage_new(&detector_exfil);
	upload(stage, "shop/a", "203.0.113.80", VERDICT_UNMODELLED, 80000000,
	    300000);
	/* Found on the way, when it was 20 MB, and told again at its end. */
	assert_true(stage_found(stage, 2065)->confidence >= 50);
	stage_free(stage);
	stage = stage_new(&detector_exfil);
	upload(
	    stage, "shop/a", "203.0.113.80", VERDICT_UNMODELLED, 100000, 3000);
	stage_at(stage, DAY + 10);
	upload(stage, "shop/a", "203.0.113.80", VERDICT_UNMODELLED, 12000000,
	    300000);
	assert_int_equal(stage_found(stage, 2065)->confidence, 65);
	stage_free(stage);
}

/* Addresses without end do not push out what is known of a workload's normal:
 * the upload is found after them. */
static void
test_destinations_without_end(void **state)
{
	struct stage *stage = stage_new(&detector_exfil);
	char address[32];

	(void)state;
	for (int i = 0; i < 40000; i++) {
		snprintf(address, sizeof(address), "198.%d.%d.%d",
		    18 + i / 40000, i / 250, i % 250);
		upload(
		    stage, "shop/carts", address, VERDICT_UNMODELLED, 60, 60);
		if (i % 20000 == 0)
			upload(stage, "bank/db", "203.0.113.80",
			    VERDICT_DEVIATION, 2500000, 9000);
	}
	assert_int_equal(stage_findings(stage, 2065), 1);
	stage_free(stage);
}

/* --- pings ---------------------------------------------------------------- */

static void
ping(struct stage *stage, struct stage_flow *flow, const uint8_t *payload,
    size_t size, bool same)
{
	uint8_t reply[2048];

	stage_message(stage, flow, MESSAGE_ECHO, true, 0, payload, size);
	memcpy(reply, payload, size);
	for (size_t i = 24; !same && i < size; i++)
		reply[i] = (uint8_t)(reply[i] * 7 + 13);
	stage_message(stage, flow, MESSAGE_ECHO, false, 1, reply, size);
}

static struct stage_flow
echo_flow(struct stage *stage, const char *client, const char *server)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_ICMP, 0);

	stage_answer(&flow, APPLICATION_ICMP);
	return flow;
}

static void
test_ordinary_pings_are_silent(void **state)
{
	static const char windows[] = "abcdefghijklmnopqrstuvwabcdefghi";
	struct stage *stage = stage_new(&detector_icmp_tunnel);
	struct stage_flow flow = echo_flow(stage, "shop/carts", "203.0.113.9");
	uint8_t payload[1472];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		stage_at(stage, i * 0.1);
		/* iputils: 16 octets of time, then counting up from 0x10. */
		for (size_t n = 0; n < 56; n++)
			payload[n] = (uint8_t)(n < 16 ? (unsigned)i * n : n);
		ping(stage, &flow, payload, 56, true);
		for (size_t n = 0; n < 1472; n++)
			payload[n] = (uint8_t)(n < 16 ? (unsigned)i * n : n);
		ping(stage, &flow, payload, 1472, true);
		/* busybox, fping, mtr: zeroes behind a time. */
		memset(payload, 0, sizeof(payload));
		memcpy(payload, &i, sizeof(i));
		ping(stage, &flow, payload, 56, true);
		ping(stage, &flow, (const uint8_t *)windows, 32, true);
		/* A monitor's own text, the same each time. */
		ping(stage, &flow,
		    (const uint8_t *)"Here is the monitor of the shop, "
				     "asking whether you are there.",
		    62, true);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_tunnels_in_pings(void **state)
{
	struct stage *stage = stage_new(&detector_icmp_tunnel);
	struct stage_flow flow = echo_flow(stage, "shop/carts", "203.0.113.9");
	struct stage_flow other = echo_flow(stage, "shop/front", "203.0.113.9");
	struct stage_flow third = echo_flow(stage, "shop/cart3", "203.0.113.9");
	uint8_t payload[1400];
	uint32_t seed = 1;

	(void)state;
	/* Replies that say something of their own. */
	for (int i = 0; i < 20; i++) {
		for (size_t n = 0; n < 100; n++)
			payload[n] =
			    (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
		ping(stage, &flow, payload, 100, false);
	}
	assert_int_equal(stage_findings(stage, 2070), 1);
	assert_true(stage_found(stage, 2070)->confidence >= 90);
	/* A file, 16 octets at a time, by the pattern of ping(8). */
	for (int i = 0; i < 12; i++) {
		for (size_t n = 0; n < 16; n++)
			payload[n] =
			    (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
		for (size_t n = 16; n < 56; n++)
			payload[n] = payload[n - 16];
		ping(stage, &other, payload, 56, true);
	}
	assert_int_equal(stage_findings(stage, 2070), 2);
	/* Large, with somebody's own pattern. */
	for (size_t n = 0; n < sizeof(payload); n++)
		payload[n] = (uint8_t) "move"[n % 4];
	for (int i = 0; i < 9; i++)
		ping(stage, &third, payload, sizeof(payload), true);
	assert_int_equal(stage_findings(stage, 2070), 2);
	ping(stage, &third, payload, sizeof(payload), true);
	assert_int_equal(stage_findings(stage, 2070), 3);
	stage_free(stage);
}

/* A packet a minute is below what ten minutes hold; the header says so. */
static void
test_ping_of_every_size(void **state)
{
	struct stage *stage = stage_new(&detector_icmp_tunnel);
	struct stage_flow flow = echo_flow(stage, "shop/carts", "203.0.113.9");

	(void)state;
	for (size_t size = 1; size <= 64; size++) {
		uint8_t *exact = malloc(size);

		assert_non_null(exact);
		memset(exact, 7, size);
		ping(stage, &flow, exact, size, true);
		free(exact);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_forbidden_upload),
	    cmocka_unit_test(test_answers_of_dns_are_no_upload),
	    cmocka_unit_test(test_backups_are_silent),
	    cmocka_unit_test(test_more_than_ever_where_it_is_allowed),
	    cmocka_unit_test(test_slow_poisoning_is_slow),
	    cmocka_unit_test(test_drips_and_many_destinations),
	    cmocka_unit_test(its_evidence_is_the_flows_own),
	    cmocka_unit_test(calls_are_no_upload),
	    cmocka_unit_test(files_by_ftp_were_asked_for),
	    cmocka_unit_test(addresses_of_a_name_are_one),
	    cmocka_unit_test(test_a_consumer_turns),
	    cmocka_unit_test(test_one_replica_differs),
	    cmocka_unit_test(test_replicas_that_send_alike),
	    cmocka_unit_test(test_confidence_grows_with_what_is_known),
	    cmocka_unit_test(test_destinations_without_end),
	    cmocka_unit_test(test_ordinary_pings_are_silent),
	    cmocka_unit_test(test_tunnels_in_pings),
	    cmocka_unit_test(test_ping_of_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
