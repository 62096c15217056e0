#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/appid.h"
#include "classifiers/ndpi.h"
#include "made_packet.h"
#include "payload_samples.h"
#include "sensor/flow.h"

/* One flow in one engine; host 7 is the client, host 8 the server. */
struct talk {
	struct ndpi_module *ndpi;
	struct appid_engine *engine;
	struct flow flow;
	struct appid_flow state;
};

static struct talk
start(uint8_t protocol, uint32_t sessions)
{
	const char *fault = NULL;
	struct talk talk = {.ndpi = ndpi_module_new(sessions, &fault)};

	assert_non_null(talk.ndpi);
	talk.engine = appid_new(talk.ndpi, sessions);
	talk.flow.protocol = protocol;
	talk.flow.first = talk.flow.last = (struct instant){NS_PER_SECOND};
	return talk;
}

/* Ends the flow and the engine; what the flow spoke. */
static struct appid
stop(struct talk *talk)
{
	struct appid_counts counts;

	appid_end(talk->engine, &talk->state);
	assert_true(talk->state.final);
	assert_null(talk->state.ndpi);
	counts = appid_counts(talk->engine);
	assert_int_equal(
	    counts.flows, counts.own + counts.ndpi + counts.given_up);
	appid_free(talk->engine);
	ndpi_module_free(talk->ndpi);
	return talk->state.result;
}

static bool
say_to(struct talk *talk, uint16_t port, bool to_server, const void *octets,
    size_t size)
{
	struct frame_key key = made_key(talk->flow.protocol, 7, 40000, 8, port);
	struct made_packet packet;

	made_packet(&packet, to_server ? key : made_reverse(key), octets, size);
	return appid_frame(
	    talk->engine, &talk->state, &talk->flow, &packet.frame, to_server);
}

/* On a port that suggests nothing. */
static bool
say(struct talk *talk, bool to_server, const char *name)
{
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++)
		if (strcmp(payload_samples[i].name, name) == 0)
			return say_to(talk, 40001, to_server,
			    payload_samples[i].octets, payload_samples[i].size);
	fail_msg("no sample is called %s", name);
	return false;
}

static void
expect(const struct talk *talk, enum application application,
    enum app_confidence confidence, bool final)
{
	assert_int_equal(talk->state.result.application, application);
	assert_int_equal(talk->state.result.confidence, confidence);
	assert_int_equal(talk->state.final, final);
}

/* What a classifier is sure of is final at once, in either direction. */
static void
test_sure_samples_settle_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];
		struct talk talk;
		bool to_server = sample->sender != SENDER_SERVER;
		struct appid result;

		if (sample->answer != PAYLOAD_YES)
			continue;
		talk = start(sample->protocol, 1);
		assert_int_equal(say(&talk, to_server, sample->name),
		    sample->application != APPLICATION_HTTP2);
		result = stop(&talk);
		assert_int_equal(result.application, sample->application);
		assert_int_equal(result.carrier, sample->carrier);
		assert_int_equal(result.confidence, APP_DPI);
	}
}

/* What it suspects is shown, and never judged by itself. */
static void
test_suspicions_stay_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];
		struct talk talk;

		if (sample->answer != PAYLOAD_MAYBE)
			continue;
		talk = start(sample->protocol, 1);
		say(&talk, sample->sender != SENDER_SERVER, sample->name);
		if (talk.state.result.confidence == APP_DPI)
			assert_int_equal(talk.state.result.application,
			    sample->application); /* nDPI agreed */
		else
			assert_int_equal(
			    talk.state.result.confidence, APP_PARTIAL);
		stop(&talk);
	}
}

static void
test_two_suspicions_agree(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	assert_false(say(&talk, true, "redis-inline"));
	expect(&talk, APPLICATION_REDIS, APP_PARTIAL, false);
	assert_true(say(&talk, false, "redis-pong"));
	expect(&talk, APPLICATION_REDIS, APP_DPI, true);
	assert_int_equal(talk.state.role, 1);
	stop(&talk);
}

/* A snap length that leaves nine octets of each hello. */
static void
test_two_pieces_of_hello_agree(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	assert_false(say(&talk, true, "tls-client-hello-cut"));
	assert_true(say(&talk, false, "tls-server-hello-cut"));
	expect(&talk, APPLICATION_TLS, APP_DPI, true);
	stop(&talk);
}

static void
test_the_same_role_twice_is_no_agreement(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	say(&talk, true, "redis-noauth");
	say(&talk, false, "redis-noauth");
	assert_true(talk.state.result.confidence < APP_DPI);
	stop(&talk);
}

