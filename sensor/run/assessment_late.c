/*
 * The part of the assessment that is about time: names that come late, and
 * inventories and policies that take the place of others while flows go on.
 */
#include <stdlib.h>

#include "alerts/sink.h"
#include "classifiers/attribute.h"
#include "sensor/base/arena.h"
#include "sensor/run/assessment_parts.h"

/* --- what may yet be named ------------------------------------------------ */

/*
 * Private addresses may be a cluster's although no network of its own that
 * holds them was named yet.  A service without backends is named, but not those
 * behind it.
 */
static bool
may_be_named(const struct party *party)
{
	switch (party->attribution) {
	case ATTRIBUTION_UNATTRIBUTED:
		return true;
	case ATTRIBUTION_EXTERNAL:
		return address_is_private(&party->address);
	case ATTRIBUTION_SERVICE:
		return party->service->backend_count == 0;
	case ATTRIBUTION_EXACT:
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
	case ATTRIBUTION_ZONE:
	case ATTRIBUTION_STALE:
		return false;
	}
	return false;
}

static bool
ends_may_be_named(const struct subject *subject)
{
	return may_be_named(&subject->judgement->client) ||
	       may_be_named(&subject->judgement->server);
}

/*
 * Before any source was heard, a private address is nobody's rather than one
 * outside the cluster: nothing is held against it.
 */
static void
doubt(const struct assessment *assessment, const struct flow *flow,
    struct party *party)
{
	uint32_t cluster = assessment_cluster(assessment, flow);

	if (party->attribution == ATTRIBUTION_EXTERNAL &&
	    address_is_private(&party->address) &&
	    inventory_age(
		assessment->parts.inventory, cluster, INSTANT_FUTURE) < 0)
		party->attribution = ATTRIBUTION_UNATTRIBUTED;
}

/* --- flows that wait ------------------------------------------------------ */

/* What is known of a flow that waits, as of a flow at hand. */
static struct subject
subject_that_waits(struct assessment *assessment, struct waiting_flow *one,
    struct conversation *talk)
{
	struct subject subject = subject_of(assessment,
	    one->over ? 0 : one->conversation, &one->flow, &one->appid);

	subject.asked = one->asked;
	if (!one->over)
		return subject;
	*talk = (struct conversation){
	    .judged = one->said,
	    .came_to = one->came_to & 7U,
	    .noted = one->noted,
	};
	subject.number = NO_CONVERSATION;
	subject.talk = talk;
	subject.view = &one->view;
	subject.notes = &one->notes;
	subject.judgement = &assessment->judgement;
	return subject;
}

bool
late_waits(struct assessment *assessment, struct subject *subject,
    const struct flow *as_seen)
{
	struct waiting *waiting = assessment->waiting;
	struct waiting_flow *one;

	if (waiting == NULL || flow_is_infrastructure(as_seen))
		return false;
	one = waiting_find(waiting, subject->number);
	if (one == NULL && ends_may_be_named(subject)) {
		one = waiting_add(waiting, subject->number, assessment->now);
		if (one != NULL)
			assessment_learn_server(assessment, subject);
	}
	if (one != NULL)
		waiting_keep(one, as_seen, subject->appid, &subject->asked);
	return one != NULL;
}

bool
late_ends(struct assessment *assessment, struct subject *subject,
    const struct observation *end)
{
	struct waiting *waiting = assessment->waiting;
	struct conversation *talk = subject->talk;
	struct waiting_flow *one;

	one = waiting == NULL ? NULL : waiting_find(waiting, subject->number);
	if (one == NULL)
		return false;
	waiting_keep(one, subject->flow, subject->appid, &subject->asked);
	detect_give_up(assessment, subject);
	waiting_end(waiting, one);
	one->reason = end->reason;
	one->amount = end->amount;
	one->came_to = talk->came_to;
	one->view = *subject->view;
	one->view.other = NULL;
	if (one->said)
		return false;
	one->noted = talk->noted;
	one->notes = *subject->notes;
	talk->noted = false;
	return true;
}

static void
let_go(struct assessment *assessment, struct waiting_flow *one)
{
	if (one->over && one->noted)
		outside_end(assessment->outside, &one->notes);
	waiting_let_go(assessment->waiting, one);
}

/* Its other view came while it waited: that one is judged. */
static bool
let_go_of_copy(struct assessment *assessment, struct waiting_flow *one)
{
	if (one->over || !assessment->views[one->conversation].is_copy)
		return false;
	let_go(assessment, one);
	return true;
}

void
late_forget(struct assessment *assessment, uint32_t conversation)
{
	struct waiting_flow *one;

	one = assessment->waiting == NULL
		  ? NULL
		  : waiting_find(assessment->waiting, conversation);
	if (one != NULL)
		let_go(assessment, one);
}

