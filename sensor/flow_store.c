#include "sensor/flow_store.h"

#include <assert.h>
#include <stdlib.h>

struct flow_store *
flow_store_new(uint32_t capacity)
{
	struct flow_store *store = calloc(1, sizeof(*store));
	bool idle;

	if (store == NULL)
		return NULL;
	store->capacity = capacity;
	store->spare = FLOW_LIST_EMPTY;
	store->flows = calloc(capacity, sizeof(store->flows[0]));
	store->backs = calloc(capacity, sizeof(store->backs[0]));
	store->links = calloc(capacity, sizeof(store->links[0]));
	/* Each in a cache line of its own. */
	store->recents = aligned_alloc(
	    sizeof(store->recents[0]), capacity * sizeof(store->recents[0]));
	idle = flow_idle_slots_init(&store->idle, capacity);
	if (!idle || store->flows == NULL || store->backs == NULL ||
	    store->links == NULL || store->recents == NULL) {
		flow_store_free(store); /* which leaves errno as it is */
		return NULL;
	}
	return store;
}

void
flow_store_free(struct flow_store *store)
{
	if (store == NULL)
		return;
	flow_idle_slots_release(&store->idle);
	free(store->flows);
	free(store->backs);
	free(store->recents);
	free(store->links);
	free(store);
}

uint32_t
flow_store_take(struct flow_store *store)
{
	uint32_t slot = store->spare.head;

	if (slot == NO_SLOT) {
		assert(store->untouched < store->capacity);
		return store->untouched++;
	}
	flow_list_remove(&store->spare, store->links, slot);
	return slot;
}

/* What is larger than this is asked for in pieces of it. */
#define CACHE_LINE 64

static inline void
prefetch(const void *object, size_t size)
{
	const char *octets = object;

	for (size_t at = 0; at < size; at += CACHE_LINE)
		__builtin_prefetch(octets + at, 1);
	__builtin_prefetch(octets + size - 1, 1);
}

void
flow_store_prefetch(const struct flow_store *store, uint32_t slot)
{
	prefetch(&store->flows[slot], sizeof(store->flows[0]));
	prefetch(&store->backs[slot], sizeof(store->backs[0]));
	__builtin_prefetch(&store->recents[slot], 1);
	__builtin_prefetch(&store->links[slot], 1);
	__builtin_prefetch(&store->idle.links[slot], 1);
	__builtin_prefetch(&store->idle.since[slot], 1);
	__builtin_prefetch(&store->idle.classes[slot], 1);
}

void
flow_store_return(struct flow_store *store, uint32_t slot)
{
	flow_list_append(&store->spare, store->links, slot);
}
