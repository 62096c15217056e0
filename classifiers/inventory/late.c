#include "classifiers/inventory/late.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/base/arena.h"

/* In the order in which they came, and so of their times, but for a few. */
struct late {
	struct late_flow *flows;
	size_t head, count, capacity;
	int64_t patience;
	struct late_counts counts;
};

struct late *
late_new(size_t capacity, int64_t patience_ns)
{
	struct late *late = allocate(1, sizeof(*late));

	assert(capacity > 0);
	late->flows = allocate(capacity, sizeof(*late->flows));
	late->capacity = capacity;
	late->patience = patience_ns;
	return late;
}

void
late_free(struct late *late)
{
	if (late == NULL)
		return;
	free(late->flows);
	free(late);
}

static struct late_flow *
flow_at(const struct late *late, size_t index)
{
	return &late->flows[(late->head + index) % late->capacity];
}

bool
late_wait(struct late *late, const struct late_flow *flow)
{
	late_expire(late, flow->at);
	if (late->count == late->capacity) {
		late->counts.no_room++;
		return false;
	}
	*flow_at(late, late->count++) = *flow;
	late->counts.waited++;
	return true;
}

static bool
is_over(
    const struct late *late, const struct late_flow *flow, struct instant now)
{
	int64_t waited;

	if (__builtin_sub_overflow(now.ns, flow->at.ns, &waited))
		return now.ns > flow->at.ns;
	return waited > late->patience;
}

size_t
late_expire(struct late *late, struct instant now)
{
	while (late->count > 0 && is_over(late, flow_at(late, 0), now)) {
		late->head = (late->head + 1) % late->capacity;
		late->count--;
		late->counts.expired++;
	}
	return late->count;
}

size_t
late_ask(struct late *late, struct instant now,
    bool (*again)(const struct late_flow *flow, void *context), void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < late->count; i++) {
		struct late_flow flow = *flow_at(late, i);

		if (is_over(late, &flow, now))
			late->counts.expired++;
		else if (again(&flow, context))
			late->counts.settled++;
		else
			*flow_at(late, kept++) = flow;
	}
	late->count = kept;
	return kept;
}

struct late_counts
late_counts(const struct late *late)
{
	return late->counts;
}
