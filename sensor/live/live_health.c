#include "alerts/format.h"
#include "alerts/record.h"
#include "alerts/record_sensor.h"
#include "alerts/sink.h"
#include "sensor/base/text.h"
#include "sensor/live/live_parts.h"

/* --- what is not well ----------------------------------------------------- */

static uint64_t
lost_records(const struct live_counts *counts)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < LIVE_SINKS; i++)
		lost += counts->sinks[i].lost;
	return lost;
}

uint64_t
live_clock_steps(const struct live_counts *counts)
{
	const struct packet_clock_counts *clock = &counts->pipeline.clock;

	return clock->forward + clock->back;
}

static bool
any_is_down(const struct live_counts *counts)
{
	for (size_t i = 0; i < counts->interface_count; i++)
		if (counts->interfaces[i].status != CAPTURE_LIVE_OPEN)
			return true;
	return false;
}

static void
reason(struct live_counts *counts, bool wrong, const char *text)
{
	if (wrong && counts->reason_count < LIVE_REASONS)
		counts->reasons[counts->reason_count++] = text;
}

static void
find_losses(
    struct live_counts *counts, struct live_recent *recent, struct instant now)
{
	struct capture_live_counts capture = live_counts_capture(counts);

	reason(counts, recent_look(&recent->dropped, capture.dropped, now),
	    "packets found no room in the ring within the last minute");
	reason(counts, recent_look(&recent->missed, capture.interface, now),
	    "the interface lost packets within the last minute");
	reason(counts,
	    recent_look(
		&recent->evicted, counts->pipeline.shards.flows.evicted, now),
	    "the flow table was full within the last minute");
	reason(counts,
	    recent_look(&recent->deaths, live_counts_deaths(counts), now),
	    "a worker died within the last minute");
	reason(counts, recent_look(&recent->ends, counts->lost_flows, now),
	    "ends of flows were lost within the last minute");
	reason(counts, recent_look(&recent->records, lost_records(counts), now),
	    "records were lost within the last minute");
	reason(counts,
	    recent_look(&recent->evidence, counts->witness.file.lost, now),
	    "packets of findings could not be written within the last minute");
}

void
live_find_reasons(struct live *live)
{
	struct live_counts *counts = &live->counts;
	struct live_recent *recent = &live->recent;
	struct instant now = loop_steady(live->loop);

	counts->reason_count = 0;
	reason(counts, any_is_down(counts), "an interface is down");
	find_losses(counts, recent, now);
	reason(counts,
	    recent_look(&recent->steps, live_clock_steps(counts), now),
	    "the clock stepped within the last minute");
	reason(counts, counts->metadata_away, "Redis is away");
	reason(
	    counts, counts->metadata_old, "Redis has not told yet who is who");
	reason(counts, counts->reload_failed, "the last reload failed");
	counts->reason_count += live_delivery_reasons(&counts->delivery,
	    &recent->delivery, now, counts->reasons + counts->reason_count,
	    LIVE_REASONS - counts->reason_count);
}

/* --- that a worker died --------------------------------------------------- */

/* As assessment.c says alerts: one that has no other form goes as it is. */
static void
deliver(struct live *live, const struct text *line)
{
	struct sink *sink = live->sinks[LIVE_ALERTS];
	const struct format_settings usual = FORMAT_SETTINGS_DEFAULT;
	const struct format_settings *settings =
	    live->settings->delivery.format.enterprise == 0
		? &usual
		: &live->settings->delivery.format;
	enum format format = live->settings->format;
	struct text said;

	text_init(&said, FORMAT_MAXIMUM);
	sink_tell(sink, line);
	if (format != FORMAT_NATIVE &&
	    format_line(&said, format, settings, line->at, line->length))
		line = &said;
	sink_line(sink, line);
	text_release(&said);
}

void
live_report_death(struct live *live, const struct worker_death *death)
{
	const struct live_settings *settings = live->settings;
	const struct record_source source = {
	    .host = settings->sensor,
	    .interface =
		settings->interface_count == 1 ? settings->interfaces[0] : NULL,
	};
	struct text line;

	if (!sink_wants(live->sinks[LIVE_ALERTS]))
		return;
	text_init(&line, RECORD_MAXIMUM);
	record_write_death(&line, &source, death, loop_now(live->loop));
	deliver(live, &line);
	text_release(&line);
}
