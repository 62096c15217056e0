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
	    judgement->generation, &known->client);
	numbers[!client] = end_names_get(assessment->names, &judgement->server,
	    judgement->generation, &known->server);
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
		   &known->client) &&
	       end_names_again(assessment->names, named->ends[!client],
		   &flow->ends[!client].address, assessment->generation,
		   &known->server);
}

/* For whoever asks; of `told`, while it is at hand. */
static void
read_outside(void *context)
{
	struct assessment *assessment = context;

	if (!assessment->outside_is_read)
		assessment_recall(assessment, assessment->at_hand,
		    assessment->told.client.party,
		    assessment->told.server.party);
	assessment->outside_is_read = true;
}

static void
leave_unread(const struct assessment *assessment, struct sighted_end *end,
    const struct outside *outside)
{
	if (end->party->attribution != ATTRIBUTION_EXTERNAL)
		return;
	end->outside = outside;
	end->unread = &assessment->outside_reader;
}

/* What is known of it now; its ends are in `assessment->told` already. */
static const struct known_flow *
known_of_named(struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	struct known_flow *known = &assessment->told;

	assessment->told_at = assessment->observed;
	known->number = subject->number;
	known->flow = subject->flow;
	known->appid = subject->appid->result;
	known->judged = talk->judged && !talk_is_infrastructure(talk);
	known->infrastructure = talk_is_infrastructure(talk);
	known->direction_known = !flow_direction_is_guess(subject->flow);
	known->verdict = talk_verdict(talk);
	known->blanket = talk->came_to == CAME_TO_BLANKET;
	known->stepped = doubts_stepped(
	    &assessment->doubts, subject->flow->first, subject->flow->last);
	assessment->outside_is_read = false;
	leave_unread(assessment, &known->client, &assessment->client_outside);
	leave_unread(assessment, &known->server, &assessment->server_outside);
	return known;
}

const struct known_flow *
known_flow(struct assessment *assessment, const struct subject *subject)
{
	name_ends(assessment, subject, &assessment->told);
	return known_of_named(assessment, subject);
}

/*
 * Of one whose ends may have been named before.  They are in the judgement of
 * one that is reported; else of what was judged there is only a bit.
 */
static const struct known_flow *
known_again(struct assessment *assessment, struct subject *subject)
{
	if (subject->talk->judged &&
	    has_named_ends(assessment, subject, &assessment->told))
		return known_of_named(assessment, subject);
	if (!subject->talk->judged) {
		(void)assessment_attribute(assessment, subject);
	} else {
		if (subject->judgement == &assessment->judgement)
			subject->judgement->generation =
			    assessment->generation - 1;
		late_refresh(assessment, subject);
	}
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

const struct known_flow *
known_at_end(struct assessment *assessment, struct subject *subject)
{
	if (assessment->told_at == assessment->observed &&
	    assessment->told.number == subject->number &&
	    subject->number != NO_CONVERSATION) {
		assessment->told.flow = subject->flow;
		return &assessment->told;
	}
	return known_is_judged_now(assessment, subject)
		   ? known_flow(assessment, subject)
		   : known_again(assessment, subject);
}

/* --- what detectors are told ---------------------------------------------- */

void
detect_ready(struct assessment *assessment, struct subject *subject)
{
	const struct known_flow *known;
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
    const struct observation *one)
{
	const struct flow *flow = subject->flow;
	struct told_at told = now(assessment);
	struct held_client client;

	if (one->kind != OBSERVED_MESSAGE || subject->talk->judged)
		return false;
	client = (struct held_client){
	    flow_client(flow)->address, flow->first, flow->domain};
	return detection_hold(assessment->detection, subject->number, &client,
	    &one->message,
	    one->message.from_client ? one->flow->client : !one->flow->client,
	    &told);
}

void
detect_observed(struct assessment *assessment, struct subject *subject,
    const struct observation *one)
{
	struct detection *detection = assessment->detection;
	struct told_at told = now(assessment);
	struct message message = one->message;
	const struct known_flow *known;

	if (detection == NULL || subject->view->is_copy ||
	    waits(assessment, subject, one))
		return;
	/* The client may be another than the shard believes. */
	if (subject->flow->client != one->flow->client)
		message.from_client = !message.from_client;
	known = known_again(assessment, subject);
	assessment->at_hand = subject;
	if (one->kind == OBSERVED_MESSAGE)
		detection_message(detection, known, &message, &told);
	else
		detection_progress(detection, known, &one->amount, &told);
	assessment->at_hand = NULL;
}

void
detect_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	const struct known_flow *known;
	struct told_at told;

	if (assessment->detection == NULL ||
	    lone_end(assessment, subject, amount, reason))
		return;
	told = now(assessment);
	known = known_at_end(assessment, subject);
	assessment->at_hand = subject;
	detection_end(assessment->detection, known, amount, reason, &told);
	assessment->at_hand = NULL;
}

void
detect_give_up(struct assessment *assessment, struct subject *subject)
{
	struct told_at told = now(assessment);
	const struct known_flow *known;

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
	assessment->named =
	    allocate(assessment->flows, sizeof(*assessment->named));
}

struct detection *
assessment_detection(const struct assessment *assessment)
{
	return assessment->detection;
}
