#include "sensor/run/setup.h"

#include <limits.h>
#include <unistd.h>

#include "classifiers/detectors/detectors.h"
#include "classifiers/detectors/tuning_make.h"
#include "classifiers/geography.h"
#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "models/external.h"
#include "models/library.h"
#include "models/policy.h"
#include "models/tuning_draft.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"
#include "sensor/run/inventory_argument.h"
#include "sensor/run/redis_load.h"

static bool
add_path(const char **paths, size_t *count, const char *path, const char *what)
{
	if (*count == SETUP_PATHS_MAXIMUM) {
		fprintf(stderr,
		    "hedgerow: more than %d %s; give a directory instead\n",
		    SETUP_PATHS_MAXIMUM, what);
		return false;
	}
	paths[(*count)++] = path;
	return true;
}

bool
setup_add_inventory(struct setup_paths *paths, const char *path)
{
	return add_path(
	    paths->inventory, &paths->inventory_count, path, "inventory files");
}

bool
setup_add_models(struct setup_paths *paths, const char *path)
{
	return add_path(
	    paths->models, &paths->model_count, path, "model directories");
}

bool
setup_add_geo(struct setup_paths *paths, const char *path)
{
	return add_path(paths->geo, &paths->geo_count, path, "databases");
}

bool
setup_has_inventory(const struct setup_paths *paths)
{
	return paths->inventory_count > 0 || paths->redis != NULL;
}

bool
setup_take(struct setup_paths *paths, size_t row, const char *value)
{
	switch (row) {
	case SETUP_ROW_INVENTORY:
		return setup_add_inventory(paths, value);
	case SETUP_ROW_REDIS:
		paths->redis = value;
		return true;
	case SETUP_ROW_MODELS:
		return setup_add_models(paths, value);
	case SETUP_ROW_GEO:
		return setup_add_geo(paths, value);
	case SETUP_ROW_NO_GENERAL:
		paths->no_general = true;
		return true;
	default:
		paths->no_library = true;
		return true;
	}
}

/* A path below the working directory, as a person there would write it. */
static void
make_relative(char path[PATH_MAX])
{
	char here[PATH_MAX];
	size_t length;

	if (getcwd(here, sizeof(here)) == NULL)
		return;
	length = strlen(here);
	if (strncmp(path, here, length) == 0 && path[length] == '/')
		memmove(path, path + length + 1, strlen(path + length + 1) + 1);
}

/* `models` beside the program, as in the source tree it was built in. */
static bool
beside_program(char out[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	if (length <= 0)
		return false;
	out[length] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL ||
	    (size_t)(slash - out) + sizeof("/models") > PATH_MAX)
		return false;
	memcpy(slash, "/models", sizeof("/models"));
	make_relative(out);
	return file_is_directory(out);
}

/*
 * Where the shipped models are: where the environment says, beside the
 * program, or where they were installed.
 */
void
setup_data_directory(char out[PATH_MAX])
{
	const char *given = getenv("HEDGEROW_DATA");

	if (given != NULL && given[0] != '\0')
		(void)snprintf(out, PATH_MAX, "%s", given);
	else if (!beside_program(out))
		(void)snprintf(out, PATH_MAX, "%s", HEDGEROW_DATA);
}

/* Mistakes in models hide none in what is set for detectors. */
static void
check_tuning(const struct tuning_draft *draft, void *context)
{
	tuning_check(draft, detectors_all, detectors_count, context);
}

