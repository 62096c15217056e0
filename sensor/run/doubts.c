#include "sensor/run/doubts.h"

static unsigned
place_of(enum record_doubt kind)
{
	return kind == RECORD_DOUBT_LOSS ? 0 : 1;
}

/* Whether they are one, or nearly. */
static bool
are_near(const struct doubt_span *a, const struct doubt_span *b)
{
	return a->from.ns <= b->until.ns + DOUBTS_APART &&
	       b->from.ns <= a->until.ns + DOUBTS_APART;
}

void
doubts_add(struct doubts *doubts, enum record_doubt kind, struct instant from,
    struct instant until)
{
	struct doubt_span *spans = doubts->spans[place_of(kind)];
	unsigned *count = &doubts->counts[place_of(kind)];
	const struct doubt_span span = {from, until};
	struct doubt_span *last;

	if (*count > 0) {
		last = &spans[(*count - 1) % DOUBTS_KEPT];
		if (are_near(last, &span)) {
			if (instant_before(from, last->from))
				last->from = from;
			if (instant_before(last->until, until))
				last->until = until;
			return;
		}
	}
	spans[*count % DOUBTS_KEPT] = span;
	++*count;
}

unsigned
doubts_about(
    const struct doubts *doubts, struct instant first, struct instant last)
{
	unsigned found = 0;

	for (unsigned kind = 0; kind < RECORD_DOUBTS; kind++) {
		unsigned count = doubts->counts[kind];

		for (unsigned i = 0; i < DOUBTS_KEPT && i < count; i++) {
			const struct doubt_span *span = &doubts->spans[kind][i];

			if (!instant_before(span->until, first) &&
			    !instant_before(last, span->from))
				found |= 1U << kind;
		}
	}
	return found;
}

int64_t
doubts_stepped(
    const struct doubts *doubts, struct instant first, struct instant last)
{
	unsigned kind = place_of(RECORD_DOUBT_CLOCK);
	unsigned count = doubts->counts[kind];
	int64_t stepped = 0, whole;

	for (unsigned i = 0; i < DOUBTS_KEPT && i < count; i++) {
		struct doubt_span span = doubts->spans[kind][i];

		if (instant_before(span.from, first))
			span.from = first;
		if (instant_before(last, span.until))
			span.until = last;
		if (instant_before(span.from, span.until))
			stepped += instant_since(span.until, span.from);
	}
	/* Spans of a clock that was set to and fro lie over each other, and it
	 * may have been set to before the flow began. */
	whole = instant_before(first, last) ? instant_since(last, first) : 0;
	return stepped < whole ? stepped : whole;
}
