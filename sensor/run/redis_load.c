#include "sensor/run/redis_load.h"

#include <signal.h>
#include <stdio.h>

#include "classifiers/redis/inventory_redis_read.h"
#include "classifiers/redis/redis.h"
#include "sensor/base/loop.h"
#include "sensor/run/exit.h"

/* A hundred thousand workloads take about five seconds. */
#define PATIENCE (60 * NS_PER_SECOND)

/* To get an answer at all; then PATIENCE counts. */
#define PATIENCE_FIRST (5 * NS_PER_SECOND)

/* Older than this and it is said: a collector's heartbeat comes every 5 s. */
#define HEARTBEAT_OLD (30 * NS_PER_SECOND)

struct loading {
	struct loop *loop;
	struct inventory_reader *reader;
	struct loop_timer *first, *last;
	bool loaded;
};

static void
on_loaded(void *context)
{
	struct loading *loading = context;

	loading->loaded = true;
	loop_stop(loading->loop);
}

static void
on_first(void *context)
{
	struct loading *loading = context;

	if (!inventory_reader_state(loading->reader).connected)
		loop_stop(loading->loop);
}

static void
on_last(void *context)
{
	struct loading *loading = context;

	loop_stop(loading->loop);
}

static int
complain(const struct inventory_reader_state *state, const char *shown)
{
	fprintf(stderr,
	    "hedgerow: --redis %s: %s\n"
	    "Is Redis there, may this user ask it, and does a collector "
	    "(`hedgerow collect ...`) write to it?\n",
	    shown,
	    state->why[0] != '\0' ? state->why
				  : "the inventory did not come in time");
	return EXIT_INPUT;
}

/* What is there is used, but nobody should take it for the present. */
static void
warn(const struct inventory_reader_state *state, struct instant now,
    const char *shown)
{
	if (state->clusters == 0)
		fprintf(stderr,
		    "hedgerow: --redis %s: no cluster has an inventory there "
		    "yet\n",
		    shown);
	else if (!state->complete)
		fprintf(stderr,
		    "hedgerow: --redis %s: a collector is not done with its "
		    "first list, so workloads are missing\n",
		    shown);
	else if (state->heartbeat.ns == INSTANT_PAST.ns)
		fprintf(stderr,
		    "hedgerow: --redis %s: no collector is at work, so this "
		    "is how things stood when the last one ended\n",
		    shown);
	else if (instant_since(now, state->heartbeat) > HEARTBEAT_OLD)
		fprintf(stderr,
		    "hedgerow: --redis %s: a collector was last heard %lld "
		    "seconds ago\n",
		    shown,
		    (long long)(instant_since(now, state->heartbeat) /
				NS_PER_SECOND));
	if (state->unreadable > 0)
		fprintf(stderr,
		    "hedgerow: --redis %s: %llu objects cannot be read, such "
		    "as %s\n",
		    shown, (unsigned long long)state->unreadable, state->fault);
}

static int
load(struct loading *loading, const struct redis_url *url,
    struct fact_taker taker)
{
	const struct inventory_reader_settings settings = {
	    .taker = taker, .loaded = on_loaded, .context = loading};
	struct inventory_reader_state state;
	int code = EXIT_DONE;

	loading->first = loop_timer_new(loading->loop, on_first, loading);
	loading->last = loop_timer_new(loading->loop, on_last, loading);
	loop_timer_set(loading->first, PATIENCE_FIRST);
	loop_timer_set(loading->last, PATIENCE);
	loading->reader = inventory_reader_new(loading->loop, url, &settings);
	loop_run(loading->loop);
	state = inventory_reader_state(loading->reader);
	if (loading->loaded)
		warn(&state, loop_now(loading->loop), redis_url_shown(url));
	else
		code = complain(&state, redis_url_shown(url));
	inventory_reader_free(loading->reader);
	loop_timer_free(loading->first);
	loop_timer_free(loading->last);
	return code;
}

int
redis_load(const char *text, struct fact_taker taker)
{
	struct loading loading = {.loop = loop_new()};
	char fault[REDIS_FAULT_SIZE];
	struct redis_url *url = redis_url_argument(text, fault);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int code = EXIT_INTERNAL;

	if (url == NULL) {
		fprintf(stderr, "hedgerow: --redis: %s\n", fault);
		code = EXIT_USAGE;
	} else if (loading.loop == NULL) {
		fputs("hedgerow: no event loop\n", stderr);
	} else {
		/* hiredis writes to a closed socket like to an open one. */
		(void)sigaction(SIGPIPE, &ignore, &before);
		code = load(&loading, url, taker);
		(void)sigaction(SIGPIPE, &before, NULL);
	}
	redis_url_free(url);
	loop_free(loading.loop);
	return code;
}
