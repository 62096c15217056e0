/*
 * The part of the assessment that is about detectors: what they are told of
 * flows, and what becomes of what they raise.
 */
#include "classifiers/attribute.h"
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

/*
 * Names the ends where that is not kept: what was judged before is only a bit
 * where no flow is reported.
 */
static void
name_ends(struct assessment *assessment, struct subject *subject)
{
	if (!subject->talk->judged) {
		(void)assessment_attribute(assessment, subject);
		return;
	}
	if (subject->judgement == &assessment->judgement)
		subject->judgement->generation = assessment->generation - 1;
	late_refresh(assessment, subject);
}

static bool
is_outside(const struct party *party)
{
	return party->attribution == ATTRIBUTION_EXTERNAL;
}

static const struct outside *
outside_of(const struct party *party, const struct outside *outside)
{
	return is_outside(party) ? outside : NULL;
}

static const struct known_flow *
known_flow(struct assessment *assessment, const struct subject *subject)
{
	const struct conversation *talk = subject->talk;
	const struct judgement *judgement = subject->judgement;

	if (is_outside(&judgement->client) || is_outside(&judgement->server))
		assessment_recall(assessment, subject);
	assessment->told_at = assessment->observed;
	assessment->told = (struct known_flow){
	    .number = subject->number,
	    .flow = subject->flow,
	    .appid = subject->appid->result,
	    .client = &judgement->client,
	    .server = &judgement->server,
	    .client_outside =
		outside_of(&judgement->client, &assessment->client_outside),
	    .server_outside =
		outside_of(&judgement->server, &assessment->server_outside),
	    .generation = assessment->generation,
	    .naming = assessment->told.naming + 1,
	    .judged = talk->judged && !talk->infrastructure,
	    .infrastructure = talk->judged && talk->infrastructure,
	    .direction_known = !flow_direction_is_guess(subject->flow),
	    .verdict = (enum verdict_kind)talk->verdict,
	};
	return &assessment->told;
}

/* A flow that is judged when it ends was named a moment ago. */
static const struct known_flow *
known_at_end(struct assessment *assessment, struct subject *subject)
{
	if (assessment->told_at == assessment->observed &&
	    assessment->told.number == subject->number &&
	    assessment->told.client == &subject->judgement->client &&
	    subject->number != NO_CONVERSATION) {
		assessment->told.flow = subject->flow;
		return &assessment->told;
	}
	name_ends(assessment, subject);
	return known_flow(assessment, subject);
}

/* --- what detectors are told ---------------------------------------------- */

void
detect_ready(struct assessment *assessment, struct subject *subject)
{
	struct told_at told = now(assessment);
	const struct known_flow *known;

	if (assessment->detection == NULL)
		return;
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
	struct told_at told = now(assessment);

	return one->kind == OBSERVED_MESSAGE && !subject->talk->judged &&
	       detection_hold(assessment->detection, subject->number,
		   &one->message,
		   one->message.from_client ? one->flow->client
					    : !one->flow->client,
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
	name_ends(assessment, subject);
	known = known_flow(assessment, subject);
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
	struct told_at told = now(assessment);
	const struct known_flow *known;

	if (assessment->detection == NULL)
		return;
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
	name_ends(assessment, subject);
	known = known_flow(assessment, subject);
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
	struct record_flow record =
	    assessment_record(assessment, assessment->at_hand);

	/* Of the verdict only its kind is kept; and it is not what is said. */
	record.packet = sighting->packet;
	record.judged = sighting->judged;
	record.verdict = (struct verdict){
	    .kind = sighting->verdict,
	    .attempted = !flow_was_accepted(sighting->flow),
	};
	findings_add_anomaly(
	    assessment->findings, detector, anomaly, &record, assessment->now);
}

void
detect_open(struct assessment *assessment, const struct hash_key *key)
{
	struct detectors_parts parts;

	if (assessment->parts.detectors == NULL)
		return;
	parts = *assessment->parts.detectors;
	parts.raise = raise;
	parts.context = assessment;
	/* What was restored is under a secret of its own. */
	if (parts.key.words[0] == 0 && parts.key.words[1] == 0)
		parts.key = *key;
	assessment->detection = detection_new(&parts, assessment->flows);
}

struct detection *
assessment_detection(const struct assessment *assessment)
{
	return assessment->detection;
}
