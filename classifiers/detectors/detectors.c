#include "classifiers/detectors/detectors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/beside.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/detectors/http/http_head.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/tuning.h"
#include "sensor/base/arena.h"

/* The frame's side of one detector. */
struct member {
	struct detector_host host; /* the first, so that it leads here */
	struct detectors *detectors;
	const struct detector *detector;
	size_t index;
	void *state;
	struct tuned_values standing; /* for no flow in particular */
	/* Of the sighting of this number. */
	struct tuned_values settled;
	uint64_t settled_for;
	struct detector_counts counts;
};

/*
 * Flows whose answers are waited for, as bits.  They are never taken back: when
 * most are set, which takes 100 000 logins and the like, answers cost what they
 * did before there were any.
 */
#define AWAITED_WORDS 1024

/* Shells and miners at once; a later one takes an earlier one's place. */
#define KNOWN_FLOWS 1024

struct detectors {
	struct detectors_parts parts;
	/* Who is told what, as bits by the place in the row; messages by their
	 * kind. */
	uint32_t wanting[FLOWS_SORTS][SIGHTED_KINDS];
	uint32_t wanting_message[FLOWS_SORTS][MESSAGE_KINDS];
	uint32_t by_absence;
	/* What telling takes of each of the row, side by side. */
	struct told {
		void (*see)(void *state, const struct sighting *sighting);
		void *state;
		uint64_t count;
		uint32_t traits; /* that it listens to */
	} told[DETECTORS_MAXIMUM];
	struct member members[DETECTORS_MAXIMUM];
	uint32_t kinds, messages;
	uint32_t traits[MESSAGE_KINDS];  /* that any of them listens to */
	uint64_t awaited[AWAITED_WORDS]; /* flows, by their hash */
	uint64_t seen;                   /* sightings */
	/* What is read for all, of the sighting of this number. */
	struct http_head request;
	struct dns_seen dns;
	uint64_t request_for, dns_for;
	struct dns_names names;
	struct resolvers resolvers;
	struct instant clocked;
	struct beside beside;
	/* Connections of which was said what they are, by identity. */
	uint64_t known_flows[KNOWN_FLOWS];
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
	if (raised.names_flow) {
		uint64_t flow = attempt_identity(sighting->flow);

		detectors->known_flows[flow % KNOWN_FLOWS] = flow;
	}
	raised.sets_severity = tuned->sets_severity;
	raised.severity = tuned->severity;
	detectors->parts.raise(
	    member->detector, &raised, sighting, detectors->parts.context);
}

bool
detector_flow_is_known(
    const struct detector_host *host, const struct flow *flow)
{
	const struct member *member = (const struct member *)host;
	uint64_t identity = attempt_identity(flow);

	return member->detectors->known_flows[identity % KNOWN_FLOWS] ==
	       identity;
}

static void
sum_traits(struct detectors *detectors)
{
	memset(detectors->traits, 0, sizeof(detectors->traits));
	for (size_t i = 0; i < detectors->parts.count; i++)
		for (int kind = 0; kind < MESSAGE_KINDS; kind++)
			if ((detectors->members[i].detector->messages >> kind &
				1) != 0)
				detectors->traits[kind] |=
				    detectors->told[i].traits;
}

void
detector_listen(struct detector_host *host, uint32_t traits)
{
	struct member *member = member_of(host);
	struct told *told = &member->detectors->told[member->index];

	if (told->traits == traits)
		return;
	told->traits = traits;
	sum_traits(member->detectors);
}

/* The bits that stand for a flow. */
static uint64_t *
awaited_of(struct detectors *detectors, const struct flow *flow, uint64_t *bit)
{
	uint64_t identity = attempt_identity(flow);

	*bit = UINT64_C(1) << identity % 64;
	return &detectors->awaited[identity / 64 % AWAITED_WORDS];
}

void
detector_await(struct detector_host *host, const struct sighting *sighting)
{
	uint64_t bit, *word = awaited_of(
			  member_of(host)->detectors, sighting->flow, &bit);

	*word |= bit;
}

/* What may be in a message, by who waits for it as well. */
static uint32_t
traits_of(struct detectors *detectors, const struct flow *flow,
    const struct message *message)
{
	uint32_t has = ~message->lacks;
	uint64_t bit;

	if (message->kind != MESSAGE_HTTP_RESPONSE &&
	    message->kind != MESSAGE_HTTP_REQUEST)
		return has;
	if ((*awaited_of(detectors, flow, &bit) & bit) != 0)
		return has | TRAIT_AWAITED;
	return has & ~(uint32_t)TRAIT_AWAITED;
}

