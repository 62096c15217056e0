/* Protocols out of order, nDPI's risks, countries met for the first time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alerts/catalog.h"
#include "classifiers/appid.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/http/http_framing.h"
#include "detector_stage.h"
#include "sensor/frame.h"

/* --- framing -------------------------------------------------------------- */

static const char *
framing_of(const char *headers)
{
	char request[1024];
	int size = snprintf(request, sizeof(request),
	    "POST /x HTTP/1.1\r\nHost: x\r\n%s\r\n\r\nbody", headers);
	uint8_t *exact = malloc((size_t)size);
	const char *fault;

	assert_non_null(exact);
	memcpy(exact, request, (size_t)size);
	fault = http_framing_fault(exact, (size_t)size);
	free(exact);
	return fault;
}

static void
test_framing(void **state)
{
	static const char *const wrong[] = {
	    "Content-Length: 5\r\nTransfer-Encoding: chunked",
	    "Content-Length: 5\r\nContent-Length: 6",
	    "content-length: 5, 6\r\nContent-Length: 5",
	    "Content-Length: -1",
	    "Content-Length: +5",
	    "Content-Length: 0x5",
	    "Content-Length : 5",
	    "Transfer-Encoding : chunked",
	    "Transfer-Encoding: xchunked",
	    "Transfer-Encoding: chunked, gzip",
	    "Transfer-Encoding: chunked-x",
	    "Transfer-Encoding: gzip\r\n chunked",
	};
	static const char *const right[] = {"Content-Length: 5",
	    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
	    "Content-Length: 5\r\nContent-Length: 5", "TE: trailers",
	    "X-Content-Length: -1", "Accept: a\r\n\tb", "Content-Length:7 ",
	    "X: Transfer-Encoding: chunked\r\nContent-Length: 5"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (framing_of(wrong[i]) == NULL)
			fail_msg("not found: %s", wrong[i]);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		if (framing_of(right[i]) != NULL)
			fail_msg("%s: %s", right[i], framing_of(right[i]));
}

/* --- messages ------------------------------------------------------------- */

static struct stage_flow
flow_of(struct stage *stage, const char *client, const char *server,
    enum application application)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);

	stage_answer(&flow, application);
	return flow;
}

static void
test_old_versions(void **state)
{
	static const uint8_t hello3[] = {2, 0, 0, 70, 3, 0};
	static const uint8_t hello12[] = {2, 0, 0, 70, 3, 3};
	static const uint8_t ssl2[] = {
	    0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 7, 0, 0xc0};
	struct stage *stage = stage_new(&detector_protocols);
	struct stage_flow ssh =
	    flow_of(stage, "shop/a", "shop/b", APPLICATION_SSH);
	struct stage_flow tls =
	    flow_of(stage, "shop/a", "shop/c", APPLICATION_TLS);

	(void)state;
	stage_message(
	    stage, &ssh, MESSAGE_BANNER, false, 0, "SSH-2.0-OpenSSH_9", 17);
	stage_message(
	    stage, &ssh, MESSAGE_BANNER, false, 0, "SSH-1.99-OpenSSH", 16);
	stage_message(stage, &tls, MESSAGE_TLS, false, 2, hello12, 6);
	stage_message(stage, &tls, MESSAGE_TLS, true, 2, hello3, 6);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_message(stage, &ssh, MESSAGE_BANNER, true, 0, "SSH-1.5-y", 9);
	stage_message(stage, &ssh, MESSAGE_BANNER, false, 0, "SSH-1.5-x", 9);
	assert_string_equal(stage_found(stage, 2100)->subject, "shop/b");
	stage_message(stage, &tls, MESSAGE_TLS, false, 2, hello3, 6);
	assert_string_equal(stage_found(stage, 2102)->subject, "shop/c");
	stage_message(
	    stage, &tls, MESSAGE_OPENING, true, 0, ssl2, sizeof(ssl2));
	assert_string_equal(stage_found(stage, 2101)->subject, "shop/a");
	assert_int_equal(stage_findings(stage, 0), 3);
	stage_free(stage);
}

