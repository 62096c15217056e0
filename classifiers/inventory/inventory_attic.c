#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

/*
 * Something that no generation from `number` on uses.  Until that one is
 * published the draft itself may still read it.
 */
struct put_away {
	uint64_t number;
	struct arena *arena; /* or */
	void *memory;
};

/*
 * Things are put away in the order of the generations, so the ones that may be
 * freed are always at the front.
 */
struct attic {
	bool open; /* the draft lives */
	uint64_t next;
	struct inventory *oldest, *newest;
	struct put_away *queue;
	size_t head, count, capacity; /* count from head on */
};

struct attic *
attic_new(void)
{
	struct attic *attic = allocate(1, sizeof(*attic));

	attic->open = true;
	attic->next = 1;
	return attic;
}

uint64_t
attic_next(const struct attic *attic)
{
	return attic->next;
}

static void
clear(struct attic *attic)
{
	uint64_t oldest = attic->open ? attic->next - 1 : UINT64_MAX;

	if (attic->oldest != NULL)
		oldest = attic->oldest->number;

	while (attic->count > 0 && attic->queue[attic->head].number <= oldest) {
		arena_free(attic->queue[attic->head].arena);
		free(attic->queue[attic->head].memory);
		attic->head++;
		attic->count--;
	}
	if (attic->count == 0)
		attic->head = 0;
}

static void
make_room(struct attic *attic)
{
	if (attic->head + attic->count < attic->capacity)
		return;
	if (attic->head > attic->capacity / 2) {
		memmove(attic->queue, &attic->queue[attic->head],
		    attic->count * sizeof(*attic->queue));
	} else {
		struct put_away *more;

		attic->capacity = 2 * attic->capacity + 64;
		more = allocate(attic->capacity, sizeof(*more));
		if (attic->count > 0)
			memcpy(more, &attic->queue[attic->head],
			    attic->count * sizeof(*more));
		free(attic->queue);
		attic->queue = more;
	}
	attic->head = 0;
}

static void
put_away(struct attic *attic, struct put_away one)
{
	make_room(attic);
	attic->queue[attic->head + attic->count++] = one;
}

void
attic_put_arena(struct attic *attic, struct arena *arena)
{
	if (arena != NULL)
		put_away(attic,
		    (struct put_away){.number = attic->next, .arena = arena});
}

void
attic_put(struct attic *attic, void *memory)
{
	if (memory != NULL)
		put_away(attic,
		    (struct put_away){.number = attic->next, .memory = memory});
}

void
attic_put_constant(struct attic *attic, const void *memory)
{
	void *own;

	memcpy(&own, &memory, sizeof(own));
	attic_put(attic, own);
}

void
attic_join(struct attic *attic, struct inventory *inventory)
{
	inventory->attic = attic;
	inventory->number = attic->next++;
	inventory->older = attic->newest;
	if (attic->newest != NULL)
		attic->newest->newer = inventory;
	else
		attic->oldest = inventory;
	attic->newest = inventory;
}

static void
free_if_unused(struct attic *attic)
{
	if (attic->open || attic->oldest != NULL)
		return;
	assert(attic->count == 0);
	free(attic->queue);
	free(attic);
}

void
attic_leave(struct attic *attic, struct inventory *inventory)
{
	if (inventory->older != NULL)
		inventory->older->newer = inventory->newer;
	else
		attic->oldest = inventory->newer;
	if (inventory->newer != NULL)
		inventory->newer->older = inventory->older;
	else
		attic->newest = inventory->older;
	clear(attic);
	free_if_unused(attic);
}

void
attic_close(struct attic *attic)
{
	attic->open = false;
	clear(attic);
	free_if_unused(attic);
}
