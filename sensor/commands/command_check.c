#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/sink_url.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/commands/commands.h"
#include "sensor/live/crew.h"
#include "sensor/live/host_check.h"
#include "sensor/live/host_facts.h"
#include "sensor/live/run_options.h"
#include "sensor/live/run_settings.h"
#include "sensor/run/exit.h"

/* Of libraries, records, timers, and whoever asks. */
#define FILES_BESIDE 128

static const struct option_row rows[RUN_ROW_COUNT] = {RUN_ROWS};

static const struct option_table table = {
    .usage = "hedgerow check [-i NAME]... [OPTION]... [BPF-EXPRESSION]",
    .summary = "Says what `hedgerow run` with these options would lack on "
	       "this host, and the\nremedy.  Opens everything as the sensor "
	       "does, and changes nothing.  Exit code 1 when\nsomething is "
	       "missing." RUN_ENVIRONMENT_HELP,
    .rows = rows,
    .count = RUN_ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow check\n"
		"  hedgerow check --config deploy/hedgerow.yaml\n"
		"  hedgerow check -i eth1 --redis redis://localhost \\\n"
		"    --models /etc/hedgerow/models\n",
};

/* Loads what the sensor would; what is wrong comes first, on stderr. */
static void
check_world(struct host_check *check, const struct setup_paths *paths)
{
	struct setup_paths there = *paths;
	struct setup setup = {0};
	char found[96];

	if (paths->redis != NULL && !host_check_redis(check, paths->redis))
		there.redis = NULL; /* what is wrong with it was said */
	if (setup_load(&there, &setup) != EXIT_DONE) {
		host_check_miss(check, "models and inventory", "cannot be used",
		    "what is wrong is said on stderr");
	} else {
		(void)snprintf(found, sizeof(found), "%zu workloads",
		    inventory_workload_count(setup.inventory));
		if (!setup_has_inventory(&there))
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

/* Where the user must be able to write, and to make files anew. */
static void
check_files(struct host_check *check, const struct live_settings *settings)
{
	const struct {
		const char *what, *path;
	} files[] = {
	    {"alerts", settings->alerts},
	    {"flows", settings->flows},
	    {"stats", settings->stats},
	    {"evidence", settings->witness.file.path},
	    {"saved", settings->saved},
	    {"state", settings->state},
	};
	const char *user = settings->user == NULL ? LIVE_USER : settings->user;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].path != NULL && strcmp(files[i].path, "-") != 0)
			host_check_directory(
			    check, files[i].what, files[i].path, user);
	for (size_t i = 0; i < settings->paths.model_count; i++)
		host_check_readable(
		    check, "models", settings->paths.models[i], user);
}

/* A certificate, key or token. */
static void
check_file(struct host_check *check, const char *path, const char *user)
{
	char found[SINK_FAULT_SIZE];

	if (path == NULL)
		return;
	if (access(path, R_OK) == 0) {
		host_check_readable(check, "sink", path, user);
		return;
	}
	(void)snprintf(found, sizeof(found), "%s: %s", path, strerror(errno));
	host_check_miss(check, "sink", found, NULL);
}

/* What a sink's URL names on this host. */
static void
check_sink(struct host_check *check, const char *text, const char *user)
{
	char fault[SINK_FAULT_SIZE];
	struct sink_url *url = sink_url_parse(text, fault);

	if (url == NULL) {
		host_check_miss(check, "sink", fault, NULL);
		return;
	}
	host_check_ok("sink", url->shown);
	if (url->kind == SINK_FILE) {
		if (strcmp(url->path, "-") != 0)
			host_check_directory(check, "sink", url->path, user);
	} else {
		const char *const files[] = {
		    url->ca, url->certificate, url->key, url->token_file};

		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			check_file(check, files[i], user);
	}
	sink_url_free(url);
}

/* A journal's directory that is not there is made by the sensor. */
static void
check_delivery(struct host_check *check, const struct live_settings *settings)
{
	const struct live_delivery_settings *delivery = &settings->delivery;
	const char *user = settings->user == NULL ? LIVE_USER : settings->user;
	char *inside = NULL;

	if (delivery->journal == NULL && delivery->sink_count > 0)
		host_check_miss(check, "journal", "none",
		    "sinks are served from it: name its directory by "
		    "--journal");
	if (delivery->journal != NULL && file_is_directory(delivery->journal) &&
	    asprintf(&inside, "%s/lock", delivery->journal) >= 0)
		host_check_directory(check, "journal", inside, user);
	free(inside);
	for (size_t i = 0; i < delivery->sink_count; i++)
		check_sink(check, delivery->sinks[i], user);
}

static size_t
workers_of(const struct live_settings *settings)
{
	return settings->workers == 0 ? crew_default() : settings->workers;
}

/* Rings, and what evidence of every worker may come to. */
static void
check_memory(struct host_check *check, const struct live_settings *settings)
{
	const struct evidence_settings *kept = &settings->witness.evidence;
	size_t workers = workers_of(settings);
	size_t ring =
	    settings->buffer == 0 ? CAPTURE_LIVE_BUFFER : settings->buffer;
	size_t wanted = workers * settings->interface_count * ring;

	if (settings->witness.file.path != NULL)
		wanted += workers * evidence_size(kept);
	host_check_memory(check, wanted);
}

/*
 * The supervisor has the captures of all workers, and two descriptors of each;
 * the sensor has as many of these, and those of sinks, files and operators.
 */
static size_t
files_wanted(const struct live_settings *settings)
{
	size_t workers = workers_of(settings);

	return 2 * workers * (settings->interface_count + 2) +
	       8 * settings->delivery.sink_count + FILES_BESIDE;
}

static int
check_all(const struct run_options *options)
{
	const struct live_settings *settings = &options->settings;
	struct host_check check = {0};
	struct host_kernel kernel;
	struct host_clock clock;

	host_facts_kernel(&kernel);
	host_facts_clock(&clock);
	if (options->config != NULL)
		host_check_ok("configuration", options->config);
	host_check_rights(
	    &check, settings->user == NULL ? LIVE_USER : settings->user);
	host_check_kernel(&check, &kernel, files_wanted(settings));
	host_check_clock(&check, &clock);
	if (settings->interface_count == 0)
		host_check_warn(&check, "interface", "none",
		    "name it by -i, or under `interfaces:`; `hedgerow -D` "
		    "lists what there is");
	for (size_t i = 0; i < settings->interface_count; i++)
		host_check_interface(&check, settings->interfaces[i],
		    settings->filter, settings->buffer, settings->promiscuous);
	check_memory(&check, settings);
	check_files(&check, settings);
	check_delivery(&check, settings);
	if (settings->metrics != NULL)
		host_check_address(&check, "metrics", settings->metrics);
	check_world(&check, &settings->paths);
	printf("%u missing, %u warnings\n", check.missing, check.warnings);
	return check.missing > 0 ? EXIT_CONDITION : EXIT_DONE;
}

int
command_check(int argc, char **argv)
{
	struct run_options *options = allocate(1, sizeof(*options));
	enum options_status status;
	int code = EXIT_USAGE;

	options->table = &table;
	status = run_settings_read(options, argc, argv);
	if (status == OPTIONS_HELP)
		code = EXIT_DONE;
	else if (status == OPTIONS_GO)
		code = check_all(options);
	run_options_release(options);
	free(options);
	return code;
}
