#include "sensor/run/pipeline.h"

#include "alerts/sink.h"
#include "classifiers/attribute.h"
#include "classifiers/inventory.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"
#include "sensor/packet.h"

/*
 * Flows that may be in nDPI's hands at once.  A flow stays there for a few
 * packets only, so this bounds memory (about 3 KiB each) under a flood of
 * flows with payload, not ordinary traffic.
 */
#define APPID_SESSIONS 8192

/* What the floors above the flow table keep per flow, by flow->slot. */
struct conversation {
	struct appid_flow appid;
	struct outside_notes outside;
	struct translation_flow view;
	struct party client, server; /* valid once judged */
	struct verdict verdict;
	bool judged, infrastructure;
};

struct pipeline {
	struct pipeline_parts parts;
	struct reassembly *reassembly;
	struct flowtable *table;
	struct translation *translation;
	struct appid_engine *appid;
	struct outside_observer *outside;
	/* What is known of the ends of the flow at hand. */
	struct outside client_outside, server_outside;
	struct conversation *conversations;
	struct findings *findings;
	struct text line;       /* the record being written */
	uint64_t packet_number; /* of the last one */
	struct pipeline_counts counts;
};

/* --- verdict -------------------------------------------------------------- */

/* NULL for an end that is somebody's. */
static const struct outside *
outside_of(const struct party *party, const struct outside *outside)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ? outside : NULL;
}

static void
describe_ends(struct pipeline *pipeline, const struct flow *flow,
    struct conversation *talk)
{
	outside_describe(pipeline->outside, &talk->outside, flow,
	    &talk->appid.result, &talk->client, &talk->server,
	    pipeline->counts.first, &pipeline->server_outside);
	outside_describe(pipeline->outside, &talk->outside, flow,
	    &talk->appid.result, &talk->server, &talk->client,
	    pipeline->counts.first, &pipeline->client_outside);
}

static struct question
question_about(struct pipeline *pipeline, const struct flow *flow,
    struct conversation *talk, bool direction_known)
{
	describe_ends(pipeline, flow, talk);
	return (struct question){
	    .client = talk->client,
	    .server = talk->server,
	    .client_outside =
		outside_of(&talk->client, &pipeline->client_outside),
	    .server_outside =
		outside_of(&talk->server, &pipeline->server_outside),
	    .protocol = flow->protocol,
	    .port = flow_port(flow),
	    .appid = talk->appid.result,
	    .start = flow->first,
	    .attempted = !flow->answered,
	    .may_be_reversed = !direction_known,
	};
}

/* What a workload is seen to serve may choose its model. */
static void
learn_served(struct pipeline *pipeline, const struct flow *flow,
    const struct conversation *talk)
{
	if (flow->answered && flow->direction == DIRECTION_HANDSHAKE &&
	    talk->appid.result.confidence == APP_DPI &&
	    talk->server.workload != NULL)
		policy_serves(pipeline->parts.policy, talk->server.workload,
		    talk->appid.result.application);
}

static struct record_flow
record_of(const struct pipeline *pipeline, const struct flow *flow,
    const struct conversation *talk)
{
	return (struct record_flow){
	    .flow = flow,
	    .appid = talk->appid.result,
	    .client = talk->client,
	    .server = talk->server,
	    .client_outside =
		outside_of(&talk->client, &pipeline->client_outside),
	    .server_outside =
		outside_of(&talk->server, &pipeline->server_outside),
	    .service = talk->view.service,
	    .judged = talk->judged && !talk->infrastructure,
	    .verdict = talk->verdict,
	    .metadata_age_ns =
		inventory_age(pipeline->parts.inventory, flow->first),
	    .packet = pipeline->packet_number,
	};
}

static void
deviation_found(struct pipeline *pipeline, const struct flow *flow,
    const struct conversation *talk)
{
	struct record_flow record = record_of(pipeline, flow, talk);

	findings_add(pipeline->findings, &record, pipeline->counts.last);
}

/*
 * No model is about what passes from outside to outside: that needs no policy,
 * and a flood of it should cost as little as it is worth.
 */
static bool
is_transit(const struct conversation *talk)
{
	return talk->client.attribution == ATTRIBUTION_EXTERNAL &&
	       talk->server.attribution == ATTRIBUTION_EXTERNAL;
}

static struct verdict
verdict_about(struct pipeline *pipeline, const struct flow *flow,
    struct conversation *talk, bool direction_known)
{
	struct question question;

	if (is_transit(talk) && !sink_wants(pipeline->parts.flows))
		return (struct verdict){
		    .kind = VERDICT_UNMODELLED, .attempted = !flow->answered};
	question = question_about(pipeline, flow, talk, direction_known);
	return judge(pipeline->parts.policy, &question);
}

/*
 * Judges a flow, once.
 *
 * over       there is nothing to wait for any more
 */