static const struct payload_sample *
sample_of(const char *name)
{
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++)
		if (strcmp(payload_samples[i].name, name) == 0)
			return &payload_samples[i];
	fail_msg("no sample is called %s", name);
	return NULL;
}

/* What one datagram between two ends comes to, as the engine sees it. */
static struct appid
ask_datagram(struct frame_key key, const char *name)
{
	const char *fault = NULL;
	struct ndpi_module *ndpi = ndpi_module_new(1, &fault);
	struct appid_engine *engine = appid_new(ndpi, 1);
	const struct payload_sample *sample = sample_of(name);
	struct flow flow = {.protocol = key.protocol, .last = {NS_PER_SECOND}};
	struct appid_flow state = {0};
	struct made_packet packet;

	made_packet(&packet, key, sample->octets, sample->size);
	appid_frame(engine, &state, &flow, &packet.frame, true);
	appid_end(engine, &state);
	appid_free(engine);
	ndpi_module_free(ndpi);
	return state.result;
}

static void
test_multicast_dns_is_told_by_its_ends(void **state)
{
	struct frame_key key = made_key(PROTOCOL_UDP, 7, 5353, 8, 5353);

	(void)state;
	assert_int_equal(
	    ask_datagram(key, "dns-query").application, APPLICATION_MDNS);
	key = made_key(PROTOCOL_UDP, 7, 40000, 8, 5355);
	assert_int_equal(
	    ask_datagram(key, "dns-query").application, APPLICATION_LLMNR);
	/* The DNS pods of some platforms listen on 5353. */
	key = made_key(PROTOCOL_UDP, 7, 40000, 8, 5353);
	assert_int_equal(
	    ask_datagram(key, "dns-query").application, APPLICATION_DNS);
	key.destination = (struct address){
	    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 224, 0, 0, 251}};
	assert_int_equal(
	    ask_datagram(key, "dns-query").application, APPLICATION_MDNS);
}