static void
test_heartbleed(void **state)
{
	static const uint8_t asks[] = {1, 0x40, 0};
	uint8_t sound[3 + 12 + 16] = {1, 0, 12};
	struct stage *stage = stage_new(&detector_protocols);
	struct stage_flow tls =
	    flow_of(stage, "203.0.113.9", "shop/c", APPLICATION_TLS);

	(void)state;
	stage_message(stage, &tls, MESSAGE_TLS, true, 24, sound, sizeof(sound));
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_message(stage, &tls, MESSAGE_TLS, true, 24, asks, sizeof(asks));
	assert_int_equal(stage_findings(stage, 2104), 1);
	stage_free(stage);
}

static void
take_heartbeat(const struct message *message, void *context)
{
	unsigned *count = context;

	assert_int_equal(message->kind, MESSAGE_TLS);
	assert_int_equal(message->code, 24);
	assert_int_equal(message->size, 3);
	assert_memory_equal(message->octets, "\1\x40\0", 3);
	++*count;
}

/* What is read off the wire is what the detector is told. */
static void
test_a_heartbeat_is_a_message(void **state)
{
	static const uint8_t record[] = {24, 3, 2, 0, 3, 1, 0x40, 0};
	struct appid_flow appid = {
	    .result = {.application = APPLICATION_TLS, .confidence = APP_DPI}};
	struct message_note note = {.opened = 3};
	struct frame frame = {.payload = record,
	    .payload_captured = sizeof(record),
	    .payload_length = sizeof(record)};
	unsigned count = 0;
	struct message_taker taker = {
	    1U << MESSAGE_TLS, take_heartbeat, &count};

	(void)state;
	frame.key.protocol = PROTOCOL_TCP;
	messages_frame(&note, &taker, &appid, &frame, true);
	assert_int_equal(count, 1);
}

static void
test_dns_loops(void **state)
{
	static const uint8_t loop[] = {
	    0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
	struct stage *stage = stage_new(&detector_protocols);
	struct stage_flow flow =
	    stage_flow(stage, "203.0.113.9", "shop/dns", PROTOCOL_UDP, 53);

	(void)state;
	stage_message(
	    stage, &flow, MESSAGE_DNS_QUESTION, true, 1, loop, sizeof(loop));
	assert_int_equal(stage_findings(stage, 2106), 1);
	stage_free(stage);
}

/* Whoever sent it, it came in the name of that end. */
static void
test_what_says_two_things(void **state)
{
	struct stage *stage = stage_new(&detector_protocols);
	struct stage_flow flow =
	    stage_flow(stage, "203.0.113.9", "shop/web", PROTOCOL_TCP, 80);

	(void)state;
	stage_message(stage, &flow, MESSAGE_OVERLAP, true, 0, "GET /", 5);
	stage_message(stage, &flow, MESSAGE_OVERLAP, false, 0, "HTTP/", 5);
	assert_int_equal(stage_findings(stage, 2107), 2);
	assert_string_equal(stage_found(stage, 2107)->subject, "203.0.113.9");
	assert_string_equal(stage_found(stage, 2107)->object, "shop/web");
	stage_free(stage);
}

/* --- risks ---------------------------------------------------------------- */

static void
tell_risks(struct stage *stage, const char *client, const char *server,
    enum verdict_kind verdict, uint64_t risks)
{
	struct stage_flow flow =
	    flow_of(stage, client, server, APPLICATION_TLS);

	flow.sighting.verdict = verdict;
	flow.sighting.message = (struct message){
	    .kind = MESSAGE_RISKS, .from_client = true, .risks = risks};
	stage_tell(stage, &flow, SIGHTED_MESSAGE);
}

#define BIT(n) (UINT64_C(1) << (n))

static void
test_a_datagram_nobody_answers_is_no_protocol(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct stage *stage = stage_new(&detector_risks);
		struct stage_flow flow = stage_flow(
		    stage, "203.0.113.9", "shop/a", PROTOCOL_UDP, 5938);

		if (answered)
			stage_send(stage, &flow, false, 1, 60);
		flow.sighting.verdict = VERDICT_UNMODELLED;
		flow.sighting.message = (struct message){.kind = MESSAGE_RISKS,
		    .from_client = true,
		    .risks = UINT64_C(1) << 30};
		stage_tell(stage, &flow, SIGHTED_MESSAGE);
		assert_int_equal(stage_findings(stage, 0), answered);
		stage_free(stage);
	}
}

