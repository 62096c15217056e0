#include "models/policy_diff.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

enum {
	ROW_AT = SETUP_ROW_COUNT,
	ROW_OLD_INVENTORY,
	ROW_OLD_MODELS,
	ROW_OLD_NO_MODELS,
	ROW_OLD_AT,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_AT] = {"at", 0, "TIME",
	"only workloads of that time, as 2026-11-21T06:28:00Z"},
    [ROW_OLD_INVENTORY] = {"old-inventory", 0, "FILE",
	"the old one's, if not the same; repeatable"},
    [ROW_OLD_MODELS] = {"old-models", 0, "DIR",
	"the old ones, if not the same; repeatable"},
    [ROW_OLD_NO_MODELS] = {"old-no-models", 0, NULL,
	"the old one had no models of your own"},
    [ROW_OLD_AT] = {"old-at", 0, "TIME", "the old time, if not the same"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default) or json"},
};

static const struct option_table table = {
    .usage = "hedgerow policy diff [OPTION]...",
    .summary =
	"Prints what a policy states and an older one did not, and the other\n"
	"way round.  The plain options say what the policy is made of; what\n"
	"was different in the old one is said with --old-...  Where a\n"
	"statement is written makes no difference.  Exits 1 if they differ.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples =
	"  hedgerow policy diff --models pcaps/demo/models --old-no-models \\\n"
	"    --inventory pcaps/demo/metadata.json\n"
	"  hedgerow policy diff --models pcaps/demo/models \\\n"
	"    --inventory pcaps/demo/metadata.json \\\n"
	"    --inventory pcaps/demo/watch.jsonl \\\n"
	"    --old-at 2026-11-21T06:27:30Z --at 2026-11-21T06:28:30Z\n",
};

struct diff_options {
	struct setup_paths paths, old_paths;
	struct instant at, old_at;
	bool old_no_models, old_at_given;
	bool json;
};

static bool
take_old(size_t row, const char *value, struct diff_options *options)
{
	switch (row) {
	case ROW_OLD_INVENTORY:
		return setup_add_inventory(&options->old_paths, value);
	case ROW_OLD_MODELS:
		return setup_add_models(&options->old_paths, value);
	case ROW_OLD_NO_MODELS:
		options->old_no_models = true;
		return true;
	case ROW_OLD_AT:
		options->old_at_given = true;
		return options_time(&table, value, &options->old_at);
	default:
		return false;
	}
}

static bool
take(size_t row, const char *value, void *context)
{
	struct diff_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_AT:
		return options_time(&table, value, &options->at);
	case ROW_OUTPUT:
		return options_output(&table, value, &options->json);
	default:
		return take_old(row, value, options);
	}
}

/* What the old side does not say for itself is as on the new one. */
static void
complete_old(struct diff_options *options)
{
	struct setup_paths *old = &options->old_paths;
	const struct setup_paths *new = &options->paths;

	old->no_library = new->no_library;
	if (old->inventory_count == 0) {
		memcpy(old->inventory, new->inventory, sizeof(old->inventory));
		old->inventory_count = new->inventory_count;
		old->redis = new->redis;
	}
	if (old->model_count == 0 && !options->old_no_models) {
		memcpy(old->models, new->models, sizeof(old->models));
		old->model_count = new->model_count;
	}
	if (!options->old_at_given)
		options->old_at = options->at;
}

/* --- output --------------------------------------------------------------- */

static void
print_text(bool added, const char *line, void *context)
{
	(void)context;
	printf("%c %s\n", added ? '+' : '-', line);
}

/* The line is an object with members; one more goes before them. */
static void
print_json(bool added, const char *line, void *context)
{
	(void)context;
	printf(
	    "{\"change\":\"%s\",%s\n", added ? "added" : "removed", line + 1);
}

static int
load(const struct setup_paths *paths, struct instant at,
    struct policy_lines *lines, bool *damaged)
{
	struct setup setup;
	int code = setup_load(paths, &setup);

	if (code == EXIT_DONE) {
		policy_lines_print(
		    lines, setup.policy, setup.library, setup.inventory, at);
		*damaged = *damaged || setup.damaged;
	}
	setup_release(&setup);
	return code;
}

static int
diff(const struct diff_options *options)
{
	struct policy_lines *old = policy_lines_new(options->json);
	struct policy_lines *new = policy_lines_new(options->json);
	struct policy_changes changes = {0};
	bool damaged = false;
	int code = load(&options->old_paths, options->old_at, old, &damaged);

	if (code == EXIT_DONE)
		code = load(&options->paths, options->at, new, &damaged);
	if (code == EXIT_DONE) {
		changes = policy_diff(
		    old, new, options->json ? print_json : print_text, NULL);
		fprintf(stderr, "%zu statements added, %zu removed\n",
		    changes.added, changes.removed);
		if (damaged)
			code = EXIT_INPUT;
		else if (changes.added + changes.removed > 0)
			code = EXIT_CONDITION;
	}
	policy_lines_free(old);
	policy_lines_free(new);
	return code;
}

int
command_policy_diff(int argc, char **argv)
{
	struct diff_options options = {
	    .at = INSTANT_PAST, .old_at = INSTANT_PAST};
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (options.old_no_models && options.old_paths.model_count > 0) {
		options_complain(
		    &table, "--old-no-models and --old-models contradict");
		return EXIT_USAGE;
	}
	if (options.old_paths.inventory_count == 0 &&
	    options.old_paths.model_count == 0 && !options.old_no_models &&
	    !options.old_at_given) {
		options_complain(&table,
		    "nothing says what the old policy was; give --old-models, "
		    "--old-inventory or --old-at");
		return EXIT_USAGE;
	}
	complete_old(&options);
	return diff(&options);
}
