#include "models/policy_print.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

enum {
	ROW_AT = SETUP_ROW_COUNT,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_AT] = {"at", 0, "TIME",
	"only workloads of that time, as 2026-11-21T06:28:00Z"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default) or json"},
};

static const struct option_table table = {
    .usage = "hedgerow policy show [OPTION]...",
    .summary =
	"Prints the policy that the models come to for the workloads of an\n"
	"inventory: a line a statement, with the model lines behind it.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow policy show --models pcaps/demo/models \\\n"
		"    --inventory pcaps/demo/metadata.json\n",
};

struct show_options {
	struct setup_paths paths;
	struct instant at;
	bool json;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct show_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_AT:
		return options_time(&table, value, &options->at);
	case ROW_OUTPUT:
		return options_output(&table, value, &options->json);
	default:
		return false;
	}
}

static void
print_line(const char *text, void *context)
{
	(void)context;
	puts(text);
}

static int
show(const struct show_options *options)
{
	struct setup setup;
	int code = setup_load(&options->paths, &setup);

	if (code == EXIT_DONE) {
		policy_print(setup.policy, setup.library, setup.inventory,
		    options->at, options->json, print_line, NULL);
		code = setup.damaged ? EXIT_INPUT : EXIT_DONE;
	}
	setup_release(&setup);
	return code;
}

int
command_policy_show(int argc, char **argv)
{
	struct show_options options = {.at = INSTANT_PAST};
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	return show(&options);
}
