#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "made_frame.h"
#include "sensor/flow.h"
#include "sensor/icmp_pair.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct vector {
	const char *source, *destination;
	uint16_t source_port, destination_port; /* ICMP: type and code */
	uint8_t protocol;
	const char *id;
};

/* From corelight/community-id-spec, seed 0; each goes in both directions. */
static const struct vector two_way[] = {
    {"1.2.3.4", "5.6.7.8", 1122, 3344, PROTOCOL_TCP,
	"1:wCb3OG7yAFWelaUydu0D+125CLM="},
    {"1.2.3.4", "5.6.7.8", 1122, 3344, PROTOCOL_UDP,
	"1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg="},
    {"1.2.3.4", "5.6.7.8", 1122, 3344, PROTOCOL_SCTP,
	"1:EKt4MsxuyaE6mL+hmrEkQ9csDD8="},
    {"1.2.3.4", "5.6.7.8", 0, 0, 46, "1:ikv3kmf89luf73WPz1jOs49S768="},
};

static const struct vector icmp[] = {
    {"1.2.3.4", "5.6.7.8", 8, 0, PROTOCOL_ICMP,
	"1:crodRHL2FEsHjbv3UkRrfbs4bZ0="},
    {"5.6.7.8", "1.2.3.4", 0, 0, PROTOCOL_ICMP,
	"1:crodRHL2FEsHjbv3UkRrfbs4bZ0="},
    {"1.2.3.4", "5.6.7.8", 11, 0, PROTOCOL_ICMP,
	"1:f/YiSyWqczrTgfUCZlBUnvHRcPk="},
    {"fe80:1:203:405:607:809:a0b:c0d",
	"fe80:1011:1213:1415:1617:1819:1a1b:1c1d", 128, 0, PROTOCOL_ICMPV6,
	"1:0bf7hyMJUwt3fMED7z8LIfRpBeo="},
    {"fe80:1011:1213:1415:1617:1819:1a1b:1c1d",
	"fe80:1:203:405:607:809:a0b:c0d", 129, 0, PROTOCOL_ICMPV6,
	"1:0bf7hyMJUwt3fMED7z8LIfRpBeo="},
};

/* A flow that the source opens; all these addresses tell the order alone. */
static struct flow
flow_between(const char *source, uint16_t source_port, const char *destination,
    uint16_t destination_port, uint8_t protocol)
{
	struct flow flow = {.protocol = protocol};
	struct address from, to;
	int sender;

	assert_true(address_parse(source, &from));
	assert_true(address_parse(destination, &to));
	sender = address_compare(&from, &to) > 0;
	flow.ends[sender] = (struct flow_end){from, source_port};
	flow.ends[!sender] = (struct flow_end){to, destination_port};
	flow.opener = flow.client = (uint8_t)sender;
	return flow;
}

static void
assert_community_id(const struct flow *flow, const char *expected)
{
	char id[COMMUNITY_ID_SIZE];

	flow_community_id(flow, id);
	assert_string_equal(id, expected);
}

static void
test_community_id_of_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(two_way); i++) {
		const struct vector *v = &two_way[i];
		struct flow flow = flow_between(v->source, v->source_port,
		    v->destination, v->destination_port, v->protocol);
		struct flow back =
		    flow_between(v->destination, v->destination_port, v->source,
			v->source_port, v->protocol);

		assert_community_id(&flow, v->id);
		assert_community_id(&back, v->id);
	}
}

static void
test_community_id_of_icmp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(icmp); i++) {
		const struct vector *v = &icmp[i];
		struct flow flow = flow_between(
		    v->source, 4711, v->destination, 4711, v->protocol);

		flow.icmp_type = (uint8_t)v->source_port;
		flow.icmp_code = (uint8_t)v->destination_port;
		assert_community_id(&flow, v->id);
	}
}

/* One-way ICMP is hashed as it was sent, whoever becomes the client later. */
static void
test_community_id_of_one_way_icmp_keeps_its_order(void **state)
{
	struct flow flow =
	    flow_between("1.2.3.4", 0, "5.6.7.8", 0, PROTOCOL_ICMP);
	struct flow back =
	    flow_between("5.6.7.8", 0, "1.2.3.4", 0, PROTOCOL_ICMP);
	char forward_id[COMMUNITY_ID_SIZE], back_id[COMMUNITY_ID_SIZE];

	(void)state;
	flow.icmp_type = back.icmp_type = 11;
	flow.client = !flow.client;
	flow_community_id(&flow, forward_id);
	flow_community_id(&back, back_id);
	assert_string_equal(forward_id, "1:f/YiSyWqczrTgfUCZlBUnvHRcPk=");
	assert_string_not_equal(forward_id, back_id);
}

