#include "sensor/live/worker_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/confine.h"
#include "sensor/base/loop.h"
#include "sensor/capture_live.h"
#include "sensor/live/live.h"
#include "sensor/packet.h"
#include "sensor/run/exit.h"

/* Packets in a row, a millisecond's work: then others have their turn. */
#define BATCH 1024

/* How often time goes on where no packet comes, and the kernel is asked what
 * it dropped. */
#define TICK (100 * NS_PER_MS)

/*
 * The clock on the wall is ahead of the packets, even of a ring that was just
 * emptied: the kernel hands a block over when its timer has found it open
 * twice, and timers are late.  What comes later still moves no time.
 */
#define CLOCK_LAG (5 * CAPTURE_LIVE_BLOCK_MS * NS_PER_MS)

/* With others, how often it is said that there was nothing, and for which
 * time: for the same reason, but an alert waits for it. */
#define IDLE_TICK (10 * NS_PER_MS)
#define IDLE_LAG  (3 * CAPTURE_LIVE_BLOCK_MS * NS_PER_MS)

/*
 * How long a flow may be unanswered, or its application unknown, before it is
 * judged as it is.  A SYN has been sent three times by then (RFC 6298, 2.1 and
 * 5.5: after one second, and two more), and what is going to answer has.
 */
#define PATIENCE (5 * NS_PER_SECOND)

/* Flows that are said again between two batches. */
#define AGAIN 4096

/* The sensor may be that long at something else when we end. */
#define LAST_PATIENCE (10 * NS_PER_SECOND)

struct interface {
	struct worker *worker;
	struct capture_live *capture; /* borrowed; NULL: there is none */
	const char *name;
	size_t number;
	struct loop_watch *watch;
	bool watched; /* for packets, and not at rest */
};

struct worker {
	const struct worker_process *parts;
	struct worker_link *link;
	struct loop *loop;
	struct observer *observer;
	struct worker_teller teller;
	struct interface interfaces[LIVE_INTERFACES];
	size_t interface_count;
	struct interface *at_hand; /* whose packets come */
	struct wall_clock clock;
	struct instant stamp; /* of the last packet */
	struct loop_timer *tick, *idle, *more;
	struct loop_watch *asked;
	struct loop_signal *stop;
	uint64_t again;      /* how often it was asked to say flows again */
	uint32_t again_from; /* the flow to go on with */
	bool saying_again;
	uint64_t dropped; /* by the kernel, when we last waited */
	struct timespec nap;
};

/* --- counts --------------------------------------------------------------- */

/* Cheap: what the kernel has counted is asked for at each tick. */
static void
count(struct worker *worker)
{
	worker->teller.counts.observer = observer_counts(worker->observer);
}

static void
count_interfaces(struct worker *worker)
{
	for (size_t i = 0; i < worker->interface_count; i++) {
		struct interface *one = &worker->interfaces[i];
		struct worker_interface *counts =
		    &worker->teller.counts.interfaces[i];

		counts->status = CAPTURE_LIVE_GONE;
		if (one->capture == NULL)
			continue;
		counts->status = capture_live_status(one->capture);
		counts->counts = capture_live_counts(one->capture);
	}
}

static void
publish(struct worker *worker, struct instant wall)
{
	count(worker);
	worker_publish(&worker->teller, observer_time(worker->observer, wall));
}

/* --- taking --------------------------------------------------------------- */

/*
 * A clock that was set is noticed before the first packet that is stamped by it
 * is taken.
 *
 * returns    what it shows
 */
static struct instant
look_at_clock(struct worker *worker)
{
	int64_t set;
	struct instant wall = wall_clock_look(&worker->clock, &set);

	if (set != 0)
		observer_set_clock(worker->observer, set);
	return wall;
}

/* Whether a packet is as near to the last one as a clock that was set is not.
 */
