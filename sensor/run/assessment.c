#include "sensor/run/assessment.h"

#include <assert.h>
#include <stdlib.h>

#include "alerts/sink.h"
#include "classifiers/attribute.h"
#include "classifiers/inventory/domain_clusters.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/domain.h"
#include "sensor/run/assessment_parts.h"

/* What was observed is not the assessment's to change. */
static struct flow *
own_flow(struct assessment *assessment, struct subject *subject)
{
	if (subject->flow != &assessment->flow)
		assessment->flow = *subject->flow;
	subject->flow = &assessment->flow;
	return &assessment->flow;
}

uint32_t
assessment_cluster(const struct assessment *assessment, const struct flow *flow)
{
	return domain_clusters_of(assessment->parts.clusters, flow->domain);
}

/* --- verdict -------------------------------------------------------------- */

/* NULL for an end that is somebody's. */
static const struct outside *
outside_of(const struct party *party, const struct outside *outside)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ? outside : NULL;
}

static bool
has_outside_end(const struct judgement *judgement)
{
	return judgement->client.attribution == ATTRIBUTION_EXTERNAL ||
	       judgement->server.attribution == ATTRIBUTION_EXTERNAL;
}

static void
describe_ends(struct assessment *assessment, const struct subject *subject)
{
	struct outside_notes *notes = subject->notes;
	const struct judgement *judgement = subject->judgement;

	if (!has_outside_end(judgement))
		return;
	if (!subject->talk->noted)
		*notes = (struct outside_notes){0};
	subject->talk->noted = true;
	outside_describe(assessment->outside, notes, subject->flow,
	    &subject->appid->result, &subject->asked, &judgement->client,
	    &judgement->server, assessment->since, &assessment->server_outside);
	outside_describe(assessment->outside, notes, subject->flow,
	    &subject->appid->result, &subject->asked, &judgement->server,
	    &judgement->client, assessment->since, &assessment->client_outside);
}

static struct question
question_about(struct assessment *assessment, const struct subject *subject,
    bool direction_known)
{
	const struct judgement *judgement = subject->judgement;

	describe_ends(assessment, subject);
	return (struct question){
	    .client = judgement->client,
	    .server = judgement->server,
	    .client_outside =
		outside_of(&judgement->client, &assessment->client_outside),
	    .server_outside =
		outside_of(&judgement->server, &assessment->server_outside),
	    .protocol = subject->flow->protocol,
	    .port = flow_port(subject->flow),
	    .appid = subject->appid->result,
	    .start = subject->flow->first,
	    .attempted = !flow_was_accepted(subject->flow),
	    .may_be_reversed = !direction_known,
	};
}

/* What a workload is seen to serve may choose its model. */
static void
learn_served(struct assessment *assessment, const struct subject *subject)
{
	const struct flow *flow = subject->flow;
	const struct workload *server = subject->judgement->server.workload;

	if (flow->answered && flow->direction == DIRECTION_HANDSHAKE &&
	    subject->appid->result.confidence == APP_DPI && server != NULL)
		policy_serves(assessment->parts.policy, server,
		    subject->appid->result.application);
}

/* What a finding says of it is where its first packet was captured. */
static const char *
interface_of(const struct assessment *assessment, const struct flow *flow)
{
	const struct assessment_parts *parts = &assessment->parts;

	return flow->interface < parts->interface_count
		   ? parts->interfaces[flow->interface]
		   : NULL;
}

struct record_flow
assessment_record(
    const struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	const struct judgement *judgement = subject->judgement;
	const struct domains *domains = assessment->parts.domains;

	return (struct record_flow){
	    .flow = subject->flow,
	    .interface = interface_of(assessment, subject->flow),
	    .doubts = doubts_about(
		&assessment->doubts, subject->flow->first, subject->flow->last),
	    .domain = domains == NULL
			  ? NULL
			  : domains_name(domains, subject->flow->domain),
	    .appid = subject->appid->result,
	    .client = judgement->client,
	    .server = judgement->server,
	    .client_outside =
		outside_of(&judgement->client, &assessment->client_outside),
	    .server_outside =
		outside_of(&judgement->server, &assessment->server_outside),
	    .service = late_service(assessment, subject),
	    .judged = talk->judged && !talk_is_infrastructure(talk),
	    .verdict = judgement->verdict,
	    .metadata_age_ns = inventory_age(assessment->parts.inventory,
		assessment_cluster(assessment, subject->flow),
		subject->flow->first),
	    .packet = assessment->packet,
	};
}

