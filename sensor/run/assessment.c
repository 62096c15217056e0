#include "sensor/run/assessment.h"

#include <assert.h>
#include <stdlib.h>

#include "alerts/sink.h"
#include "classifiers/attribute.h"
#include "classifiers/inventory.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* What is kept per flow. */
struct conversation {
	struct translation_flow view;
	struct outside_notes outside;
	/* Valid once judged. */
	struct party client, server;
	struct verdict verdict;
	int client_end; /* of the flow's two */
	enum direction_confidence direction;
	/* While the verdict is held: what it waits to be about. */
	struct appid_flow appid;
	bool judged, infrastructure;
};

struct assessment {
	struct assessment_parts parts;
	struct translation *translation;
	struct outside_observer *outside;
	struct findings *findings;
	struct conversation *conversations;
	struct text line; /* the record being written */
	struct flow own;  /* a copy of the flow at hand, where it is changed */
	bool watching;
	struct instant since, now; /* valid when watching */
	uint64_t packet;           /* number of the one at hand */
	/* What is known of the ends of the flow at hand. */
	struct outside client_outside, server_outside;
	struct assessment_counts counts;
};

/* A flow at hand, with all that is known of it. */
struct subject {
	uint32_t number;         /* of its conversation */
	const struct flow *flow; /* turned round where that is known */
	struct conversation *talk;
	const struct appid_flow *appid;
	struct server_name asked;
};

/* What was observed is not the assessment's to change. */
static struct flow *
own_flow(struct assessment *assessment, struct subject *subject)
{
	if (subject->flow != &assessment->own)
		assessment->own = *subject->flow;
	subject->flow = &assessment->own;
	return &assessment->own;
}

/* --- verdict -------------------------------------------------------------- */

/* NULL for an end that is somebody's. */
static const struct outside *
outside_of(const struct party *party, const struct outside *outside)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ? outside : NULL;
}

static void
describe_ends(struct assessment *assessment, const struct subject *subject)
{
	struct conversation *talk = subject->talk;

	outside_describe(assessment->outside, &talk->outside, subject->flow,
	    &subject->appid->result, &subject->asked, &talk->client,
	    &talk->server, assessment->since, &assessment->server_outside);
	outside_describe(assessment->outside, &talk->outside, subject->flow,
	    &subject->appid->result, &subject->asked, &talk->server,
	    &talk->client, assessment->since, &assessment->client_outside);
}

static struct question
question_about(struct assessment *assessment, const struct subject *subject,
    bool direction_known)
{
	const struct conversation *talk = subject->talk;

	describe_ends(assessment, subject);
	return (struct question){
	    .client = talk->client,
	    .server = talk->server,
	    .client_outside =
		outside_of(&talk->client, &assessment->client_outside),
	    .server_outside =
		outside_of(&talk->server, &assessment->server_outside),
	    .protocol = subject->flow->protocol,
	    .port = flow_port(subject->flow),
	    .appid = subject->appid->result,
	    .start = subject->flow->first,
	    .attempted = !subject->flow->answered,
	    .may_be_reversed = !direction_known,
	};
}

/* What a workload is seen to serve may choose its model. */
static void
learn_served(struct assessment *assessment, const struct subject *subject)
{
	const struct flow *flow = subject->flow;
	const struct workload *server = subject->talk->server.workload;

	if (flow->answered && flow->direction == DIRECTION_HANDSHAKE &&
	    subject->appid->result.confidence == APP_DPI && server != NULL)
		policy_serves(assessment->parts.policy, server,
		    subject->appid->result.application);
}

