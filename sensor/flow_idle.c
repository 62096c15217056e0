#include "sensor/flow_idle.h"

#include <assert.h>
#include <stdlib.h>

bool
flow_idle_slots_init(struct flow_idle_slots *slots, uint32_t capacity)
{
	slots->links = calloc(capacity, sizeof(slots->links[0]));
	slots->since = calloc(capacity, sizeof(slots->since[0]));
	slots->classes = calloc(capacity, sizeof(slots->classes[0]));
	return slots->links != NULL && slots->since != NULL &&
	       slots->classes != NULL;
}

void
flow_idle_slots_release(struct flow_idle_slots *slots)
{
	free(slots->links);
	free(slots->since);
	free(slots->classes);
	*slots = (struct flow_idle_slots){0};
}

void
flow_idle_init(struct flow_idle *idle, const struct flow_idle_slots *slots,
    const int64_t timeouts[IDLE_CLASS_COUNT])
{
	*idle = (struct flow_idle){
	    .links = slots->links,
	    .since = slots->since,
	    .classes = slots->classes,
	    .soonest = INSTANT_FUTURE,
	};
	for (int i = 0; i < IDLE_CLASS_COUNT; i++) {
		assert(timeouts[i] >= 0);
		idle->lists[i] = FLOW_LIST_EMPTY;
		idle->timeouts[i] = timeouts[i];
	}
}

/* Captures may be stamped with any 64 bits, so the sum stops at the end. */
static struct instant
deadline_of(const struct flow_idle *idle, uint32_t slot)
{
	int64_t timeout = idle->timeouts[idle->classes[slot]];
	int64_t since = idle->since[slot].ns;

	if (since > INT64_MAX - timeout)
		return INSTANT_FUTURE;
	return (struct instant){since + timeout};
}

void
flow_idle_add(struct flow_idle *idle, uint32_t slot, enum idle_class class,
    struct instant now)
{
	idle->since[slot] = now;
	idle->classes[slot] = (uint8_t) class;
	flow_list_append(&idle->lists[class], idle->links, slot);
	if (instant_before(deadline_of(idle, slot), idle->soonest))
		idle->soonest = deadline_of(idle, slot);
}

void
flow_idle_touch(struct flow_idle *idle, uint32_t slot, enum idle_class class,
    struct instant now)
{
	flow_idle_remove(idle, slot);
	flow_idle_add(idle, slot, class, now);
}

void
flow_idle_remove(struct flow_idle *idle, uint32_t slot)
{
	struct flow_list *list = &idle->lists[idle->classes[slot]];

	flow_list_remove(list, idle->links, slot);
}

/* The slot with the earliest deadline of all, or NO_SLOT. */
static uint32_t
next_to_expire(const struct flow_idle *idle)
{
	uint32_t best = NO_SLOT;

	for (int i = 0; i < IDLE_CLASS_COUNT; i++) {
		uint32_t head = idle->lists[i].head;

		if (head == NO_SLOT)
			continue;
		if (best == NO_SLOT || instant_before(deadline_of(idle, head),
					   deadline_of(idle, best)))
			best = head;
	}
	return best;
}

/*
 * `soonest` spares nearly every packet the look at eight far-apart slots.
 * Every deadline that is added lowers it; one that goes away leaves it too
 * early, which costs one look in vain when it is reached.
 */
uint32_t
flow_idle_due(struct flow_idle *idle, struct instant now)
{
	if (instant_before(now, idle->soonest))
		return NO_SLOT;

	uint32_t slot = next_to_expire(idle);

	idle->soonest =
	    slot == NO_SLOT ? INSTANT_FUTURE : deadline_of(idle, slot);
	return instant_before(now, idle->soonest) ? NO_SLOT : slot;
}

/* The longest idle of the heads of classes `first` to `last`, or NO_SLOT. */
static uint32_t
longest_idle(
    const struct flow_idle *idle, enum idle_class first, enum idle_class last)
{
	uint32_t best = NO_SLOT;

	for (int i = (int)first; i <= (int)last; i++) {
		uint32_t head = idle->lists[i].head;

		if (head == NO_SLOT)
			continue;
		if (best == NO_SLOT ||
		    instant_before(idle->since[head], idle->since[best]))
			best = head;
	}
	return best;
}

/* Which of the two has been idle longer; NO_SLOT is never. */
static uint32_t
longer_idle(const struct flow_idle *idle, uint32_t a, uint32_t b)
{
	if (a == NO_SLOT || b == NO_SLOT)
		return a == NO_SLOT ? b : a;
	return instant_before(idle->since[b], idle->since[a]) ? b : a;
}

/*
 * An attempt and a finished flow are worth the same: the one is most often
 * never answered, the other has said everything, and a handshake on its way is
 * among the youngest of them.  An answered exchange of datagrams is most often
 * over too, but nothing says so: it must be idle for longer.  The two seconds
 * are more than most answers take (RFC 6298 starts at one).  One-sided TCP is
 * as doubtful, for two forged packets can look like it, and a flood of them
 * must not push out connections of which both ends were heard.
 */
uint32_t
flow_idle_least_useful(const struct flow_idle *idle)
{
	uint32_t slot = longer_idle(idle, idle->lists[IDLE_TCP_FINISHED].head,
	    longest_idle(idle, IDLE_TCP_ATTEMPT, IDLE_OTHER_ATTEMPT));
	uint32_t datagrams =
	    longer_idle(idle, idle->lists[IDLE_UDP_ESTABLISHED].head,
		idle->lists[IDLE_OTHER_ESTABLISHED].head);
	uint32_t doubtful =
	    longer_idle(idle, idle->lists[IDLE_TCP_ONE_SIDED].head, datagrams);

	if (slot == NO_SLOT ||
	    (doubtful != NO_SLOT &&
		instant_since(idle->since[slot], idle->since[doubtful]) >
		    2 * NS_PER_SECOND))
		slot = doubtful;
	return slot != NO_SLOT ? slot : idle->lists[IDLE_TCP_ESTABLISHED].head;
}
