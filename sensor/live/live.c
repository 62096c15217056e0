#include "sensor/live/live.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "alerts/sink.h"
#include "classifiers/inventory/domain_clusters.h"
#include "models/library.h"
#include "sensor/base/arena.h"
#include "sensor/base/confine.h"
#include "sensor/base/text.h"
#include "sensor/live/live_parts.h"
#include "sensor/live/live_stats.h"
#include "sensor/run/assessment.h"
#include "sensor/run/exit.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/summary.h"
#include "sensor/run/world.h"

/* How often time goes on where no packet comes, and records are written. */
#define TICK (250 * NS_PER_MS)

/* Sinks have so long to take what is left at the end. */
#define DELIVERY_PATIENCE (5 * NS_PER_SECOND)

/* How long packets may have waited for those that count them. */
#define DOUBT_LAG  (2 * NS_PER_SECOND)
#define DOUBT_MOST (600 * NS_PER_SECOND)

/* How often it is looked at what went wrong, and after how many of those looks
 * whether there is another geography. */
#define MARK      NS_PER_SECOND
#define GEOGRAPHY 60

void
live_say(const char *format, ...)
{
	va_list arguments;

	fputs("hedgerow: ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/* --- counts --------------------------------------------------------------- */

/* Writes what waits; more lines than before were a success. */
static void
note_success(struct live *live, size_t i)
{
	uint64_t written = sink_written(live->sinks[i]);

	if (written > live->written[i])
		live->counts.sinks[i].succeeded = loop_now(live->loop);
	live->written[i] = written;
}

static void
count_sinks(struct live *live)
{
	static const char *const names[LIVE_SINKS] = {
	    [LIVE_ALERTS] = "alerts",
	    [LIVE_FLOWS] = "flows",
	    [LIVE_STATS] = "stats",
	};

	for (size_t i = 0; i < LIVE_SINKS; i++) {
		struct sink *sink = live->sinks[i];
		struct live_sink_counts *counts = &live->counts.sinks[i];

		if (!sink_wants(sink))
			continue;
		note_success(live, i);
		counts->name = names[i];
		counts->written = sink_written(sink);
		counts->lost = sink_lost(sink);
		counts->waiting = sink_waiting(sink);
		counts->octets = sink_waiting_octets(sink);
	}
}

static void
count_world(struct live *live)
{
	struct world_state state = world_state(live->world);
	struct live_counts *counts = &live->counts;

	counts->workloads = state.workloads;
	counts->metadata_age_ns = state.age;
	counts->metadata_away = state.live && !state.redis.connected;
	counts->metadata_old = state.live && !state.loaded;
	counts->models = library_model_count(world_view(live->world).library);
	live_count_clusters(live);
}

static void
count_evidence(struct live *live)
{
	struct evidence_counts *sum = &live->counts.evidence;

	live->counts.witnesses = live->witness != NULL;
	if (live->witness == NULL)
		return;
	live->counts.witness = witness_counts(live->witness);
	*sum = (struct evidence_counts){0};
	for (uint32_t i = 0; i < live->crew->count; i++) {
		struct evidence_counts one =
		    evidence_counts(live->crew->evidence[i]);

		sum->offered += one.offered;
		sum->kept += one.kept;
		sum->beyond += one.beyond;
		sum->forgotten += one.forgotten;
	}
}

void
live_count(struct live *live)
{
	struct live_counts *counts = &live->counts;

	counts->now = loop_now(live->loop);
	counts->uptime = instant_since(loop_steady(live->loop), live->begun);
	counts->host = live->settings->sensor;
	live_count_workers(live);
	count_world(live);
	count_sinks(live);
	count_evidence(live);
	live_count_process(live);
	live_delivery_count(live->delivery, &counts->delivery);
	live_find_reasons(live);
}

static void
write_stats(struct live *live)
{
	struct text line;

	if (!sink_wants(live->sinks[LIVE_STATS]))
		return;
	text_init(&line, LISTENER_ANSWER);
	live_count(live);
	live_stats_record(&line, &live->counts);
	sink_line(live->sinks[LIVE_STATS], &line);
	text_release(&line);
}

/* --- timers and signals --------------------------------------------------- */

/*
 * Packets wait in the rings for a while, so what was counted just now happened
 * some time ago; and a clock that was set back shows both times.
 */
static void
doubt(struct live *live, struct instant now, bool set)
{
	struct capture_live_counts capture;
	uint64_t losses, steps;
	struct instant from = live->looked, until = now;

	live_count_workers(live);
	capture = live_counts_capture(&live->counts);
	losses = capture.dropped + capture.interface;
	steps = live_clock_steps(&live->counts);
	if (instant_before(until, from)) {
		from = now;
		until = live->looked;
	}
	/* A worker that stood still tells late what happened meanwhile. */
	if (instant_before(live->heard, from) &&
	    instant_since(from, live->heard) < DOUBT_MOST)
		from = live->heard;
	/* Workers tell it on the clock that passes, from when they began. */
	live->heard.ns = live->counts.pipeline.last.ns + live->clock.ahead -
			 live->crew->begun.ahead;
	from.ns -= DOUBT_LAG;
	if (losses > live->losses)
		assessment_doubt(
		    live->assessment, RECORD_DOUBT_LOSS, from, until);
	if (set || steps > live->steps)
		assessment_doubt(
		    live->assessment, RECORD_DOUBT_CLOCK, from, until);
	live->losses = losses;
	live->steps = steps;
	live->looked = now;
}

/* Workers tell their steps some time after the clock was set: who judges what
 * they tell meanwhile knows already. */
void
live_look_at_clock(struct live *live)
{
	int64_t set;
	struct instant now = wall_clock_look(&live->clock, &set);
	int64_t by = set < 0 ? -set : set;

	if (set != 0)
		live_say("the clock was set %s by %" PRId64 ".%03" PRId64
			 " s: no time has passed by that, but who held an "
			 "address then is less sure",
		    set < 0 ? "back" : "forward", by / NS_PER_SECOND,
		    by % NS_PER_SECOND / NS_PER_MS);
	doubt(live, now, set != 0);
}

static void
on_tick(void *context)
{
	struct live *live = context;

	live_look_at_clock(live);
	if (live->witness != NULL)
		witness_look(live->witness, loop_steady(live->loop));
	for (size_t i = 0; i < LIVE_SINKS; i++)
		note_success(live, i);
	live_delivery_tick(live->delivery);
	live_detectors_tick(live);
	loop_timer_set(live->tick, TICK);
}

static void
on_stats(void *context)
{
	struct live *live = context;

	write_stats(live);
	loop_timer_set(live->stats,
	    (int64_t)live->settings->stats_seconds * NS_PER_SECOND);
}

static void
on_mark(void *context)
{
	struct live *live = context;

	live_count(live);
	if (++live->marked % GEOGRAPHY == 0)
		world_refresh_geography(live->world);
	loop_timer_set(live->mark, MARK);
}

void
live_stop(struct live *live)
{
	live->stopping = true;
	loop_stop(live->loop);
}

void
live_hangup(struct live *live)
{
	(void)live_reopen(live);
	world_refresh_geography(live->world);
	(void)live_reload_world(live);
}

static void
start_timers(struct live *live)
{
	live->tick = loop_timer_new(live->loop, on_tick, live);
	live->stats = loop_timer_new(live->loop, on_stats, live);
	live->mark = loop_timer_new(live->loop, on_mark, live);
	loop_timer_set(live->tick, TICK);
	loop_timer_set(live->stats,
	    (int64_t)live->settings->stats_seconds * NS_PER_SECOND);
	loop_timer_set(live->mark, MARK);
}

/* --- start ---------------------------------------------------------------- */

static int
open_sinks(struct live *live)
{
	const char *const paths[LIVE_SINKS] = {
	    [LIVE_ALERTS] = live->settings->alerts,
	    [LIVE_FLOWS] = live->settings->flows,
	    [LIVE_STATS] = live->settings->stats,
	};

	for (size_t i = 0; i < LIVE_SINKS; i++) {
		int error;

		live->sinks[i] = sink_open_live(paths[i], &error);
		if (live->sinks[i] == NULL) {
			live_say("%s: %s", paths[i], strerror(-error));
			return error == -EACCES || error == -EPERM
				   ? EXIT_PERMISSION
				   : EXIT_USAGE;
		}
		if (live->settings->confined && geteuid() == 0)
			(void)sink_give(
			    live->sinks[i], live->user, live->group);
	}
	return EXIT_DONE;
}

/* Who we are going to be. */
static int
find_user(struct live *live)
{
	const char *name = live->settings->user;

	live->user = geteuid();
	live->group = getegid();
	if (live->user != 0 || !live->settings->confined)
		return EXIT_DONE;
	if (confine_user(
		name == NULL ? LIVE_USER : name, &live->user, &live->group))
		return EXIT_DONE;
	live_say("--user %s: no such user", name == NULL ? LIVE_USER : name);
	return EXIT_USAGE;
}

/* What packets of findings are written to. */
static int
open_witness(struct live *live)
{
	const struct witness_settings *settings = &live->settings->witness;
	int error = -ENOMEM;

	if (settings->file.path == NULL)
		return EXIT_DONE;
	live->witness = witness_new(settings, &error);
	if (live->witness == NULL) {
		live_say("%s: %s", settings->file.path, strerror(-error));
		return error == -EACCES || error == -EPERM ? EXIT_PERMISSION
							   : EXIT_USAGE;
	}
	if (live->settings->confined && geteuid() == 0)
		(void)witness_give(live->witness, live->user, live->group);
	for (uint32_t i = 0; i < live->crew->count; i++)
		witness_source(
		    live->witness, live->crew->evidence[i], &live->crew->key);
	return EXIT_DONE;
}

/* In this order: what takes long comes before packets begin to wait. */
static int
start(struct live *live)
{
	int code = find_user(live);

	if (code == EXIT_DONE)
		code = live_load_world(live);
	if (live->stopping)
		return code;
	if (code == EXIT_DONE)
		code = live_delivery_prepare(
		    &live->settings->delivery, live->user, live->group);
	if (code == EXIT_DONE)
		code = open_sinks(live);
	if (code == EXIT_DONE)
		code = open_witness(live);
	if (code == EXIT_DONE)
		code = live_make_assessment(live);
	if (code == EXIT_DONE)
		code = live_open_control(live);
	if (code == EXIT_DONE)
		code = live_confine(live);
	if (code == EXIT_DONE)
		live->delivery = live_delivery_new(
		    live->loop, &live->settings->delivery, &code);
	if (live->delivery != NULL)
		sink_tee(live->sinks[LIVE_ALERTS], live_delivery_take,
		    live->delivery);
	return code;
}

/* --- stop ----------------------------------------------------------------- */

static void
print_captured(const struct live_counts *counts)
{
	for (size_t i = 0; i < counts->interface_count; i++) {
		const struct live_interface_counts *one =
		    &counts->interfaces[i];

		fprintf(stderr,
		    "%-9s %" PRIu64 " packets: %" PRIu64 " taken, %" PRIu64
		    " dropped by the kernel, %" PRIu64 " unread, %" PRIu64
		    " lost with workers; %" PRIu64 " lost by the interface\n",
		    one->name, one->counts.received, one->counts.taken,
		    one->counts.dropped, live_counts_unread(one), one->lost,
		    one->counts.interface);
	}
}

/* Every flow ends once, and what is counted then is the last word. */
static void
stop(struct live *live)
{
	live_look_at_clock(live);
	live_finish_workers(live);
	live_detectors_end(live);
	if (live->witness != NULL)
		witness_finish(live->witness);
	live_delivery_finish(live->delivery, DELIVERY_PATIENCE);
	write_stats(live);
	live_count(live);
	if (live->settings->quiet)
		return;
	print_captured(&live->counts);
	summary_print(live->summary, &live->counts.pipeline);
	live_delivery_print(stderr, &live->counts.delivery);
}

static int
close_sinks(struct live *live, int code)
{
	const char *const paths[LIVE_SINKS] = {
	    [LIVE_ALERTS] = live->settings->alerts,
	    [LIVE_FLOWS] = live->settings->flows,
	    [LIVE_STATS] = live->settings->stats,
	};

	for (size_t i = 0; i < LIVE_SINKS; i++) {
		uint64_t lost = live->sinks[i] == NULL
				    ? 0
				    : sink_lost(live->sinks[i]) +
					  sink_waiting(live->sinks[i]);
		int error = sink_close(live->sinks[i]);

		if (error == 0 && lost == 0)
			continue;
		live_say("%s: %" PRIu64 " records were lost%s%s", paths[i],
		    lost, error == 0 ? "" : ": ",
		    error == 0 ? "" : strerror(-error));
		code = EXIT_INTERNAL;
	}
	return code;
}

static void
release(struct live *live)
{
	live_close_control(live);
	loop_timer_free(live->tick);
	loop_timer_free(live->stats);
	loop_timer_free(live->mark);
	live_release_workers(live);
	witness_free(live->witness);
	domain_clusters_free(live->clusters);
	world_free(live->world);
	loop_free(live->loop);
	summary_free(live->summary);
	for (size_t i = 0; i < live->readable_count; i++)
		free(live->readable[i]);
}

int
live_run(const struct live_settings *settings, struct crew *crew)
{
	struct live *live = allocate(1, sizeof(*live));
	int code = EXIT_INTERNAL;

	live->own = *settings;
	live->settings = &live->own;
	live->crew = crew;
	live->summary = summary_new();
	live->loop = loop_new();
	/* Whoever no longer reads is noticed by the write; the supervisor says
	 * when it is time to end, once the workers have. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (live->loop != NULL)
		code = start(live);
	if (code == EXIT_DONE && !live->stopping) {
		live->counts.began = loop_now(live->loop);
		live->begun = loop_steady(live->loop);
		live->looked = live->counts.began;
		live->clock = wall_clock_new();
		start_timers(live);
		live_watch_workers(live);
		loop_run(live->loop);
		stop(live);
		code = live->code;
	}
	code = close_sinks(live, code);
	if (!live_delivery_free(live->delivery))
		code = EXIT_INTERNAL;
	release(live);
	free(live);
	return code;
}
