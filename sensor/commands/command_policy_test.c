#include <inttypes.h>

#include "alerts/sentence.h"
#include "sensor/base/json_write.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/rejudge.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

#define LINE_MAXIMUM ((size_t)64 * 1024)

enum {
	ROW_FAIL_ON = SETUP_ROW_COUNT,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_FAIL_ON] = {"fail-on", 0, "WHAT",
	"exit 1 on a deviation of that SEVERITY or worse, or on\n"
	"                               unmodelled or unknown; repeatable"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default) or json"},
};

static const struct option_table table = {
    .usage = "hedgerow policy test FLOWS... [OPTION]...",
    .summary =
	"Judges flow records, as `replay --flows` writes them or in a short\n"
	"form, one JSON object a line, and prints a verdict for each:\n\n"
	"  {\"time\": \"2026-11-21T06:28:00Z\", \"src_ip\": \"10.245.1.10\",\n"
	"   \"dest_ip\": \"10.245.2.20\", \"dest_port\": 6379,\n"
	"   \"proto\": \"tcp\", \"app_proto\": \"redis\"}",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples =
	"  hedgerow replay pcaps/demo/capture.pcap --alerts /dev/null \\\n"
	"    --flows - | hedgerow policy test - --models pcaps/demo/models \\\n"
	"    --inventory pcaps/demo/metadata.json \\\n"
	"    --inventory pcaps/demo/watch.jsonl\n",
};

struct test_options {
	struct setup_paths paths;
	const char *files[SETUP_PATHS_MAXIMUM];
	size_t file_count;
	bool fails_unmodelled, fails_unknown;
	int fails_severity; /* SEVERITY_CRITICAL + 1: never */
	bool json;
};

static bool
take_condition(struct test_options *options, const char *value)
{
	const char *names[SEVERITY_CRITICAL + 4] = {0};
	const char *nearest;
	size_t count = 0;

	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
		names[count++] = severity_name((enum severity)s);
		if (strcmp(value, severity_name((enum severity)s)) != 0)
			continue;
		if (s < options->fails_severity)
			options->fails_severity = s;
		return true;
	}
	names[count++] = verdict_kind_name(VERDICT_UNMODELLED);
	names[count++] = verdict_kind_name(VERDICT_UNKNOWN);
	if (strcmp(value, verdict_kind_name(VERDICT_UNMODELLED)) == 0)
		return options->fails_unmodelled = true;
	if (strcmp(value, verdict_kind_name(VERDICT_UNKNOWN)) == 0)
		return options->fails_unknown = true;
	nearest = nearest_word(value, names);
	options_complain(&table,
	    "--fail-on %s: not low, medium, high, critical, unmodelled or "
	    "unknown%s%s",
	    value, nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct test_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_FAIL_ON:
		return take_condition(options, value);
	case ROW_OUTPUT:
		return options_output(&table, value, &options->json);
	default:
		break;
	}
	if (options->file_count == SETUP_PATHS_MAXIMUM) {
		options_complain(
		    &table, "more than %d files", SETUP_PATHS_MAXIMUM);
		return false;
	}
	options->files[options->file_count++] = value;
	return true;
}

/* --- output --------------------------------------------------------------- */

/* `shop/carts -> shop/carts-db  redis  tcp/6379`, as statements are. */
static void
add_flow(struct text *out, const struct rejudged *one)
{
	sentence_party(out, &one->about.client);
	text_add(out, " -> ");
	sentence_party(out, &one->about.server);
	text_format(
	    out, "  %s  ", application_name(one->about.appid.application));
	sentence_transport(out, &one->flow);
}

static void
write_text(struct text *out, const struct rejudged *one)
{
	const struct verdict *verdict = &one->about.verdict;

	text_format(out, "%-14s ", rejudge_verdict(one));
	if (!one->about.judged || verdict->kind != VERDICT_DEVIATION)
		add_flow(out, one);
	else
		sentence_deviation(out, &one->about);
	if (!one->about.judged)
		return;
	if (verdict->kind == VERDICT_DEVIATION)
		text_format(out, "  [%s, %s]",
		    deviation_name(verdict->deviation),
		    severity_name(verdict->severity));
	if (verdict->kind == VERDICT_DEVIATION ||
	    verdict->kind == VERDICT_ALLOWED) {
		size_t before = out->length;

		text_add(out, "  # ");
		if (!verdict_source(verdict, out)) {
			out->length = before;
			out->at[before] = '\0';
		}
	}
}