static void
test_risks_have_scopes(void **state)
{
	struct stage *stage = stage_new(&detector_risks);
	uint64_t ordinary = BIT(5) | BIT(6) | BIT(9) | BIT(12) | BIT(15) |
			    BIT(24) | BIT(46) | BIT(7) | BIT(8) | BIT(63);

	(void)state;
	tell_risks(stage, "shop/a", "shop/b", VERDICT_UNMODELLED, ordinary);
	tell_risks(stage, "shop/a", "203.0.113.9", VERDICT_ALLOWED, ordinary);
	assert_int_equal(stage_findings(stage, 0), 0);
	tell_risks(
	    stage, "shop/a", "203.0.113.9", VERDICT_UNMODELLED, ordinary);
	/* Self-signed, expired, obsolete version, weak cipher. */
	assert_int_equal(stage_findings(stage, 0), 4);
	assert_int_equal(stage_findings(stage, 3007), 1);
	tell_risks(stage, "shop/a", "shop/b", VERDICT_ALLOWED, BIT(53));
	assert_int_equal(stage_findings(stage, 3054), 1);
	stage_free(stage);
	stage = stage_new(&detector_risks);
	stage_set(stage, "inside", 1);
	tell_risks(
	    stage, "shop/a", "shop/b", VERDICT_ALLOWED, BIT(6) | BIT(46));
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_set(stage, "noise", 1);
	tell_risks(
	    stage, "shop/a", "shop/c", VERDICT_ALLOWED, BIT(6) | BIT(46));
	assert_int_equal(stage_findings(stage, 0), 3);
	stage_free(stage);
}

/* What may be raised is in the catalogue, or nobody would hear of it. */
static void
test_every_risk_has_its_entry(void **state)
{
	(void)state;
	for (int bit = 1; bit <= 56; bit++)
		assert_non_null(catalog_find(103, 3001 + bit));
}

/* --- geography ------------------------------------------------------------ */

static void
place(
    struct stage *stage, const char *address, const char *country, uint32_t asn)
{
	struct stage_end *end = stage_end_of(stage, address);

	snprintf(end->outside.where.country, sizeof(end->outside.where.country),
	    "%s", country);
	end->outside.where.asn = asn;
	snprintf(end->outside.where.organisation,
	    sizeof(end->outside.where.organisation), "Example Net");
}

static void
meet(struct stage *stage, const char *client, const char *server,
    enum verdict_kind verdict)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);

	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = verdict;
	stage_ready(stage, &flow);
}

static void
test_a_country_for_the_first_time(void **state)
{
	struct stage *stage = stage_new(&detector_geography);

	(void)state;
	place(stage, "203.0.113.1", "DE", 64496);
	place(stage, "203.0.113.2", "FR", 64497);
	place(stage, "203.0.113.3", "RU", 64498);
	place(stage, "203.0.113.4", "DE", 64499);
	place(stage, "203.0.113.5", "US", 64500);
	stage_set(stage, "learning", 3600);
	/* Never at start-up, however much there is. */
	for (int i = 0; i < 100; i++) {
		stage_at(stage, i * 30);
		meet(stage, "shop/a",
		    i % 2 == 0 ? "203.0.113.1" : "203.0.113.2",
		    VERDICT_UNMODELLED);
	}
	stage_at(stage, 4000);
	meet(stage, "shop/a", "203.0.113.1", VERDICT_UNMODELLED);
	meet(stage, "shop/a", "203.0.113.5", VERDICT_ALLOWED);
	meet(stage, "shop/a", "203.0.113.5", VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 0);
	meet(stage, "shop/a", "203.0.113.3", VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2090), 1);
	assert_string_equal(stage_found(stage, 2090)->about, "RU");
	meet(stage, "shop/a", "203.0.113.4", VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2091), 1);
	/* It is known now, and others have to learn for themselves. */
	meet(stage, "shop/a", "203.0.113.3", VERDICT_UNMODELLED);
	meet(stage, "shop/b", "203.0.113.3", VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 2);
	assert_int_equal(stage_found(stage, 2090)->count, 1);
	stage_free(stage);
}

