#include "sensor/commands/replay_evidence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/sink.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_stats.h"
#include "sensor/run/exit.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/witness.h"

#define STATS_MAXIMUM 65536

/*
 * What follows an alert is in the ring until far more packets than that have
 * come.
 */
#define LOOK_PACKETS 1024

static const struct evidence_settings ring_settings = EVIDENCE_SETTINGS_DEFAULT;

int
replay_evidence_open(struct replay_evidence *evidence, const char *path,
    struct pipeline_parts *parts)
{
	const struct witness_settings settings = {
	    .evidence = ring_settings,
	    .file = {.path = path,
		.size = EVIDENCE_FILE_SIZE_DEFAULT,
		.count = EVIDENCE_FILE_COUNT_DEFAULT,
		.program = "hedgerow " HEDGEROW_VERSION},
	    .follow = WITNESS_FOLLOW_DEFAULT,
	};
	int error = -ENOMEM;

	if (path == NULL)
		return EXIT_DONE;
	evidence->path = path;
	evidence->ring = evidence_new(&ring_settings);
	if (evidence->ring != NULL)
		evidence->witness = witness_new(&settings, &error);
	if (evidence->witness == NULL) {
		fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(-error));
		evidence_free(evidence->ring, &ring_settings);
		return error == -EACCES || error == -EPERM ? EXIT_PERMISSION
							   : EXIT_USAGE;
	}
	parts->workers = 1;
	parts->evidence = evidence->ring;
	parts->assessment.raised = witness_raised;
	parts->assessment.raised_context = evidence->witness;
	return EXIT_DONE;
}

void
replay_evidence_follow(
    struct replay_evidence *evidence, const struct pipeline *pipeline)
{
	if (evidence->witness != NULL)
		witness_source(
		    evidence->witness, evidence->ring, pipeline_key(pipeline));
}

void
replay_evidence_look(
    struct replay_evidence *evidence, uint64_t packets, struct instant now)
{
	if (evidence->witness != NULL && packets % LOOK_PACKETS == 0)
		witness_look(evidence->witness, now);
}

void
replay_evidence_finish(struct replay_evidence *evidence)
{
	if (evidence->witness != NULL)
		witness_finish(evidence->witness);
}

int
replay_evidence_close(struct replay_evidence *evidence, int code)
{
	struct witness_counts counts;

	if (evidence->witness == NULL)
		return code;
	counts = witness_counts(evidence->witness);
	if (counts.file.lost > 0) {
		fprintf(stderr,
		    "hedgerow: %s: %s; %" PRIu64 " packets were lost\n",
		    evidence->path, strerror(-counts.file.error),
		    counts.file.lost);
		code = EXIT_INTERNAL;
	}
	witness_free(evidence->witness);
	evidence_free(evidence->ring, &ring_settings);
	return code;
}

void
replay_stats_write(struct sink *sink, const char *sensor,
    const struct pipeline_counts *pipeline,
    const struct replay_evidence *evidence)
{
	struct live_counts *counts;
	struct text line;

	if (sink == NULL)
		return;
	counts = allocate(1, sizeof(*counts));
	counts->began = pipeline->first;
	counts->now = pipeline->last;
	counts->host = sensor;
	counts->pipeline = *pipeline;
	if (evidence->witness != NULL) {
		counts->witnesses = true;
		counts->witness = witness_counts(evidence->witness);
		counts->evidence = evidence_counts(evidence->ring);
	}
	text_init(&line, STATS_MAXIMUM);
	live_stats_record(&line, counts);
	sink_line(sink, &line);
	text_release(&line);
	free(counts);
}
