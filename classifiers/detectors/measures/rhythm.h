/*
 * rhythm -- how regular a series of times and sizes is: RITA's measures.
 *
 * The formulas are those of RITA 5 (analysis/beacons.go).  Two things differ,
 * for a sensor that says it in minutes instead of once a day: intervals are in
 * milliseconds, not in seconds; and where RITA counts connections in the 24
 * hours of a day, here the time from the first event to the last is cut in 24
 * bars, and as long as there are fewer than RHYTHM_BARRED events what the bars
 * would say is left out of the mean.
 *
 *   dispersion  of intervals, and of sizes, sorted, without zeroes:
 *               ((1 - abs(skew)) + max(0, (median - MAD) / median)) / 2
 *               skew = (Q1 + Q3 - 2 Q2) / (Q3 - Q1), Bowley's; 0 where
 *               Q3 - Q1 < 10 or Q2 equals a quartile
 *   histogram   max(1 - CV, (two largest groups) / (bars - 1)) of the bars'
 *               counts, grouped by 5 % of the largest
 *   duration    max(bars with events / 24, longest run of them / 12)
 *   score       the mean
 *
 * Before that, events that come together are one: some programs open two or
 * three connections a beat.
 *
 * Knows nothing of flows; no state.
 */
#ifndef CLASSIFIERS_DETECTORS_MEASURES_RHYTHM_H
#define CLASSIFIERS_DETECTORS_MEASURES_RHYTHM_H

#include <stddef.h>
#include <stdint.h>

#define RHYTHM_EVENTS 64 /* at most */
#define RHYTHM_BARS   24
/* Two of each bar, so that a regular series fills them evenly. */
#define RHYTHM_BARRED 48

struct rhythm {
	size_t beats; /* events, of which those that come together are one */
	double times, sizes;        /* 0 to 1 */
	double histogram, duration; /* the same, or -1: too few events */
	double score;
	double interval; /* median, in seconds; 0 for none */
	/* Standard deviation / mean of the intervals without the longest
	 * tenth: uniform jitter of +-50 % gives 0.26, events at random 0.75. */
	double variation;
};

/*
 * times      in ms, in any order; overwritten
 * sizes      of the same events; overwritten
 * count      RHYTHM_EVENTS at most
 */
struct rhythm rhythm_of(int64_t *times, int64_t *sizes, size_t count);

#endif
