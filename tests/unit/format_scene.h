/*
 * format_scene -- native records of every kind that formats must say, for
 * tests: format_scenes[] names them, format_scene_line() writes one.
 */
#ifndef TESTS_UNIT_FORMAT_SCENE_H
#define TESTS_UNIT_FORMAT_SCENE_H

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "alerts/record.h"
#include "alerts/sentence.h"
#include "classifiers/outside.h"
#include "sensor/base/text.h"
#include "unit/alerts_scene.h"

/* Everything that ends or escapes a field somewhere. */
#define HOSTILE_NAME                                                           \
	"a|b=c d\\e\"f]g[h\ti\nj\rk\x01l\xff"                                  \
	"m\xc2\x85n\xe2\x80\xa8"                                               \
	"o%p{q}"

/* What a scene changes beside the flow. */
struct format_case {
	struct scene s;
	struct outside outside;
	struct record_source source;
	struct finding finding;
};

struct format_scene {
	const char *name;
	enum { SCENE_FLOW, SCENE_ALERT, SCENE_FINDING } kind;
	void (*change)(struct format_case *c);
};

static inline void
scene_allow(struct format_case *c)
{
	c->s.about.verdict = (struct verdict){
	    .kind = VERDICT_ALLOWED,
	    .client = &c->s.client_identity,
	    .server = &c->s.server_identity,
	    .statement = &c->s.statement,
	};
	c->source =
	    (struct record_source){.host = "tap-rack7", .interface = "span0"};
}

static inline void
scene_outside(struct format_case *c)
{
	c->outside = (struct outside){
	    .names = {"updates.example.net"},
	    .name_count = 1,
	    .server_name = "cdn.example.net",
	    .where = {"NL", 64496, "Example Transit"},
	};
	c->s.flow.ends[0].address = scene_address("203.0.113.9");
	c->s.about.client = (struct party){.attribution = ATTRIBUTION_EXTERNAL,
	    .address = c->s.flow.ends[0].address};
	c->s.about.client_outside = &c->outside;
	c->s.about.verdict.client = NULL;
	c->s.about.verdict.deviation = DEVIATION_EXTERNAL;
	c->s.about.verdict.severity = SEVERITY_CRITICAL;
}

static inline void
scene_ipv6(struct format_case *c)
{
	c->s.flow.ends[0].address = scene_address("fd00::11");
	c->s.flow.ends[1].address = scene_address("fd00:0:0:1::2");
	c->s.about.client.address = c->s.flow.ends[0].address;
	c->s.about.server.address = c->s.flow.ends[1].address;
}

static inline void
scene_icmp(struct format_case *c)
{
	scene_ipv6(c);
	c->s.flow.protocol = PROTOCOL_ICMPV6;
	c->s.flow.icmp_type = 128;
	c->s.about.appid = (struct appid){.confidence = APP_NONE};
}

static inline void
scene_service(struct format_case *c)
{
	c->s.flow.duplicates = 11;
	c->s.about.service = (struct service_view){
	    &c->s.service, scene_address("10.96.0.7"), 80};
	c->s.about.appid.carrier = APPLICATION_TLS;
}

static inline void
scene_segment(struct format_case *c)
{
	scene_make_segment(&c->s);
	c->s.about.domain = "blue";
	c->s.flow.vlan_count = 2;
	c->s.flow.vlans[0] = 100;
	c->s.flow.vlans[1] = 7;
	c->s.flow.tunnel = (struct tunnel){TUNNEL_VXLAN, 42,
	    scene_address("fd00::1"), scene_address("fd00:0:0:1::2")};
}

static inline void
scene_attempt(struct format_case *c)
{
	c->s.flow.state = FLOW_ATTEMPT;
	c->s.flow.answered = false;
	c->s.flow.tcp_flags[1] = TCP_RST | TCP_ACK;
	c->s.about.appid = (struct appid){.confidence = APP_NONE};
	c->s.about.verdict.attempted = true;
	c->s.about.verdict.severity = SEVERITY_LOW;
}

static inline void
scene_unmodelled(struct format_case *c)
{
	scene_outside(c);
	c->s.flow.protocol = 132;
	c->s.flow.state = FLOW_FINISHED;
	c->s.about.appid.confidence = APP_PORT;
	c->s.about.verdict = (struct verdict){.kind = VERDICT_UNMODELLED};
}

/* Whoever names workloads, models and hosts wishes us no good. */
static inline void
scene_hostile(struct format_case *c)
{
	c->s.labels[0] = (struct label){HOSTILE_NAME, HOSTILE_NAME};
	c->s.client.namespace = c->s.client.application = HOSTILE_NAME;
	c->s.client.name = c->s.client.cluster = HOSTILE_NAME;
	c->s.client.kind = c->s.client.node = HOSTILE_NAME;
	c->s.container.image.name = HOSTILE_NAME;
	c->s.model.name = HOSTILE_NAME;
	c->s.tag = (struct tag){HOSTILE_NAME, HOSTILE_NAME};
	c->s.entry.place.file = HOSTILE_NAME;
	c->source = (struct record_source){.host = HOSTILE_NAME,
	    .interface = HOSTILE_NAME,
	    .pcap_filename = HOSTILE_NAME};
}

static inline void
scene_going_on(struct format_case *c)
{
	c->finding.state = FINDING_ONGOING;
	c->finding.count = 500;
	c->finding.last_seen.ns += 240 * NS_PER_SECOND;
}

