#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/domain.h"
#include "sensor/flowtable.h"
#include "sensor/run/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/live.h"
#include "sensor/run/options.h"

#define FILTER_MAXIMUM 65536

/* Of the kernel; what is longer is cut. */
#define HOST_NAME_SIZE 65

enum {
	ROW_INTERFACE = SETUP_ROW_COUNT,
	ROW_LIST,
	ROW_ALERTS,
	ROW_FLOWS,
	ROW_FORMAT,
	ROW_JOURNAL,
	ROW_SINK,
	ROW_STATS,
	ROW_STATS_INTERVAL,
	ROW_CAPACITY,
	ROW_BUFFER,
	ROW_NO_PROMISCUOUS,
	ROW_DOMAIN,
	ROW_SAVED,
	ROW_CONTROL,
	ROW_METRICS,
	ROW_USER,
	ROW_NO_CONFINE,
	ROW_SENSOR,
	ROW_QUIET,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_INTERFACE] = {"interface", 'i', "NAME",
	"where packets come from; repeatable"},
    [ROW_LIST] = {"list-interfaces", 'D', NULL, "list them, and no more"},
    [ROW_ALERTS] = {"alerts", 0, "FILE", "where alerts go (default -)"},
    [ROW_FLOWS] = {"flows", 0, "FILE", "where flow records go (default none)"},
    [ROW_FORMAT] = {"format", 0, "FORMAT",
	"native, ecs, ocsf, cef, leef or syslog (default native)"},
    [ROW_JOURNAL] = {"journal", 0, "DIR", "keep every alert there first"},
    [ROW_SINK] = {"sink", 0, "URL",
	"send what the journal has there; repeatable"},
    [ROW_STATS] = {"stats", 0, "FILE", "where stats records go (default none)"},
    [ROW_STATS_INTERVAL] = {"stats-interval", 0, "SECONDS",
	"how often (default 60)"},
    [ROW_CAPACITY] = {"flow-capacity", 0, "N",
	"flows in progress at once (default 262144)"},
    [ROW_BUFFER] = {"buffer", 0, "MIB",
	"the ring of each interface (default 32)"},
    [ROW_NO_PROMISCUOUS] = {"no-promiscuous", 'p', NULL,
	"only what is for this host"},
    [ROW_DOMAIN] = {"domain", 0, "NAME=WHAT",
	"a network of its own: vlan:N, vni:N, interface:NAME; repeatable"},
    [ROW_SAVED] = {"saved", 0, "FILE",
	"what Redis told last is kept there, for a start without it"},
    [ROW_CONTROL] = {"control", 0, "PATH",
	"the socket for `hedgerow ctl` (default " LIVE_CONTROL ")"},
    [ROW_METRICS] = {"metrics", 0, "ADDRESS:PORT",
	"Prometheus metrics, /livez and /readyz (default none)"},
    [ROW_USER] = {"user", 0, "NAME",
	"who to be when all is open (default " LIVE_USER ")"},
    [ROW_NO_CONFINE] = {"no-confine", 0, NULL,
	"keep every right; to look for faults"},
    [ROW_SENSOR] = {"sensor", 0, "NAME",
	"the sensor's name in records (default the host's)"},
    [ROW_QUIET] = {"quiet", 'q', NULL, "no summary, only what is wrong"},
};

static const struct option_table table = {
    .usage = "hedgerow run -i NAME... [OPTION]... [BPF-EXPRESSION]",
    .summary = "Judges the flows that pass by an interface, until it is "
	       "stopped.\nSIGHUP opens the files of records anew and reloads "
	       "models and inventory.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow -D\n"
		"  hedgerow run -i eth1 --redis redis://localhost \\\n"
		"    --models /etc/hedgerow/models \\\n"
		"    --alerts /var/log/hedgerow/alerts.ndjson\n"
		"  hedgerow -i lo --no-confine port 6379\n",
};

struct run_options {
	struct live_settings settings;
	struct domains *domains; /* NULL: none is declared */
	struct report *mistakes; /* in what declares them */
	struct text filter;      /* words joined by spaces; empty: none */
	char host[HOST_NAME_SIZE];
	bool lists;
};

/* --- arguments ------------------------------------------------------------ */

