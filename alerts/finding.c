#include "alerts/finding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "alerts/catalog.h"
#include "alerts/finding_parts.h"
#include "alerts/finding_storm.h"
#include "classifiers/detectors/detector.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

/* The orders in which open findings stand. */
enum order {
	BY_HEARD,         /* for those that are quiet */
	PATIENT_BY_HEARD, /* for those of them that have longer to be */
	BY_DUE,           /* for those that go on */
	ORDERS,
};

struct links {
	struct open_finding *older, *newer;
};

/*
 * An open finding.  Entries with one hash slot are chained, and all of them lie
 * in two of the lists, which are sorted without sorting, so that neither
 * closing the longest quiet one nor saying what goes on ever needs a search.
 */
struct open_finding {
	struct finding finding;     /* first, so that hooks get its address */
	struct instant heard, said; /* last, as time passes */
	struct instant due;         /* when to look whether it went on */
	bool news;                  /* it did, since it was said */
	enum order patience;        /* PATIENT_BY_HEARD or BY_HEARD */
	uint64_t turn;              /* among all that were heard */
	uint8_t key[DIGEST_SIZE];
	struct open_finding *chain;
	struct links links[ORDERS];
};

struct findings {
	struct finding_hooks hooks;
	struct finding_counts counts;
	struct hash_key hash;
	struct finding_times times;
	size_t maximum, open;
	size_t slot_mask;
	struct open_finding **slots;
	struct open_finding *oldest[ORDERS], *newest[ORDERS];
	struct storms *storms;
	uint64_t turns;     /* that were given */
	struct instant now; /* only moves forward */
	int64_t ahead;      /* ns of it before the clock on the wall */
};

/* --- table ---------------------------------------------------------------- */

/*
 * A secret seed although the key is a digest: outside addresses are part of
 * it, and whoever has many can pick those whose SHA-1 falls into one slot.
 */
static void
choose_hash_key(struct hash_key *key)
{
	unsigned long random = getauxval(AT_RANDOM);

	if (random != 0)
		memcpy(key, (const void *)random, sizeof(*key));
}

struct findings *
findings_new(size_t maximum, const struct finding_hooks *hooks)
{
	struct findings *findings = allocate(1, sizeof(*findings));
	size_t slots = 16;

	assert(maximum > 0 && maximum <= SIZE_MAX / 4);
	while (slots < maximum)
		slots *= 2;
	findings->hooks = *hooks;
	findings->maximum = maximum;
	findings->slot_mask = slots - 1;
	findings->slots = allocate(slots, sizeof(struct open_finding *));
	findings->storms = storms_new();
	findings->times =
	    (struct finding_times){FINDING_UPDATE_NS, FINDING_QUIET_NS};
	findings->now = INSTANT_PAST;
	choose_hash_key(&findings->hash);
	return findings;
}

static void
entry_free(struct open_finding *entry)
{
	if (entry == NULL)
		return;
	finding_release(&entry->finding);
	free(entry);
}

void
findings_free(struct findings *findings)
{
	if (findings == NULL)
		return;
	while (findings->oldest[BY_DUE] != NULL) {
		struct open_finding *entry = findings->oldest[BY_DUE];

		findings->oldest[BY_DUE] = entry->links[BY_DUE].newer;
		entry_free(entry);
	}
	free(findings->slots);
	storms_free(findings->storms);
	free(findings);
}

/* The pointer that points to the entry of that key, or to the chain's end. */
static struct open_finding **
find(struct findings *findings, const uint8_t key[DIGEST_SIZE])
{
	uint64_t hash = hash_octets(&findings->hash, key, DIGEST_SIZE);
	struct open_finding **at = &findings->slots[hash & findings->slot_mask];

	while (*at != NULL && memcmp((*at)->key, key, DIGEST_SIZE) != 0)
		at = &(*at)->chain;
	return at;
}

static void
list_remove(
    struct findings *findings, enum order order, struct open_finding *entry)
{
	struct links *links = &entry->links[order];

	if (links->older != NULL)
		links->older->links[order].newer = links->newer;
	else
		findings->oldest[order] = links->newer;
	if (links->newer != NULL)
		links->newer->links[order].older = links->older;
	else
		findings->newest[order] = links->older;
	*links = (struct links){NULL, NULL};
}

static void
list_append(
    struct findings *findings, enum order order, struct open_finding *entry)
{
	entry->links[order].older = findings->newest[order];
	if (findings->newest[order] != NULL)
		findings->newest[order]->links[order].newer = entry;
	else
		findings->oldest[order] = entry;
	findings->newest[order] = entry;
}

/* It is the one that was heard last. */
static void
list_heard(struct findings *findings, struct open_finding *entry)
{
	entry->turn = findings->turns++;
	list_append(findings, entry->patience, entry);
}

