/*
 * late -- flows whose verdict waits for metadata that may come late.
 *
 * A flow may begin before anybody said who held its addresses.  It is judged
 * `unknown` for want of a name; for a while it is remembered here, and asked
 * about again whenever there is a newer inventory.  Bounded: what finds no room
 * keeps its verdict, and is counted.  Does not know what a flow is, only a
 * number for it and how often that number was given.  One thread.
 */
#ifndef CLASSIFIERS_INVENTORY_LATE_H
#define CLASSIFIERS_INVENTORY_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"

struct late; /* opaque */

/* How long metadata may be late until nobody waits any more. */
#define LATE_PATIENCE (150 * NS_PER_SECOND)

/* One flow that waits. */
struct late_flow {
	uint32_t slot;     /* where its owner keeps it */
	uint64_t sequence; /* which of the flows that had the slot */
	struct instant at; /* when it was judged */
};

struct late_counts {
	uint64_t waited;  /* flows that ever waited */
	uint64_t settled; /* of those, that were named in time */
	uint64_t expired; /* of those, that were not */
	uint64_t no_room; /* flows that could not wait */
};

/* Makes an owned list of at most `capacity` flows for late_free(). */
struct late *late_new(size_t capacity, int64_t patience_ns);
void late_free(struct late *late);

/* The flow waits from now on; false, and counted, when there is no room. */
bool late_wait(struct late *late, const struct late_flow *flow);

/*
 * There is a newer inventory: asks about every flow that waits, in the order in
 * which they came.
 *
 * again      judges once more; true when the flow has its names now, or is no
 *            more, and need not wait
 * returns    flows that wait on
 */
size_t late_ask(struct late *late, struct instant now,
    bool (*again)(const struct late_flow *flow, void *context), void *context);

/* Drops those that waited long enough; returns flows that wait on. */
size_t late_expire(struct late *late, struct instant now);

struct late_counts late_counts(const struct late *late);

#endif