bool
detectors_want(struct detectors *detectors, const struct flow *flow,
    const struct message *message)
{
	return (detectors->traits[message->kind] &
		   traits_of(detectors, flow, message)) != 0;
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

const struct dns_seen *
detector_dns(struct detector_host *host, const struct sighting *sighting)
{
	struct detectors *detectors = member_of(host)->detectors;

	if (detectors->dns_for != detectors->seen)
		dns_seen_read(&detectors->dns, &detectors->names,
		    &detectors->parts.key, sighting->message.octets,
		    sighting->message.size);
	detectors->dns_for = detectors->seen;
	return &detectors->dns;
}

struct resolvers *
detector_resolvers(struct detector_host *host)
{
	return &member_of(host)->detectors->resolvers;
}

/* --- the row -------------------------------------------------------------- */

/* All of enum sighted_flows that it has. */
static uint32_t
sort_of(const struct sighting *sighting)
{
	uint32_t tcp = sighting->flow->protocol == PROTOCOL_TCP,
		 crossing = sighting->client.inside != sighting->server.inside,
		 judged = sighting->judged,
		 accepted = flow_was_accepted(sighting->flow),
		 deviates = sighting->verdict == VERDICT_DEVIATION,
		 allowed = sighting->verdict == VERDICT_ALLOWED,
		 unexpected = deviates | (crossing & !allowed);

	return tcp * FLOWS_TCP | crossing * FLOWS_CROSSING |
	       judged * FLOWS_JUDGED | accepted * FLOWS_ACCEPTED |
	       unexpected * FLOWS_UNEXPECTED;
}

/* Too many packets were lost beside that flow for these. */
static void
leave_out(struct detectors *detectors, uint32_t members)
{
	for (; members != 0; members &= members - 1)
		detectors->members[__builtin_ctz(members)].counts.lossy++;
}

void
detectors_see(struct detectors *detectors, const struct sighting *sighting)
{
	bool says = sighting->kind == SIGHTED_MESSAGE;
	uint32_t sort = sort_of(sighting);
	uint32_t has =
	    says ? traits_of(detectors, sighting->flow, &sighting->message)
		 : UINT32_MAX;
	uint32_t members =
	    says ? detectors->wanting_message[sort][sighting->message.kind]
		 : detectors->wanting[sort][sighting->kind];

	detectors->seen++;
	resolvers_learn(&detectors->resolvers, sighting);
	if (sighting->lost_ppm > detectors->parts.loss_bound) {
		leave_out(detectors, members & detectors->by_absence);
		members &= ~detectors->by_absence;
	}
	for (; members != 0; members &= members - 1) {
		struct told *told = &detectors->told[__builtin_ctz(members)];

		if ((told->traits & has) == 0)
			continue;
		told->count++;
		told->see(told->state, sighting);
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

/* The kinds of sighting that it is told of whole flows, and of messages. */
#define WHOLE(kinds) ((kinds) & ~(1U << SIGHTED_MESSAGE))

static void
want(uint32_t *lists, uint32_t kinds, uint32_t bit)
{
	for (; kinds != 0; kinds &= kinds - 1)
		lists[__builtin_ctz(kinds)] |= bit;
}

static void
want_flows(
    struct detectors *detectors, const struct detector *detector, uint32_t bit)
{
	bool messages = (detector->kinds & 1U << SIGHTED_MESSAGE) != 0;

	if (detector->by_place && detectors->parts.nowhere)
		return;
	for (uint32_t sort = 0; sort < FLOWS_SORTS; sort++) {
		if ((detector->flows & ~sort) == 0)
			want(detectors->wanting[sort], WHOLE(detector->kinds),
			    bit);
		if (messages && (detector->message_flows & ~sort) == 0)
			want(detectors->wanting_message[sort],
			    detector->messages, bit);
	}
}

struct detectors *
detectors_new(const struct detectors_parts *parts)
{
	struct detectors *detectors = allocate(1, sizeof(*detectors));

	assert(parts->count <= DETECTORS_MAXIMUM);
	detectors->parts = *parts;
	detectors->clocked = INSTANT_PAST;
	resolvers_open(&detectors->resolvers, &parts->key);
	for (size_t i = 0; i < parts->count; i++) {
		struct member *member = &detectors->members[i];

		member->detectors = detectors;
		member->detector = parts->table[i];
		member->index = i;
		detectors->told[i] = (struct told){
		    .see = parts->table[i]->see,
		    .traits = parts->table[i]->traits == 0
				  ? UINT32_MAX
				  : parts->table[i]->traits,
		};
		detectors->kinds |= member->detector->kinds;
		detectors->messages |= member->detector->messages;
		want_flows(detectors, member->detector, UINT32_C(1) << i);
		if (member->detector->by_absence)
			detectors->by_absence |= UINT32_C(1) << i;
	}
	sum_traits(detectors);
	detectors_tune(detectors, parts->tuning);
	for (size_t i = 0; i < parts->count; i++) {
		struct member *member = &detectors->members[i];

		member->state = member->detector->open(&member->host);
		detectors->told[i].state = member->state;
	}
	return detectors;
}

void
detectors_free(struct detectors *detectors)
{
	if (detectors == NULL)
		return;
	for (size_t i = 0; i < detectors->parts.count; i++)
		detectors->parts.table[i]->close(detectors->members[i].state);
	resolvers_close(&detectors->resolvers);
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

	counts.told = detectors->told[index].count;
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
