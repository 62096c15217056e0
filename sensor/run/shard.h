/*
 * shard -- one part of the flows: frames in, observations out.
 *
 *   flowtable_track    which conversation is it part of, and who is the client?
 *   appid_frame        which application does the conversation speak?
 *   server_name_frame  and which server does it ask for?
 *
 * Both directions of a flow and the errors about it come to the same shard,
 * whatever the number of workers; so what a shard observes does not depend on
 * that number.  Shards share nothing but nDPI's module, which those of one
 * worker have in common.  Does not know models or verdicts.  One thread at a
 * time.
 */
#ifndef SENSOR_RUN_SHARD_H
#define SENSOR_RUN_SHARD_H

#include <stdint.h>

#include "classifiers/appid.h"
#include "classifiers/server_name.h"
#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/flowtable.h"
#include "sensor/run/observation.h"

struct frame;
struct inventory;
struct ndpi_module;
struct shard; /* opaque */

/* A frame's place in the run. */
struct moment {
	uint64_t order;    /* never less than an earlier one's */
	uint64_t packet;   /* number in its file */
	struct instant at; /* the packets' clock */
};

struct shard_parts {
	uint32_t number, count;            /* which of how many */
	uint32_t flow_capacity;            /* of this shard */
	uint32_t ndpi_sessions;            /* of this shard */
	struct ndpi_module *ndpi;          /* borrowed; of one worker */
	const struct inventory *inventory; /* borrowed */
	const struct hash_key *key;
	take_observation *take;
	void *context;
};

struct shard_counts {
	struct flowtable_counts flows;
	struct appid_counts appid;
	struct server_name_counts names;
};

/* Makes an owned shard for shard_free(); NULL when there is no memory. */
struct shard *shard_new(const struct shard_parts *parts);
void shard_free(struct shard *shard);

/* Which of `count` shards a decoded frame belongs to. */
uint32_t shard_of(
    const struct frame *frame, const struct hash_key *key, uint32_t count);

/* Where observations go from here on, instead. */
void shard_set_taker(
    struct shard *shard, take_observation *take, void *context);

/* Takes a decoded frame (status FRAME_OK) of this shard. */
void shard_frame(
    struct shard *shard, const struct frame *frame, struct moment moment);

/* Time has gone on: flows that were idle for long enough end. */
void shard_clock(struct shard *shard, struct moment moment);

/* The flow that began first, or NULL when there is none. */
const struct flow *shard_oldest(const struct shard *shard);

/* The capture is over: that flow ends. */
void shard_end_oldest(struct shard *shard, struct moment moment);

/* Adds what the shard has counted to a sum. */
void shard_counts_add(struct shard_counts *sum, const struct shard *shard);

#endif
