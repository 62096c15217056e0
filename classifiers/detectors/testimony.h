/*
 * testimony -- what a detector says of what it found: sentence and evidence.
 *
 * Memory that is taken once and used again, so that detectors allocate only
 * when they are opened.  Does not know what is said.
 */
#ifndef CLASSIFIERS_DETECTORS_TESTIMONY_H
#define CLASSIFIERS_DETECTORS_TESTIMONY_H

#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

struct testimony {
	struct text sentence, evidence;
	struct json_writer json; /* writes members into the evidence */
};

/* Makes it ready for testimony_release(). */
void testimony_init(struct testimony *testimony);
void testimony_release(struct testimony *testimony);

/* Begins anew: both empty. */
void testimony_begin(struct testimony *testimony);

/* A member that is a time, as RFC 3339 has it. */
void testimony_time(struct testimony *testimony, const char *key, int64_t ns);

/* The members `first` and `last`: flows do not end in the order in which they
 * began, so it may be either that comes first. */
void testimony_times(struct testimony *testimony, int64_t ns, int64_t other_ns);

/* A member that lists numbers other than 0: packets, ports. */
void testimony_numbers(struct testimony *testimony, const char *key,
    const uint64_t *numbers, size_t count);

/* A member with three digits behind the point. */
void testimony_fraction(
    struct testimony *testimony, const char *key, double value);

/*
 * What a sketch is sure of, for a sentence: the first digit, and zeroes; below
 * 10 the number itself.
 */
uint32_t testimony_at_least(uint32_t number);

#endif
