/*
 * flow_list -- doubly linked lists of slots, kept beside what they order.
 *
 * The links are an array indexed by slot, so a list costs 8 octets a slot and
 * every operation is a constant amount of work.  A slot is in one list at most
 * per array of links.  Does not know flows.
 */
#ifndef SENSOR_FLOW_LIST_H
#define SENSOR_FLOW_LIST_H

#include <stdint.h>

/* Stands for no slot; above FLOWTABLE_CAPACITY_MAXIMUM. */
#define NO_SLOT UINT32_MAX

struct flow_link {
	uint32_t previous, next;
};

struct flow_list {
	uint32_t head, tail; /* NO_SLOT when empty */
};

#define FLOW_LIST_EMPTY ((struct flow_list){NO_SLOT, NO_SLOT})

/* Puts a slot that is in no list at the tail. */
static inline void
flow_list_append(struct flow_list *list, struct flow_link *links, uint32_t slot)
{
	links[slot] = (struct flow_link){list->tail, NO_SLOT};
	if (list->tail == NO_SLOT)
		list->head = slot;
	else
		links[list->tail].next = slot;
	list->tail = slot;
}

/* Takes a slot out of the list that it is in. */
static inline void
flow_list_remove(struct flow_list *list, struct flow_link *links, uint32_t slot)
{
	struct flow_link link = links[slot];

	if (link.previous == NO_SLOT)
		list->head = link.next;
	else
		links[link.previous].next = link.next;
	if (link.next == NO_SLOT)
		list->tail = link.previous;
	else
		links[link.next].previous = link.previous;
}

#endif