static struct open_finding *
longest_quiet(const struct findings *findings)
{
	struct open_finding *entry = findings->oldest[BY_HEARD];
	struct open_finding *patient = findings->oldest[PATIENT_BY_HEARD];

	if (entry == NULL || patient == NULL)
		return entry == NULL ? patient : entry;
	return patient->turn < entry->turn ? patient : entry;
}

/* --- life of a finding ---------------------------------------------------- */

/* Nanoseconds between two times, or the most there can be. */
static int64_t
elapsed(struct instant later, struct instant earlier)
{
	int64_t ns;

	if (__builtin_sub_overflow(later.ns, earlier.ns, &ns))
		return INT64_MAX;
	return ns;
}

static struct instant
later_by(struct instant at, int64_t ns)
{
	int64_t sum;

	if (__builtin_add_overflow(at.ns, ns, &sum))
		return INSTANT_FUTURE;
	return (struct instant){sum};
}

/* What the clock on the wall shows. */
static struct instant
wall(const struct findings *findings, struct instant at)
{
	int64_t ns;

	if (__builtin_sub_overflow(at.ns, findings->ahead, &ns))
		return at;
	return (struct instant){ns};
}

/* It is said, or was looked at: the next time is an update time away. */
static void
put_off(
    struct findings *findings, struct open_finding *entry, struct instant at)
{
	entry->due = later_by(at, findings->times.update);
	list_remove(findings, BY_DUE, entry);
	list_append(findings, BY_DUE, entry);
}

static void
say_update(
    struct findings *findings, struct open_finding *entry, struct instant at)
{
	entry->said = at;
	entry->news = false;
	put_off(findings, entry, at);
	findings->hooks.update(
	    &entry->finding, wall(findings, at), findings->hooks.context);
}

/* A new entry, or NULL when there is no memory: packets go on arriving. */
static struct open_finding *
entry_new(const struct findings *findings, const struct cause *cause,
    const uint8_t key[DIGEST_SIZE], struct instant at)
{
	struct open_finding *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	entry->heard = entry->said = at;
	entry->due = later_by(at, findings->times.update);
	entry->patience = cause->anomaly != NULL && cause->storm == STORM_NONE
			      ? PATIENT_BY_HEARD
			      : BY_HEARD;
	if (!finding_fill(&entry->finding, cause, wall(findings, at))) {
		entry_free(entry);
		return NULL;
	}
	memcpy(entry->key, key, DIGEST_SIZE);
	finding_print_uid(key, entry->finding.uid);
	return entry;
}

static void
close_entry(
    struct findings *findings, struct open_finding *entry, struct instant at)
{
	struct open_finding **link = find(findings, entry->key);

	assert(*link == entry);
	*link = entry->chain;
	list_remove(findings, entry->patience, entry);
	list_remove(findings, BY_DUE, entry);
	findings->open--;
	entry->finding.state = FINDING_CLOSED;
	findings->hooks.update(
	    &entry->finding, wall(findings, at), findings->hooks.context);
	entry_free(entry);
}

static void
first_sight(struct findings *findings, const struct cause *cause,
    const uint8_t key[DIGEST_SIZE], struct instant at)
{
	struct open_finding *entry = entry_new(findings, cause, key, at);

	if (entry == NULL) {
		findings->counts.dropped++;
		return;
	}
	findings->counts.emitted++;
	findings->counts.findings++;
	findings->counts.storms += cause->storm != STORM_NONE;
	if (findings->open == findings->maximum)
		close_entry(findings, longest_quiet(findings), at);
	*find(findings, key) = entry;
	list_heard(findings, entry);
	list_append(findings, BY_DUE, entry);
	findings->open++;
	findings->hooks.raise(&entry->finding, cause->about,
	    entry->finding.signature, wall(findings, at),
	    findings->hooks.context);
}

static void
more_of_it(struct findings *findings, struct open_finding *entry,
    const struct cause *cause, struct instant at)
{
	struct finding *finding = &entry->finding;

	findings->counts.suppressed++;
	finding->state = FINDING_ONGOING;
	finding->last_seen = wall(findings, at);
	finding_more(finding, cause);
	entry->heard = at;
	entry->news = true;
	list_remove(findings, entry->patience, entry);
	list_heard(findings, entry);
	if (elapsed(at, entry->said) >= findings->times.update)
		say_update(findings, entry, at);
}

/* --- storms --------------------------------------------------------------- */

/* A storm that goes on takes all that it may. */
static struct open_finding *
find_storm(struct findings *findings, const struct cause *cause,
    enum storm_kind kind, uint8_t key[DIGEST_SIZE])
{
	if (!storm_may_take(cause, kind))
		return NULL;
	finding_storm_key(cause, kind, key);
	return *find(findings, key);
}

