#include <ctype.h>

#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/explain.h"
#include "sensor/commands/rejudge.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

/* Alerts that are listed when a file has several and none was chosen. */
#define ALERTS_LISTED 40

enum {
	ROW_ALERTS = SETUP_ROW_COUNT,
	ROW_UID,
	ROW_FLOWS,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_ALERTS] = {"alerts", 'a', "FILE",
	"the alerts, as `replay` writes them"},
    [ROW_UID] = {"uid", 'u', "UID", "which finding; its beginning is enough"},
    [ROW_FLOWS] = {"flows", 0, "FILE",
	"flow records: the edit is then for all flows of the finding"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default) or json"},
};

static const struct option_table table = {
    .usage = "hedgerow explain UID --alerts FILE [OPTION]...",
    .summary =
	"Shows why an alert was raised: who the two were and how that is\n"
	"known, the model line that decided, what comes nearest, the packets,\n"
	"the smallest edit of the models that would allow it, and whom that\n"
	"edit would let through as well.  `hedgerow explain FILE --uid UID`\n"
	"is the same.",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples =
	"  hedgerow replay pcaps/demo/capture.pcap \\\n"
	"    --inventory pcaps/demo/metadata.json \\\n"
	"    --inventory pcaps/demo/watch.jsonl --models pcaps/demo/models | "
	"\\\n"
	"    hedgerow explain b09fbc21 --alerts - \\\n"
	"    --inventory pcaps/demo/metadata.json \\\n"
	"    --inventory pcaps/demo/watch.jsonl --models pcaps/demo/models\n",
};

struct explain_options {
	struct setup_paths paths;
	const char *operand, *alerts, *uid, *flows;
	bool json;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct explain_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_ALERTS:
		options->alerts = value;
		return true;
	case ROW_UID:
		options->uid = value;
		return true;
	case ROW_FLOWS:
		options->flows = value;
		return true;
	case ROW_OUTPUT:
		return options_output(&table, value, &options->json);
	default:
		break;
	}
	if (options->operand != NULL) {
		options_complain(&table, "`%s`: one alert at a time", value);
		return false;
	}
	options->operand = value;
	return true;
}

/* The operand is whichever of uid and file the options left open. */
static bool
settle(struct explain_options *options)
{
	if (options->operand != NULL && options->alerts == NULL)
		options->alerts = options->operand;
	else if (options->operand != NULL && options->uid == NULL)
		options->uid = options->operand;
	else if (options->operand != NULL) {
		options_complain(&table,
		    "`%s`: both --alerts and --uid are given",
		    options->operand);
		return false;
	}
	if (options->alerts == NULL)
		options_complain(&table, "no alert; give its uid and --alerts");
	return options->alerts != NULL;
}

/* --- the alert ------------------------------------------------------------ */

/* What a file of alerts says of one finding. */
struct wanted {
	const char *path, *uid; /* uid: its beginning, or NULL */
	struct json *alert;     /* owned; the first that fits */
	unsigned line;
	size_t others;  /* more findings that fit */
	uint64_t count; /* as last said */
	struct report *report;
};

static bool
is_event(const struct json *record, const char *type)
{
	const char *text = json_get_text(record, "event_type");

	return text != NULL && strcmp(text, type) == 0;
}

static const char *
uid_of(const struct json *record)
{
	return json_get_text(json_get(record, "finding"), "uid");
}

static uint64_t
count_of(const struct json *record)
{
	int64_t count =
	    json_get_integer(json_get(record, "finding"), "count", 1);

	return count < 1 ? 1 : (uint64_t)count;
}

/* Keeps the record when it is the alert, and says whether it did. */
static bool
look_at(struct wanted *wanted, struct json *record, unsigned line)
{
	const char *uid = uid_of(record);

	if (uid == NULL ||
	    (wanted->uid != NULL &&
		strncmp(uid, wanted->uid, strlen(wanted->uid)) != 0))
		return false;
	if (wanted->alert != NULL && strcmp(uid, uid_of(wanted->alert)) == 0) {
		/* A finding that came back counts from one again. */
		if (count_of(record) > wanted->count)
			wanted->count = count_of(record);
		return false;
	}
	if (!is_event(record, "alert"))
		return false;
	if (wanted->alert != NULL) {
		wanted->others++;
		return false;
	}
	wanted->alert = record;
	wanted->line = line;
	wanted->count = count_of(record);
	return true;
}

