/*
 * slow_requests -- connections whose request does not come to its end.
 *
 * A sketch of distinct ones, of those that were seen within two minutes; a
 * plain structure for memory.h.  Does not know how many are too many.
 */
#ifndef CLASSIFIERS_DETECTORS_SLOW_REQUESTS_H
#define CLASSIFIERS_DETECTORS_SLOW_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

struct flow;
struct sighting;

struct slow_requests {
	/* By which minute they were seen in, odd and even; 256 bits each. */
	uint64_t flows[2][4];
	int64_t minute;
	int64_t since, last; /* ns */
	uint64_t example;    /* number of a packet */
};

/* Whether the client of that flow sends little and the server waits. */
bool slow_requests_is_slow(const struct sighting *sighting);

void slow_requests_note(struct slow_requests *slow, const struct flow *flow);

/* At least so many, in this minute and the one before. */
uint32_t slow_requests_count(const struct slow_requests *slow);

#endif
