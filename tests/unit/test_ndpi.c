#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/ndpi.h"
#include "made_packet.h"
#include "payload_samples.h"

/* SIP over UDP is a protocol that only nDPI knows here. */
static const char sip[] = "OPTIONS sip:7@shop SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKa\r\n"
			  "From: <sip:7@shop>\r\nTo: <sip:8@shop>\r\n"
			  "Call-ID: a\r\nCSeq: 1 OPTIONS\r\n\r\n";

static struct ndpi_module *
new_module(uint32_t sessions)
{
	const char *fault = NULL;
	struct ndpi_module *module = ndpi_module_new(sessions, &fault);

	assert_non_null(module);
	return module;
}

static struct appid
ask(struct ndpi_module *module, struct ndpi_flow *flow, struct frame_key key,
    const void *payload, size_t size, bool *sure)
{
	struct made_packet packet;
	struct appid result;

	made_packet(&packet, key, payload, size);
	*sure = ndpi_frame(module, flow, &packet.frame, true, 1000, &result);
	return result;
}

static void
test_knows_sip(void **state)
{
	struct ndpi_module *module = new_module(1);
	struct ndpi_flow *flow = ndpi_flow_take(module);
	struct frame_key key = made_key(PROTOCOL_UDP, 7, 40000, 8, 40001);
	bool sure;
	struct appid said = ask(module, flow, key, sip, sizeof(sip) - 1, &sure);

	(void)state;
	assert_true(sure);
	assert_int_equal(said.application, APPLICATION_SIP);
	assert_int_equal(said.confidence, APP_DPI);
	ndpi_flow_return(module, flow);
	ndpi_module_free(module);
}

static void
test_guesses_are_by_port(void **state)
{
	struct ndpi_module *module = new_module(1);
	struct ndpi_flow *flow = ndpi_flow_take(module);
	struct frame_key key = made_key(PROTOCOL_TCP, 7, 40000, 8, 1521);
	bool sure;
	struct appid said = ask(module, flow, key, "zzzz qqqq", 9, &sure);

	(void)state;
	assert_false(sure);
	assert_int_equal(said.confidence, APP_NONE);
	ndpi_give_up(module, flow, &said);
	assert_int_equal(said.application, APPLICATION_ORACLE);
	assert_int_equal(said.confidence, APP_PORT);
	ndpi_flow_return(module, flow);
	ndpi_module_free(module);
}

/* A state that comes back is as new. */
static void
test_pool_is_bounded_and_clean(void **state)
{
	struct ndpi_module *module = new_module(2);
	struct ndpi_flow *first = ndpi_flow_take(module);
	struct ndpi_flow *second = ndpi_flow_take(module);
	struct frame_key key = made_key(PROTOCOL_UDP, 7, 40000, 8, 40001);
	struct appid said;
	bool sure;

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_null(ndpi_flow_take(module));
	ask(module, first, key, sip, sizeof(sip) - 1, &sure);
	ndpi_flow_return(module, first);
	ndpi_flow_return(module, NULL);
	assert_ptr_equal(ndpi_flow_take(module), first);
	key = made_key(PROTOCOL_TCP, 1, 40002, 2, 40003);
	said = ask(module, first, key, "zzzz", 4, &sure);
	assert_false(sure);
	ndpi_give_up(module, first, &said);
	assert_int_not_equal(said.application, APPLICATION_SIP);
	ndpi_flow_return(module, first);
	/* Nor does the key of the flow before keep this one's frames out. */
	assert_ptr_equal(ndpi_flow_take(module), first);
	key = made_key(PROTOCOL_UDP, 3, 40004, 4, 40005);
	ask(module, first, key, sip, sizeof(sip) - 1, &sure);
	assert_true(sure);
	ndpi_flow_return(module, first);
	ndpi_flow_return(module, second);
	ndpi_module_free(module);
}

