#include "sensor/flowtable.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/flow_index.h"
#include "sensor/flow_key.h"
#include "sensor/flow_rules.h"
#include "sensor/flow_store.h"
#include "sensor/frame.h"
#include "sensor/packet.h"

/*
 * tcp_attempt      30 s: a SYN is repeated after 1, 2, 4, 8 and 16 s (RFC 6298,
 *                  2 and 5.5), so one attempt stays one flow.  Zeek waits 5 s
 *                  (tcp_attempt_delay), Suricata 60 s (flow-timeouts, new).
 * tcp_established  600 s, as Suricata (flow-timeouts, established); the two
 *                  hours of a default TCP keepalive (RFC 1122, 4.2.3.6) would
 *                  keep every connection whose end was lost for as long.
 * tcp_finished     10 s, for the last ACK and repeated FINs; between Zeek's 5 s
 *                  (tcp_close_delay) and Suricata's 60 s (closed).
 * udp_attempt      30 s, as Suricata (new) and as Linux connection tracking
 *                  (nf_conntrack_udp_timeout).
 * udp_established  180 s, as nDPId; above the two minutes that RFC 4787,
 *                  REQ-5, asks of translators.
 * other            30 s, as Suricata's ICMP (new) and as Linux connection
 *                  tracking (nf_conntrack_icmp_timeout).
 */
const struct flow_timeouts flow_timeouts_default = {
    .tcp_attempt = 30 * NS_PER_SECOND,
    .tcp_established = 600 * NS_PER_SECOND,
    .tcp_finished = 10 * NS_PER_SECOND,
    .udp_attempt = 30 * NS_PER_SECOND,
    .udp_established = 180 * NS_PER_SECOND,
    .other = 30 * NS_PER_SECOND,
};

struct flowtable {
	struct flow *flows; /* the store's */
	struct flow_store *store;
	struct flow_store *own; /* the same where no one else uses it */
	struct flow_list ages;  /* slots in use, oldest flow first */
	uint32_t capacity;
	uint32_t upcoming; /* slot that will most likely be taken soon */
	struct flow_index index;
	struct flow_idle idle;
	struct instant now;
	struct hash_key key;
	struct flowtable_counts counts;
	flow_ended *ended;
	void *context;
};

static void
start_idle(struct flowtable *table, const struct flow_timeouts *timeouts)
{
	const int64_t classes[IDLE_CLASS_COUNT] = {
	    [IDLE_TCP_ATTEMPT] = timeouts->tcp_attempt,
	    [IDLE_UDP_ATTEMPT] = timeouts->udp_attempt,
	    [IDLE_OTHER_ATTEMPT] = timeouts->other,
	    [IDLE_TCP_FINISHED] = timeouts->tcp_finished,
	    [IDLE_TCP_ONE_SIDED] = timeouts->tcp_established,
	    [IDLE_TCP_ESTABLISHED] = timeouts->tcp_established,
	    [IDLE_UDP_ESTABLISHED] = timeouts->udp_established,
	    [IDLE_OTHER_ESTABLISHED] = timeouts->other,
	};

	flow_idle_init(&table->idle, &table->store->idle, classes);
}

struct flowtable *
flowtable_new_in(struct flow_store *store, uint32_t capacity,
    const struct hash_key *key, const struct flow_timeouts *timeouts,
    flow_ended *ended, void *context)
{
	struct flowtable *table = calloc(1, sizeof(*table));

	assert(capacity >= 1 && capacity <= FLOWTABLE_CAPACITY_MAXIMUM);
	if (table == NULL)
		return NULL;
	if (!flow_index_init(&table->index, capacity)) {
		flowtable_free(table); /* which leaves errno as it is */
		return NULL;
	}
	table->store = store;
	table->flows = store->flows;
	table->capacity = capacity;
	table->ages = FLOW_LIST_EMPTY;
	table->upcoming = NO_SLOT;
	table->now = INSTANT_PAST;
	table->key = *key;
	table->ended = ended;
	table->context = context;
	start_idle(table, timeouts);
	return table;
}

struct flowtable *
flowtable_new(uint32_t capacity, const struct hash_key *key,
    const struct flow_timeouts *timeouts, flow_ended *ended, void *context)
{
	struct flow_store *store = flow_store_new(capacity);
	struct flowtable *table;

	if (store == NULL)
		return NULL;
	table =
	    flowtable_new_in(store, capacity, key, timeouts, ended, context);
	if (table == NULL)
		flow_store_free(store);
	else
		table->own = store;
	return table;
}

