/*
 * detector_stage -- a stage for one detector: flows made by hand, anomalies
 * collected, in a unit test (after <cmocka.h>).
 *
 *	struct stage *stage = stage_new(&detector_scan);
 *	struct stage_flow flow;
 *
 *	stage_at(stage, 12.5);
 *	flow = stage_flow(stage, "shop/carts", "10.0.0.9", PROTOCOL_TCP, 22);
 *	stage_refuse(&flow);
 *	stage_over(stage, &flow);
 *	assert_int_equal(stage_findings(stage, 2001), 1);
 *	stage_free(stage);
 *
 * `shop/carts` is a workload, `shop/carts#2` another pod of it, `node:a` a
 * node, and an address is an end outside.  The row is the real one.
 */
#ifndef TESTS_DETECTOR_STAGE_H
#define TESTS_DETECTOR_STAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/detectors.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/tuning.h"
#include "classifiers/inventory/workload.h"
#include "classifiers/outside.h"
#include "sensor/base/address.h"
#include "sensor/base/hash.h"

#define STAGE_ENDS  65536 /* a power of two */
#define STAGE_FOUND 1024

/* What was raised, the same thing each time. */
struct stage_found {
	uint32_t signature;
	char subject[96], object[96]; /* object: "" for NULL */
	char about[128];
	uint8_t confidence; /* the latest */
	uint64_t count;     /* the sum */
	uint64_t times;     /* raised */
	char sentence[512], evidence[4096], silent_if[512];
	struct instant first, last; /* told at */
};

struct stage_end {
	char asked[96], text[96], namespace[64], application[64];
	struct workload workload;
	struct node node;
	struct outside outside;
	struct party party;
	struct sighted_end end;
};

struct stage {
	const struct detector *table[2];
	struct detectors *row;
	struct tuned tuned;
	struct tuned_list list;
	struct tuning tuning;
	struct instant now;
	uint64_t packet, sequence;
	uint32_t lost_ppm;
	struct stage_end *ends;
	size_t end_count;
	struct stage_found *found;
	size_t found_count;
};

struct stage_flow {
	struct flow flow;
	struct sighting sighting;
	uint64_t told_packets[2], told_octets[2];
	struct instant spoken;
	uint32_t payloads[2], turns, begun[2];
	uint8_t closed[2];
	bool narrow[2];
};

/* Of every detector: from when to when, which packets, and a count. */
static inline void
stage_check_evidence(const struct anomaly *anomaly)
{
	static const char *const members[] = {
	    "\"first\":\"2", "\"last\":\"2", "\"packets\":["};
	const char *evidence = anomaly->evidence;
	bool counts = false;

	assert_non_null(evidence);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strstr(evidence, members[i]) == NULL)
			fail_msg("%u has no %s in %s", anomaly->signature,
			    members[i], evidence);
	for (const char *at = evidence; (at = strstr(at, "\":")) != NULL;)
		counts |= (at += 2)[0] >= '0' && at[0] <= '9';
	assert_true(counts);
}

static inline void
stage_raise(const struct detector *detector, const struct anomaly *anomaly,
    const struct sighting *sighting, void *context)
{
	struct stage *stage = context;
	const char *object =
	    anomaly->object == NULL ? "" : anomaly->object->name;
	const char *about = anomaly->about == NULL ? "" : anomaly->about;
	struct stage_found *one = stage->found;

	assert_true(anomaly->subject == &sighting->client ||
		    anomaly->subject == &sighting->server);
	assert_true(anomaly->object == NULL ||
		    anomaly->object == &sighting->client ||
		    anomaly->object == &sighting->server);
	assert_in_range(anomaly->confidence, 1, 100);
	assert_true(anomaly->count >= 1);
	assert_true(anomaly->silent_if != NULL && anomaly->silent_if[0] != 0);
	if (detector->name[0] != '-')
		stage_check_evidence(anomaly);
	while (one < stage->found + stage->found_count &&
	       (one->signature != anomaly->signature ||
		   strcmp(one->subject, anomaly->subject->name) != 0 ||
		   strcmp(one->object, object) != 0 ||
		   strcmp(one->about, about) != 0))
		one++;
	if (one == stage->found + stage->found_count) {
		assert_true(stage->found_count < STAGE_FOUND);
		stage->found_count++;
		one->signature = anomaly->signature;
		one->first = sighting->at;
		snprintf(one->subject, sizeof(one->subject), "%s",
		    anomaly->subject->name);
		snprintf(one->object, sizeof(one->object), "%s", object);
		snprintf(one->about, sizeof(one->about), "%s", about);
	}
	one->last = sighting->at;
	one->times++;
	one->count += anomaly->count;
	one->confidence = anomaly->confidence;
	snprintf(one->sentence, sizeof(one->sentence), "%s", anomaly->sentence);
	snprintf(one->evidence, sizeof(one->evidence), "%s",
	    anomaly->evidence == NULL ? "" : anomaly->evidence);
	snprintf(
	    one->silent_if, sizeof(one->silent_if), "%s", anomaly->silent_if);
}