static void
test_unfit_frames_are_kept_away(void **state)
{
	struct ndpi_module *module = new_module(1);
	struct ndpi_flow *flow = ndpi_flow_take(module);
	struct frame_key key = made_key(PROTOCOL_UDP, 7, 40000, 8, 40001);
	struct frame_key other = made_key(PROTOCOL_TCP, 7, 40000, 8, 40001);
	struct made_packet packet;
	struct appid said;
	bool sure;

	(void)state;
	ask(module, flow, key, "x", 1, &sure);
	/* Another protocol, and then another port, in the same flow. */
	ask(module, flow, other, sip, sizeof(sip) - 1, &sure);
	assert_false(sure);
	other = made_key(PROTOCOL_UDP, 7, 40000, 8, 40002);
	ask(module, flow, other, sip, sizeof(sip) - 1, &sure);
	assert_false(sure);
	ask(module, flow, key, "", 0, &sure);
	assert_false(sure);
	/* A header that was cut. */
	made_packet(&packet, key, sip, sizeof(sip) - 1);
	packet.frame.ip_captured = 24;
	assert_false(
	    ndpi_frame(module, flow, &packet.frame, true, 1000, &said));
	packet.frame.ip_captured = 28 + sizeof(sip) - 1;
	packet.frame.status = FRAME_SHORT;
	assert_false(
	    ndpi_frame(module, flow, &packet.frame, true, 1000, &said));
	/* The other direction of the same flow is fit. */
	ask(module, flow, made_reverse(key), sip, sizeof(sip) - 1, &sure);
	assert_true(sure);
	ndpi_flow_return(module, flow);
	ndpi_module_free(module);
}

/* A snap length or an offload leaves a header that claims another length. */
static void
test_claimed_lengths_do_not_matter(void **state)
{
	static const uint8_t claims[][2] = {{0xff, 0xff}, {0, 0}};
	struct frame_key key = made_key(PROTOCOL_UDP, 7, 40000, 8, 40001);
	struct ndpi_module *module = new_module(1);
	struct made_packet packet;
	struct appid said;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ndpi_flow *flow = ndpi_flow_take(module);

		made_packet(&packet, key, sip, sizeof(sip) - 1);
		memcpy(packet.octets + 2, claims[i], 2);
		assert_true(
		    ndpi_frame(module, flow, &packet.frame, true, 1000, &said));
		assert_int_equal(said.application, APPLICATION_SIP);
		ndpi_flow_return(module, flow);
	}
	ndpi_module_free(module);
}

/* A sample at the engine's back door: what nDPI alone makes of it. */
static struct appid
ask_sample(const char *name, uint16_t port)
{
	struct ndpi_module *module = new_module(1);
	struct ndpi_flow *flow = ndpi_flow_take(module);
	struct appid said = {.application = APPLICATION_UNKNOWN};

	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];
		bool sure;

		if (strcmp(sample->name, name) == 0)
			said = ask(module, flow,
			    made_key(sample->protocol, 7, 40000, 8, port),
			    sample->octets, sample->size, &sure);
	}
	ndpi_flow_return(module, flow);
	ndpi_module_free(module);
	return said;
}

/* What 4.2 is sure of and wrong about; newer versions are right with some. */
static void
test_known_mistakes_are_doubted(void **state)
{
	static const struct {
		const char *name;
		enum application application;
	} mistakes[] = {
	    {"snmp-tcp", APPLICATION_SNMP},
	    {"ldap-starttls", APPLICATION_LDAP},
	    {"memcached-binary-miss", APPLICATION_MEMCACHED},
	    {"redis-inline-get", APPLICATION_REDIS},
	    {"redis-inline", APPLICATION_REDIS},
	    {"sip-options-tcp", APPLICATION_SIP},
	    {"http-0-9", APPLICATION_HTTP},
	};
	struct appid said;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		said = ask_sample(mistakes[i].name, 40001);
		assert_true(said.confidence < APP_DPI ||
			    said.application == mistakes[i].application);
	}
	said = ask_sample("mqtt-connect", 40001);
	assert_int_equal(said.application, APPLICATION_MQTT);
	assert_int_equal(said.confidence, APP_DPI);
}

