/*
 * flow_index -- finds a flow's slot by its key.
 *
 * Open addressing with linear probing, never more than half full, so a search
 * is short as long as nobody can choose tags; removal leaves no marks behind,
 * so the table does not age.  Does not own the flows.
 */
#ifndef SENSOR_FLOW_INDEX_H
#define SENSOR_FLOW_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct flow;
struct flow_key;

struct flow_bucket {
	uint32_t tag;
	uint32_t entry; /* slot + 1; 0 is empty, as calloc() gives it */
};

struct flow_index {
	struct flow_bucket *buckets; /* owned */
	uint32_t mask;               /* buckets - 1 */
};

/* Makes room for `capacity` slots; false when there is no memory. */
bool flow_index_init(struct flow_index *index, uint32_t capacity);
void flow_index_release(struct flow_index *index);

/* The slot of the flow with this key, or NO_SLOT. */
uint32_t flow_index_find(const struct flow_index *index,
    const struct flow *flows, const struct flow_key *key, uint32_t tag);

/* Asks the memory for what a search for the tag will read first. */
static inline void
flow_index_prefetch(const struct flow_index *index, uint32_t tag)
{
	__builtin_prefetch(&index->buckets[tag & index->mask], 1);
}

/* Adds a slot that is not in the index. */
void flow_index_add(struct flow_index *index, uint32_t tag, uint32_t slot);

/* Removes a slot that was added under this tag. */
void flow_index_remove(struct flow_index *index, uint32_t tag, uint32_t slot);

#endif
