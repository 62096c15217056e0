/*
 * flow_idle -- knows which flow's time is up, and which one is missed least.
 *
 * One list of slots for every class of flows that share a timeout, longest
 * idle first.  Time never goes back here, so the list is sorted without
 * sorting: a slot that is touched goes to the tail.  Does not know flows.
 */
#ifndef SENSOR_FLOW_IDLE_H
#define SENSOR_FLOW_IDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/flow_list.h"

/*
 * Least useful first, in three ranks: attempts, finished, established.  TCP of
 * which one end alone is captured is established on that end's word.
 */
enum idle_class {
	IDLE_TCP_ATTEMPT,
	IDLE_UDP_ATTEMPT,
	IDLE_OTHER_ATTEMPT,
	IDLE_TCP_FINISHED,
	IDLE_TCP_ONE_SIDED,
	IDLE_TCP_ESTABLISHED,
	IDLE_UDP_ESTABLISHED,
	IDLE_OTHER_ESTABLISHED,
	IDLE_CLASS_COUNT,
};

/* By slot. */
struct flow_idle_slots {
	struct flow_link *links; /* owned */
	struct instant *since;   /* owned: the last touch */
	uint8_t *classes;        /* owned: enum idle_class */
};

struct flow_idle {
	struct flow_list lists[IDLE_CLASS_COUNT];
	int64_t timeouts[IDLE_CLASS_COUNT]; /* not negative */
	struct flow_link *links;            /* these are the slots' */
	struct instant *since;
	uint8_t *classes;
	struct instant soonest; /* nothing is due before; it may be earlier */
};

/* Makes room for `capacity` slots; false when there is no memory. */
bool flow_idle_slots_init(struct flow_idle_slots *slots, uint32_t capacity);
void flow_idle_slots_release(struct flow_idle_slots *slots);

/* An empty one; borrows the slots, which others may use for slots of theirs. */
void flow_idle_init(struct flow_idle *idle, const struct flow_idle_slots *slots,
    const int64_t timeouts[IDLE_CLASS_COUNT]);

/* Adds a slot that is in no list, as touched `now`. */
void flow_idle_add(struct flow_idle *idle, uint32_t slot, enum idle_class class,
    struct instant now);

/* Moves a slot to the tail of a class; `now` is never before an earlier one. */
void flow_idle_touch(struct flow_idle *idle, uint32_t slot,
    enum idle_class class, struct instant now);

/* Takes a slot out. */
void flow_idle_remove(struct flow_idle *idle, uint32_t slot);

/*
 * The slot with the earliest deadline that is not after `now`, or NO_SLOT; of
 * equal deadlines the lower class's, and within a class the one touched first.
 */
uint32_t flow_idle_due(struct flow_idle *idle, struct instant now);

/*
 * The slot to give up: the longest idle of attempts and finished flows, or an
 * answered exchange of datagrams or one-sided TCP that is idle for two seconds
 * more; without any of these the longest idle of established TCP.  NO_SLOT when
 * the table is empty.
 */
uint32_t flow_idle_least_useful(const struct flow_idle *idle);

#endif
