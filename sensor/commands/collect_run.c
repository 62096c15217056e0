#include "sensor/commands/collect_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "classifiers/collect/collect_known.h"
#include "sensor/base/arena.h"
#include "sensor/base/http.h"
#include "sensor/base/loop.h"
#include "sensor/commands/collect_output.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"

/* How long to wait for the last facts to be written, with --once. */
#define PATIENCE (10 * NS_PER_SECOND)

/* Whoever waits longer does not follow. */
#define SECONDS_MAXIMUM 3600

/* What was asked for. */
struct command {
	const struct collect_source *source;
	struct collect_options collect;
	char *options; /* the source's */
};

struct running {
	struct collect_run run;
	struct collect_output *output;
	struct loop_timer *patience;
	bool listed, finishing;
	uint64_t mended, left_out;
	uint64_t mended_said; /* at so many it is said again */
	int code;
};

/* --- the listener -------------------------------------------------------- */

static void
say(const char *message, void *context)
{
	(void)context;
	fprintf(stderr, "hedgerow: %s\n", message);
}

/* After the first time the collector itself says what went away. */
static void
listed(void *context)
{
	struct running *running = context;

	if (!running->listed)
		collect_output_list_ends(running->output, COLLECT_KINDS_ALL,
		    loop_now(running->run.loop));
	running->listed = true;
}

static void
lossy(unsigned kinds, void *context)
{
	struct running *running = context;

	if (!running->listed)
		collect_output_list_keeps(running->output, kinds);
}

/* The first time, and whenever there are ten times as many. */
static void
lost(const struct json_losses *losses, void *context)
{
	struct running *running = context;

	running->mended += losses->mended;
	running->left_out += losses->left_out;
	collect_output_losses(
	    running->output, running->mended, running->left_out);
	if (running->mended <= running->mended_said)
		return;
	running->mended_said = 10 * running->mended;
	fprintf(stderr,
	    "hedgerow: %llu characters of the source so far are no UTF-8, or "
	    "NUL; another stands for each\n",
	    (unsigned long long)running->mended);
}

static void
lists(unsigned kinds, bool begins, void *context)
{
	struct running *running = context;

	collect_output_lists_again(running->output, kinds, begins);
}

static void
lose_patience(void *context)
{
	struct running *running = context;

	say("not all could be written; giving up", NULL);
	running->code = EXIT_INPUT;
	loop_stop(running->run.loop);
}

/* As soon as all is written, or it is clear that it won't be. */
static void
finish(struct running *running)
{
	running->finishing = true;
	if (collect_output_is_settled(running->output))
		loop_stop(running->run.loop);
	else
		loop_timer_set(running->patience, PATIENCE);
}

static void
ended(enum collect_end end, void *context)
{
	struct running *running = context;

	switch (end) {
	case COLLECT_LISTED:
		break;
	case COLLECT_FORBIDDEN:
		running->code = EXIT_PERMISSION;
		break;
	case COLLECT_FAILED:
		running->code = EXIT_INPUT;
		break;
	}
	finish(running);
}

/* --- the output ---------------------------------------------------------- */

static void
settled(void *context)
{
	struct running *running = context;

	if (running->finishing)
		loop_stop(running->run.loop);
}

static void
broken(void *context)
{
	struct running *running = context;

	running->code = EXIT_INTERNAL;
	loop_stop(running->run.loop);
}

static void
stop(int number, void *context)
{
	struct running *running = context;

	(void)number;
	loop_stop(running->run.loop);
}

/* --- the run ------------------------------------------------------------- */

/* Differs from run to run. */
static uint64_t
seed(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20 ^
	       (uint64_t)getpid() << 40;
}

static void
run(struct running *running, const struct command *command)
{
	struct loop *loop = running->run.loop;
	struct loop_signal *terminate =
	    loop_signal_new(loop, SIGTERM, stop, running);
	struct loop_signal *interrupt =
	    loop_signal_new(loop, SIGINT, stop, running);
	struct collect_listener listener = {
	    .terms = {command->collect.cluster, command->collect.once, seed()},
	    .taker = collect_output_taker(running->output),
	    .say = say,
	    .lossy = lossy,
	    .lost = lost,
	    .lists = lists,
	    .listed = listed,
	    .ended = ended,
	    .context = running,
	};
	void *collector;

	running->run.http = http_new(loop);
	running->patience = loop_timer_new(loop, lose_patience, running);
	collect_output_list_begins(running->output, COLLECT_KINDS_ALL);
	collector =
	    command->source->begin(&running->run, &listener, command->options);
	loop_run(loop);
	command->source->end(collector);
	loop_timer_free(running->patience);
	http_free(running->run.http);
	loop_signal_free(terminate);
	loop_signal_free(interrupt);
}

static int
open_and_run(const struct command *command)
{
	struct running running = {.run.loop = loop_new(), .code = EXIT_DONE};
	struct collect_output_events events = {settled, broken, &running};

	/* A server or a reader that goes away is an error of one write. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (running.run.loop == NULL) {
		fprintf(
		    stderr, "hedgerow: no event loop: %s\n", strerror(errno));
		return EXIT_INTERNAL;
	}
	running.output = collect_output_open(running.run.loop,
	    &command->collect, command->source->name, &events);
	if (running.output == NULL) {
		running.code = EXIT_USAGE;
	} else {
		run(&running, command);
		if (!collect_output_close(running.output))
			running.code = EXIT_INTERNAL;
	}
	loop_free(running.run.loop);
	return running.code;
}

/* --- the command --------------------------------------------------------- */

static bool
take_seconds(const struct option_table *table, const char *value, unsigned *out)
{
	char *end;
	unsigned long seconds = strtoul(value, &end, 10);

	/* strtoul() takes signs and blanks too, and says too much as much. */
	if (value[0] >= '0' && value[0] <= '9' && *end == '\0' &&
	    seconds >= 1 && seconds <= SECONDS_MAXIMUM) {
		*out = (unsigned)seconds;
		return true;
	}
	options_complain(table, "`%s`: a number of seconds is 1 to %d", value,
	    SECONDS_MAXIMUM);
	return false;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct command *command = context;
	const struct collect_source *source = command->source;
	const struct collect_place *place;
	unsigned seconds;

	if (row < COLLECT_ROW_COUNT)
		return collect_options_take(
		    source->table, &command->collect, row, value);
	place = &source->places[row - COLLECT_ROW_COUNT];
	if (!place->seconds) {
		memcpy(command->options + place->at, &value, sizeof(value));
		return true;
	}
	if (!take_seconds(source->table, value, &seconds))
		return false;
	memcpy(command->options + place->at, &seconds, sizeof(seconds));
	return true;
}

int
collect_command(const struct collect_source *source, int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct command command = {
	    .source = source,
	    .options = arena_take(arena, source->size),
	};
	int code = EXIT_USAGE;

	if (options_begin(source->table, argc, argv, take, &command, &code)) {
		code = EXIT_USAGE;
		if (collect_options_check(source->table, &command.collect) &&
		    source->check(arena, command.options))
			code = open_and_run(&command);
	}
	arena_free(arena);
	return code;
}
