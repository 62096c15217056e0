/*
 * pipeline -- READ THIS FIRST: one packet's path from capture to alert.
 *
 *   packet -> frame -> flow -> workload -> verdict -> alert
 *
 *   observer_packet     what is this packet, which conversation is it part of,
 *                       which application does it speak?       (observer.h)
 *   assessment_observe  who held both addresses when it began, is that what
 *                       their models expect, was it said already?
 *                                                            (assessment.h)
 *
 * Here both are in one process, as a replay has them.  Flows are parted into
 * shards by their ends, always the same way.  One worker does everything on the
 * caller's thread; more have the shards among them (workers.h), and what they
 * observe is put back into the order of packets before it is assessed.  So the
 * output is the same for any number of workers.  Live, every worker is a
 * process with an observer of its own, and what they observe comes to the one
 * assessment through shared memory (worker_link.h, gathering.h).
 *
 * What is seen twice is counted once: a copy of a packet is a duplicate of its
 * flow, and the view of a connection before its translation is one of the flow
 * behind it.  Nothing here allocates per packet, logs, or reads a clock.
 * Called from one thread.
 */
#ifndef SENSOR_RUN_PIPELINE_H
#define SENSOR_RUN_PIPELINE_H

#include <stdint.h>

#include "sensor/run/assessment.h"
#include "sensor/run/observer.h"

struct evidence;
struct packet;
struct pipeline; /* opaque */

struct pipeline_parts {
	struct assessment_parts assessment;
	struct hash_key key;    /* a secret live; zeroed for replay */
	uint32_t flow_capacity; /* flows in progress at once */
	uint32_t workers;       /* 1 to WORKERS_MAXIMUM */
	/* Gets the packets of every flow, borrowed; or NULL. */
	struct evidence *evidence;
};

/*
 * Sums that hold at the end: packets = sum of frames, created = ended, and
 * created = sum of verdicts + infrastructure + copies.
 */
struct pipeline_counts {
	uint64_t packets, octets;
	uint64_t frames[FRAME_STATUS_COUNT];
	struct instant first, last; /* on the clock; valid if packets > 0 */
	struct packet_clock_counts clock;
	struct reassembly_counts reassembly;
	struct shard_counts shards; /* the sum over all */
	struct assessment_counts assessment;
};

/*
 * Makes an owned pipeline for pipeline_free().
 *
 * parts      copied; what they point to is borrowed for the pipeline's life,
 *            inventory, policy and clusters until pipeline_set_world()
 * returns    NULL with a constant text in *fault
 */
struct pipeline *pipeline_new(
    const struct pipeline_parts *parts, const char **fault);
void pipeline_free(struct pipeline *pipeline);

/*
 * Goes on with a newer inventory of the same draft, and its policy: flows from
 * here on are named by it, and those that wait for a name are asked about
 * again.  By another policy than before, every flow in progress is judged
 * anew.  What was before may be freed after this.
 */
void pipeline_set_world(struct pipeline *pipeline,
    const struct inventory *inventory, struct policy *policy);

/* Records from here on name this capture file, whose first packet is next. */
void pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename);

/* Packets from here on were captured at the interface of this name. */
void pipeline_set_interface(struct pipeline *pipeline, const char *name);

/*
 * Takes one packet, whose octets stay where they are during this call and the
 * next one of any kind.
 *
 * returns    what its decoding came to
 */
enum frame_status pipeline_packet(
    struct pipeline *pipeline, const struct packet *packet);

/*
 * No packet came, and a clock on the wall shows that time: what has waited
 * long enough ends.  Of no effect where packets were stamped later.
 */
void pipeline_clock(struct pipeline *pipeline, struct instant wall);

/* Is done with the octets of all packets so far. */
void pipeline_flush(struct pipeline *pipeline);

/* The capture is over: ends every flow and closes every finding. */
void pipeline_finish(struct pipeline *pipeline);

/* The secret of the tags that flows have in the evidence. */
const struct hash_key *pipeline_key(const struct pipeline *pipeline);

/* The detectors, or NULL. */
struct detection *pipeline_detection(const struct pipeline *pipeline);

/* What was counted; of what is on its way, when there are several workers,
 * only after pipeline_finish(). */
struct pipeline_counts pipeline_counts(const struct pipeline *pipeline);

/* The counts of both halves, wherever they are. */
struct pipeline_counts pipeline_counts_of(
    const struct observer_counts *seen, struct assessment_counts judged);

#endif
