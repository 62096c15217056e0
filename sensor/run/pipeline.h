/*
 * pipeline -- READ THIS FIRST: one packet's path from capture to alert.
 *
 *   packet -> frame -> flow -> workload -> verdict -> alert
 *
 *   frame_decode     what is this packet?
 *   reassembly_add   is it a fragment, and is its datagram whole now?
 *   flowtable_track  which conversation is it part of, and who is the client?
 *   translation_*    is that one another, before its address was translated?
 *   appid_frame      which application does the conversation speak?
 *   outside_frame    and which server does it ask for?
 *   attribute_flow   who held both addresses when it began?
 *   judge            is that what their models expect?
 *   findings_add     was that said already?
 *   record_write_*   say it
 *
 * A flow is judged once: as soon as its application is final and its server
 * has answered (a flow to a service not before its other view can have come),
 * or else when it ends.  What is seen twice is counted once: a
 * copy of a packet is a duplicate of its flow, and the view of a connection
 * before its translation is one of the flow behind it.  Nothing here allocates
 * per packet, logs, or reads a clock.  One thread.
 */
#ifndef SENSOR_RUN_PIPELINE_H
#define SENSOR_RUN_PIPELINE_H

#include <stdint.h>

#include "alerts/finding.h"
#include "alerts/record.h"
#include "classifiers/appid.h"
#include "classifiers/outside.h"
#include "classifiers/translation.h"
#include "sensor/flowtable.h"
#include "sensor/frame.h"
#include "sensor/reassembly.h"

struct geography;
struct inventory;
struct packet;
struct pipeline; /* opaque */
struct policy;
struct sink;

struct pipeline_parts {
	const struct inventory *inventory; /* who held which address, when */
	struct policy *policy;             /* what their models come to */
	const struct geography *geography; /* of the outside, or NULL */
	struct record_source source;       /* named in every record */
	struct sink *alerts, *flows;       /* where records go */
	uint32_t flow_capacity;            /* flows in progress at once */
	/* Called for every finding that is closed; may be NULL. */
	void (*closed)(const struct finding *finding, void *context);
	void *context;
};

/*
 * Sums that hold at the end: packets = sum of frames, created = ended, and
 * created = sum of verdicts + infrastructure + copies.
 */
struct pipeline_counts {
	uint64_t packets, octets;
	uint64_t frames[FRAME_STATUS_COUNT];
	struct instant first, last; /* of the packets; valid if packets > 0 */
	uint64_t verdicts[VERDICT_DEVIATION + 1]; /* flows by verdict */
	uint64_t infrastructure;                  /* flows never judged */
	uint64_t copies;     /* flows that were a view of another one */
	uint64_t duplicates; /* packets that are in flow->duplicates */
	struct reassembly_counts reassembly;
	struct flowtable_counts flows;
	struct finding_counts findings;
	struct appid_counts appid;
	struct outside_counts outside;
	struct translation_counts translation;
};

/*
 * Makes an owned pipeline for pipeline_free().
 *
 * parts      borrowed for the pipeline's life
 * returns    NULL with a constant text in *fault
 */
struct pipeline *pipeline_new(
    const struct pipeline_parts *parts, const char **fault);
void pipeline_free(struct pipeline *pipeline);

/* Records from here on name this capture file. */
void pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename);

/* Takes one packet all the way; returns what its decoding came to. */
enum frame_status pipeline_packet(
    struct pipeline *pipeline, const struct packet *packet);

/* The capture is over: ends every flow and closes every finding. */
void pipeline_finish(struct pipeline *pipeline);

struct pipeline_counts pipeline_counts(const struct pipeline *pipeline);

#endif
