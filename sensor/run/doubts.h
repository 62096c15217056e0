/*
 * doubts -- when packets were lost and clocks stepped, as far as it matters.
 *
 * Keeps a few stretches of time for each kind of doubt, on the packets' own
 * clock; one that goes on grows.  What began and ended outside of all of them
 * is as sure as it looks.  Pure.
 */
#ifndef SENSOR_RUN_DOUBTS_H
#define SENSOR_RUN_DOUBTS_H

#include "alerts/record_doubt.h"
#include "sensor/base/instant.h"

#define DOUBTS_KEPT 16

/* Two that are nearer to each other are one. */
#define DOUBTS_APART (5 * NS_PER_SECOND)

struct doubt_span {
	struct instant from, until;
};

/* Zeroed to begin with. */
struct doubts {
	struct doubt_span spans[RECORD_DOUBTS][DOUBTS_KEPT]; /* rings */
	unsigned counts[RECORD_DOUBTS];                      /* so far */
};

/* Something happened between those times; the oldest is forgotten. */
void doubts_add(struct doubts *doubts, enum record_doubt kind,
    struct instant from, struct instant until);

/* The kinds, as bits, that something between these times is met by. */
unsigned doubts_about(
    const struct doubts *doubts, struct instant first, struct instant last);

/* How much of the time from `first` to `last` no packet saw pass, for a clock
 * was set: to within seconds. */
int64_t doubts_stepped(
    const struct doubts *doubts, struct instant first, struct instant last);

#endif
