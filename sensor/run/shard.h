/*
 * shard -- one part of the flows: frames in, observations out.
 *
 *   flowtable_track    which conversation is it part of, and who is the client?
 *   appid_frame        which application does the conversation speak?
 *   server_name_frame  and which server does it ask for?
 *   messages_frame     and what is said in it, for detectors?
 *
 * Both directions of a flow and the errors about it come to the same shard,
 * whatever the number of workers; so what a shard observes does not depend on
 * that number.  Those of one worker take their memory from one pool, nDPI's
 * included, and share nothing else.  Knows neither workloads nor models: which
 * addresses are services' is all it is told.  One thread at a time.
 */
#ifndef SENSOR_RUN_SHARD_H
#define SENSOR_RUN_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/appid.h"
#include "classifiers/server_name.h"
#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/flow_key.h"
#include "sensor/flowtable.h"
#include "sensor/run/observation.h"

struct frame;
struct service_set;
struct shard;      /* opaque */
struct shard_pool; /* opaque: the memory of one worker's shards */

/* A frame's place in the run. */
struct moment {
	uint64_t order;       /* never less than an earlier one's */
	uint64_t packet;      /* number in its file */
	struct instant at;    /* the time that passes, of packet_clock.h */
	struct instant wall;  /* and what a clock on the wall showed */
	struct instant stamp; /* of the packet itself */
	uint32_t interface;   /* that it was captured at, in its source */
};

struct shard_parts {
	uint32_t number;         /* which of all shards */
	struct shard_pool *pool; /* borrowed */
	uint32_t flow_capacity;  /* of this shard */
	uint32_t ndpi_sessions;  /* of this shard */
	/* Addresses whose packets are shown one by one; borrowed. */
	const struct service_set *services;
	const struct hash_key *key; /* borrowed */
	uint32_t messages;          /* bit per message_kind that is wanted */
	bool progress;              /* flows that go on are wanted */
	/* A flow is said to be ready after so long although it is not, and at
	 * once when it is refused, for somebody may wait for an alert; 0: when
	 * it is over. */
	int64_t patience;
	take_observation *take;
	void *context;
};

struct shard_counts {
	struct flowtable_counts flows;
	struct appid_counts appid;
	struct server_name_counts names;
};

/*
 * Makes an owned pool for shard_pool_free(), which comes after its shards.
 *
 * flows, sessions      the sum over its shards
 * first_conversation   the number of its first slot, among those of all pools
 * returns              NULL with a constant text in *fault
 */
struct shard_pool *shard_pool_new(uint32_t flows, uint32_t sessions,
    uint32_t first_conversation, const char **fault);
void shard_pool_free(struct shard_pool *pool);

/* Makes an owned shard for shard_free(); NULL when there is no memory. */
struct shard *shard_new(const struct shard_parts *parts);
void shard_free(struct shard *shard);

/*
 * Which of `count` shards a place belongs to; tables look at the low bits of
 * the tag.
 */
static inline uint32_t
shard_of(const struct flow_place *place, uint32_t count)
{
	return (uint32_t)(((uint64_t)place->tag * count) >> 32);
}

/* Asks the memory for what shard_frame() will read first. */
void shard_prefetch(const struct shard *shard, const struct flow_place *place);

/*
 * Says of flows in progress that were ready that they are, again: of those in
 * `count` slots of the pool from one on.
 *
 * returns    whether there are flows in slots beyond
 */
bool shard_say_again(
    struct shard *shard, struct moment moment, uint32_t from, uint32_t count);

/* Where observations go from here on, instead. */
void shard_set_taker(
    struct shard *shard, take_observation *take, void *context);

/* Takes a decoded frame (status FRAME_OK) of this shard. */
void shard_frame(struct shard *shard, const struct frame *frame,
    const struct flow_place *place, struct moment moment);

/* Time has gone on: flows that were idle for long enough end. */
void shard_clock(struct shard *shard, struct moment moment);

/* The flow that began first, or NULL when there is none. */
const struct flow *shard_oldest(const struct shard *shard);

/* The capture is over: that flow ends. */
void shard_end_oldest(struct shard *shard, struct moment moment);

/* Adds what the shard has counted to a sum. */
void shard_counts_add(struct shard_counts *sum, const struct shard *shard);

#endif
