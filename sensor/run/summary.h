/*
 * summary -- tells a person at the end what a replay has found, on stderr.
 *
 * Keeps the worst findings while they are closed, bounded.  Does not write
 * records.
 */
#ifndef SENSOR_RUN_SUMMARY_H
#define SENSOR_RUN_SUMMARY_H

#include <stdint.h>

#include "models/model.h"

struct finding;
struct pipeline_counts;
struct summary; /* opaque */

/* Findings that are listed; the others are counted. */
#define SUMMARY_ROWS 40

/* Makes an owned summary for summary_free(). */
struct summary *summary_new(void);
void summary_free(struct summary *summary);

/* A finding has closed; copied. */
void summary_add(struct summary *summary, const struct finding *finding);

/* Findings of at least this severity. */
uint64_t summary_count(const struct summary *summary, enum severity least);

/* Prints everything. */
void summary_print(
    const struct summary *summary, const struct pipeline_counts *counts);

#endif