static bool
is_nobody(const struct party *party)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ||
	       party->attribution == ATTRIBUTION_UNATTRIBUTED;
}

/*
 * No model is about what passes between ends that nobody knows: that needs no
 * policy, and a flood of it should cost as little as it is worth.
 */
static bool
is_transit(const struct judgement *judgement)
{
	return is_nobody(&judgement->client) && is_nobody(&judgement->server);
}

/* Whose an end is that is ours and nobody's, may have been somebody's. */
static enum verdict_kind
verdict_on_transit(const struct judgement *judgement)
{
	return judgement->client.attribution == ATTRIBUTION_EXTERNAL &&
		       judgement->server.attribution == ATTRIBUTION_EXTERNAL
		   ? VERDICT_UNMODELLED
		   : VERDICT_UNKNOWN;
}

static struct verdict
verdict_about(struct assessment *assessment, const struct subject *subject,
    bool direction_known)
{
	struct question question;

	if (is_transit(subject->judgement) &&
	    !sink_wants(assessment->parts.flows))
		return (struct verdict){
		    .kind = verdict_on_transit(subject->judgement),
		    .attempted = !flow_was_accepted(subject->flow)};
	question = question_about(assessment, subject, direction_known);
	return judge(assessment->parts.policy, &question);
}

void
assessment_learn_server(
    struct assessment *assessment, const struct subject *subject)
{
	if (subject->flow->answered &&
	    subject->flow->direction == DIRECTION_HANDSHAKE)
		known_servers_learn(assessment->known, subject->flow);
}

static void
count_verdict(struct assessment *assessment, const struct judgement *judgement)
{
	struct assessment_counts *counts = &assessment->counts;

	counts->verdicts[judgement->verdict.kind]++;
	tally_verdict(&counts->tally, &judgement->verdict);
	counts->attributions[judgement->client.attribution]++;
	counts->attributions[judgement->server.attribution]++;
}

void
assessment_settle(struct assessment *assessment, struct subject *subject,
    bool direction_known)
{
	struct conversation *talk = subject->talk;
	struct verdict *verdict = &subject->judgement->verdict;
	struct record_flow record;
	/* By an earlier policy: one flow counts once. */
	bool again = talk->judged;
	bool said = again && talk_verdict(talk) == VERDICT_DEVIATION;

	talk->judged = true;
	if (subject->view->flow.serial != 0)
		subject->view->settled = true;
	talk->client = subject->flow->client;
	talk->direction = subject->flow->direction & 3;
	if (flow_is_infrastructure(subject->flow)) {
		talk->came_to = CAME_TO_INFRASTRUCTURE;
		assessment->counts.infrastructure++;
		detect_ready(assessment, subject);
		return;
	}
	learn_served(assessment, subject);
	assessment_learn_server(assessment, subject);
	*verdict = verdict_about(assessment, subject, direction_known);
	subject->judgement->policies = assessment->policies;
	talk->came_to = verdict->blanket ? CAME_TO_BLANKET : verdict->kind & 3;
	count_verdict(assessment, subject->judgement);
	if (verdict->kind == VERDICT_DEVIATION && !said) {
		assessment->counts.deviations[verdict->deviation]++;
		record = assessment_record(assessment, subject);
		findings_add(assessment->findings, &record, assessment->now);
	}
	if (!again)
		detect_ready(assessment, subject);
}

bool
assessment_attribute(struct assessment *assessment, struct subject *subject)
{
	subject->judgement->generation = assessment->generation;
	return attribute_flow(assessment->parts.inventory,
	    assessment_cluster(assessment, subject->flow), assessment->known,
	    own_flow(assessment, subject), subject->appid,
	    &subject->judgement->client, &subject->judgement->server);
}

/* Whether the verdict has to wait for the flow's other view. */
static bool
hold(struct assessment *assessment, const struct subject *subject,
    const struct flow *as_seen)
{
	struct held_flow held;

	if (subject->judgement->server.attribution != ATTRIBUTION_SERVICE)
		return false;
	held = (struct held_flow){
	    .number = subject->number,
	    .flow = *as_seen,
	    .appid = *subject->appid,
	};
	return translation_hold(assessment->translation, subject->view, &held,
	    &subject->judgement->server, assessment->now);
}

/*
 * Judges a flow, once.
 *
 * over       there is nothing to wait for any more
 */
