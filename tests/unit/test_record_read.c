/*
 * Flows read back from records: the short form, our own, and every way a line
 * can be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/record_read.h"
#include "classifiers/outside.h"
#include "sensor/base/json_read.h"

struct outcome {
	enum record_kind kind;
	struct flow flow;
	struct appid appid;
	struct record_fault fault;
};

static struct outcome
read_text(const char *text)
{
	struct json_fault fault;
	struct json *record = json_parse(text, strlen(text), &fault);
	struct outcome outcome = {.fault = {NULL, NULL}};

	assert_non_null(record);
	outcome.kind =
	    record_read(record, &outcome.flow, &outcome.appid, &outcome.fault);
	json_free(record);
	return outcome;
}

static void
assert_address(const struct address *address, const char *expected)
{
	char text[ADDRESS_TEXT_SIZE];

	address_print(address, text);
	assert_string_equal(text, expected);
}

#define SHORT                                                                  \
	"\"time\":\"2026-11-21T06:28:00Z\",\"src_ip\":\"10.0.0.1\","           \
	"\"dest_ip\":\"fd00::2\","
#define START (INT64_C(1795242480) * NS_PER_SECOND)

static void
the_short_form(void **state)
{
	struct outcome o =
	    read_text("{" SHORT "\"dest_port\":6379,\"proto\":\"tcp\","
		      "\"app_proto\":\"redis\"}");

	(void)state;
	assert_int_equal(o.kind, RECORD_FLOW);
	assert_address(&flow_client(&o.flow)->address, "10.0.0.1");
	assert_address(&flow_server(&o.flow)->address, "fd00::2");
	assert_int_equal(flow_server(&o.flow)->port, 6379);
	assert_int_equal(o.flow.protocol, PROTOCOL_TCP);
	assert_int_equal(o.flow.first.ns, START);
	assert_true(o.flow.answered);
	assert_false(o.flow.midstream);
	assert_int_equal(o.flow.direction, DIRECTION_HANDSHAKE);
	assert_false(flow_direction_is_guess(&o.flow));
	assert_int_equal(o.appid.application, APPLICATION_REDIS);
	assert_int_equal(o.appid.confidence, APP_DPI);
}

/* Who sent nothing may not have asked. */
static void
with_counts(void **state)
{
	struct outcome o =
	    read_text("{" SHORT "\"proto\":\"icmp\","
		      "\"flow\":{\"pkts_toserver\":0,\"pkts_toclient\":7}}");

	(void)state;
	assert_int_equal(o.kind, RECORD_FLOW);
	assert_int_equal(o.flow.packets[o.flow.client], 0);
	assert_int_equal(o.flow.packets[!o.flow.client], 7);
	assert_true(flow_direction_is_guess(&o.flow));
}

static void
without_an_application(void **state)
{
	struct outcome o = read_text("{" SHORT "\"proto\":\"icmp\"}");

	(void)state;
	assert_int_equal(o.kind, RECORD_FLOW);
	assert_int_equal(o.flow.protocol, PROTOCOL_ICMP);
	assert_int_equal(o.appid.application, APPLICATION_UNKNOWN);
	assert_int_equal(o.appid.confidence, APP_NONE);
}

static void
our_own_form(void **state)
{
	struct outcome o = read_text(
	    "{\"timestamp\":\"2026-11-21T06:30:00.000000+0000\","
	    "\"event_type\":\"flow\",\"src_ip\":\"10.0.0.1\",\"src_port\":5,"
	    "\"dest_ip\":\"10.0.0.2\",\"dest_port\":443,\"proto\":\"TCP\","
	    "\"app_proto\":\"http\",\"app_carrier\":\"tls\","
	    "\"app_confidence\":\"partial\","
	    "\"direction_confidence\":\"heuristic\",\"flow\":{"
	    "\"start\":\"2026-11-21T06:28:00.000001+0000\","
	    "\"end\":\"2026-11-21T06:29:00.000000+0000\"},"
	    "\"policy\":{\"verdict\":\"allowed\",\"attempted\":true}}");

	(void)state;
	assert_int_equal(o.kind, RECORD_FLOW);
	assert_int_equal(o.flow.first.ns, START + NS_PER_US);
	assert_int_equal(o.flow.last.ns, START + 60 * NS_PER_SECOND);
	assert_int_equal(flow_client(&o.flow)->port, 5);
	assert_int_equal(o.appid.application, APPLICATION_HTTP);
	assert_int_equal(o.appid.carrier, APPLICATION_TLS);
	assert_int_equal(o.appid.confidence, APP_PARTIAL);
	assert_true(o.flow.midstream);
	assert_int_equal(o.flow.direction, DIRECTION_HEURISTIC);
	assert_false(o.flow.answered);
}

/* Only TCP has a beginning that can be missed. */
static void
udp_is_never_midstream(void **state)
{
	struct outcome o =
	    read_text("{" SHORT "\"proto\":\"UDP\",\"dest_port\":53,"
		      "\"direction_confidence\":\"heuristic\"}");

	(void)state;
	assert_int_equal(o.kind, RECORD_FLOW);
	assert_false(o.flow.midstream);
	assert_int_equal(o.flow.direction, DIRECTION_HEURISTIC);
}

