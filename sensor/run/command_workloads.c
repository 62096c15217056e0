#include <string.h>

#include "classifiers/inventory.h"
#include "models/identity.h"
#include "models/policy.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/run/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

#define LINE_MAXIMUM ((size_t)1024 * 1024)

enum form {
	FORM_TEXT,
	FORM_WIDE, /* and where, of what kind, and why the name */
	FORM_JSON,
};

enum {
	ROW_AT = SETUP_ROW_COUNT,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_AT] = {"at", 0, "TIME",
	"only those of that time, as 2026-11-21T06:28:00Z"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default), wide or json"},
};

static const struct option_table table = {
    .usage = "hedgerow workloads [OPTION]...",
    .summary =
	"Lists who held which address and when, what decided the name of the\n"
	"application, and which models apply.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow workloads --at 2026-11-21T06:28:00Z \\\n"
		"    --inventory pcaps/demo/metadata.json \\\n"
		"    --inventory pcaps/demo/watch.jsonl\n",
};

struct workloads_options {
	struct setup_paths paths;
	struct instant at;
	enum form form;
};

static bool
take_form(const char *value, enum form *form)
{
	static const char *const forms[] = {"text", "wide", "json"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (strcmp(value, forms[i]) == 0) {
			*form = (enum form)i;
			return true;
		}
	options_complain(
	    &table, "`-o %s`: there is text, wide and json", value);
	return false;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct workloads_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_AT:
		return options_time(&table, value, &options->at);
	case ROW_OUTPUT:
		return take_form(value, &options->form);
	default:
		options_complain(&table, "`%s`: no operand is expected", value);
		return false;
	}
}

static void
add_models(struct text *out, const struct identity *identity)
{
	for (size_t i = 0; i < identity->model_count; i++)
		text_format(
		    out, "%s%s", i == 0 ? "" : ",", identity->models[i]->name);
	if (identity->model_count == 0)
		text_add(out, "-");
}

static void
add_addresses(struct text *out, const struct workload *workload)
{
	char printed[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < workload->address_count; i++) {
		address_print(&workload->addresses[i], printed);
		text_format(out, "%s%s", i == 0 ? "" : ",", printed);
	}
	if (workload->host_network)
		text_format(out, "node:%s", workload->node);
	else if (workload->address_count == 0)
		text_add(out, "-");
}

static void
write_text(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE] = "-";

	instant_print(workload->since, since);
	if (workload->until.ns != INSTANT_FUTURE.ns)
		instant_print(workload->until, until);
	text_format(out, "%-16s %-32s %-18s ", workload->namespace,
	    workload->name, workload->application);
	add_addresses(out, workload);
	text_format(out, "  %s  %s  ", since, until);
	add_models(out, identity);
}

static const char *
or_dash(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

static void
write_wide(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	write_text(out, workload, identity);
	text_format(out, "  %s  %s  %s  %s", or_dash(workload->cluster),
	    or_dash(workload->node), or_dash(workload->kind),
	    or_dash(workload->application_source));
}

static void
write_json_addresses(struct json_writer *json, const struct workload *workload)
{
	char printed[ADDRESS_TEXT_SIZE];

	json_array_open(json, "addresses");
	for (size_t i = 0; i < workload->address_count; i++) {
		address_print(&workload->addresses[i], printed);
		json_put_string(json, NULL, printed);
	}
	json_array_close(json);
}

static void
write_json(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	struct json_writer json = json_to(out);
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];
	char began[INSTANT_TEXT_SIZE];

	instant_print(workload->began, began);
	instant_print(workload->since, since);
	instant_print(workload->until, until);
	json_object_open(&json, NULL);
	json_put_string(&json, "id", workload->id);
	json_put_string(&json, "cluster", workload->cluster);
	json_put_string(&json, "orchestrator", workload->orchestrator);
	json_put_string(&json, "namespace", workload->namespace);
	json_put_string(&json, "name", workload->name);
	json_put_string(&json, "application", workload->application);
	json_put_string(&json, "because", workload->application_source);
	json_put_string(&json, "kind", workload->kind);
	json_put_string(&json, "node", workload->node);
	json_put_bool(&json, "host_network", workload->host_network);
	write_json_addresses(&json, workload);
	json_put_string(&json, "began", began);
	json_put_string(&json, "since", since);
	if (workload->until.ns != INSTANT_FUTURE.ns)
		json_put_string(&json, "until", until);
	json_array_open(&json, "models");
	for (size_t i = 0; i < identity->model_count; i++)
		json_put_string(&json, NULL, identity->models[i]->name);
	json_array_close(&json);
	json_array_open(&json, "segments");
	for (size_t i = 0; i < identity->segment_count; i++)
		json_put_string(&json, NULL, identity->segments[i]->name);
	json_array_close(&json);
	json_object_close(&json);
}

static void
list(const struct workloads_options *options, const struct setup *setup)
{
	static void (*const writers[])(
	    struct text *, const struct workload *, const struct identity *) = {
	    [FORM_TEXT] = write_text,
	    [FORM_WIDE] = write_wide,
	    [FORM_JSON] = write_json,
	};
	struct text line;

	text_init(&line, LINE_MAXIMUM);
	if (options->form != FORM_JSON)
		printf("%-16s %-32s %-18s ADDRESSES  SINCE  UNTIL  MODELS%s\n",
		    "NAMESPACE", "NAME", "APPLICATION",
		    options->form == FORM_WIDE
			? "  CLUSTER  NODE  KIND  BECAUSE"
			: "");
	for (size_t i = 0; i < inventory_workload_count(setup->inventory);
	     i++) {
		const struct workload *workload =
		    inventory_workload(setup->inventory, i);
		const struct identity *identity;

		if (options->at.ns != INSTANT_PAST.ns &&
		    !workload_alive(workload, options->at))
			continue;
		identity = policy_workload(setup->policy, workload);
		text_clear(&line);
		writers[options->form](&line, workload, identity);
		puts(line.at);
	}
	text_release(&line);
}

int
command_workloads(int argc, char **argv)
{
	struct workloads_options options = {.at = INSTANT_PAST};
	struct setup setup;
	int code;

	switch (options_walk(&table, argc, argv, take, &options)) {
	case OPTIONS_HELP:
		return EXIT_DONE;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_GO:
		break;
	}
	if (!setup_has_inventory(&options.paths)) {
		options_complain(&table, "no --inventory or --redis to list");
		return EXIT_USAGE;
	}
	code = setup_load(&options.paths, &setup);
	if (code == EXIT_DONE) {
		list(&options, &setup);
		code = setup.damaged ? EXIT_INPUT : EXIT_DONE;
	}
	setup_release(&setup);
	return code;
}
