/*
 * live_metrics_parts -- what the files of live_metrics share, and nobody else.
 *
 *   live_metrics.c        capture, workers, evidence, delays, the process
 *   live_metrics_flows.c  flows, verdicts, applications, alerts
 *   live_metrics_slow.c   metadata, models, reloads, outputs
 */
#ifndef SENSOR_LIVE_LIVE_METRICS_PARTS_H
#define SENSOR_LIVE_LIVE_METRICS_PARTS_H

struct live_counts;
struct pipeline_counts;
struct text;

void live_metrics_flows(struct text *out, const struct pipeline_counts *counts);
void live_metrics_state(struct text *out, const struct live_counts *counts);
void live_metrics_outputs(struct text *out, const struct live_counts *counts);

#endif
