#include "sensor/live/live_losses.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/live/live_counts.h"

static const struct {
	const char *what, *stage;
} names[LOSS_COUNT] = {
    [LOSS_INTERFACE] = {"packets", "interface"},
    [LOSS_KERNEL] = {"packets", "kernel"},
    [LOSS_WORKERS] = {"packets", "queue"},
    [LOSS_DECODE] = {"packets", "decode"},
    [LOSS_FLOW_CAPACITY] = {"flows", "capacity"},
    [LOSS_FLOW_WORKERS] = {"flows", "queue"},
    [LOSS_FINDINGS] = {"records", "findings"},
    [LOSS_SINKS] = {"records", "sinks"},
    [LOSS_EVIDENCE_OVERWRITTEN] = {"evidence", "overwritten"},
    [LOSS_EVIDENCE_DISK] = {"evidence", "disk"},
};

/* What is not IP is nobody's flow, and a fragment waits for others. */
static uint64_t
undecoded(const struct pipeline_counts *counts)
{
	uint64_t sum = 0;

	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		if (s != FRAME_OK && s != FRAME_FRAGMENT && s != FRAME_NOT_IP)
			sum += counts->frames[s];
	return sum;
}

struct live_losses
live_losses_of(const struct live_counts *counts)
{
	struct capture_live_counts capture = live_counts_capture(counts);
	const struct pipeline_counts *pipeline = &counts->pipeline;
	const struct witness_counts *witness = &counts->witness;
	struct live_losses losses = {{0}};

	losses.at[LOSS_INTERFACE] = capture.interface;
	losses.at[LOSS_KERNEL] = capture.dropped;
	for (size_t i = 0; i < counts->interface_count; i++)
		losses.at[LOSS_WORKERS] += counts->interfaces[i].lost;
	losses.at[LOSS_FLOW_WORKERS] = counts->lost_flows;
	losses.at[LOSS_DECODE] = undecoded(pipeline);
	losses.at[LOSS_FLOW_CAPACITY] = pipeline->shards.flows.evicted;
	losses.at[LOSS_FINDINGS] = pipeline->assessment.findings.dropped;
	for (size_t i = 0; i < LIVE_SINKS; i++)
		losses.at[LOSS_SINKS] += counts->sinks[i].lost;
	losses.at[LOSS_SINKS] += counts->delivery.journal.lost;
	losses.at[LOSS_EVIDENCE_OVERWRITTEN] = witness->partial + witness->none;
	losses.at[LOSS_EVIDENCE_DISK] = witness->file.lost;
	return losses;
}

/* An object for each thing that gets lost, with the sum of its stages. */
void
live_losses_write_stats(
    struct json_writer *writer, const struct live_counts *counts)
{
	struct live_losses losses = live_losses_of(counts);
	int i = 0;

	json_object_open(writer, "drop");
	while (i < LOSS_COUNT) {
		const char *what = names[i].what;
		uint64_t total = 0;

		json_object_open(writer, what);
		for (; i < LOSS_COUNT && strcmp(names[i].what, what) == 0;
		     i++) {
			json_put_int(
			    writer, names[i].stage, (int64_t)losses.at[i]);
			total += losses.at[i];
		}
		json_put_int(writer, "total", (int64_t)total);
		json_object_close(writer);
	}
	json_object_close(writer);
}

void
live_losses_write_metrics(struct text *out, const struct live_counts *counts)
{
	struct live_losses losses = live_losses_of(counts);

	text_add(out,
	    "# HELP hedgerow_drops_total What got lost, by what it was and "
	    "where.\n# TYPE hedgerow_drops_total counter\n");
	for (int i = 0; i < LOSS_COUNT; i++)
		text_format(out,
		    "hedgerow_drops_total{what=\"%s\",stage=\"%s\"} %" PRIu64
		    "\n",
		    names[i].what, names[i].stage, losses.at[i]);
}