/* A hello with that server name and that first protocol (RFC 6066, 7301). */
static size_t
put_hello(uint8_t *out, const char *server, const char *alpn)
{
	static const uint8_t start[] = {22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
	size_t name = strlen(server), offer = strlen(alpn), at = sizeof(start);

	memcpy(out, start, sizeof(start));
	memset(out + at, 7, 32);
	at += 32;
	out[at++] = 0; /* no session */
	memcpy(out + at, "\0\2\x13\1\1\0", 6);
	at += 6;
	made_be16(out + at, 9 + name + 7 + offer);
	made_be16(out + at + 2, 0); /* server_name */
	made_be16(out + at + 4, name + 5);
	made_be16(out + at + 6, name + 3);
	out[at + 8] = 0;
	made_be16(out + at + 9, name);
	memcpy(out + at + 11, server, name);
	at += 11 + name;
	made_be16(out + at, 16); /* ALPN */
	made_be16(out + at + 2, offer + 3);
	made_be16(out + at + 4, offer + 1);
	out[at + 6] = (uint8_t)offer;
	memcpy(out + at + 7, alpn, offer);
	at += 7 + offer;
	made_be16(out + 3, at - 5);
	made_be16(out + 7, at - 9);
	return at;
}

static struct appid
ask_hello(const char *server, const char *alpn, uint16_t port)
{
	struct talk talk = start(PROTOCOL_TCP, 1);
	uint8_t hello[512];
	size_t size = put_hello(hello, server, alpn);

	assert_true(say_to(&talk, port, true, hello, size));
	return stop(&talk);
}

static void
test_a_mesh_is_told_from_other_tls(void **state)
{
	static const char service[] = "outbound_.80_._.carts.shop.svc.local";
	struct appid said = ask_hello(service, "istio", 5432);

	(void)state;
	assert_int_equal(said.application, APPLICATION_MESH);
	assert_int_equal(said.carrier, APPLICATION_TLS);
	said = ask_hello(service, "istio-http/1.1", 8080);
	assert_int_equal(said.application, APPLICATION_HTTP);
	assert_int_equal(said.carrier, APPLICATION_MESH);
	said = ask_hello(service, "istio-h2", 8080);
	assert_int_equal(said.application, APPLICATION_HTTP2);
	said = ask_hello("carts.shop", "http/1.1", 8080);
	assert_int_equal(said.application, APPLICATION_TLS);
	assert_int_equal(said.carrier, APPLICATION_UNKNOWN);
	said = ask_hello("carts.shop", "transport.l5d.io/v1", 4143);
	assert_int_equal(said.application, APPLICATION_MESH);
}

/* nDPI is sure of RDP; the server said what PostgreSQL says. */
static void
test_ndpi_against_a_suspicion_is_not_judged(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	assert_true(say(&talk, true, "rdp-request"));
	expect(&talk, APPLICATION_RDP, APP_DPI, true);
	stop(&talk);
	talk = start(PROTOCOL_TCP, 1);
	say(&talk, false, "postgresql-tls-yes");
	assert_false(say(&talk, true, "rdp-request"));
	assert_int_equal(talk.state.result.confidence, APP_PARTIAL);
	stop(&talk);
}

/* It may have begun inside MySQL, before the capture. */
static void
test_tls_without_a_hello_is_not_judged(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	for (int i = 0; i < 6; i++) {
		say(&talk, true, "tls-data");
		say(&talk, false, "tls-data");
	}
	assert_true(talk.state.result.confidence < APP_DPI);
	assert_true(stop(&talk).confidence < APP_DPI);
}

static void
test_the_first_word_stands(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	assert_true(say(&talk, true, "http-request"));
	/* Only the frame that settles it says so. */
	assert_false(say(&talk, false, "tls-alert"));
	expect(&talk, APPLICATION_HTTP, APP_DPI, true);
	stop(&talk);
	talk = start(PROTOCOL_TCP, 1);
	say(&talk, true, "postgresql-ssl");
	say(&talk, false, "postgresql-tls-yes");
	say(&talk, true, "tls-client-hello");
	expect(&talk, APPLICATION_POSTGRESQL, APP_DPI, true);
	stop(&talk);
}

/* An alert first, then the request that caused it. */
static void
test_a_suspicion_is_revised_by_the_other_side(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	say(&talk, false, "tls-alert");
	expect(&talk, APPLICATION_TLS, APP_PARTIAL, false);
	assert_true(say(&talk, true, "http-request"));
	expect(&talk, APPLICATION_HTTP, APP_DPI, true);
	assert_int_equal(talk.state.role, 2);
	assert_true(talk.state.server_first);
	stop(&talk);
}

static void
test_grpc_shows_in_later_headers(void **state)
{
	static const char settings_done[] = "\0\0\0\x04\x01\0\0\0\0";
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	assert_false(say(&talk, true, "http2-preface"));
	assert_false(say(&talk, false, "http2-settings"));
	expect(&talk, APPLICATION_HTTP2, APP_DPI, false);
	assert_false(say_to(&talk, 40001, true, settings_done, 9));
	assert_true(say(&talk, true, "grpc-plain"));
	expect(&talk, APPLICATION_GRPC, APP_DPI, true);
	assert_int_equal(talk.state.result.carrier, APPLICATION_HTTP2);
	stop(&talk);
}

static void
test_http2_does_not_wait_for_ever(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);
	int frames = 1;

	(void)state;
	say(&talk, true, "http2-preface");
	while (!talk.state.final && frames < 100) {
		say(&talk, false, "http2-settings");
		frames++;
	}
	assert_true(frames < APPID_PACKETS_MAXIMUM);
	expect(&talk, APPLICATION_HTTP2, APP_DPI, true);
	stop(&talk);
}

static void
test_a_proxy_header_waits_for_what_follows(void **state)
{
	static const char proxy[] = "PROXY TCP4 10.0.0.1 10.0.0.2 40 80\r\n";
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	say_to(&talk, 40001, true, proxy, sizeof(proxy) - 1);
	assert_true(talk.state.result.confidence < APP_DPI);
	assert_true(say(&talk, true, "redis-set"));
	expect(&talk, APPLICATION_REDIS, APP_DPI, true);
	stop(&talk);
}