static bool
is_near(struct instant at, struct instant last)
{
	return (uint64_t)at.ns - (uint64_t)last.ns +
		   (uint64_t)WALL_CLOCK_LEAST / 2 <
	       (uint64_t)WALL_CLOCK_LEAST;
}

static void
on_packet(const struct packet *packet, void *context)
{
	struct worker *worker = context;

	if (!is_near(packet->at, worker->stamp))
		(void)look_at_clock(worker);
	worker->stamp = packet->at;
	(void)observer_packet(worker->observer, packet);
}

static uint64_t
dropped_by_kernel(struct worker *worker)
{
	uint64_t dropped = 0;

	for (size_t i = 0; i < worker->interface_count; i++)
		if (worker->interfaces[i].capture != NULL)
			dropped +=
			    capture_live_counts(worker->interfaces[i].capture)
				.dropped;
	return dropped;
}

/*
 * While the sensor is busy with something else (a reload), packets are better
 * off in the kernel's ring than observations are nowhere.  When that overflows
 * too it is the other way round: a flow whose packets are lost is another flow.
 */
static void
let_packets_wait(struct worker *worker)
{
	if (!worker_is_crowded(&worker->teller))
		return;
	worker->dropped = dropped_by_kernel(worker);
	worker->teller.counts.waits++;
	worker_publish(&worker->teller, worker_link_progress(worker->link));
	for (int i = 0; i < 100 && worker_is_crowded(&worker->teller); i++) {
		(void)nanosleep(&worker->nap, NULL);
		if (dropped_by_kernel(worker) > worker->dropped)
			return;
	}
}

static size_t
take_batch(struct interface *one)
{
	struct worker *worker = one->worker;
	struct worker_interface *counts =
	    &worker->teller.counts.interfaces[one->number];
	size_t taken;

	let_packets_wait(worker);
	if (worker->at_hand != one) {
		worker->at_hand = one;
		observer_set_interface(worker->observer, one->name);
	}
	taken = capture_live_take(one->capture, BATCH, on_packet, worker);
	observer_flush(worker->observer);
	counts->status = capture_live_status(one->capture);
	capture_live_taken(
	    one->capture, &counts->counts.taken, &counts->counts.octets);
	publish(worker, INSTANT_PAST);
	return taken;
}

/*
 * A socket of an interface that is down, or is no more, may be readable all the
 * time: then it is left alone, but for a look at each tick.
 */
static void
watch_as_it_is(struct interface *one)
{
	bool open = capture_live_status(one->capture) == CAPTURE_LIVE_OPEN;

	if (open != one->watched)
		loop_watch_change(one->watch, open ? LOOP_READABLE : 0);
	one->watched = open;
}

static void
on_readable(int descriptor, unsigned what, void *context)
{
	struct interface *one = context;

	(void)descriptor;
	(void)what;
	(void)take_batch(one);
	watch_as_it_is(one);
}

/* --- timers and requests -------------------------------------------------- */

static void
look_at(struct interface *one)
{
	if (one->capture == NULL)
		return;
	capture_live_look(one->capture);
	watch_as_it_is(one);
}

/*
 * returns    whether the rings are empty, but for the blocks that the kernel
 *            still writes to; `taken` gets how many packets were in them
 */
static bool
take_rest(struct worker *worker, size_t *taken)
{
	bool empty = true;

	*taken = 0;
	for (size_t i = 0; i < worker->interface_count; i++) {
		struct interface *one = &worker->interfaces[i];
		size_t batch = 0;

		if (one->capture != NULL &&
		    capture_live_status(one->capture) == CAPTURE_LIVE_OPEN)
			batch = take_batch(one);
		empty = empty && batch < BATCH;
		*taken += batch;
	}
	return empty;
}

