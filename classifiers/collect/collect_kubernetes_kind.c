#include <string.h>

#include "classifiers/collect/collect_kubernetes_parts.h"
#include "classifiers/inventory/inventory.h"

/* client-go waits 0.8 to 30 s; a sensor is blind for as long as we wait. */
#define BACKOFF_FIRST (250 * NS_PER_MS)
#define BACKOFF_LAST  (30 * NS_PER_SECOND)

/* Rights and servers change seldom. */
#define EXCLUDED_REST (300 * NS_PER_SECOND)

/* With `once` nobody waits for ever: about two seconds. */
#define ATTEMPTS_ONCE 4U

/* A stream that breaks now and then is how the world is. */
#define FAILURES_TOLD 3U

/*
 * A server that was set back to an earlier state refuses what it has not come
 * to yet, and not as forgotten: then only a list helps.
 */
#define FAILURES_RELISTED 3U

/* A watch that said nothing and ended sooner was none. */
#define WATCH_SHORTEST NS_PER_SECOND

static void list_again(struct kind *kind);

/* --- waiting ------------------------------------------------------------- */

static void
rest(struct kind *kind, int64_t delay)
{
	kind->state = KIND_RESTS;
	loop_timer_set(kind->timer, delay);
}

/* Twice as long each time, spread over half of it, so that no two agree. */
static int64_t
backoff(struct kind *kind, unsigned attempts)
{
	int64_t wait = BACKOFF_FIRST;

	for (unsigned i = 1; i < attempts && wait < BACKOFF_LAST; i++)
		wait *= 2;
	if (wait > BACKOFF_LAST)
		wait = BACKOFF_LAST;
	return wait / 2 +
	       (int64_t)collector_random(kind->collector, (uint64_t)(wait / 2));
}

static void
due(void *context)
{
	struct kind *kind = context;

	/* A page that has predecessors is of a list that goes on. */
	if (kind->listed)
		kind->state = KIND_WATCHES;
	else if (kind->next.length > 0)
		kind->state = KIND_LISTS;
	else {
		list_again(kind);
		return;
	}
	kind_ask(kind);
}

/* --- what comes of an answer --------------------------------------------- */

/* For whoever compares versions: of a list they count, whatever they are. */
static void
say_lists(struct kind *kind, bool begins)
{
	const struct collect_listener *listener = &kind->collector->listener;

	if (kind->lists == begins || listener->lists == NULL)
		return;
	kind->lists = begins;
	listener->lists(kind->resource->facts, begins, listener->context);
}

static void
list_again(struct kind *kind)
{
	kind->listed = false;
	kind->collector->listed_said = false;
	kind->lossy = false;
	text_clear(&kind->next);
	collect_known_list(kind->known, COLLECT_KINDS_ALL);
	say_lists(kind, true);
	kind->state = KIND_LISTS;
	kind_ask(kind);
}

/* Whether there will be no other attempt. */
static bool
gives_up(struct kind *kind, unsigned attempts)
{
	if (!kind->collector->listener.terms.once || attempts < ATTEMPTS_ONCE)
		return false;
	kind->state = KIND_DONE;
	kind->gave_up = true;
	collector_consider(kind->collector);
	return true;
}

/* Something failed that may be better next time. */
static void
fail(struct kind *kind, unsigned retry_after)
{
	int64_t wait;

	kind->failures++;
	kind->collector->counts.failures++;
	if (gives_up(kind, kind->failures))
		return;
	if (kind->listed && kind->failures % FAILURES_RELISTED == 0)
		kind->listed = false;
	wait = backoff(kind, kind->failures);
	if (wait < retry_after * NS_PER_SECOND)
		wait = retry_after * NS_PER_SECOND;
	rest(kind, wait);
}

/* What is the same for several kinds is said of the first. */
static void
say_broken(struct kind *kind, const char *words)
{
	struct collect_kubernetes *collector = kind->collector;

	if (kind->said || (kind->failures + 1 < FAILURES_TOLD &&
			      !collector->listener.terms.once))
		return;
	kind->said = true;
	if (strcmp(collector->trouble.at, words) == 0)
		return;
	text_clear(&collector->trouble);
	text_add(&collector->trouble, words);
	collect_say(&collector->listener,
	    "%s cannot be %s (%.400s); trying again", kind->resource->plural,
	    kind->listed ? "watched" : "listed", words);
}

/* The server, or the way to it, is the same for every kind. */
static void
say_away(struct kind *kind, enum kind_fault fault, const char *words)
{
	struct collect_kubernetes *collector = kind->collector;

	if (collector->away || kind->number <= collector->back_from)
		return;
	collector->away = true;
	collector->away_from = collector->asked;
	collect_say(&collector->listener, "%s %.200s (%.400s); trying again",
	    fault == KIND_STRANGER ? "not let in by" : "cannot reach",
	    collector->settings.access->server, words);
}

static void
exclude(struct kind *kind, enum kind_fault fault, const char *words)
{
	struct collect_kubernetes *collector = kind->collector;

	if (!kind->excluded_said && fault == KIND_FORBIDDEN)
		collect_say(&collector->listener,
		    "%s may not be %s, and are left out: give the account the "
		    "rights of deploy/kubernetes/rbac.yaml (%.400s)",
		    kind->resource->plural, kind->listed ? "watched" : "listed",
		    words);
	else if (!kind->excluded_said)
		collect_say(&collector->listener,
		    "%s: the server has no such kind, which is left out "
		    "(%.400s)",
		    kind->resource->plural, words);
	kind->excluded = kind->excluded_said = true;
	say_lists(kind, false);
	/* What comes next is a list, whatever it was now. */
	kind->listed = false;
	text_clear(&kind->next);
	if (collector->listener.terms.once)
		kind->state = KIND_DONE;
	else
		rest(kind, EXCLUDED_REST);
	/* What may not be seen has not gone. */
	if (collector->listener.lossy != NULL)
		collector->listener.lossy(
		    kind->resource->facts, collector->listener.context);
	collector_consider(collector);
}

