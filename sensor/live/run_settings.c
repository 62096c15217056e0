#include "sensor/live/run_settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/domain.h"
#include "sensor/live/run_environment.h"
#include "sensor/live/setting_change.h"

#define FILTER_MAXIMUM 65536

/* The file alone; the rest has its turn when that is read. */
static bool
take_config(size_t row, const char *value, void *context)
{
	const char **config = context;

	if (row == RUN_ROW_CONFIG)
		*config = value;
	return true;
}

static bool
read_config(struct run_options *options, const char *path)
{
	if (path == NULL && access(CONFIG_PATH, F_OK) == 0)
		path = CONFIG_PATH;
	if (path == NULL)
		return true;
	options->config = path;
	if (config_read(path, options->arena, &options->settings,
		&options->domains, options->mistakes))
		return true;
	report_print(options->mistakes, stderr);
	return false;
}

/* --- arguments ------------------------------------------------------------ */

static enum options_status
check(struct run_options *options)
{
	const struct live_settings *settings = &options->settings;

	if (report_errors(options->mistakes) > 0) {
		report_print(options->mistakes, stderr);
		return OPTIONS_WRONG;
	}
	if (settings->flows == NULL || format_takes_flows(settings->format))
		return OPTIONS_GO;
	options_complain(options->table,
	    "the format %s has no place for flow records; leave out --flows, "
	    "or choose native, ecs or ocsf",
	    format_name(settings->format));
	return OPTIONS_WRONG;
}

enum options_status
run_settings_read(struct run_options *options, int argc, char **argv)
{
	const char *const *environment = (const char *const *)environ;
	const char *config = NULL;
	enum options_status status;

	/* The second time we may no longer ask. */
	if (options->host[0] == '\0')
		(void)gethostname(options->host, sizeof(options->host) - 1);
	options->argc = argc;
	options->argv = argv;
	options->settings = live_settings_default(options->host);
	options->arena = arena_new();
	options->mistakes = report_new();
	text_init(&options->filter, FILTER_MAXIMUM);
	status = options_walk(options->table, argc, argv, take_config, &config);
	if (status != OPTIONS_GO)
		return status;
	if (config == NULL)
		config = run_environment_config(environment);
	if (!read_config(options, config) ||
	    !run_environment_read(options, environment))
		return OPTIONS_WRONG;
	status =
	    options_walk(options->table, argc, argv, run_options_take, options);
	options->settings.domains = options->domains;
	options->settings.config = options->config;
	options->settings.again = run_settings_again;
	options->settings.again_context = options;
	if (options->filter.length > 0)
		options->settings.filter = options->filter.at;
	return status == OPTIONS_GO ? check(options) : status;
}

static void
drop(struct run_options *options)
{
	run_options_release(options);
	free(options);
}

/* What is kept are changes, a few KiB each, and a person makes them. */
const struct live_settings *
run_settings_again(void *context)
{
	struct run_options *options = context, *last = options;
	struct run_options *again = allocate(1, sizeof(*again));

	again->table = options->table;
	again->take = options->take;
	again->context = options->context;
	memcpy(again->host, options->host, sizeof(again->host));
	if (run_settings_read(again, options->argc, options->argv) !=
	    OPTIONS_GO) {
		drop(again);
		return NULL;
	}
	while (last->next != NULL)
		last = last->next;
	if (!setting_changes(&last->settings, &again->settings, NULL, NULL)) {
		drop(again);
		return &last->settings;
	}
	last->next = again;
	return &again->settings;
}
