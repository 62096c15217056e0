#include "sensor/run/detection.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/base/arena.h"

static_assert(SIGHTING_INTERVAL == PROGRESS_INTERVAL,
    "detectors are told of the one what shards say by the other");

/*
 * Times that losses were said, and how many.  Said every ten seconds, these are
 * more than a SYN is repeated for (1 + 2 + 4 + ... s: RFC 6298) and flows are
 * kept without an answer.
 */
#define LOSSES 16

struct loss {
	struct instant until;
	uint32_t ppm;
};

struct detection {
	struct detectors *row;
	/* What waits of anybody; and of our own, when a flood makes room. */
	struct held_messages *held, *spared;
	detection_is_ours *is_ours;
	void *context;
	uint32_t kinds; /* that the row wants */
	struct instant now;
	uint32_t lost_ppm; /* as it was said last */
	struct loss losses[LOSSES];
	size_t loss_count; /* so far */
	struct detection_counts counts;
};

/* --- losses --------------------------------------------------------------- */

void
detection_set_loss(struct detection *detection, uint32_t lost_ppm)
{
	detection->lost_ppm = lost_ppm;
	if (lost_ppm > 0)
		detection->losses[detection->loss_count++ % LOSSES] =
		    (struct loss){detection->now, lost_ppm};
}

/* The most that were lost while that flow went on; one that nobody answered is
 * told half a minute after its packets. */
static uint32_t
lost_with(const struct detection *detection, const struct flow *flow)
{
	uint32_t most = detection->lost_ppm;

	for (size_t i = 0; i < LOSSES && i < detection->loss_count; i++)
		if (!instant_before(detection->losses[i].until, flow->first) &&
		    most < detection->losses[i].ppm)
			most = detection->losses[i].ppm;
	return most;
}

/* --- sightings ------------------------------------------------------------ */

/* It is told by a packet of another flow, up to minutes later. */
static void
show_flow(struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	sighting->wall.ns -= instant_since(sighting->at, flow->last);
	sighting->packet = flow->first_packet;
}

/* What is the same of every kind of sighting but for these. */
static struct sighting *
sighting_of(struct detection *detection, enum sighting_kind kind,
    struct known_flow *known, const struct told_at *told)
{
	struct sighting *sighting = &known->sighting;

	sighting->kind = kind;
	sighting->at = sighting->then = told->at;
	sighting->wall = told->wall;
	sighting->packet = told->packet;
	if (kind != SIGHTED_MESSAGE &&
	    instant_before(sighting->flow->last, told->at))
		show_flow(sighting);
	sighting->amount = (struct sighted_amount){.turns = 0};
	sighting->reason = (enum flow_reason)0;
	sighting->stands_for = 1;
	sighting->recalled = sighting->counted = false;
	sighting->message = (struct message){.code = 0};
	sighting->lost_ppm = lost_with(detection, sighting->flow);
	return sighting;
}

static bool
wants(const struct detection *detection, enum sighting_kind kind)
{
	return (detection->kinds & 1U << kind) != 0;
}

static void
see(struct detection *detection, const struct sighting *sighting)
{
	detection->counts.sightings++;
	detectors_see(detection->row, sighting);
}

/* By the client, by the server. */
static struct sighted_amount
amount_of(const struct flow *flow, const struct flow_amount *amount)
{
	int client = flow->client, server = !flow->client;

	return (struct sighted_amount){
	    .packets = {amount->packets[client], amount->packets[server]},
	    .octets = {amount->octets[client], amount->octets[server]},
	    .payloads = {amount->payloads[client], amount->payloads[server]},
	    .turns = amount->turns,
	    .begun = {amount->begun[client], amount->begun[server]},
	    .closed = {amount->closed[client], amount->closed[server]},
	    .narrow = {(amount->narrow >> client & 1) != 0,
		(amount->narrow >> server & 1) != 0},
	};
}

/* --- messages ------------------------------------------------------------- */

static void
see_message(struct detection *detection, struct known_flow *known,
    const struct message *message, bool from_client, const struct told_at *sent,
    const struct told_at *told)
{
	struct sighting *sighting =
	    sighting_of(detection, SIGHTED_MESSAGE, known, told);

	sighting->then = sent->at;
	sighting->wall = sent->wall;
	sighting->packet = sent->packet;
	sighting->message = *message;
	sighting->message.from_client = from_client;
	see(detection, sighting);
}

/* Mostly none waits of anybody: then no flow's queue need be looked at. */
static bool
some_wait(const struct detection *detection)
{
	return held_messages_count(detection->held) > 0 ||
	       held_messages_count(detection->spared) > 0;
}

bool
detection_wants(const struct detection *detection, const struct flow *flow,
    const struct message *message)
{
	return detectors_want(detection->row, flow, message);
}

/* What was spared is older. */
static const struct held_message *
next_held(struct detection *detection, uint32_t number)
{
	const struct held_message *one =
	    held_messages_next(detection->spared, number);

	return one != NULL ? one : held_messages_next(detection->held, number);
}

/* Who sent a message may have been turned round by the verdict. */
void
detection_tell_held(struct detection *detection, struct known_flow *known,
    const struct told_at *told)
{
	const struct held_message *one;

	while (some_wait(detection) &&
	       (one = next_held(detection, known->number)) != NULL)
		see_message(detection, known, &one->message,
		    one->sender == known->sighting.flow->client, &one->told,
		    told);
}

