#include "sensor/run/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "classifiers/inventory/domain_clusters.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/domain.h"
#include "sensor/packet.h"
#include "sensor/run/doubted.h"

/*
 * Parts of the flows: as many as there may be workers.  A small table is not
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
};

struct pipeline {
	struct pipeline_parts parts;
	struct reassembly *reassembly;
	struct shard_pool *pools[WORKERS_MAXIMUM]; /* one for each worker */
	struct shard *shards[SHARDS];
	uint32_t shard_count;
	struct workers *workers; /* NULL: there is one, the caller */
	struct assessment *assessment;
	struct domain_clusters *clusters; /* own, of a newer inventory */
	struct seen seen[2];              /* the pending one is not in turn */
	bool pending, turn;
	struct packet_clock clock;
	struct doubted doubted;
	struct moment moment;   /* of the packet at hand */
	struct instant clocked; /* when shards were last told the time */
	uint16_t domain;        /* of the interface at hand */
	struct pipeline_counts counts;
};

/* In replay the key must not change the order of anything. */
static const struct hash_key replay_key = {{0x6865646765726f77, 1}};

/* --- flow ----------------------------------------------------------------- */

static void
track(struct pipeline *pipeline, const struct seen *seen)
{
	shard_frame(
	    pipeline->shards[shard_of(&seen->place, pipeline->shard_count)],
	    &seen->frame, &seen->place, seen->moment);
}

/* Lets the frame go on that the memory was asked for. */
static void
track_pending(struct pipeline *pipeline)
{
	if (!pipeline->pending)
		return;
	pipeline->pending = false;
	track(pipeline, &pipeline->seen[!pipeline->turn]);
}

/*
 * Takes the frame that was decoded last.  It goes on when the next one comes:
 * what its flow's table reads first has arrived from memory then.
 */
static void
take_frame(struct pipeline *pipeline, bool stays)
{
	struct seen *seen = &pipeline->seen[pipeline->turn];

	pipeline->moment.order++; /* several datagrams may come of a packet */
	seen->moment = pipeline->moment;
	seen->place = flow_place_of(&seen->frame, &pipeline->parts.key);
	if (pipeline->workers != NULL) {
		workers_frame(pipeline->workers, &seen->frame, &seen->place,
		    seen->moment);
		return;
	}
	shard_prefetch(
	    pipeline->shards[shard_of(&seen->place, pipeline->shard_count)],
	    &seen->place);
	track_pending(pipeline);
	if (!stays) {
		track(pipeline, seen);
		return;
	}
	pipeline->pending = true;
	pipeline->turn = !pipeline->turn;
}

/* A datagram's octets are gone after the call. */
static void
datagram_is_ready(
    const struct packet *packet, const struct frame *frame, void *context)
{
	struct pipeline *pipeline = context;
	const struct domains *domains = pipeline->parts.assessment.domains;
	struct frame *settled = &pipeline->seen[pipeline->turn].frame;

	(void)packet;
	*settled = *frame;
	domains_settle(domains, settled, frame->key.domain);
	take_frame(pipeline, false);
}

static void
tell_time(struct pipeline *pipeline)
{
	pipeline->clocked = pipeline->moment.at;
	if (pipeline->workers != NULL) {
		workers_clock(pipeline->workers, pipeline->moment);
		return;
	}
	track_pending(pipeline);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_clock(pipeline->shards[i], pipeline->moment);
}

/* --- packet --------------------------------------------------------------- */

/* Goes on to the moment of a packet, which is at that time. */
static void
go_on(struct pipeline *pipeline, const struct packet *packet, struct instant at)
{
	struct pipeline_counts *counts = &pipeline->counts;
	struct moment *moment = &pipeline->moment;
	bool first = moment->order++ == 0;

	moment->packet = packet->number;
	moment->at = at;
	moment->wall = pipeline->clock.wall;
	moment->stamp = packet->at;
	if (first)
		counts->first = at;
	counts->last = at;
	if (first || instant_since(at, pipeline->clocked) >= CLOCK_INTERVAL)
		tell_time(pipeline);
}

/* Takes the packet that it has gone on to. */
static enum frame_status
take_packet(struct pipeline *pipeline, const struct packet *packet,
    uint16_t domain, bool stays)
{
	struct frame *frame, fragment;
	enum frame_status status;

	reassembly_expire(pipeline->reassembly, pipeline->moment.at);
	frame = &pipeline->seen[pipeline->turn].frame;
	status = frame_decode(packet, frame);
	domains_settle(pipeline->parts.assessment.domains, frame, domain);
	if (status == FRAME_OK) {
		take_frame(pipeline, stays);
	} else if (status == FRAME_FRAGMENT) {
		fragment = *frame; /* the datagram takes its place */
		reassembly_add(pipeline->reassembly, packet, &fragment,
		    pipeline->moment.at);
	}
	return status;
}

/*
 * When a packet was that has been doubted: as long before now as its stamp is
 * before what is believed, but never before the last packet that was taken.
 */
