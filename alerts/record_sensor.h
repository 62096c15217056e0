/*
 * record_sensor -- alerts that are about the sensor itself.
 *
 * Records like any other alert's (record.h) but that no flow stands in them:
 * what happened stands under `sensor`.  Each time is a finding of its own, new
 * and counted once.  Pure: writes into a text and keeps nothing.
 */
#ifndef ALERTS_RECORD_SENSOR_H
#define ALERTS_RECORD_SENSOR_H

#include <stdint.h>

#include "sensor/base/instant.h"

struct record_source;
struct text;

/* A process that reads packets ended without being told to. */
struct worker_death {
	uint32_t worker;  /* from 0 */
	int signal, code; /* it died of a signal, or else ended with a code */
	uint64_t flows;   /* that it had in progress */
	uint64_t died;    /* which one, of all that died in its place */
};

void record_write_death(struct text *out, const struct record_source *source,
    const struct worker_death *death, struct instant at);

#endif
