#include "sensor/live/gathering.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* How long to wait for a worker that owes nothing yet, before looking again. */
#define LOOK_AGAIN (5 * NS_PER_MS)

/* A worker, as what it has told is read. */
struct source {
	struct worker_link *link;
	uint32_t first; /* conversation */
	struct ring ring;
	uint8_t *record;        /* owned */
	bool has;               /* an observation is read and not handed over */
	struct observation one; /* that; points into the record */
	bool telling;           /* said hello, and not goodbye */
	bool behind;            /* others do not wait for it */
	struct instant progress; /* before which it has told everything */
	uint64_t *open;          /* owned: bits of conversations in progress */
	/* Flows of all its processes. */
	uint64_t ended;  /* whose end was handed over */
	uint64_t dead;   /* that were in progress when their worker died */
	uint64_t unseen; /* that had ended although it had not counted them */
	/* What was counted last by processes that said hello to us. */
	struct worker_counts shown;
	uint64_t processes; /* of those */
	uint64_t announced; /* deaths that we were told of */
	uint64_t burials;   /* and those that were dealt with */
	uint64_t buried;    /* flows of the one that died last */
};

struct gathering {
	struct gathering_parts parts;
	struct source sources[CREW_WORKERS];
	uint32_t count;
	uint64_t order;
	struct instant at;      /* of what was handed over last */
	bool stopping;          /* every worker was told to end */
	bool waits;             /* for a worker, since: */
	struct instant waiting; /* on the caller's clock */
	uint64_t late, unsound, deaths;
};

/* --- conversations in progress -------------------------------------------- */

static bool
is_open(const struct source *source, uint32_t at)
{
	return (source->open[at / 64] >> at % 64 & 1) != 0;
}

static void
set_open(struct source *source, uint32_t at, bool open)
{
	uint64_t bit = UINT64_C(1) << at % 64;

	if (open)
		source->open[at / 64] |= bit;
	else
		source->open[at / 64] &= ~bit;
}

static void
forget(struct gathering *gathering, struct source *source, uint32_t at)
{
	if (!is_open(source, at))
		return;
	set_open(source, at, false);
	gathering->parts.forget(source->first + at, gathering->parts.context);
}

/*
 * The process whose counts these are is no more: what it had in progress is
 * over.  It may have told more ends than it had counted.
 */
static void
bury(struct gathering *gathering, struct source *source,
    const struct worker_counts *counts)
{
	uint32_t capacity = gathering->parts.crew->flow_capacity;
	uint64_t created =
	    counts->observer.shards.flows.created + source->unseen;
	uint64_t over =
	    source->ended + source->dead + counts->unsaid[OBSERVED_END];

	for (uint32_t at = 0; at < capacity; at++)
		forget(gathering, source, at);
	source->buried = created > over ? created - over : 0;
	if (over > created)
		source->unseen += over - created;
	source->dead += source->buried;
	source->telling = false;
	source->burials++;
	gathering->deaths++;
}

/* --- messages ------------------------------------------------------------- */

static bool
take_observation_of(
    struct gathering *gathering, struct source *source, size_t size)
{
	const struct gathering_parts *parts = &gathering->parts;

	if (!observation_load(source->record, size, &source->one))
		return false;
	if (source->one.kind != OBSERVED_CLOCK &&
	    (source->one.conversation - source->first >=
		    parts->crew->flow_capacity ||
		source->one.flow->domain > parts->domains))
		return false;
	source->has = true;
	return true;
}

static bool
take_hello(struct gathering *gathering, struct source *source, size_t size)
{
	struct worker_counts counts;

	if (size != sizeof(counts))
		return false;
	memcpy(&counts, source->record, sizeof(counts));
	if (source->telling)
		bury(gathering, source, &counts);
	source->processes = counts.processes;
	source->shown = counts;
	source->telling = true;
	source->behind = false;
	return true;
}

static bool
take_lost(struct gathering *gathering, struct source *source, size_t size)
{
	uint32_t conversation, at;

	if (size != sizeof(conversation))
		return false;
	memcpy(&conversation, source->record, sizeof(conversation));
	at = conversation - source->first;
	if (at >= gathering->parts.crew->flow_capacity)
		return false;
	forget(gathering, source, at);
	return true;
}

static bool
take_one(struct gathering *gathering, struct source *source, uint32_t kind,
    size_t size)
{
	switch (kind) {
	case WORKER_HELLO:
		return take_hello(gathering, source, size);
	case WORKER_OBSERVATION:
		return take_observation_of(gathering, source, size);
	case WORKER_LOST:
		return take_lost(gathering, source, size);
	case WORKER_BYE:
		source->telling = false;
		return true;
	default: /* of another process: not one of ours */
		return false;
	}
}

/* Reads on until there is an observation, or nothing. */
static bool
has_next(struct gathering *gathering, struct source *source)
{
	uint32_t kind;
	size_t size;

	while (!source->has && ring_read(&source->ring, &kind, source->record,
				   WORKER_MESSAGE_MAXIMUM, &size))
		if (!take_one(gathering, source, kind, size))
			gathering->unsound++;
	if (source->ring.broken) {
		gathering->unsound++;
		ring_skip(&source->ring);
	}
	return source->has;
}

