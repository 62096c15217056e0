/*
 * observation_store -- observations that outlive the call that hands them over.
 *
 * Everything they point to is copied.  A backlog keeps those of one worker
 * until they are wanted; copies pass from process to process too, and what
 * comes from a process that reads strangers' packets is not believed before it
 * was looked at.
 */
#ifndef SENSOR_RUN_OBSERVATION_STORE_H
#define SENSOR_RUN_OBSERVATION_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/run/observation.h"

/* The longest stored copy; of more payload the rest is left out. */
#define OBSERVATION_MAXIMUM ((size_t)192 * 1024)

/* How long a stored copy is: a multiple of what any type is aligned to. */
size_t observation_size(const struct observation *one);

/* Stores a copy, with everything it points to; `at` is so aligned. */
void observation_store(const struct observation *one, uint8_t *at);

/*
 * Makes an observation of a stored copy, to which it points.
 *
 * returns    false when no copy can be like that: its texts and octets would
 *            lie elsewhere, or a field of it is out of all range
 */
bool observation_load(const uint8_t *at, size_t size, struct observation *one);

/* Zeroed to begin with; released by backlog_release(). */
struct backlog {
	uint8_t *octets; /* owned */
	size_t size, capacity;
};

/* Adds a copy; of less order than none that is there. */
void backlog_add(struct backlog *backlog, const struct observation *one);

/* Hands over what all backlogs hold, in order, and empties them. */
void backlogs_drain(struct backlog *backlogs, size_t count,
    take_observation *take, void *context);

void backlog_release(struct backlog *backlog);

#endif