void
late_ends_as_copy(struct assessment *assessment, const struct subject *subject)
{
	late_forget(assessment, subject->number);
}

/* Judges it for good, and says so if that was not done yet. */
static enum verdict_kind
settle(struct assessment *assessment, struct waiting_flow *one, bool doubtful)
{
	struct conversation own;
	struct subject subject = subject_that_waits(assessment, one, &own);
	bool known = assessment_attribute(assessment, &subject);

	if (doubtful) {
		doubt(assessment, &one->flow, &subject.judgement->client);
		doubt(assessment, &one->flow, &subject.judgement->server);
	}
	if (one->said)
		assessment->counts.verdicts[talk_verdict(subject.talk)]--;
	assessment_settle(assessment, &subject, known);
	one->noted = own.noted;
	one->came_to = subject.talk->came_to;
	if (one->over && !one->said)
		assessment_say_end(
		    assessment, &subject, &one->amount, one->reason);
	one->said = true;
	return subject.judgement->verdict.kind;
}

/* The grace time is over; a verdict that needs no name need not wait. */
static void
say(struct assessment *assessment, struct waiting_flow *one)
{
	if (!let_go_of_copy(assessment, one) &&
	    settle(assessment, one, true) != VERDICT_UNKNOWN)
		let_go(assessment, one);
}

void
late_clock(struct assessment *assessment)
{
	struct waiting_flow *one;

	if (assessment->waiting == NULL)
		return;
	while (
	    (one = waiting_due(assessment->waiting, assessment->now)) != NULL)
		say(assessment, one);
	while ((one = waiting_expired(assessment->waiting, assessment->now)) !=
	       NULL)
		let_go(assessment, one);
}

void
late_finish(struct assessment *assessment)
{
	struct waiting_flow *one;

	if (assessment->waiting == NULL)
		return;
	while ((one = waiting_oldest(assessment->waiting)) != NULL) {
		if (!one->said)
			(void)settle(assessment, one, true);
		let_go(assessment, one);
	}
}

/* --- another inventory, another policy ------------------------------------ */

static bool
ask_again(struct waiting_flow *one, void *context)
{
	struct assessment *assessment = context;
	struct conversation own;
	struct judgement judgement = {.generation = 0};
	struct subject subject = subject_that_waits(assessment, one, &own);

	if (let_go_of_copy(assessment, one))
		return true;
	subject.judgement = &judgement;
	(void)assessment_attribute(assessment, &subject);
	if (ends_may_be_named(&subject))
		return false;
	(void)settle(assessment, one, false);
	let_go(assessment, one);
	return true;
}

void
assessment_follow(struct assessment *assessment,
    const struct inventory *inventory, const struct domain_clusters *clusters,
    struct policy *policy)
{
	if (assessment->parts.policy != policy)
		assessment->policies++;
	assessment->parts.inventory = inventory;
	assessment->parts.clusters = clusters;
	assessment->parts.policy = policy;
	assessment->generation++;
	translation_follow(assessment->translation, inventory, clusters);
	if (assessment->waiting != NULL)
		waiting_ask(assessment->waiting, assessment->now, ask_again,
		    assessment);
}

void
late_again(struct assessment *assessment, struct subject *subject)
{
	struct conversation *talk = subject->talk;
	bool known;

	if (talk_is_infrastructure(talk))
		return;
	known = assessment_attribute(assessment, subject);
	assessment->counts.verdicts[talk_verdict(talk)]--;
	assessment_settle(assessment, subject, known);
}

/* --- what is borrowed of an inventory ------------------------------------- */

static struct party
who(const struct assessment *assessment, const struct flow *flow,
    const struct address *address)
{
	return inventory_who(assessment->parts.inventory,
	    assessment_cluster(assessment, flow), address, flow->first);
}

void
late_refresh(struct assessment *assessment, struct subject *subject)
{
	struct judgement *judgement = subject->judgement;
	const struct flow *flow = subject->flow;

	if (judgement->generation == assessment->generation)
		return;
	judgement->generation = assessment->generation;
	judgement->client = who(assessment, flow, &flow_client(flow)->address);
	judgement->server = who(assessment, flow, &flow_server(flow)->address);
}

struct service_view
late_service(const struct assessment *assessment, const struct subject *subject)
{
	struct service_view view = subject->view->service;
	struct party party;

	if (view.service == NULL || assessment->generation == 0)
		return view;
	party = who(assessment, subject->flow, &view.address);
	if (party.attribution != ATTRIBUTION_SERVICE)
		return (struct service_view){.service = NULL};
	view.service = party.service;
	return view;
}
