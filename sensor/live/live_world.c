#include "alerts/sink.h"
#include "classifiers/inventory/domain_clusters.h"
#include "sensor/base/report.h"
#include "sensor/live/live_parts.h"
#include "sensor/run/exit.h"
#include "sensor/run/world.h"

/* How long packets may be left alone until Redis has told everything. */
#define PATIENCE (10 * NS_PER_SECOND)

/* --- the world ------------------------------------------------------------ */

static void
follow(struct live *live, const struct world_view *now)
{
	live_set_world(live, now->inventory, now->policy);
	live_tune(live, now->tuning);
}

static void
on_changed(const struct world_view *now, const struct world_view *before,
    void *context)
{
	struct live *live = context;

	(void)before;
	if (live->assessment != NULL)
		follow(live, now);
}

static struct world *
new_world(struct live *live, int *code)
{
	const struct world_settings settings = {
	    .paths = &live->settings->paths,
	    .saved = live->settings->saved,
	    .changed = on_changed,
	    .context = live,
	};

	return world_new(live->loop, &settings, code);
}

/* Owned; NULL when no domain is declared. */
static struct domain_clusters *
find_clusters(const struct live *live)
{
	const struct place place = {"--domain", 1, 1};
	struct domain_clusters *clusters;
	struct report *report;

	if (live->settings->domains == NULL)
		return NULL;
	report = report_new();
	clusters = domain_clusters_new(live->settings->domains,
	    world_view(live->world).inventory, report, place);
	report_print(report, stderr);
	report_free(report);
	return clusters;
}

/* The supervisor was told to end, or is gone: nothing else is said so early. */
static void
on_early_word(int descriptor, unsigned what, void *context)
{
	struct live *live = context;

	(void)descriptor;
	(void)what;
	live_stop(live);
}

/* Redis may be away: whoever wants us to end does not wait for it. */
static void
wait_for_redis(struct live *live)
{
	struct loop_watch *words = loop_watch_new(live->loop,
	    live->crew->sensor_end, LOOP_READABLE, on_early_word, live);
	bool told = world_wait(live->world, PATIENCE);

	loop_watch_free(words);
	if (!told && !live->stopping)
		live_say("Redis has not told who is who; it begins with %s",
		    world_state(live->world).from_disk ? "what was saved"
						       : "nothing");
}

int
live_load_world(struct live *live)
{
	int code;

	live->world = new_world(live, &code);
	if (live->world == NULL)
		return code;
	wait_for_redis(live);
	live->clusters = find_clusters(live);
	return EXIT_DONE;
}

/* --- again ---------------------------------------------------------------- */

/*
 * Files are read anew into a world of their own.  One that follows Redis knows
 * more than its files, and the databases are open for as long as the pipeline
 * is: those keep their world, and its models alone are read anew.
 */
static bool
reload_all(struct live *live)
{
	struct world *next;
	struct world_view view;
	int code;

	if (live->settings->paths.redis != NULL ||
	    live->settings->paths.geo_count > 0)
		return world_reload_models(live->world);
	next = new_world(live, &code);
	if (next == NULL)
		return false;
	view = world_view(next);
	follow(live, &view);
	world_free(live->world);
	live->world = next;
	return true;
}

bool
live_reload_world(struct live *live)
{
	struct live_reread reread;
	bool fine = live_reread_begin(live, &reread) && reload_all(live);

	live_reread_end(live, &reread, fine);
	live->counts.reloads++;
	live->counts.reload_failed = !fine;
	if (fine) {
		live->counts.reloaded = loop_now(live->loop);
		live_say("reloaded: %zu workloads",
		    world_state(live->world).workloads);
		return true;
	}
	live->counts.reloads_failed++;
	live_say("the reload failed; what was loaded before goes on");
	return false;
}

/* Says that a file could not be opened anew; true when there is none. */
static bool
was_reopened(const char *path, int error)
{
	if (error != 0)
		live_say("%s: %s; records go on into the old file", path,
		    strerror(-error));
	return error == 0;
}

bool
live_reopen(struct live *live)
{
	const char *const paths[LIVE_SINKS] = {
	    [LIVE_ALERTS] = live->settings->alerts,
	    [LIVE_FLOWS] = live->settings->flows,
	    [LIVE_STATS] = live->settings->stats,
	};
	bool fine = true;

	live_delivery_reopen(live->delivery);
	for (size_t i = 0; i < LIVE_SINKS; i++)
		if (paths[i] != NULL &&
		    !was_reopened(
			paths[i], sink_reopen(live->sinks[i], paths[i])))
			fine = false;
	if (live->witness != NULL &&
	    !was_reopened(live->settings->witness.file.path,
		witness_reopen(live->witness)))
		fine = false;
	return fine;
}
