#include "sensor/run/observer.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/base/arena.h"
#include "sensor/decode/decode.h"
#include "sensor/domain.h"
#include "sensor/evidence.h"
#include "sensor/packet.h"
#include "sensor/run/doubted.h"

/*
 * Parts of the flows: as many as there may be threads.  A small table is not
 * parted, for chance would fill one part long before the others.
 */
#define SHARDS               WORKERS_MAXIMUM
#define SHARD_CAPACITY_LEAST 1024

/*
 * Flows that may be in nDPI's hands at once.  A flow stays there for a few
 * packets only, so this bounds memory (about 3 KiB each) under a flood of
 * flows with payload, not ordinary traffic.
 */
#define NDPI_SESSIONS 8192

/*
 * Flows of all shards that have been idle for their time end so often, not with
 * the next packet of their shard: then those of a scan end in their order, to
 * within this.
 */
#define CLOCK_INTERVAL (10 * NS_PER_MS)

/* A decoded frame on its way to its shard. */
struct seen {
	struct frame frame;
	struct flow_place place;
	struct moment moment;
	struct packet packet; /* for the evidence, where that is kept */
};

struct observer {
	struct observer_parts parts;
	struct reassembly *reassembly;
	struct shard_pool *pools[WORKERS_MAXIMUM]; /* one for each worker */
	struct shard *shards[SHARDS];
	uint32_t shard_count;
	struct workers *workers; /* NULL: there is one, the caller */
	struct seen seen[2];     /* the pending one is not in turn */
	bool pending, turn;
	struct packet_clock clock;
	struct doubted doubted;
	struct moment moment;   /* of the packet at hand */
	struct instant clocked; /* when shards were last told the time */
	uint16_t domain;        /* of the interface at hand */
	struct observer_counts counts;
};

/* --- flow ----------------------------------------------------------------- */

static void
track(struct observer *observer, const struct seen *seen)
{
	if (observer->parts.evidence != NULL)
		evidence_packet(
		    observer->parts.evidence, seen->place.tag, &seen->packet);
	shard_frame(
	    observer->shards[shard_of(&seen->place, observer->shard_count)],
	    &seen->frame, &seen->place, seen->moment);
}

/* Lets the frame go on that the memory was asked for. */
static void
track_pending(struct observer *observer)
{
	if (!observer->pending)
		return;
	observer->pending = false;
	track(observer, &observer->seen[!observer->turn]);
}

/*
 * Takes the frame that was decoded last.  It goes on when the next one comes:
 * what its flow's table reads first has arrived from memory then.
 */
static void
take_frame(struct observer *observer, const struct packet *packet, bool stays)
{
	struct seen *seen = &observer->seen[observer->turn];

	observer->moment.order++; /* several datagrams may come of a packet */
	seen->moment = observer->moment;
	seen->place = flow_place_of(&seen->frame, &observer->parts.key);
	if (observer->parts.evidence != NULL) {
		seen->packet = *packet;
		evidence_prefetch(observer->parts.evidence, seen->place.tag);
	}
	if (observer->workers != NULL) {
		workers_frame(observer->workers, &seen->frame, &seen->place,
		    seen->moment);
		return;
	}
	shard_prefetch(
	    observer->shards[shard_of(&seen->place, observer->shard_count)],
	    &seen->place);
	track_pending(observer);
	if (!stays) {
		track(observer, seen);
		return;
	}
	observer->pending = true;
	observer->turn = !observer->turn;
}

/* A datagram's octets are gone after the call. */
static void
datagram_is_ready(
    const struct packet *packet, const struct frame *frame, void *context)
{
	struct observer *observer = context;
	const struct domains *domains = observer->parts.domains;
	struct frame *settled = &observer->seen[observer->turn].frame;

	*settled = *frame;
	domains_settle(domains, settled, frame->key.domain);
	take_frame(observer, packet, false);
}

static void
tell_time(struct observer *observer)
{
	observer->clocked = observer->moment.at;
	if (observer->workers != NULL) {
		workers_clock(observer->workers, observer->moment);
		return;
	}
	track_pending(observer);
	for (uint32_t i = 0; i < observer->shard_count; i++)
		shard_clock(observer->shards[i], observer->moment);
}

