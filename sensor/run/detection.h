/*
 * detection -- from flows that were assessed to what detectors are told.
 *
 * Holds messages until their flow has its verdict, and counts.  Does not know
 * models, findings or records.  Owned by the assessment; one thread at a time.
 */
#ifndef SENSOR_RUN_DETECTION_H
#define SENSOR_RUN_DETECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/detectors.h"
#include "sensor/run/held_messages.h"
#include "sensor/run/observation.h"

struct detection; /* opaque */

/*
 * A flow as it is known now, and what detectors are told of it: whoever knows
 * the flow writes its part of the sighting, from `flow` to `stepped`, and
 * detection_*() the rest, so that nothing is copied.  Everything is borrowed
 * for the call.
 */
struct known_flow {
	uint32_t number; /* of its conversation */
	struct sighting sighting;
};

struct detection_counts {
	uint64_t sightings;
	uint64_t held; /* messages that waited */
	uint64_t lost; /* of them those that made room, and were not told */
	/* Of all detectors: raised = off + those that are findings. */
	uint64_t raised, off;
	uint64_t lossy; /* not told for losses: of every detector by absence */
	uint64_t evicted; /* what was remembered and made room */
};

/* Every detector there is; the hook is left out.  `tuning` is borrowed, or NULL
 * for the standard. */
struct detectors_parts detection_standard(const struct tuning *tuning);

/*
 * Makes an owned one for detection_free().
 *
 * flows      conversations there are, at most
 */
struct detection *detection_new(
    const struct detectors_parts *parts, uint32_t flows);
void detection_free(struct detection *detection);

/* What shards have to observe. */
uint32_t detection_messages(const struct detection *detection);
bool detection_wants_progress(const struct detection *detection);

/* Packets of a million that were lost since this was said last; flows of that
 * time are told with it however late they end. */
void detection_set_loss(struct detection *detection, uint32_t lost_ppm);

/* The flow was judged; its messages that waited follow. */
void detection_ready(struct detection *detection, struct known_flow *known,
    const struct told_at *told);

/* It goes on; what waits is told, verdict or not. */
void detection_progress(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, const struct told_at *told);

/* Whether any detector looks for something in a message of that flow. */
bool detection_wants(const struct detection *detection, const struct flow *flow,
    const struct message *message);

/* A message of a flow that has its verdict, or that will not wait for it; the
 * client may be another than the one by whom it was read. */
void detection_message(struct detection *detection, struct known_flow *known,
    const struct message *message, bool from_client,
    const struct told_at *told);

/*
 * A message of a flow without a verdict: keeps a copy.
 *
 * sender     0 or 1: the end of the flow
 * returns    false where as many wait already: then detection_message()
 */
bool detection_hold(struct detection *detection, uint32_t number,
    const struct held_client *client, const struct message *message,
    uint8_t sender, const struct told_at *told);

/* Asked when messages that wait make room: whether those of this client are to
 * be spared; NULL: of none. */
typedef bool detection_is_ours(const struct held_client *client, void *context);
void detection_set_ours(
    struct detection *detection, detection_is_ours *is_ours, void *context);

void detection_end(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, enum flow_reason reason,
    const struct told_at *told);

/* Whether detection_ready() would tell anything of that flow. */
bool detection_is_ready(const struct detection *detection, uint32_t number,
    const struct flow *flow, const struct appid *appid);

/* How an attempt is told of that was kept back, or stands for others. */
struct detection_share {
	bool lone;           /* of its target alone */
	bool recalled;       /* it ended some time ago */
	bool counted;        /* and its target was told of it */
	uint32_t stands_for; /* attempts */
};

/* A flow has ended, which is told so. */
void detection_end_as(struct detection *detection, struct known_flow *known,
    const struct flow_amount *amount, enum flow_reason reason,
    const struct detection_share *share, const struct told_at *told);

/* What waits is told, verdict or not. */
void detection_tell_held(struct detection *detection, struct known_flow *known,
    const struct told_at *told);

/* The flow is a copy of another: what waits is forgotten. */
void detection_forget(struct detection *detection, uint32_t number);

void detection_clock(struct detection *detection, struct instant now);

struct detectors *detection_row(struct detection *detection);
struct detection_counts detection_counts(const struct detection *detection);

#endif
