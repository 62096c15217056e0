#include "sensor/run/shard.h"

#include <stdlib.h>

#include "classifiers/inventory/service_set.h"
#include "classifiers/ndpi.h"
#include "classifiers/translation.h"
#include "sensor/base/arena.h"
#include "sensor/flow_store.h"
#include "sensor/frame.h"
#include "sensor/packet.h"

/*
 * Flows that are waited for at once, and how many of them are said within a
 * second before they are ready: each costs a verdict.  In a flood, which has
 * more of both, the rest is said when it is over.
 */
#define AWAITED    ((uint32_t)1 << 15)
#define EARLY_MOST 256

/* What the floors above the flow table keep per flow, by flow->slot. */
struct tracked {
	struct appid_flow appid;
	struct server_name_note name;
	bool known;       /* the two below are decided */
	bool to_service;  /* one end is a service's address */
	bool ready;       /* that was said */
	bool timed;       /* `next` is set */
	bool awaited : 1; /* it is among those that are */
	bool early : 1;   /* that it is ready was said before it was */
	/* Valid when early: nobody had accepted it; an enum application. */
	bool attempted : 1;
	uint8_t seemed;
	uint8_t speaker; /* 1 + the end that sent the last payload; 0: none */
	uint8_t shard;   /* whose it is, once any of that is so */
	struct message_note messages;
	struct instant next;   /* when to say that it goes on */
	struct instant spoken; /* when the last payload was sent */
	/* Packets and octets as they were then; payloads since. */
	struct flow_amount told;
};

struct shard_pool {
	struct flow_store *store;
	struct tracked *tracked; /* by slot */
	struct ndpi_module *ndpi;
	uint32_t first_conversation;
};

/* A flow that may have to be said before it is ready. */
struct awaited {
	uint32_t slot;
	struct instant
	    first; /* of the flow: the slot may be another's by now */
};

/* In the order of their beginning. */
struct awaiting {
	struct awaited *flows; /* owned; NULL where nobody is impatient */
	uint32_t head, count;
	struct instant second; /* which began then, in which were said: */
	uint32_t said;
};

struct shard {
	struct shard_parts parts;
	struct awaiting awaiting;
	struct flowtable *table;
	struct appid_engine *appid;
	struct server_names *names;
	struct tracked *tracked; /* the pool's */
	struct moment moment;    /* at hand */
};

/* --- what is said --------------------------------------------------------- */

static struct observation
about(const struct shard *shard, enum observation_kind kind,
    const struct flow *flow, const struct tracked *tracked)
{
	return (struct observation){
	    .kind = kind,
	    .shard = shard->parts.number,
	    .order = shard->moment.order,
	    .packet = shard->moment.packet,
	    .at = shard->moment.at,
	    .wall = shard->moment.wall,
	    .conversation = shard->parts.pool->first_conversation + flow->slot,
	    .flow = flow,
	    .appid = &tracked->appid,
	    .asked = server_name_of(shard->names, &tracked->name),
	};
}

static void
say(struct shard *shard, const struct observation *one)
{
	shard->parts.take(one, shard->parts.context);
}

static bool
is_to_service(const struct shard *shard, const struct flow *flow)
{
	const struct service_set *services = shard->parts.services;

	return service_set_has(services, &flow->ends[0].address) ||
	       service_set_has(services, &flow->ends[1].address);
}

static bool
is_shown(const struct shard *shard, const struct flow *flow,
    struct tracked *tracked, const struct heard *heard)
{
	uint64_t packets = flow->packets[0] + flow->packets[1];

	if (!service_set_any(shard->parts.services))
		return translation_wants_answer(flow) && !heard->duplicate;
	if (!tracked->known) {
		tracked->known = true;
		tracked->to_service = is_to_service(shard, flow);
	}
	if (heard->duplicate && !tracked->to_service)
		return false;
	return translation_wants(tracked->to_service, packets);
}