static void
json_text(struct json_writer *json, const char *key,
    void (*write)(struct text *, const struct record_flow *),
    const struct record_flow *about)
{
	struct text text;

	text_init(&text, LINE_MAXIMUM);
	write(&text, about);
	json_put_string(json, key, text.length == 0 ? NULL : text.at);
	text_release(&text);
}

static void
write_client(struct text *out, const struct record_flow *about)
{
	sentence_party(out, &about->client);
}

static void
write_server(struct text *out, const struct record_flow *about)
{
	sentence_party(out, &about->server);
}

static void
write_source(struct text *out, const struct record_flow *about)
{
	(void)verdict_source(&about->verdict, out);
}

static void
write_json(struct text *out, const struct rejudged *one)
{
	const struct record_flow *about = &one->about;
	const struct verdict *verdict = &about->verdict;
	struct json_writer json = json_to(out);

	json_object_open(&json, NULL);
	json_put_int(&json, "line", one->line);
	json_put_string(&json, "verdict", rejudge_verdict(one));
	json_text(&json, "client", write_client, about);
	json_text(&json, "server", write_server, about);
	json_put_string(
	    &json, "app_proto", application_name(about->appid.application));
	if (about->judged && verdict->kind == VERDICT_DEVIATION) {
		json_put_string(
		    &json, "deviation", deviation_name(verdict->deviation));
		json_put_string(
		    &json, "severity", severity_name(verdict->severity));
		json_text(&json, "signature", sentence_deviation, about);
	}
	if (about->judged)
		json_text(&json, "source", write_source, about);
	json_object_close(&json);
}

struct outcome {
	size_t verdicts[VERDICT_DEVIATION + 1];
	size_t infrastructure;
	bool severe; /* a deviation of the severity that fails */
};

static void
count_flow(const struct test_options *options, const struct rejudged *one,
    struct outcome *outcome)
{
	const struct verdict *verdict = &one->about.verdict;

	if (!one->about.judged) {
		outcome->infrastructure++;
		return;
	}
	outcome->verdicts[verdict->kind]++;
	if (verdict->kind == VERDICT_DEVIATION &&
	    (int)verdict->severity >= options->fails_severity)
		outcome->severe = true;
}

static void
print_flows(const struct test_options *options, const struct rejudge *list,
    struct outcome *outcome)
{
	struct text line;

	text_init(&line, LINE_MAXIMUM);
	for (size_t i = 0; i < rejudge_count(list); i++) {
		const struct rejudged *one = rejudge_at(list, i);

		text_clear(&line);
		(options->json ? write_json : write_text)(&line, one);
		puts(line.at);
		count_flow(options, one, outcome);
	}
	text_release(&line);
}

static void
print_outcome(const struct outcome *outcome)
{
	size_t total = outcome->infrastructure;

	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		total += outcome->verdicts[v];
	fprintf(stderr, "%zu flows:", total);
	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		fprintf(stderr, " %zu %s,", outcome->verdicts[v],
		    verdict_kind_name((enum verdict_kind)v));
	fprintf(stderr, " %zu infrastructure\n", outcome->infrastructure);
}

static bool
fails(const struct test_options *options, const struct outcome *outcome)
{
	return outcome->severe ||
	       (options->fails_unmodelled &&
		   outcome->verdicts[VERDICT_UNMODELLED] > 0) ||
	       (options->fails_unknown &&
		   outcome->verdicts[VERDICT_UNKNOWN] > 0);
}

/* --- run ------------------------------------------------------------------ */

static int
test(const struct test_options *options, struct rejudge *list)
{
	struct outcome outcome = {.infrastructure = 0};
	struct setup setup;
	bool damaged = false;
	int code = setup_load(&options->paths, &setup);

	if (code == EXIT_DONE) {
		for (size_t i = 0; i < options->file_count; i++)
			if (rejudge_read(list, options->files[i]) != EXIT_DONE)
				damaged = true;
		rejudge_all(list, &(struct rejudge_parts){setup.inventory,
				      setup.geography, setup.policy});
		print_flows(options, list, &outcome);
		print_outcome(&outcome);
		if (damaged || setup.damaged)
			code = EXIT_INPUT;
		else if (fails(options, &outcome))
			code = EXIT_CONDITION;
	}
	setup_release(&setup);
	return code;
}

int
command_policy_test(int argc, char **argv)
{
	struct test_options options = {.fails_severity = SEVERITY_CRITICAL + 1};
	struct rejudge *list;
	int code;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (options.file_count == 0) {
		options_complain(&table, "no file of flow records");
		return EXIT_USAGE;
	}
	list = rejudge_new();
	code = test(&options, list);
	rejudge_free(list);
	return code;
}
