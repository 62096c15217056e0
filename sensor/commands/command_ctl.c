#include <string.h>

#include "sensor/base/report.h"
#include "sensor/commands/commands.h"
#include "sensor/live/control.h"
#include "sensor/live/live.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"

enum { ROW_CONTROL, ROW_COUNT };

static const struct option_row rows[ROW_COUNT] = {
    [ROW_CONTROL] = {"control", 0, "PATH",
	"the sensor's socket (default " LIVE_CONTROL ")"},
};

static const struct option_table table = {
    .usage = "hedgerow ctl stats|health|reload|reopen [OPTION]...",
    .summary = "Asks a running sensor; its answer is a line of JSON.\nExit "
	       "code 1 when it is not well, or could not do it.",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow ctl health\n"
		"  hedgerow ctl stats --control /run/hedgerow/control\n",
};

struct ctl_options {
	const char *control, *word;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct ctl_options *options = context;

	if (row == ROW_CONTROL) {
		options->control = value;
		return true;
	}
	if (options->word != NULL) {
		options_complain(&table, "one command at a time");
		return false;
	}
	options->word = value;
	return true;
}

int
command_ctl(int argc, char **argv)
{
	struct ctl_options options = {.control = LIVE_CONTROL};
	const char *nearest;
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (options.word == NULL) {
		options_complain(&table, "stats, health, reload or reopen?");
		return EXIT_USAGE;
	}
	for (int i = 0; i < CONTROL_COUNT; i++)
		if (strcmp(options.word, control_words()[i]) == 0)
			return control_ask(
			    options.control, (enum control_command)i);
	nearest = nearest_word(options.word, control_words());
	options_complain(&table, "no command `%s`%s%s", options.word,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return EXIT_USAGE;
}
