/*
 * siege -- one target that gets more of something than it ever had to bear:
 * since when, how much, and whose doing it is.
 *
 * A plain structure of a fixed size for memory.h; begins as zeroes.  Does not
 * know what is counted, nor what is said of it.
 */
#ifndef CLASSIFIERS_DETECTORS_FLOOD_SIEGE_H
#define CLASSIFIERS_DETECTORS_FLOOD_SIEGE_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/measures/rate.h"

#define SIEGE_WORDS 8 /* of a sketch of sources */

struct siege {
	struct rate rate;
	uint64_t sources[SIEGE_WORDS];
	/* Who may have done most of it, by majority vote (Boyer and Moore,
	 * 1981), and by how much more than everybody else did; what is older
	 * than a bin counts half. */
	uint64_t suspect, lead, by_all;
	int64_t bin;             /* of these, the newest */
	int64_t calm;            /* the bin in which they were begun */
	int64_t first;           /* ns, when what is too much began */
	int64_t raised;          /* ns, when it was said */
	uint64_t total, counted; /* since `first`; said of them */
	uint64_t example;        /* number of a packet */
	uint8_t on;
	uint8_t spare[7];
};

/* What comes to a target. */
struct siege_blow {
	struct instant at;
	uint64_t source; /* its key */
	uint64_t count;
	uint64_t packet; /* number of one of them */
};

/* Counts; returns whether it is too much by rate.h's rule. */
bool siege_add(struct siege *siege, const struct rate_rule *rule,
    const struct siege_blow *blow);

/* About how many sources there are. */
uint32_t siege_sources(const struct siege *siege);

/* Whether most of it is one source's doing, and whether that is this one. */
bool siege_is_by_one(const struct siege *siege);
bool siege_is_by(const struct siege *siege, uint64_t source);

/*
 * How much is to be said now: what came since the last time, or 0 when that is
 * not due.  What is said is taken as said.
 */
uint64_t siege_tell(struct siege *siege, struct instant now);

#endif
