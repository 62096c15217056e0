/*
 * live_stats -- what a live sensor has counted, as JSON.
 *
 * Pure: takes numbers and writes text.
 */
#ifndef SENSOR_LIVE_LIVE_STATS_H
#define SENSOR_LIVE_LIVE_STATS_H

struct json_writer;
struct live_counts;
struct text;

/* One line, without its newline: an EVE `stats` event. */
void live_stats_record(struct text *out, const struct live_counts *counts);

/* `state` and `reasons`, as members of the object at hand. */
void live_stats_health(
    struct json_writer *writer, const struct live_counts *counts);

#endif