/* A web shop is reached from everywhere, and an unknown place is none. */
static void
test_who_serves_the_world(void **state)
{
	struct stage *stage = stage_new(&detector_geography);
	char address[32], country[3] = "AA";

	(void)state;
	stage_set(stage, "learning", 3600);
	for (int i = 0; i < 60; i++) {
		stage_at(stage, i * 100);
		snprintf(address, sizeof(address), "198.51.100.%d", i);
		country[1] = (char)('A' + i % 12);
		place(stage, address, country, 64496 + (uint32_t)i);
		meet(stage, address, "shop/web", VERDICT_UNMODELLED);
	}
	place(stage, "203.0.113.9", "ZZ", 65000);
	meet(stage, "203.0.113.9", "shop/web", VERDICT_UNMODELLED);
	meet(stage, "203.0.113.77", "shop/web", VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A question that is nothing but a pointer to itself: no program takes that
 * for DNS, but for who is sent it. */
static void
test_pointers_that_nobody_takes_for_dns(void **state)
{
	static const uint8_t self[] = {
	    0, 18, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
	struct stage *stage = stage_new(&detector_protocols);
	struct stage_flow dns =
	    stage_flow(stage, "shop/a", "kube/dns", PROTOCOL_UDP, 53);
	struct stage_flow stream =
	    stage_flow(stage, "shop/b", "kube/dns", PROTOCOL_TCP, 53);
	struct stage_flow other =
	    stage_flow(stage, "shop/c", "shop/d", PROTOCOL_UDP, 5300);
	uint8_t cut[sizeof(self)], answer[sizeof(self)];

	(void)state;
	memcpy(cut, self, sizeof(cut));
	memcpy(answer, self, sizeof(answer));
	answer[4] |= 0x80;
	for (size_t size = 2; size < sizeof(cut); size++)
		stage_message(
		    stage, &dns, MESSAGE_OPENING, true, 0, cut + 2, size - 2);
	stage_message(stage, &dns, MESSAGE_OPENING, true, 0, answer + 2,
	    sizeof(answer) - 2);
	stage_message(
	    stage, &dns, MESSAGE_OPENING, false, 0, self + 2, sizeof(self) - 2);
	stage_message(stage, &other, MESSAGE_OPENING, true, 0, self + 2,
	    sizeof(self) - 2);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_message(
	    stage, &dns, MESSAGE_OPENING, true, 0, self + 2, sizeof(self) - 2);
	stage_message(
	    stage, &stream, MESSAGE_OPENING, true, 0, self, sizeof(self));
	assert_int_equal(stage_findings(stage, 2106), 2);
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pointers_that_nobody_takes_for_dns),
	    cmocka_unit_test(test_framing),
	    cmocka_unit_test(test_old_versions),
	    cmocka_unit_test(test_heartbleed),
	    cmocka_unit_test(test_a_heartbeat_is_a_message),
	    cmocka_unit_test(test_dns_loops),
	    cmocka_unit_test(test_what_says_two_things),
	    cmocka_unit_test(test_risks_have_scopes),
	    cmocka_unit_test(test_a_datagram_nobody_answers_is_no_protocol),
	    cmocka_unit_test(test_every_risk_has_its_entry),
	    cmocka_unit_test(test_a_country_for_the_first_time),
	    cmocka_unit_test(test_who_serves_the_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
