#include <ctype.h>
#include <inttypes.h>

#include "classifiers/appid.h"
#include "sensor/base/text.h"
#include "sensor/run/live_counts.h"
#include "sensor/run/live_losses.h"

static void
family(struct text *out, const char *name, const char *type, const char *help)
{
	text_format(out, "# HELP hedgerow_%s %s\n# TYPE hedgerow_%s %s\n", name,
	    help, name, type);
}

static void
plain(struct text *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	family(out, name, type, help);
	text_format(out, "hedgerow_%s %" PRIu64 "\n", name, value);
}

/* A label's value, which may hold any character but these three as it is. */
static void
labelled(struct text *out, const char *name, const char *label,
    const char *value, uint64_t number)
{
	text_format(out, "hedgerow_%s{%s=\"", name, label);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			text_add_char(out, '\\');
		text_add_char(out, *c == '\n' ? ' ' : *c);
	}
	text_format(out, "\"} %" PRIu64 "\n", number);
}

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

		family(out, metric->name, "counter", metric->help);
		for (size_t i = 0; i < counts->interface_count; i++)
			labelled(out, metric->name, "interface",
			    counts->interfaces[i].name,
			    value_at(
				&counts->interfaces[i].counts, metric->offset));
	}
	family(out, "capture_lost_with_workers_total", "counter",
	    "Packets that had come to a worker that died.");
	for (size_t i = 0; i < counts->interface_count; i++)
		labelled(out, "capture_lost_with_workers_total", "interface",
		    counts->interfaces[i].name, counts->interfaces[i].lost);
	family(out, "capture_unread_packets", "gauge",
	    "Packets that wait in the ring.");
	for (size_t i = 0; i < counts->interface_count; i++)
		labelled(out, "capture_unread_packets", "interface",
		    counts->interfaces[i].name,
		    live_counts_unread(&counts->interfaces[i]));
}

/* --- workers -------------------------------------------------------------- */

static void
write_workers(struct text *out, const struct live_counts *counts)
{
	plain(out, "workers", "gauge", "Processes that read packets.",
	    counts->worker_count);
	plain(out, "worker_deaths_total", "counter",
	    "Workers that died and were replaced.", live_counts_deaths(counts));
	plain(out, "flows_lost_total", "counter",
	    "Flows whose end no worker could tell.", counts->lost_flows);
	family(out, "observations_dropped_total", "counter",
	    "Observations that found no room on their way to the sensor.");
	for (size_t i = 0; i < OBSERVATION_KINDS; i++)
		labelled(out, "observations_dropped_total", "kind",
		    observation_kind_name((enum observation_kind)i),
		    counts->unsaid[i]);
	plain(out, "observations_late_total", "counter",
	    "Observations that came after later ones of other workers.",
	    counts->late);
	plain(out, "observations_refused_total", "counter",
	    "Messages that no worker would send.", counts->unsound);
}

/* --- packets, flows, findings --------------------------------------------- */

static void
write_decoder(struct text *out, const struct pipeline_counts *counts)
{
	plain(out, "decoder_packets_total", "counter", "Packets decoded.",
	    counts->packets);
	family(out, "decoder_errors_total", "counter",
	    "Of them, those that could not be, by why.");
	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		if (s != FRAME_OK && s != FRAME_FRAGMENT && s != FRAME_NOT_IP)
			labelled(out, "decoder_errors_total", "reason",
			    frame_status_name((enum frame_status)s),
			    counts->frames[s]);
	family(out, "decoder_frames_total", "counter",
	    "Packets by how decoding went.");
	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		labelled(out, "decoder_frames_total", "status",
		    frame_status_name((enum frame_status)s), counts->frames[s]);
}

static void
write_verdicts(struct text *out, const struct assessment_counts *judged)
{
	family(out, "policy_verdicts_total", "counter", "Flows by verdict.");
	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		labelled(out, "policy_verdicts_total", "verdict",
		    verdict_kind_name((enum verdict_kind)v),
		    judged->verdicts[v]);
	family(out, "policy_deviations_total", "counter",
	    "Flows that deviate, by how.");
	for (int d = DEVIATION_SEGMENT; d <= DEVIATION_RELATIONSHIP; d++)
		labelled(out, "policy_deviations_total", "deviation",
		    deviation_name((enum deviation)d), judged->deviations[d]);
	family(out, "workload_lookups_total", "counter",
	    "Ends of flows by what is known of who they are.");
	for (int a = ATTRIBUTION_EXACT; a <= ATTRIBUTION_STALE; a++)
		labelled(out, "workload_lookups_total", "result",
		    attribution_name((enum attribution)a),
		    judged->attributions[a]);
}

static void
write_applications(struct text *out, const struct appid_counts *counts)
{
	const struct {
		const char *by;
		uint64_t count;
	} ways[] = {
	    {"own", counts->own},
	    {"ndpi", counts->ndpi},
	    {"none", counts->given_up},
	};

	family(out, "app_classifications_total", "counter",
	    "Flows by what told their application.");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		labelled(out, "app_classifications_total", "by", ways[i].by,
		    ways[i].count);
}

