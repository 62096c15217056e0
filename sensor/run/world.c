#include "sensor/run/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "classifiers/detectors/tuning_make.h"
#include "classifiers/geography.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/redis/redis.h"
#include "classifiers/sources/inventory_saved.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/loop.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"
#include "sensor/run/recollection.h"
#include "sensor/run/setup.h"

/* How often what is over is looked at; forgetting may be as late as that. */
#define FORGETTING (60 * NS_PER_SECOND)

/*
 * That a source was heard makes no new inventory, but what is said of its age
 * goes by the published one: as often as a collector's heartbeat.
 */
#define HEARING (5 * NS_PER_SECOND)

/* After the first load others have more to do than to save. */
#define FIRST_SAVING NS_PER_SECOND

struct world {
	struct loop *loop;
	struct world_settings settings;
	struct inventory_draft *draft;
	struct setup setup; /* models, inventory of now, policy */
	struct redis_url *url;
	struct inventory_reader *reader;
	struct recollection *recollection; /* of what was saved, or NULL */
	struct loop_timer *publishing, *hearing, *forgetting, *saving;
	/* Reads Redis once more, into the file. */
	struct inventory_reader *saver;
	struct inventory_saving *file;
	struct instant published; /* when */
	uint64_t generation, saved_changes;
	bool due; /* the timer for publishing is set */
	bool waits;
	struct world_state state;
};

__attribute__((format(printf, 2, 3))) static void
say(const struct world *world, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (world->settings.said != NULL)
		world->settings.said(text, world->settings.context);
	else
		fprintf(stderr, "hedgerow: %s\n", text);
}

struct world_view
world_view(const struct world *world)
{
	return (struct world_view){
	    .inventory = world->setup.inventory,
	    .policy = world->setup.policy,
	    .library = world->setup.library,
	    .tuning = world->setup.tuning,
	    .geography = world->setup.geography,
	    .generation = world->generation,
	};
}

static void
tell(const struct world *world, const struct world_view *before)
{
	struct world_view now = world_view(world);

	if (world->settings.changed != NULL)
		world->settings.changed(&now, before, world->settings.context);
}

/* --- generations ---------------------------------------------------------- */

/* Warnings were said at the start; a change every second would bury the log. */
static struct inventory *
make_inventory(struct world *world)
{
	struct report *report = report_new();
	struct inventory *inventory = inventory_publish(world->draft, report);

	if (world->generation == 0)
		report_print(report, stderr);
	report_free(report);
	world->generation++;
	world->published = loop_steady(world->loop);
	return inventory;
}

static void
publish(struct world *world)
{
	struct world_view before = world_view(world);
	struct inventory *old = world->setup.inventory;
	struct policy *followed = world->setup.policy;

	world->due = false;
	loop_timer_cancel(world->publishing);
	world->setup.inventory = make_inventory(world);
	policy_follow(followed, world->setup.inventory);
	if (policy_is_worn(followed))
		world->setup.policy = policy_renew(followed);
	tell(world, &before);
	if (world->setup.policy != followed)
		policy_free(followed);
	inventory_free(old);
}

/* Something may be different: as soon as the interval allows. */
static void
publish_soon(struct world *world)
{
	int64_t since =
	    instant_since(loop_steady(world->loop), world->published);

	if (world->due || !inventory_draft_changed(world->draft))
		return;
	if (since >= world->settings.interval) {
		publish(world);
		return;
	}
	world->due = true;
	loop_timer_set(world->publishing, world->settings.interval - since);
}

static void
on_publishing(void *context)
{
	publish(context);
}

static void
on_hearing(void *context)
{
	struct world *world = context;

	loop_timer_set(world->hearing, HEARING);
	if (!world->due && world->state.loaded)
		publish(world);
}

static void
on_forgetting(void *context)
{
	struct world *world = context;
	struct instant before = loop_now(world->loop);

	loop_timer_set(world->forgetting, FORGETTING);
	before.ns -= world->settings.memory;
	world->state.forgotten += inventory_forget(world->draft, before);
	publish_soon(world);
}

/* --- saving --------------------------------------------------------------- */

static void
end_saving(struct world *world)
{
	inventory_reader_free(world->saver);
	inventory_saving_abandon(world->file);
	world->saver = NULL;
	world->file = NULL;
}

static void
on_saver_loaded(void *context)
{
	struct world *world = context;
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct inventory_saving *file = world->file;
	struct inventory_reader_state state =
	    inventory_reader_state(world->saver);

	world->file = NULL;
	if (!state.complete) {
		inventory_saving_abandon(file);
	} else if (inventory_saving_end(file, fault)) {
		world->state.saved = loop_steady(world->loop);
	} else {
		world->state.unsaved++;
		say(world, "the inventory cannot be saved: %s", fault);
	}
	/* Its reader goes when it is not the one that calls. */
	loop_timer_set(world->saving, 0);
}

