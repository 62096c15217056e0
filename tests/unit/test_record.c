#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/finding.h"
#include "alerts/record.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"
#include "unit/alerts_scene.h"

static const struct record_source replayed = {
    .host = "tap-rack7", .pcap_filename = "shop.pcap"};

static const char signature[] = "shop/front-end spoke mongodb to "
				"shop/carts-db on tcp/27017; "
				"only shop/carts may";

static struct finding
some_finding(void)
{
	static char sentence[] = "192.0.2.1 tried to reach shop/carts-db on "
				 "tcp/22; nobody may";
	static char client[] = "192.0.2.1", server[] = "shop/carts-db";

	return (struct finding){
	    .uid = "0123456789abcdef",
	    .state = FINDING_NEW,
	    .count = 1,
	    .first_seen = {SCENE_START + NS_PER_SECOND},
	    .last_seen = {SCENE_START + NS_PER_SECOND},
	    .deviation = DEVIATION_RELATIONSHIP,
	    .severity = SEVERITY_HIGH,
	    .signature = sentence,
	    .client = client,
	    .server = server,
	    .application = "mongodb",
	    .port = 27017,
	    .protocol = PROTOCOL_TCP,
	    .flow_start = {SCENE_START},
	    .flow_id = 1676750115612680,
	};
}

static void
write_alert(struct text *line, const struct scene *s)
{
	struct finding finding = some_finding();
	struct instant at = {SCENE_START + NS_PER_SECOND};

	text_init(line, RECORD_MAXIMUM);
	finding.deviation = s->about.verdict.deviation;
	finding.severity = s->about.verdict.severity;
	record_write_alert(line, &replayed, &s->about, &finding, signature, at);
}

/* Reads a record back; a record that is no JSON fails here. */
static struct json *
parse(struct text *line)
{
	struct json_fault fault;
	struct json *record = json_parse(line->at, line->length, &fault);

	if (record == NULL)
		fail_msg("%s in %s", fault.message, line->at);
	assert_false(line->overflow);
	assert_null(strchr(line->at, '\n'));
	text_release(line);
	return record;
}

static struct json *
alert_of(const struct scene *s)
{
	struct text line;

	write_alert(&line, s);
	return parse(&line);
}

static struct json *
flow_of(const struct scene *s)
{
	struct text line;

	text_init(&line, RECORD_MAXIMUM);
	record_write_flow(&line, &replayed, &s->about, FLOW_TIMEOUT);
	return parse(&line);
}

/* --- golden lines --------------------------------------------------------- */

