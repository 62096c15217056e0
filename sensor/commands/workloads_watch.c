#include "sensor/commands/workloads_watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "classifiers/inventory/inventory.h"
#include "models/identity.h"
#include "models/policy.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"
#include "sensor/run/exit.h"
#include "sensor/run/world.h"

#define LINE_MAXIMUM ((size_t)1024 * 1024)

/*
 * How long the first list waits for Redis: then what was saved, or nothing, is
 * shown, and Redis brings changes like any other.
 */
#define FIRST_WAIT (2 * NS_PER_SECOND)

struct watching {
	const struct workloads_watch *watch;
	struct loop *loop;
	struct text line, before;
	bool broken;  /* nobody reads any more */
	bool stopped; /* by a signal, maybe before the first list */
};

/* --- lines ---------------------------------------------------------------- */

/* Whoever measures how soon a change shows needs the line at once. */
static void
say(struct watching *watching, const char *change, const struct text *line)
{
	struct timespec now;
	char printed[INSTANT_TEXT_SIZE];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	instant_print((struct instant){(int64_t)now.tv_sec * NS_PER_SECOND +
				       (int64_t)now.tv_nsec},
	    printed);
	if (watching->watch->json)
		printf("{\"time\":\"%s\",\"change\":\"%s\",\"workload\":%s}\n",
		    printed, change, line->at);
	else
		printf("%s  %-9s  %s\n", printed, change, line->at);
	if (fflush(stdout) == 0)
		return;
	watching->broken = true;
	loop_stop(watching->loop);
}

static void
write_line(const struct watching *watching, struct text *out,
    const struct workload *workload, struct policy *policy)
{
	/* One of an older inventory is nobody's to ask about. */
	static const struct identity none;

	text_clear(out);
	watching->watch->write(out, workload,
	    policy == NULL ? &none : policy_workload(policy, workload));
}

static void
say_new(struct watching *watching, const char *change,
    const struct workload *workload, struct policy *policy)
{
	write_line(watching, &watching->line, workload, policy);
	say(watching, change, &watching->line);
}

/* Another record may say the same. */
static void
say_changed(struct watching *watching, const struct workload *before,
    const struct workload *now, struct policy *policy)
{
	bool ended = before->until.ns == INSTANT_FUTURE.ns &&
		     now->until.ns != INSTANT_FUTURE.ns;

	write_line(watching, &watching->before, before, NULL);
	write_line(watching, &watching->line, now, NULL);
	if (strcmp(watching->before.at, watching->line.at) != 0)
		say_new(watching, ended ? "over" : "changed", now, policy);
}

/* --- what differs --------------------------------------------------------- */

/* The order of inventory_workload(). */
static int
compare(const struct workload *left, const struct workload *right)
{
	int order = strcmp(left->namespace, right->namespace);

	if (order == 0)
		order = strcmp(left->name, right->name);
	if (order == 0 && left->began.ns != right->began.ns)
		return left->began.ns < right->began.ns ? -1 : 1;
	if (order == 0)
		order = strcmp(left->id, right->id);
	if (order == 0)
		order = strcmp(left->cluster, right->cluster);
	if (order == 0)
		order = (left->since.ns > right->since.ns) -
			(left->since.ns < right->since.ns);
	return order;
}

/* Generations share what did not change, so most are the same record. */
static void
say_differences(struct watching *watching, const struct inventory *before,
    const struct inventory *now, struct policy *policy)
{
	size_t old_count =
	    before == NULL ? 0 : inventory_workload_count(before);
	size_t new_count = inventory_workload_count(now);
	size_t i = 0, j = 0;

	while ((i < old_count || j < new_count) && !watching->broken) {
		const struct workload *old =
		    i < old_count ? inventory_workload(before, i) : NULL;
		const struct workload *new =
		    j < new_count ? inventory_workload(now, j) : NULL;
		int order = old == NULL ? 1 : new == NULL ? -1 : 0;

		if (order == 0 && old != new)
			order = compare(old, new);
		if (order < 0)
			say_new(watching, "forgotten", old, NULL);
		else if (order > 0)
			say_new(watching, before == NULL ? "is" : "new", new,
			    policy);
		else if (old != new)
			say_changed(watching, old, new, policy);
		i += order <= 0;
		j += order >= 0;
	}
}

static void
on_changed(const struct world_view *now, const struct world_view *before,
    void *context)
{
	struct watching *watching = context;

	/* What comes before the first list is part of it. */
	if (watching->line.at != NULL)
		say_differences(
		    watching, before->inventory, now->inventory, now->policy);
}

/* --- the run -------------------------------------------------------------- */

static void
stop(int number, void *context)
{
	struct watching *watching = context;

	(void)number;
	watching->stopped = true;
	loop_stop(watching->loop);
}

static void
watch_world(struct watching *watching, struct world *world)
{
	struct loop_signal *terminate =
	    loop_signal_new(watching->loop, SIGTERM, stop, watching);
	struct loop_signal *interrupt =
	    loop_signal_new(watching->loop, SIGINT, stop, watching);
	struct world_view view;

	(void)world_wait(world, FIRST_WAIT);
	text_init(&watching->line, LINE_MAXIMUM);
	text_init(&watching->before, LINE_MAXIMUM);
	view = world_view(world);
	say_differences(watching, NULL, view.inventory, view.policy);
	if (!watching->broken && !watching->stopped)
		loop_run(watching->loop);
	text_release(&watching->line);
	text_release(&watching->before);
	loop_signal_free(terminate);
	loop_signal_free(interrupt);
}

int
workloads_watch(const struct workloads_watch *watch)
{
	struct watching watching = {.watch = watch, .loop = loop_new()};
	const struct world_settings settings = {
	    .paths = watch->paths,
	    .saved = watch->saved,
	    .changed = on_changed,
	    .context = &watching,
	};
	struct world *world;
	int code;

	if (watching.loop == NULL) {
		fputs("hedgerow: no event loop\n", stderr);
		return EXIT_INTERNAL;
	}
	/* Redis that goes away is an error of one write. */
	(void)signal(SIGPIPE, SIG_IGN);
	world = world_new(watching.loop, &settings, &code);
	if (world != NULL)
		watch_world(&watching, world);
	world_free(world);
	loop_free(watching.loop);
	return code;
}
