#include "sensor/commands/deliver.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alerts/delivery.h"
#include "alerts/journal_reader.h"
#include "sensor/base/instant.h"
#include "sensor/base/loop.h"
#include "sensor/run/exit.h"

struct delivering {
	const struct deliver_options *options;
	struct loop *loop;
	struct delivery *delivery;
};

static void
say(const char *message, void *context)
{
	(void)context;
	fprintf(stderr, "hedgerow: %s\n", message);
}

static void
stop(void *context)
{
	struct delivering *delivering = context;

	loop_stop(delivering->loop);
}

static void
stop_by_signal(int number, void *context)
{
	(void)number;
	stop(context);
}

static bool
add_sinks(struct delivering *delivering)
{
	const struct deliver_options *options = delivering->options;
	char fault[SINK_FAULT_SIZE];

	for (size_t i = 0; i < options->count; i++) {
		if (delivery_add(delivering->delivery, options->sinks[i],
			options->range, fault))
			continue;
		fprintf(stderr, "hedgerow: --sink: %s\n", fault);
		return false;
	}
	return true;
}

/* Records that a sink has still to get. */
static uint64_t
left_of(
    const struct deliver_options *options, const struct delivery_counts *counts)
{
	uint64_t end = options->range != NULL
			   ? options->range->to
			   : journal_reader_end(options->journal);
	uint64_t at = counts->next;

	if (at == 0)
		at = options->range != NULL ? options->range->from : 1;
	return end > at ? end - at : 0;
}

static bool
print_counts(const struct delivering *delivering)
{
	bool all = true;

	for (size_t i = 0; i < delivery_count(delivering->delivery); i++) {
		struct delivery_counts counts =
		    delivery_counts(delivering->delivery, i);
		uint64_t left = left_of(delivering->options, &counts);

		all = all && left == 0;
		if (delivering->options->quiet && left == 0)
			continue;
		fprintf(stderr,
		    "sink      %s: %" PRIu64 " acknowledged, %" PRIu64
		    " refused, %" PRIu64 " dropped, %" PRIu64 " left (%" PRIu64
		    " sent, %" PRIu64 " of them again)\n",
		    delivery_name(delivering->delivery, i), counts.acknowledged,
		    counts.refused, counts.dropped, left, counts.sent,
		    counts.retried);
	}
	return all;
}

static int
run(struct delivering *delivering)
{
	struct loop *loop = delivering->loop;
	struct loop_timer *patience = loop_timer_new(loop, stop, delivering);
	struct loop_signal *terminate =
	    loop_signal_new(loop, SIGTERM, stop_by_signal, delivering);
	struct loop_signal *interrupt =
	    loop_signal_new(loop, SIGINT, stop_by_signal, delivering);

	loop_timer_set(
	    patience, (int64_t)delivering->options->seconds * NS_PER_SECOND);
	loop_run(loop);
	loop_timer_free(patience);
	loop_signal_free(terminate);
	loop_signal_free(interrupt);
	return print_counts(delivering) ? EXIT_DONE : EXIT_INPUT;
}

int
deliver_run(const struct deliver_options *options)
{
	struct delivering delivering = {.options = options, .loop = loop_new()};
	struct delivery_parts parts = {
	    .loop = delivering.loop,
	    .directory = options->journal,
	    .format = options->format,
	    .say = say,
	    .settled = stop,
	    .context = &delivering,
	};
	int error = 0, code = EXIT_USAGE;

	if (parts.format.enterprise == 0)
		parts.format = FORMAT_SETTINGS_DEFAULT;

	if (delivering.loop == NULL) {
		fprintf(
		    stderr, "hedgerow: no event loop: %s\n", strerror(errno));
		return EXIT_INTERNAL;
	}
	delivering.delivery = delivery_new(&parts, &error);
	if (delivering.delivery == NULL) {
		fprintf(stderr, "hedgerow: %s: %s\n", options->journal,
		    strerror(-error));
		code = error == -EACCES ? EXIT_PERMISSION : EXIT_USAGE;
	} else if (add_sinks(&delivering)) {
		code = run(&delivering);
	}
	delivery_free(delivering.delivery);
	loop_free(delivering.loop);
	return code;
}