/* `beside`: another one that is told the same, or NULL. */
static inline struct stage *
stage_new_beside(const struct detector *detector, const struct detector *beside)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct detectors_parts parts = {
	    .count = beside == NULL ? 1 : 2,
	    .loss_bound = DETECTORS_LOSS_BOUND,
	    .raise = stage_raise,
	    .context = stage,
	};

	assert_non_null(stage);
	stage->ends = calloc(STAGE_ENDS, sizeof(*stage->ends));
	stage->found = calloc(STAGE_FOUND, sizeof(*stage->found));
	assert_non_null(stage->ends);
	assert_non_null(stage->found);
	stage->now = (struct instant){1700000000 * NS_PER_SECOND};
	stage->table[0] = detector;
	stage->table[1] = beside;
	parts.table = stage->table;
	stage->row = detectors_new(&parts);
	return stage;
}

static inline struct stage *
stage_new(const struct detector *detector)
{
	return stage_new_beside(detector, NULL);
}

static inline void
stage_free(struct stage *stage)
{
	detectors_free(stage->row);
	free(stage->ends);
	free(stage->found);
	free(stage);
}

/* Sets one setting; may be called again for others. */
static inline void
stage_set(struct stage *stage, const char *name, double value)
{
	const struct detector *detector = stage->table[0];
	size_t index = 0;

	while (index < detector->setting_count &&
	       strcmp(detector->settings[index].name, name) != 0)
		index++;
	assert_true(index < detector->setting_count);
	stage->tuned.sets |= 1U << index;
	stage->tuned.values[index] = value;
	stage->list = (struct tuned_list){&stage->tuned, 1};
	stage->tuning = (struct tuning){&stage->list, 1};
	detectors_tune(stage->row, &stage->tuning);
}

/* Goes on to a time, in seconds since the stage was made; never back. */
static inline void
stage_at(struct stage *stage, double seconds)
{
	struct instant at = {
	    1700000000 * NS_PER_SECOND + (int64_t)(seconds * 1e9)};

	assert_false(instant_before(at, stage->now));
	stage->now = at;
	detectors_clock(stage->row, at);
}

static inline uint64_t
stage_key(const char *text)
{
	static const struct hash_key key = {{3, 4}};

	return hash_octets(&key, text, strlen(text)) | 1;
}

static inline void
stage_make_outside(struct stage_end *one)
{
	one->party.attribution = ATTRIBUTION_EXTERNAL;
	one->end.outside = &one->outside;
	one->end.key = one->end.instance = stage_key(one->text);
	one->end.name = one->text;
}

static inline void
stage_make_node(struct stage_end *one)
{
	one->node = (struct node){.cluster = "", .name = one->text + 5};
	one->party.attribution = ATTRIBUTION_NODE;
	one->party.node = &one->node;
	one->end.inside = true;
	one->end.key = one->end.instance = stage_key(one->text);
	one->end.name = one->text + 5;
}

static inline void
stage_make_workload(struct stage_end *one)
{
	char *number = strchr(one->text, '#');
	char *slash = strchr(one->text, '/');

	one->end.instance = stage_key(one->text);
	if (number != NULL)
		*number = '\0';
	assert_non_null(slash);
	snprintf(one->namespace, sizeof(one->namespace), "%.*s",
	    (int)(slash - one->text), one->text);
	snprintf(one->application, sizeof(one->application), "%s", slash + 1);
	one->workload = (struct workload){
	    .id = one->text,
	    .cluster = "",
	    .orchestrator = "kubernetes",
	    .namespace = one->namespace,
	    .name = one->application,
	    .application = one->application,
	    .application_source = "",
	    .kind = "Deployment",
	    .node = "",
	    .provides = "",
	    .needs = "",
	};
	one->party.attribution = ATTRIBUTION_EXACT;
	one->party.workload = &one->workload;
	one->end.inside = true;
	one->end.application = one->application;
	one->end.key = stage_key(one->text);
	one->end.name = one->text;
}

