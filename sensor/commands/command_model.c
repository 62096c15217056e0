#include "classifiers/inventory/inventory.h"
#include "models/identity.h"
#include "models/library.h"
#include "models/library_check.h"
#include "models/model_print.h"
#include "models/policy.h"
#include "models/policy_check.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

#define MODEL_TEXT_MAXIMUM ((size_t)4 * 1024 * 1024)

enum {
	ROW_COUNT = SETUP_ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
};

static const struct option_table table = {
    .usage = "hedgerow model list|show NAME|check DIR...|explain WORKLOAD "
	     "[OPTION]...",
    .summary = "Lists models, prints one as it was loaded, reports every "
	       "mistake in a\ndirectory of models, or says which models apply "
	       "to a workload and why.",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow model list\n"
		"  hedgerow model show redis\n"
		"  hedgerow model check pcaps/demo/models\n"
		"  hedgerow model check pcaps/demo/models \\\n"
		"    --inventory pcaps/demo/metadata.json\n"
		"  hedgerow model explain shop/carts-db \\\n"
		"    --inventory pcaps/demo/metadata.json\n",
};

struct model_options {
	struct setup_paths paths;
	const char *action; /* first operand */
	const char *name;   /* second one */
};

static bool
take(size_t row, const char *value, void *context)
{
	struct model_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	default:
		break;
	}
	if (options->action == NULL) {
		options->action = value;
		return true;
	}
	if (strcmp(options->action, "check") == 0)
		return setup_add_models(&options->paths, value);
	if (options->name != NULL) {
		options_complain(&table, "`%s`: one name is enough", value);
		return false;
	}
	options->name = value;
	return true;
}

static int
list(const struct model_options *options)
{
	struct setup setup;
	int code = setup_load_models(&options->paths, &setup);

	if (code == EXIT_DONE) {
		printf("%-22s %-9s %-14s %s\n", "MODEL", "LAYER", "ROLE",
		    "DESCRIBES");
		for (size_t i = 0; i < library_model_count(setup.library);
		     i++) {
			const struct model *model =
			    library_model(setup.library, i);

			printf("%-22s %-9s %-14s %s\n", model->name,
			    layer_name(model->layer),
			    model->role == NULL ? "-" : model->role,
			    model->describes);
		}
	}
	setup_release(&setup);
	return code;
}

static void
complain_no_model(const struct library *library, const char *name)
{
	size_t count = library_model_count(library);
	const char **names = calloc(count + 1, sizeof(*names));
	const char *nearest = NULL;

	for (size_t i = 0; names != NULL && i < count; i++)
		names[i] = library_model(library, i)->name;
	if (names != NULL)
		nearest = nearest_word(name, names);
	fprintf(stderr, "hedgerow: no model `%s`%s%s\n", name,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "; see `hedgerow model list`" : nearest);
	free(names);
}

static int
show(const struct model_options *options)
{
	struct setup setup;
	int code = setup_load_models(&options->paths, &setup);
	const struct model *model;
	struct text text;

	if (code == EXIT_DONE) {
		model = library_find(setup.library, options->name);
		if (model == NULL) {
			complain_no_model(setup.library, options->name);
			code = EXIT_USAGE;
		} else {
			text_init(&text, MODEL_TEXT_MAXIMUM);
			model_print(&text, model);
			fputs(text.at, stdout);
			text_release(&text);
		}
	}
	setup_release(&setup);
	return code;
}

/* What is written well and hardly meant; returns how many there are. */
static size_t
warn(const struct setup *setup)
{
	struct report *report = report_new();
	size_t warnings;

	library_check(setup->library, report);
	if (setup->inventory != NULL)
		policy_check(
		    setup->policy, setup->library, setup->inventory, report);
	report_print(report, stderr);
	warnings = report_warnings(report);
	report_free(report);
	return warnings;
}

static int
check(const struct model_options *options)
{
	struct setup setup;
	int code = setup_has_inventory(&options->paths)
		       ? setup_load(&options->paths, &setup)
		       : setup_load_models(&options->paths, &setup);
	size_t warnings;

	if (code == EXIT_DONE)
		code = setup_check_geography(&options->paths, &setup);
	if (code == EXIT_DONE) {
		warnings = warn(&setup);
		printf("%zu models, %zu segments, %zu zones",
		    library_model_count(setup.library),
		    library_segment_count(setup.library),
		    library_zone_count(setup.library));
		if (library_tuning_count(setup.library) > 0)
			printf(", %zu settings of detectors",
			    library_tuning_count(setup.library));
		printf(": no mistakes");
		if (warnings > 0)
			printf(", %zu warning%s", warnings,
			    warnings == 1 ? "" : "s");
		putchar(10);
	}
	setup_release(&setup);
	return code;
}

/* --- explain -------------------------------------------------------------- */

static void
explain_model(const struct model *model)
{
	printf("  %-20s %s%s  %s:%u\n", model->name, layer_name(model->layer),
	    model->adds ? " (adds)" : "", model->place.file, model->place.line);
}

static void
explain_workload(
    const struct workload *workload, const struct identity *identity)
{
	printf("%s  (pod %s)\n", identity->name, workload->name);
	printf("  application          %s, from %s\n", workload->application,
	    workload->application_source);
	for (size_t i = 0; i < workload->container_count; i++)
		printf("  container            %s, image %s, repository %s\n",
		    workload->containers[i].name,
		    workload->containers[i].image.name,
		    workload->containers[i].image.repository);
	for (size_t i = 0; i < identity->segment_count; i++)
		printf(
		    "  segment              %s\n", identity->segments[i]->name);
	if (identity->model_count == 0)
		puts("  no model matches: its role is application");
	else
		puts("  models of the deciding layer:");
	for (size_t i = 0; i < identity->model_count; i++)
		explain_model(identity->models[i]);
}

/* `carts`, `shop/carts` or a pod's own name. */
static bool
is_called(const struct workload *workload, const struct identity *identity,
    const char *name)
{
	return strcmp(identity->name, name) == 0 ||
	       strcmp(workload->application, name) == 0 ||
	       strcmp(workload->name, name) == 0;
}

static int
explain(const struct model_options *options)
{
	struct setup setup;
	int code = setup_load(&options->paths, &setup);
	const struct identity *last = NULL;
	size_t count =
	    code == EXIT_DONE ? inventory_workload_count(setup.inventory) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct workload *workload =
		    inventory_workload(setup.inventory, i);
		const struct identity *identity =
		    policy_workload(setup.policy, workload);

		if (!is_called(workload, identity, options->name) ||
		    identity == last)
			continue;
		explain_workload(workload, identity);
		last = identity;
	}
	if (code == EXIT_DONE && last == NULL) {
		fprintf(stderr,
		    "hedgerow: no workload `%s`; see `hedgerow workloads`\n",
		    options->name);
		code = EXIT_USAGE;
	}
	setup_release(&setup);
	return code;
}

struct action {
	const char *name;
	int (*run)(const struct model_options *options);
	bool needs_name;
};

static const struct action actions[] = {
    {"list", list, false},
    {"show", show, true},
    {"check", check, false},
    {"explain", explain, true},
};

int
command_model(int argc, char **argv)
{
	struct model_options options = {0};
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (options.action == NULL ||
		    strcmp(options.action, actions[i].name) != 0)
			continue;
		if (actions[i].needs_name && options.name == NULL) {
			options_complain(
			    &table, "%s needs a name", actions[i].name);
			return EXIT_USAGE;
		}
		return actions[i].run(&options);
	}
	options_complain(&table, "say list, show, check or explain");
	return EXIT_USAGE;
}
