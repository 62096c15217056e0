/*
 * alerts_scene -- a front end that speaks to a database, for tests of alerts.
 *
 * scene_make() fills in a flow and a verdict of the simplest deviation; a test
 * then changes what it is about.
 */
#ifndef TESTS_UNIT_ALERTS_SCENE_H
#define TESTS_UNIT_ALERTS_SCENE_H

#include <stdbool.h>

#include "alerts/record.h"
#include "classifiers/inventory/workload.h"
#include "models/judge.h"
#include "sensor/base/address.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

#define SCENE_START (INT64_C(1787562927) * NS_PER_SECOND + 401120000)

struct scene {
	struct workload client, server;
	struct container container;
	struct label labels[2];
	struct node node;
	struct zone zone;
	struct service service;
	struct identity client_identity, server_identity;
	const struct model *models[2];
	struct model model;
	enum application applications[2];
	const char *callers[2];
	struct same same;
	struct peer peers[2];
	struct port_range ports[2];
	struct entry entry;
	struct statement statement;
	struct segment segment;
	const struct segment *segments[1];
	struct boundary boundary;
	const char *compliance[2];
	struct tag tag;
	struct flow flow;
	struct record_flow about;
};

static inline struct address
scene_address(const char *text)
{
	struct address address = {{0}};

	assert_true(address_parse(text, &address));
	return address;
}

static inline void
scene_make_workloads(struct scene *s)
{
	s->labels[0] = (struct label){"app", "front-end"};
	s->labels[1] = (struct label){"env", "prod"};
	s->container = (struct container){
	    .name = "db", .image = {.name = "registry.example/mongo:7.0"}};
	s->client = (struct workload){
	    .cluster = "eu1",
	    .namespace = "shop",
	    .name = "front-end-6d4cf-x8k2p",
	    .application = "front-end",
	    .kind = "Deployment",
	    .node = "worker-3",
	    .labels = {s->labels, 2},
	};
	s->server = (struct workload){
	    .cluster = "eu1",
	    .namespace = "shop",
	    .name = "carts-db-0",
	    .application = "carts-db",
	    .kind = "StatefulSet",
	    .node = "worker-5",
	    .containers = &s->container,
	    .container_count = 1,
	};
	s->node = (struct node){.name = "worker-3"};
	s->zone = (struct zone){.name = "lan"};
	s->service = (struct service){.namespace = "shop", .name = "carts"};
}

/* A model that expects mongodb on tcp/27017 from shop/carts alone. */
static inline void
scene_make_model(struct scene *s)
{
	s->applications[0] = APPLICATION_MONGODB;
	s->callers[0] = "carts";
	s->callers[1] = "orders";
	s->same = (struct same){.kind = SAME_NAMESPACE};
	s->peers[0] = (struct peer){
	    .applications = {s->callers, 1},
	    .sames = &s->same,
	    .same_count = 1,
	};
	s->ports[0] = (struct port_range){
	    .protocol = PROTOCOL_TCP, .first = 27017, .last = 27017};
	s->entry = (struct entry){
	    .place = {"models/library/mongodb.yaml", 14, 5},
	    .name = "client",
	    .applications = s->applications,
	    .application_count = 1,
	    .ports = {s->ports, 1},
	    .peers = {true, s->peers, 1},
	};
	s->tag = (struct tag){"data", "customer"};
	s->model = (struct model){
	    .name = "mongodb",
	    .tags = &s->tag,
	    .tag_count = 1,
	    .severity = SEVERITY_HIGH,
	};
	s->models[0] = &s->model;
	s->client_identity =
	    (struct identity){.name = "shop/front-end", .workload = &s->client};
	s->server_identity = (struct identity){
	    .name = "shop/carts-db",
	    .workload = &s->server,
	    .models = s->models,
	    .model_count = 1,
	};
	s->statement = (struct statement){
	    .client = &s->client_identity,
	    .server = &s->server_identity,
	    .provider = &s->model,
	    .provides = &s->entry,
	    .ports = s->ports,
	    .port_count = 1,
	};
}

static inline void
scene_make_flow(struct scene *s)
{
	s->flow = (struct flow){
	    .ends = {{scene_address("10.244.1.17"), 41532},
		{scene_address("10.244.2.23"), 27017}},
	    .first = {SCENE_START},
	    .last = {SCENE_START + 2 * NS_PER_SECOND},
	    .packets = {6, 5},
	    .octets = {512, 498},
	    .protocol = PROTOCOL_TCP,
	    .direction = DIRECTION_HANDSHAKE,
	    .state = FLOW_ESTABLISHED,
	    .tcp_flags = {TCP_SYN | TCP_ACK | TCP_PSH, TCP_SYN | TCP_ACK},
	    .answered = true,
	};
	s->about = (struct record_flow){
	    .flow = &s->flow,
	    .appid = {APPLICATION_MONGODB, APPLICATION_UNKNOWN, APP_DPI},
	    .client = {.attribution = ATTRIBUTION_EXACT,
		.address = s->flow.ends[0].address,
		.workload = &s->client},
	    .server = {.attribution = ATTRIBUTION_EXACT,
		.address = s->flow.ends[1].address,
		.workload = &s->server},
	    .judged = true,
	    .verdict = {.kind = VERDICT_DEVIATION,
		.deviation = DEVIATION_RELATIONSHIP,
		.severity = SEVERITY_HIGH,
		.client = &s->client_identity,
		.server = &s->server_identity,
		.model = &s->model,
		.entry = &s->entry,
		.entry_provides = true},
	    .metadata_age_ns = 4321 * NS_PER_MS,
	    .packet = 17,
	};
}

static inline void
scene_make(struct scene *s)
{
	*s = (struct scene){.client = {.name = ""}};
	scene_make_workloads(s);
	scene_make_model(s);
	scene_make_flow(s);
}

/* The server is in a segment that keeps the client's environment out. */
static inline void
scene_make_segment(struct scene *s)
{
	s->compliance[0] = "PCI-DSS 1.3";
	s->compliance[1] = "GDPR 32";
	s->boundary = (struct boundary){
	    .place = {"models/segments.yaml", 7, 5},
	    .inward = true,
	    .peers = {true, s->peers, 1},
	};
	s->segment = (struct segment){
	    .name = "ib-production",
	    .compliance = {s->compliance, 2},
	    .severity = SEVERITY_CRITICAL,
	};
	s->segments[0] = &s->segment;
	s->server_identity.segments = s->segments;
	s->server_identity.segment_count = 1;
	s->about.verdict.deviation = DEVIATION_SEGMENT;
	s->about.verdict.severity = SEVERITY_CRITICAL;
	s->about.verdict.segment = &s->segment;
	s->about.verdict.boundary = &s->boundary;
	s->about.verdict.model = NULL;
	s->about.verdict.entry = NULL;
}

#endif