/* An end by its text, the same one each time. */
static inline struct stage_end *
stage_end_of(struct stage *stage, const char *text)
{
	static const uint8_t pods[2] = {10, 244};
	size_t place = stage_key(text) % STAGE_ENDS;
	struct stage_end *one;
	uint8_t octets[4];
	struct address address;

	while ((one = &stage->ends[place])->asked[0] != '\0') {
		if (strcmp(one->asked, text) == 0)
			return one;
		place = (place + 1) % STAGE_ENDS;
	}
	assert_true(++stage->end_count < STAGE_ENDS);
	snprintf(one->asked, sizeof(one->asked), "%s", text);
	snprintf(one->text, sizeof(one->text), "%s", text);
	one->end.party = &one->party;
	if (address_parse(text, &address)) {
		stage_make_outside(one);
	} else {
		octets[0] = pods[0];
		octets[1] = pods[1];
		octets[2] = (uint8_t)(stage_key(text) >> 8);
		octets[3] = (uint8_t)(stage_key(text) >> 16);
		address = address_from_ipv4(octets);
		if (strncmp(text, "node:", 5) == 0)
			stage_make_node(one);
		else
			stage_make_workload(one);
	}
	one->party.address = address;
	return one;
}

/* A flow whose first packet is now: a SYN, or one datagram, of 60 octets. */
static inline struct stage_flow
stage_flow(struct stage *stage, const char *client, const char *server,
    uint8_t protocol, uint16_t port)
{
	struct stage_end *from = stage_end_of(stage, client);
	struct stage_end *to = stage_end_of(stage, server);
	struct stage_flow made;

	memset(&made, 0, sizeof(made));
	stage->sequence++;
	made.flow.ends[0].address = from->party.address;
	made.flow.ends[0].port = (uint16_t)(32768 + stage->sequence % 28000);
	made.flow.ends[1].address = to->party.address;
	made.flow.ends[1].port = port;
	made.flow.protocol = protocol;
	made.flow.packets[0] = 1;
	made.flow.octets[0] = 60;
	made.flow.tcp_flags[0] = protocol == PROTOCOL_TCP ? TCP_SYN : 0;
	made.flow.icmp_type = protocol == PROTOCOL_ICMP ? 8 : 0;
	made.flow.direction = DIRECTION_HANDSHAKE;
	made.flow.first = made.flow.last = stage->now;
	made.flow.sequence = stage->sequence;
	made.flow.first_packet = ++stage->packet;
	made.sighting.client = from->end;
	made.sighting.server = to->end;
	made.sighting.port = port;
	made.sighting.stands_for = 1;
	made.sighting.direction_known = true;
	made.sighting.judged = true;
	made.sighting.verdict = VERDICT_ALLOWED;
	return made;
}

/* The server accepts, and the application is that. */
static inline void
stage_answer(struct stage_flow *one, enum application application)
{
	one->flow.answered = true;
	one->flow.state = FLOW_ESTABLISHED;
	one->flow.packets[1]++;
	one->flow.octets[1] += 60;
	if (one->flow.protocol == PROTOCOL_TCP) {
		one->flow.tcp_flags[0] |= TCP_ACK;
		one->flow.tcp_flags[1] |= TCP_SYN | TCP_ACK;
	}
	one->sighting.appid = (struct appid){
	    .application = application,
	    .confidence =
		application == APPLICATION_UNKNOWN ? APP_NONE : APP_DPI,
	};
}

/* The server refuses, by RST or an ICMP error. */
static inline void
stage_refuse(struct stage_flow *one)
{
	one->flow.refused = true;
	if (one->flow.protocol != PROTOCOL_TCP)
		return;
	one->flow.state = FLOW_FINISHED;
	one->flow.packets[1]++;
	one->flow.octets[1] += 40;
	one->flow.tcp_flags[1] |= TCP_RST | TCP_ACK;
}

