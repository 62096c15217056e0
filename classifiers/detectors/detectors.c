#include "classifiers/detectors/detectors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/beside.h"
#include "classifiers/detectors/http_head.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/tuning.h"
#include "sensor/base/arena.h"

/* The frame's side of one detector. */
struct member {
	struct detector_host host; /* the first, so that it leads here */
	struct detectors *detectors;
	const struct detector *detector;
	void (*see)(void *state, const struct sighting *sighting); /* its own */
	size_t index;
	void *state;
	struct tuned_values standing; /* for no flow in particular */
	/* Of the sighting of this number. */
	struct tuned_values settled;
	uint64_t settled_for;
	struct detector_counts counts;
};

struct detectors {
	struct detectors_parts parts;
	struct member members[DETECTORS_MAXIMUM];
	/* Who wants what, in the order of the row; messages by their kind. */
	struct wanting {
		struct member *members[DETECTORS_MAXIMUM];
		size_t count;
	} wanting[FLOWS_SORTS][SIGHTED_KINDS],
	    wanting_message[FLOWS_SORTS][MESSAGE_KINDS];
	uint32_t kinds, messages;
	uint64_t seen; /* sightings */
	/* The request of the sighting of this number. */
	struct http_head request;
	uint64_t request_for;
	struct instant clocked;
	struct beside beside;
};

/* --- what detectors ask --------------------------------------------------- */

static struct member *
member_of(struct detector_host *host)
{
	return (struct member *)host;
}

static const struct tuned_values *
values(struct member *member, const struct sighting *sighting)
{
	const struct detectors *detectors = member->detectors;

	if (!member->host.by_flow)
		return &member->standing;
	if (member->settled_for != detectors->seen) {
		member->settled = tuning_values(detectors->parts.tuning,
		    member->index, member->detector, sighting);
		member->settled_for = detectors->seen;
	}
	return &member->settled;
}

double
detector_setting_for(
    struct detector_host *host, size_t index, const struct sighting *sighting)
{
	return values(member_of(host), sighting)->values[index];
}

bool
detector_is_off_for(struct detector_host *host, const struct sighting *sighting)
{
	return values(member_of(host), sighting)->off;
}

void
detector_raise(struct detector_host *host, const struct anomaly *anomaly,
    const struct sighting *sighting)
{
	struct member *member = member_of(host);
	struct detectors *detectors = member->detectors;
	const struct tuned_values *tuned = values(member, sighting);
	struct anomaly raised = *anomaly;

	assert(anomaly->subject != NULL && anomaly->sentence != NULL);
	member->counts.raised++;
	if (tuned->off) {
		member->counts.off++;
		return;
	}
	raised.sets_severity = tuned->sets_severity;
	raised.severity = tuned->severity;
	detectors->parts.raise(
	    member->detector, &raised, sighting, detectors->parts.context);
}

const struct hash_key *
detector_key(const struct detector_host *host)
{
	const struct member *member = (const struct member *)host;

	return &member->detectors->parts.key;
}

const struct http_head *
detector_request(struct detector_host *host, const struct sighting *sighting)
{
	struct detectors *detectors = member_of(host)->detectors;

	if (detectors->request_for != detectors->seen)
		http_head_read(&detectors->request, sighting->message.octets,
		    sighting->message.size);
	detectors->request_for = detectors->seen;
	return &detectors->request;
}

/* --- the row -------------------------------------------------------------- */

/* All of enum sighted_flows that it has. */
static uint32_t
sort_of(const struct sighting *sighting)
{
	uint32_t sort = 0;

	if (sighting->flow->protocol == PROTOCOL_TCP)
		sort |= FLOWS_TCP;
	if (sighting->client.inside != sighting->server.inside)
		sort |= FLOWS_CROSSING;
	return sort;
}

void
detectors_see(struct detectors *detectors, const struct sighting *sighting)
{
	uint32_t sort = sort_of(sighting);
	const struct wanting *wanting =
	    sighting->kind == SIGHTED_MESSAGE
		? &detectors->wanting_message[sort][sighting->message.kind]
		: &detectors->wanting[sort][sighting->kind];
	struct member *const *end = wanting->members + wanting->count;
	bool lossy = sighting->lost_ppm > detectors->parts.loss_bound;

	detectors->seen++;
	for (struct member *const *at = wanting->members; at < end; at++) {
		if (lossy && (*at)->detector->by_absence) {
			(*at)->counts.lossy++;
			continue;
		}
		(*at)->counts.told++;
		(*at)->see((*at)->state, sighting);
	}
}