static void
an_alert_is_this_line(void **state)
{
	struct scene s;
	struct text line;

	(void)state;
	scene_make(&s);
	write_alert(&line, &s);
	assert_string_equal(line.at,
	    "{\"timestamp\":\"2026-08-24T09:15:28.401120+0000\","
	    "\"event_type\":\"alert\",\"host\":\"tap-rack7\","
	    "\"pcap_filename\":\"shop.pcap\",\"pcap_cnt\":17,"
	    "\"flow_id\":1984005556245926,"
	    "\"community_id\":\"1:5c1vGCwTtpdO6pDhqWhWoemjp/0=\","
	    "\"src_ip\":\"10.244.1.17\",\"src_port\":41532,"
	    "\"dest_ip\":\"10.244.2.23\",\"dest_port\":27017,"
	    "\"proto\":\"TCP\",\"ip_v\":4,\"app_proto\":\"mongodb\","
	    "\"app_confidence\":\"dpi\","
	    "\"direction_confidence\":\"handshake\",\"flow\":{"
	    "\"pkts_toserver\":6,\"pkts_toclient\":5,"
	    "\"bytes_toserver\":512,\"bytes_toclient\":498,"
	    "\"duplicates\":0,"
	    "\"start\":\"2026-08-24T09:15:27.401120+0000\","
	    "\"state\":\"established\",\"conn_state\":\"OTH\"},\"tcp\":{\"tcp_"
	    "flags\":\"1a\","
	    "\"tcp_flags_ts\":\"1a\",\"tcp_flags_tc\":\"12\"},\"alert\":{"
	    "\"action\":\"allowed\",\"gid\":100,\"signature_id\":1001,"
	    "\"rev\":1,"
	    "\"signature\":\"shop/front-end spoke mongodb to shop/carts-d"
	    "b on tcp/27017; only shop/carts may\","
	    "\"category\":\"Potential Corporate Privacy Violation\","
	    "\"severity\":1},\"src_workload\":{\"cluster\":\"eu1\","
	    "\"namespace\":\"shop\",\"application\":\"front-end\","
	    "\"kind\":\"Deployment\",\"name\":\"front-end-6d4cf-x8k2p\","
	    "\"node\":\"worker-3\",\"labels\":{\"app\":\"front-end\","
	    "\"env\":\"prod\"},\"attribution\":\"exact\"},"
	    "\"dest_workload\":{\"cluster\":\"eu1\","
	    "\"namespace\":\"shop\",\"application\":\"carts-db\","
	    "\"kind\":\"StatefulSet\",\"name\":\"carts-db-0\","
	    "\"node\":\"worker-5\","
	    "\"image\":\"registry.example/mongo:7.0\","
	    "\"model\":\"mongodb\",\"attribution\":\"exact\"},"
	    "\"policy\":{\"verdict\":\"deviation\","
	    "\"deviation\":\"relationship\",\"attempted\":false,"
	    "\"model\":\"mongodb\","
	    "\"source\":\"models/library/mongodb.yaml:14\","
	    "\"expected\":\"mongodb on tcp/27017 from shop/carts\","
	    "\"observed\":\"mongodb on tcp/27017 from shop/front-end\","
	    "\"severity\":\"high\",\"tags\":{\"data\":\"customer\"},"
	    "\"metadata_age_ms\":4321},\"finding\":{"
	    "\"uid\":\"0123456789abcdef\",\"state\":\"new\",\"count\":1,"
	    "\"first_seen\":\"2026-08-24T09:15:28.401120+0000\","
	    "\"last_seen\":\"2026-08-24T09:15:28.401120+0000\"}}");
	text_release(&line);
}

/* Allowed, tagged, in VXLAN, to a service's virtual address. */
static void
a_flow_is_this_line(void **state)
{
	static const struct record_source live = {
	    .host = "tap-rack7", .interface = "span0"};
	struct scene s;
	struct text line;

	(void)state;
	scene_make(&s);
	s.flow.vlan_count = 2;
	s.flow.vlans[0] = 100;
	s.flow.vlans[1] = 7;
	s.flow.tunnel = (struct tunnel){TUNNEL_VXLAN, 42,
	    scene_address("fd00::1"), scene_address("fd00:0:0:1::2")};
	s.flow.ends[1].address = scene_address("10.96.0.7");
	s.about.server = (struct party){.attribution = ATTRIBUTION_SERVICE,
	    .address = s.flow.ends[1].address,
	    .service = &s.service};
	s.about.verdict = (struct verdict){.kind = VERDICT_ALLOWED,
	    .client = &s.client_identity,
	    .server = &s.server_identity,
	    .statement = &s.statement};
	text_init(&line, RECORD_MAXIMUM);
	record_write_flow(&line, &live, &s.about, FLOW_CLOSED);
	assert_string_equal(line.at,
	    "{\"timestamp\":\"2026-08-24T09:15:29.401120+0000\","
	    "\"event_type\":\"flow\",\"host\":\"tap-rack7\","
	    "\"in_iface\":\"span0\",\"flow_id\":2323923069451590,"
	    "\"community_id\":\"1:Hsl6f/DANmhruvWMVW7jjtoO7BM=\","
	    "\"vlan\":[100,7],\"src_ip\":\"10.244.1.17\","
	    "\"src_port\":41532,\"dest_ip\":\"10.96.0.7\","
	    "\"dest_port\":27017,\"proto\":\"TCP\",\"ip_v\":4,"
	    "\"app_proto\":\"mongodb\",\"app_confidence\":\"dpi\","
	    "\"direction_confidence\":\"handshake\",\"tunnel\":{"
	    "\"type\":\"vxlan\",\"vni\":42,\"src_ip\":\"fd00::1\","
	    "\"dest_ip\":\"fd00:0:0:1::2\"},\"flow\":{"
	    "\"pkts_toserver\":6,\"pkts_toclient\":5,"
	    "\"bytes_toserver\":512,\"bytes_toclient\":498,\"duplicates\":0,"
	    "\"start\":\"2026-08-24T09:15:27.401120+0000\","
	    "\"end\":\"2026-08-24T09:15:29.401120+0000\",\"age\":2,"
	    "\"state\":\"established\",\"conn_state\":\"OTH\",\"reason\""
	    ":\"closed\",\"alerted\":false},\"tcp\":{\"tcp_flags\":\"1a\""
	    ",\"tcp_flags_ts\":\"1a\",\"tcp_flags_tc\":\"12\"},"
	    "\"src_workload\":{\"cluster\":\"eu1\","
	    "\"namespace\":\"shop\",\"application\":\"front-end\","
	    "\"kind\":\"Deployment\",\"name\":\"front-end-6d4cf-x8k2p\","
	    "\"node\":\"worker-3\",\"labels\":{\"app\":\"front-end\","
	    "\"env\":\"prod\"},\"attribution\":\"exact\"},"
	    "\"dest_workload\":{\"namespace\":\"shop\","
	    "\"name\":\"carts\",\"attribution\":\"service\"},"
	    "\"service\":{\"name\":\"carts\",\"namespace\":\"shop\","
	    "\"ip\":\"10.96.0.7\",\"port\":27017},\"policy\":{"
	    "\"verdict\":\"allowed\",\"attempted\":false,"
	    "\"statement\":\"allow  shop/front-end -> shop/carts-db  mong"
	    "odb  tcp/27017\","
	    "\"model\":\"mongodb\","
	    "\"source\":\"models/library/mongodb.yaml:14\",\"tags\":{"
	    "\"data\":\"customer\"},\"metadata_age_ms\":4321}}");
	text_release(&line);
}

