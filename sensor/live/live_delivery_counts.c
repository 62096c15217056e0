#include "sensor/live/live_delivery_counts.h"

#include <assert.h>
#include <inttypes.h>

#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/live/exposition.h"

/* The sum of a sink that its header names; what breaks it is our own fault. */
static void
check(const struct live_delivery_sink *sink)
{
	const struct delivery_counts *counts = &sink->counts;

	assert(sink->total == counts->acknowledged + counts->refused +
				  counts->dropped + sink->behind);
	(void)sink;
	(void)counts;
}

/* --- stats ---------------------------------------------------------------- */

static void
put(struct json_writer *writer, const char *key, uint64_t value)
{
	json_put_int(writer, key, (int64_t)value);
}

static void
write_journal(
    struct json_writer *writer, const struct live_delivery_counts *counts)
{
	const struct journal_counts *journal = &counts->journal;

	json_object_open(writer, "journal");
	put(writer, "appended", journal->kept + journal->lost);
	put(writer, "kept", journal->kept);
	put(writer, "lost", journal->lost);
	put(writer, "waiting", journal->waiting);
	put(writer, "torn_bytes", journal->torn);
	put(writer, "segments", journal->segments);
	put(writer, "segments_dropped", journal->dropped);
	put(writer, "bytes", journal->octets);
	put(writer, "failures", journal->failures);
	json_object_close(writer);
}

static void
write_sink(struct json_writer *writer, const struct live_delivery_sink *sink)
{
	check(sink);
	json_object_open(writer, NULL);
	json_put_string(writer, "name", sink->name);
	json_put_string(
	    writer, "state", sink->trouble[0] == '\0' ? "up" : "down");
	if (sink->trouble[0] != '\0')
		json_put_string(writer, "trouble", sink->trouble);
	put(writer, "records", sink->total);
	put(writer, "acknowledged", sink->counts.acknowledged);
	put(writer, "refused", sink->counts.refused);
	put(writer, "dropped", sink->counts.dropped);
	put(writer, "behind", sink->behind);
	put(writer, "behind_bytes", sink->behind_octets);
	put(writer, "sent", sink->counts.sent);
	put(writer, "retried", sink->counts.retried);
	put(writer, "failures", sink->counts.failures);
	json_put_int(writer, "oldest_ms", sink->oldest_ns / NS_PER_MS);
	json_object_close(writer);
}

void
live_delivery_write_stats(
    struct json_writer *writer, const struct live_delivery_counts *counts)
{
	if (!counts->kept)
		return;
	write_journal(writer, counts);
	json_array_open(writer, "sinks");
	for (size_t i = 0; i < counts->count; i++)
		write_sink(writer, &counts->sinks[i]);
	json_array_close(writer);
}

/* --- metrics -------------------------------------------------------------- */

/* What is counted for every sink. */
struct sink_metric {
	const char *name, *type, *help;
	uint64_t (*value)(const struct live_delivery_sink *sink);
};

static uint64_t
acknowledged(const struct live_delivery_sink *sink)
{
	return sink->counts.acknowledged;
}

static uint64_t
refused(const struct live_delivery_sink *sink)
{
	return sink->counts.refused;
}

static uint64_t
dropped(const struct live_delivery_sink *sink)
{
	return sink->counts.dropped;
}

static uint64_t
behind(const struct live_delivery_sink *sink)
{
	return sink->behind;
}

static uint64_t
behind_octets(const struct live_delivery_sink *sink)
{
	return sink->behind_octets;
}

static uint64_t
oldest(const struct live_delivery_sink *sink)
{
	return (uint64_t)(sink->oldest_ns / NS_PER_SECOND);
}

static uint64_t
sent(const struct live_delivery_sink *sink)
{
	return sink->counts.sent;
}

static uint64_t
retried(const struct live_delivery_sink *sink)
{
	return sink->counts.retried;
}

static uint64_t
failures(const struct live_delivery_sink *sink)
{
	return sink->counts.failures;
}

static uint64_t
is_up(const struct live_delivery_sink *sink)
{
	return sink->trouble[0] == '\0';
}

