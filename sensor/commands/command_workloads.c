#include <ctype.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "models/identity.h"
#include "models/policy.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/workloads_watch.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

#define LINE_MAXIMUM ((size_t)1024 * 1024)

/* The longest IPv4 address, and a time. */
#define ADDRESS_WIDTH 15
#define TIME_WIDTH    27
#define MODELS_WIDTH  18

enum form {
	FORM_TEXT,
	FORM_WIDE, /* and where, of what kind, and what runs there */
	FORM_JSON,
};

enum {
	ROW_AT = SETUP_ROW_COUNT,
	ROW_OUTPUT,
	ROW_WATCH,
	ROW_SAVED,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_AT] = {"at", 0, "TIME",
	"only those of that time, as 2026-11-21T06:28:00Z"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default), wide or json"},
    [ROW_WATCH] = {"watch", 0, NULL,
	"with --redis: go on, and say each change as it becomes visible"},
    [ROW_SAVED] = {"saved", 0, "FILE",
	"with --watch: where to keep the inventory, to begin without Redis"},
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
	bool watch;
	const char *saved;
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
	case ROW_WATCH:
		options->watch = true;
		return true;
	case ROW_SAVED:
		options->saved = value;
		return true;
	default:
		return false;
	}
}

static const char *
or_dash(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

/* A column of that width, and room before the next one. */
static void
end_column(struct text *out, size_t begin, size_t width)
{
	while (out->length < begin + width && !out->overflow)
		text_add_char(out, ' ');
	text_add(out, "  ");
}

/* A time that nothing bounds is shown as none. */
static void
add_time(struct text *out, struct instant at)
{
	size_t begin = out->length;
	char printed[INSTANT_TEXT_SIZE] = "-";

	if (at.ns != INSTANT_PAST.ns && at.ns != INSTANT_FUTURE.ns)
		instant_print(at, printed);
	text_add(out, printed);
	end_column(out, begin, TIME_WIDTH);
}

/* Names are anybody's, and a terminal obeys what it is shown. */
static void
hide_controls(struct text *out)
{
	for (size_t i = 0; i < out->length; i++)
		if (iscntrl((unsigned char)out->at[i]))
			out->at[i] = '?';
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
		text_format(out, "%snode:%s",
		    workload->address_count == 0 ? "" : ",", workload->node);
	else if (workload->address_count == 0)
		text_add(out, "-");
}

static void
write_text(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	size_t begin;

	text_format(out, "%-16s %-32s %-18s ", or_dash(workload->namespace),
	    workload->name, workload->application);
	begin = out->length;
	add_addresses(out, workload);
	end_column(out, begin, ADDRESS_WIDTH);
	add_time(out, workload->since);
	add_time(out, workload->until);
	begin = out->length;
	add_models(out, identity);
	end_column(out, begin, MODELS_WIDTH);
	text_add(out, or_dash(workload->application_source));
}

static void
add_images(struct text *out, const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++)
		text_format(out, "%s%s", i == 0 ? "" : ",",
		    or_dash(workload->containers[i].image.name));
	if (workload->container_count == 0)
		text_add(out, "-");
}

static void
write_wide(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	write_text(out, workload, identity);
	text_format(out, "  %s  %s  %s  ", or_dash(workload->cluster),
	    or_dash(workload->node), or_dash(workload->kind));
	add_images(out, workload);
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
write_json_time(struct json_writer *json, const char *key, struct instant at)
{
	char printed[INSTANT_TEXT_SIZE];

	if (at.ns == INSTANT_PAST.ns || at.ns == INSTANT_FUTURE.ns)
		return;
	instant_print(at, printed);
	json_put_string(json, key, printed);
}

/* An image's name as it is, and taken apart. */
static void
write_json_containers(struct json_writer *json, const struct workload *workload)
{
	json_array_open(json, "containers");
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct container *one = &workload->containers[i];

		json_object_open(json, NULL);
		json_put_string(json, "name", one->name);
		json_put_string(json, "image", one->image.name);
		json_put_string(json, "registry", one->image.registry);
		json_put_string(json, "path", one->image.repository);
		json_put_string(json, "base", one->image.base);
		json_put_string(json, "tag", one->image.tag);
		json_put_string(json, "digest", one->image.digest);
		json_object_close(json);
	}
	json_array_close(json);
}

static void
write_json(struct text *out, const struct workload *workload,
    const struct identity *identity)
{
	struct json_writer json = json_to(out);
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
	write_json_containers(&json, workload);
	write_json_time(&json, "began", workload->began);
	write_json_time(&json, "since", workload->since);
	write_json_time(&json, "until", workload->until);
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

static void (*const writers[])(
    struct text *, const struct workload *, const struct identity *) = {
    [FORM_TEXT] = write_text,
    [FORM_WIDE] = write_wide,
    [FORM_JSON] = write_json,
};

static void
list(const struct workloads_options *options, const struct setup *setup)
{
	struct text line;

	text_init(&line, LINE_MAXIMUM);
	if (options->form != FORM_JSON)
		printf("%-16s %-32s %-18s %-15s  %-27s  %-27s  %-*s  "
		       "BECAUSE%s\n",
		    "NAMESPACE", "NAME", "APPLICATION", "ADDRESSES", "SINCE",
		    "UNTIL", MODELS_WIDTH, "MODELS",
		    options->form == FORM_WIDE ? "  CLUSTER  NODE  KIND  IMAGES"
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
		hide_controls(&line);
		puts(line.at);
	}
	text_release(&line);
}

static bool
may_watch(const struct workloads_options *options)
{
	if (options->saved != NULL && !options->watch)
		options_complain(&table, "--saved goes with --watch");
	else if (options->watch && options->paths.redis == NULL)
		options_complain(&table, "--watch needs --redis: files do not "
					 "change");
	else if (options->watch && options->at.ns != INSTANT_PAST.ns)
		options_complain(&table, "--watch is about now, --at is not");
	else
		return true;
	return false;
}

static int
watch_changes(const struct workloads_options *options)
{
	const struct workloads_watch watch = {
	    .paths = &options->paths,
	    .saved = options->saved,
	    .json = options->form == FORM_JSON,
	    .write = writers[options->form],
	};

	return workloads_watch(&watch);
}

int
command_workloads(int argc, char **argv)
{
	struct workloads_options options = {.at = INSTANT_PAST};
	struct setup setup;
	int code;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (!setup_has_inventory(&options.paths)) {
		options_complain(&table, "no --inventory or --redis to list");
		return EXIT_USAGE;
	}
	if (!may_watch(&options))
		return EXIT_USAGE;
	if (options.watch)
		return watch_changes(&options);
	code = setup_load(&options.paths, &setup);
	if (code == EXIT_DONE) {
		list(&options, &setup);
		code = setup.damaged ? EXIT_INPUT : EXIT_DONE;
	}
	setup_release(&setup);
	return code;
}