static void
protocols_by_any_name(void **state)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {{"UDP", 17}, {"sctp", 132}, {"IPv6-ICMP", 58},
	    {"icmpv6", 58}, {"GRE", 47}, {"253", 253}, {"009", 9}};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct outcome o;

		(void)snprintf(text, sizeof(text),
		    "{" SHORT "\"dest_port\":1,\"proto\":\"%s\"}",
		    known[i].name);
		o = read_text(text);
		assert_int_equal(o.kind, RECORD_FLOW);
		assert_int_equal(o.flow.protocol, known[i].number);
	}
}

static void
alerts_and_other_events(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"event_type\":\"alert\"," SHORT
				   "\"dest_port\":1,\"proto\":\"tcp\"}")
			     .kind,
	    RECORD_ALERT);
	assert_int_equal(
	    read_text("{\"event_type\":\"finding\"}").kind, RECORD_ELSE);
	assert_int_equal(
	    read_text("{\"event_type\":\"stats\"}").kind, RECORD_ELSE);
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *key;
	} wrong[] = {
	    {"[]", "the line"},
	    {"{}", "proto"},
	    {"{" SHORT "\"proto\":\"tcpp\"}", "proto"},
	    {"{" SHORT "\"proto\":\"256\"}", "proto"},
	    {"{" SHORT "\"proto\":\"0006\"}", "proto"},
	    {"{" SHORT "\"proto\":6}", "proto"},
	    {"{" SHORT "\"proto\":\"tcp\"}", "dest_port"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":\"80\"}", "dest_port"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":65536}", "dest_port"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":-1}", "dest_port"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":1,\"src_port\":\"x\"}",
		"src_port"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":1,"
	     "\"app_proto\":\"rediss\"}",
		"app_proto"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":1,"
	     "\"app_confidence\":\"sure\"}",
		"app_confidence"},
	    {"{" SHORT "\"proto\":\"tcp\",\"dest_port\":1,"
	     "\"direction_confidence\":\"sure\"}",
		"direction_confidence"},
	    {"{\"proto\":\"udp\",\"dest_port\":1,\"dest_ip\":\"::1\"}",
		"src_ip"},
	    {"{\"proto\":\"udp\",\"dest_port\":1,\"src_ip\":\"::1\","
	     "\"dest_ip\":\"x\"}",
		"dest_ip"},
	    {"{\"proto\":\"udp\",\"dest_port\":1,\"src_ip\":\"::1\","
	     "\"dest_ip\":\"::2\"}",
		"time"},
	    {"{\"proto\":\"udp\",\"dest_port\":1,\"src_ip\":\"::1\","
	     "\"dest_ip\":\"::2\",\"timestamp\":\"+0000\"}",
		"timestamp"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct outcome o = read_text(wrong[i].text);

		assert_int_equal(o.kind, RECORD_WRONG);
		assert_string_equal(o.fault.key, wrong[i].key);
		assert_non_null(o.fault.message);
	}
}

static void
read_outside(const char *text, struct outside *out, struct json **record)
{
	struct json_fault fault;

	*record = json_parse(text, strlen(text), &fault);
	assert_non_null(*record);
	record_read_outside(*record, false, out);
}

/* What a record of ours leaves out is not there; elsewhere nobody looked. */
static void
outside_ends(void **state)
{
	struct outside out;
	struct json *record;

	(void)state;
	read_outside("{\"dest_workload\":{\"dns\":\"a.example\","
		     "\"unseen\":[\"sni\"],\"geo\":{\"country\":\"NL\","
		     "\"asn\":64500}}}",
	    &out, &record);
	assert_int_equal(out.name_count, 1);
	assert_string_equal(out.names[0], "a.example");
	assert_null(out.server_name);
	assert_false(out.names_unseen);
	assert_true(out.server_name_unseen);
	assert_string_equal(out.where.country, "NL");
	assert_int_equal(out.where.asn, 64500);
	json_free(record);
	read_outside("{\"dest_workload\":{\"sni\":\"b.example\","
		     "\"geo\":{\"country\":\"NLD\",\"asn\":-1}}}",
	    &out, &record);
	assert_string_equal(out.server_name, "b.example");
	assert_int_equal(out.name_count, 0);
	assert_false(out.names_unseen || out.server_name_unseen);
	assert_string_equal(out.where.country, "");
	assert_int_equal(out.where.asn, 0);
	json_free(record);
	read_outside("{}", &out, &record);
	assert_true(out.names_unseen && out.server_name_unseen);
	json_free(record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_short_form),
	    cmocka_unit_test(with_counts),
	    cmocka_unit_test(without_an_application),
	    cmocka_unit_test(our_own_form),
	    cmocka_unit_test(udp_is_never_midstream),
	    cmocka_unit_test(protocols_by_any_name),
	    cmocka_unit_test(alerts_and_other_events),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(outside_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
