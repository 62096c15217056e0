/*
 * observer -- from packets to observations: the half of the pipeline that reads
 * what strangers send.
 *
 *   decode_packet    what is this packet?
 *   reassembly_add   is it a fragment, and is its datagram whole now?
 *   shard_frame      which conversation is it part of, who is the client,
 *                    which application does it speak?       (shard.h)
 *
 * A replay has one, perhaps with threads for its shards (workers.h); each
 * worker process of a live sensor has its own (worker_process.h).  Knows
 * neither workloads nor models: of the inventory it is told which addresses
 * are services', and nothing more.  Nothing here allocates per packet, logs, or
 * reads a clock.  Called from one thread.
 */
#ifndef SENSOR_RUN_OBSERVER_H
#define SENSOR_RUN_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/frame.h"
#include "sensor/packet_clock.h"
#include "sensor/reassembly.h"
#include "sensor/run/shard.h"
#include "sensor/run/workers.h"

struct domains;
struct evidence;
struct observer; /* opaque */
struct packet;
struct service_set;

/* All borrowed. */
struct observer_parts {
	struct hash_key key;
	uint32_t flow_capacity;        /* flows in progress at once */
	uint32_t first_conversation;   /* the number of its first */
	uint32_t threads;              /* 1 to WORKERS_MAXIMUM */
	bool whole;                    /* one shard has all flows */
	const struct domains *domains; /* networks, or NULL for one */
	const struct service_set *services;
	uint32_t messages; /* bit per message_kind that is wanted */
	bool progress;     /* flows that go on are wanted */
	int64_t patience;  /* with flows that are not ready: shard.h */
	/* Gets the packets of flows, where there is one thread; or NULL. */
	struct evidence *evidence;
	take_observation *take;
	void *context;
};

/* Sums that hold at the end: packets = sum of frames, created = ended. */
struct observer_counts {
	uint64_t packets, octets;
	uint64_t frames[FRAME_STATUS_COUNT];
	struct instant first, last; /* on the clock; valid if packets > 0 */
	struct packet_clock_counts clock;
	struct reassembly_counts reassembly;
	struct shard_counts shards; /* the sum over all */
};

/*
 * Makes an owned observer for observer_free().
 *
 * returns    NULL with a constant text in *fault
 */
struct observer *observer_new(
    const struct observer_parts *parts, const char **fault);

/* NULL is allowed. */
void observer_free(struct observer *observer);

/* Another capture begins: its first stamp is believed, whatever it is. */
void observer_new_capture(struct observer *observer);

/* Packets from here on were captured at the interface of this name. */
void observer_set_interface(struct observer *observer, const char *name);

/*
 * Takes one packet, whose octets stay where they are during this call and the
 * next one of any kind.
 *
 * returns    what its decoding came to
 */
enum frame_status observer_packet(
    struct observer *observer, const struct packet *packet);

/*
 * No packet came, and a clock on the wall shows that time: what has waited
 * long enough ends.  Of no effect where packets were stamped later.
 */
void observer_clock(struct observer *observer, struct instant wall);

/* The clock that packets are stamped by was set forward by so much, or back:
 * no time has passed by that (packet_clock.h). */
void observer_set_clock(struct observer *observer, int64_t by);

/* What the time that passes would be at that time on the wall. */
struct instant observer_time(
    const struct observer *observer, struct instant wall);

/* Is done with the octets of all packets so far. */
void observer_flush(struct observer *observer);

/*
 * Says of flows in progress that were ready that they are, again: of those
 * whose number (among this observer's) is in a range.
 *
 * returns    whether there are flows beyond it
 */
bool observer_say_again(
    struct observer *observer, uint32_t from, uint32_t count);

/* The capture is over: ends every flow, the oldest first. */
void observer_finish(struct observer *observer);

/* What was counted; of what is on its way, when there are several threads,
 * only after observer_finish(). */
struct observer_counts observer_counts(const struct observer *observer);

/* Adds those of one observer to a sum. */
void observer_counts_add(
    struct observer_counts *sum, const struct observer_counts *one);

#endif
