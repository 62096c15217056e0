#include "classifiers/translation.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/domain_clusters.h"
#include "sensor/base/arena.h"
#include "sensor/flow.h"
#include "sensor/flow_duplicate.h"
#include "sensor/flowtable.h"

/* A packet of a flow that may yet be met in another one. */
struct entry {
	struct translation_flow *state;
	uint64_t serial; /* the flow's: its state may be another's by now */
	uint32_t fingerprint;
	uint32_t units; /* its time, as flow_copy_units() has it */
	int sender;
};

/* Newest first; the place is given by the fingerprint. */
#define PLACES 2
struct bucket {
	struct entry entries[PLACES];
};

#define BUCKETS (TRANSLATION_ENTRIES / PLACES)

/* A flow whose verdict waits since then. */
struct held {
	struct translation_flow *state;
	uint32_t units;
	struct held_flow what;
};

struct translation {
	const struct inventory *inventory;
	const struct domain_clusters *clusters;
	struct translation_counts counts;
	struct held held[TRANSLATION_HELD]; /* a ring, longest first */
	uint32_t held_first, held_count;
	struct bucket buckets[BUCKETS];
};

struct translation *
translation_new(
    const struct inventory *inventory, const struct domain_clusters *clusters)
{
	struct translation *translation = allocate(1, sizeof(*translation));

	translation->inventory = inventory;
	translation->clusters = clusters;
	return translation;
}

void
translation_follow(struct translation *translation,
    const struct inventory *inventory, const struct domain_clusters *clusters)
{
	translation->inventory = inventory;
	translation->clusters = clusters;
}

void
translation_free(struct translation *translation)
{
	free(translation);
}

struct translation_counts
translation_counts(const struct translation *translation)
{
	return translation->counts;
}

/* --- services and backends ------------------------------------------------ */

static bool
leads_to(const struct service *service, uint8_t protocol, uint16_t port,
    const struct workload *backend, uint16_t target)
{
	for (size_t i = 0; i < service->port_count; i++)
		if (service->ports[i].protocol == protocol &&
		    service->ports[i].port == port &&
		    service_target(&service->ports[i], backend) == target)
			return true;
	return false;
}

static bool
workload_has(const struct workload *workload, const struct address *address)
{
	for (size_t i = 0; i < workload->address_count; i++)
		if (address_equal(&workload->addresses[i], address))
			return true;
	return false;
}

/* Who an end was, in the network of its flow. */
static struct party
who(const struct translation *translation, uint16_t domain,
    const struct flow_end *end, struct instant at)
{
	return inventory_who(translation->inventory,
	    domain_clusters_of(translation->clusters, domain), &end->address,
	    at);
}

/*
 * Whether the end is a backend of the service.  An address that nobody held is
 * none: a verdict on the service's backends is worth more than one on nobody.
 * A node's address is a backend's
 * when a workload on the node's network is one, and when the metadata names no
 * backend at all, as of the cluster's own API.
 */
static bool
is_backend(const struct translation *translation,
    const struct service_view *view, const struct flow_view *flow,
    const struct flow_end *end, struct instant at)
{
	const struct service *service = view->service;
	struct party party = who(translation, flow->domain, end, at);

	if (service->backend_count == 0)
		return party.node != NULL;
	for (size_t i = 0; i < service->backend_count; i++) {
		const struct workload *backend = service->backends[i];
		bool same = party.node != NULL
				? backend->host_network &&
				      workload_has(backend, &end->address)
				: backend == party.workload;

		if (same && workload_alive(backend, at) &&
		    leads_to(service, flow->protocol, view->port, backend,
			end->port))
			return true;
	}
	return false;
}

/* --- joining -------------------------------------------------------------- */

/* The service that an end's address belongs to; `service` NULL for none. */
static struct service_view
service_at(const struct translation *translation, uint16_t domain,
    const struct flow_end *end, struct instant at)
{
	struct party party = who(translation, domain, end, at);

	if (party.attribution != ATTRIBUTION_SERVICE)
		return (struct service_view){.service = NULL};
	return (struct service_view){
	    .service = party.service,
	    .address = end->address,
	    .port = end->port,
	};
}

/*
 * A service's view that goes on to another backend leaves the old one with the
 * copies that were its own; the packet that was just met is the new one's.
 */
static void
join(struct translation *translation, struct translation_flow *before,
    struct translation_flow *after, const struct service_view *view)
{
	if (before->other != NULL) {
		before->other->other = NULL;
		before->other->duplicates--;
	}
	after->duplicates += before->is_copy ? 1 : before->packets;
	after->service = *view;
	after->other = before;
	before->other = after;
	before->is_copy = true;
	translation->counts.joined++;
}

