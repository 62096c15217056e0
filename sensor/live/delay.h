/*
 * delay -- how long things took, in a histogram of fixed size.
 *
 * Bounds are ten a decade, from 0.1 ms to 100 s, so that a quantile is right to
 * within a quarter.  Pure.
 */
#ifndef SENSOR_LIVE_DELAY_H
#define SENSOR_LIVE_DELAY_H

#include <stddef.h>
#include <stdint.h>

#define DELAY_BOUNDS 61

/* Zeroed to begin with; the last one is for what took longer than all. */
struct delays {
	uint64_t counts[DELAY_BOUNDS + 1];
	uint64_t count;
	int64_t sum; /* nanoseconds */
};

/* What took less than nothing, for clocks were set, took nothing. */
void delay_add(struct delays *delays, int64_t nanoseconds);

/*
 * The bound that so many of all, 0 to 1, do not exceed; 0 when there are none.
 *
 * returns    nanoseconds
 */
int64_t delay_quantile(const struct delays *delays, double share);

/* The upper bound of a place in the histogram, in nanoseconds. */
int64_t delay_bound(size_t place);

#endif
