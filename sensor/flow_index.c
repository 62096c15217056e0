#include "sensor/flow_index.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/flow_key.h"
#include "sensor/flow_list.h"

bool
flow_index_init(struct flow_index *index, uint32_t capacity)
{
	uint32_t count = 2;

	while (count / 2 < capacity)
		count *= 2;
	index->mask = count - 1;
	index->buckets = calloc(count, sizeof(index->buckets[0]));
	return index->buckets != NULL;
}

void
flow_index_release(struct flow_index *index)
{
	free(index->buckets);
	index->buckets = NULL;
}

uint32_t
flow_index_find(const struct flow_index *index, const struct flow *flows,
    const struct flow_key *key, uint32_t tag)
{
	uint32_t at = tag & index->mask;

	while (index->buckets[at].entry != 0) {
		const struct flow_bucket *bucket = &index->buckets[at];
		uint32_t slot = bucket->entry - 1;

		if (bucket->tag == tag && flow_key_is(key, &flows[slot]))
			return slot;
		at = (at + 1) & index->mask;
	}
	return NO_SLOT;
}

void
flow_index_add(struct flow_index *index, uint32_t tag, uint32_t slot)
{
	uint32_t at = tag & index->mask;

	while (index->buckets[at].entry != 0)
		at = (at + 1) & index->mask;
	index->buckets[at] = (struct flow_bucket){tag, slot + 1};
}

/*
 * Fills the hole with the entries behind it that a search would otherwise no
 * longer reach (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
 */
static void
close_hole(struct flow_index *index, uint32_t hole)
{
	uint32_t at = (hole + 1) & index->mask;

	while (index->buckets[at].entry != 0) {
		uint32_t home = index->buckets[at].tag & index->mask;
		uint32_t from_home = (at - home) & index->mask;
		uint32_t from_hole = (at - hole) & index->mask;

		if (from_home >= from_hole) {
			index->buckets[hole] = index->buckets[at];
			hole = at;
		}
		at = (at + 1) & index->mask;
	}
	index->buckets[hole] = (struct flow_bucket){0, 0};
}

void
flow_index_remove(struct flow_index *index, uint32_t tag, uint32_t slot)
{
	uint32_t at = tag & index->mask;

	while (index->buckets[at].entry != slot + 1) {
		assert(index->buckets[at].entry != 0);
		at = (at + 1) & index->mask;
	}
	close_hole(index, at);
}