/* --- packet --------------------------------------------------------------- */

/* Goes on to the moment of a packet, which is at that time. */
static void
go_on(struct observer *observer, const struct packet *packet, struct instant at)
{
	struct observer_counts *counts = &observer->counts;
	struct moment *moment = &observer->moment;
	bool first = moment->order++ == 0;

	moment->packet = packet->number;
	moment->at = at;
	moment->wall = observer->clock.wall;
	moment->stamp = packet->at;
	moment->interface = packet->interface;
	if (first)
		counts->first = at;
	counts->last = at;
	if (first || instant_since(at, observer->clocked) >= CLOCK_INTERVAL)
		tell_time(observer);
}

/* Takes the packet that it has gone on to. */
static enum frame_status
take_packet(struct observer *observer, const struct packet *packet,
    uint16_t domain, bool stays)
{
	struct frame *frame, fragment;
	enum frame_status status;

	reassembly_expire(observer->reassembly, observer->moment.at);
	frame = &observer->seen[observer->turn].frame;
	status = decode_packet(packet, frame);
	domains_settle(observer->parts.domains, frame, domain);
	if (status == FRAME_OK) {
		take_frame(observer, packet, stays);
	} else if (status == FRAME_FRAGMENT) {
		fragment = *frame; /* the datagram takes its place */
		reassembly_add(observer->reassembly, packet, &fragment,
		    observer->moment.at);
	}
	return status;
}

/*
 * When a packet was that has been doubted: as long before now as its stamp is
 * before what is believed, but never before the last packet that was taken.
 */
static struct instant
time_of_doubted(const struct observer *observer, struct instant stamp)
{
	const struct packet_clock *clock = &observer->clock;
	uint64_t ago = (uint64_t)clock->wall.ns - (uint64_t)stamp.ns;
	struct instant last = observer->moment.at;

	if (instant_before(clock->wall, stamp) ||
	    ago >= (uint64_t)instant_since(clock->now, last))
		return last;
	return (struct instant){clock->now.ns - (int64_t)ago};
}

static void
take_doubted(struct observer *observer)
{
	struct doubted *doubted = &observer->doubted;

	for (uint32_t i = 0; i < doubted->count; i++) {
		const struct packet *packet = &doubted->packets[i].packet;

		go_on(observer, packet, time_of_doubted(observer, packet->at));
		(void)take_packet(
		    observer, packet, doubted->packets[i].domain, false);
	}
	doubted->count = 0;
}

/* Nothing more will tell. */
static void
end_doubts(struct observer *observer)
{
	packet_clock_end_capture(&observer->clock);
	take_doubted(observer);
}

/* Sets a packet aside until the clock believes its stamp, or does not. */
static enum frame_status
doubt_packet(struct observer *observer, const struct packet *packet)
{
	struct frame frame;

	doubted_add(&observer->doubted, packet, observer->domain);
	return decode_packet(packet, &frame);
}

enum frame_status
observer_packet(struct observer *observer, const struct packet *packet)
{
	enum frame_status status;

	observer->counts.packets++;
	observer->counts.octets += packet->length;
	packet_clock_take(&observer->clock, packet->at);
	/* The first doubt of a new place is the end of those of another. */
	if (observer->clock.doubts <= 1)
		take_doubted(observer);
	go_on(observer, packet, observer->clock.now);
	status = observer->clock.doubts > 0
		     ? doubt_packet(observer, packet)
		     : take_packet(observer, packet, observer->domain, true);
	/* What waits for the next frame has its octets until now, no longer. */
	if (status != FRAME_OK || observer->clock.doubts > 0)
		track_pending(observer);
	observer->counts.frames[status]++;
	return status;
}

void
observer_clock(struct observer *observer, struct instant wall)
{
	const struct packet tick = {
	    .at = wall,
	    .number = observer->moment.packet,
	};

	if (observer->clock.expects && observer->clock.set == 0 &&
	    instant_before(wall, observer->clock.wall))
		return;
	packet_clock_take(&observer->clock, wall);
	if (observer->clock.doubts <= 1)
		take_doubted(observer);
	go_on(observer, &tick, observer->clock.now);
	reassembly_expire(observer->reassembly, observer->moment.at);
}