static struct record_flow
record_of(const struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;

	return (struct record_flow){
	    .flow = subject->flow,
	    .appid = subject->appid->result,
	    .client = talk->client,
	    .server = talk->server,
	    .client_outside =
		outside_of(&talk->client, &assessment->client_outside),
	    .server_outside =
		outside_of(&talk->server, &assessment->server_outside),
	    .service = talk->view.service,
	    .judged = talk->judged && !talk->infrastructure,
	    .verdict = talk->verdict,
	    .metadata_age_ns = inventory_age(
		assessment->parts.inventory, subject->flow->first),
	    .packet = assessment->packet,
	};
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
verdict_about(struct assessment *assessment, const struct subject *subject,
    bool direction_known)
{
	struct question question;

	if (is_transit(subject->talk) && !sink_wants(assessment->parts.flows))
		return (struct verdict){.kind = VERDICT_UNMODELLED,
		    .attempted = !subject->flow->answered};
	question = question_about(assessment, subject, direction_known);
	return judge(assessment->parts.policy, &question);
}

static void
settle(struct assessment *assessment, struct subject *subject,
    bool direction_known)
{
	struct conversation *talk = subject->talk;
	struct record_flow record;

	talk->judged = talk->view.settled = true;
	talk->client_end = subject->flow->client;
	talk->direction = subject->flow->direction;
	talk->infrastructure = flow_is_infrastructure(subject->flow);
	if (talk->infrastructure) {
		assessment->counts.infrastructure++;
		return;
	}
	learn_served(assessment, subject);
	talk->verdict = verdict_about(assessment, subject, direction_known);
	assessment->counts.verdicts[talk->verdict.kind]++;
	if (talk->verdict.kind != VERDICT_DEVIATION)
		return;
	record = record_of(assessment, subject);
	findings_add(assessment->findings, &record, assessment->now);
}

/*
 * Judges a flow, once.
 *
 * over       there is nothing to wait for any more
 */
static void
judge_flow(struct assessment *assessment, struct subject *subject, bool over)
{
	struct conversation *talk = subject->talk;
	const struct flow *as_seen = subject->flow;
	bool direction_known = attribute_flow(assessment->parts.inventory,
	    own_flow(assessment, subject), subject->appid, &talk->client,
	    &talk->server);

	if (!over &&
	    translation_hold(assessment->translation, &talk->view,
		subject->number, as_seen, &talk->server, assessment->now)) {
		talk->appid = *subject->appid;
		talk->appid.ndpi = NULL;
		return;
	}
	settle(assessment, subject, direction_known);
}

/* Flows to a service that were seen before their translation alone. */
static void
judge_held(struct assessment *assessment)
{
	const struct held_flow *held;

	while ((held = translation_due(
		    assessment->translation, assessment->now)) != NULL) {
		struct conversation *talk =
		    &assessment->conversations[held->number];
		struct subject subject = {
		    .flow = &held->flow, .talk = talk, .appid = &talk->appid};

		judge_flow(assessment, &subject, true);
	}
}

/* --- alert ---------------------------------------------------------------- */

static void
raise_alert(const struct finding *finding, const struct record_flow *about,
    const char *signature, struct instant at, void *context)
{
	struct assessment *assessment = context;

	if (!sink_wants(assessment->parts.alerts))
		return;
	text_clear(&assessment->line);
	record_write_alert(&assessment->line, &assessment->parts.source, about,
	    finding, signature, at);
	sink_line(assessment->parts.alerts, &assessment->line);
}

static void
update_finding(const struct finding *finding, struct instant at, void *context)
{
	struct assessment *assessment = context;

	if (finding->state == FINDING_CLOSED &&
	    assessment->parts.closed != NULL)
		assessment->parts.closed(finding, assessment->parts.context);
	if (!sink_wants(assessment->parts.alerts))
		return;
	text_clear(&assessment->line);
	record_write_finding(
	    &assessment->line, &assessment->parts.source, finding, at);
	sink_line(assessment->parts.alerts, &assessment->line);
}

/* --- flow ----------------------------------------------------------------- */

static void
report_flow(struct assessment *assessment, struct subject *subject,
    enum flow_reason reason)
{
	struct conversation *talk = subject->talk;
	struct record_flow record;

	own_flow(assessment, subject)->duplicates += talk->view.duplicates;
	outside_recall(assessment->outside, &talk->outside, &subject->asked,
	    &talk->client, &assessment->client_outside);
	outside_recall(assessment->outside, &talk->outside, &subject->asked,
	    &talk->server, &assessment->server_outside);
	record = record_of(assessment, subject);
	text_clear(&assessment->line);
	record_write_flow(
	    &assessment->line, &assessment->parts.source, &record, reason);
	sink_line(assessment->parts.flows, &assessment->line);
}

static void
end_flow(struct assessment *assessment, struct subject *subject,
    enum flow_reason reason)
{
	struct conversation *talk = subject->talk;

	if (talk->view.is_copy) {
		assessment->counts.copies++;
	} else {
		assessment->counts.duplicates +=
		    subject->flow->duplicates + talk->view.duplicates;
		if (!talk->judged)
			judge_flow(assessment, subject, true);
		if (sink_wants(assessment->parts.flows))
			report_flow(assessment, subject, reason);
	}
	translation_end(&talk->view);
	outside_end(assessment->outside, &talk->outside);
	talk->outside = (struct outside_notes){0};
	talk->judged = talk->infrastructure = false;
}

/*
 * What a DNS server says counts as long as policy has nothing against that
 * server: else whoever broke in could bring one that names everything as the
 * models like it.  A flow whose verdict waits is asked about without one.
 */
static bool
is_believed(struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	struct question question;

	if (talk->judged)
		return !talk->infrastructure &&
		       talk->verdict.kind != VERDICT_DEVIATION;
	question = question_about(assessment, subject, true);
	return judge(assessment->parts.policy, &question).kind !=
	       VERDICT_DEVIATION;
}

static void
learn_names(struct assessment *assessment, const struct subject *subject,
    const struct observation *one)
{
	const struct flow *flow = subject->flow;

	if (!subject->talk->view.is_copy && one->heard.sender != flow->client &&
	    is_believed(assessment, subject))
		outside_answer(assessment->outside, &flow_client(flow)->address,
		    flow->protocol == PROTOCOL_UDP, one->payload,
		    one->payload_size, flow->last);
}

/* --- observations --------------------------------------------------------- */

static struct subject
subject_of(struct assessment *assessment, const struct observation *one)
{
	struct subject subject = {
	    .number = one->conversation,
	    .flow = one->flow,
	    .talk = &assessment->conversations[one->conversation],
	    .appid = one->appid,
	    .asked = one->asked,
	};

	/* Attribution may have turned the flow round. */
	if (subject.talk->judged &&
	    one->flow->client != subject.talk->client_end)
		flow_set_client(own_flow(assessment, &subject),
		    subject.talk->client_end, subject.talk->direction);
	return subject;
}

static void
observe_flow(struct assessment *assessment, const struct observation *one)
{
	struct conversation *talk =
	    &assessment->conversations[one->conversation];
	struct subject subject;

	if (one->kind == OBSERVED_PACKET) {
		(void)translation_packet(assessment->translation, &talk->view,
		    one->flow, &one->heard, one->order, one->at);
		return;
	}
	subject = subject_of(assessment, one);
	if (one->kind == OBSERVED_END)
		end_flow(assessment, &subject, one->reason);
	else if (one->kind == OBSERVED_ANSWER)
		learn_names(assessment, &subject, one);
	else if (!talk->view.is_copy && !talk->judged)
		judge_flow(assessment, &subject, false);
}

void
assessment_observe(const struct observation *one, void *context)
{
	struct assessment *assessment = context;

	if (!assessment->watching)
		assessment->since = one->at;
	assessment->watching = true;
	assessment->now = one->at;
	assessment->packet = one->packet;
	judge_held(assessment);
	findings_expire(assessment->findings, assessment->now);
	if (one->kind != OBSERVED_CLOCK)
		observe_flow(assessment, one);
}

void
assessment_finish(struct assessment *assessment, struct instant now)
{
	findings_close_all(assessment->findings, now);
}

/* --- life ----------------------------------------------------------------- */

struct assessment *
assessment_new(const struct assessment_parts *parts, uint32_t flows,
    const struct hash_key *key)
{
	struct assessment *assessment = allocate(1, sizeof(*assessment));
	struct finding_hooks hooks = {raise_alert, update_finding, assessment};

	assessment->parts = *parts;
	text_init(&assessment->line, RECORD_MAXIMUM);
	assessment->translation = translation_new(parts->inventory);
	assessment->outside =
	    outside_observer_new(flows, key, parts->geography);
	assessment->findings = findings_new(FINDINGS_DEFAULT, &hooks);
	assessment->conversations =
	    allocate(flows, sizeof(*assessment->conversations));
	return assessment;
}

void
assessment_free(struct assessment *assessment)
{
	if (assessment == NULL)
		return;
	translation_free(assessment->translation);
	outside_observer_free(assessment->outside);
	findings_free(assessment->findings);
	free(assessment->conversations);
	text_release(&assessment->line);
	free(assessment);
}

void
assessment_set_file(struct assessment *assessment, const char *pcap_filename)
{
	assessment->parts.source.pcap_filename = pcap_filename;
}

struct assessment_counts
assessment_counts(const struct assessment *assessment)
{
	struct assessment_counts counts = assessment->counts;

	counts.findings = findings_counts(assessment->findings);
	counts.outside = outside_counts(assessment->outside);
	counts.translation = translation_counts(assessment->translation);
	return counts;
}
