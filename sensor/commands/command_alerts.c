#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/delivery.h"
#include "alerts/format.h"
#include "alerts/journal_reader.h"
#include "alerts/record_view.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/deliver.h"
#include "sensor/commands/span.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"

#define LINES_DEFAULT  10
#define NUMBER_MAXIMUM 1000000000U

/* How soon a new record is shown. */
#define LOOK_INTERVAL (200 * NS_PER_MS)

enum {
	ROW_JOURNAL,
	ROW_SINK,
	ROW_SINCE,
	ROW_UNTIL,
	ROW_ON,
	ROW_FORMAT,
	ROW_FACILITY,
	ROW_ENTERPRISE,
	ROW_LINES,
	ROW_ONCE,
	ROW_SECONDS,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    [ROW_JOURNAL] = {"journal", 0, "DIR", "the journal's directory"},
    [ROW_SINK] = {"sink", 0, "URL", "where to send; repeatable"},
    [ROW_SINCE] = {"since", 0, "TIME", "no record of before"},
    [ROW_UNTIL] = {"until", 0, "TIME", "no record of then or later"},
    [ROW_ON] = {"on", 0, "DAY", "of that day only: 2026-11-17, tuesday"},
    [ROW_FACILITY] = {"facility", 0, "NAME",
	"of syslog messages (default local5)"},
    [ROW_ENTERPRISE] = {"enterprise", 0, "NUMBER",
	"your private enterprise number, for syslog (default 32473)"},
    [ROW_FORMAT] = {"format", 0, "FORMAT",
	"show, tail: native, ecs, ocsf, cef, leef or syslog"},
    [ROW_LINES] = {"lines", 'n', "N", "tail: begin with the last N (10)"},
    [ROW_ONCE] = {"once", 0, NULL, "tail: do not wait for more"},
    [ROW_SECONDS] = {"deliver-for", 0, "SECONDS",
	"give up sending after so long (default 30)"},
};

static const struct option_table table = {
    .usage =
	"hedgerow alerts show|tail|replay|deliver --journal DIR [OPTION]...",
    .summary =
	"Reads the journal of alerts that a sensor keeps: shows it,\n"
	"follows it, sends it again, or (deliver) sends what each sink has\n"
	"not acknowledged yet.  Times are the records' own, in UTC:\n"
	"2026-11-17T08:30:00Z, 2026-11-17, 90m or 2d ago, yesterday, or a\n"
	"weekday before today.",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples =
	"  hedgerow replay pcaps/demo/capture.pcap --journal build/journal \\\n"
	"    --inventory pcaps/demo/metadata.json --alerts /dev/null\n"
	"  hedgerow alerts show --journal build/journal --format cef\n"
	"  hedgerow alerts replay --journal build/journal \\\n"
	"    --sink file:build/again.ndjson --since 2026-01-01\n",
};

enum action {
	ACTION_NONE,
	ACTION_SHOW,
	ACTION_TAIL,
	ACTION_REPLAY,
	ACTION_DELIVER
};

struct alerts_options {
	enum action action;
	struct deliver_options deliver;
	struct instant since, until;
	enum format format;
	uint32_t lines;
	bool once;
};

/* --- arguments ------------------------------------------------------------ */