static void
tell_time(struct detectors *detectors, struct instant now)
{
	for (size_t i = 0; i < detectors->parts.count; i++) {
		struct member *member = &detectors->members[i];

		if (member->detector->clock != NULL)
			member->detector->clock(member->state, now);
	}
}

void
detectors_clock(struct detectors *detectors, struct instant now)
{
	if (detectors->clocked.ns != INSTANT_PAST.ns &&
	    instant_since(now, detectors->clocked) < NS_PER_SECOND)
		return;
	detectors->clocked = now;
	tell_time(detectors, now);
}

void
detectors_tune(struct detectors *detectors, const struct tuning *tuning)
{
	detectors->parts.tuning = tuning;
	for (size_t i = 0; i < detectors->parts.count; i++) {
		struct member *member = &detectors->members[i];
		struct detector_host *host = &member->host;

		member->standing =
		    tuning_values(tuning, i, member->detector, NULL);
		member->settled_for = 0;
		host->by_flow = tuning_is_by_flow(tuning, i);
		host->off = member->standing.off;
		memcpy(host->values, member->standing.values,
		    sizeof(host->values));
	}
}

/* --- life ----------------------------------------------------------------- */

static void
want(
    struct wanting *lists, size_t count, uint32_t wanted, struct member *member)
{
	for (size_t i = 0; i < count; i++)
		if ((wanted >> i & 1) != 0)
			lists[i].members[lists[i].count++] = member;
}

static void
want_flows(struct detectors *detectors, struct member *member)
{
	const struct detector *detector = member->detector;

	for (uint32_t sort = 0; sort < FLOWS_SORTS; sort++) {
		if ((detector->flows & ~sort) != 0)
			continue;
		want(detectors->wanting[sort], SIGHTED_KINDS, detector->kinds,
		    member);
		if ((detector->kinds & 1U << SIGHTED_MESSAGE) != 0)
			want(detectors->wanting_message[sort], MESSAGE_KINDS,
			    detector->messages, member);
	}
}

struct detectors *
detectors_new(const struct detectors_parts *parts)
{
	struct detectors *detectors = allocate(1, sizeof(*detectors));

	assert(parts->count <= DETECTORS_MAXIMUM);
	detectors->parts = *parts;
	detectors->clocked = INSTANT_PAST;
	for (size_t i = 0; i < parts->count; i++) {
		struct member *member = &detectors->members[i];

		member->detectors = detectors;
		member->detector = parts->table[i];
		member->see = member->detector->see;
		member->index = i;
		detectors->kinds |= member->detector->kinds;
		detectors->messages |= member->detector->messages;
		want_flows(detectors, member);
	}
	detectors_tune(detectors, parts->tuning);
	for (size_t i = 0; i < parts->count; i++)
		detectors->members[i].state =
		    parts->table[i]->open(&detectors->members[i].host);
	return detectors;
}

void
detectors_free(struct detectors *detectors)
{
	if (detectors == NULL)
		return;
	for (size_t i = 0; i < detectors->parts.count; i++)
		detectors->parts.table[i]->close(detectors->members[i].state);
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

void
detectors_set_beside(struct detectors *detectors, const struct beside *beside)
{
	assert(beside->table_count <= BESIDE_TABLES);
	detectors->beside = *beside;
}

const struct beside *
detectors_beside(const struct detectors *detectors)
{
	return detectors->beside.name == NULL ? NULL : &detectors->beside;
}

struct memory *
detectors_memory(const struct detectors *detectors, size_t detector,
    size_t index, const char **name)
{
	const struct member *member = &detectors->members[detector];

	if (member->detector->memory == NULL)
		return NULL;
	return member->detector->memory(member->state, index, name);
}

struct detector_counts
detectors_counts_of(const struct detectors *detectors, size_t index)
{
	struct detector_counts counts = detectors->members[index].counts;
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
	return detectors->members[index].detector;
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