static void
a_finding_is_this_line(void **state)
{
	struct finding finding = some_finding();
	struct instant at = {SCENE_START + 900 * NS_PER_SECOND};
	struct text line;

	(void)state;
	finding.state = FINDING_CLOSED;
	finding.count = 500;
	finding.last_seen.ns += 3 * NS_PER_SECOND;
	finding.attempted = true;
	finding.application = "unknown";
	text_init(&line, RECORD_MAXIMUM);
	record_write_finding(&line, &replayed, &finding, at);
	assert_string_equal(line.at,
	    "{\"timestamp\":\"2026-08-24T09:30:27.401120+0000\","
	    "\"event_type\":\"finding\",\"host\":\"tap-rack7\","
	    "\"pcap_filename\":\"shop.pcap\","
	    "\"flow_id\":1676750115612680,\"dest_port\":27017,"
	    "\"proto\":\"TCP\",\"app_proto\":\"unknown\",\"flow\":{"
	    "\"start\":\"2026-08-24T09:15:27.401120+0000\"},\"alert\":{"
	    "\"action\":\"allowed\",\"gid\":100,\"signature_id\":1001,"
	    "\"rev\":1,"
	    "\"signature\":\"192.0.2.1 tried to reach shop/carts-db on tc"
	    "p/22; nobody may\","
	    "\"category\":\"Potential Corporate Privacy Violation\","
	    "\"severity\":1},\"policy\":{\"verdict\":\"deviation\","
	    "\"deviation\":\"relationship\",\"attempted\":true,"
	    "\"severity\":\"high\"},\"finding\":{"
	    "\"uid\":\"0123456789abcdef\",\"state\":\"closed\","
	    "\"count\":500,"
	    "\"first_seen\":\"2026-08-24T09:15:28.401120+0000\","
	    "\"last_seen\":\"2026-08-24T09:15:31.401120+0000\","
	    "\"client\":\"192.0.2.1\",\"server\":\"shop/carts-db\"}}");
	text_release(&line);
}

/* --- what depends on the flow --------------------------------------------- */