static void
judge_flow(struct pipeline *pipeline, struct flow *flow,
    struct conversation *talk, bool over)
{
	bool direction_known = attribute_flow(pipeline->parts.inventory, flow,
	    &talk->appid, &talk->client, &talk->server);

	if (!over && translation_hold(pipeline->translation, &talk->view,
			 &talk->server, pipeline->counts.last))
		return;
	talk->judged = talk->view.settled = true;
	talk->infrastructure = flow_is_infrastructure(flow);
	if (talk->infrastructure) {
		pipeline->counts.infrastructure++;
		return;
	}
	learn_served(pipeline, flow, talk);
	talk->verdict = verdict_about(pipeline, flow, talk, direction_known);
	pipeline->counts.verdicts[talk->verdict.kind]++;
	if (talk->verdict.kind == VERDICT_DEVIATION)
		deviation_found(pipeline, flow, talk);
}

/* --- alert ---------------------------------------------------------------- */

static void
raise_alert(const struct finding *finding, const struct record_flow *about,
    const char *signature, struct instant at, void *context)
{
	struct pipeline *pipeline = context;

	if (!sink_wants(pipeline->parts.alerts))
		return;
	text_clear(&pipeline->line);
	record_write_alert(&pipeline->line, &pipeline->parts.source, about,
	    finding, signature, at);
	sink_line(pipeline->parts.alerts, &pipeline->line);
}

static void
update_finding(const struct finding *finding, struct instant at, void *context)
{
	struct pipeline *pipeline = context;

	if (finding->state == FINDING_CLOSED && pipeline->parts.closed != NULL)
		pipeline->parts.closed(finding, pipeline->parts.context);
	if (!sink_wants(pipeline->parts.alerts))
		return;
	text_clear(&pipeline->line);
	record_write_finding(
	    &pipeline->line, &pipeline->parts.source, finding, at);
	sink_line(pipeline->parts.alerts, &pipeline->line);
}

/* --- flow ----------------------------------------------------------------- */

static void
report_flow(struct pipeline *pipeline, const struct flow *flow,
    const struct conversation *talk, enum flow_reason reason)
{
	struct record_flow record;

	outside_recall(pipeline->outside, &talk->outside, &talk->client,
	    &pipeline->client_outside);
	outside_recall(pipeline->outside, &talk->outside, &talk->server,
	    &pipeline->server_outside);
	record = record_of(pipeline, flow, talk);
	text_clear(&pipeline->line);
	record_write_flow(
	    &pipeline->line, &pipeline->parts.source, &record, reason);
	sink_line(pipeline->parts.flows, &pipeline->line);
}

/* What a new flow reads before it is written; the rest may stay as it is. */
static void
forget(struct conversation *talk)
{
	talk->appid = (struct appid_flow){0};
	talk->outside = (struct outside_notes){0};
	talk->view = (struct translation_flow){0};
	talk->judged = talk->infrastructure = false;
}

static void
flow_is_over(struct flow *flow, enum flow_reason reason, void *context)
{
	struct pipeline *pipeline = context;
	struct conversation *talk = &pipeline->conversations[flow->slot];

	appid_end(pipeline->appid, &talk->appid);
	if (talk->view.is_copy) {
		pipeline->counts.copies++;
	} else {
		pipeline->counts.duplicates += flow->duplicates;
		if (!talk->judged)
			judge_flow(pipeline, flow, talk, true);
		if (sink_wants(pipeline->parts.flows))
			report_flow(pipeline, flow, talk, reason);
	}
	translation_end(&talk->view);
	outside_end(pipeline->outside, &talk->outside);
	forget(talk);
}

/*
 * What a DNS server says counts as long as policy has nothing against that
 * server: else whoever broke in could bring one that names everything as the
 * models like it.  A flow whose verdict waits is asked about without one.
 */
static bool
is_believed(struct pipeline *pipeline, const struct flow *flow,
    struct conversation *talk)
{
	struct question question;

	if (talk->judged)
		return !talk->infrastructure &&
		       talk->verdict.kind != VERDICT_DEVIATION;
	question = question_about(pipeline, flow, talk, true);
	return judge(pipeline->parts.policy, &question).kind !=
	       VERDICT_DEVIATION;
}

static void
learn_names(struct pipeline *pipeline, const struct flow *flow,
    struct conversation *talk, const struct frame *frame)
{
	if (talk->appid.result.application == APPLICATION_DNS &&
	    talk->appid.result.confidence == APP_DPI && flow->answered &&
	    is_believed(pipeline, flow, talk))
		outside_answer(pipeline->outside, flow, frame);
}