static void
on_tick(void *context)
{
	struct worker *worker = context;
	struct instant wall = look_at_clock(worker);
	size_t taken;

	for (size_t i = 0; i < worker->interface_count; i++)
		look_at(&worker->interfaces[i]);
	if (take_rest(worker, &taken))
		observer_clock(
		    worker->observer, (struct instant){wall.ns - CLOCK_LAG});
	count_interfaces(worker);
	publish(worker, INSTANT_PAST);
	loop_timer_set(worker->tick, TICK);
}

/* Others wait for what we may yet tell: say that there is nothing. */
static void
on_idle(void *context)
{
	struct worker *worker = context;
	struct instant wall = look_at_clock(worker);
	size_t taken;

	if (take_rest(worker, &taken) && taken == 0)
		publish(worker, (struct instant){wall.ns - IDLE_LAG});
	loop_timer_set(worker->idle, IDLE_TICK);
}

static void
on_more(void *context)
{
	struct worker *worker = context;
	uint64_t wanted = worker_link_again(worker->link);

	if (wanted != worker->again) {
		worker->again = wanted;
		worker->again_from = 0;
		worker->saying_again = true;
	}
	if (!worker->saying_again)
		return;
	if (!worker_is_crowded(&worker->teller)) {
		worker->saying_again = observer_say_again(
		    worker->observer, worker->again_from, AGAIN);
		worker->again_from += AGAIN;
		publish(worker, INSTANT_PAST);
	}
	if (worker->saying_again)
		loop_timer_set(worker->more, NS_PER_MS);
}

static void
on_asked(int descriptor, unsigned what, void *context)
{
	uint64_t wakings;

	(void)what;
	(void)!read(descriptor, &wakings, sizeof(wakings));
	on_more(context);
}

static void
on_stop(int number, void *context)
{
	struct worker *worker = context;

	(void)number;
	loop_stop(worker->loop);
}

/* --- the end -------------------------------------------------------------- */

/*
 * The block that the kernel writes to comes to us when its time is up, and
 * packets go on coming: so until as many were taken as had come when we were
 * told to stop, or nothing came for a few such times.
 */
static void
drain(struct interface *one)
{
	struct capture_live_counts counts = capture_live_counts(one->capture);
	uint64_t end = counts.received - counts.dropped;
	const struct timespec nap = {
	    .tv_nsec = CAPTURE_LIVE_BLOCK_MS * NS_PER_MS / 10};

	for (int quiet = 0; counts.taken < end && quiet < 30; quiet++) {
		if (take_batch(one) > 0)
			quiet = 0;
		else
			(void)nanosleep(&nap, NULL);
		if (capture_live_status(one->capture) != CAPTURE_LIVE_OPEN)
			break;
		counts = capture_live_counts(one->capture);
	}
}

static void
finish(struct worker *worker)
{
	for (size_t i = 0; i < worker->interface_count; i++)
		if (worker->interfaces[i].capture != NULL)
			drain(&worker->interfaces[i]);
	/* Whoever judges these flows knows what was lost of them. */
	count_interfaces(worker);
	publish(worker, INSTANT_PAST);
	worker->teller.patience = LAST_PATIENCE;
	observer_finish(worker->observer);
	count(worker);
	count_interfaces(worker);
	worker_teller_end(&worker->teller, LAST_PATIENCE);
}

/* --- the beginning -------------------------------------------------------- */

/* What the interfaces count is all that there is to read. */
static bool
give_up_rights(const struct worker_process *parts)
{
	struct confine_settings settings = {
	    .user = geteuid(), .group = getegid(), .captures = true};
	char fault[CONFINE_FAULT_SIZE];
	struct confined confined;

	if (!parts->settings->confined)
		return true;
	confine_add(&settings.readable, "/sys/class/net");
	confine_add(&settings.readable, "/sys/devices");
	if (confine_enter(&settings, &confined, fault))
		return true;
	(void)fprintf(
	    stderr, "hedgerow: a worker cannot be confined: %s\n", fault);
	return false;
}