static bool
may_save(const struct world *world)
{
	struct inventory_reader_state state =
	    inventory_reader_state(world->reader);

	return state.connected && state.complete &&
	       (world->state.saved.ns == INSTANT_PAST.ns ||
		   state.loads + state.changes != world->saved_changes);
}

/*
 * What Redis holds is read again, into the file: the draft no longer knows
 * facts as they came, and a second copy of all of them costs more memory than
 * reading costs time.
 */
static void
begin_saving(struct world *world)
{
	struct inventory_reader_state state =
	    inventory_reader_state(world->reader);
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct inventory_reader_settings settings = {
	    .loaded = on_saver_loaded, .context = world};

	world->file = inventory_saving_begin(world->settings.saved, fault);
	if (world->file == NULL) {
		world->state.unsaved++;
		say(world, "the inventory cannot be saved: %s", fault);
		return;
	}
	world->saved_changes = state.loads + state.changes;
	settings.taker = inventory_saving_taker(world->file);
	world->saver = inventory_reader_new(world->loop, world->url, &settings);
}

/* One that was begun a whole interval ago will not come to its end. */
static void
on_saving(void *context)
{
	struct world *world = context;
	bool never = world->state.saved.ns == INSTANT_PAST.ns;

	end_saving(world);
	loop_timer_set(world->saving, world->settings.saving);
	if (!world->state.loaded)
		return;
	if (never && !may_save(world)) {
		/* Redis went away before the first copy was made. */
		loop_timer_set(world->saving, FIRST_SAVING);
		return;
	}
	if (may_save(world) &&
	    (never || instant_since(loop_steady(world->loop),
			  world->state.saved) >= world->settings.saving / 2))
		begin_saving(world);
}

void
world_save(struct world *world)
{
	if (world->settings.saved == NULL || world->reader == NULL ||
	    world->saver != NULL)
		return;
	loop_timer_set(world->saving, world->settings.saving);
	if (world->state.loaded && may_save(world))
		begin_saving(world);
}

/* --- Redis ---------------------------------------------------------------- */

static bool
take(const struct fact *fact, void *context)
{
	struct world *world = context;

	if (world->recollection != NULL)
		recollection_confirm(world->recollection, fact);
	return inventory_put(world->draft, fact);
}

/* Only a complete inventory ends what was saved and is not in it. */
static void
end_recollection(
    struct world *world, const struct inventory_reader_state *state)
{
	struct fact_taker taker = inventory_taker(world->draft);

	if (world->recollection == NULL || !state->complete)
		return;
	recollection_end(world->recollection, loop_now(world->loop), &taker);
	recollection_free(world->recollection);
	world->recollection = NULL;
}

static void
on_loaded(void *context)
{
	struct world *world = context;
	struct inventory_reader_state state =
	    inventory_reader_state(world->reader);

	end_recollection(world, &state);
	if (!world->state.loaded && world->settings.saved != NULL)
		loop_timer_set(world->saving, FIRST_SAVING);
	world->state.loaded = true;
	publish_soon(world);
	if (world->waits)
		loop_stop(world->loop);
}

static void
on_changed(void *context)
{
	publish_soon(context);
}

static void
on_said(const char *text, void *context)
{
	const struct world *world = context;

	say(world, "--redis %s: %s", redis_url_shown(world->url), text);
}

static void
follow_redis(struct world *world)
{
	const struct inventory_reader_settings settings = {
	    .taker = {take, world},
	    .said = on_said,
	    .loaded = on_loaded,
	    .changed = on_changed,
	    .context = world,
	};

	inventory_set_patience(world->draft, world->settings.patience);
	world->reader =
	    inventory_reader_new(world->loop, world->url, &settings);
	loop_timer_set(world->hearing, HEARING);
}

/* --- life ----------------------------------------------------------------- */

static bool
take_saved(const struct fact *fact, void *context)
{
	struct world *world = context;

	recollection_note(world->recollection, fact);
	return inventory_put(world->draft, fact);
}

/* A sensor that finds none begins with nothing, as at its first start. */
static void
read_saved(struct world *world)
{
	const struct fact_taker taker = {take_saved, world};
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	const char *path = world->settings.saved;
	int64_t count;

	if (path == NULL || access(path, F_OK) != 0)
		return;
	world->recollection = recollection_new();
	count = inventory_saved_read(path, taker, fault);
	if (count < 0) {
		say(world, "the saved inventory is not used: %s", fault);
		recollection_free(world->recollection);
		world->recollection = NULL;
		return;
	}
	world->state.from_disk = true;
}

