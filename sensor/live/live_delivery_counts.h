/*
 * live_delivery_counts -- what a live sensor's journal and sinks have counted,
 * and how it is said.
 *
 *   appended = kept + lost                      records handed to the journal
 *   kept     = acknowledged + refused + dropped + behind
 *                                               of each sink, from its first on
 *
 * Pure: takes numbers and writes text.
 */
#ifndef SENSOR_LIVE_LIVE_DELIVERY_COUNTS_H
#define SENSOR_LIVE_LIVE_DELIVERY_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "alerts/delivery.h"
#include "alerts/journal.h"
#include "sensor/live/recent.h"

struct json_writer;
struct text;

#define LIVE_DELIVERY_SINKS  16
#define LIVE_DELIVERY_REASON 320

/* A target that acknowledges nothing for so long is as good as down. */
#define LIVE_DELIVERY_PATIENCE (15 * NS_PER_SECOND)

struct live_delivery_sink {
	const char *name; /* its URL as it may be shown */
	struct delivery_counts counts;
	uint64_t total;         /* records that it was to have so far */
	uint64_t behind;        /* of them, those whose fate is open */
	uint64_t behind_octets; /* of these, about */
	int64_t oldest_ns;      /* how long the first of these was kept, or 0 */
	struct instant succeeded; /* when it acknowledged one last; 0: never */
	/* What is wrong with it, with its name, or "". */
	char trouble[LIVE_DELIVERY_REASON];
};

struct live_delivery_counts {
	bool kept; /* there is a journal */
	struct journal_counts journal;
	char trouble[LIVE_DELIVERY_REASON]; /* why it cannot be written */
	struct live_delivery_sink sinks[LIVE_DELIVERY_SINKS];
	size_t count;
};

struct live_delivery_recent {
	struct recent lost, dropped;
};

/* The members `journal` and `sinks` of a stats record. */
void live_delivery_write_stats(
    struct json_writer *writer, const struct live_delivery_counts *counts);

/* Prometheus' text format. */
void live_delivery_write_metrics(
    struct text *out, const struct live_delivery_counts *counts);

/* Lines of a summary. */
void live_delivery_print(FILE *out, const struct live_delivery_counts *counts);

/*
 * What is not well: borrowed from `counts`.
 *
 * recent     of the counts that it was told before, zeroed to begin with
 * now        as for recent_look()
 * returns    how many reasons there are, at most `room`
 */
size_t live_delivery_reasons(const struct live_delivery_counts *counts,
    struct live_delivery_recent *recent, struct instant now,
    const char **reasons, size_t room);

#endif
