#include "alerts/format.h"
#include "alerts/record.h"
#include "alerts/record_sensor.h"
#include "alerts/sink.h"
#include "sensor/base/text.h"
#include "sensor/run/live_parts.h"

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
