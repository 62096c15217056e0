#include "sensor/live/live_metrics.h"

#include <ctype.h>
#include <inttypes.h>

#include "classifiers/appid.h"
#include "sensor/base/text.h"
#include "sensor/live/exposition.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_losses.h"
#include "sensor/live/live_metrics_parts.h"

/* --- capture -------------------------------------------------------------- */

/* What is counted for every interface, and where that stands. */
struct capture_metric {
	const char *name, *help;
	size_t offset; /* in struct capture_live_counts */
};

static const struct capture_metric capture_metrics[] = {
    {"capture_kernel_packets_total",
	"Packets that passed the filter in the kernel.",
	offsetof(struct capture_live_counts, received)},
    {"capture_kernel_drops_total",
	"Of them, packets that found no room in the ring.",
	offsetof(struct capture_live_counts, dropped)},
    {"capture_interface_drops_total",
	"Packets lost by the interface or its driver.",
	offsetof(struct capture_live_counts, interface)},
    {"capture_packets_total", "Packets taken from the ring.",
	offsetof(struct capture_live_counts, taken)},
    {"capture_bytes_total", "Octets of them on the wire.",
	offsetof(struct capture_live_counts, octets)},
    {"capture_interface_downs_total", "Times the interface was found down.",
	offsetof(struct capture_live_counts, downs)},
};

static uint64_t
value_at(const struct capture_live_counts *counts, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)counts + offset, sizeof(value));
	return value;
}

static void
write_capture(struct text *out, const struct live_counts *counts)
{
	size_t count = sizeof(capture_metrics) / sizeof(capture_metrics[0]);

	for (size_t m = 0; m < count; m++) {
		const struct capture_metric *metric = &capture_metrics[m];

		exposition_family(out, metric->name, "counter", metric->help);
		for (size_t i = 0; i < counts->interface_count; i++)
			exposition_labelled(out, metric->name, "interface",
			    counts->interfaces[i].name,
			    value_at(
				&counts->interfaces[i].counts, metric->offset));
	}
	exposition_family(out, "capture_lost_with_workers_total", "counter",
	    "Packets that had come to a worker that died.");
	for (size_t i = 0; i < counts->interface_count; i++)
		exposition_labelled(out, "capture_lost_with_workers_total",
		    "interface", counts->interfaces[i].name,
		    counts->interfaces[i].lost);
	exposition_family(out, "capture_unread_packets", "gauge",
	    "Packets that wait in the ring.");
	for (size_t i = 0; i < counts->interface_count; i++)
		exposition_labelled(out, "capture_unread_packets", "interface",
		    counts->interfaces[i].name,
		    live_counts_unread(&counts->interfaces[i]));
}

/* --- workers -------------------------------------------------------------- */

static void
write_workers(struct text *out, const struct live_counts *counts)
{
	exposition_plain(out, "workers", "gauge",
	    "Processes that read packets.", counts->worker_count);
	exposition_plain(out, "worker_deaths_total", "counter",
	    "Workers that died and were replaced.", live_counts_deaths(counts));
	exposition_plain(out, "flows_lost_total", "counter",
	    "Flows whose end no worker could tell.", counts->lost_flows);
	exposition_family(out, "observations_dropped_total", "counter",
	    "Observations that found no room on their way to the sensor.");
	for (size_t i = 0; i < OBSERVATION_KINDS; i++)
		exposition_labelled(out, "observations_dropped_total", "kind",
		    observation_kind_name((enum observation_kind)i),
		    counts->unsaid[i]);
	exposition_plain(out, "observations_late_total", "counter",
	    "Observations that came after later ones of other workers.",
	    counts->late);
	exposition_plain(out, "observations_refused_total", "counter",
	    "Messages that no worker would send.", counts->unsound);
}

/* --- packets, flows, findings --------------------------------------------- */