/* --- order ---------------------------------------------------------------- */

/* The flow ended for no other reason than that its worker did. */
static bool
is_cut_short(const struct observation *one)
{
	return one->kind == OBSERVED_END && one->reason == FLOW_SHUTDOWN;
}

/*
 * Late ones are of now: what was said cannot be unsaid.  That flows end with
 * the capture is not: each worker's did with its own last packet.
 */
static void
hand_over(struct gathering *gathering, struct source *source)
{
	struct observation *one = &source->one;
	uint32_t at = one->conversation - source->first;

	source->has = false;
	if (instant_before(one->at, gathering->at)) {
		if (!is_cut_short(one))
			gathering->late++;
		one->at = gathering->at;
	}
	gathering->at = one->at;
	one->order = ++gathering->order;
	gathering->parts.take(one, gathering->parts.context);
	if (one->kind == OBSERVED_CLOCK)
		return;
	set_open(source, at, one->kind != OBSERVED_END);
	if (one->kind == OBSERVED_END)
		source->ended++;
}

/*
 * Each worker's last packet came at another time, and with it its flows end:
 * when all stop, that says nothing of the order of flows.
 */
static bool
is_before(const struct gathering *gathering, const struct observation *a,
    const struct observation *b)
{
	if (!gathering->stopping || (!is_cut_short(a) && !is_cut_short(b)))
		return instant_before(a->at, b->at);
	if (is_cut_short(a) && is_cut_short(b))
		return instant_before(a->flow->first, b->flow->first);
	return is_cut_short(b);
}

static struct source *
earliest(struct gathering *gathering)
{
	struct source *first = NULL;

	gathering->stopping =
	    atomic_load(&gathering->parts.crew->board->stopping);
	for (uint32_t i = 0; i < gathering->count; i++) {
		struct source *source = &gathering->sources[i];

		/* First: what comes while we read may be of later. */
		source->progress = worker_link_progress(source->link);
		if (has_next(gathering, source) &&
		    (first == NULL ||
			is_before(gathering, &source->one, &first->one)))
			first = source;
	}
	return first;
}

/* Whether it may yet tell what comes before that. */
static bool
holds_up(const struct gathering *gathering, struct source *source,
    const struct observation *one)
{
	bool owes = source->telling && !source->has &&
		    ((gathering->stopping && is_cut_short(one)) ||
			instant_before(source->progress, one->at));

	if (!owes)
		source->behind = false;
	return owes && !source->behind;
}

static bool
is_held_up(struct gathering *gathering, const struct observation *one)
{
	for (uint32_t i = 0; i < gathering->count; i++)
		if (holds_up(gathering, &gathering->sources[i], one))
			return true;
	return false;
}

/* Nobody waits any longer for those that hold others up. */
static void
give_up_waiting(struct gathering *gathering, const struct observation *one)
{
	for (uint32_t i = 0; i < gathering->count; i++)
		if (holds_up(gathering, &gathering->sources[i], one))
			gathering->sources[i].behind = true;
}

/* Whether no worker has told anything since we looked: else it wakes us. */
static bool
all_sleep(struct gathering *gathering)
{
	bool asleep = true;

	for (uint32_t i = 0; i < gathering->count; i++)
		if (!ring_sleep(&gathering->sources[i].ring))
			asleep = false;
	return asleep;
}

/* How long the observation has to wait still; 0 when it does not. */
static int64_t
wait_of(struct gathering *gathering, struct instant now,
    const struct observation *one)
{
	int64_t waited;

	if (!is_held_up(gathering, one)) {
		gathering->waits = false;
		return 0;
	}
	if (!gathering->waits)
		gathering->waiting = now;
	gathering->waits = true;
	waited = instant_since(now, gathering->waiting);
	if (waited < GATHERING_PATIENCE)
		return LOOK_AGAIN;
	give_up_waiting(gathering, one);
	gathering->waits = false;
	return 0;
}

int64_t
gathering_take(struct gathering *gathering, struct instant now, size_t most)
{
	for (size_t i = 0; i < most; i++) {
		struct source *first = earliest(gathering);
		int64_t wait;

		if (first == NULL) {
			gathering->waits = false;
			if (all_sleep(gathering))
				return -1;
			continue;
		}
		wait = wait_of(gathering, now, &first->one);
		if (wait > 0)
			return wait;
		hand_over(gathering, first);
	}
	return 0;
}

bool
gathering_is_over(const struct gathering *gathering)
{
	for (uint32_t i = 0; i < gathering->count; i++)
		if (gathering->sources[i].telling ||
		    gathering->sources[i].has ||
		    ring_waiting(&gathering->sources[i].ring) > 0)
			return false;
	return true;
}

void
gathering_drain(struct gathering *gathering)
{
	struct source *first;

	while ((first = earliest(gathering)) != NULL)
		hand_over(gathering, first);
	for (uint32_t i = 0; i < gathering->count; i++)
		if (gathering->sources[i].telling)
			(void)gathering_bury(gathering, i);
}

