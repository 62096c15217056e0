#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/base/text.h"
#include "sensor/run/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/host_check.h"
#include "sensor/run/live.h"
#include "sensor/run/options.h"

#define FILTER_MAXIMUM 65536

enum {
	ROW_INTERFACE = SETUP_ROW_COUNT,
	ROW_BUFFER,
	ROW_USER,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_INTERFACE] = {"interface", 'i', "NAME",
	"where packets will come from; repeatable"},
    [ROW_BUFFER] = {"buffer", 0, "MIB", "the ring of each (default 32)"},
    [ROW_USER] = {"user", 0, "NAME",
	"who the sensor will be (default " LIVE_USER ")"},
};

static const struct option_table table = {
    .usage = "hedgerow check [-i NAME]... [OPTION]... [BPF-EXPRESSION]",
    .summary = "Says what `hedgerow run` with these options would lack on "
	       "this host, and the\nremedy.  Exit code 1 when something is "
	       "missing.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow check\n"
		"  hedgerow check -i eth1 --redis redis://localhost \\\n"
		"    --models /etc/hedgerow/models\n",
};

struct check_options {
	struct setup_paths paths;
	const char *interfaces[LIVE_INTERFACES];
	size_t interface_count;
	size_t buffer;
	const char *user;
	struct text filter;
};

static bool
take_buffer(struct check_options *options, const char *value)
{
	char *end;
	unsigned long given;

	errno = 0;
	given = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || given < 1 ||
	    given > CAPTURE_LIVE_BUFFER_MAXIMUM >> 20) {
		options_complain(&table, "--buffer %s: not 1 to %zu", value,
		    CAPTURE_LIVE_BUFFER_MAXIMUM >> 20);
		return false;
	}
	options->buffer = (size_t)given << 20;
	return true;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct check_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_INTERFACE:
		if (options->interface_count == LIVE_INTERFACES) {
			options_complain(
			    &table, "more than %d interfaces", LIVE_INTERFACES);
			return false;
		}
		options->interfaces[options->interface_count++] = value;
		return true;
	case ROW_BUFFER:
		return take_buffer(options, value);
	case ROW_USER:
		options->user = value;
		return true;
	default:
		if (options->filter.length > 0)
			text_add_char(&options->filter, ' ');
		text_add(&options->filter, value);
		return true;
	}
}

/* Loads what the sensor would; what is wrong comes first, on stderr. */
static void
check_world(struct host_check *check, const struct setup_paths *paths)
{
	struct setup setup = {0};
	char found[96];

	if (setup_load(paths, &setup) != EXIT_DONE) {
		host_check_miss(check, "models and inventory", "cannot be used",
		    "what is wrong is said on stderr");
	} else {
		(void)snprintf(found, sizeof(found), "%zu workloads",
		    inventory_workload_count(setup.inventory));
		if (!setup_has_inventory(paths))
			host_check_warn(check, "inventory", "none",
			    "name who is who by --redis or --inventory");
		else if (setup.damaged)
			host_check_warn(check, "inventory",
			    "a file can be read only in part", NULL);
		else
			host_check_ok("inventory", found);
		host_check_ok("models", "hold");
	}
	setup_release(&setup);
}

static int
check_all(const struct check_options *options)
{
	struct host_check check = {0};

	host_check_rights(&check, options->user);
	host_check_clock(&check);
	for (size_t i = 0; i < options->interface_count; i++)
		host_check_interface(&check, options->interfaces[i],
		    options->filter.length == 0 ? NULL : options->filter.at,
		    options->buffer);
	check_world(&check, &options->paths);
	printf("%u missing, %u warnings\n", check.missing, check.warnings);
	return check.missing > 0 ? EXIT_CONDITION : EXIT_DONE;
}

int
command_check(int argc, char **argv)
{
	struct check_options options = {
	    .paths = {.judges = true},
	    .user = LIVE_USER,
	};
	enum options_status status;
	int code = EXIT_USAGE;

	text_init(&options.filter, FILTER_MAXIMUM);
	status = options_walk(&table, argc, argv, take, &options);
	if (status == OPTIONS_HELP)
		code = EXIT_DONE;
	else if (status == OPTIONS_GO)
		code = check_all(&options);
	text_release(&options.filter);
	return code;
}
