#include <stdio.h>
#include <stdlib.h>

#include "sensor/base/arena.h"
#include "sensor/capture_live.h"
#include "sensor/commands/commands.h"
#include "sensor/live/run_options.h"
#include "sensor/live/run_settings.h"
#include "sensor/live/supervisor.h"
#include "sensor/run/exit.h"

enum {
	ROW_LIST = RUN_ROW_COUNT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    RUN_ROWS,
    [ROW_LIST] = {"list-interfaces", 'D', NULL, "list them, and no more"},
};

static const struct option_table table = {
    .usage = "hedgerow run -i NAME... [OPTION]... [BPF-EXPRESSION]",
    .summary = "Judges the flows that pass by an interface, until it is "
	       "stopped.\nSIGHUP opens the files of records anew and reads "
	       "settings, models and\ninventory again." RUN_ENVIRONMENT_HELP,
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow -D\n"
		"  hedgerow run -i eth1 --redis redis://localhost \\\n"
		"    --models /etc/hedgerow/models \\\n"
		"    --alerts /var/log/hedgerow/alerts.ndjson\n"
		"  hedgerow run --config deploy/hedgerow.yaml\n"
		"  hedgerow -i lo --no-confine port 6379\n",
};

static bool
take(size_t row, const char *value, void *context)
{
	bool *lists = context;

	(void)row;
	(void)value;
	*lists = true;
	return true;
}

static int
list_interfaces(void)
{
	char fault[CAPTURE_LIVE_FAULT_SIZE];

	if (capture_live_list(stdout, fault))
		return EXIT_DONE;
	fprintf(stderr, "hedgerow: %s\n", fault);
	return EXIT_PERMISSION;
}

static int
run(const struct run_options *options)
{
	const struct live_settings *settings = &options->settings;

	if (settings->interface_count == 0) {
		options_complain(
		    &table, "no interface; `hedgerow -D` lists what there is");
		return EXIT_USAGE;
	}
	if (options->config != NULL && !settings->quiet)
		fprintf(stderr, "hedgerow: settings of %s\n", options->config);
	return supervisor_run(settings);
}

int
command_run(int argc, char **argv)
{
	bool lists = false;
	struct run_options *options = allocate(1, sizeof(*options));
	enum options_status status;
	int code = EXIT_USAGE;

	options->table = &table;
	options->take = take;
	options->context = &lists;
	status = run_settings_read(options, argc, argv);
	if (status == OPTIONS_HELP)
		code = EXIT_DONE;
	else if (status == OPTIONS_GO && lists)
		code = list_interfaces();
	else if (status == OPTIONS_GO)
		code = run(options);
	run_options_release(options);
	free(options);
	return code;
}