/* One end sends packets with that many octets of IP in all, now. */
static inline void
stage_send(struct stage *stage, struct stage_flow *one, bool by_client,
    uint64_t packets, uint64_t octets)
{
	one->flow.packets[!by_client] += packets;
	one->flow.octets[!by_client] += octets;
	one->payloads[!by_client] += (uint32_t)packets;
	one->turns++;
	if (instant_since(stage->now, one->spoken) >= NS_PER_SECOND)
		one->begun[!by_client]++;
	one->spoken = one->flow.last = stage->now;
	stage->packet += packets;
}

static inline void
stage_tell(struct stage *stage, struct stage_flow *one, enum sighting_kind kind)
{
	struct sighting *sighting = &one->sighting;

	sighting->kind = kind;
	sighting->at = sighting->then = sighting->wall = stage->now;
	sighting->packet = stage->packet;
	sighting->flow = &one->flow;
	if (kind != SIGHTED_MESSAGE &&
	    instant_before(one->flow.last, stage->now)) {
		sighting->wall = one->flow.last;
		sighting->packet = one->flow.first_packet;
	}
	sighting->lost_ppm = stage->lost_ppm;
	memset(&sighting->amount, 0, sizeof(sighting->amount));
	if (kind == SIGHTED_PROGRESS || kind == SIGHTED_END)
		for (int i = 0; i < 2; i++) {
			sighting->amount.packets[i] =
			    one->flow.packets[i] - one->told_packets[i];
			sighting->amount.octets[i] =
			    one->flow.octets[i] - one->told_octets[i];
			sighting->amount.payloads[i] = one->payloads[i];
			sighting->amount.turns = one->turns;
			sighting->amount.begun[i] = one->begun[i];
			sighting->amount.closed[i] = one->closed[i];
			sighting->amount.narrow[i] = one->narrow[i];
			one->told_packets[i] = one->flow.packets[i];
			one->told_octets[i] = one->flow.octets[i];
		}
	detectors_see(stage->row, sighting);
	if (kind == SIGHTED_PROGRESS || kind == SIGHTED_END) {
		memset(one->payloads, 0, sizeof(one->payloads));
		one->turns = 0;
		memset(one->begun, 0, sizeof(one->begun));
		memset(one->closed, 0, sizeof(one->closed));
	}
}

static inline void
stage_ready(struct stage *stage, struct stage_flow *one)
{
	stage_tell(stage, one, SIGHTED_READY);
}

static inline void
stage_progress(struct stage *stage, struct stage_flow *one)
{
	stage_tell(stage, one, SIGHTED_PROGRESS);
}

static inline void
stage_finish(struct stage *stage, struct stage_flow *one)
{
	one->sighting.reason = one->flow.answered ? FLOW_CLOSED : FLOW_TIMEOUT;
	stage_tell(stage, one, SIGHTED_END);
}

/* Judged and ended: an attempt, or a flow in one go. */
static inline void
stage_over(struct stage *stage, struct stage_flow *one)
{
	stage_ready(stage, one);
	stage_finish(stage, one);
}

static inline void
stage_message(struct stage *stage, struct stage_flow *one,
    enum message_kind kind, bool from_client, uint32_t code, const void *octets,
    size_t size)
{
	one->sighting.message = (struct message){
	    .kind = kind,
	    .from_client = from_client,
	    .code = code,
	    .octets = octets,
	    .size = (uint32_t)size,
	    .length = (uint32_t)size,
	};
	stage->packet++;
	stage_tell(stage, one, SIGHTED_MESSAGE);
	memset(&one->sighting.message, 0, sizeof(one->sighting.message));
}

/* Distinct findings of a signature, or of any for 0. */
static inline size_t
stage_findings(const struct stage *stage, uint32_t signature)
{
	size_t count = 0;

	for (size_t i = 0; i < stage->found_count; i++)
		count +=
		    signature == 0 || stage->found[i].signature == signature;
	return count;
}

/* The first finding of a signature; it must be there. */
static inline const struct stage_found *
stage_found(const struct stage *stage, uint32_t signature)
{
	static const struct stage_found none;

	for (size_t i = 0; i < stage->found_count; i++)
		if (stage->found[i].signature == signature)
			return &stage->found[i];
	fail_msg("signature %u was not raised", signature);
	return &none;
}

/* A name with a number behind it; good until the fourth one after it. */
static inline const char *
stage_numbered(const char *stem, int number)
{
	static char texts[4][64];
	static int next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof(texts[0]), "%s%d", stem, number);
	return text;
}

#endif