static void
judge_flow(struct assessment *assessment, struct subject *subject, bool over)
{
	const struct flow *as_seen = subject->flow;
	bool direction_known = assessment_attribute(assessment, subject);

	if (!over && hold(assessment, subject, as_seen))
		return;
	if (!late_waits(assessment, subject, as_seen))
		assessment_settle(assessment, subject, direction_known);
}

/*
 * A flow that was judged before it was ready.  One that is not what it seemed
 * is another thing to a person, too; of the other detectors hear now.
 */
static void
judge_revised(
    struct assessment *assessment, struct subject *subject, bool differs)
{
	struct conversation *talk = subject->talk;

	if (talk_is_infrastructure(talk))
		return;
	if (!differs) {
		late_again(assessment, subject);
		detect_ready(assessment, subject);
		return;
	}
	assessment->counts.verdicts[talk_verdict(talk)]--;
	talk->judged = false;
	judge_flow(assessment, subject, true);
}

struct subject
subject_of(struct assessment *assessment, uint32_t number,
    const struct flow *flow, const struct appid_flow *appid)
{
	return (struct subject){
	    .number = number,
	    .flow = flow,
	    .appid = appid,
	    .talk = &assessment->conversations[number],
	    .view = &assessment->views[number],
	    .judgement = assessment->judgements == NULL
			     ? &assessment->judgement
			     : &assessment->judgements[number],
	    .notes = &assessment->notes[number],
	};
}

/* Flows to a service that were seen before their translation alone. */
static void
judge_held(struct assessment *assessment)
{
	const struct held_flow *held;

	while ((held = translation_due(
		    assessment->translation, assessment->now)) != NULL) {
		struct subject subject = subject_of(
		    assessment, held->number, &held->flow, &held->appid);

		judge_flow(assessment, &subject, true);
	}
}

/* --- delivery ------------------------------------------------------------- */

/*
 * Hands the record at hand to a sink.  One that could not be said in another
 * form goes as it is: a line that its reader refuses is better than none.
 */
static void
deliver(struct assessment *assessment, struct sink *sink)
{
	const struct format_settings usual = FORMAT_SETTINGS_DEFAULT;
	const struct format_settings *settings =
	    assessment->parts.syslog.enterprise == 0
		? &usual
		: &assessment->parts.syslog;
	enum format format = assessment->parts.format;
	const struct text *line = &assessment->line;
	struct text *said = &assessment->said;

	sink_tell(sink, line);
	text_clear(said);
	if (format != FORMAT_NATIVE &&
	    format_line(said, format, settings, line->at, line->length))
		line = said;
	sink_line(sink, line);
}

/* --- alert ---------------------------------------------------------------- */

static void
raise_alert(const struct finding *finding, const struct record_flow *about,
    const char *signature, struct instant at, void *context)
{
	struct assessment *assessment = context;

	assessment->counts.severities[finding->severity]++;
	tally_alert(&assessment->counts.tally, finding);
	if (assessment->parts.raised != NULL)
		assessment->parts.raised(
		    finding, about, at, assessment->parts.raised_context);
	if (!sink_wants(assessment->parts.alerts))
		return;
	text_clear(&assessment->line);
	record_write_alert(&assessment->line, &assessment->parts.source, about,
	    finding, signature, at);
	deliver(assessment, assessment->parts.alerts);
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
	deliver(assessment, assessment->parts.alerts);
}

/* --- flow ----------------------------------------------------------------- */

void
assessment_recall(struct assessment *assessment, const struct subject *subject,
    const struct party *client, const struct party *server)
{
	static const struct outside_notes none;
	const struct outside_notes *notes =
	    subject->talk->noted ? subject->notes : &none;

	if (client->attribution == ATTRIBUTION_EXTERNAL)
		outside_recall(assessment->outside, notes, &subject->asked,
		    &client->address, &assessment->client_outside);
	if (server->attribution == ATTRIBUTION_EXTERNAL)
		outside_recall(assessment->outside, notes, &subject->asked,
		    &server->address, &assessment->server_outside);
}

static void
report(struct assessment *assessment, struct subject *subject,
    enum flow_reason reason)
{
	struct record_flow record;

	own_flow(assessment, subject)->duplicates += subject->view->duplicates;
	late_refresh(assessment, subject);
	assessment_recall(assessment, subject, &subject->judgement->client,
	    &subject->judgement->server);
	record = assessment_record(assessment, subject);
	text_clear(&assessment->line);
	record_write_flow(
	    &assessment->line, &assessment->parts.source, &record, reason);
	deliver(assessment, assessment->parts.flows);
}

