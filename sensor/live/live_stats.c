#include "sensor/live/live_stats.h"

#include <ctype.h>

#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_losses.h"

static void
put(struct json_writer *writer, const char *key, uint64_t value)
{
	json_put_int(writer, key, (int64_t)value);
}

/* --- stats ---------------------------------------------------------------- */

static const char *
status_name(enum capture_live_status status)
{
	switch (status) {
	case CAPTURE_LIVE_OPEN:
		return "open";
	case CAPTURE_LIVE_DOWN:
		return "down";
	case CAPTURE_LIVE_GONE:
		return "gone";
	}
	return "";
}

static void
write_capture(struct json_writer *writer, const struct live_counts *counts)
{
	struct capture_live_counts sum = live_counts_capture(counts);

	json_object_open(writer, "capture");
	put(writer, "kernel_packets", sum.received);
	put(writer, "kernel_drops", sum.dropped);
	put(writer, "kernel_ifdrops", sum.interface);
	json_array_open(writer, "interfaces");
	for (size_t i = 0; i < counts->interface_count; i++) {
		const struct live_interface_counts *one =
		    &counts->interfaces[i];

		json_object_open(writer, NULL);
		json_put_string(writer, "name", one->name);
		json_put_string(writer, "state", status_name(one->status));
		put(writer, "kernel_packets", one->counts.received);
		put(writer, "kernel_drops", one->counts.dropped);
		put(writer, "unread", live_counts_unread(one));
		put(writer, "packets", one->counts.taken);
		put(writer, "lost_with_workers", one->lost);
		put(writer, "bytes", one->counts.octets);
		put(writer, "interface_drops", one->counts.interface);
		put(writer, "downs", one->counts.downs);
		json_object_close(writer);
	}
	json_array_close(writer);
	json_object_close(writer);
}

static void
write_unsaid(struct json_writer *writer, const struct live_counts *counts)
{
	json_object_open(writer, "observations_dropped");
	for (size_t i = 0; i < OBSERVATION_KINDS; i++)
		put(writer, observation_kind_name((enum observation_kind)i),
		    counts->unsaid[i]);
	json_object_close(writer);
}

static void
write_workers(struct json_writer *writer, const struct live_counts *counts)
{
	json_array_open(writer, "workers");
	for (size_t i = 0; i < counts->worker_count; i++) {
		const struct live_worker_counts *one = &counts->workers[i];

		json_object_open(writer, NULL);
		json_put_int(writer, "pid", one->process);
		put(writer, "started", one->started);
		put(writer, "deaths", one->died);
		json_object_close(writer);
	}
	json_array_close(writer);
	put(writer, "worker_deaths", live_counts_deaths(counts));
	write_unsaid(writer, counts);
	put(writer, "observations_late", counts->late);
	put(writer, "observations_refused", counts->unsound);
	put(writer, "sensor_waits", counts->waits);
}

/* Names of decoding are words with spaces; keys have none. */
static void
frame_key(enum frame_status status, char key[32])
{
	const char *name = frame_status_name(status);
	size_t i = 0;

	for (; name[i] != '\0' && i < 31; i++)
		key[i] = isalnum((unsigned char)name[i]) ? name[i] : '_';
	key[i] = '\0';
}

static void
write_decoder(struct json_writer *writer, const struct pipeline_counts *counts)
{
	char key[32];
	uint64_t fine = counts->frames[FRAME_OK] +
			counts->frames[FRAME_NOT_IP] +
			counts->frames[FRAME_FRAGMENT];

	json_object_open(writer, "decoder");
	put(writer, "pkts", counts->packets);
	put(writer, "bytes", counts->octets);
	put(writer, "invalid", counts->packets - fine);
	json_object_open(writer, "frames");
	for (int s = 0; s < FRAME_STATUS_COUNT; s++) {
		frame_key((enum frame_status)s, key);
		put(writer, key, counts->frames[s]);
	}
	json_object_close(writer);
	json_object_close(writer);
}

static void
write_flows(struct json_writer *writer, const struct live_counts *counts)
{
	const struct flowtable_counts *flows = &counts->pipeline.shards.flows;
	const struct assessment_counts *judged = &counts->pipeline.assessment;

	json_object_open(writer, "flow");
	put(writer, "created", flows->created);
	put(writer, "ended", flows->ended);
	put(writer, "active", flows->live);
	put(writer, "lost", counts->lost_flows);
	put(writer, "lost_judged", judged->forgotten);
	put(writer, "evicted", flows->evicted);
	put(writer, "duplicates", judged->duplicates);
	json_object_close(writer);
	json_object_open(writer, "verdict");
	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		put(writer, verdict_kind_name((enum verdict_kind)v),
		    judged->verdicts[v]);
	put(writer, "infrastructure", judged->infrastructure);
	put(writer, "copies", judged->copies);
	put(writer, "waited", judged->late.waited);
	put(writer, "named_late", judged->late.settled);
	json_object_close(writer);
}