/* The server no longer knows what came since, or where a list went on. */
static void
forget(struct kind *kind)
{
	if (kind->listed)
		kind->collector->counts.relists++;
	kind->listed = false;
	text_clear(&kind->next);
	kind->forgotten++;
	if (gives_up(kind, kind->forgotten))
		return;
	/* The first time there is nothing to wait for. */
	rest(kind, kind->forgotten == 1 ? 0 : backoff(kind, kind->forgotten));
}

void
kind_is_well(struct kind *kind)
{
	kind->failures = 0;
	kind->said = false;
	text_clear(&kind->collector->trouble);
}

/* What could not be read may be what is missing: nothing is gone for that. */
static void
keep_missing(struct kind *kind)
{
	const struct collect_listener *listener = &kind->collector->listener;

	if (!kind->lossy)
		return;
	collect_known_keep(kind->known, COLLECT_KINDS_ALL);
	if (listener->lossy != NULL)
		listener->lossy(kind->resource->facts, listener->context);
	if (!kind->lossy_said)
		collect_say(listener,
		    "not all of the list of %s could be read; what it lacks is "
		    "not held to be gone until one can",
		    kind->resource->plural);
	kind->lossy_said = true;
}

static void
end_list(struct kind *kind)
{
	struct collect_kubernetes *collector = kind->collector;

	kind_is_well(kind);
	collector->counts.lists++;
	keep_missing(kind);
	collector->counts.gone +=
	    collect_known_listed(kind->known, COLLECT_KINDS_ALL,
		collector->listener.terms.cluster, kind_version(kind),
		loop_now(collector->loop), &collector->listener.taker);
	say_lists(kind, false);
	kind->listed = true;
	kind->excluded = false;
	kind->state = collector->listener.terms.once ? KIND_DONE : KIND_WATCHES;
	if (kind->state == KIND_WATCHES)
		kind_ask(kind);
	collector_consider(collector);
}

static void
take_page(struct kind *kind)
{
	if (!kind_read_page(kind)) {
		text_clear(&kind->next);
		say_broken(kind, "the answer is no list of the API");
		fail(kind, 0);
	} else if (kind->next.length > 0) {
		kind->failures = 0;
		kind_ask(kind);
	} else {
		end_list(kind);
	}
}

/* Whether it was a watch at all, though it may have had nothing to say. */
static bool
was_watch(struct kind *kind)
{
	int64_t lasted =
	    instant_since(loop_steady(kind->collector->loop), kind->asked);

	if (kind->stream_events == 0 && lasted < WATCH_SHORTEST)
		return false;
	kind->forgotten = 0;
	kind_is_well(kind);
	return true;
}

/* An answer without a fault: a page, or a watch that ended by itself. */
static void
go_on(struct kind *kind)
{
	if (kind->state == KIND_LISTS)
		take_page(kind);
	else if (was_watch(kind))
		kind_ask(kind);
	else
		fail(kind, 0);
}

void
kind_answered(struct kind *kind, enum kind_fault fault, unsigned retry_after,
    const char *words)
{
	if (kind->state == KIND_WATCHES &&
	    (fault == KIND_BROKEN || fault == KIND_FORGOTTEN))
		(void)was_watch(kind);
	switch (fault) {
	case KIND_FINE:
		go_on(kind);
		return;
	case KIND_FORGOTTEN:
		forget(kind);
		return;
	case KIND_FORBIDDEN:
	case KIND_MISSING:
		exclude(kind, fault, words);
		return;
	case KIND_STRANGER:
	case KIND_UNREACHABLE:
		say_away(kind, fault, words);
		fail(kind, retry_after);
		return;
	case KIND_BROKEN:
		say_broken(kind, words);
		fail(kind, retry_after);
		return;
	}
}

/* --- beginning and end --------------------------------------------------- */

/* What was said already need not be said again. */
static bool
take_fact(const struct fact *fact, void *context)
{
	struct kind *kind = context;

	if (!collect_known_note(kind->known, fact))
		return true;
	return fact_give(&kind->collector->listener.taker, fact);
}

void
kind_begin(struct kind *kind, struct collect_kubernetes *collector,
    const struct resource *resource)
{
	kind->collector = collector;
	kind->resource = resource;
	kind->taker = (struct fact_taker){take_fact, kind};
	kind->known = collect_known_new(INVENTORY_MAXIMUM);
	kind->timer = loop_timer_new(collector->loop, due, kind);
	kind->split = json_split_new(JSON_SPLIT_ITEMS, OBJECT_MAXIMUM,
	    (struct json_split_taker){kind_take_object, kind});
	text_init(&kind->next, KIND_TOKEN_MAXIMUM);
	text_init(&kind->version, KIND_VERSION_MAXIMUM);
	text_init(&kind->complaint, COMPLAINT_MAXIMUM);
	rest(kind, 0);
}

void
kind_release(struct kind *kind)
{
	if (kind->request != NULL)
		http_cancel(kind->request);
	loop_timer_free(kind->timer);
	json_split_free(kind->split);
	collect_known_free(kind->known);
	text_release(&kind->next);
	text_release(&kind->version);
	text_release(&kind->complaint);
}