static void
the_client_is_the_source(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.flow.client = 1;
	record = flow_of(&s);
	assert_string_equal(json_get_text(record, "src_ip"), "10.244.2.23");
	assert_int_equal(json_get_integer(record, "src_port", 0), 27017);
	assert_int_equal(
	    json_get_integer(json_get(record, "flow"), "pkts_toserver", 0), 5);
	assert_int_equal(
	    json_get_integer(json_get(record, "flow"), "bytes_toclient", 0),
	    512);
	assert_string_equal(
	    json_get_text(json_get(record, "tcp"), "tcp_flags_ts"), "12");
	json_free(record);
}

static void
icmp_has_types_and_no_ports(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.flow.protocol = PROTOCOL_ICMPV6;
	s.flow.icmp_type = 128;
	s.flow.ends[0].address = scene_address("fd00::1");
	s.flow.ends[1].address = scene_address("fd00::2");
	record = flow_of(&s);
	assert_string_equal(json_get_text(record, "proto"), "IPv6-ICMP");
	assert_int_equal(json_get_integer(record, "icmp_type", -1), 128);
	assert_int_equal(json_get_integer(record, "icmp_code", -1), 0);
	assert_int_equal(json_get_integer(record, "ip_v", 0), 6);
	assert_null(json_get(record, "src_port"));
	assert_null(json_get(record, "dest_port"));
	assert_null(json_get(record, "tcp"));
	json_free(record);
}

/* One record for both views of a connection that went through a service. */
static void
a_translated_flow_names_its_service(void **state)
{
	struct scene s;
	const struct json *service;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.flow.duplicates = 11;
	s.about.service =
	    (struct service_view){&s.service, scene_address("10.96.0.7"), 80};
	record = alert_of(&s);
	service = json_get(record, "service");
	assert_string_equal(json_get_text(record, "dest_ip"), "10.244.2.23");
	assert_int_equal(json_get_integer(record, "dest_port", 0), 27017);
	assert_string_equal(json_get_text(service, "name"), "carts");
	assert_string_equal(json_get_text(service, "namespace"), "shop");
	assert_string_equal(json_get_text(service, "ip"), "10.96.0.7");
	assert_int_equal(json_get_integer(service, "port", 0), 80);
	assert_int_equal(
	    json_get_integer(json_get(record, "flow"), "duplicates", 0), 11);
	assert_string_equal(
	    json_get_text(json_get(record, "dest_workload"), "attribution"),
	    "exact");
	json_free(record);
}

static void
a_protocol_without_a_name_is_a_number(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.flow.protocol = 61;
	record = flow_of(&s);
	assert_string_equal(json_get_text(record, "proto"), "061");
	assert_null(json_get(record, "icmp_type"));
	json_free(record);
}

static void
what_only_a_port_suggests_says_so(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.about.appid.confidence = APP_PORT;
	record = flow_of(&s);
	assert_string_equal(json_get_text(record, "app_proto"), "mongodb");
	assert_string_equal(json_get_text(record, "app_confidence"), "port");
	json_free(record);
}

static void
infrastructure_has_no_policy(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.about.judged = false;
	record = flow_of(&s);
	assert_null(json_get(record, "policy"));
	assert_null(json_get(json_get(record, "dest_workload"), "model"));
	assert_false(
	    json_is_true(json_get(json_get(record, "flow"), "alerted")));
	json_free(record);
	s.about.judged = true;
	record = flow_of(&s);
	assert_true(
	    json_is_true(json_get(json_get(record, "flow"), "alerted")));
	json_free(record);
}

static void
an_unknown_verdict_says_no_more(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.about.verdict = (struct verdict){.kind = VERDICT_UNKNOWN};
	s.about.metadata_age_ns = -1;
	record = flow_of(&s);
	assert_string_equal(
	    json_get_text(json_get(record, "policy"), "verdict"), "unknown");
	assert_null(json_get(json_get(record, "policy"), "deviation"));
	assert_null(json_get(json_get(record, "policy"), "model"));
	assert_null(json_get(json_get(record, "policy"), "metadata_age_ms"));
	json_free(record);
}

/* --- what depends on the ends --------------------------------------------- */