static void
write_findings(struct json_writer *writer, const struct finding_counts *counts)
{
	json_object_open(writer, "finding");
	put(writer, "raised", counts->raised);
	put(writer, "emitted", counts->emitted);
	put(writer, "suppressed", counts->suppressed);
	put(writer, "dropped", counts->dropped);
	json_object_close(writer);
}

/* As Suricata calls it, for what reads that. */
static void
write_detect(struct json_writer *writer, const struct finding_counts *counts)
{
	json_object_open(writer, "detect");
	put(writer, "alert", counts->emitted);
	put(writer, "alerts_suppressed", counts->suppressed);
	json_object_close(writer);
}

/* Of the time that passes, and what makes it less sure. */
static void
write_clock(
    struct json_writer *writer, const struct packet_clock_counts *counts)
{
	json_object_open(writer, "clock");
	put(writer, "late", counts->late);
	put(writer, "doubted", counts->doubted);
	put(writer, "steps_forward", counts->forward);
	put(writer, "steps_back", counts->back);
	json_object_close(writer);
}

static void
write_evidence(struct json_writer *writer, const struct live_counts *counts)
{
	const struct witness_counts *witness = &counts->witness;

	if (!counts->witnesses)
		return;
	json_object_open(writer, "evidence");
	put(writer, "offered", counts->evidence.offered);
	put(writer, "kept", counts->evidence.kept);
	put(writer, "beyond", counts->evidence.beyond);
	put(writer, "forgotten", counts->evidence.forgotten);
	put(writer, "findings", witness->findings);
	put(writer, "whole", witness->whole);
	put(writer, "partial", witness->partial);
	put(writer, "none", witness->none);
	put(writer, "written", witness->file.packets);
	put(writer, "lost", witness->file.lost);
	put(writer, "rotations", witness->file.rotations);
	json_object_close(writer);
}

/* How long it took from a packet to its alert. */
static void
write_delays(struct json_writer *writer, const struct delays *delays)
{
	if (delays->count == 0)
		return;
	json_object_open(writer, "alert_delay");
	put(writer, "count", delays->count);
	put(writer, "p50_us",
	    (uint64_t)(delay_quantile(delays, 0.50) / NS_PER_US));
	put(writer, "p99_us",
	    (uint64_t)(delay_quantile(delays, 0.99) / NS_PER_US));
	json_object_close(writer);
}

static void
write_outputs(struct json_writer *writer, const struct live_counts *counts)
{
	json_array_open(writer, "outputs");
	for (size_t i = 0; i < LIVE_SINKS; i++) {
		const struct live_sink_counts *one = &counts->sinks[i];

		if (one->name == NULL)
			continue;
		json_object_open(writer, NULL);
		json_put_string(writer, "name", one->name);
		put(writer, "written", one->written);
		put(writer, "waiting", one->waiting);
		put(writer, "lost", one->lost);
		json_object_close(writer);
	}
	json_array_close(writer);
}

void
live_stats_health(struct json_writer *writer, const struct live_counts *counts)
{
	json_put_string(
	    writer, "state", counts->reason_count == 0 ? "ready" : "degraded");
	json_array_open(writer, "reasons");
	for (size_t i = 0; i < counts->reason_count; i++)
		json_put_string(writer, NULL, counts->reasons[i]);
	json_array_close(writer);
}

void
live_stats_record(struct text *out, const struct live_counts *counts)
{
	struct json_writer writer = json_to(out);
	char time[INSTANT_TEXT_SIZE];

	instant_print_eve(counts->now, time);
	json_object_open(&writer, NULL);
	json_put_string(&writer, "timestamp", time);
	json_put_string(&writer, "event_type", "stats");
	json_put_string(&writer, "host", counts->host);
	json_object_open(&writer, "stats");
	json_put_int(&writer, "uptime", counts->uptime / NS_PER_SECOND);
	live_stats_health(&writer, counts);
	write_capture(&writer, counts);
	write_workers(&writer, counts);
	write_decoder(&writer, &counts->pipeline);
	write_flows(&writer, counts);
	write_findings(&writer, &counts->pipeline.assessment.findings);
	write_detect(&writer, &counts->pipeline.assessment.findings);
	write_delays(&writer, &counts->delays);
	write_clock(&writer, &counts->pipeline.clock);
	write_evidence(&writer, counts);
	live_losses_write_stats(&writer, counts);
	write_outputs(&writer, counts);
	live_delivery_write_stats(&writer, &counts->delivery);
	put(&writer, "reloads", counts->reloads);
	put(&writer, "reloads_failed", counts->reloads_failed);
	json_object_close(&writer);
	json_object_close(&writer);
}