void
assessment_say_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	const struct conversation *talk = subject->talk;

	tally_end(&assessment->counts.tally, subject->flow,
	    &subject->appid->result,
	    talk_is_infrastructure(talk) ? TALLY_INFRASTRUCTURE
					 : (int)talk_verdict(talk));
	detect_end(assessment, subject, amount, reason);
	if (sink_wants(assessment->parts.flows))
		report(assessment, subject, reason);
}

/*
 * A newer policy came, and the flow ends before it was said again: what its
 * verdict borrowed is gone.  Where verdicts are not kept nothing is borrowed.
 */
static void
judge_anew(struct assessment *assessment, struct subject *subject)
{
	if (assessment->judgements != NULL)
		late_again(assessment, subject);
}

static void
end_flow(struct assessment *assessment, struct subject *subject,
    const struct observation *end)
{
	struct conversation *talk = subject->talk;

	if (subject->view->is_copy) {
		assessment->counts.copies++;
		tally_end(&assessment->counts.tally, subject->flow,
		    &subject->appid->result, TALLY_COPY);
		late_ends_as_copy(assessment, subject);
		detect_forget(assessment, subject);
	} else {
		assessment->counts.duplicates +=
		    subject->flow->duplicates + subject->view->duplicates;
		if (!talk->judged)
			judge_flow(assessment, subject, true);
		else if (subject->judgement->policies != assessment->policies)
			judge_anew(assessment, subject);
		if (!late_ends(assessment, subject, end))
			assessment_say_end(
			    assessment, subject, &end->amount, end->reason);
	}
	translation_end(subject->view);
	if (talk->noted)
		outside_end(assessment->outside, subject->notes);
	*talk = (struct conversation){.judged = false};
}

/*
 * What a DNS server says counts as long as policy has nothing against that
 * server: else whoever broke in could bring one that names everything as the
 * models like it.  A flow whose verdict waits is asked about without one.
 */
static bool
is_believed(struct assessment *assessment, struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	struct question question;

	if (talk->judged)
		return !talk_is_infrastructure(talk) &&
		       talk_verdict(talk) != VERDICT_DEVIATION;
	(void)assessment_attribute(assessment, subject);
	question = question_about(assessment, subject, true);
	return judge(assessment->parts.policy, &question).kind !=
	       VERDICT_DEVIATION;
}

static void
learn_names(struct assessment *assessment, struct subject *subject,
    const struct observation *one)
{
	const struct flow *flow = subject->flow;
	const struct dns_client client = {
	    flow_client(flow)->address, flow->domain};

	if (!subject->view->is_copy && one->heard.sender != flow->client &&
	    is_believed(assessment, subject))
		outside_answer(assessment->outside, &client,
		    flow->protocol == PROTOCOL_UDP, one->payload,
		    one->payload_size, flow->last);
}

void
assessment_forget(uint32_t conversation, void *context)
{
	struct assessment *assessment = context;
	struct conversation *talk = &assessment->conversations[conversation];

	if (talk->judged)
		assessment->counts.forgotten++;
	late_forget(assessment, conversation);
	if (assessment->detection != NULL)
		detection_forget(assessment->detection, conversation);
	translation_end(&assessment->views[conversation]);
	if (talk->noted)
		outside_end(
		    assessment->outside, &assessment->notes[conversation]);
	*talk = (struct conversation){.judged = false};
}

/* --- observations --------------------------------------------------------- */

/* Attribution may have turned the flow round when it was judged, or have found
 * better evidence for what was known. */
static void
turn(struct assessment *assessment, struct subject *subject)
{
	const struct conversation *talk = subject->talk;

	if (talk->judged && (subject->flow->client != talk->client ||
				subject->flow->direction <
				    (enum direction_confidence)talk->direction))
		flow_set_client(own_flow(assessment, subject), talk->client,
		    (enum direction_confidence)talk->direction);
}

