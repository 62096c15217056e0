/*
 * live_counts -- what a live sensor has counted, stage by stage, and how it is
 * said: as a `stats` record and as Prometheus metrics.
 *
 * Nothing gets lost between two stages:
 *
 *   received = dropped + unread + packets         of the kernel's ring
 *   packets  = sum of frames                      by how decoding went
 *   created  = active + ended                     flows; some were evicted
 *   ended + those judged already = verdicts + infrastructure + copies
 *   raised   = emitted + suppressed + dropped     deviating flows
 *   lines    = written + waiting + lost           of each sink
 *
 * Pure: takes numbers and writes text.
 */
#ifndef SENSOR_RUN_LIVE_COUNTS_H
#define SENSOR_RUN_LIVE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/capture_live.h"
#include "sensor/run/live_delivery_counts.h"
#include "sensor/run/pipeline.h"

struct json_writer;
struct text;

#define LIVE_INTERFACES 16
#define LIVE_SINKS      3
#define LIVE_REASONS    40

struct live_interface_counts {
	const char *name;
	enum capture_live_status status;
	struct capture_live_counts counts;
};

struct live_sink_counts {
	const char *name; /* NULL: takes nothing */
	uint64_t written, waiting, lost;
};

struct live_counts {
	struct instant began, now; /* on the wall */
	struct live_interface_counts interfaces[LIVE_INTERFACES];
	size_t interface_count;
	struct pipeline_counts pipeline;
	struct live_sink_counts sinks[LIVE_SINKS];
	struct live_delivery_counts delivery;
	uint64_t reloads, reloads_failed;
	bool reload_failed;      /* the last one */
	bool metadata_away;      /* Redis does not answer */
	bool metadata_old;       /* and has not told everything yet */
	size_t workloads;        /* of every time */
	int64_t metadata_age_ns; /* -1: none */
	const char *host;
	const char *reasons[LIVE_REASONS]; /* for not being well */
	size_t reason_count;
};

/* Packets that passed the filter and have come to nobody yet. */
uint64_t live_counts_unread(const struct live_interface_counts *one);

/* The sum over all interfaces. */
struct capture_live_counts live_counts_capture(
    const struct live_counts *counts);

/* One line, without its newline: an EVE `stats` event. */
void live_counts_record(struct text *out, const struct live_counts *counts);

/* `state` and `reasons`, as members of the object at hand. */
void live_counts_health(
    struct json_writer *writer, const struct live_counts *counts);

/* Prometheus' text format (its exposition formats, version 0.0.4). */
void live_counts_metrics(struct text *out, const struct live_counts *counts);

#endif
