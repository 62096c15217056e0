/*
 * The part of the assessment that is about detectors: what they are told of
 * flows, and what becomes of what they raise.
 */
#include "classifiers/attribute.h"
#include "classifiers/detectors/beside.h"
#include "classifiers/inventory/domain_clusters.h"
#include "sensor/base/arena.h"
#include "sensor/run/assessment_parts.h"

static struct told_at
now(const struct assessment *assessment)
{
	return (struct told_at){
	    .at = assessment->now,
	    .wall = assessment->wall,
	    .packet = assessment->packet,
	};
}

/* --- what is known of a flow ---------------------------------------------- */

static struct named_ends *
named_of(struct assessment *assessment, const struct subject *subject)
{
	return subject->number == NO_CONVERSATION
		   ? NULL
		   : &assessment->named[subject->number];
}

static void
name_ends(struct assessment *assessment, const struct subject *subject,
    struct known_flow *known)
{
	const struct judgement *judgement = subject->judgement;
	struct named_ends *named = named_of(assessment, subject);
	int client = subject->flow->client;
	uint32_t numbers[2];

	numbers[client] = end_names_get(assessment->names, &judgement->client,
	    judgement->generation, &known->sighting.client);
	numbers[!client] = end_names_get(assessment->names, &judgement->server,
	    judgement->generation, &known->sighting.server);
	if (named != NULL)
		*named = (struct named_ends){
		    subject->flow->first, {numbers[0], numbers[1]}};
}

/* The inventory says the same of an address and a time. */
static bool
has_named_ends(struct assessment *assessment, const struct subject *subject,
    struct known_flow *known)
{
	const struct named_ends *named = named_of(assessment, subject);
	const struct flow *flow = subject->flow;
	int client = flow->client;

	return named != NULL && named->began.ns == flow->first.ns &&
	       end_names_again(assessment->names, named->ends[client],
		   &flow->ends[client].address, assessment->generation,
		   &known->sighting.client) &&
	       end_names_again(assessment->names, named->ends[!client],
		   &flow->ends[!client].address, assessment->generation,
		   &known->sighting.server);
}

/* For whoever asks; of `told`, while it is at hand. */
static void
read_outside(void *context)
{
	struct assessment *assessment = context;

	if (!assessment->outside_is_read)
		assessment_recall(assessment, assessment->at_hand,
		    assessment->told.sighting.client.party,
		    assessment->told.sighting.server.party);
	assessment->outside_is_read = true;
}

static void
leave_unread(const struct assessment *assessment, struct sighted_end *end,
    const struct outside *outside)
{
	if (end->inside || end->party->attribution != ATTRIBUTION_EXTERNAL)
		return;
	end->outside = outside;
	end->unread = &assessment->outside_reader;
}

/* An echo's identifier is none. */
static uint16_t
port_of(const struct flow *flow)
{
	bool has_ports = flow->protocol == PROTOCOL_TCP ||
			 flow->protocol == PROTOCOL_UDP ||
			 flow->protocol == PROTOCOL_SCTP;

	return has_ports ? flow_server(flow)->port : 0;
}

/* What is known of it now; its ends are in `assessment->told` already. */
static struct known_flow *
known_of_named(struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	const struct flow *flow = subject->flow;
	struct known_flow *known = &assessment->told;
	struct sighting *sighting = &known->sighting;

	assessment->told_at = assessment->observed;
	assessment->told_order = assessment->order;
	known->number = subject->number;
	sighting->flow = flow;
	sighting->appid = subject->appid->result;
	sighting->port = port_of(flow);
	sighting->infrastructure = talk_is_infrastructure(talk);
	sighting->judged = talk->judged && !sighting->infrastructure;
	sighting->direction_known = !flow_direction_is_guess(flow);
	sighting->blanket = talk->came_to == CAME_TO_BLANKET;
	sighting->verdict =
	    sighting->blanket ? VERDICT_UNMODELLED : talk_verdict(talk);
	sighting->stepped =
	    doubts_stepped(&assessment->doubts, flow->first, flow->last);
	assessment->outside_is_read = false;
	leave_unread(
	    assessment, &sighting->client, &assessment->client_outside);
	leave_unread(
	    assessment, &sighting->server, &assessment->server_outside);
	return known;
}

