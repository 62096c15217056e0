#include "sensor/flowtable.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/flow_duplicate.h"
#include "sensor/flow_idle.h"
#include "sensor/flow_index.h"
#include "sensor/flow_key.h"
#include "sensor/flow_list.h"
#include "sensor/flow_rules.h"
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

/* What the table knows of a slot and its readers need not. */
struct flow_back {
	struct flow_opening opening;
	uint32_t tag; /* under which the index has it */
};

/*
 * Every array has one element a slot and is taken once.  Slots in use are in
 * `ages`, oldest flow first; slots that were used and are not are in `spare`;
 * those from `untouched` on were never used, so that a large table costs
 * memory only as it fills.
 */
struct flowtable {
	struct flow *flows;
	struct flow_back *backs;
	struct flow_recent *recents;
	struct flow_link *links; /* of `ages` and `spare` */
	struct flow_list ages, spare;
	uint32_t untouched, capacity;
	struct flow_index index;
	struct flow_idle idle;
	struct instant now;
	struct hash_key key;
	struct flowtable_counts counts;
	flow_ended *ended;
	void *context;
};

static bool
take_memory(struct flowtable *table, const struct flow_timeouts *timeouts)
{
	const int64_t classes[IDLE_CLASS_COUNT] = {
	    [IDLE_TCP_ATTEMPT] = timeouts->tcp_attempt,
	    [IDLE_UDP_ATTEMPT] = timeouts->udp_attempt,
	    [IDLE_OTHER_ATTEMPT] = timeouts->other,
	    [IDLE_TCP_FINISHED] = timeouts->tcp_finished,
	    [IDLE_TCP_ESTABLISHED] = timeouts->tcp_established,
	    [IDLE_UDP_ESTABLISHED] = timeouts->udp_established,
	    [IDLE_OTHER_ESTABLISHED] = timeouts->other,
	};
	uint32_t capacity = table->capacity;
	bool idle = flow_idle_init(&table->idle, capacity, classes);
	bool index = flow_index_init(&table->index, capacity);

	table->flows = calloc(capacity, sizeof(table->flows[0]));
	table->backs = calloc(capacity, sizeof(table->backs[0]));
	table->links = calloc(capacity, sizeof(table->links[0]));
	/* Each in a cache line of its own. */
	table->recents = aligned_alloc(
	    sizeof(table->recents[0]), capacity * sizeof(table->recents[0]));
	return idle && index && table->flows != NULL && table->backs != NULL &&
	       table->links != NULL && table->recents != NULL;
}

struct flowtable *
flowtable_new(uint32_t capacity, const struct hash_key *key,
    const struct flow_timeouts *timeouts, flow_ended *ended, void *context)
{
	struct flowtable *table = calloc(1, sizeof(*table));

	assert(capacity >= 1 && capacity <= FLOWTABLE_CAPACITY_MAXIMUM);
	if (table == NULL)
		return NULL;
	table->capacity = capacity;
	table->ages = FLOW_LIST_EMPTY;
	table->spare = FLOW_LIST_EMPTY;
	table->now = INSTANT_PAST;
	table->key = *key;
	table->ended = ended;
	table->context = context;
	if (!take_memory(table, timeouts)) {
		flowtable_free(table); /* which leaves errno as it is */
		return NULL;
	}
	return table;
}

void
flowtable_free(struct flowtable *table)
{
	if (table == NULL)
		return;
	flow_index_release(&table->index);
	flow_idle_release(&table->idle);
	free(table->flows);
	free(table->backs);
	free(table->recents);
	free(table->links);
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
		return tcp   ? IDLE_TCP_ESTABLISHED
		       : udp ? IDLE_UDP_ESTABLISHED
			     : IDLE_OTHER_ESTABLISHED;
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
	flow_index_remove(&table->index, table->backs[slot].tag, slot);
	flow_idle_remove(&table->idle, slot);
	flow_list_remove(&table->ages, table->links, slot);
	table->counts.ended++;
	table->counts.live--;
	if (reason == FLOW_EVICTED)
		table->counts.evicted++;
	table->ended(&table->flows[slot], reason, table->context);
	flow_list_append(&table->spare, table->links, slot);
}

static uint32_t
take_slot(struct flowtable *table)
{
	uint32_t slot;

	if (table->counts.live == table->capacity)
		end_flow(
		    table, flow_idle_least_useful(&table->idle), FLOW_EVICTED);
	slot = table->spare.head;
	if (slot == NO_SLOT)
		slot = table->untouched++;
	else
		flow_list_remove(&table->spare, table->links, slot);
	return slot;
}

static uint32_t
begin_flow(struct flowtable *table, const struct flow_key *key, uint32_t tag,
    const struct packet *packet, const struct frame *frame, int sender)
{
	uint32_t slot = take_slot(table);
	struct flow *flow = &table->flows[slot];
	struct flow_back *back = &table->backs[slot];

	flow_start(flow, &back->opening, key, frame, sender, table->now);
	flow->sequence = ++table->counts.created;
	flow->slot = slot;
	flow->first_packet = packet->number;
	back->tag = tag;
	table->recents[slot] = (struct flow_recent){0};
	table->counts.live++;
	flow_list_append(&table->ages, table->links, slot);
	flow_index_add(&table->index, tag, slot);
	flow_idle_add(&table->idle, slot, class_of(flow), table->now);
	return slot;
}

static void
match_error(struct flowtable *table, const struct frame *error)
{
	struct flow_key key;
	(void)flow_key_of(&error->quoted, &key);
	uint32_t tag = flow_key_tag(&key, &table->key);
	uint32_t slot = flow_index_find(&table->index, table->flows, &key, tag);

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
	if (!flow_is_duplicate(&table->recents[flow->slot], heard->sender,
		flow->packets[heard->sender], heard->fingerprint, table->now))
		return false;
	flow->duplicates++;
	table->counts.duplicates++;
	return true;
}

struct flow *
flowtable_track(struct flowtable *table, const struct packet *packet,
    const struct frame *frame, struct heard *heard)
{
	assert(frame->status == FRAME_OK);
	flowtable_expire(table, packet->at);
	*heard = (struct heard){0};
	if (frame->icmp_error) {
		match_error(table, frame);
		return NULL;
	}

	struct flow_key key;
	heard->sender = flow_key_of(&frame->key, &key);
	heard->fingerprint = flow_fingerprint(frame, &table->key);
	uint32_t tag = flow_key_tag(&key, &table->key);
	uint32_t slot = flow_index_find(&table->index, table->flows, &key, tag);

	if (slot != NO_SLOT &&
	    flow_is_reopened(&table->flows[slot], &table->backs[slot].opening,
		frame, heard->sender)) {
		end_flow(table, slot, FLOW_REUSED);
		slot = NO_SLOT;
	}
	if (slot == NO_SLOT)
		slot =
		    begin_flow(table, &key, tag, packet, frame, heard->sender);

	struct flow *flow = &table->flows[slot];
	heard->duplicate = take_duplicate(table, flow, heard);
	if (heard->duplicate)
		return flow;
	flow_hear(flow, &table->backs[slot].opening, frame, heard->sender,
	    table->now);
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
	end_flow(table, table->ages.head, FLOW_SHUTDOWN);
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