static void
test_role_is_the_first_senders(void **state)
{
	static const struct {
		const char *name;
		bool to_server;
		uint8_t role;
	} cases[] = {
	    {"http-request", true, 1},
	    {"http-request", false, 1}, /* the table has it the wrong way */
	    {"http-response", false, 2},
	    {"http-response", true, 2},
	    {"mysql-greeting", false, 2},
	    {"ssh-banner", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = start(PROTOCOL_TCP, 1);

		say(&talk, cases[i].to_server, cases[i].name);
		assert_int_equal(talk.state.role, cases[i].role);
		stop(&talk);
	}
}

static void
test_ip_protocols_need_no_payload(void **state)
{
	static const struct {
		uint8_t protocol;
		enum application application;
	} cases[] = {
	    {PROTOCOL_ICMP, APPLICATION_ICMP},
	    {PROTOCOL_ICMPV6, APPLICATION_ICMPV6},
	    {50, APPLICATION_IPSEC},
	    {PROTOCOL_SCTP, APPLICATION_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = start(cases[i].protocol, 1);

		assert_true(say_to(&talk, 0, true, "", 0));
		expect(&talk, cases[i].application,
		    cases[i].application == APPLICATION_UNKNOWN ? APP_NONE
								: APP_DPI,
		    true);
		stop(&talk);
	}
}

static void
test_no_payload_is_no_work(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_false(say_to(&talk, 80, i % 2 == 0, "", 0));
	assert_null(talk.state.ndpi);
	assert_int_equal(appid_counts(talk.engine).flows, 0);
	assert_int_equal(stop(&talk).confidence, APP_NONE);
}

static void
test_gives_up_after_so_many_payloads(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);

	(void)state;
	for (int i = 1; i < APPID_PACKETS_MAXIMUM; i++)
		assert_false(say_to(&talk, 40001, i % 2 == 0, "zzz", 3));
	assert_true(say_to(&talk, 40001, true, "zzz", 3));
	expect(&talk, APPLICATION_UNKNOWN, APP_NONE, true);
	assert_int_equal(appid_counts(talk.engine).given_up, 1);
	stop(&talk);
}

/* A port is shown as what it is: no AppID. */
static void
test_ports_are_only_suggestions(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);
	struct appid result;

	(void)state;
	say_to(&talk, 1521, true, "zzzz qqqq", 9);
	result = stop(&talk);
	assert_int_equal(result.application, APPLICATION_ORACLE);
	assert_int_equal(result.confidence, APP_PORT);
}

static void
test_an_empty_pool_is_counted_once(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);
	struct talk second = {.engine = talk.engine, .flow = talk.flow};

	(void)state;
	say_to(&talk, 40001, true, "zzz", 3);
	say_to(&second, 40001, true, "zzz", 3);
	say_to(&second, 40001, false, "zzz", 3);
	assert_int_equal(appid_counts(talk.engine).pool_empty, 1);
	appid_end(second.engine, &second.state);
	stop(&talk);
}

/* A snap length: the wire had payload, the capture has none of it. */
static void
test_uncaptured_payload_is_unknown(void **state)
{
	struct talk talk = start(PROTOCOL_TCP, 1);
	struct made_packet packet;

	(void)state;
	made_packet(
	    &packet, made_key(PROTOCOL_TCP, 7, 40000, 8, 80), "GET /", 5);
	packet.frame.payload_captured = 0;
	packet.frame.ip_captured -= 5;
	assert_false(appid_frame(
	    talk.engine, &talk.state, &talk.flow, &packet.frame, true));
	assert_int_equal(stop(&talk).confidence, APP_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sure_samples_settle_at_once),
	    cmocka_unit_test(test_suspicions_stay_partial),
	    cmocka_unit_test(test_two_suspicions_agree),
	    cmocka_unit_test(test_two_pieces_of_hello_agree),
	    cmocka_unit_test(test_the_same_role_twice_is_no_agreement),
	    cmocka_unit_test(test_multicast_dns_is_told_by_its_ends),
	    cmocka_unit_test(test_a_mesh_is_told_from_other_tls),
	    cmocka_unit_test(test_ndpi_against_a_suspicion_is_not_judged),
	    cmocka_unit_test(test_tls_without_a_hello_is_not_judged),
	    cmocka_unit_test(test_the_first_word_stands),
	    cmocka_unit_test(test_a_suspicion_is_revised_by_the_other_side),
	    cmocka_unit_test(test_grpc_shows_in_later_headers),
	    cmocka_unit_test(test_http2_does_not_wait_for_ever),
	    cmocka_unit_test(test_a_proxy_header_waits_for_what_follows),
	    cmocka_unit_test(test_role_is_the_first_senders),
	    cmocka_unit_test(test_ip_protocols_need_no_payload),
	    cmocka_unit_test(test_no_payload_is_no_work),
	    cmocka_unit_test(test_gives_up_after_so_many_payloads),
	    cmocka_unit_test(test_ports_are_only_suggestions),
	    cmocka_unit_test(test_an_empty_pool_is_counted_once),
	    cmocka_unit_test(test_uncaptured_payload_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