/* What 4.2 takes for RTP by its first octet, for syslog by its port. */
static void
test_thin_evidence_is_partial(void **state)
{
	static const uint8_t fins[] = {
	    0x80, 0, 2, 0, 1, 0, 0, 2, 0, 0x1a, 1, 1, 0x82, 0, 0, 0, 0, 1};
	struct ndpi_module *module = new_module(1);
	struct appid said = {.application = APPLICATION_UNKNOWN};
	struct ndpi_flow *flow = ndpi_flow_take(module);
	bool sure = false;

	(void)state;
	for (int i = 0; i < 4 && !sure; i++)
		said =
		    ask(module, flow, made_key(PROTOCOL_UDP, 7, 40000, 8, 9600),
			fins, sizeof(fins), &sure);
	assert_true(said.confidence < APP_DPI);
	ndpi_flow_return(module, flow);
	flow = ndpi_flow_take(module);
	sure = false;
	for (uint8_t i = 0; i < 8 && !sure; i++) {
		uint8_t rtp[172] = {0x80, 8, 0, i, 0, 0, 0, (uint8_t)(160 * i),
		    0x37, 0x96, 0xcb, 0x71, 0xd5, 0x54, 0x99};

		said = ask(module, flow,
		    made_key(PROTOCOL_UDP, 7, 30000, 8, 40392), rtp,
		    sizeof(rtp), &sure);
	}
	assert_int_equal(said.application, APPLICATION_RTP);
	assert_int_equal(said.confidence, APP_DPI);
	ndpi_flow_return(module, flow);
	flow = ndpi_flow_take(module);
	said = ask(module, flow, made_key(PROTOCOL_UDP, 7, 40000, 8, 514),
	    "<34>Oct 11 22:14:15 web su: 'su root' failed", 44, &sure);
	assert_int_equal(said.application, APPLICATION_SYSLOG);
	assert_int_equal(said.confidence, APP_DPI);
	ndpi_flow_return(module, flow);
	ndpi_module_free(module);
}

/* Before 4.10 its dissector can crash, so it is not asked. */
static void
test_dtls_is_left_out_of_old_versions(void **state)
{
	struct appid said = ask_sample("dtls-client-hello", 40001);

	(void)state;
	if (strncmp(ndpi_version(), "nDPI 4.2", 8) == 0)
		assert_int_not_equal(said.application, APPLICATION_DTLS);
}

/*
 * One flow of each sample between the same two hosts, and one of nobody's
 * octets after each, with what nDPI says of them in the end.
 */
struct answers {
	struct appid samples[PAYLOAD_SAMPLES], others[PAYLOAD_SAMPLES];
};

static struct appid
ask_whole_flow(struct ndpi_module *module, struct frame_key key,
    const void *octets, size_t size)
{
	struct ndpi_flow *flow = ndpi_flow_take(module);
	struct appid said;
	bool sure;

	assert_non_null(flow);
	said = ask(module, flow, key, octets, size, &sure);
	if (!sure)
		ndpi_give_up(module, flow, &said);
	ndpi_flow_return(module, flow);
	return said;
}

static void
ask_all(bool forward, struct answers *answers)
{
	struct ndpi_module *module = new_module(1);

	for (size_t step = 0; step < PAYLOAD_SAMPLES; step++) {
		size_t i = forward ? step : PAYLOAD_SAMPLES - 1 - step;
		const struct payload_sample *sample = &payload_samples[i];
		uint16_t port = (uint16_t)(41000 + i);

		answers->samples[i] = ask_whole_flow(module,
		    made_key(sample->protocol, 7, 40000, 8, port),
		    sample->octets, sample->size);
		answers->others[i] = ask_whole_flow(module,
		    made_key(PROTOCOL_UDP, 7, 40000, 8, port), "q\1zz\377kj",
		    7);
	}
	ndpi_module_free(module);
}

/* nDPI would take the rest of two BitTorrent peers' flows for BitTorrent. */
static void
test_answers_do_not_hang_on_other_flows(void **state)
{
	static struct answers forward, backward;

	(void)state;
	ask_all(true, &forward);
	ask_all(false, &backward);
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		assert_int_equal(forward.samples[i].application,
		    backward.samples[i].application);
		assert_int_equal(forward.samples[i].confidence,
		    backward.samples[i].confidence);
		assert_int_equal(forward.others[i].application,
		    backward.others[i].application);
		assert_int_equal(
		    forward.others[i].application, APPLICATION_UNKNOWN);
	}
}

static void
test_version_is_named(void **state)
{
	(void)state;
	assert_memory_equal(ndpi_version(), "nDPI ", 5);
	assert_non_null(strchr(ndpi_version(), '.'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_knows_sip),
	    cmocka_unit_test(test_guesses_are_by_port),
	    cmocka_unit_test(test_pool_is_bounded_and_clean),
	    cmocka_unit_test(test_unfit_frames_are_kept_away),
	    cmocka_unit_test(test_claimed_lengths_do_not_matter),
	    cmocka_unit_test(test_known_mistakes_are_doubted),
	    cmocka_unit_test(test_thin_evidence_is_partial),
	    cmocka_unit_test(test_dtls_is_left_out_of_old_versions),
	    cmocka_unit_test(test_answers_do_not_hang_on_other_flows),
	    cmocka_unit_test(test_version_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
