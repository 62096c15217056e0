#include "sensor/run/held_messages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* A message in the ring, with its octets in the cells behind it. */
struct entry {
	struct held_message held;
	uint32_t cells; /* with those */
	uint32_t flow;
	uint32_t next; /* place of the flow's next one; 0: none */
	bool waits;    /* false: taken out, or room that was left over */
};

/* The list of one flow. */
struct queue {
	uint32_t first; /* place; 0: none */
	uint32_t count;
};

/* The ring is made of cells of an entry's size; places are counted from 1. */
struct held_messages {
	struct entry *ring;
	uint32_t cells;
	held_message_spare *spare; /* or NULL */
	void *context;
	struct queue *queues; /* by flow */
	uint32_t flows;
	uint32_t head, tail; /* cells: where to write, and the oldest */
	uint32_t used;       /* cells from tail to head */
	uint32_t waiting;    /* messages */
	uint64_t lost;
};

struct held_messages *
held_messages_new(uint32_t flows, size_t size)
{
	struct held_messages *held = allocate(1, sizeof(*held));

	held->cells = (uint32_t)(size / sizeof(struct entry));
	held->ring = allocate(held->cells, sizeof(*held->ring));
	held->flows = flows;
	held->queues = allocate(flows, sizeof(*held->queues));
	return held;
}

void
held_messages_free(struct held_messages *held)
{
	if (held == NULL)
		return;
	free(held->ring);
	free(held->queues);
	free(held);
}

void
held_messages_set_spare(
    struct held_messages *held, held_message_spare *spare, void *context)
{
	held->spare = spare;
	held->context = context;
}

static struct entry *
entry_at(const struct held_messages *held, uint32_t cell)
{
	return &held->ring[cell];
}

/* Takes the flow's first out of its list; it stays where it is. */
static struct entry *
take_first(struct held_messages *held, uint32_t flow)
{
	struct queue *queue = &held->queues[flow];
	struct entry *entry = entry_at(held, queue->first - 1);

	queue->first = entry->next;
	queue->count--;
	held->waiting--;
	entry->waits = false;
	return entry;
}

/* The oldest of all is the first of its flow, if it waits still. */
static void
drop_oldest(struct held_messages *held)
{
	struct entry *entry = entry_at(held, held->tail);

	if (entry->waits) {
		assert(held->queues[entry->flow].first == held->tail + 1);
		(void)take_first(held, entry->flow);
		held->lost +=
		    held->spare == NULL ||
		    !held->spare(entry->flow, &entry->held, held->context);
	}
	held->used -= entry->cells;
	held->tail = (held->tail + entry->cells) % held->cells;
}

/* Most are told within milliseconds: so the ring begins anew all the time, and
 * its first cells are those that the cache holds. */
static void
drop_told(struct held_messages *held)
{
	while (held->used > 0 && !entry_at(held, held->tail)->waits)
		drop_oldest(held);
	if (held->used == 0)
		held->head = held->tail = 0;
}

/* Room that ends before the ring does; what is left of it is filled. */
static uint32_t
make_room(struct held_messages *held, uint32_t cells)
{
	uint32_t at, left = held->cells - held->head;

	if (left < cells) {
		while (held->used + left > held->cells)
			drop_oldest(held);
		*entry_at(held, held->head) = (struct entry){.cells = left};
		held->used += left;
		held->head = 0;
	}
	while (held->used + cells > held->cells)
		drop_oldest(held);
	at = held->head;
	held->head = (held->head + cells) % held->cells;
	held->used += cells;
	return at;
}

static void
append(struct held_messages *held, uint32_t flow, uint32_t place)
{
	struct queue *queue = &held->queues[flow];
	uint32_t *link = &queue->first;

	while (*link != 0)
		link = &entry_at(held, *link - 1)->next;
	*link = place;
	queue->count++;
	held->waiting++;
}

bool
held_messages_add(struct held_messages *held, uint32_t flow,
    const struct held_client *client, const struct message *message,
    uint8_t sender, const struct told_at *told)
{
	size_t size = sizeof(struct entry) + message->size;
	uint32_t cells = (uint32_t)((size + sizeof(struct entry) - 1) /
				    sizeof(struct entry));
	struct entry *entry;
	uint32_t at;

	if (held->queues[flow].count >= HELD_MESSAGES_EACH)
		return false;
	drop_told(held);
	at = make_room(held, cells);
	entry = entry_at(held, at);
	*entry = (struct entry){
	    .held = {.client = *client,
		.message = *message,
		.told = *told,
		.sender = sender},
	    .cells = cells,
	    .flow = flow,
	    .waits = true,
	};
	entry->held.message.octets = (const uint8_t *)(entry + 1);
	if (message->size > 0)
		memcpy(entry + 1, message->octets, message->size);
	append(held, flow, at + 1);
	return true;
}

uint32_t
held_messages_count(const struct held_messages *held)
{
	return held->waiting;
}

bool
held_messages_wait(const struct held_messages *held, uint32_t flow)
{
	return flow < held->flows && held->queues[flow].first != 0;
}

const struct held_message *
held_messages_next(struct held_messages *held, uint32_t flow)
{
	if (!held_messages_wait(held, flow))
		return NULL;
	return &take_first(held, flow)->held;
}

uint64_t
held_messages_lost(const struct held_messages *held)
{
	return held->lost;
}