void
observer_set_clock(struct observer *observer, int64_t by)
{
	packet_clock_set(&observer->clock, by);
}

struct instant
observer_time(const struct observer *observer, struct instant wall)
{
	const struct packet_clock *clock = &observer->clock;

	/* Nothing has come since the clock was set, so that time is of after.
	 */
	if (clock->set != 0)
		return clock->now;
	if (!clock->started || instant_before(wall, clock->wall) ||
	    instant_since(wall, clock->wall) > PACKET_CLOCK_FORWARD)
		return clock->now;
	return (struct instant){
	    clock->now.ns + instant_since(wall, clock->wall)};
}

void
observer_flush(struct observer *observer)
{
	track_pending(observer);
	if (observer->workers != NULL)
		workers_drain(observer->workers);
}

void
observer_new_capture(struct observer *observer)
{
	end_doubts(observer);
	observer_flush(observer);
	packet_clock_new_capture(&observer->clock);
}

void
observer_set_interface(struct observer *observer, const char *name)
{
	const struct domains *domains = observer->parts.domains;

	if (domains != NULL)
		observer->domain = domains_of_interface(domains, name);
	if (observer->parts.evidence == NULL)
		return;
	track_pending(observer); /* which is of the one before */
	evidence_set_interface(observer->parts.evidence, name);
}

bool
observer_say_again(struct observer *observer, uint32_t from, uint32_t count)
{
	bool more = false;

	observer_flush(observer);
	for (uint32_t i = 0; i < observer->shard_count; i++) {
		struct shard *shard = observer->shards[i];

		shard_set_taker(
		    shard, observer->parts.take, observer->parts.context);
		if (shard_say_again(shard, observer->moment, from, count))
			more = true;
	}
	return more;
}

/* When the shard's first flow began. */
static struct instant
oldest(const struct shard *shard)
{
	const struct flow *flow = shard_oldest(shard);

	return flow == NULL ? INSTANT_FUTURE : flow->first;
}

/* Ends every flow, the oldest first, whatever its shard. */
static void
end_flows(struct observer *observer)
{
	struct instant began[SHARDS];

	for (uint32_t i = 0; i < observer->shard_count; i++)
		began[i] = oldest(observer->shards[i]);
	for (;;) {
		uint32_t first = 0;

		for (uint32_t i = 1; i < observer->shard_count; i++)
			if (instant_before(began[i], began[first]))
				first = i;
		if (shard_oldest(observer->shards[first]) == NULL)
			break;
		shard_end_oldest(observer->shards[first], observer->moment);
		began[first] = oldest(observer->shards[first]);
	}
}

void
observer_finish(struct observer *observer)
{
	end_doubts(observer);
	observer_flush(observer);
	reassembly_end_all(observer->reassembly);
	observer_flush(observer);
	for (uint32_t i = 0; i < observer->shard_count; i++)
		shard_set_taker(observer->shards[i], observer->parts.take,
		    observer->parts.context);
	end_flows(observer);
}

/* --- life ----------------------------------------------------------------- */

/* How many shards the worker has. */
static uint32_t
shards_of(const struct observer *observer, uint32_t worker)
{
	uint32_t workers = observer->parts.threads;

	return (observer->shard_count - worker + workers - 1) / workers;
}

static bool
make_pools(struct observer *observer, const char **fault)
{
	uint32_t flows = observer->parts.flow_capacity / observer->shard_count;
	uint32_t sessions = NDPI_SESSIONS / observer->shard_count;
	uint32_t first = observer->parts.first_conversation;

	for (uint32_t i = 0; i < observer->parts.threads; i++) {
		uint32_t shards = shards_of(observer, i);

		observer->pools[i] = shard_pool_new(
		    shards * flows, shards * sessions, first, fault);
		if (observer->pools[i] == NULL)
			return false;
		first += shards * flows;
	}
	return true;
}

