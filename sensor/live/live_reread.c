/*
 * The configuration file, read anew while the sensor runs: what can change
 * does, and what cannot is said by its name.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "alerts/sink.h"
#include "sensor/live/live_parts.h"
#include "sensor/live/setting_change.h"
#include "sensor/run/assessment.h"

/* --- what stays ----------------------------------------------------------- */

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/*
 * All else than what is taken was settled when rights were given up, or belongs
 * to other processes.  Places still differ when they could not be.
 */
static void
on_difference(const char *name, void *context)
{
	static const char *const taken[] = {"quiet", "stats.interval",
	    "alerts.update", "alerts.quiet", "alerts.file", "flows.file",
	    "stats.file", NULL};
	static const char *const places[] = {
	    "models.directories", "inventory.files", NULL};
	const struct live *live = context;

	if (!is_one_of(name, taken))
		live_say("%s: %s%s needs a restart; until then it stays as it "
			 "was",
		    live->settings->config, name,
		    is_one_of(name, places)
			? " names a place that was not named before, and"
			: "");
}

static void
say_fixed(const struct live *live, const char *name)
{
	live_say("%s: %s needs a restart; until then it stays as it was",
	    live->settings->config, name);
}

/* --- what changes --------------------------------------------------------- */

/* Of `[CLUSTER=]FILE`. */
static const char *
place_of(const char *path)
{
	const char *equals = strchr(path, '=');

	return equals == NULL || memchr(path, '/', (size_t)(equals - path))
		   ? path
		   : equals + 1;
}

/*
 * A confined sensor reads nothing but what it was to read when it began; a
 * directory that is new to it may still lie below one of those.
 */
static bool
are_readable(const struct live *live, const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!live_is_readable(live, place_of(paths[i])))
			return false;
	return true;
}

/* With Redis or databases, a reload reads models alone (live_world.c). */
static void
take_paths(struct live *live, const struct setup_paths *next)
{
	struct setup_paths *now = &live->own.paths;

	if (are_readable(live, next->models, next->model_count)) {
		memcpy(now->models, next->models, sizeof(now->models));
		now->model_count = next->model_count;
	}
	if (now->redis == NULL && now->geo_count == 0 &&
	    are_readable(live, next->inventory, next->inventory_count)) {
		memcpy(now->inventory, next->inventory, sizeof(now->inventory));
		now->inventory_count = next->inventory_count;
	}
	now->no_library = next->no_library;
	now->no_general = next->no_general;
}

/* One that is there goes on elsewhere; none becomes none, and none one. */
static void
take_file(
    struct live *live, enum live_sink sink, const char **now, const char *next)
{
	static const char *const names[LIVE_SINKS] = {
	    "alerts.file", "flows.file", "stats.file"};
	int error;

	if (*now == next ||
	    (*now != NULL && next != NULL && strcmp(*now, next) == 0))
		return;
	if (*now == NULL || next == NULL || strcmp(*now, "-") == 0 ||
	    strcmp(next, "-") == 0) {
		say_fixed(live, names[sink]);
		return;
	}
	error = sink_reopen(live->sinks[sink], next);
	if (error != 0)
		live_say("%s: %s: %s: %s; records go on into the old file",
		    live->settings->config, names[sink], next,
		    strerror(-error));
	else
		*now = next;
}

static void
take_rest(struct live *live, const struct live_settings *next)
{
	struct live_settings *own = &live->own;

	own->quiet = next->quiet;
	own->stats_seconds = next->stats_seconds;
	own->times = next->times;
	if (live->assessment != NULL)
		assessment_set_times(live->assessment, &own->times);
	take_file(live, LIVE_ALERTS, &own->alerts, next->alerts);
	take_file(live, LIVE_FLOWS, &own->flows, next->flows);
	take_file(live, LIVE_STATS, &own->stats, next->stats);
}

/* --- both ----------------------------------------------------------------- */

/* A file with passwords may be root's alone: then models are reloaded still. */
static bool
is_out_of_reach(const char *path)
{
	if (access(path, R_OK) == 0)
		return false;
	live_say("%s: %s; its changes take a restart", path, strerror(errno));
	return true;
}

bool
live_reread_begin(struct live *live, struct live_reread *reread)
{
	const struct live_settings *given = live->settings;

	*reread = (struct live_reread){.paths = live->own.paths};
	if (given->config == NULL || given->again == NULL ||
	    is_out_of_reach(given->config))
		return true;
	reread->next = given->again(given->again_context);
	if (reread->next == NULL)
		return false;
	take_paths(live, &reread->next->paths);
	return true;
}

void
live_reread_end(struct live *live, struct live_reread *reread, bool fine)
{
	if (!fine)
		live->own.paths = reread->paths;
	if (!fine || reread->next == NULL)
		return;
	(void)setting_changes(
	    live->settings, reread->next, on_difference, live);
	take_rest(live, reread->next);
}
