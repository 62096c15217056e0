#include "sensor/run/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/domain_clusters.h"
#include "classifiers/inventory/service_set.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/run/detection.h"

struct pipeline {
	struct pipeline_parts parts;
	struct observer *observer;
	struct assessment *assessment;
	struct service_set *services;     /* owned */
	struct domain_clusters *clusters; /* own, of a newer inventory */
};

/* In replay the key must not change the order of anything. */
static const struct hash_key replay_key = {{0x6865646765726f77, 1}};

/* --- packets -------------------------------------------------------------- */

enum frame_status
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	return observer_packet(pipeline->observer, packet);
}

void
pipeline_clock(struct pipeline *pipeline, struct instant wall)
{
	observer_clock(pipeline->observer, wall);
}

void
pipeline_flush(struct pipeline *pipeline)
{
	observer_flush(pipeline->observer);
}

void
pipeline_set_file(struct pipeline *pipeline, const char *pcap_filename)
{
	observer_new_capture(pipeline->observer);
	assessment_set_file(pipeline->assessment, pcap_filename);
}

void
pipeline_set_interface(struct pipeline *pipeline, const char *name)
{
	observer_set_interface(pipeline->observer, name);
}

/* --- the world ------------------------------------------------------------ */

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
	service_set_follow(pipeline->services, inventory);
	assessment_follow(
	    pipeline->assessment, inventory, parts->clusters, policy);
	if (other && observer_counts(pipeline->observer).packets > 0)
		(void)observer_say_again(pipeline->observer, 0, UINT32_MAX);
}

void
pipeline_finish(struct pipeline *pipeline)
{
	observer_finish(pipeline->observer);
	assessment_finish(
	    pipeline->assessment, observer_counts(pipeline->observer).last);
}

/* --- life ----------------------------------------------------------------- */

static void
ask_for_detectors(
    struct observer_parts *parts, const struct detection *detection)
{
	if (detection == NULL)
		return;
	parts->messages = detection_messages(detection);
	parts->progress = detection_wants_progress(detection);
}

struct pipeline *
pipeline_new(const struct pipeline_parts *parts, const char **fault)
{
	struct pipeline *pipeline = allocate(1, sizeof(*pipeline));
	struct observer_parts observer = {
	    .key = parts->key,
	    .flow_capacity = parts->flow_capacity,
	    .threads = parts->workers,
	    .domains = parts->assessment.domains,
	    .evidence = parts->evidence,
	    .take = assessment_observe,
	};

	pipeline->parts = *parts;
	if (parts->key.words[0] == 0 && parts->key.words[1] == 0)
		observer.key = replay_key;
	pipeline->parts.key = observer.key;
	pipeline->services = allocate(1, sizeof(*pipeline->services));
	service_set_follow(pipeline->services, parts->assessment.inventory);
	pipeline->assessment = assessment_new(
	    &parts->assessment, parts->flow_capacity, &observer.key);
	observer.services = pipeline->services;
	ask_for_detectors(
	    &observer, assessment_detection(pipeline->assessment));
	observer.context = pipeline->assessment;
	pipeline->observer = observer_new(&observer, fault);
	if (pipeline->observer != NULL)
		return pipeline;
	pipeline_free(pipeline);
	return NULL;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	observer_free(pipeline->observer);
	assessment_free(pipeline->assessment);
	domain_clusters_free(pipeline->clusters);
	free(pipeline->services);
	free(pipeline);
}

struct detection *
pipeline_detection(const struct pipeline *pipeline)
{
	return assessment_detection(pipeline->assessment);
}

const struct hash_key *
pipeline_key(const struct pipeline *pipeline)
{
	return &pipeline->parts.key;
}

struct pipeline_counts
pipeline_counts_of(
    const struct observer_counts *seen, struct assessment_counts judged)
{
	struct pipeline_counts counts = {
	    .packets = seen->packets,
	    .octets = seen->octets,
	    .first = seen->first,
	    .last = seen->last,
	    .clock = seen->clock,
	    .reassembly = seen->reassembly,
	    .shards = seen->shards,
	    .assessment = judged,
	};

	memcpy(counts.frames, seen->frames, sizeof(counts.frames));
	return counts;
}

struct pipeline_counts
pipeline_counts(const struct pipeline *pipeline)
{
	struct observer_counts seen = observer_counts(pipeline->observer);

	return pipeline_counts_of(
	    &seen, assessment_counts(pipeline->assessment));
}