/* The packet may be known from another flow, before or after translation. */
static void
say_packet(struct shard *shard, const struct flow *flow,
    const struct tracked *tracked, const struct heard *heard)
{
	struct observation one = about(shard, OBSERVED_PACKET, flow, tracked);

	one.heard = *heard;
	say(shard, &one);
}

/*
 * Where DNS's header has the bit that says "response" (RFC 1035, 4.1.1), by
 * TCP after two octets of length.
 */
static bool
is_response(const struct frame *frame)
{
	uint32_t at = frame->key.protocol == PROTOCOL_TCP ? 4 : 2;

	return frame->payload_captured > at && (frame->payload[at] & 0x80) != 0;
}

static void
say_answer(struct shard *shard, const struct flow *flow,
    const struct tracked *tracked, const struct frame *frame,
    const struct heard *heard)
{
	const struct appid *appid = &tracked->appid.result;
	struct observation one;

	if (appid->application != APPLICATION_DNS ||
	    appid->confidence != APP_DPI || !flow->answered ||
	    !is_response(frame))
		return;
	one = about(shard, OBSERVED_ANSWER, flow, tracked);
	one.heard = *heard;
	one.payload = frame->payload;
	one.payload_size = frame->payload_captured;
	say(shard, &one);
}

/* --- flows that are not ready for long ------------------------------------ */

static void
say_early(struct shard *shard, const struct flow *flow, struct tracked *tracked)
{
	struct observation one = about(shard, OBSERVED_READY, flow, tracked);

	tracked->early = true;
	tracked->attempted = !flow_was_accepted(flow);
	tracked->seemed = (uint8_t)tracked->appid.result.application;
	tracked->shard = (uint8_t)shard->parts.number;
	say(shard, &one);
}

static bool
may_be_early(struct awaiting *awaiting, struct instant at)
{
	if (instant_since(at, awaiting->second) >= NS_PER_SECOND) {
		awaiting->second = at;
		awaiting->said = 0;
	}
	return awaiting->said++ < EARLY_MOST;
}

/* A refusal is not waited for, but often comes in numbers. */
static void
await(struct shard *shard, const struct flow *flow, struct tracked *tracked)
{
	struct awaiting *awaiting = &shard->awaiting;
	uint32_t at = (awaiting->head + awaiting->count) % AWAITED;

	if (awaiting->flows == NULL || tracked->ready || tracked->early)
		return;
	if (flow->refused && may_be_early(awaiting, shard->moment.at)) {
		say_early(shard, flow, tracked);
		return;
	}
	if (tracked->awaited || awaiting->count == AWAITED)
		return;
	tracked->awaited = true;
	tracked->shard = (uint8_t)shard->parts.number;
	awaiting->flows[at] = (struct awaited){flow->slot, flow->first};
	awaiting->count++;
}

/* The longest awaited is awaited no more. */
static void
give_up_awaiting(struct shard *shard)
{
	struct awaiting *awaiting = &shard->awaiting;
	const struct awaited *one = &awaiting->flows[awaiting->head];
	struct tracked *tracked = &shard->tracked[one->slot];
	const struct flow *flow = &shard->parts.pool->store->flows[one->slot];

	awaiting->head = (awaiting->head + 1) % AWAITED;
	awaiting->count--;
	if (!tracked->awaited || tracked->shard != shard->parts.number ||
	    flow->first.ns != one->first.ns)
		return;
	tracked->awaited = false;
	if (!tracked->ready && !tracked->early &&
	    may_be_early(awaiting, shard->moment.at))
		say_early(shard, flow, tracked);
}

static void
look_at_awaited(struct shard *shard)
{
	const struct awaiting *awaiting = &shard->awaiting;

	while (
	    awaiting->count > 0 &&
	    instant_since(shard->moment.at,
		awaiting->flows[awaiting->head].first) >= shard->parts.patience)
		give_up_awaiting(shard);
}

/* It is ready, or over, and was said to be when it was not. */
static void
revise(const struct flow *flow, const struct tracked *tracked,
    struct observation *one)
{
	one->revised = tracked->early;
	one->differs =
	    tracked->early &&
	    (tracked->attempted == flow_was_accepted(flow) ||
		tracked->seemed != (uint8_t)tracked->appid.result.application);
}