/* edits     NULL: none, and what is set for detectors is looked at */
static struct library *
load_library(const struct setup_paths *paths, const struct model_edit *edits,
    size_t edit_count, struct report *report)
{
	const struct library_witness witness = {check_tuning, report};
	struct library_source sources[SETUP_PATHS_MAXIMUM + 3];
	char data[PATH_MAX], library[PATH_MAX + 16], platform[PATH_MAX + 16];
	char general[PATH_MAX + 16];
	size_t count = 0;

	setup_data_directory(data);
	(void)snprintf(platform, sizeof(platform), "%s/platform", data);
	(void)snprintf(library, sizeof(library), "%s/library", data);
	(void)snprintf(general, sizeof(general), "%s/general", data);
	if (!paths->no_library) {
		sources[count++] =
		    (struct library_source){platform, LAYER_LIBRARY};
		sources[count++] =
		    (struct library_source){library, LAYER_LIBRARY};
	}
	if (!paths->no_library && !paths->no_general)
		sources[count++] =
		    (struct library_source){general, LAYER_LIBRARY};
	for (size_t i = 0; i < paths->model_count; i++)
		sources[count++] =
		    (struct library_source){paths->models[i], LAYER_OPERATOR};
	return edits == NULL
		   ? library_load_witnessed(sources, count, &witness, report)
		   : library_load_edited(
			 sources, count, edits, edit_count, report);
}

static void
forget_models(struct setup *setup)
{
	tuning_free(setup->tuning);
	library_free(setup->library);
	setup->tuning = NULL;
	setup->library = NULL;
}

static bool
load_geography(const struct setup_paths *paths, struct setup *setup)
{
	bool fine = true;

	if (paths->geo_count == 0)
		return true;
	setup->geography = geography_new();
	for (size_t i = 0; i < paths->geo_count; i++) {
		char fault[GEOGRAPHY_FAULT_SIZE];

		if (geography_open(setup->geography, paths->geo[i], fault))
			continue;
		fprintf(stderr, "hedgerow: --geo %s\n", fault);
		fine = false;
	}
	return fine;
}

/* Models, and what they set for detectors: with a mistake there is neither. */
static void
load_models(
    const struct setup_paths *paths, struct setup *setup, struct report *report)
{
	size_t errors = report_errors(report);

	setup->tuning = NULL;
	setup->library = load_library(paths, NULL, 0, report);
	if (setup->library != NULL)
		setup->tuning = tuning_make(
		    setup->library, detectors_all, detectors_count, report);
	if (report_errors(report) > errors)
		forget_models(setup);
}

int
setup_load_models(const struct setup_paths *paths, struct setup *setup)
{
	struct report *report = report_new();
	bool geography;

	*setup = (struct setup){0};
	geography = load_geography(paths, setup);
	load_models(paths, setup, report);
	report_print(report, stderr);
	report_free(report);
	return setup->library == NULL || !geography ? EXIT_USAGE : EXIT_DONE;
}

/* --- what models ask of the outside --------------------------------------- */

struct geography_check {
	struct report *report;
	bool judges, countries, networks;
};

static void
complain(const struct geography_check *check, struct place place,
    const char *key, const char *databases)
{
	static const char text[] =
	    "'%s' is judged by a database that --geo FILE.mmdb names: %s";

	if (check->judges)
		report_error(check->report, place, text, key, databases);
	else
		report_warning(check->report, place, text, key, databases);
}

static void
check_peer(const struct peer *peer, void *context)
{
	const struct geography_check *check = context;
	const struct external *external = peer->external;

	if (external == NULL)
		return;
	if (external->countries.count > 0 && !check->countries)
		complain(check, peer->place, "country",
		    "GeoLite2 Country (maxmind.com), IP to Country Lite "
		    "(db-ip.com) or IPinfo Lite (ipinfo.io)");
	if (external->asn_count > 0 && !check->networks)
		complain(check, peer->place, "asn",
		    "GeoLite2 ASN (maxmind.com), IP to ASN Lite (db-ip.com) or "
		    "IPinfo Lite (ipinfo.io)");
}

/* What is set for detectors fits nobody without a database, which is no more
 * than a pity. */
static void
check_tunings(struct geography_check *check, const struct library *library)
{
	check->judges = false;
	for (size_t i = 0; i < library_tuning_count(library); i++) {
		const struct tuning_draft *tuning = library_tuning(library, i);
		const struct peers *const all[] = {
		    &tuning->client, &tuning->destination, &tuning->workload};

		for (size_t p = 0; p < sizeof(all) / sizeof(all[0]); p++)
			for (size_t j = 0; j < all[p]->count; j++)
				check_peer(&all[p]->at[j], check);
	}
}

