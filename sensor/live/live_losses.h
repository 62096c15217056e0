/*
 * live_losses -- what got lost on the way, stage by stage.
 *
 * Packets, flows and records are counted apart, for one lost packet is not one
 * lost alert:
 *
 *   packets   interface   before the kernel saw them
 *             kernel      no room in the ring
 *             queue       taken by a worker that died
 *             decode      nobody knows what they are
 *   flows     capacity    made room in a full table
 *             queue       their end found no room on the way to the sensor, or
 *                         their worker died
 *   records   findings    no room among the findings
 *             sinks       no room on the way to a file, or in the journal
 *   evidence  overwritten findings of which packets were gone already
 *             disk        packets that could not be written
 *
 * Pure.
 */
#ifndef SENSOR_LIVE_LIVE_LOSSES_H
#define SENSOR_LIVE_LIVE_LOSSES_H

#include <stddef.h>
#include <stdint.h>

struct json_writer;
struct live_counts;
struct text;

enum loss {
	LOSS_INTERFACE,
	LOSS_KERNEL,
	LOSS_WORKERS,
	LOSS_DECODE,
	LOSS_FLOW_CAPACITY,
	LOSS_FLOW_WORKERS,
	LOSS_FINDINGS,
	LOSS_SINKS,
	LOSS_EVIDENCE_OVERWRITTEN,
	LOSS_EVIDENCE_DISK,
	LOSS_COUNT,
};

struct live_losses {
	uint64_t at[LOSS_COUNT];
};

struct live_losses live_losses_of(const struct live_counts *counts);

/* The member `drop` of a stats record. */
void live_losses_write_stats(
    struct json_writer *writer, const struct live_counts *counts);

/* Prometheus' text format: hedgerow_drops_total{what,stage}. */
void live_losses_write_metrics(
    struct text *out, const struct live_counts *counts);

#endif
