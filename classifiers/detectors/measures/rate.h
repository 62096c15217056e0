/*
 * rate -- how much of something happens, what is normal, and when that changed.
 *
 * Counts in bins of RATE_BIN seconds.  The normal is an exponentially weighted
 * mean with variance of bins that are over; a change is a one-sided CUSUM over
 * it (Wang, Zhang, Shin: "Detecting SYN Flooding Attacks", 2002; constants per
 * kind are the caller's):
 *
 *	S = max(0, S + x - mean - slack)     slack = max(k, mean, 3 sigma)
 *	changed when S > h
 *
 * A bin during a change teaches nothing.  What teaches may raise the mean by
 * `growth` an hour at most, and never above `limit`: so who poisons the normal
 * slowly gains as much as that, and no more.
 *
 * Counts may come late by up to RATE_BINS - 1 bins; later ones count in the
 * oldest bin there is.  A plain structure for memory.h.
 */
#ifndef CLASSIFIERS_DETECTORS_MEASURES_RATE_H
#define CLASSIFIERS_DETECTORS_MEASURES_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"

#define RATE_BIN  (10 * NS_PER_SECOND)
#define RATE_BINS 8

/* All counts are of a bin. */
struct rate_rule {
	double k;      /* least slack */
	double h;      /* what the sum has to exceed */
	double limit;  /* of the mean */
	double growth; /* of the mean, per hour: 0.5 is half as much again */
};

/* Zeroed to begin with. */
struct rate {
	uint64_t counts[RATE_BINS]; /* by number of the bin, modulo */
	int64_t newest;             /* number of a bin; 0: none yet */
	double mean, variance;
	double sum;       /* S over bins that are over */
	int64_t rising;   /* ns, the first of the bin that S rises from */
	double anchor;    /* the mean an hour ago, or when it was new */
	int64_t anchored; /* number of the bin when that was */
};

/*
 * Counts.
 *
 * returns    S with all that is known now; changed when above rule->h
 */
double rate_add(struct rate *rate, const struct rate_rule *rule,
    struct instant at, uint64_t count);

/* What there was above the mean in the last RATE_BINS bins. */
double rate_excess(const struct rate *rate);

/* The number of the bin of that time. */
int64_t rate_bin(struct instant at);

#endif
