#include "sensor/live/exposition.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_metrics_parts.h"

/* --- what is known -------------------------------------------------------- */

static uint64_t
seconds_of(struct instant at)
{
	return (uint64_t)(at.ns / NS_PER_SECOND);
}

/* An empty label is none to Prometheus. */
static const char *
cluster_label(const char *name)
{
	return name[0] == '\0' ? "unnamed" : name;
}

static void
write_workloads(struct text *out, const struct live_clusters *clusters)
{
	exposition_family(out, "workloads", "gauge",
	    "Workloads known, of every time; clusters beyond 16 as other.");
	for (size_t i = 0; i < clusters->count; i++) {
		const struct live_cluster *one = &clusters->at[i];
		const struct exposition_label labels[] = {
		    {"cluster", cluster_label(one->name)},
		    {"orchestrator", one->orchestrator},
		};

		exposition_sample(out, "workloads", labels, 2, one->workloads);
	}
	if (clusters->age_count == 0)
		return;
	exposition_family(out, "metadata_age_seconds", "gauge",
	    "Since a source of metadata of the cluster was heard.");
	for (size_t i = 0; i < clusters->age_count; i++)
		exposition_labelled(out, "metadata_age_seconds", "cluster",
		    cluster_label(clusters->ages[i].name),
		    (uint64_t)(clusters->ages[i].age_ns / NS_PER_SECOND));
}

static void
write_models(struct text *out, const struct live_counts *counts)
{
	exposition_family(out, "models", "gauge", "Models that are judged by.");
	exposition_labelled(out, "models", "state", "enforced", counts->models);
	exposition_plain(out, "reloads_total", "counter",
	    "Reloads that were tried.", counts->reloads);
	exposition_plain(out, "reloads_failed_total", "counter",
	    "Of them, those that kept the old models.", counts->reloads_failed);
	exposition_plain(out, "model_reload_success", "gauge",
	    "Whether the last reload took.", !counts->reload_failed);
	exposition_plain(out, "model_reload_success_timestamp_seconds", "gauge",
	    "When models were read for the last time.",
	    seconds_of(
		counts->reloaded.ns == 0 ? counts->began : counts->reloaded));
}

void
live_metrics_state(struct text *out, const struct live_counts *counts)
{
	exposition_plain(out, "ready", "gauge", "Whether nothing is wrong.",
	    counts->reason_count == 0);
	exposition_plain(out, "start_timestamp_seconds", "gauge",
	    "When it began.", seconds_of(counts->began));
	write_workloads(out, &counts->clusters);
	write_models(out, counts);
	exposition_plain(out, "clock_steps_total", "counter",
	    "Times that stamps stepped by more than packets do.",
	    counts->pipeline.clock.forward + counts->pipeline.clock.back);
}

/* --- outputs -------------------------------------------------------------- */

static const char *
event_type(size_t sink)
{
	static const char *const types[LIVE_SINKS] = {"alert", "flow", "stats"};

	return types[sink];
}

/* A file that is written to drops a record for one reason only. */
static void
write_events(struct text *out, const struct live_counts *counts, bool dropped)
{
	const char *name =
	    dropped ? "output_dropped_events_total" : "output_events_total";

	exposition_family(out, name, "counter",
	    dropped ? "Records lost." : "Records written.");
	for (size_t i = 0; i < LIVE_SINKS; i++) {
		const struct live_sink_counts *one = &counts->sinks[i];
		const struct exposition_label labels[] = {
		    {"sink", one->name},
		    {"event_type", event_type(i)},
		    {"reason", "no_room"},
		};

		if (one->name != NULL)
			exposition_sample(out, name, labels, dropped ? 3 : 2,
			    dropped ? one->lost : one->written);
	}
}

static void
write_queues(struct text *out, const struct live_counts *counts)
{
	const struct live_delivery_counts *delivery = &counts->delivery;

	exposition_family(out, "output_queue_bytes", "gauge",
	    "Octets that their sink has not taken yet.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			exposition_labelled(out, "output_queue_bytes", "sink",
			    counts->sinks[i].name, counts->sinks[i].octets);
	for (size_t i = 0; i < delivery->count; i++)
		exposition_labelled(out, "output_queue_bytes", "sink",
		    delivery->sinks[i].name, delivery->sinks[i].behind_octets);
}

static void
write_success(struct text *out, const char *sink, struct instant at)
{
	if (at.ns != 0)
		exposition_labelled(out,
		    "output_last_success_timestamp_seconds", "sink", sink,
		    seconds_of(at));
}

void
live_metrics_outputs(struct text *out, const struct live_counts *counts)
{
	const struct live_delivery_counts *delivery = &counts->delivery;

	write_events(out, counts, false);
	write_events(out, counts, true);
	exposition_family(out, "output_waiting_events", "gauge",
	    "Records that their sink does not take yet.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			exposition_labelled(out, "output_waiting_events",
			    "sink", counts->sinks[i].name,
			    counts->sinks[i].waiting);
	write_queues(out, counts);
	exposition_family(out, "output_last_success_timestamp_seconds", "gauge",
	    "When the sink took a record last.");
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (counts->sinks[i].name != NULL)
			write_success(out, counts->sinks[i].name,
			    counts->sinks[i].succeeded);
	for (size_t i = 0; i < delivery->count; i++)
		write_success(
		    out, delivery->sinks[i].name, delivery->sinks[i].succeeded);
}