static void
read_alerts(struct wanted *wanted, const char *octets, size_t size)
{
	size_t at = 0;

	for (unsigned line = 1; at < size; line++) {
		const char *start = octets + at;
		const char *end = memchr(start, '\n', size - at);
		size_t length = end == NULL ? size - at : (size_t)(end - start);
		struct json_fault fault = {.line = 0};
		struct json *record;

		at += length + 1;
		if (strspn(start, " \t\r") >= length)
			continue;
		record = json_parse(start, length, &fault);
		if (record == NULL)
			report_error(wanted->report,
			    (struct place){wanted->path, line, fault.column},
			    "%s", fault.message);
		else if (look_at(wanted, record, line))
			continue;
		json_free(record);
	}
}

/* Says which alerts there are to choose from. */
static void
list_alerts(const char *octets, size_t size)
{
	size_t at = 0, listed = 0;

	while (at < size && listed < ALERTS_LISTED) {
		const char *start = octets + at;
		const char *end = memchr(start, '\n', size - at);
		size_t length = end == NULL ? size - at : (size_t)(end - start);
		struct json_fault fault;
		struct json *record = json_parse(start, length, &fault);
		const char *said =
		    json_get_text(json_get(record, "alert"), "signature");

		at += length + 1;
		if (is_event(record, "alert") && uid_of(record) != NULL) {
			listed++;
			fprintf(stderr, "  %s  ", uid_of(record));
			for (; said != NULL && *said != '\0'; said++)
				fputc(
				    iscntrl((unsigned char)*said) ? '?' : *said,
				    stderr);
			fputc('\n', stderr);
		}
		json_free(record);
	}
	if (listed == ALERTS_LISTED)
		fputs("  ...\n", stderr);
}

static int
find_alert(struct wanted *wanted)
{
	char *octets;
	size_t size;
	int error =
	    file_read(wanted->path, REJUDGE_FILE_MAXIMUM, &octets, &size);

	if (error != 0) {
		fprintf(stderr, "hedgerow: %s: %s\n", wanted->path,
		    strerror(-error));
		return EXIT_INPUT;
	}
	read_alerts(wanted, octets, size);
	report_print(wanted->report, stderr);
	if (wanted->alert == NULL || wanted->others > 0) {
		fprintf(stderr, "hedgerow: %s: %s%s%s\n", wanted->path,
		    wanted->alert == NULL ? "no alert" : "several alerts",
		    wanted->uid == NULL ? "" : " whose uid begins with ",
		    wanted->uid == NULL ? "; choose with --uid" : wanted->uid);
		list_alerts(octets, size);
		free(octets);
		return EXIT_USAGE;
	}
	free(octets);
	return EXIT_DONE;
}

/* --- run ------------------------------------------------------------------ */

static int
explain_alert(const struct explain_options *options,
    const struct wanted *wanted, struct rejudge *list)
{
	struct explanation explanation = {
	    .alert = wanted->alert,
	    .uid = uid_of(wanted->alert),
	    .count = wanted->count,
	};
	struct arena *arena = arena_new();
	struct setup setup;
	int flows = EXIT_DONE;
	int code = setup_load(&options->paths, &setup);

	if (code == EXIT_DONE) {
		if (options->flows != NULL)
			flows = rejudge_read(list, options->flows);
		explain(&explanation, list, &options->paths, &setup, arena);
		(options->json ? explain_print_json : explain_print_text)(
		    &explanation);
		code = setup.damaged ? EXIT_INPUT : flows;
	}
	setup_release(&setup);
	arena_free(arena);
	return code;
}

static int
run(const struct explain_options *options)
{
	struct wanted wanted = {
	    .path = options->alerts,
	    .uid = options->uid,
	    .report = report_new(),
	};
	struct rejudge *list = rejudge_new();
	struct report *unusable = report_new();
	int code = find_alert(&wanted);

	if (code == EXIT_DONE && !rejudge_add(list, wanted.alert, wanted.path,
				     wanted.line, unusable))
		code = EXIT_INPUT;
	report_print(unusable, stderr);
	if (code == EXIT_DONE)
		code = explain_alert(options, &wanted, list);
	if (code == EXIT_DONE && report_errors(wanted.report) > 0)
		code = EXIT_INPUT;
	report_free(unusable);
	report_free(wanted.report);
	rejudge_free(list);
	json_free(wanted.alert);
	return code;
}

int
command_explain(int argc, char **argv)
{
	struct explain_options options = {.operand = NULL};
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	return settle(&options) ? run(&options) : EXIT_USAGE;
}