static bool
take_format(struct run_options *options, const char *value)
{
	const char *nearest;

	if (format_parse(value, &options->settings.format))
		return true;
	nearest = nearest_word(value, format_names());
	options_complain(&table,
	    "--format %s: not native, ecs, ocsf, cef, leef or syslog%s%s",
	    value, nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

/* A whole number from 1 to `most`. */
static bool
take_number(
    const char *option, const char *value, uint32_t most, uint32_t *number)
{
	char *end;
	unsigned long given;

	errno = 0;
	given = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || given < 1 ||
	    given > most) {
		options_complain(
		    &table, "--%s %s: not 1 to %u", option, value, most);
		return false;
	}
	*number = (uint32_t)given;
	return true;
}

static bool
take_buffer(struct run_options *options, const char *value)
{
	uint32_t number;

	if (!take_number("buffer", value,
		(uint32_t)(CAPTURE_LIVE_BUFFER_MAXIMUM >> 20), &number))
		return false;
	options->settings.buffer = (size_t)number << 20;
	return true;
}

static bool
take_interface(struct run_options *options, const char *value)
{
	struct live_settings *settings = &options->settings;

	if (settings->interface_count == LIVE_INTERFACES) {
		options_complain(
		    &table, "more than %d interfaces", LIVE_INTERFACES);
		return false;
	}
	settings->interfaces[settings->interface_count++] = value;
	return true;
}

static bool
take_sink(struct run_options *options, const char *value)
{
	struct live_delivery_settings *delivery = &options->settings.delivery;

	if (delivery->sink_count == LIVE_DELIVERY_SINKS) {
		options_complain(
		    &table, "more than %d sinks", LIVE_DELIVERY_SINKS);
		return false;
	}
	delivery->sinks[delivery->sink_count++] = value;
	return true;
}

/* Every mistake is said once all are read. */
static void
take_domain(struct run_options *options, const char *value)
{
	const struct place place = {"--domain", 1, 1};

	if (options->domains == NULL) {
		options->domains = domains_new();
		options->mistakes = report_new();
	}
	domains_add(options->domains, value, options->mistakes, place);
}

static void
take_word(struct run_options *options, const char *word)
{
	if (options->filter.length > 0)
		text_add_char(&options->filter, ' ');
	text_add(&options->filter, word);
}

/* Options that are a text, and where it goes; NULL for the others. */
static const char **
place_of(struct live_settings *settings, size_t row)
{
	switch (row) {
	case ROW_ALERTS:
		return &settings->alerts;
	case ROW_FLOWS:
		return &settings->flows;
	case ROW_JOURNAL:
		return &settings->delivery.journal;
	case ROW_STATS:
		return &settings->stats;
	case ROW_SAVED:
		return &settings->saved;
	case ROW_CONTROL:
		return &settings->control;
	case ROW_METRICS:
		return &settings->metrics;
	case ROW_USER:
		return &settings->user;
	case ROW_SENSOR:
		return &settings->sensor;
	default:
		return NULL;
	}
}

static void
take_switch(struct run_options *options, size_t row)
{
	if (row == ROW_LIST)
		options->lists = true;
	else if (row == ROW_NO_PROMISCUOUS)
		options->settings.promiscuous = false;
	else if (row == ROW_NO_CONFINE)
		options->settings.confined = false;
	else if (row == ROW_QUIET)
		options->settings.quiet = true;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct run_options *options = context;
	const char **text;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->settings.paths, row, value);
	text = place_of(&options->settings, row);
	if (text != NULL)
		*text = value;
	else if (row == ROW_INTERFACE)
		return take_interface(options, value);
	else if (row == ROW_SINK)
		return take_sink(options, value);
	else if (row == ROW_FORMAT)
		return take_format(options, value);
	else if (row == ROW_STATS_INTERVAL)
		return take_number("stats-interval", value, 86400,
		    &options->settings.stats_seconds);
	else if (row == ROW_CAPACITY)
		return take_number("flow-capacity", value,
		    FLOWTABLE_CAPACITY_MAXIMUM,
		    &options->settings.flow_capacity);
	else if (row == ROW_BUFFER)
		return take_buffer(options, value);
	else if (row == ROW_DOMAIN)
		take_domain(options, value);
	else if (row == SIZE_MAX)
		take_word(options, value);
	else
		take_switch(options, row);
	return true;
}

/* --- run ------------------------------------------------------------------ */

static void
set_defaults(struct run_options *options)
{
	(void)gethostname(options->host, sizeof(options->host) - 1);
	options->settings = (struct live_settings){
	    .paths = {.judges = true},
	    .promiscuous = true,
	    .alerts = "-",
	    .stats_seconds = 60,
	    .format = FORMAT_NATIVE,
	    .sensor = options->host[0] == '\0' ? "sensor" : options->host,
	    .flow_capacity = FLOWTABLE_CAPACITY_DEFAULT,
	    .confined = true,
	};
	text_init(&options->filter, FILTER_MAXIMUM);
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

/* Whether what is asked for makes sense together. */
static bool
check(const struct run_options *options)
{
	const struct live_settings *settings = &options->settings;

	if (settings->interface_count == 0) {
		options_complain(
		    &table, "no interface; `hedgerow -D` lists what there is");
		return false;
	}
	if (options->mistakes != NULL) {
		report_print(options->mistakes, stderr);
		if (report_errors(options->mistakes) > 0)
			return false;
	}
	if (settings->flows == NULL || format_takes_flows(settings->format))
		return true;
	options_complain(&table,
	    "--format %s has no place for flow records; leave out --flows, or "
	    "choose native, ecs or ocsf",
	    format_name(settings->format));
	return false;
}

int
command_run(int argc, char **argv)
{
	struct run_options *options = allocate(1, sizeof(*options));
	enum options_status status;
	int code = EXIT_USAGE;

	set_defaults(options);
	status = options_walk(&table, argc, argv, take, options);
	options->settings.domains = options->domains;
	if (options->filter.length > 0)
		options->settings.filter = options->filter.at;
	if (status == OPTIONS_HELP)
		code = EXIT_DONE;
	else if (status == OPTIONS_GO && options->lists)
		code = list_interfaces();
	else if (status == OPTIONS_GO && check(options))
		code = live_run(&options->settings);
	text_release(&options->filter);
	domains_free(options->domains);
	report_free(options->mistakes);
	free(options);
	return code;
}