/* --- for detectors -------------------------------------------------------- */

/* What came since it was last said, which is now. */
static struct flow_amount
take_amount(struct tracked *tracked, const struct flow *flow)
{
	struct flow_amount *told = &tracked->told, amount = *told;

	for (int i = 0; i < 2; i++) {
		amount.packets[i] = flow->packets[i] - told->packets[i];
		amount.octets[i] = flow->octets[i] - told->octets[i];
		told->packets[i] = flow->packets[i];
		told->octets[i] = flow->octets[i];
		told->payloads[i] = 0;
		told->begun[i] = 0;
		told->closed[i] = 0;
	}
	told->turns = 0;
	return amount;
}

static void
count_payload(struct tracked *tracked, int sender, struct instant at)
{
	uint8_t speaker = (uint8_t)(1 + sender);

	tracked->told.payloads[sender]++;
	tracked->told.begun[sender] +=
	    instant_since(at, tracked->spoken) >= NS_PER_SECOND;
	tracked->spoken = at;
	if (tracked->speaker != 0 && tracked->speaker != speaker)
		tracked->told.turns++;
	tracked->speaker = speaker;
}

/* An RST's window says nothing, and a SYN-ACK's may be a proxy's. */
static void
note_window(struct tracked *tracked, const struct frame *frame, int sender)
{
	uint8_t *closed = &tracked->told.closed[sender];

	if ((frame->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		tracked->told.narrow |= (uint8_t)(1U << sender);
	else if ((frame->tcp_flags & (TCP_SYN | TCP_RST)) == 0 &&
		 frame->tcp_window == 0 && *closed < UINT8_MAX)
		++*closed;
}

static void
go_on(struct shard *shard, const struct flow *flow, struct tracked *tracked,
    const struct frame *frame, int sender)
{
	struct instant at = shard->moment.at;
	struct observation one;

	if (frame->payload_length > 0)
		count_payload(tracked, sender, at);
	if (frame->tcp_window < NARROW_WINDOW &&
	    frame->key.protocol == PROTOCOL_TCP)
		note_window(tracked, frame, sender);
	if (tracked->timed && instant_before(at, tracked->next))
		return;
	if (tracked->timed) {
		one = about(shard, OBSERVED_PROGRESS, flow, tracked);
		one.amount = take_amount(tracked, flow);
		say(shard, &one);
	}
	tracked->timed = true;
	tracked->next = (struct instant){at.ns + PROGRESS_INTERVAL};
}

/* Whose message is at hand. */
struct teller {
	struct shard *shard;
	const struct flow *flow;
	const struct tracked *tracked;
};

static void
say_message(const struct message *message, void *context)
{
	const struct teller *teller = context;
	struct observation one = about(
	    teller->shard, OBSERVED_MESSAGE, teller->flow, teller->tracked);

	one.message = *message;
	one.payload = message->octets;
	one.payload_size = message->size;
	say(teller->shard, &one);
}

static void
read_messages(struct shard *shard, const struct flow *flow,
    struct tracked *tracked, const struct frame *frame, bool from_client)
{
	struct teller teller = {shard, flow, tracked};
	const struct message_taker taker = {
	    shard->parts.messages, say_message, &teller};

	messages_frame(
	    &tracked->messages, &taker, &tracked->appid, frame, from_client);
}

/* nDPI is done with the flow, and has something against it. */
static void
say_risks(struct shard *shard, const struct flow *flow, struct tracked *tracked)
{
	struct teller teller = {shard, flow, tracked};
	const struct message message = {
	    .kind = MESSAGE_RISKS,
	    .risks = tracked->appid.risks,
	};

	tracked->appid.risks = 0;
	if ((shard->parts.messages & 1U << MESSAGE_RISKS) != 0)
		say_message(&message, &teller);
}

/* --- frames --------------------------------------------------------------- */

static void
flow_is_over(struct flow *flow, enum flow_reason reason, void *context)
{
	struct shard *shard = context;
	struct tracked *tracked = &shard->tracked[flow->slot];
	struct observation one;

	appid_end(shard->appid, &tracked->appid);
	if (tracked->appid.risks != 0)
		say_risks(shard, flow, tracked);
	if (tracked->early && !tracked->ready && flow_was_accepted(flow)) {
		one = about(shard, OBSERVED_READY, flow, tracked);
		revise(flow, tracked, &one);
		say(shard, &one);
	}
	one = about(shard, OBSERVED_END, flow, tracked);
	one.reason = reason;
	one.amount = take_amount(tracked, flow);
	say(shard, &one);
	server_name_end(shard->names, &tracked->name);
	*tracked = (struct tracked){0};
}

static void
classify(struct shard *shard, const struct flow *flow, struct tracked *tracked,
    const struct frame *frame, const struct heard *heard)
{
	bool to_server = heard->sender == flow->client;
	struct observation one;

	server_name_frame(shard->names, &tracked->name, frame, to_server);
	if (!tracked->appid.final)
		appid_frame(
		    shard->appid, &tracked->appid, flow, frame, to_server);
	if (!tracked->appid.final)
		return;
	if (tracked->appid.risks != 0)
		say_risks(shard, flow, tracked);
	if (flow_was_accepted(flow) && !tracked->ready) {
		tracked->ready = true;
		tracked->shard = (uint8_t)shard->parts.number;
		one = about(shard, OBSERVED_READY, flow, tracked);
		revise(flow, tracked, &one);
		say(shard, &one);
	}
	say_answer(shard, flow, tracked, frame, heard);
}

void
shard_prefetch(const struct shard *shard, const struct flow_place *place)
{
	flowtable_prefetch(shard->table, place);
}

/* In a flood, what is kept of the next flow was last touched long ago. */
static void
look_ahead(const struct shard *shard)
{
	uint32_t slot = flowtable_upcoming(shard->table);

	if (slot != NO_SLOT)
		__builtin_prefetch(&shard->tracked[slot], 1);
}

void
shard_frame(struct shard *shard, const struct frame *frame,
    const struct flow_place *place, struct moment moment)
{
	struct packet packet = {.at = moment.stamp,
	    .number = moment.packet,
	    .interface = moment.interface};
	struct heard heard;
	struct flow *flow;
	struct tracked *tracked;

	shard->moment = moment;
	look_at_awaited(shard);
	flow = flowtable_track(
	    shard->table, &packet, frame, place, moment.at, &heard);
	look_ahead(shard);
	if (flow == NULL)
		return;
	tracked = &shard->tracked[flow->slot];
	if (is_shown(shard, flow, tracked, &heard))
		say_packet(shard, flow, tracked, &heard);
	if (heard.duplicate)
		return;
	classify(shard, flow, tracked, frame, &heard);
	await(shard, flow, tracked);
	/* A message mostly comes after the verdict on its flow then. */
	if (shard->parts.messages != 0 && frame->payload_captured > 0 &&
	    !tracked->messages.over)
		read_messages(
		    shard, flow, tracked, frame, heard.sender == flow->client);
	if (shard->parts.progress)
		go_on(shard, flow, tracked, frame, heard.sender);
}

void
shard_clock(struct shard *shard, struct moment moment)
{
	shard->moment = moment;
	look_at_awaited(shard);
	flowtable_expire(shard->table, moment.at);
	if (shard->parts.number == 0)
		say(shard, &(struct observation){
			       .kind = OBSERVED_CLOCK,
			       .order = moment.order,
			       .packet = shard->moment.packet,
			       .at = moment.at,
			       .wall = moment.wall,
			   });
}

bool
shard_say_again(
    struct shard *shard, struct moment moment, uint32_t from, uint32_t count)
{
	const struct flow_store *store = shard->parts.pool->store;
	uint32_t used = store->untouched;
	uint32_t end = from < used && count < used - from ? from + count : used;

	shard->moment = moment;
	for (uint32_t slot = from; slot < end; slot++) {
		const struct tracked *tracked = &shard->tracked[slot];
		struct observation one;

		if ((!tracked->ready && !tracked->early) ||
		    tracked->shard != shard->parts.number)
			continue;
		one =
		    about(shard, OBSERVED_READY, &store->flows[slot], tracked);
		say(shard, &one);
	}
	return end < used;
}

const struct flow *
shard_oldest(const struct shard *shard)
{
	return flowtable_oldest(shard->table);
}

void
shard_end_oldest(struct shard *shard, struct moment moment)
{
	shard->moment = moment;
	flowtable_end_oldest(shard->table);
}

/* --- life ----------------------------------------------------------------- */

struct shard_pool *
shard_pool_new(uint32_t flows, uint32_t sessions, uint32_t first_conversation,
    const char **fault)
{
	struct shard_pool *pool = allocate(1, sizeof(*pool));

	pool->first_conversation = first_conversation;
	pool->tracked = allocate(flows, sizeof(*pool->tracked));
	pool->store = flow_store_new(flows);
	if (pool->store == NULL)
		*fault = "no memory for the flow table; try a smaller "
			 "--flow-capacity";
	else
		pool->ndpi = ndpi_module_new(sessions, fault);
	if (pool->ndpi != NULL)
		return pool;
	shard_pool_free(pool);
	return NULL;
}

void
shard_pool_free(struct shard_pool *pool)
{
	if (pool == NULL)
		return;
	ndpi_module_free(pool->ndpi);
	flow_store_free(pool->store);
	free(pool->tracked);
	free(pool);
}

struct shard *
shard_new(const struct shard_parts *parts)
{
	struct shard *shard = allocate(1, sizeof(*shard));

	shard->parts = *parts;
	shard->tracked = parts->pool->tracked;
	shard->table =
	    flowtable_new_in(parts->pool->store, parts->flow_capacity,
		parts->key, &flow_timeouts_default, flow_is_over, shard);
	if (shard->table == NULL) {
		free(shard);
		return NULL;
	}
	shard->appid = appid_new(parts->pool->ndpi, parts->ndpi_sessions);
	shard->names = server_names_new(parts->flow_capacity);
	if (parts->patience > 0)
		shard->awaiting.flows =
		    allocate(AWAITED, sizeof(*shard->awaiting.flows));
	return shard;
}

void
shard_free(struct shard *shard)
{
	if (shard == NULL)
		return;
	flowtable_free(shard->table);
	appid_free(shard->appid);
	server_names_free(shard->names);
	free(shard->awaiting.flows);
	free(shard);
}

void
shard_set_taker(struct shard *shard, take_observation *take, void *context)
{
	shard->parts.take = take;
	shard->parts.context = context;
}

static void
add_flows(struct flowtable_counts *sum, const struct flowtable_counts *one)
{
	sum->created += one->created;
	sum->ended += one->ended;
	sum->evicted += one->evicted;
	sum->live += one->live;
	sum->errors_matched += one->errors_matched;
	sum->errors_orphaned += one->errors_orphaned;
	sum->duplicates += one->duplicates;
	sum->strays += one->strays;
	sum->disbelieved += one->disbelieved;
}

static void
add_appid(struct appid_counts *sum, const struct appid_counts *one)
{
	sum->flows += one->flows;
	sum->own += one->own;
	sum->ndpi += one->ndpi;
	sum->given_up += one->given_up;
	sum->pool_empty += one->pool_empty;
}

void
shard_counts_add(struct shard_counts *sum, const struct shard *shard)
{
	struct flowtable_counts flows = flowtable_counts(shard->table);
	struct appid_counts appid = appid_counts(shard->appid);
	struct server_name_counts names = server_name_counts(shard->names);

	add_flows(&sum->flows, &flows);
	add_appid(&sum->appid, &appid);
	sum->names.hellos += names.hellos;
	sum->names.no_room += names.no_room;
}
