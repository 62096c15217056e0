#include "classifiers/detectors/detectors.h"

#include <assert.h>
#include <stdlib.h>

#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/tuning.h"
#include "sensor/base/arena.h"

/* The frame's side of one detector. */
struct detector_host {
	struct detectors *detectors;
	const struct detector *detector;
	size_t index;
	void *state;
	struct tuned_values standing; /* for no flow in particular */
	bool by_flow;                 /* some flows have their own */
	/* Of the sighting of this number. */
	struct tuned_values settled;
	uint64_t settled_for;
	struct detector_counts counts;
};

struct detectors {
	struct detectors_parts parts;
	struct detector_host hosts[DETECTORS_MAXIMUM];
	/* Who wants what, in the order of the row; messages by their kind. */
	struct wanting {
		uint8_t hosts[DETECTORS_MAXIMUM];
		uint8_t count;
	} wanting[SIGHTED_KINDS], wanting_message[MESSAGE_KINDS];
	uint32_t kinds, messages;
	uint64_t seen; /* sightings */
	struct instant clocked;
};

/* --- what detectors ask --------------------------------------------------- */

static const struct tuned_values *
values(struct detector_host *host, const struct sighting *sighting)
{
	const struct detectors *detectors = host->detectors;

	if (sighting == NULL || !host->by_flow)
		return &host->standing;
	if (host->settled_for != detectors->seen) {
		host->settled = tuning_values(detectors->parts.tuning,
		    host->index, host->detector, sighting);
		host->settled_for = detectors->seen;
	}
	return &host->settled;
}

double
detector_setting(
    struct detector_host *host, size_t index, const struct sighting *sighting)
{
	assert(index < host->detector->setting_count);
	return values(host, sighting)->values[index];
}

bool
detector_is_off(struct detector_host *host, const struct sighting *sighting)
{
	return values(host, sighting)->off;
}

void
detector_raise(struct detector_host *host, const struct anomaly *anomaly,
    const struct sighting *sighting)
{
	struct detectors *detectors = host->detectors;
	const struct tuned_values *tuned = values(host, sighting);
	struct anomaly raised = *anomaly;

	assert(anomaly->subject != NULL && anomaly->sentence != NULL);
	host->counts.raised++;
	if (tuned->off) {
		host->counts.off++;
		return;
	}
	if (host->detector->by_absence &&
	    sighting->lost_ppm > detectors->parts.loss_bound) {
		host->counts.lossy++;
		return;
	}
	raised.sets_severity = tuned->sets_severity;
	raised.severity = tuned->severity;
	detectors->parts.raise(
	    host->detector, &raised, sighting, detectors->parts.context);
}

const struct hash_key *
detector_key(const struct detector_host *host)
{
	return &host->detectors->parts.key;
}

/* --- the row -------------------------------------------------------------- */

void
detectors_see(struct detectors *detectors, const struct sighting *sighting)
{
	const struct wanting *wanting =
	    sighting->kind == SIGHTED_MESSAGE
		? &detectors->wanting_message[sighting->message.kind]
		: &detectors->wanting[sighting->kind];

	detectors->seen++;
	for (uint8_t i = 0; i < wanting->count; i++) {
		struct detector_host *host =
		    &detectors->hosts[wanting->hosts[i]];

		host->counts.told++;
		host->detector->see(host->state, sighting);
	}
}

void
detectors_clock(struct detectors *detectors, struct instant now)
{
	if (detectors->clocked.ns != INSTANT_PAST.ns &&
	    instant_since(now, detectors->clocked) < NS_PER_SECOND)
		return;
	detectors->clocked = now;
	for (size_t i = 0; i < detectors->parts.count; i++) {
		struct detector_host *host = &detectors->hosts[i];

		if (host->detector->clock != NULL)
			host->detector->clock(host->state, now);
	}
}

void
detectors_tune(struct detectors *detectors, const struct tuning *tuning)
{
	detectors->parts.tuning = tuning;
	for (size_t i = 0; i < detectors->parts.count; i++) {
		struct detector_host *host = &detectors->hosts[i];

		host->standing = tuning_values(tuning, i, host->detector, NULL);
		host->by_flow = tuning_is_by_flow(tuning, i);
		host->settled_for = 0;
	}
}

/* --- life ----------------------------------------------------------------- */

static void
want(struct wanting *lists, size_t count, uint32_t wanted, size_t host)
{
	for (size_t i = 0; i < count; i++)
		if ((wanted >> i & 1) != 0)
			lists[i].hosts[lists[i].count++] = (uint8_t)host;
}

struct detectors *
detectors_new(const struct detectors_parts *parts)
{
	struct detectors *detectors = allocate(1, sizeof(*detectors));

	assert(parts->count <= DETECTORS_MAXIMUM);
	detectors->parts = *parts;
	detectors->clocked = INSTANT_PAST;
	for (size_t i = 0; i < parts->count; i++) {
		struct detector_host *host = &detectors->hosts[i];

		host->detectors = detectors;
		host->detector = parts->table[i];
		host->index = i;
		detectors->kinds |= host->detector->kinds;
		detectors->messages |= host->detector->messages;
		want(detectors->wanting, SIGHTED_KINDS, host->detector->kinds,
		    i);
		if ((host->detector->kinds & 1U << SIGHTED_MESSAGE) != 0)
			want(detectors->wanting_message, MESSAGE_KINDS,
			    host->detector->messages, i);
	}
	detectors_tune(detectors, parts->tuning);
	for (size_t i = 0; i < parts->count; i++)
		detectors->hosts[i].state =
		    parts->table[i]->open(&detectors->hosts[i]);
	return detectors;
}

void
detectors_free(struct detectors *detectors)
{
	if (detectors == NULL)
		return;
	for (size_t i = 0; i < detectors->parts.count; i++)
		detectors->parts.table[i]->close(detectors->hosts[i].state);
	free(detectors);
}

/* --- questions ------------------------------------------------------------ */

uint32_t
detectors_kinds(const struct detectors *detectors)
{
	return detectors->kinds;
}

uint32_t
detectors_messages(const struct detectors *detectors)
{
	return detectors->messages;
}

struct memory *
detectors_memory(const struct detectors *detectors, size_t detector,
    size_t index, const char **name)
{
	const struct detector_host *host = &detectors->hosts[detector];

	if (host->detector->memory == NULL)
		return NULL;
	return host->detector->memory(host->state, index, name);
}

struct detector_counts
detectors_counts_of(const struct detectors *detectors, size_t index)
{
	struct detector_counts counts = detectors->hosts[index].counts;
	struct memory *memory;
	const char *name;

	for (size_t i = 0;
	     (memory = detectors_memory(detectors, index, i, &name)) != NULL;
	     i++) {
		counts.held += memory_counts(memory).held;
		counts.evicted += memory_counts(memory).evicted;
	}
	return counts;
}

const struct detector *
detectors_at(const struct detectors *detectors, size_t index)
{
	return detectors->hosts[index].detector;
}

size_t
detectors_size(const struct detectors *detectors)
{
	return detectors->parts.count;
}

struct hash_key
detectors_key(const struct detectors *detectors)
{
	return detectors->parts.key;
}