/*
 * A finding that is not open: what stands for it where there is a storm.
 *
 * returns    true when it was counted there
 */
static bool
goes_into_storm(
    struct findings *findings, struct cause *cause, struct instant at)
{
	uint8_t key[DIGEST_SIZE];
	struct open_finding *entry;

	entry = find_storm(findings, cause, STORM_BY_SUBJECT, key);
	if (entry == NULL)
		entry = find_storm(findings, cause, STORM_BY_OBJECT, key);
	if (entry == NULL) {
		cause->storm = storms_count(findings->storms, cause, at);
		if (cause->storm == STORM_NONE)
			return false;
		entry = find_storm(findings, cause, cause->storm, key);
	}
	if (entry != NULL)
		more_of_it(findings, entry, cause, at);
	else
		first_sight(findings, cause, key, at);
	return true;
}

/* --- the table's outside -------------------------------------------------- */

/* Time that went back would break the order of the list. */
static struct instant
advance(struct findings *findings, struct instant to)
{
	if (instant_before(findings->now, to))
		findings->now = to;
	return findings->now;
}

void
findings_set_wall(
    struct findings *findings, struct instant shown, struct instant now)
{
	if (__builtin_sub_overflow(now.ns, shown.ns, &findings->ahead))
		findings->ahead = 0;
}

void
findings_set_times(struct findings *findings, const struct finding_times *times)
{
	if (times->update > 0)
		findings->times.update = times->update;
	if (times->quiet > 0)
		findings->times.quiet = times->quiet;
}

static void
add(struct findings *findings, struct cause *cause, struct instant at)
{
	uint8_t key[DIGEST_SIZE];
	struct open_finding *entry;

	at = advance(findings, at);
	findings_expire(findings, at);
	finding_key(cause, key);
	entry = *find(findings, key);
	findings->counts.raised++;
	if (entry != NULL)
		more_of_it(findings, entry, cause, at);
	else if (!goes_into_storm(findings, cause, at))
		first_sight(findings, cause, key, at);
}

void
findings_add(struct findings *findings, const struct record_flow *about,
    struct instant at)
{
	struct cause cause = {
	    .about = about,
	    .signature = catalog_deviation(about->verdict.deviation),
	};

	assert(about->verdict.kind == VERDICT_DEVIATION);
	add(findings, &cause, at);
}

void
findings_add_anomaly(struct findings *findings, const struct detector *detector,
    const struct anomaly *anomaly, const struct record_flow *about,
    struct instant at)
{
	struct cause cause = {
	    .about = about,
	    .signature = catalog_detection(anomaly->signature),
	    .detector = detector,
	    .anomaly = anomaly,
	};

	if (cause.signature != NULL) {
		add(findings, &cause, at);
		return;
	}
	findings->counts.raised++;
	findings->counts.dropped++;
}

/* What went on since it was said, when its time has come. */
static void
say_what_goes_on(struct findings *findings, struct instant now)
{
	struct open_finding *entry;

	while ((entry = findings->oldest[BY_DUE]) != NULL &&
	       !instant_before(now, entry->due)) {
		if (entry->news)
			say_update(findings, entry, now);
		else
			put_off(findings, entry, now);
		if (entry->due.ns == INSTANT_FUTURE.ns)
			return;
	}
}

static void
close_quiet(struct findings *findings, enum order patience, int64_t quiet,
    struct instant now)
{
	struct open_finding *entry;

	while ((entry = findings->oldest[patience]) != NULL &&
	       elapsed(now, entry->heard) >= quiet)
		close_entry(findings, entry, now);
}

void
findings_expire(struct findings *findings, struct instant now)
{
	int64_t quiet = findings->times.quiet, patient;

	if (__builtin_mul_overflow(quiet, FINDING_PATIENCE, &patient))
		patient = INT64_MAX;
	now = advance(findings, now);
	close_quiet(findings, BY_HEARD, quiet, now);
	close_quiet(findings, PATIENT_BY_HEARD, patient, now);
	say_what_goes_on(findings, now);
}

void
findings_close_all(struct findings *findings, struct instant now)
{
	struct open_finding *oldest;

	now = advance(findings, now);
	while ((oldest = longest_quiet(findings)) != NULL) {
		close_entry(findings, oldest, now);
		assert(longest_quiet(findings) != oldest);
	}
}

struct finding_counts
findings_counts(const struct findings *findings)
{
	return findings->counts;
}

const char *
finding_state_name(enum finding_state state)
{
	switch (state) {
	case FINDING_NEW:
		return "new";
	case FINDING_ONGOING:
		return "ongoing";
	case FINDING_CLOSED:
		return "closed";
	}
	return "closed";
}