static void
expect_client(struct scene *s, const char *name, const char *node)
{
	struct json *record = flow_of(s);
	const struct json *client = json_get(record, "src_workload");

	assert_string_equal(json_get_text(client, "attribution"),
	    attribution_name(s->about.client.attribution));
	if (name == NULL)
		assert_null(json_get(client, "name"));
	else
		assert_string_equal(json_get_text(client, "name"), name);
	if (node == NULL)
		assert_null(json_get(client, "node"));
	else
		assert_string_equal(json_get_text(client, "node"), node);
	assert_null(json_get(client, "application"));
	json_free(record);
}

static void
every_attribution_has_its_keys(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.client.node = &s.node;
	s.about.client.zone = &s.zone;
	s.about.client.attribution = ATTRIBUTION_NODE;
	expect_client(&s, "worker-3", "worker-3");
	s.about.client.attribution = ATTRIBUTION_AMBIGUOUS;
	expect_client(&s, "worker-3", "worker-3");
	s.about.client.attribution = ATTRIBUTION_ZONE;
	expect_client(&s, "lan", NULL);
	s.about.client.attribution = ATTRIBUTION_EXTERNAL;
	expect_client(&s, NULL, NULL);
	s.about.client.attribution = ATTRIBUTION_UNATTRIBUTED;
	expect_client(&s, NULL, NULL);
}

/* A pod with two containers has two models; the alert is about one. */
static void
the_model_that_decided_is_named(void **state)
{
	static const struct model exporter = {.name = "mongodb-exporter"};
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.models[0] = &exporter;
	s.models[1] = &s.model;
	s.server_identity.model_count = 2;
	record = alert_of(&s);
	assert_string_equal(
	    json_get_text(json_get(record, "dest_workload"), "model"),
	    "mongodb");
	assert_string_equal(
	    json_get_text(json_get(record, "policy"), "model"), "mongodb");
	json_free(record);
	s.about.verdict = (struct verdict){.kind = VERDICT_UNMODELLED,
	    .client = &s.client_identity,
	    .server = &s.server_identity};
	record = flow_of(&s);
	assert_string_equal(
	    json_get_text(json_get(record, "dest_workload"), "model"),
	    "mongodb-exporter");
	json_free(record);
}

static void
a_segment_brings_its_rules(void **state)
{
	struct scene s;
	struct json *record;
	const struct json *policy;

	(void)state;
	scene_make(&s);
	scene_make_segment(&s);
	record = alert_of(&s);
	policy = json_get(record, "policy");
	assert_string_equal(json_get_text(policy, "segment"), "ib-production");
	assert_string_equal(json_get_text(policy, "severity"), "critical");
	assert_string_equal(
	    json_get_text(policy, "source"), "models/segments.yaml:7");
	assert_int_equal(json_count(json_get(policy, "compliance")), 2);
	assert_string_equal(
	    json_text(json_at(json_get(policy, "compliance"), 1)), "GDPR 32");
	assert_string_equal(
	    json_text(json_at(
		json_get(json_get(record, "dest_workload"), "segments"), 0)),
	    "ib-production");
	assert_int_equal(
	    json_get_integer(json_get(record, "alert"), "severity", 0), 1);
	assert_int_equal(
	    json_get_integer(json_get(record, "alert"), "signature_id", 0),
	    1005);
	json_free(record);
}

/* --- hostile metadata ----------------------------------------------------- */

