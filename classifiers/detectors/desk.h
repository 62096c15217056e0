/*
 * desk -- what a detector has at hand: its memory, and paper to write on.
 *
 * Spares each detector the same lines.  Embedded as the first member of a
 * detector's state, or used as the state itself.
 */
#ifndef CLASSIFIERS_DETECTORS_DESK_H
#define CLASSIFIERS_DETECTORS_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/memory.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

struct desk {
	struct detector_host *host; /* borrowed */
	struct memory *memory;      /* owned */
	struct text sentence, evidence;
	struct json_writer json; /* to the evidence */
};

/*
 * Makes an owned desk, whose memory has entries of `size` octets, for
 * desk_close().
 */
void *desk_open(
    struct detector_host *host, size_t inside, size_t outside, size_t size);

/* The same as the first member of a state of `state_size` octets, the rest of
 * which is zero. */
void *desk_open_state(size_t state_size, struct detector_host *host,
    size_t inside, size_t outside, size_t size);
void desk_close(void *state);

/* For struct detector: the desk's memory, as `entries`. */
struct memory *desk_memory(void *state, size_t index, const char **name);

/* Of whom an end is remembered. */
static inline enum memory_class
desk_class(const struct sighted_end *end)
{
	return end->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE;
}

/* Takes fresh paper. */
void desk_begin(struct desk *desk);

/*
 * Raises what is written: the sentence and the evidence are the desk's.  An
 * empty sheet of evidence is none.
 */
void desk_raise(
    struct desk *desk, struct anomaly anomaly, const struct sighting *sighting);

/*
 * How often a thing is said that goes on: findings count on, but to write the
 * evidence anew for every packet of it would be work for nothing.  It is said
 * when as many wait as were told, or when a time has passed: so what is counted
 * is never less than half of what there was.
 */
struct pace {
	int64_t said_ns; /* 0: never */
	uint64_t waiting, told;
	uint64_t first_packet; /* where it began */
	int64_t first_ns;
};

/* At least once in so long. */
#define PACE_NS (10 * NS_PER_SECOND)

/* What may become one begins here, unless it has begun. */
void pace_begin(struct pace *pace, const struct sighting *sighting);

/* Counts one more; returns how many there are to be told, or 0: not now. */
uint64_t pace_count(struct pace *pace, const struct sighting *sighting);

/* From when to when, and the packets that it began and ended with: what the
 * evidence of every detector has. */
struct seen {
	int64_t first_ns, last_ns;
	uint64_t packets[2];
};

/* From where it began, or where the flow did, to the sighting at hand. */
struct seen seen_of_pace(
    const struct pace *pace, const struct sighting *sighting);
struct seen seen_of_flow(const struct sighting *sighting);

/* Writes the members `first`, `last` and `packets`. */
void seen_put(struct json_writer *json, struct seen seen);

/* The same of the flow, and how many packets each of its ends sent. */
void seen_put_flow(struct json_writer *json, const struct sighting *sighting);

/*
 * Something counted over a sliding time by two halves of it: what is counted
 * now and what was before.  Entries begin as zeroes.
 *
 * returns    halves to forget: 0, 1 (now becomes before) or 2 (both)
 */
int halves_passed(int64_t *since_ns, int64_t then_ns, int64_t half_ns);

#endif