static void
track(struct pipeline *pipeline, const struct packet *packet,
    const struct frame *frame)
{
	struct heard heard;
	struct flow *flow =
	    flowtable_track(pipeline->table, packet, frame, &heard);
	struct conversation *talk;

	if (flow == NULL)
		return;
	talk = &pipeline->conversations[flow->slot];
	if (translation_wants(&talk->view) &&
	    translation_frame(pipeline->translation, &talk->view, flow, &heard,
		pipeline->counts.last)) {
		appid_end(pipeline->appid, &talk->appid);
		return;
	}
	if (heard.duplicate)
		return;
	outside_frame(pipeline->outside, &talk->outside, frame,
	    heard.sender == flow->client);
	if (!talk->appid.final)
		appid_frame(pipeline->appid, &talk->appid, flow, frame,
		    heard.sender == flow->client);
	if (talk->appid.final && flow->answered && !talk->judged)
		judge_flow(pipeline, flow, talk, false);
	if (talk->appid.final && heard.sender != flow->client)
		learn_names(pipeline, flow, talk, frame);
}

/* Flows to a service that were seen before their translation alone. */
static void
judge_held(struct pipeline *pipeline)
{
	struct flow *flow;

	while ((flow = translation_due(
		    pipeline->translation, pipeline->counts.last)) != NULL)
		judge_flow(
		    pipeline, flow, &pipeline->conversations[flow->slot], true);
}

static void
datagram_is_ready(
    const struct packet *packet, const struct frame *frame, void *context)
{
	track(context, packet, frame);
}

/* --- packet --------------------------------------------------------------- */

static void
count_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct pipeline_counts *counts = &pipeline->counts;

	if (counts->packets == 0)
		counts->first = counts->last = packet->at;
	counts->packets++;
	counts->octets += packet->length;
	pipeline->packet_number = packet->number;
	/* Time only moves forward, as it does in the flow table. */
	if (instant_before(counts->last, packet->at))
		counts->last = packet->at;
}

enum frame_status
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct frame frame;
	enum frame_status status = frame_decode(packet, &frame);

	count_packet(pipeline, packet);
	pipeline->counts.frames[status]++;
	if (status == FRAME_FRAGMENT)
		reassembly_add(pipeline->reassembly, packet, &frame);
	else
		reassembly_expire(pipeline->reassembly, packet->at);
	if (status == FRAME_OK)
		track(pipeline, packet, &frame);
	judge_held(pipeline);
	findings_expire(pipeline->findings, pipeline->counts.last);
	return status;
}

void
pipeline_finish(struct pipeline *pipeline)
{
	reassembly_end_all(pipeline->reassembly);
	flowtable_end_all(pipeline->table);
	findings_close_all(pipeline->findings, pipeline->counts.last);
}

/* --- life ----------------------------------------------------------------- */

struct pipeline *
pipeline_new(const struct pipeline_parts *parts, const char **fault)
{
	/* In replay the key must not change the order of anything. */
	static const struct hash_key key = {{0x6865646765726f77, 1}};
	struct pipeline *pipeline = allocate(1, sizeof(*pipeline));
	struct finding_hooks hooks = {raise_alert, update_finding, pipeline};

	pipeline->parts = *parts;
	text_init(&pipeline->line, RECORD_MAXIMUM);
	pipeline->translation = translation_new(parts->inventory);
	pipeline->appid = appid_new(APPID_SESSIONS, fault);
	if (pipeline->appid == NULL) {
		pipeline_free(pipeline);
		return NULL;
	}
	pipeline->reassembly = reassembly_new(
	    &reassembly_limits_default, &key, datagram_is_ready, pipeline);
	if (pipeline->reassembly == NULL) {
		*fault = "no memory for fragments";
		pipeline_free(pipeline);
		return NULL;
	}
	pipeline->table = flowtable_new(parts->flow_capacity, &key,
	    &flow_timeouts_default, flow_is_over, pipeline);
	if (pipeline->table == NULL) {
		*fault = "no memory for the flow table; try a smaller --flows";
		pipeline_free(pipeline);
		return NULL;
	}
	pipeline->conversations =
	    allocate(parts->flow_capacity, sizeof(*pipeline->conversations));
	pipeline->outside =
	    outside_observer_new(parts->flow_capacity, &key, parts->geography);
	pipeline->findings = findings_new(FINDINGS_DEFAULT, &hooks);
	return pipeline;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	flowtable_free(pipeline->table);
	reassembly_free(pipeline->reassembly);
	appid_free(pipeline->appid);
	translation_free(pipeline->translation);
	outside_observer_free(pipeline->outside);
	findings_free(pipeline->findings);
	free(pipeline->conversations);
	text_release(&pipeline->line);
	free(pipeline);
}

void
pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename)
{
	pipeline->parts.source.pcap_filename = pcap_filename;
}

struct pipeline_counts
pipeline_counts(const struct pipeline *pipeline)
{
	struct pipeline_counts counts = pipeline->counts;

	counts.reassembly = reassembly_counts(pipeline->reassembly);
	counts.flows = flowtable_counts(pipeline->table);
	counts.findings = findings_counts(pipeline->findings);
	counts.appid = appid_counts(pipeline->appid);
	counts.outside = outside_counts(pipeline->outside);
	counts.translation = translation_counts(pipeline->translation);
	return counts;
}