/* Joins two views when `before` is a service's and `after` its backend's. */
static bool
join_if_translated(struct translation *translation,
    struct translation_flow *before, struct translation_flow *after,
    int before_client, int after_client)
{
	const struct flow_end *server = &after->flow.ends[!after_client];
	struct instant at = after->flow.first;
	struct service_view view;

	if (before->settled || after->is_copy || after->other != NULL)
		return false;
	/* An older backend has its own past; what is new is a new flow. */
	if (before->other != NULL &&
	    after->flow.serial < before->other->flow.serial)
		return false;
	view = service_at(translation, before->flow.domain,
	    &before->flow.ends[!before_client], at);
	if (view.service == NULL ||
	    !is_backend(translation, &view, &after->flow, server, at))
		return false;
	join(translation, before, after, &view);
	return true;
}

static bool
same_end(const struct flow_end *a, const struct flow_end *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

/*
 * Joins two views of a connection of which nobody knows who translates: the
 * packet was sent by the end that has two addresses, and where it was seen
 * first it had its own.
 *
 * later      in which the packet was seen later
 * sender     of it in both
 */
static bool
join_if_answered(struct translation *translation,
    struct translation_flow *later, int sender, struct translation_flow *sooner,
    int sooner_sender)
{
	static const struct service_view unknown;
	const struct flow_view *flow = &later->flow;

	if (later->settled || later->other != NULL || sooner->is_copy ||
	    sooner->other != NULL ||
	    address_equal(&flow->ends[sender].address,
		&sooner->flow.ends[sooner_sender].address) ||
	    service_at(
		translation, flow->domain, &flow->ends[sender], flow->first)
		    .service != NULL)
		return false;
	join(translation, later, sooner, &unknown);
	return true;
}

/* Whether a node sends on what a workload sent. */
static bool
is_masquerade(const struct translation *translation,
    const struct translation_flow *later, int sender,
    const struct translation_flow *sooner, int sooner_sender)
{
	const struct flow_view *flow = &later->flow;
	struct party node =
	    who(translation, flow->domain, &flow->ends[sender], flow->first);
	struct party workload = who(translation, flow->domain,
	    &sooner->flow.ends[sooner_sender], flow->first);

	return node.node != NULL && workload.node == NULL &&
	       workload.workload != NULL;
}

/*
 * Two flows that one packet was seen in: of the end that they share, which is
 * the client, it was sent in both or in neither.  Which they share may also be
 * the server, where the client's address is translated.
 *
 * proven     the packet could only be sent by who has heard the other end
 */
static bool
join_if_related(struct translation *translation, struct translation_flow *a,
    int a_sender, struct translation_flow *b, int b_sender, bool proven)
{
	if (a->flow.protocol != b->flow.protocol ||
	    a->flow.domain != b->flow.domain)
		return false;
	for (int i = 0; i < 2; i++) {
		int j = (i == a_sender) ? b_sender : !b_sender;

		if (!same_end(&a->flow.ends[i], &b->flow.ends[j]))
			continue;
		return join_if_translated(translation, a, b, i, j) ||
		       join_if_translated(translation, b, a, j, i) ||
		       (i != a_sender &&
			   (proven || is_masquerade(translation, a, a_sender, b,
					  b_sender)) &&
			   join_if_answered(
			       translation, a, a_sender, b, b_sender));
	}
	return false;
}

/* --- packets that wait ---------------------------------------------------- */

static bool
entry_is_recent(const struct entry *entry, uint32_t units)
{
	return units - entry->units <= FLOW_COPY_WINDOW;
}

/* Whether the flow that the entry is about is still that flow. */
static bool
entry_is_alive(const struct entry *entry)
{
	return entry->state != NULL &&
	       entry->state->flow.serial == entry->serial;
}

/*
 * Initial numbers are drawn by lot (RFC 9293, 3.4.1): one of 256 is as small as
 * those that tools make up, which may stand in any number of their packets.
 */
#define DRAWN (UINT32_C(1) << 24)

/* Whether nobody could send the packet but who has heard the other end: it
 * acknowledges a number that was drawn there. */
static bool
is_proven(const struct flow *flow, int sender)
{
	return flow->protocol == PROTOCOL_TCP && flow->packets[0] > 0 &&
	       flow->packets[1] > 0 && flow->tcp.next[0] >= DRAWN &&
	       flow->tcp.next[1] >= DRAWN &&
	       (flow->tcp_flags[sender] & TCP_ACK) != 0;
}

/*
 * Looks for the packet in another flow.  Kept out of translation_packet(),
 * which then has few registers to save on its usual way.
 */
static __attribute__((noinline)) bool
find_other(struct translation *translation, const struct bucket *bucket,
    struct translation_flow *state, const struct flow *flow,
    const struct heard *heard, uint32_t units)
{
	bool proven = is_proven(flow, heard->sender);

	for (size_t i = 0; i < PLACES; i++) {
		const struct entry *entry = &bucket->entries[i];

		if (entry->fingerprint == heard->fingerprint &&
		    entry_is_alive(entry) && entry->state != state &&
		    entry_is_recent(entry, units) &&
		    join_if_related(translation, state, heard->sender,
			entry->state, entry->sender, proven))
			return true;
	}
	return false;
}

static inline bool
bucket_has(const struct bucket *bucket, uint32_t fingerprint)
{
	for (size_t i = 0; i < PLACES; i++)
		if (bucket->entries[i].fingerprint == fingerprint)
			return true;
	return false;
}

static inline void
wait_for_other(struct translation *translation, struct bucket *bucket,
    struct translation_flow *state, const struct heard *heard, uint32_t units)
{
	const struct entry *oldest = &bucket->entries[PLACES - 1];

	if (oldest->state != NULL && entry_is_recent(oldest, units))
		translation->counts.evicted++;
	for (size_t i = PLACES - 1; i > 0; i--)
		bucket->entries[i] = bucket->entries[i - 1];
	bucket->entries[0] = (struct entry){
	    .state = state,
	    .serial = state->flow.serial,
	    .fingerprint = heard->fingerprint,
	    .units = units,
	    .sender = heard->sender,
	};
}

/* --- flows ---------------------------------------------------------------- */

bool
translation_is_to_service(const struct inventory *inventory, uint32_t cluster,
    const struct flow *flow)
{
	if (inventory_service_count(inventory) == 0)
		return false;
	for (int end = 0; end < 2; end++)
		if (inventory_who(inventory, cluster, &flow->ends[end].address,
			flow->first)
			.attribution == ATTRIBUTION_SERVICE)
			return true;
	return false;
}

static struct flow_view
view_of(const struct flow *flow, uint64_t serial)
{
	return (struct flow_view){
	    .ends = {flow->ends[0], flow->ends[1]},
	    .first = flow->first,
	    .serial = serial,
	    .domain = flow->domain,
	    .protocol = flow->protocol,
	};
}

bool
translation_packet(struct translation *translation,
    struct translation_flow *state, const struct flow *flow,
    const struct heard *heard, uint64_t serial, struct instant now)
{
	uint32_t units = flow_copy_units(now);
	struct bucket *bucket =
	    &translation->buckets[heard->fingerprint % BUCKETS];
	bool was_copy = state->is_copy;

	if (state->flow.serial == 0)
		state->flow = view_of(flow, serial);
	state->packets++;
	if (was_copy && state->other != NULL)
		state->other->duplicates++;
	if (heard->duplicate)
		return was_copy;
	if (state->other == NULL && bucket_has(bucket, heard->fingerprint) &&
	    find_other(translation, bucket, state, flow, heard, units))
		return state->is_copy;
	/* A copy may go on to another backend with any packet. */
	if (state->other == NULL || state->is_copy)
		wait_for_other(translation, bucket, state, heard, units);
	return was_copy;
}

void
translation_end(struct translation_flow *state)
{
	struct translation_flow *other = state->other;

	/* Of most flows nothing was written, and there may be very many. */
	if (state->flow.serial == 0)
		return;
	if (other != NULL)
		other->other = NULL;
	*state = (struct translation_flow){.other = NULL};
}

/* --- verdicts that wait --------------------------------------------------- */

/* Its state may be another flow's by now. */
static bool
is_same_flow(const struct held *held)
{
	const struct flow_view *view = &held->state->flow;

	return view->first.ns == held->what.flow.first.ns &&
	       view->domain == held->what.flow.domain &&
	       same_end(&view->ends[0], &held->what.flow.ends[0]) &&
	       same_end(&view->ends[1], &held->what.flow.ends[1]);
}

static bool
is_over(uint32_t since, uint32_t units)
{
	return units - since > FLOW_COPY_WINDOW;
}

bool
translation_hold(struct translation *translation,
    struct translation_flow *state, const struct held_flow *held,
    const struct party *server, struct instant now)
{
	uint32_t units = flow_copy_units(now);
	uint32_t place;

	if (server->attribution != ATTRIBUTION_SERVICE ||
	    is_over(flow_copy_units(held->flow.first), units))
		return false;
	if (state->held)
		return true;
	if (translation->held_count == TRANSLATION_HELD) {
		translation->counts.hurried++;
		return false;
	}
	place = translation->held_first + translation->held_count++;
	translation->held[place % TRANSLATION_HELD] = (struct held){
	    .state = state,
	    .units = units,
	    .what = *held,
	};
	state->held = true;
	return true;
}

const struct held_flow *
translation_due(struct translation *translation, struct instant now)
{
	uint32_t units = flow_copy_units(now);

	while (translation->held_count > 0) {
		const struct held *held =
		    &translation->held[translation->held_first];
		const struct translation_flow *state = held->state;

		if (!is_over(held->units, units))
			break;
		translation->held_first =
		    (translation->held_first + 1) % TRANSLATION_HELD;
		translation->held_count--;
		if (state->held && !state->is_copy && !state->settled &&
		    is_same_flow(held))
			return &held->what;
	}
	return NULL;
}
