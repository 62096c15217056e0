/*
 * live_metrics -- what a live sensor has counted, for Prometheus.
 *
 * Pure: takes numbers and writes text.
 */
#ifndef SENSOR_LIVE_LIVE_METRICS_H
#define SENSOR_LIVE_LIVE_METRICS_H

struct live_counts;
struct text;

/* Its text format (Prometheus' exposition formats, version 0.0.4). */
void live_metrics_page(struct text *out, const struct live_counts *counts);

#endif
