#include "sensor/run/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "classifiers/ndpi.h"
#include "sensor/base/arena.h"
#include "sensor/packet.h"

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

struct pipeline {
	struct pipeline_parts parts;
	struct reassembly *reassembly;
	struct ndpi_module *ndpi[WORKERS_MAXIMUM]; /* one for each worker */
	struct shard *shards[SHARDS];
	uint32_t shard_count;
	struct workers *workers; /* NULL: there is one, the caller */
	struct assessment *assessment;
	struct moment moment;   /* of the packet at hand */
	struct instant clocked; /* when shards were last told the time */
	struct pipeline_counts counts;
};

/* In replay the key must not change the order of anything. */
static const struct hash_key key = {{0x6865646765726f77, 1}};

/* --- flow ----------------------------------------------------------------- */

static void
track(struct pipeline *pipeline, const struct frame *frame)
{
	uint32_t shard = shard_of(frame, &key, pipeline->shard_count);

	pipeline->moment.order++; /* several datagrams may come of a packet */
	if (pipeline->workers == NULL)
		shard_frame(pipeline->shards[shard], frame, pipeline->moment);
	else
		workers_frame(
		    pipeline->workers, shard, frame, pipeline->moment);
}

static void
datagram_is_ready(
    const struct packet *packet, const struct frame *frame, void *context)
{
	(void)packet;
	track(context, frame);
}

static void
tell_time(struct pipeline *pipeline)
{
	pipeline->clocked = pipeline->moment.at;
	if (pipeline->workers != NULL)
		workers_clock(pipeline->workers, pipeline->moment);
	else
		for (uint32_t i = 0; i < pipeline->shard_count; i++)
			shard_clock(pipeline->shards[i], pipeline->moment);
}

/* --- packet --------------------------------------------------------------- */

/* Time only moves forward, as it does in the flow table. */
static void
count_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct pipeline_counts *counts = &pipeline->counts;
	bool first = counts->packets++ == 0;

	counts->octets += packet->length;
	if (first)
		counts->first = counts->last = packet->at;
	else if (instant_before(counts->last, packet->at))
		counts->last = packet->at;
	pipeline->moment.order++;
	pipeline->moment.packet = packet->number;
	pipeline->moment.at = counts->last;
	if (first ||
	    instant_since(counts->last, pipeline->clocked) >= CLOCK_INTERVAL)
		tell_time(pipeline);
}

enum frame_status
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct frame frame;
	enum frame_status status = frame_decode(packet, &frame);

	count_packet(pipeline, packet);
	pipeline->counts.frames[status]++;
	if (status == FRAME_FRAGMENT)
		reassembly_add(pipeline->reassembly, packet, &frame);
	else
		reassembly_expire(pipeline->reassembly, packet->at);
	if (status == FRAME_OK)
		track(pipeline, &frame);
	return status;
}

void
pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename)
{
	if (pipeline->workers != NULL)
		workers_drain(pipeline->workers);
	assessment_set_file(pipeline->assessment, pcap_filename);
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
	reassembly_end_all(pipeline->reassembly);
	if (pipeline->workers != NULL)
		workers_drain(pipeline->workers);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_set_taker(pipeline->shards[i], assessment_observe,
		    pipeline->assessment);
	end_flows(pipeline);
	assessment_finish(pipeline->assessment, pipeline->counts.last);
}

/* --- life ----------------------------------------------------------------- */

static bool
make_ndpi(struct pipeline *pipeline, const char **fault)
{
	uint32_t workers = pipeline->parts.workers;
	/* Rounded up: one worker may have one shard more than another. */
	uint32_t sessions = (pipeline->shard_count + workers - 1) / workers *
			    (NDPI_SESSIONS / pipeline->shard_count);

	for (uint32_t i = 0; i < workers; i++) {
		pipeline->ndpi[i] = ndpi_module_new(sessions, fault);
		if (pipeline->ndpi[i] == NULL)
			return false;
	}
	return true;
}

static bool
make_shards(struct pipeline *pipeline, const char **fault)
{
	struct shard_parts parts = {
	    .count = pipeline->shard_count,
	    .flow_capacity =
		pipeline->parts.flow_capacity / pipeline->shard_count,
	    .ndpi_sessions = NDPI_SESSIONS / pipeline->shard_count,
	    .inventory = pipeline->parts.assessment.inventory,
	    .key = &key,
	    .take = assessment_observe,
	    .context = pipeline->assessment,
	};

	for (uint32_t i = 0; i < pipeline->shard_count; i++) {
		parts.number = i;
		parts.ndpi = pipeline->ndpi[i % pipeline->parts.workers];
		pipeline->shards[i] = shard_new(&parts);
		if (pipeline->shards[i] == NULL) {
			*fault = "no memory for the flow table; try a smaller "
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

	pipeline->assessment = assessment_new(
	    &pipeline->parts.assessment, pipeline->parts.flow_capacity, &key);
	if (!make_ndpi(pipeline, fault) || !make_shards(pipeline, fault))
		return false;
	pipeline->reassembly = reassembly_new(
	    &reassembly_limits_default, &key, datagram_is_ready, pipeline);
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
		ndpi_module_free(pipeline->ndpi[i]);
	reassembly_free(pipeline->reassembly);
	assessment_free(pipeline->assessment);
	free(pipeline);
}

struct pipeline_counts
pipeline_counts(const struct pipeline *pipeline)
{
	struct pipeline_counts counts = pipeline->counts;

	counts.reassembly = reassembly_counts(pipeline->reassembly);
	counts.assessment = assessment_counts(pipeline->assessment);
	for (uint32_t i = 0; i < pipeline->shard_count; i++)
		shard_counts_add(&counts.shards, pipeline->shards[i]);
	return counts;
}