static struct instant
time_of_doubted(const struct pipeline *pipeline, struct instant stamp)
{
	const struct packet_clock *clock = &pipeline->clock;
	uint64_t ago = (uint64_t)clock->wall.ns - (uint64_t)stamp.ns;
	struct instant last = pipeline->moment.at;

	if (instant_before(clock->wall, stamp) ||
	    ago >= (uint64_t)instant_since(clock->now, last))
		return last;
	return (struct instant){clock->now.ns - (int64_t)ago};
}

static void
take_doubted(struct pipeline *pipeline)
{
	struct doubted *doubted = &pipeline->doubted;

	for (uint32_t i = 0; i < doubted->count; i++) {
		const struct packet *packet = &doubted->packets[i].packet;

		go_on(pipeline, packet, time_of_doubted(pipeline, packet->at));
		(void)take_packet(
		    pipeline, packet, doubted->packets[i].domain, false);
	}
	doubted->count = 0;
}

/* Nothing more will tell. */
static void
end_doubts(struct pipeline *pipeline)
{
	packet_clock_end_capture(&pipeline->clock);
	take_doubted(pipeline);
}

/* Sets a packet aside until the clock believes its stamp, or does not. */
static enum frame_status
doubt_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct frame frame;

	doubted_add(&pipeline->doubted, packet, pipeline->domain);
	return frame_decode(packet, &frame);
}

enum frame_status
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	enum frame_status status;

	pipeline->counts.packets++;
	pipeline->counts.octets += packet->length;
	packet_clock_take(&pipeline->clock, packet->at);
	/* The first doubt of a new place is the end of those of another. */
	if (pipeline->clock.doubts <= 1)
		take_doubted(pipeline);
	go_on(pipeline, packet, pipeline->clock.now);
	status = pipeline->clock.doubts > 0
		     ? doubt_packet(pipeline, packet)
		     : take_packet(pipeline, packet, pipeline->domain, true);
	pipeline->counts.frames[status]++;
	return status;
}

void
pipeline_clock(struct pipeline *pipeline, struct instant wall)
{
	const struct packet tick = {
	    .at = wall,
	    .number = pipeline->moment.packet,
	};

	if (pipeline->clock.expects &&
	    instant_before(wall, pipeline->clock.wall))
		return;
	packet_clock_take(&pipeline->clock, wall);
	if (pipeline->clock.doubts <= 1)
		take_doubted(pipeline);
	go_on(pipeline, &tick, pipeline->clock.now);
	reassembly_expire(pipeline->reassembly, pipeline->moment.at);
}

void
pipeline_flush(struct pipeline *pipeline)
{
	track_pending(pipeline);
	if (pipeline->workers != NULL)
		workers_drain(pipeline->workers);
}

void
pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename)
{
	end_doubts(pipeline);
	pipeline_flush(pipeline);
	packet_clock_new_capture(&pipeline->clock);
	assessment_set_file(pipeline->assessment, pcap_filename);
}

void
pipeline_set_interface(struct pipeline *pipeline, const char *name)
{
	const struct domains *domains = pipeline->parts.assessment.domains;

	if (domains != NULL)
		pipeline->domain = domains_of_interface(domains, name);
}

/* Clusters may have come that domains are named for. */
static void
find_clusters(struct pipeline *pipeline)
{
	const struct assessment_parts *parts = &pipeline->parts.assessment;
	struct domain_clusters *clusters;
	struct report *report;

	if (parts->domains == NULL)
		return;
	report = report_new();
	clusters = domain_clusters_new(parts->domains, parts->inventory, report,
	    (struct place){"--domain", 1, 1});
	report_free(report);
	pipeline->parts.assessment.clusters = clusters;
	domain_clusters_free(pipeline->clusters);
	pipeline->clusters = clusters;
}

static void
judge_again(struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < pipeline->shard_count; i++) {
		struct shard *shard = pipeline->shards[i];

		shard_set_taker(
		    shard, assessment_observe, pipeline->assessment);
		shard_say_again(shard, pipeline->moment);
	}
}

void
pipeline_set_world(struct pipeline *pipeline, const struct inventory *inventory,
    struct policy *policy)
{
	struct assessment_parts *parts = &pipeline->parts.assessment;
	bool other = parts->policy != policy;