static const struct sink_metric sink_metrics[] = {
    {"sink_up", "gauge", "Whether the sink takes alerts.", is_up},
    {"sink_acknowledged_total", "counter",
	"Records that the target has acknowledged.", acknowledged},
    {"sink_refused_total", "counter",
	"Records that the target will never take.", refused},
    {"sink_dropped_total", "counter",
	"Records that left the journal before they were delivered.", dropped},
    {"sink_behind_records", "gauge",
	"Records that the journal has and the target has not acknowledged.",
	behind},
    {"sink_behind_bytes", "gauge", "Octets of them, about.", behind_octets},
    {"sink_oldest_seconds", "gauge",
	"For how long the oldest of them has waited.", oldest},
    {"sink_sent_total", "counter", "Records sent, again or not.", sent},
    {"sink_retried_total", "counter", "Of them, those sent again.", retried},
    {"sink_failures_total", "counter",
	"Connections lost and requests that failed.", failures},
};

static void
write_journal_metrics(struct text *out, const struct journal_counts *counts)
{
	exposition_plain(out, "journal_kept_total", "counter",
	    "Records that the journal has taken.", counts->kept);
	exposition_plain(out, "journal_lost_total", "counter",
	    "Records that found no room in it.", counts->lost);
	exposition_plain(out, "journal_waiting_records", "gauge",
	    "Records in memory, for they cannot be written yet.",
	    counts->waiting);
	exposition_plain(out, "journal_bytes", "gauge",
	    "Octets of its segments.", counts->octets);
	exposition_plain(
	    out, "journal_segments", "gauge", "Its files.", counts->segments);
	exposition_plain(out, "journal_dropped_segments_total", "counter",
	    "Files that went for size or age.", counts->dropped);
	exposition_plain(out, "journal_failures_total", "counter",
	    "Writes and synchronisations that failed.", counts->failures);
}

void
live_delivery_write_metrics(
    struct text *out, const struct live_delivery_counts *counts)
{
	size_t metrics = sizeof(sink_metrics) / sizeof(sink_metrics[0]);

	if (!counts->kept)
		return;
	write_journal_metrics(out, &counts->journal);
	for (size_t m = 0; m < metrics && counts->count > 0; m++) {
		const struct sink_metric *metric = &sink_metrics[m];

		exposition_family(
		    out, metric->name, metric->type, metric->help);
		for (size_t i = 0; i < counts->count; i++)
			exposition_labelled(out, metric->name, "sink",
			    counts->sinks[i].name,
			    metric->value(&counts->sinks[i]));
	}
}

/* --- people --------------------------------------------------------------- */

void
live_delivery_print(FILE *out, const struct live_delivery_counts *counts)
{
	const struct journal_counts *journal = &counts->journal;

	if (!counts->kept)
		return;
	fprintf(out,
	    "journal   %" PRIu64 " appended (%" PRIu64 " kept + %" PRIu64
	    " lost), %" PRIu64 " octets torn before, %" PRIu64
	    " segments dropped\n",
	    journal->kept + journal->lost, journal->kept, journal->lost,
	    journal->torn, journal->dropped);
	for (size_t i = 0; i < counts->count; i++) {
		const struct live_delivery_sink *sink = &counts->sinks[i];

		check(sink);
		fprintf(out,
		    "sink      %s: %" PRIu64 " records (%" PRIu64
		    " acknowledged + %" PRIu64 " refused + %" PRIu64
		    " dropped + %" PRIu64 " behind), %" PRIu64 " sent, %" PRIu64
		    " of them again\n",
		    sink->name, sink->total, sink->counts.acknowledged,
		    sink->counts.refused, sink->counts.dropped, sink->behind,
		    sink->counts.sent, sink->counts.retried);
	}
}

static void
add(const char *reason, const char **reasons, size_t *count, size_t room)
{
	if (reason[0] != '\0' && *count < room)
		reasons[(*count)++] = reason;
}

static uint64_t
all_dropped(const struct live_delivery_counts *counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < counts->count; i++)
		sum += counts->sinks[i].counts.dropped;
	return sum;
}

size_t
live_delivery_reasons(const struct live_delivery_counts *counts,
    struct live_delivery_recent *recent, struct instant now,
    const char **reasons, size_t room)
{
	size_t count = 0;

	add(counts->trouble, reasons, &count, room);
	if (recent_look(&recent->lost, counts->journal.lost, now))
		add("the journal lost alerts within the last minute", reasons,
		    &count, room);
	if (recent_look(&recent->dropped, all_dropped(counts), now))
		add("alerts left the journal undelivered within the last "
		    "minute",
		    reasons, &count, room);
	for (size_t i = 0; i < counts->count; i++)
		add(counts->sinks[i].trouble, reasons, &count, room);
	return count;
}