void
flowtable_free(struct flowtable *table)
{
	if (table == NULL)
		return;
	flow_index_release(&table->index);
	flow_store_free(table->own);
	free(table);
}

static enum idle_class
class_of(const struct flow *flow)
{
	bool tcp = flow->protocol == PROTOCOL_TCP;
	bool udp = flow->protocol == PROTOCOL_UDP;

	switch (flow->state) {
	case FLOW_ATTEMPT:
		return tcp   ? IDLE_TCP_ATTEMPT
		       : udp ? IDLE_UDP_ATTEMPT
			     : IDLE_OTHER_ATTEMPT;
	case FLOW_ESTABLISHED:
		if (tcp)
			return flow->packets[0] > 0 && flow->packets[1] > 0
				   ? IDLE_TCP_ESTABLISHED
				   : IDLE_TCP_ONE_SIDED;
		return udp ? IDLE_UDP_ESTABLISHED : IDLE_OTHER_ESTABLISHED;
	case FLOW_FINISHED:
	case FLOW_STATE_COUNT:
		break;
	}
	return IDLE_TCP_FINISHED;
}

/* Nothing finds the flow any more when it is reported, but it still lives. */
static void
end_flow(struct flowtable *table, uint32_t slot, enum flow_reason reason)
{
	flow_index_remove(&table->index, table->store->backs[slot].tag, slot);
	flow_idle_remove(&table->idle, slot);
	flow_list_remove(&table->ages, table->store->links, slot);
	table->counts.ended++;
	table->counts.live--;
	if (reason == FLOW_EVICTED)
		table->counts.evicted++;
	table->ended(&table->flows[slot], reason, table->context);
	flow_store_return(table->store, slot);
}

/*
 * In a flood every flow makes an older one go, whose memory nobody has touched
 * for long.  The next to go is most likely the one behind it in its list: its
 * bucket is asked for now, and what is kept of the one after that.  So it is at
 * the end, when all go.
 */
static void
look_ahead(
    struct flowtable *table, uint32_t next, const struct flow_link *links)
{
	if (next == NO_SLOT)
		return;
	flow_index_prefetch(&table->index, table->store->backs[next].tag);
	table->upcoming = links[next].next;
	if (table->upcoming != NO_SLOT)
		flow_store_prefetch(table->store, table->upcoming);
}

static uint32_t
take_slot(struct flowtable *table)
{
	if (table->counts.live == table->capacity) {
		uint32_t victim = flow_idle_least_useful(&table->idle);
		uint32_t next = table->idle.links[victim].next;

		end_flow(table, victim, FLOW_EVICTED);
		look_ahead(table, next, table->idle.links);
	}
	return flow_store_take(table->store);
}

static uint32_t
begin_flow(struct flowtable *table, const struct flow_place *place,
    const struct sighting *sighting)
{
	uint32_t slot = take_slot(table);
	struct flow *flow = &table->flows[slot];
	struct flow_back *back = &table->store->backs[slot];

	flow_start(flow, &back->tcp, &place->key, sighting);
	flow->sequence = ++table->counts.created;
	flow->slot = slot;
	back->tag = place->tag;
	table->store->recents[slot] = (struct flow_recent){0};
	table->counts.live++;
	flow_list_append(&table->ages, table->store->links, slot);
	flow_index_add(&table->index, place->tag, slot);
	flow_idle_add(&table->idle, slot, class_of(flow), table->now);
	return slot;
}

static uint32_t
find(const struct flowtable *table, const struct flow_place *place)
{
	return flow_index_find(
	    &table->index, table->flows, &place->key, place->tag);
}

static void
match_error(struct flowtable *table, const struct frame *error,
    const struct flow_place *place)
{
	uint32_t slot = find(table, place);

	if (slot == NO_SLOT) {
		table->counts.errors_orphaned++;
		return;
	}
	table->counts.errors_matched++;
	flow_hear_error(&table->flows[slot], error);
}

/* Whether the packet is a copy, which tells nothing else about the flow. */
static bool
take_duplicate(
    struct flowtable *table, struct flow *flow, const struct heard *heard)
{
	if (!flow_is_duplicate(&table->store->recents[flow->slot],
		heard->sender, flow->packets[heard->sender], heard->fingerprint,
		table->now))
		return false;
	flow->duplicates++;
	table->counts.duplicates++;
	return true;
}