struct known_flow *
known_flow(struct assessment *assessment, const struct subject *subject)
{
	name_ends(assessment, subject, &assessment->told);
	return known_of_named(assessment, subject);
}

/*
 * Whether `told` is that flow as it is known now: a packet that gives a flow
 * its verdict mostly says something as well, and of what has a verdict nothing
 * changes by one packet.
 */
static bool
is_told(const struct assessment *assessment, const struct subject *subject)
{
	const struct sighting *told = &assessment->told.sighting;

	return assessment->told.number == subject->number &&
	       subject->number != NO_CONVERSATION &&
	       (assessment->told_at == assessment->observed ||
		   (assessment->told_order == assessment->order &&
		       subject->talk->judged &&
		       (told->judged || told->infrastructure)));
}

struct known_flow *
known_by_name(struct assessment *assessment, const struct subject *subject)
{
	if (is_told(assessment, subject)) {
		assessment->told.sighting.flow = subject->flow;
		return &assessment->told;
	}
	return subject->talk->judged &&
		       has_named_ends(assessment, subject, &assessment->told)
		   ? known_of_named(assessment, subject)
		   : NULL;
}

void
known_ask(struct assessment *assessment, struct subject *subject)
{
	if (!subject->talk->judged) {
		(void)assessment_attribute(assessment, subject);
	} else {
		if (subject->judgement == &assessment->judgement)
			subject->judgement->generation =
			    assessment->generation - 1;
		late_refresh(assessment, subject);
	}
	assessment->ready = subject->number;
	assessment->ready_at = assessment->observed;
}

/* Of one whose ends may have been named before. */
static struct known_flow *
known_again(struct assessment *assessment, struct subject *subject)
{
	struct known_flow *known = known_by_name(assessment, subject);

	if (known != NULL)
		return known;
	known_ask(assessment, subject);
	return known_flow(assessment, subject);
}

bool
known_is_judged_now(
    const struct assessment *assessment, const struct subject *subject)
{
	return assessment->ready_at == assessment->observed &&
	       assessment->ready == subject->number &&
	       subject->number != NO_CONVERSATION;
}

struct known_flow *
known_at_end(struct assessment *assessment, struct subject *subject)
{
	return known_is_judged_now(assessment, subject) &&
		       !is_told(assessment, subject)
		   ? known_flow(assessment, subject)
		   : known_again(assessment, subject);
}

void
known_forget(struct assessment *assessment)
{
	assessment->told.number = NO_CONVERSATION;
}

/* --- what detectors are told ---------------------------------------------- */

void
detect_ready(struct assessment *assessment, struct subject *subject)
{
	struct known_flow *known;
	struct told_at told;

	if (assessment->detection == NULL)
		return;
	/* Said before it is: it will be said again. */
	if (!subject->appid->final && flow_was_accepted(subject->flow)) {
		detect_give_up(assessment, subject);
		return;
	}
	assessment->ready = subject->number;
	assessment->ready_at = assessment->observed;
	if (!detection_is_ready(assessment->detection, subject->number,
		subject->flow, &subject->appid->result) ||
	    lone_waits(subject))
		return;
	lone_recall(assessment, &subject->judgement->client);
	told = now(assessment);
	known = known_flow(assessment, subject);
	assessment->at_hand = subject;
	detection_ready(assessment->detection, known, &told);
	assessment->at_hand = NULL;
}

/* A flow without a verdict may turn out to be another's copy. */
static bool
waits(const struct assessment *assessment, const struct subject *subject,
    const struct observation *one, const struct told_at *told)
{
	const struct flow *flow = subject->flow;
	struct held_client client;

	if (subject->talk->judged)
		return false;
	client = (struct held_client){
	    flow_client(flow)->address, flow->first, flow->domain};
	return detection_hold(assessment->detection, subject->number, &client,
	    &one->message,
	    one->message.from_client ? one->flow->client : !one->flow->client,
	    told);
}