static bool
take_action(struct alerts_options *options, const char *word)
{
	static const char *const words[] = {
	    "show", "tail", "replay", "deliver", NULL};
	const char *nearest = nearest_word(word, words);

	for (int i = 0; words[i] != NULL; i++)
		if (options->action == ACTION_NONE &&
		    strcmp(word, words[i]) == 0) {
			options->action = (enum action)(i + 1);
			return true;
		}
	options_complain(&table,
	    "`%s`: there is show, tail, replay and deliver%s%s", word,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

static bool
take_number(const char *value, uint32_t *out)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (value[0] >= '0' && value[0] <= '9' && *end == '\0' &&
	    number <= NUMBER_MAXIMUM) {
		*out = (uint32_t)number;
		return true;
	}
	options_complain(&table, "`%s`: not 0 to %u", value, NUMBER_MAXIMUM);
	return false;
}

static bool
take_time(const char *value, struct instant *out)
{
	if (span_time(value, span_now(), out))
		return true;
	options_complain(&table,
	    "`%s` is no time; write it as 2026-11-17T08:30:00Z, 2026-11-17, "
	    "90m, 2d, yesterday or tuesday",
	    value);
	return false;
}

static bool
take_day(struct alerts_options *options, const char *value)
{
	if (span_day(value, span_now(), &options->since, &options->until))
		return true;
	options_complain(&table,
	    "`%s` is no day; write it as 2026-11-17, today, yesterday or "
	    "tuesday",
	    value);
	return false;
}

static bool
take_sink(struct alerts_options *options, const char *value)
{
	if (options->deliver.count == DELIVER_SINKS) {
		options_complain(&table, "more than %d sinks", DELIVER_SINKS);
		return false;
	}
	options->deliver.sinks[options->deliver.count++] = value;
	return true;
}

static bool
take_format(struct alerts_options *options, const char *value)
{
	if (format_parse(value, &options->format))
		return true;
	options_complain(&table,
	    "--format %s: not native, ecs, ocsf, cef, leef or syslog", value);
	return false;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct alerts_options *options = context;

	switch (row) {
	case ROW_JOURNAL:
		options->deliver.journal = value;
		return true;
	case ROW_SINK:
		return take_sink(options, value);
	case ROW_SINCE:
		return take_time(value, &options->since);
	case ROW_UNTIL:
		return take_time(value, &options->until);
	case ROW_ON:
		return take_day(options, value);
	case ROW_FACILITY:
		return options_facility(
		    &table, value, &options->deliver.format);
	case ROW_ENTERPRISE:
		return options_enterprise(
		    &table, value, &options->deliver.format);
	case ROW_FORMAT:
		return take_format(options, value);
	case ROW_LINES:
		return take_number(value, &options->lines);
	case ROW_ONCE:
		options->once = true;
		return true;
	case ROW_SECONDS:
		return take_number(value, &options->deliver.seconds);
	default:
		return take_action(options, value);
	}
}

/* --- records -------------------------------------------------------------- */

/* What is no record of ours has no time, and is of any. */
static bool
is_within(
    const struct alerts_options *options, const struct journal_record *record)
{
	struct json_fault fault;
	struct json *parsed;
	struct record_view view;
	bool within;

	if (options->since.ns == INT64_MIN && options->until.ns == INT64_MAX)
		return true;
	parsed = json_parse(record->octets, record->size, &fault);
	within = parsed == NULL || !record_view_read(parsed, &view) ||
		 (!instant_before(view.at, options->since) &&
		     instant_before(view.at, options->until));
	json_free(parsed);
	return within;
}

static void
print(const struct alerts_options *options, const struct journal_record *record)
{
	struct text line;

	if (!is_within(options, record))
		return;
	text_init(&line, 2 * FORMAT_MAXIMUM);
	if (!format_line(&line, options->format, &options->deliver.format,
		record->octets, record->size))
		text_add_n(&line, record->octets, record->size);
	text_add_char(&line, '\n');
	(void)fwrite(line.at, 1, line.length, stdout);
	text_release(&line);
}

static struct journal_reader *
open_reader(const struct alerts_options *options, uint64_t from, int *code)
{
	int error;
	struct journal_reader *reader =
	    journal_reader_new(options->deliver.journal, from, &error);

	if (reader == NULL) {
		fprintf(stderr, "hedgerow: %s: %s\n", options->deliver.journal,
		    strerror(-error));
		*code = error == -EACCES ? EXIT_PERMISSION : EXIT_USAGE;
	}
	return reader;
}

/* Says what a journal lacks, for silence would look like health. */
static int
close_reader(struct journal_reader *reader, int code)
{
	uint64_t damaged = journal_reader_damaged(reader);

	if (damaged > 0) {
		fprintf(stderr,
		    "hedgerow: %" PRIu64 " octets of the journal are damaged "
		    "and were left out\n",
		    damaged);
		code = EXIT_INPUT;
	}
	journal_reader_free(reader);
	return code;
}

static int
show(const struct alerts_options *options)
{
	int code = EXIT_DONE;
	struct journal_reader *reader = open_reader(options, 0, &code);
	struct journal_record record;

	if (reader == NULL)
		return code;
	while (journal_reader_next(reader, &record))
		print(options, &record);
	return close_reader(reader, code);
}

/* --- tail ----------------------------------------------------------------- */

struct following {
	const struct alerts_options *options;
	struct journal_reader *reader;
	struct loop *loop;
	struct loop_timer *look;
};

static void
look(void *context)
{
	struct following *following = context;
	struct journal_record record;

	while (journal_reader_next(following->reader, &record))
		print(following->options, &record);
	if (following->options->once || fflush(stdout) != 0)
		loop_stop(following->loop);
	else
		loop_timer_set(following->look, LOOK_INTERVAL);
}

static int
tail(const struct alerts_options *options)
{
	uint64_t end = journal_reader_end(options->deliver.journal);
	uint64_t from = end > options->lines ? end - options->lines : 1;
	int code = EXIT_DONE;
	struct following following = {.options = options};

	following.reader = open_reader(options, from, &code);
	if (following.reader == NULL)
		return code;
	following.loop = loop_new();
	if (following.loop == NULL) {
		journal_reader_free(following.reader);
		return EXIT_INTERNAL;
	}
	following.look = loop_timer_new(following.loop, look, &following);
	loop_timer_set(following.look, 0);
	loop_run(following.loop);
	loop_timer_free(following.look);
	loop_free(following.loop);
	return close_reader(following.reader, code);
}

/* --- replay --------------------------------------------------------------- */

/* From the first record of that time to behind the last. */
static bool
find_range(const struct alerts_options *options, struct delivery_range *range,
    int *code)
{
	struct journal_reader *reader = open_reader(options, 0, code);
	struct journal_record record;

	if (reader == NULL)
		return false;
	while (journal_reader_next(reader, &record)) {
		if (!is_within(options, &record))
			continue;
		if (range->from == 0)
			range->from = record.sequence;
		range->to = record.sequence + 1;
	}
	*code = close_reader(reader, *code);
	return true;
}

static bool
is_wanted(const struct journal_record *record, void *context)
{
	return is_within(context, record);
}

static int
replay(struct alerts_options *options)
{
	struct delivery_range range = {.wanted = is_wanted, .context = options};
	int code = EXIT_DONE, delivered;

	if (options->deliver.count == 0) {
		options_complain(&table, "where to? Give --sink URL");
		return EXIT_USAGE;
	}
	if (options->action == ACTION_DELIVER)
		return deliver_run(&options->deliver);
	if (!find_range(options, &range, &code))
		return code;
	options->deliver.range = &range;
	delivered = deliver_run(&options->deliver);
	return delivered == EXIT_DONE ? code : delivered;
}

int
command_alerts(int argc, char **argv)
{
	struct alerts_options options = {
	    .deliver.seconds = DELIVER_SECONDS,
	    .deliver.format = FORMAT_SETTINGS_DEFAULT,
	    .since = INSTANT_PAST,
	    .until = INSTANT_FUTURE,
	    .lines = LINES_DEFAULT,
	};
	enum options_status status =
	    options_walk(&table, argc, argv, take, &options);

	if (status != OPTIONS_GO)
		return status == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
	if (options.action == ACTION_NONE || options.deliver.journal == NULL) {
		options_complain(&table, "%s",
		    options.action == ACTION_NONE
			? "show, tail, replay or deliver?"
			: "which journal? Give --journal DIR");
		return EXIT_USAGE;
	}
	switch (options.action) {
	case ACTION_SHOW:
		return show(&options);
	case ACTION_TAIL:
		return tail(&options);
	case ACTION_NONE:
	case ACTION_REPLAY:
	case ACTION_DELIVER:
		break;
	}
	return replay(&options);
}