static void
write_decoder(struct text *out, const struct pipeline_counts *counts)
{
	exposition_plain(out, "decoder_packets_total", "counter",
	    "Packets decoded.", counts->packets);
	exposition_family(out, "decoder_errors_total", "counter",
	    "Of them, those that could not be, by why.");
	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		if (s != FRAME_OK && s != FRAME_FRAGMENT && s != FRAME_NOT_IP)
			exposition_labelled(out, "decoder_errors_total",
			    "reason", frame_status_name((enum frame_status)s),
			    counts->frames[s]);
	exposition_family(out, "decoder_frames_total", "counter",
	    "Packets by how decoding went.");
	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		exposition_labelled(out, "decoder_frames_total", "status",
		    frame_status_name((enum frame_status)s), counts->frames[s]);
}

/* --- evidence, delays, the process ---------------------------------------- */

static void
write_evidence(struct text *out, const struct live_counts *counts)
{
	const struct witness_counts *witness = &counts->witness;

	if (!counts->witnesses)
		return;
	exposition_plain(out, "evidence_packets_offered_total", "counter",
	    "Packets of flows.", counts->evidence.offered);
	exposition_plain(out, "evidence_packets_kept_total", "counter",
	    "Of them, kept for a while.", counts->evidence.kept);
	exposition_plain(out, "evidence_findings_total", "counter",
	    "Findings whose packets were looked for.", witness->findings);
	exposition_plain(out, "evidence_packets_written_total", "counter",
	    "Packets of findings written.", witness->file.packets);
	exposition_plain(out, "evidence_packets_lost_total", "counter",
	    "Packets of findings that could not be.", witness->file.lost);
}

/* One bound in three or four is enough for who reads a graph. */
static void
write_delays(struct text *out, const struct delays *delays)
{
	static const char name[] = "detection_delay_seconds";
	uint64_t sum = 0;

	exposition_family(
	    out, name, "histogram", "From a packet to its alert.");
	for (size_t i = 0; i < DELAY_BOUNDS; i++) {
		sum += delays->counts[i];
		if (i % 10 == 0 || i % 10 == 4 || i % 10 == 7)
			text_format(out,
			    "hedgerow_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
			    (double)delay_bound(i) / 1e9, sum);
	}
	text_format(out, "hedgerow_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name,
	    delays->count);
	text_format(out,
	    "hedgerow_%s_sum %.6f\nhedgerow_%s_count %" PRIu64 "\n", name,
	    (double)delays->sum / 1e9, name, delays->count);
}

/* Named as every program's are, without ours before. */
static void
write_process(struct text *out, const struct live_counts *counts)
{
	text_format(out,
	    "# HELP process_cpu_seconds_total Of the process that judges.\n"
	    "# TYPE process_cpu_seconds_total counter\n"
	    "process_cpu_seconds_total %.2f\n"
	    "# HELP process_start_time_seconds When it began.\n"
	    "# TYPE process_start_time_seconds gauge\n"
	    "process_start_time_seconds %.3f\n",
	    (double)counts->process.cpu / 1e9, (double)counts->began.ns / 1e9);
	if (counts->process.resident > 0)
		text_format(out,
		    "# HELP process_resident_memory_bytes Its memory.\n"
		    "# TYPE process_resident_memory_bytes gauge\n"
		    "process_resident_memory_bytes %" PRIu64 "\n",
		    counts->process.resident);
}

void
live_metrics_page(struct text *out, const struct live_counts *counts)
{
	exposition_family(out, "build_info", "gauge", "The version that runs.");
	text_format(out,
	    "hedgerow_build_info{version=\"%s\",ndpi_version=\"%s\"} 1\n",
	    HEDGEROW_VERSION, appid_version());
	live_metrics_state(out, counts);
	write_capture(out, counts);
	write_workers(out, counts);
	write_decoder(out, &counts->pipeline);
	live_metrics_flows(out, &counts->pipeline);
	write_evidence(out, counts);
	write_delays(out, &counts->delays);
	live_losses_write_metrics(out, counts);
	write_process(out, counts);
	live_metrics_outputs(out, counts);
	live_delivery_write_metrics(out, &counts->delivery);
}
