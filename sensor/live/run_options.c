#include "sensor/live/run_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/domain.h"
#include "sensor/flowtable.h"
#include "sensor/live/setting.h"

#define FILTER_MAXIMUM 65536

struct live_settings
live_settings_default(const char *host)
{
	return (struct live_settings){
	    .paths = {.judges = true},
	    .promiscuous = true,
	    .alerts = "-",
	    .stats_seconds = 60,
	    .format = FORMAT_NATIVE,
	    .delivery = {.format = FORMAT_SETTINGS_DEFAULT},
	    .sensor = host[0] == '\0' ? "sensor" : host,
	    .flow_capacity = FLOWTABLE_CAPACITY_DEFAULT,
	    .confined = true,
	    .detectors = true,
	    .times = {FINDING_UPDATE_NS, FINDING_QUIET_NS},
	    .witness =
		{
		    .evidence = EVIDENCE_SETTINGS_DEFAULT,
		    .file = {.size = EVIDENCE_FILE_SIZE_DEFAULT,
			.count = EVIDENCE_FILE_COUNT_DEFAULT,
			.keeps = true,
			.program = "hedgerow " HEDGEROW_VERSION},
		    .follow = WITNESS_FOLLOW_DEFAULT,
		},
	};
}

/* --- the file ------------------------------------------------------------- */

/* Whether a list begins here, in place of the file's. */
static bool
begins(struct run_options *options, size_t row)
{
	uint64_t bit = UINT64_C(1) << row;
	bool first = (options->said & bit) == 0;

	options->said |= bit;
	return first;
}

static bool
take_setup(struct run_options *options, size_t row, const char *value)
{
	struct setup_paths *paths = &options->settings.paths;

	if (begins(options, row)) {
		if (row == SETUP_ROW_INVENTORY)
			paths->inventory_count = 0;
		else if (row == SETUP_ROW_MODELS)
			paths->model_count = 0;
		else if (row == SETUP_ROW_GEO)
			paths->geo_count = 0;
	}
	return setup_take(paths, row, value);
}

static bool
take_interface(struct run_options *options, const char *value)
{
	struct live_settings *settings = &options->settings;

	if (begins(options, RUN_ROW_INTERFACE))
		settings->interface_count = 0;
	if (settings->interface_count == LIVE_INTERFACES) {
		options_complain(
		    options->table, "more than %d interfaces", LIVE_INTERFACES);
		return false;
	}
	settings->interfaces[settings->interface_count++] = value;
	return true;
}

static bool
take_sink(struct run_options *options, const char *value)
{
	struct live_delivery_settings *delivery = &options->settings.delivery;

	if (begins(options, RUN_ROW_SINK))
		delivery->sink_count = 0;
	if (delivery->sink_count == LIVE_DELIVERY_SINKS) {
		options_complain(
		    options->table, "more than %d sinks", LIVE_DELIVERY_SINKS);
		return false;
	}
	delivery->sinks[delivery->sink_count++] = value;
	return true;
}

/* Every mistake is said once all are read. */
static void
take_domain(struct run_options *options, const char *value)
{
	const struct place place = {
	    options->word == NULL ? "--domain" : options->word, 1, 1};

	if (begins(options, RUN_ROW_DOMAIN)) {
		domains_free(options->domains);
		options->domains = domains_new();
	}
	domains_add(options->domains, value, options->mistakes, place);
}

static bool
take_setting(struct run_options *options, size_t row, const char *value)
{
	const char *name = options->table->rows[row].name;
	const struct setting *setting = setting_of_option(name);
	char fault[SETTING_FAULT_SIZE];

	if (setting_take(setting, value, true, &options->settings, fault))
		return true;
	if (options->word == NULL)
		options_complain(options->table, "--%s: %s", name, fault);
	else
		options_complain(
		    options->table, "%s: %s", options->word, fault);
	return false;
}

static void
take_word(struct run_options *options, const char *word)
{
	if (options->filter.length > 0)
		text_add_char(&options->filter, ' ');
	text_add(&options->filter, word);
}

bool
run_options_switch(struct run_options *options, size_t row, bool on)
{
	struct live_settings *settings = &options->settings;

	if (row == SETUP_ROW_NO_LIBRARY)
		settings->paths.no_library = on;
	else if (row == SETUP_ROW_NO_GENERAL)
		settings->paths.no_general = on;
	else if (row == RUN_ROW_NO_PROMISCUOUS)
		settings->promiscuous = !on;
	else if (row == RUN_ROW_NO_DETECTORS)
		settings->detectors = !on;
	else if (row == RUN_ROW_NO_CONFINE)
		settings->confined = !on;
	else if (row == RUN_ROW_QUIET)
		settings->quiet = on;
	else
		return false;
	return true;
}

bool
run_options_take(size_t row, const char *value, void *context)
{
	struct run_options *options = context;

	if (row != SIZE_MAX && run_options_switch(options, row, true))
		return true;
	if (row < SETUP_ROW_COUNT)
		return take_setup(options, row, value);
	if (row == RUN_ROW_INTERFACE)
		return take_interface(options, value);
	if (row == RUN_ROW_SINK)
		return take_sink(options, value);
	if (row == RUN_ROW_DOMAIN)
		take_domain(options, value);
	else if (row == SIZE_MAX)
		take_word(options, value);
	else if (row >= RUN_ROW_COUNT)
		return options->take(row, value, options->context);
	else if (row != RUN_ROW_CONFIG)
		return take_setting(options, row, value);
	return true;
}

void
run_options_release(struct run_options *options)
{
	if (options->next != NULL)
		run_options_release(options->next);
	free(options->next);
	text_release(&options->filter);
	domains_free(options->domains);
	report_free(options->mistakes);
	arena_free(options->arena);
}