static inline void
scene_closed(struct format_case *c)
{
	static char client[] = "203.0.113.9";
	static char sentence[] = "203.0.113.9 tried to reach shop/carts-db "
				 "on tcp/27017; only shop/carts may";

	c->finding.state = FINDING_CLOSED;
	c->finding.count = 501;
	c->finding.attempted = true;
	c->finding.client = client;
	c->finding.signature = sentence;
	c->finding.last_seen.ns += 200 * NS_PER_SECOND;
	c->finding.severity = SEVERITY_CRITICAL;
	c->finding.deviation = DEVIATION_EXTERNAL;
}

/* Signatures of their own, for the catalogue's may be said in other words. */
static inline void
scene_detection(struct format_case *c)
{
	static const struct signature scan = {
	    .gid = 102,
	    .id = 2001,
	    .revision = 1,
	    .detector = "scan",
	    .severity = SEVERITY_MEDIUM,
	    .technique = {"T1046", "Network Service Discovery", "Discovery",
		"TA0007"},
	    .category = "Detection of a Network Scan",
	    .title = "port scan",
	    .meaning = "made up",
	    .remedy = "made up",
	};
	static char subject[] = "shop/front-end", object[] = "shop/carts-db";
	static char evidence[] =
	    "\"ports\":1000,\"seconds\":2.5,\"answered\":false,"
	    "\"examples\":[{\"packet\":7,\"port\":22}]";
	static char silent_if[] = "fewer than 15 ports in 300 s";

	c->finding.catalogued = &scan;
	c->finding.anomaly = (struct finding_anomaly){
	    .detector = "scan",
	    .confidence = 95,
	    .subject = subject,
	    .object = object,
	    .evidence = evidence,
	    .silent_if = silent_if,
	    .verdict = VERDICT_ALLOWED,
	    .judged = true,
	};
	c->finding.deviation = DEVIATION_NONE;
	c->finding.count = 1000;
}

static inline void
scene_sub_technique(struct format_case *c)
{
	static const struct signature flood = {
	    .gid = 102,
	    .id = 2010,
	    .revision = 2,
	    .detector = "flood",
	    .severity = SEVERITY_HIGH,
	    .technique = {"T1498.001", "Direct Network Flood", "Impact",
		"TA0040"},
	    .category = "Attempted Denial of Service",
	    .title = "SYN flood",
	    .meaning = "made up",
	    .remedy = "made up",
	};
	static char about[] = "tcp/80";

	scene_detection(c);
	scene_going_on(c);
	c->finding.catalogued = &flood;
	c->finding.anomaly.detector = "flood";
	c->finding.anomaly.object = NULL;
	c->finding.anomaly.about = about;
	c->finding.anomaly.judged = false;
	c->finding.storm = STORM_BY_SUBJECT;
}

static const struct format_scene format_scenes[] = {
    {"an allowed flow", SCENE_FLOW, scene_allow},
    {"a flow that was refused", SCENE_FLOW, scene_attempt},
    {"a flow nobody knows", SCENE_FLOW, scene_unmodelled},
    {"a deviation", SCENE_ALERT, NULL},
    {"an outside end", SCENE_ALERT, scene_outside},
    {"IPv6", SCENE_ALERT, scene_ipv6},
    {"ICMP", SCENE_ALERT, scene_icmp},
    {"a service", SCENE_ALERT, scene_service},
    {"a segment", SCENE_ALERT, scene_segment},
    {"an attempt", SCENE_ALERT, scene_attempt},
    {"hostile names", SCENE_ALERT, scene_hostile},
    {"a finding that goes on", SCENE_FINDING, scene_going_on},
    {"a finding that is closed", SCENE_FINDING, scene_closed},
    {"a detection", SCENE_ALERT, scene_detection},
    {"a detection that goes on", SCENE_FINDING, scene_sub_technique},
};

#define FORMAT_SCENES (sizeof(format_scenes) / sizeof(format_scenes[0]))

static inline void
format_case_make(struct format_case *c)
{
	static char client[] = "shop/front-end", server[] = "shop/carts-db";
	static char sentence[] = "shop/front-end spoke mongodb to "
				 "shop/carts-db on tcp/27017; only "
				 "shop/carts may";

	*c = (struct format_case){
	    .source = {.host = "tap-rack7", .pcap_filename = "shop.pcap"}};
	scene_make(&c->s);
	c->finding = (struct finding){
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

static inline void
format_scene_alert(struct text *line, struct format_case *c, struct instant at)
{
	struct text sentence;

	text_init(&sentence, RECORD_MAXIMUM);
	sentence_deviation(&sentence, &c->s.about);
	if (c->finding.anomaly.detector == NULL)
		c->finding.deviation = c->s.about.verdict.deviation;
	c->finding.severity = c->s.about.verdict.severity;
	record_write_alert(
	    line, &c->source, &c->s.about, &c->finding, sentence.at, at);
	text_release(&sentence);
}

/* Writes the native line of a scene at the end of `line`. */
static inline void
format_scene_line(struct text *line, const struct format_scene *scene)
{
	struct format_case *c = malloc(sizeof(*c));
	struct instant at = {SCENE_START + NS_PER_SECOND};

	assert_non_null(c);
	format_case_make(c);
	if (scene->change != NULL)
		scene->change(c);
	switch (scene->kind) {
	case SCENE_FLOW:
		record_write_flow(line, &c->source, &c->s.about, FLOW_CLOSED);
		break;
	case SCENE_ALERT:
		format_scene_alert(line, c, at);
		break;
	case SCENE_FINDING:
		at.ns += 300 * NS_PER_SECOND;
		record_write_finding(line, &c->source, &c->finding, at);
		break;
	}
	free(c);
}

#endif