void
detect_observed(struct assessment *assessment, struct subject *subject,
    const struct observation *one)
{
	struct detection *detection = assessment->detection;
	/* The client may be another than the shard believes. */
	bool turned = subject->flow->client != one->flow->client;
	struct told_at told = now(assessment);
	struct known_flow *known;

	if (detection == NULL || subject->view->is_copy)
		return;
	if (one->kind == OBSERVED_MESSAGE &&
	    (!detection_wants(detection, subject->flow, &one->message) ||
		waits(assessment, subject, one, &told)))
		return;
	known = known_again(assessment, subject);
	assessment->at_hand = subject;
	if (one->kind == OBSERVED_MESSAGE)
		detection_message(detection, known, &one->message,
		    one->message.from_client != turned, &told);
	else
		detection_progress(detection, known, &one->amount, &told);
	assessment->at_hand = NULL;
}

void
detect_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	struct known_flow *known;
	struct told_at told;

	if (assessment->detection == NULL)
		return;
	if (!lone_end(assessment, subject, amount, reason)) {
		told = now(assessment);
		known = known_at_end(assessment, subject);
		assessment->at_hand = subject;
		detection_end(
		    assessment->detection, known, amount, reason, &told);
		assessment->at_hand = NULL;
	}
	known_forget(assessment);
}

void
detect_give_up(struct assessment *assessment, struct subject *subject)
{
	struct told_at told = now(assessment);
	struct known_flow *known;

	if (assessment->detection == NULL)
		return;
	known = known_again(assessment, subject);
	assessment->at_hand = subject;
	detection_tell_held(assessment->detection, known, &told);
	assessment->at_hand = NULL;
}

void
detect_forget(struct assessment *assessment, const struct subject *subject)
{
	if (assessment->detection != NULL)
		detection_forget(assessment->detection, subject->number);
}

/* --- what they raise ------------------------------------------------------ */

static void
raise(const struct detector *detector, const struct anomaly *anomaly,
    const struct sighting *sighting, void *context)
{
	struct assessment *assessment = context;
	const struct subject *subject = assessment->at_hand;
	struct record_flow record;

	read_outside(assessment);
	subject->judgement->generation = assessment->generation;
	subject->judgement->client = *sighting->client.party;
	subject->judgement->server = *sighting->server.party;
	record = assessment_record(assessment, subject);
	/* Of the verdict only its kind is kept; and it is not what is said. */
	record.packet = sighting->packet;
	record.judged = sighting->judged;
	record.verdict = (struct verdict){
	    .kind = sighting->blanket ? VERDICT_ALLOWED : sighting->verdict,
	    .blanket = sighting->blanket,
	    .attempted = !flow_was_accepted(sighting->flow),
	};
	findings_add_anomaly(
	    assessment->findings, detector, anomaly, &record, assessment->now);
}

static bool
is_ours(const struct held_client *client, void *context)
{
	const struct assessment *assessment = context;
	struct party party = inventory_who(assessment->parts.inventory,
	    domain_clusters_of(assessment->parts.clusters, client->domain),
	    &client->address, client->began);

	return party.attribution != ATTRIBUTION_EXTERNAL &&
	       party.attribution != ATTRIBUTION_UNATTRIBUTED &&
	       party.attribution != ATTRIBUTION_STALE;
}

void
detect_open(struct assessment *assessment, const struct hash_key *key)
{
	struct detectors_parts parts;
	struct beside beside;

	if (assessment->parts.detectors == NULL)
		return;
	parts = *assessment->parts.detectors;
	parts.raise = raise;
	parts.context = assessment;
	parts.nowhere = assessment->parts.geography == NULL;
	/* What was restored is under a secret of its own. */
	if (parts.key.words[0] == 0 && parts.key.words[1] == 0)
		parts.key = *key;
	assessment->detection = detection_new(&parts, assessment->flows);
	detection_set_ours(assessment->detection, is_ours, assessment);
	assessment->strangers = strangers_new(&parts.key);
	beside = strangers_beside(assessment->strangers);
	detectors_set_beside(detection_row(assessment->detection), &beside);
	assessment->outside_reader =
	    (struct outside_reader){read_outside, assessment};
	assessment->names = end_names_new();
	known_forget(assessment);
	assessment->named =
	    allocate(assessment->flows, sizeof(*assessment->named));
}

struct detection *
assessment_detection(const struct assessment *assessment)
{
	return assessment->detection;
}
