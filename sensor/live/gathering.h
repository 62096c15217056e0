/*
 * gathering -- what all workers observe, in the order of time.
 *
 * Each worker tells what it observes in its own ring; packets of one flow, and
 * of both its directions, are one worker's.  What spans flows (names that DNS
 * answered, both views of a translated connection) wants them in order, so an
 * observation waits until every other worker has told up to its time, or for
 * GATHERING_PATIENCE at most: a worker that is behind is not waited for until
 * it has caught up, and what it tells late counts as of now.  With one worker
 * nothing waits.  When all of them stop, flows that were in progress come last,
 * the oldest first, as at the end of a replay.
 *
 * Also keeps the books on workers that died: the flows in progress there are
 * forgotten and counted.  Runs in the sensor.  Does not know verdicts.
 */
#ifndef SENSOR_LIVE_GATHERING_H
#define SENSOR_LIVE_GATHERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/live/crew.h"

struct gathering; /* opaque */

/*
 * Longer than packets lie in the kernel's ring (three of CAPTURE_LIVE_BLOCK_MS
 * at worst) and a worker needs for a batch.
 */
#define GATHERING_PATIENCE (600 * NS_PER_MS)

struct gathering_parts {
	struct crew *crew; /* borrowed */
	uint32_t domains;  /* the highest number of one */
	take_observation *take;
	/* A flow is over and its end will never be told. */
	void (*forget)(uint32_t conversation, void *context);
	void *context;
};

struct gathering_counts {
	struct observer_counts observer; /* of all workers of all time */
	struct worker_interface interfaces[LIVE_INTERFACES];
	/* Packets that had come to workers that died, by interface. */
	uint64_t lost_packets[LIVE_INTERFACES];
	uint64_t lost_flows; /* ends that were not told, of workers that
				  died or had no room */
	uint64_t unsaid[OBSERVATION_KINDS];
	uint64_t waits;   /* see worker_counts */
	uint64_t late;    /* observations that were behind others */
	uint64_t unsound; /* messages that no worker would send */
	uint64_t deaths;
};

struct gathering *gathering_new(const struct gathering_parts *parts);
void gathering_free(struct gathering *gathering);

/*
 * Hands over what is there and may go, but no more than `most` observations.
 *
 * now        any clock that only goes forward
 * returns    nanoseconds after which to ask again: 0 at once, -1 when a
 *            worker will wake us
 */
int64_t gathering_take(
    struct gathering *gathering, struct instant now, size_t most);

/* Whether every worker has said goodbye, and all it told is handed over. */
bool gathering_is_over(const struct gathering *gathering);

/* Everything that is there, in order; nobody tells any more. */
void gathering_drain(struct gathering *gathering);

/*
 * A worker has died: takes what it had told, and forgets its flows.
 *
 * returns    how many flows those were
 */
uint64_t gathering_bury(struct gathering *gathering, uint32_t worker);

/* The policy is another: every flow in progress is to be said again. */
void gathering_say_again(struct gathering *gathering);

struct gathering_counts gathering_counts(struct gathering *gathering);

/* Another number than before: packets were lost that may be of the flows which
 * are told next. */
uint64_t gathering_losses(const struct gathering *gathering);

#endif