/* --- deaths --------------------------------------------------------------- */

/*
 * What it told last is in its ring, and perhaps the hello of the next one
 * behind it, which buries it; that may have been read before we were told.  One
 * that never said hello leaves nothing.
 */
uint64_t
gathering_bury(struct gathering *gathering, uint32_t worker)
{
	struct source *source = &gathering->sources[worker];
	struct worker_counts counts;

	source->announced++;
	while (
	    source->burials < source->announced && has_next(gathering, source))
		hand_over(gathering, source);
	if (source->burials >= source->announced)
		return source->buried;
	source->buried = 0;
	if (source->telling) {
		worker_link_counts(source->link, &counts);
		bury(gathering, source, &counts);
	}
	source->burials = source->announced;
	return source->buried;
}

/* --- again ------------------------------------------------------------- */

void
gathering_say_again(struct gathering *gathering)
{
	for (uint32_t i = 0; i < gathering->count; i++)
		worker_link_say_again(gathering->sources[i].link);
}

/* --- counts --------------------------------------------------------------- */

static void
add_interface(struct worker_interface *sum, const struct worker_interface *one,
    const struct crew_note *note, size_t at, bool first)
{
	struct capture_live_counts *counts = &sum->counts;

	counts->received += one->counts.received + note->received[at];
	counts->dropped += one->counts.dropped + note->dropped[at];
	counts->taken += one->counts.taken;
	counts->octets += one->counts.octets;
	/* Each worker is told of all that the interface lost. */
	if (first)
		counts->interface = one->counts.interface;
	if (one->counts.downs > counts->downs)
		counts->downs = one->counts.downs;
	if (one->status > sum->status)
		sum->status = one->status;
}

/*
 * As a worker shows them, but not those of one whose hello still lies in the
 * ring, nor those of one that is buried after the next one's hello: the flows
 * of the dead one would stand on both sides of the books, or on none.
 */
static struct worker_counts
counts_of(struct source *source)
{
	struct worker_counts counts;

	worker_link_counts(source->link, &counts);
	if (counts.processes < source->processes ||
	    (counts.processes > source->processes &&
		ring_waiting(&source->ring) > 0))
		counts = source->shown;
	else
		source->shown = counts;
	return counts;
}

static void
add_source(
    struct gathering_counts *sum, struct gathering *gathering, uint32_t number)
{
	struct source *source = &gathering->sources[number];
	const struct crew_note *note =
	    &gathering->parts.crew->board->notes[number];
	struct flowtable_counts *flows = &sum->observer.shards.flows;
	struct worker_counts counts = counts_of(source);
	uint64_t lost;

	if (!source->telling)
		counts.observer.shards.flows.live = 0;
	observer_counts_add(&sum->observer, &counts.observer);
	lost = source->dead + counts.unsaid[OBSERVED_END];
	flows->created += source->unseen;
	/* Ended is what was told to have. */
	flows->ended -= counts.observer.shards.flows.ended;
	flows->ended += counts.observer.shards.flows.created + source->unseen -
			counts.observer.shards.flows.live - lost;
	sum->lost_flows += lost;
	for (size_t i = 0; i < LIVE_INTERFACES; i++) {
		add_interface(&sum->interfaces[i], &counts.interfaces[i], note,
		    i, number == 0);
		sum->lost_packets[i] += note->lost[i];
	}
	for (size_t i = 0; i < OBSERVATION_KINDS; i++)
		sum->unsaid[i] += counts.unsaid[i];
	sum->waits += counts.waits;
}

struct gathering_counts
gathering_counts(struct gathering *gathering)
{
	struct gathering_counts sum = {
	    .late = gathering->late,
	    .unsound = gathering->unsound,
	    .deaths = gathering->deaths,
	};

	for (uint32_t i = 0; i < gathering->count; i++)
		add_source(&sum, gathering, i);
	return sum;
}

uint64_t
gathering_losses(const struct gathering *gathering)
{
	uint64_t losses = 0;

	for (uint32_t i = 0; i < gathering->count; i++)
		losses += worker_link_losses(gathering->sources[i].link);
	return losses;
}

/* --- life ----------------------------------------------------------------- */

struct gathering *
gathering_new(const struct gathering_parts *parts)
{
	struct gathering *gathering = allocate(1, sizeof(*gathering));

	gathering->parts = *parts;
	gathering->count = parts->crew->count;
	gathering->at = INSTANT_PAST;
	for (uint32_t i = 0; i < gathering->count; i++) {
		struct source *source = &gathering->sources[i];

		source->link = &parts->crew->links[i];
		source->first = i * parts->crew->flow_capacity;
		source->ring = worker_link_reader(source->link);
		source->record = allocate(1, WORKER_MESSAGE_MAXIMUM);
		source->open = allocate(
		    parts->crew->flow_capacity / 64 + 1, sizeof(*source->open));
	}
	return gathering;
}

void
gathering_free(struct gathering *gathering)
{
	if (gathering == NULL)
		return;
	for (uint32_t i = 0; i < gathering->count; i++) {
		free(gathering->sources[i].record);
		free(gathering->sources[i].open);
	}
	free(gathering);
}