static bool
make_shards(struct observer *observer, const char **fault)
{
	struct shard_parts parts = {
	    .flow_capacity =
		observer->parts.flow_capacity / observer->shard_count,
	    .ndpi_sessions = NDPI_SESSIONS / observer->shard_count,
	    .messages = observer->parts.messages,
	    .progress = observer->parts.progress,
	    .patience = observer->parts.patience,
	    .services = observer->parts.services,
	    .key = &observer->parts.key,
	    .take = observer->parts.take,
	    .context = observer->parts.context,
	};

	for (uint32_t i = 0; i < observer->shard_count; i++) {
		parts.number = i;
		parts.pool = observer->pools[i % observer->parts.threads];
		observer->shards[i] = shard_new(&parts);
		if (observer->shards[i] == NULL) {
			*fault = "no memory to find flows; try a smaller "
				 "--flow-capacity";
			return false;
		}
	}
	return true;
}

static bool
make_parts(struct observer *observer, const char **fault)
{
	uint32_t workers = observer->parts.threads;

	if (!make_pools(observer, fault) || !make_shards(observer, fault))
		return false;
	observer->reassembly = reassembly_new(&reassembly_limits_default,
	    &observer->parts.key, datagram_is_ready, observer);
	if (observer->reassembly == NULL) {
		*fault = "no memory for fragments";
		return false;
	}
	if (workers == 1)
		return true;
	observer->workers = workers_new(observer->shards, observer->shard_count,
	    workers, observer->parts.take, observer->parts.context);
	if (observer->workers == NULL)
		*fault = "no threads to be had; try fewer --threads";
	return observer->workers != NULL;
}

struct observer *
observer_new(const struct observer_parts *parts, const char **fault)
{
	struct observer *observer = allocate(1, sizeof(*observer));

	assert(parts->threads >= 1 && parts->threads <= WORKERS_MAXIMUM);
	observer->parts = *parts;
	observer->shard_count =
	    parts->whole || parts->flow_capacity < SHARDS * SHARD_CAPACITY_LEAST
		? 1
		: SHARDS;
	if (observer->parts.threads > observer->shard_count)
		observer->parts.threads = observer->shard_count;
	if (!make_parts(observer, fault)) {
		observer_free(observer);
		return NULL;
	}
	return observer;
}

void
observer_free(struct observer *observer)
{
	if (observer == NULL)
		return;
	workers_free(observer->workers);
	for (uint32_t i = 0; i < SHARDS; i++)
		shard_free(observer->shards[i]);
	for (uint32_t i = 0; i < WORKERS_MAXIMUM; i++)
		shard_pool_free(observer->pools[i]);
	reassembly_free(observer->reassembly);
	doubted_release(&observer->doubted);
	free(observer);
}

struct observer_counts
observer_counts(const struct observer *observer)
{
	struct observer_counts counts = observer->counts;

	counts.clock = observer->clock.counts;
	counts.reassembly = reassembly_counts(observer->reassembly);
	for (uint32_t i = 0; i < observer->shard_count; i++)
		shard_counts_add(&counts.shards, observer->shards[i]);
	return counts;
}

/* For what is nothing but numbers. */
static void
add_numbers(void *sum, const void *one, size_t size)
{
	uint64_t *to = sum;
	const uint64_t *from = one;

	for (size_t i = 0; i < size / sizeof(*to); i++)
		to[i] += from[i];
}

void
observer_counts_add(
    struct observer_counts *sum, const struct observer_counts *one)
{
	bool first = sum->packets == 0;

	if (one->packets > 0) {
		if (first || instant_before(one->first, sum->first))
			sum->first = one->first;
		if (first || instant_before(sum->last, one->last))
			sum->last = one->last;
	}
	sum->packets += one->packets;
	sum->octets += one->octets;
	add_numbers(sum->frames, one->frames, sizeof(sum->frames));
	add_numbers(&sum->clock, &one->clock, sizeof(sum->clock));
	add_numbers(
	    &sum->reassembly, &one->reassembly, sizeof(sum->reassembly));
	add_numbers(&sum->shards, &one->shards, sizeof(sum->shards));
}