static void
write_flows(struct text *out, const struct pipeline_counts *counts)
{
	const struct assessment_counts *judged = &counts->assessment;

	plain(out, "flows_created_total", "counter", "Flows that began.",
	    counts->shards.flows.created);
	plain(out, "flows_ended_total", "counter", "Flows that ended.",
	    counts->shards.flows.ended);
	plain(out, "flows_active", "gauge", "Flows in progress.",
	    counts->shards.flows.live);
	family(out, "flow_evictions_total", "counter",
	    "Flows that ended before their time, by why.");
	labelled(out, "flow_evictions_total", "reason", "capacity",
	    counts->shards.flows.evicted);
	write_verdicts(out, judged);
	plain(out, "flows_infrastructure_total", "counter",
	    "Flows that are never judged.", judged->infrastructure);
	plain(out, "flows_copies_total", "counter",
	    "Flows that were a view of another one.", judged->copies);
	plain(out, "flows_waited_total", "counter",
	    "Flows whose verdict waited for metadata.", judged->late.waited);
	plain(out, "flows_named_late_total", "counter",
	    "Of them, those that metadata came for in time.",
	    judged->late.settled);
}

static void
write_findings(struct text *out, const struct assessment_counts *judged)
{
	const struct finding_counts *counts = &judged->findings;

	plain(out, "deviations_total", "counter",
	    "Flows that deviate, and what detectors raised.", counts->raised);
	family(out, "alerts_total", "counter",
	    "Of them, said as alerts, by how severe they are.");
	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++)
		labelled(out, "alerts_total", "severity",
		    severity_name((enum severity)s), judged->severities[s]);
	plain(out, "alerts_suppressed_total", "counter",
	    "Of them, counted in a finding that was said.", counts->suppressed);
	plain(out, "alerts_dropped_total", "counter",
	    "Of them, lost for want of room.", counts->dropped);
}

/* --- evidence, delays, the process ---------------------------------------- */

static void
write_evidence(struct text *out, const struct live_counts *counts)
{
	const struct witness_counts *witness = &counts->witness;

	if (!counts->witnesses)
		return;
	plain(out, "evidence_packets_offered_total", "counter",
	    "Packets of flows.", counts->evidence.offered);
	plain(out, "evidence_packets_kept_total", "counter",
	    "Of them, kept for a while.", counts->evidence.kept);
	plain(out, "evidence_findings_total", "counter",
	    "Findings whose packets were looked for.", witness->findings);
	plain(out, "evidence_packets_written_total", "counter",
	    "Packets of findings written.", witness->file.packets);
	plain(out, "evidence_packets_lost_total", "counter",
	    "Packets of findings that could not be.", witness->file.lost);
}

/* One bound in three or four is enough for who reads a graph. */
static void
write_delays(struct text *out, const struct delays *delays)
{
	static const char name[] = "detection_delay_seconds";
	uint64_t sum = 0;

	family(out, name, "histogram", "From a packet to its alert.");
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

/* --- the slow side -------------------------------------------------------- */

static void
write_outputs(struct text *out, const struct live_counts *counts)
{
	family(out, "output_events_total", "counter", "Records written.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			labelled(out, "output_events_total", "sink",
			    counts->sinks[i].name, counts->sinks[i].written);
	family(out, "output_dropped_events_total", "counter", "Records lost.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			labelled(out, "output_dropped_events_total", "sink",
			    counts->sinks[i].name, counts->sinks[i].lost);
	family(out, "output_waiting_events", "gauge",
	    "Records that their sink does not take yet.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			labelled(out, "output_waiting_events", "sink",
			    counts->sinks[i].name, counts->sinks[i].waiting);
}

static void
write_state(struct text *out, const struct live_counts *counts)
{
	plain(out, "ready", "gauge", "Whether nothing is wrong.",
	    counts->reason_count == 0);
	plain(out, "start_timestamp_seconds", "gauge", "When it began.",
	    (uint64_t)(counts->began.ns / NS_PER_SECOND));
	plain(out, "workloads", "gauge", "Workloads known, of every time.",
	    counts->workloads);
	if (counts->metadata_age_ns >= 0)
		plain(out, "metadata_age_seconds", "gauge",
		    "Since a source of metadata was heard.",
		    (uint64_t)(counts->metadata_age_ns / NS_PER_SECOND));
	plain(out, "reloads_total", "counter", "Reloads that were tried.",
	    counts->reloads);
	plain(out, "reloads_failed_total", "counter",
	    "Of them, those that kept the old models.", counts->reloads_failed);
	plain(out, "model_reload_success", "gauge",
	    "Whether the last reload took.", !counts->reload_failed);
	plain(out, "model_reload_success_timestamp_seconds", "gauge",
	    "When models were read for the last time.",
	    (uint64_t)((counts->reloaded.ns == 0 ? counts->began.ns
						 : counts->reloaded.ns) /
		       NS_PER_SECOND));
	plain(out, "clock_steps_total", "counter",
	    "Times that stamps stepped by more than packets do.",
	    counts->pipeline.clock.forward + counts->pipeline.clock.back);
}

void
live_counts_metrics(struct text *out, const struct live_counts *counts)
{
	family(out, "build_info", "gauge", "The version that runs.");
	text_format(out,
	    "hedgerow_build_info{version=\"%s\",ndpi_version=\"%s\"} 1\n",
	    HEDGEROW_VERSION, appid_version());
	write_state(out, counts);
	write_capture(out, counts);
	write_workers(out, counts);
	write_decoder(out, &counts->pipeline);
	write_flows(out, &counts->pipeline);
	write_findings(out, &counts->pipeline.assessment);
	write_applications(out, &counts->pipeline.shards.appid);
	write_evidence(out, counts);
	write_delays(out, &counts->delays);
	live_losses_write_metrics(out, counts);
	write_process(out, counts);
	write_outputs(out, counts);
	live_delivery_write_metrics(out, &counts->delivery);
}