static void
hostile_names_stay_inside_their_strings(void **state)
{
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	s.client.name = "a\",\"alert\":{\"x\":\"\n\r\x01\\";
	s.client.namespace = "bad\xff\xc3(utf";
	s.labels[0] = (struct label){"k\"\n\xfe", "v\"\n\xed\xa0\x80"};
	record = alert_of(&s);
	assert_string_equal(
	    json_get_text(json_get(record, "src_workload"), "name"),
	    s.client.name);
	assert_string_equal(
	    json_get_text(json_get(record, "src_workload"), "namespace"),
	    "bad\xef\xbf\xbd\xef\xbf\xbd(utf");
	assert_string_equal(
	    json_get_text(json_get(json_get(record, "src_workload"), "labels"),
		"k\"\n\xef\xbf\xbd"),
	    "v\"\n\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_free(record);
}

static void
count_member(const char *key, const struct json *value, void *context)
{
	size_t *count = context;

	(void)key;
	assert_in_range(strlen(json_text(value)), 0, 256);
	++*count;
}

static void
labels_are_few_and_short(void **state)
{
	static char names[80][8];
	static char long_key[400], long_value[1000];
	static struct label labels[80];
	struct scene s;
	struct json *record;
	const struct json *written;
	size_t count = 0;

	(void)state;
	scene_make(&s);
	memset(long_key, 'k', sizeof(long_key) - 1);
	/* Two octets a character: 256 falls on an end, 255 would not. */
	long_value[0] = 'x';
	for (size_t i = 1; i + 2 < sizeof(long_value); i += 2)
		memcpy(long_value + i, "\xc3\xa9", 2);
	labels[0] = (struct label){long_key, "v"};
	for (size_t i = 1; i < 80; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "key%02zu", i);
		labels[i] = (struct label){names[i], long_value};
	}
	s.client.labels = (struct labels){labels, 80};
	record = alert_of(&s);
	written = json_get(json_get(record, "src_workload"), "labels");
	json_each(written, count_member, &count);
	assert_int_equal(count, 63); /* 64 but for the key that is too long */
	assert_null(json_get(written, long_key));
	assert_int_equal(strlen(json_get_text(written, "key01")), 255);
	json_free(record);
}

/* Control characters take six octets each, so 64 labels are too many. */
static void
labels_go_first_when_it_does_not_fit(void **state)
{
	static char names[64][8], value[257];
	static struct label labels[64];
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	memset(value, 1, sizeof(value) - 1);
	for (size_t i = 0; i < 64; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "key%02zu", i);
		labels[i] = (struct label){names[i], value};
	}
	s.client.labels = (struct labels){labels, 64};
	record = alert_of(&s);
	assert_null(json_get(json_get(record, "src_workload"), "labels"));
	assert_string_equal(
	    json_get_text(json_get(record, "src_workload"), "application"),
	    "front-end");
	assert_non_null(json_get(json_get(record, "policy"), "expected"));
	json_free(record);
}

static void
an_alert_is_never_lost_to_its_metadata(void **state)
{
	static char huge[100000];
	struct scene s;
	struct json *record;

	(void)state;
	scene_make(&s);
	memset(huge, 1, sizeof(huge) - 1);
	s.client.name = s.client.kind = s.client.node = huge;
	s.server.name = s.server.kind = s.server.node = huge;
	record = alert_of(&s);
	assert_null(json_get(record, "src_workload"));
	assert_string_equal(
	    json_get_text(json_get(record, "policy"), "deviation"),
	    "relationship");
	assert_string_equal(
	    json_get_text(json_get(record, "alert"), "signature"), signature);
	assert_string_equal(json_get_text(json_get(record, "finding"), "uid"),
	    "0123456789abcdef");
	json_free(record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_alert_is_this_line),
	    cmocka_unit_test(a_flow_is_this_line),
	    cmocka_unit_test(a_finding_is_this_line),
	    cmocka_unit_test(the_client_is_the_source),
	    cmocka_unit_test(icmp_has_types_and_no_ports),
	    cmocka_unit_test(a_translated_flow_names_its_service),
	    cmocka_unit_test(a_protocol_without_a_name_is_a_number),
	    cmocka_unit_test(what_only_a_port_suggests_says_so),
	    cmocka_unit_test(infrastructure_has_no_policy),
	    cmocka_unit_test(an_unknown_verdict_says_no_more),
	    cmocka_unit_test(every_attribution_has_its_keys),
	    cmocka_unit_test(the_model_that_decided_is_named),
	    cmocka_unit_test(a_segment_brings_its_rules),
	    cmocka_unit_test(hostile_names_stay_inside_their_strings),
	    cmocka_unit_test(labels_are_few_and_short),
	    cmocka_unit_test(labels_go_first_when_it_does_not_fit),
	    cmocka_unit_test(an_alert_is_never_lost_to_its_metadata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