static int
read_all(struct world *world)
{
	const struct setup_paths *paths = world->settings.paths;
	char why[REDIS_FAULT_SIZE];
	struct report *report;
	int code;

	if (paths->redis != NULL) {
		world->url = redis_url_argument(paths->redis, why);
		if (world->url == NULL) {
			fprintf(stderr, "hedgerow: --redis: %s\n", why);
			return EXIT_USAGE;
		}
	}
	code = setup_load_models(paths, &world->setup);
	if (code == EXIT_DONE && paths->judges)
		code = setup_check_geography(paths, &world->setup);
	if (code != EXIT_DONE)
		return code;
	setup_put_zones(world->setup.library, world->draft, false);
	report = report_new();
	code = setup_put_files(paths, &world->setup, world->draft, report);
	report_print(report, stderr);
	report_free(report);
	if (code == EXIT_DONE && world->url != NULL)
		read_saved(world);
	return code;
}

static void
fill_in(struct world_settings *settings)
{
	if (settings->interval == 0)
		settings->interval = WORLD_INTERVAL;
	if (settings->memory == 0)
		settings->memory = WORLD_MEMORY;
	if (settings->patience == 0)
		settings->patience = WORLD_PATIENCE;
	if (settings->saving == 0)
		settings->saving = WORLD_SAVING;
}

struct world *
world_new(struct loop *loop, const struct world_settings *settings, int *code)
{
	struct world *world = allocate(1, sizeof(*world));

	world->loop = loop;
	world->settings = *settings;
	fill_in(&world->settings);
	world->state.saved = INSTANT_PAST;
	world->draft = inventory_draft_new();
	world->publishing = loop_timer_new(loop, on_publishing, world);
	world->hearing = loop_timer_new(loop, on_hearing, world);
	world->forgetting = loop_timer_new(loop, on_forgetting, world);
	world->saving = loop_timer_new(loop, on_saving, world);
	*code = read_all(world);
	if (*code != EXIT_DONE) {
		world_free(world);
		return NULL;
	}
	if (world->url != NULL) {
		inventory_set_patience(world->draft, world->settings.patience);
		loop_timer_set(world->forgetting, FORGETTING);
	}
	world->setup.inventory = make_inventory(world);
	setup_make_policy(&world->setup);
	if (world->url != NULL)
		follow_redis(world);
	return world;
}

void
world_free(struct world *world)
{
	if (world == NULL)
		return;
	end_saving(world);
	inventory_reader_free(world->reader);
	recollection_free(world->recollection);
	redis_url_free(world->url);
	loop_timer_free(world->publishing);
	loop_timer_free(world->hearing);
	loop_timer_free(world->forgetting);
	loop_timer_free(world->saving);
	setup_release(&world->setup);
	inventory_draft_free(world->draft);
	free(world);
}

int64_t
world_grace(const struct world *world)
{
	return world->url == NULL ? 0 : WORLD_GRACE;
}

struct world_state
world_state(const struct world *world)
{
	struct world_state state = world->state;
	const struct inventory *inventory = world->setup.inventory;

	state.generation = world->generation;
	state.live = world->url != NULL;
	state.from_disk = state.from_disk && !state.loaded;
	state.damaged = world->setup.damaged;
	state.age =
	    inventory_age(inventory, INVENTORY_ANY, loop_now(world->loop));
	state.workloads = inventory_workload_count(inventory);
	if (world->reader != NULL)
		state.redis = inventory_reader_state(world->reader);
	return state;
}

static void
on_patience(void *context)
{
	loop_stop(context);
}

bool
world_wait(struct world *world, int64_t patience)
{
	struct loop_timer *timer;

	if (world->url == NULL || world->state.loaded)
		return true;
	timer = loop_timer_new(world->loop, on_patience, world->loop);
	loop_timer_set(timer, patience);
	world->waits = true;
	loop_run(world->loop);
	world->waits = false;
	loop_timer_free(timer);
	return world->state.loaded;
}

bool
world_reload_models(struct world *world)
{
	struct world_view before = world_view(world);
	struct setup old = world->setup, next;

	if (!setup_read_models(world->settings.paths, &old, &next)) {
		world->state.reloads_lost++;
		return false;
	}
	setup_put_zones(old.library, world->draft, true);
	setup_put_zones(next.library, world->draft, false);
	next.inventory = make_inventory(world);
	setup_make_policy(&next);
	world->setup = next;
	world->state.reloads++;
	tell(world, &before);
	policy_free(old.policy);
	tuning_free(old.tuning);
	library_free(old.library);
	inventory_free(old.inventory);
	return true;
}

void
world_refresh_geography(struct world *world)
{
	char fault[GEOGRAPHY_FAULT_SIZE];
	size_t count = geography_refresh(world->setup.geography, fault);

	if (fault[0] != '\0')
		say(world, "--geo: %s; what was known before goes on", fault);
	if (count > 0)
		say(world, "--geo: %zu read anew", count);
}