static bool
make_observer(struct worker *worker)
{
	const struct worker_process *parts = worker->parts;
	struct observer_parts observer = {
	    .key = parts->crew->key,
	    .flow_capacity = parts->crew->flow_capacity,
	    .first_conversation = parts->number * parts->crew->flow_capacity,
	    .threads = 1,
	    .whole = true,
	    .domains = parts->settings->domains,
	    .services = parts->crew->services,
	    .messages = parts->messages,
	    .progress = parts->progress,
	    .patience = PATIENCE,
	    .evidence = parts->crew->evidence[parts->number],
	    .take = worker_tell,
	    .context = &worker->teller,
	};
	const char *fault = NULL;

	worker->observer = observer_new(&observer, &fault);
	if (worker->observer != NULL)
		return true;
	(void)fprintf(stderr, "hedgerow: %s\n", fault);
	return false;
}

static void
watch_interfaces(struct worker *worker)
{
	const struct worker_process *parts = worker->parts;

	worker->interface_count = parts->settings->interface_count;
	for (size_t i = 0; i < worker->interface_count; i++) {
		struct interface *one = &worker->interfaces[i];

		one->worker = worker;
		one->number = i;
		one->name = parts->settings->interfaces[i];
		one->capture = parts->captures[i];
		if (one->capture == NULL)
			continue;
		one->watched = true;
		one->watch = loop_watch_new(worker->loop,
		    capture_live_descriptor(one->capture), LOOP_READABLE,
		    on_readable, one);
	}
}

static void
start(struct worker *worker)
{
	/* All count the time that passes from the crew's beginning, whatever
	 * the clock showed when each of them began. */
	worker->clock = worker->parts->crew->begun;
	(void)look_at_clock(worker);
	worker->again = worker_link_again(worker->link);
	worker->stop = loop_signal_new(worker->loop, SIGTERM, on_stop, worker);
	worker->tick = loop_timer_new(worker->loop, on_tick, worker);
	worker->idle = loop_timer_new(worker->loop, on_idle, worker);
	worker->more = loop_timer_new(worker->loop, on_more, worker);
	worker->asked = loop_watch_new(worker->loop, worker->link->to_worker,
	    LOOP_READABLE, on_asked, worker);
	loop_timer_set(worker->tick, TICK);
	if (worker->parts->crew->count > 1)
		loop_timer_set(worker->idle, IDLE_TICK);
	watch_interfaces(worker);
	count_interfaces(worker);
	publish(worker, INSTANT_PAST);
}

static void
release(struct worker *worker)
{
	for (size_t i = 0; i < worker->interface_count; i++)
		loop_watch_free(worker->interfaces[i].watch);
	loop_watch_free(worker->asked);
	loop_signal_free(worker->stop);
	loop_timer_free(worker->tick);
	loop_timer_free(worker->idle);
	loop_timer_free(worker->more);
	observer_free(worker->observer);
	worker_teller_release(&worker->teller);
	loop_free(worker->loop);
}

/* Who started us may have ended before we asked to be told. */
static bool
has_parent(const struct worker_process *parts)
{
	char name[16];

	(void)snprintf(
	    name, sizeof(name), "hedgerow-w%u", (unsigned)parts->number);
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	return getppid() == parts->parent;
}

int
worker_process_run(const struct worker_process *parts)
{
	struct worker *worker = allocate(1, sizeof(*worker));
	uint32_t flows = parts->crew->flow_capacity;
	int code = EXIT_INTERNAL;

	worker->parts = parts;
	worker->link = &parts->crew->links[parts->number];
	worker->nap.tv_nsec = NS_PER_MS;
	worker->loop = loop_new();
	if (worker->loop != NULL && has_parent(parts) &&
	    make_observer(worker) && give_up_rights(parts)) {
		worker_teller_begin(&worker->teller, worker->link,
		    parts->number * flows, flows);
		start(worker);
		loop_run(worker->loop);
		finish(worker);
		code = EXIT_DONE;
	}
	release(worker);
	free(worker);
	return code;
}
