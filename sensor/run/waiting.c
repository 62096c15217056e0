#include "sensor/run/waiting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

#define NONE UINT32_MAX

struct waiting {
	struct late *late;
	int64_t grace;
	uint64_t sequence; /* of the flow that came last */
	uint64_t no_room;
	/* Free ones are chained by `newer`; the others lie by age. */
	uint32_t untouched, spare, oldest, newest;
	uint32_t unsaid; /* the oldest that may not be said yet, or NONE */
	uint32_t *of_conversation; /* slot + 1 */
	struct waiting_flow *flows;
};

struct waiting *
waiting_new(uint32_t conversations, int64_t grace)
{
	struct waiting *waiting = allocate(1, sizeof(*waiting));

	waiting->late = late_new(WAITING_MAXIMUM, LATE_PATIENCE);
	waiting->grace = grace;
	waiting->spare = waiting->oldest = NONE;
	waiting->newest = waiting->unsaid = NONE;
	waiting->of_conversation =
	    allocate(conversations, sizeof(*waiting->of_conversation));
	waiting->flows = allocate(WAITING_MAXIMUM, sizeof(*waiting->flows));
	return waiting;
}

void
waiting_free(struct waiting *waiting)
{
	if (waiting == NULL)
		return;
	late_free(waiting->late);
	free(waiting->of_conversation);
	free(waiting->flows);
	free(waiting);
}

static struct waiting_flow *
flow_at(struct waiting *waiting, uint32_t slot)
{
	return slot == NONE ? NULL : &waiting->flows[slot];
}

struct waiting_flow *
waiting_find(struct waiting *waiting, uint32_t conversation)
{
	return flow_at(waiting, waiting->of_conversation[conversation] - 1);
}

static uint32_t
take_slot(struct waiting *waiting)
{
	uint32_t slot = waiting->spare;

	if (slot != NONE)
		waiting->spare = waiting->flows[slot].newer;
	else if (waiting->untouched < WAITING_MAXIMUM)
		slot = waiting->untouched++;
	return slot;
}

static void
give_slot(struct waiting *waiting, struct waiting_flow *one)
{
	one->used = false;
	one->newer = waiting->spare;
	waiting->spare = one->slot;
}

static void
put_last(struct waiting *waiting, struct waiting_flow *one)
{
	one->older = waiting->newest;
	one->newer = NONE;
	if (waiting->newest == NONE)
		waiting->oldest = one->slot;
	else
		waiting->flows[waiting->newest].newer = one->slot;
	waiting->newest = one->slot;
	if (waiting->unsaid == NONE)
		waiting->unsaid = one->slot;
}

struct waiting_flow *
waiting_add(struct waiting *waiting, uint32_t conversation, struct instant now)
{
	struct late_flow late = {.sequence = waiting->sequence + 1, .at = now};
	uint32_t slot = take_slot(waiting);
	struct waiting_flow *one = flow_at(waiting, slot);

	if (one == NULL) {
		waiting->no_room++;
		return NULL;
	}
	late.slot = slot;
	*one = (struct waiting_flow){.slot = slot};
	if (!late_wait(waiting->late, &late)) {
		give_slot(waiting, one);
		return NULL;
	}
	one->used = true;
	one->conversation = conversation;
	one->since = now;
	one->sequence = ++waiting->sequence;
	put_last(waiting, one);
	waiting->of_conversation[conversation] = slot + 1;
	return one;
}

void
waiting_keep(struct waiting_flow *one, const struct flow *flow,
    const struct appid_flow *appid, const struct server_name *asked)
{
	one->flow = *flow;
	one->appid = *appid;
	one->appid.ndpi = NULL; /* the flow's, and soon nobody's */
	one->asked = *asked;
	if (asked->text == NULL)
		return;
	(void)snprintf(one->name, sizeof(one->name), "%s", asked->text);
	one->asked.text = one->name;
}

void
waiting_end(struct waiting *waiting, struct waiting_flow *one)
{
	assert(!one->over);
	one->over = true;
	waiting->of_conversation[one->conversation] = 0;
}

static bool
is_past(struct instant since, int64_t patience, struct instant now)
{
	int64_t waited;

	if (__builtin_sub_overflow(now.ns, since.ns, &waited))
		return now.ns > since.ns;
	return waited > patience;
}

struct waiting_flow *
waiting_due(struct waiting *waiting, struct instant now)
{
	struct waiting_flow *one = flow_at(waiting, waiting->unsaid);

	while (one != NULL && one->said) {
		waiting->unsaid = one->newer;
		one = flow_at(waiting, waiting->unsaid);
	}
	return one != NULL && is_past(one->since, waiting->grace, now) ? one
								       : NULL;
}

struct waiting_flow *
waiting_expired(struct waiting *waiting, struct instant now)
{
	struct waiting_flow *one = flow_at(waiting, waiting->oldest);

	(void)late_expire(waiting->late, now);
	return one != NULL && one->said &&
		       is_past(one->since, LATE_PATIENCE, now)
		   ? one
		   : NULL;
}

struct waiting_flow *
waiting_oldest(struct waiting *waiting)
{
	return flow_at(waiting, waiting->oldest);
}

void
waiting_let_go(struct waiting *waiting, struct waiting_flow *one)
{
	assert(one->used);
	if (!one->over)
		waiting->of_conversation[one->conversation] = 0;
	if (waiting->unsaid == one->slot)
		waiting->unsaid = one->newer;
	if (one->older == NONE)
		waiting->oldest = one->newer;
	else
		waiting->flows[one->older].newer = one->newer;
	if (one->newer == NONE)
		waiting->newest = one->older;
	else
		waiting->flows[one->newer].older = one->older;
	give_slot(waiting, one);
}

struct asking {
	struct waiting *waiting;
	bool (*again)(struct waiting_flow *one, void *context);
	void *context;
};

/* Its slot may be another's by now. */
static bool
ask_one(const struct late_flow *late, void *context)
{
	struct asking *asking = context;
	struct waiting_flow *one = &asking->waiting->flows[late->slot];

	return !one->used || one->sequence != late->sequence ||
	       asking->again(one, asking->context);
}

void
waiting_ask(struct waiting *waiting, struct instant now,
    bool (*again)(struct waiting_flow *one, void *context), void *context)
{
	struct asking asking = {waiting, again, context};

	(void)late_ask(waiting->late, now, ask_one, &asking);
}

struct late_counts
waiting_counts(const struct waiting *waiting)
{
	struct late_counts counts = late_counts(waiting->late);

	counts.no_room += waiting->no_room;
	return counts;
}
