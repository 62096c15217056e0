#include "alerts/format.h"

#include <string.h>

#include "alerts/format_parts.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

static const char *const names[FORMAT_COUNT + 1] = {
    [FORMAT_NATIVE] = "native",
    [FORMAT_ECS] = "ecs",
    [FORMAT_OCSF] = "ocsf",
    [FORMAT_CEF] = "cef",
    [FORMAT_LEEF] = "leef",
    [FORMAT_SYSLOG] = "syslog",
};

const char *
format_name(enum format format)
{
	return names[format];
}

const char *const *
format_names(void)
{
	return names;
}

bool
format_parse(const char *name, enum format *format)
{
	for (int i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*format = (enum format)i;
		return true;
	}
	return false;
}

/*
 * CEF, LEEF and syslog are for alarms: nobody reads a flow there, and a day of
 * flows costs more there than anywhere else.
 */
bool
format_takes_flows(enum format format)
{
	switch (format) {
	case FORMAT_NATIVE:
	case FORMAT_ECS:
	case FORMAT_OCSF:
		return true;
	case FORMAT_CEF:
	case FORMAT_LEEF:
	case FORMAT_SYSLOG:
	case FORMAT_COUNT:
		return false;
	}
	return false;
}

/* One record on its way out. */
struct job {
	struct text *out;
	const struct format_settings *settings;
	struct record_view view;
	const char *native;
	size_t length;
};

static void
write_format(const struct job *job, enum format format)
{
	switch (format) {
	case FORMAT_NATIVE:
		text_add_n(job->out, job->native, job->length);
		return;
	case FORMAT_ECS:
		format_ecs(job->out, &job->view);
		return;
	case FORMAT_OCSF:
		format_ocsf(job->out, &job->view);
		return;
	case FORMAT_CEF:
		format_cef(job->out, &job->view);
		return;
	case FORMAT_LEEF:
		format_leef(job->out, &job->view);
		return;
	case FORMAT_SYSLOG:
		format_syslog(job->out, &job->view, job->settings);
		return;
	case FORMAT_COUNT:
		return;
	}
}

/* Tells JSON in a message from text; Suricata and rsyslog write it so. */
#define CEE_COOKIE "@cee: "

static void
write_message(const struct job *job, enum format payload)
{
	if (payload == FORMAT_SYSLOG) {
		write_format(job, payload);
		return;
	}
	format_syslog_header(job->out, &job->view, job->settings);
	text_add(job->out, " - ");
	if (payload == FORMAT_NATIVE || payload == FORMAT_ECS ||
	    payload == FORMAT_OCSF)
		text_add(job->out, CEE_COOKIE);
	write_format(job, payload);
}

static bool
write_record(struct job *job, enum format format,
    void (*write)(const struct job *, enum format))
{
	struct json_fault fault;
	struct json *record = json_parse(job->native, job->length, &fault);
	size_t start = job->out->length;
	bool written =
	    record_view_read(record, &job->view) &&
	    (job->view.kind != VIEW_FLOW || format_takes_flows(format));

	if (written)
		write(job, format);
	json_free(record);
	if (!job->out->overflow)
		return written;
	job->out->length = start;
	job->out->at[start] = '\0';
	job->out->overflow = false;
	return false;
}

bool
format_line(struct text *out, enum format format,
    const struct format_settings *settings, const char *native, size_t length)
{
	struct job job = {
	    .out = out,
	    .settings = settings,
	    .native = native,
	    .length = length,
	};

	return write_record(&job, format, write_format);
}

bool
format_message(struct text *out, enum format payload,
    const struct format_settings *settings, const char *native, size_t length)
{
	struct job job = {
	    .out = out,
	    .settings = settings,
	    .native = native,
	    .length = length,
	};

	return write_record(&job, payload, write_message);
}