static void
test_stronger_evidence_turns_the_flow(void **state)
{
	struct flow flow = {.protocol = PROTOCOL_UDP, .packets = {3, 0}};

	(void)state;
	assert_false(flow_set_client(&flow, 1, DIRECTION_HEURISTIC));
	assert_int_equal(flow.client, 0);
	assert_true(flow_set_client(&flow, 1, DIRECTION_METADATA));
	assert_int_equal(flow.client, 1);
	assert_int_equal(flow.direction, DIRECTION_METADATA);
	assert_true(flow.answered); /* end 0 is the server, and has spoken */
	assert_false(flow_set_client(&flow, 0, DIRECTION_METADATA));
	assert_int_equal(flow.client, 1);
	assert_true(flow_set_client(&flow, 0, DIRECTION_HANDSHAKE));
	assert_false(flow.answered);
}

static void
test_same_client_gains_confidence_only(void **state)
{
	struct flow flow = {.client = 1, .answered = true};

	(void)state;
	assert_false(flow_set_client(&flow, 1, DIRECTION_HANDSHAKE));
	assert_int_equal(flow.direction, DIRECTION_HANDSHAKE);
	assert_true(flow.answered);
	assert_ptr_equal(flow_client(&flow), &flow.ends[1]);
	assert_ptr_equal(flow_server(&flow), &flow.ends[0]);
}

static void
test_reset_is_no_answer_when_turned(void **state)
{
	struct flow flow = {.protocol = PROTOCOL_TCP,
	    .packets = {1, 1},
	    .midstream = true,
	    .tcp.ends = {TCP_END_RESET, TCP_END_PARTIAL}};

	(void)state;
	assert_true(flow_set_client(&flow, 1, DIRECTION_METADATA));
	assert_false(flow.answered);
}

static void
test_flow_id_depends_on_each_part(void **state)
{
	struct flow flow =
	    flow_between("10.0.0.1", 40000, "10.0.0.2", 80, PROTOCOL_TCP);
	struct flow other[5];
	uint64_t id;

	(void)state;
	flow.first.ns = 1700000000 * NS_PER_SECOND;
	id = flow_id(&flow);
	assert_true(id < UINT64_C(1) << 53);
	for (size_t i = 0; i < COUNT(other); i++)
		other[i] = flow;
	other[0].first.ns++;
	other[1].protocol = PROTOCOL_UDP;
	other[2].ends[0].port++;
	other[3].ends[1].port++;
	other[4].ends[1].address.octets[15]++;
	for (size_t i = 0; i < COUNT(other); i++)
		assert_true(flow_id(&other[i]) != id);
}

/* Counts and direction change during a flow's life; its name must not. */
static void
test_flow_id_stays_the_same(void **state)
{
	struct flow flow =
	    flow_between("10.0.0.1", 40000, "10.0.0.2", 80, PROTOCOL_TCP);
	uint64_t id = flow_id(&flow);

	(void)state;
	flow.client = !flow.client;
	flow.packets[0] = 9;
	flow.sequence = 77;
	flow.slot = 5;
	flow.last.ns = 1;
	flow.tunnel.kind = TUNNEL_VXLAN;
	assert_true(flow_id(&flow) == id);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(
	    direction_confidence_name(DIRECTION_HEURISTIC), "heuristic");
	assert_string_equal(
	    direction_confidence_name(DIRECTION_METADATA), "metadata");
	assert_string_equal(
	    direction_confidence_name(DIRECTION_HANDSHAKE), "handshake");
	assert_string_equal(flow_reason_name(FLOW_TIMEOUT), "timeout");
	assert_string_equal(flow_reason_name(FLOW_CLOSED), "closed");
	assert_string_equal(flow_reason_name(FLOW_REUSED), "reused");
	assert_string_equal(flow_reason_name(FLOW_EVICTED), "evicted");
	assert_string_equal(flow_reason_name(FLOW_SHUTDOWN), "shutdown");
	assert_string_equal(flow_state_name(FLOW_ATTEMPT), "attempt");
	assert_string_equal(flow_state_name(FLOW_ESTABLISHED), "established");
	assert_string_equal(flow_state_name(FLOW_FINISHED), "finished");
}

static void
test_icmp_roles(void **state)
{
	uint8_t counterpart = 99;

	(void)state;
	assert_int_equal(
	    icmp_role_of(PROTOCOL_ICMP, 3, &counterpart), ICMP_ONE_WAY);
	assert_int_equal(counterpart, 99);
	assert_int_equal(
	    icmp_role_of(PROTOCOL_ICMP, 13, &counterpart), ICMP_REQUEST);
	assert_int_equal(counterpart, 14);
	assert_int_equal(
	    icmp_role_of(PROTOCOL_ICMPV6, 136, &counterpart), ICMP_REPLY);
	assert_int_equal(counterpart, 135);
	assert_int_equal(
	    icmp_role_of(PROTOCOL_ICMPV6, 8, &counterpart), ICMP_ONE_WAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_community_id_of_ports),
	    cmocka_unit_test(test_community_id_of_icmp),
	    cmocka_unit_test(test_community_id_of_one_way_icmp_keeps_its_order),
	    cmocka_unit_test(test_stronger_evidence_turns_the_flow),
	    cmocka_unit_test(test_same_client_gains_confidence_only),
	    cmocka_unit_test(test_reset_is_no_answer_when_turned),
	    cmocka_unit_test(test_flow_id_depends_on_each_part),
	    cmocka_unit_test(test_flow_id_stays_the_same),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_icmp_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