void
detection_message(struct detection *detection, struct known_flow *known,
    const struct message *message, bool from_client, const struct told_at *told)
{
	detection_tell_held(detection, known, told);
	see_message(detection, known, message, from_client, told, told);
}

bool
detection_hold(struct detection *detection, uint32_t number,
    const struct held_client *client, const struct message *message,
    uint8_t sender, const struct told_at *told)
{
	if (!held_messages_add(
		detection->held, number, client, message, sender, told))
		return false;
	detection->counts.held++;
	return true;
}

/* Strangers can send as much as they like that nobody answers. */
static bool
spare(uint32_t flow, const struct held_message *one, void *context)
{
	struct detection *detection = context;

	return detection->is_ours != NULL &&
	       detection->is_ours(&one->client, detection->context) &&
	       held_messages_add(detection->spared, flow, &one->client,
		   &one->message, one->sender, &one->told);
}

void
detection_set_ours(
    struct detection *detection, detection_is_ours *is_ours, void *context)
{
	detection->is_ours = is_ours;
	detection->context = context;
}

void
detection_forget(struct detection *detection, uint32_t number)
{
	while (next_held(detection, number) != NULL)
		;
}

/* --- the life of a flow --------------------------------------------------- */

/* Of a flood of what nobody answers there are only ends. */
static bool
speaks(const struct flow *flow, const struct appid *appid)
{
	return flow_was_accepted(flow) || appid->confidence == APP_DPI;
}

bool
detection_is_ready(const struct detection *detection, uint32_t number,
    const struct flow *flow, const struct appid *appid)
{
	return speaks(flow, appid) ||
	       held_messages_wait(detection->held, number) ||
	       held_messages_wait(detection->spared, number);
}

void
detection_ready(struct detection *detection, struct known_flow *known,
    const struct told_at *told)
{
	if (speaks(known->sighting.flow, &known->sighting.appid) &&
	    wants(detection, SIGHTED_READY))
		see(detection,
		    sighting_of(detection, SIGHTED_READY, known, told));
	detection_tell_held(detection, known, told);
}

void
detection_progress(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, const struct told_at *told)
{
	struct sighting *sighting;

	detection_tell_held(detection, known, told);
	if (!wants(detection, SIGHTED_PROGRESS))
		return;
	sighting = sighting_of(detection, SIGHTED_PROGRESS, known, told);
	sighting->amount = amount_of(known->sighting.flow, amount);
	see(detection, sighting);
}

void
detection_end(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, enum flow_reason reason,
    const struct told_at *told)
{
	struct sighting *sighting;

	detection_tell_held(detection, known, told);
	if (!wants(detection, SIGHTED_END))
		return;
	sighting = sighting_of(detection, SIGHTED_END, known, told);
	sighting->amount = amount_of(known->sighting.flow, amount);
	sighting->reason = reason;
	see(detection, sighting);
}

/* --- strangers ------------------------------------------------------------ */

void
detection_end_as(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, enum flow_reason reason,
    const struct detection_share *share, const struct told_at *told)
{
	enum sighting_kind kind = share->lone ? SIGHTED_LONE : SIGHTED_END;
	struct sighting *sighting;

	if (!wants(detection, kind))
		return;
	sighting = sighting_of(detection, kind, known, told);
	sighting->amount = amount_of(known->sighting.flow, amount);
	sighting->reason = reason;
	sighting->stands_for = share->stands_for;
	sighting->recalled = share->recalled;
	sighting->counted = share->counted;
	see(detection, sighting);
}

/* --- life ----------------------------------------------------------------- */

struct detectors_parts
detection_standard(const struct tuning *tuning)
{
	return (struct detectors_parts){
	    .table = detectors_all,
	    .count = detectors_count,
	    .tuning = tuning,
	    .loss_bound = DETECTORS_LOSS_BOUND,
	};
}

struct detection *
detection_new(const struct detectors_parts *parts, uint32_t flows)
{
	struct detection *detection = allocate(1, sizeof(*detection));

	detection->row = detectors_new(parts);
	detection->kinds = detectors_kinds(detection->row);
	detection->held = held_messages_new(flows, HELD_MESSAGES_SIZE);
	detection->spared = held_messages_new(flows, HELD_MESSAGES_SPARED);
	held_messages_set_spare(detection->held, spare, detection);
	return detection;
}

void
detection_free(struct detection *detection)
{
	if (detection == NULL)
		return;
	detectors_free(detection->row);
	held_messages_free(detection->held);
	held_messages_free(detection->spared);
	free(detection);
}

uint32_t
detection_messages(const struct detection *detection)
{
	return detectors_messages(detection->row);
}

bool
detection_wants_progress(const struct detection *detection)
{
	return wants(detection, SIGHTED_PROGRESS) ||
	       wants(detection, SIGHTED_END);
}

void
detection_clock(struct detection *detection, struct instant now)
{
	detection->now = now;
	detectors_clock(detection->row, now);
}

struct detectors *
detection_row(struct detection *detection)
{
	return detection->row;
}

struct detection_counts
detection_counts(const struct detection *detection)
{
	struct detection_counts counts = detection->counts;

	counts.lost = held_messages_lost(detection->held) +
		      held_messages_lost(detection->spared);
	for (size_t i = 0; i < detectors_size(detection->row); i++) {
		struct detector_counts one =
		    detectors_counts_of(detection->row, i);

		counts.raised += one.raised;
		counts.off += one.off;
		counts.lossy += one.lossy;
		counts.evicted += one.evicted;
	}
	return counts;
}