static void
observe_flow(struct assessment *assessment, const struct observation *one)
{
	struct subject subject =
	    subject_of(assessment, one->conversation, one->flow, one->appid);

	subject.asked = one->asked;
	turn(assessment, &subject);
	switch (one->kind) {
	case OBSERVED_PACKET:
		/* What was judged before it was shown stays as it is. */
		subject.view->settled |= subject.talk->judged;
		(void)translation_packet(assessment->translation, subject.view,
		    one->flow, &one->heard, one->order, one->at);
		break;
	case OBSERVED_READY:
		if (subject.view->is_copy)
			break;
		if (subject.talk->judged && one->revised)
			judge_revised(assessment, &subject, one->differs);
		else if (subject.talk->judged)
			late_again(assessment, &subject);
		else
			judge_flow(assessment, &subject, false);
		break;
	case OBSERVED_ANSWER:
		learn_names(assessment, &subject, one);
		break;
	case OBSERVED_MESSAGE:
	case OBSERVED_PROGRESS:
		detect_observed(assessment, &subject, one);
		break;
	case OBSERVED_END:
		end_flow(assessment, &subject, one);
		break;
	case OBSERVED_CLOCK:
		break;
	}
}

/* For those who need no more than a second's precision. */
static void
tick(struct assessment *assessment)
{
	assessment->ticks =
	    (struct instant){assessment->now.ns + NS_PER_SECOND};
	detection_clock(assessment->detection, assessment->now);
	lone_clock(assessment);
}

void
assessment_observe(const struct observation *one, void *context)
{
	struct assessment *assessment = context;

	if (!assessment->watching)
		assessment->since = one->at;
	assessment->watching = true;
	assessment->now = one->at;
	assessment->wall = one->wall;
	assessment->observed++;
	assessment->packet = one->packet;
	assessment->order = one->order;
	findings_set_wall(assessment->findings, one->wall, one->at);
	judge_held(assessment);
	late_clock(assessment);
	findings_expire(assessment->findings, assessment->now);
	if (assessment->detection != NULL &&
	    !instant_before(assessment->now, assessment->ticks))
		tick(assessment);
	if (one->kind != OBSERVED_CLOCK)
		observe_flow(assessment, one);
}

void
assessment_doubt(struct assessment *assessment, enum record_doubt kind,
    struct instant from, struct instant until)
{
	doubts_add(&assessment->doubts, kind, from, until);
}

void
assessment_set_times(
    struct assessment *assessment, const struct finding_times *times)
{
	findings_set_times(assessment->findings, times);
}

void
assessment_finish(struct assessment *assessment, struct instant now)
{
	late_finish(assessment);
	lone_finish(assessment);
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
	text_init(&assessment->said, FORMAT_MAXIMUM);
	assessment->translation =
	    translation_new(parts->inventory, parts->clusters);
	assessment->flows = flows;
	if (parts->grace > 0)
		assessment->waiting = waiting_new(flows, parts->grace);
	assessment->outside = outside_observer_new(
	    flows + (parts->grace > 0 ? WAITING_MAXIMUM : 0), key,
	    parts->geography);
	assessment->known = known_servers_new(key);
	assessment->findings = findings_new(FINDINGS_DEFAULT, &hooks);
	detect_open(assessment, key);
	findings_set_times(assessment->findings, &parts->times);
	assessment->conversations =
	    allocate(flows, sizeof(*assessment->conversations));
	assessment->notes = allocate(flows, sizeof(*assessment->notes));
	assessment->views = allocate(flows, sizeof(*assessment->views));
	if (sink_wants(parts->flows))
		assessment->judgements =
		    allocate(flows, sizeof(*assessment->judgements));
	return assessment;
}

void
assessment_free(struct assessment *assessment)
{
	if (assessment == NULL)
		return;
	translation_free(assessment->translation);
	outside_observer_free(assessment->outside);
	known_servers_free(assessment->known);
	findings_free(assessment->findings);
	detection_free(assessment->detection);
	strangers_free(assessment->strangers);
	end_names_free(assessment->names);
	free(assessment->named);
	free(assessment->conversations);
	free(assessment->notes);
	free(assessment->views);
	free(assessment->judgements);
	waiting_free(assessment->waiting);
	text_release(&assessment->line);
	text_release(&assessment->said);
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
	/* What every summary, metric and stats record says. */
	assert(counts.findings.raised == counts.findings.emitted +
					     counts.findings.suppressed +
					     counts.findings.dropped);
	if (assessment->detection != NULL)
		counts.detection = detection_counts(assessment->detection);
	counts.outside = outside_counts(assessment->outside);
	counts.translation = translation_counts(assessment->translation);
	if (assessment->waiting != NULL)
		counts.late = waiting_counts(assessment->waiting);
	return counts;
}
