/*
 * flow_store -- the memory of flows, by slot, for the tables of one worker.
 *
 * Tables that take turns on one thread take their slots from one store, so
 * that flows which begin one after the other lie one after the other, whatever
 * table each belongs to.  Slots that were never used were never written, so a
 * large store costs memory only as it fills.  Does not know time.
 */
#ifndef SENSOR_FLOW_STORE_H
#define SENSOR_FLOW_STORE_H

#include <stdint.h>

#include "sensor/flow.h"
#include "sensor/flow_duplicate.h"
#include "sensor/flow_idle.h"
#include "sensor/flow_list.h"
#include "sensor/flow_tcp.h"

/* What a table knows of a slot and its readers need not. */
struct flow_back {
	struct flow_tcp_notes tcp;
	uint32_t tag; /* under which the index has it */
};

/* Every array has one element a slot; open to the tables alone. */
struct flow_store {
	struct flow *flows;
	struct flow_back *backs;
	struct flow_recent *recents;
	struct flow_link *links; /* of a table's ages, and of `spare` */
	struct flow_idle_slots idle;
	struct flow_list spare; /* were used and are not */
	uint32_t untouched;     /* from here on none was ever used */
	uint32_t capacity;
};

/* Makes an owned store for flow_store_free(), or NULL with errno ENOMEM. */
struct flow_store *flow_store_new(uint32_t capacity);

/* After the tables that use it.  NULL is allowed. */
void flow_store_free(struct flow_store *store);

/* A slot that is in no list; there must be one. */
uint32_t flow_store_take(struct flow_store *store);

/* Asks the memory for all that is kept of a slot. */
void flow_store_prefetch(const struct flow_store *store, uint32_t slot);

/* Gives a slot back that is in no list. */
void flow_store_return(struct flow_store *store, uint32_t slot);

#endif