int
setup_check_geography(
    const struct setup_paths *paths, const struct setup *setup)
{
	const struct geography *geography = setup->geography;
	struct geography_check check = {
	    .report = report_new(),
	    .judges = paths->judges,
	    .countries =
		geography != NULL && geography_knows_countries(geography),
	    .networks =
		geography != NULL && geography_knows_networks(geography),
	};
	int code;

	external_each_peer(setup->library, check_peer, &check);
	check_tunings(&check, setup->library);
	code = report_errors(check.report) > 0 ? EXIT_USAGE : EXIT_DONE;
	report_print(check.report, stderr);
	report_free(check.report);
	return code;
}

struct library *
setup_edited(const struct setup_paths *paths, const struct model_edit *edits,
    size_t count)
{
	struct report *report = report_new();
	struct library *library = load_library(paths, edits, count, report);

	report_free(report);
	return library;
}

/* --- everything ----------------------------------------------------------- */

static void
put_zone(struct inventory_draft *draft, const struct zone *zone, bool gone)
{
	struct fact fact = {
	    .kind = FACT_ZONE,
	    .gone = gone,
	    .id = zone->name,
	    .at = INSTANT_PAST,
	    .zone = *zone,
	};

	(void)inventory_put(draft, &fact);
}

void
setup_put_zones(
    const struct library *library, struct inventory_draft *draft, bool gone)
{
	for (size_t i = 0; i < library_zone_count(library); i++)
		put_zone(draft, library_zone(library, i), gone);
}

int
setup_put_files(const struct setup_paths *paths, struct setup *setup,
    struct inventory_draft *draft, struct report *report)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < paths->inventory_count; i++)
		switch (inventory_argument_read(
		    paths->inventory[i], inventory_taker(draft), report)) {
		case INVENTORY_READ:
			break;
		case INVENTORY_PARTLY:
			setup->damaged = true;
			break;
		case INVENTORY_REFUSED:
			code = EXIT_INPUT;
			break;
		}
	return code;
}

static int
load_inventory(const struct setup_paths *paths, struct setup *setup)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	int code;

	setup_put_zones(setup->library, draft, false);
	code = setup_put_files(paths, setup, draft, report);
	if (code == EXIT_DONE && paths->redis != NULL)
		code = redis_load(paths->redis, inventory_taker(draft));
	if (code == EXIT_DONE)
		setup->inventory = inventory_publish(draft, report);
	report_print(report, stderr);
	report_free(report);
	inventory_draft_free(draft);
	return code;
}

void
setup_make_policy(struct setup *setup)
{
	struct report *report = report_new();

	setup->policy = policy_new(setup->library, setup->inventory);
	policy_check_declarations(setup->policy, report);
	report_print(report, stderr);
	report_free(report);
}

int
setup_load(const struct setup_paths *paths, struct setup *setup)
{
	int code = setup_load_models(paths, setup);

	if (code == EXIT_DONE && paths->judges)
		code = setup_check_geography(paths, setup);
	if (code == EXIT_DONE)
		code = load_inventory(paths, setup);
	if (code == EXIT_DONE)
		setup_make_policy(setup);
	return code;
}

bool
setup_read_models(const struct setup_paths *paths, const struct setup *setup,
    struct setup *next)
{
	struct report *report = report_new();

	*next = *setup;
	next->policy = NULL;
	load_models(paths, next, report);
	report_print(report, stderr);
	report_free(report);
	if (next->library == NULL)
		return false;
	if (setup_check_geography(paths, next) == EXIT_DONE)
		return true;
	forget_models(next);
	return false;
}

bool
setup_reload_models(const struct setup_paths *paths, struct setup *setup)
{
	struct setup next;

	if (!setup_read_models(paths, setup, &next))
		return false;
	setup_make_policy(&next);
	policy_free(setup->policy);
	forget_models(setup);
	*setup = next;
	return true;
}

void
setup_release(struct setup *setup)
{
	policy_free(setup->policy);
	inventory_free(setup->inventory);
	forget_models(setup);
	geography_free(setup->geography);
	*setup = (struct setup){0};
}