static void
hear(struct flowtable *table, uint32_t slot, const struct sighting *sighting)
{
	struct flow *flow = &table->flows[slot];
	enum flow_tcp_belief belief =
	    flow_hear(flow, &table->store->backs[slot].tcp, sighting);

	if (belief == FLOW_TCP_BELIEVED)
		return;
	table->counts.strays++;
	table->counts.disbelieved += belief == FLOW_TCP_DISBELIEVED;
}

/* Ends the flow in a slot, and begins the one that was opened in it. */
static uint32_t
reopen_flow(struct flowtable *table, uint32_t slot,
    const struct flow_place *place, const struct sighting *answer)
{
	struct frame frame;
	struct sighting syn = flow_take_back_syn(&table->flows[slot],
	    &table->store->backs[slot].tcp, answer, &frame);

	end_flow(table, slot, FLOW_REUSED);
	slot = begin_flow(table, place, &syn);
	hear(table, slot, &syn);
	return slot;
}

/* The slot of the frame's flow, which may be a new one. */
static uint32_t
flow_of(struct flowtable *table, const struct flow_place *place,
    const struct sighting *sighting)
{
	uint32_t slot = find(table, place);
	enum flow_tcp_identity identity = FLOW_TCP_SAME;

	if (slot == NO_SLOT)
		return begin_flow(table, place, sighting);
	if (place->key.protocol == PROTOCOL_TCP &&
	    (sighting->frame->tcp_flags & (TCP_SYN | TCP_RST)) != 0)
		identity = flow_tcp_identify(&table->flows[slot],
		    &table->store->backs[slot].tcp, sighting->frame,
		    sighting->sender);
	switch (identity) {
	case FLOW_TCP_SAME:
		break;
	case FLOW_TCP_ANOTHER:
		end_flow(table, slot, FLOW_REUSED);
		return begin_flow(table, place, sighting);
	case FLOW_TCP_REOPENED:
		return reopen_flow(table, slot, place, sighting);
	}
	return slot;
}

void
flowtable_prefetch(
    const struct flowtable *table, const struct flow_place *place)
{
	flow_index_prefetch(&table->index, place->tag);
}

uint32_t
flowtable_upcoming(const struct flowtable *table)
{
	return table->upcoming;
}

struct flow *
flowtable_track(struct flowtable *table, const struct packet *packet,
    const struct frame *frame, const struct flow_place *place,
    struct instant now, struct heard *heard)
{
	struct flow_place own;

	assert(frame->status == FRAME_OK);
	flowtable_expire(table, now);
	if (place == NULL) {
		own = flow_place_of(frame, &table->key);
		place = &own;
	}
	*heard = (struct heard){0};
	if (frame->icmp_error) {
		match_error(table, frame, place);
		return NULL;
	}
	heard->sender = place->sender;
	heard->fingerprint = flow_fingerprint(frame, &table->key);

	const struct sighting sighting = {frame, heard->sender, packet->at,
	    packet->number, packet->interface};
	uint32_t slot = flow_of(table, place, &sighting);
	struct flow *flow = &table->flows[slot];

	heard->duplicate = take_duplicate(table, flow, heard);
	if (heard->duplicate)
		return flow;
	hear(table, slot, &sighting);
	flow_idle_touch(&table->idle, slot, class_of(flow), table->now);
	return flow;
}

void
flowtable_expire(struct flowtable *table, struct instant now)
{
	uint32_t slot;

	if (instant_before(table->now, now))
		table->now = now;
	while ((slot = flow_idle_due(&table->idle, table->now)) != NO_SLOT) {
		bool finished = table->flows[slot].state == FLOW_FINISHED;

		end_flow(table, slot, finished ? FLOW_CLOSED : FLOW_TIMEOUT);
	}
}

const struct flow *
flowtable_oldest(const struct flowtable *table)
{
	return table->ages.head == NO_SLOT ? NULL
					   : &table->flows[table->ages.head];
}

void
flowtable_end_oldest(struct flowtable *table)
{
	uint32_t oldest = table->ages.head;
	uint32_t next = table->store->links[oldest].next;

	end_flow(table, oldest, FLOW_SHUTDOWN);
	look_ahead(table, next, table->store->links);
}

void
flowtable_end_all(struct flowtable *table)
{
	while (table->ages.head != NO_SLOT)
		flowtable_end_oldest(table);
}

struct flowtable_counts
flowtable_counts(const struct flowtable *table)
{
	return table->counts;
}
