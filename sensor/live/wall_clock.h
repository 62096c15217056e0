/*
 * wall_clock -- whether somebody set the clock on the wall.
 *
 * Packets are stamped by the clock on the wall, and nothing in them tells one
 * that was set from an hour of silence.  The kernel has another clock, which
 * nobody sets and which goes on while the machine sleeps: when the two of them
 * are suddenly further apart, it was set.  Adjusting it bit by bit, as NTP
 * does, moves both.
 */
#ifndef SENSOR_LIVE_WALL_CLOCK_H
#define SENSOR_LIVE_WALL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"

/* What is less goes by unsaid: nothing here waits for so short a time. */
#define WALL_CLOCK_LEAST NS_PER_SECOND

struct wall_clock {
	int64_t ahead; /* of the other one, when last looked at */
};

/* Looks for the first time. */
struct wall_clock wall_clock_new(void);

/* Whether it was set since the last look, which is the next one's to say. */
bool wall_clock_is_other(const struct wall_clock *clock);

/*
 * Looks again.
 *
 * set        by how much it was set since the last look; 0: it was not
 * returns    what it shows
 */
struct instant wall_clock_look(struct wall_clock *clock, int64_t *set);

#endif
