/*
 * replay_evidence -- the packets of findings, and the counts, of a replay.
 *
 * What `replay` adds for --evidence and --stats.  A replay that keeps evidence
 * has one thread: what a finding is raised by must be in the ring still, and
 * what follows must come in one order, so that the file is the same each time.
 */
#ifndef SENSOR_COMMANDS_REPLAY_EVIDENCE_H
#define SENSOR_COMMANDS_REPLAY_EVIDENCE_H

#include <stdint.h>

#include "sensor/base/instant.h"

struct evidence;
struct pipeline;
struct pipeline_counts;
struct pipeline_parts;
struct sink;
struct witness;

/* Zeroed: none is asked for. */
struct replay_evidence {
	const char *path;
	struct evidence *ring;   /* owned */
	struct witness *witness; /* owned */
};

/*
 * Opens the file and puts what keeps the packets into the parts.
 *
 * path       NULL for none
 * returns    an exit code; why is on stderr
 */
int replay_evidence_open(struct replay_evidence *evidence, const char *path,
    struct pipeline_parts *parts);

/* The pipeline of those parts is there. */
void replay_evidence_follow(
    struct replay_evidence *evidence, const struct pipeline *pipeline);

/* So many packets have come, the last one at that time. */
void replay_evidence_look(
    struct replay_evidence *evidence, uint64_t packets, struct instant now);

/* Nothing more comes. */
void replay_evidence_finish(struct replay_evidence *evidence);

/* returns    `code`, or that of packets that could not be written */
int replay_evidence_close(struct replay_evidence *evidence, int code);

/* Writes a stats record of all that was counted, at the capture's end. */
void replay_stats_write(struct sink *sink, const char *sensor,
    const struct pipeline_counts *counts,
    const struct replay_evidence *evidence);

#endif