	pipeline_flush(pipeline);
	parts->inventory = inventory;
	parts->policy = policy;
	find_clusters(pipeline);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_follow(pipeline->shards[i], inventory, parts->clusters);
	assessment_follow(
	    pipeline->assessment, inventory, parts->clusters, policy);
	if (other && pipeline->counts.packets > 0)
		judge_again(pipeline);
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
end_flows(struct pipeline *pipeline)
{
	struct instant began[SHARDS];

	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		began[i] = oldest(pipeline->shards[i]);
	for (;;) {
		uint32_t first = 0;

		for (uint32_t i = 1; i < pipeline->shard_count; i++)
			if (instant_before(began[i], began[first]))
				first = i;
		if (shard_oldest(pipeline->shards[first]) == NULL)
			break;
		shard_end_oldest(pipeline->shards[first], pipeline->moment);
		began[first] = oldest(pipeline->shards[first]);
	}
}

void
pipeline_finish(struct pipeline *pipeline)
{
	end_doubts(pipeline);
	pipeline_flush(pipeline);
	reassembly_end_all(pipeline->reassembly);
	pipeline_flush(pipeline);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_set_taker(pipeline->shards[i], assessment_observe,
		    pipeline->assessment);
	end_flows(pipeline);
	assessment_finish(pipeline->assessment, pipeline->counts.last);
}

/* --- life ----------------------------------------------------------------- */

/* How many shards the worker has. */
static uint32_t
shards_of(const struct pipeline *pipeline, uint32_t worker)
{
	uint32_t workers = pipeline->parts.workers;

	return (pipeline->shard_count - worker + workers - 1) / workers;
}

static bool
make_pools(struct pipeline *pipeline, const char **fault)
{
	uint32_t flows = pipeline->parts.flow_capacity / pipeline->shard_count;
	uint32_t sessions = NDPI_SESSIONS / pipeline->shard_count;
	uint32_t first = 0;

	for (uint32_t i = 0; i < pipeline->parts.workers; i++) {
		uint32_t shards = shards_of(pipeline, i);

		pipeline->pools[i] = shard_pool_new(
		    shards * flows, shards * sessions, first, fault);
		if (pipeline->pools[i] == NULL)
			return false;
		first += shards * flows;
	}
	return true;
}

static bool
make_shards(struct pipeline *pipeline, const char **fault)
{
	struct shard_parts parts = {
	    .flow_capacity =
		pipeline->parts.flow_capacity / pipeline->shard_count,
	    .ndpi_sessions = NDPI_SESSIONS / pipeline->shard_count,
	    .inventory = pipeline->parts.assessment.inventory,
	    .clusters = pipeline->parts.assessment.clusters,
	    .key = &pipeline->parts.key,
	    .take = assessment_observe,
	    .context = pipeline->assessment,
	};

	for (uint32_t i = 0; i < pipeline->shard_count; i++) {
		parts.number = i;
		parts.pool = pipeline->pools[i % pipeline->parts.workers];
		pipeline->shards[i] = shard_new(&parts);
		if (pipeline->shards[i] == NULL) {
			*fault = "no memory to find flows; try a smaller "
				 "--flow-capacity";
			return false;
		}
	}
	return true;
}

static bool
make_parts(struct pipeline *pipeline, const char **fault)
{
	uint32_t workers = pipeline->parts.workers;

	pipeline->assessment = assessment_new(&pipeline->parts.assessment,
	    pipeline->parts.flow_capacity, &pipeline->parts.key);
	if (!make_pools(pipeline, fault) || !make_shards(pipeline, fault))
		return false;
	pipeline->reassembly = reassembly_new(&reassembly_limits_default,
	    &pipeline->parts.key, datagram_is_ready, pipeline);
	if (pipeline->reassembly == NULL) {
		*fault = "no memory for fragments";
		return false;
	}
	if (workers == 1)
		return true;
	pipeline->workers = workers_new(pipeline->shards, pipeline->shard_count,
	    workers, assessment_observe, pipeline->assessment);
	if (pipeline->workers == NULL)
		*fault = "no threads to be had; try fewer --threads";
	return pipeline->workers != NULL;
}

struct pipeline *
pipeline_new(const struct pipeline_parts *parts, const char **fault)
{
	struct pipeline *pipeline = allocate(1, sizeof(*pipeline));

	assert(parts->workers >= 1 && parts->workers <= WORKERS_MAXIMUM);
	pipeline->parts = *parts;
	if (parts->key.words[0] == 0 && parts->key.words[1] == 0)
		pipeline->parts.key = replay_key;
	pipeline->shard_count =
	    parts->flow_capacity < SHARDS * SHARD_CAPACITY_LEAST ? 1 : SHARDS;
	if (pipeline->parts.workers > pipeline->shard_count)
		pipeline->parts.workers = pipeline->shard_count;
	if (!make_parts(pipeline, fault)) {
		pipeline_free(pipeline);
		return NULL;
	}
	return pipeline;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	workers_free(pipeline->workers);
	for (uint32_t i = 0; i < SHARDS; i++)
		shard_free(pipeline->shards[i]);
	for (uint32_t i = 0; i < WORKERS_MAXIMUM; i++)
		shard_pool_free(pipeline->pools[i]);
	reassembly_free(pipeline->reassembly);
	doubted_release(&pipeline->doubted);
	assessment_free(pipeline->assessment);
	domain_clusters_free(pipeline->clusters);
	free(pipeline);
}

struct pipeline_counts
pipeline_counts(const struct pipeline *pipeline)
{
	struct pipeline_counts counts = pipeline->counts;

	counts.clock = pipeline->clock.counts;
	counts.reassembly = reassembly_counts(pipeline->reassembly);
	counts.assessment = assessment_counts(pipeline->assessment);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_counts_add(&counts.shards, pipeline->shards[i]);
	return counts;
}
