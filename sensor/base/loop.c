#include "sensor/base/loop.h"

#include <assert.h>
#include <event2/event.h>
#include <event2/util.h>
#include <fcntl.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/arena.h"

/*
 * A pipe and not event_base_loopbreak(): that one wakes a loop of another
 * thread only with libevent's own locks, and is lost before the loop runs.
 */
struct loop {
	struct event_base *base;
	struct event *stop;
	int stop_pipe[2];
	bool stopping;
	int waiting; /* what is there to wait for, the pipe aside */
};

struct loop_watch {
	struct loop *loop;
	struct event *event;
	int descriptor;
	unsigned what;
	void (*ready)(int descriptor, unsigned what, void *context);
	void *context;
};

struct loop_timer {
	struct loop *loop;
	struct event *event;
	bool set;
	void (*due)(void *context);
	void *context;
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	int number;
	void (*came)(int number, void *context);
	void *context;
};

/* --- the loop ------------------------------------------------------------- */

static void
on_stop(evutil_socket_t descriptor, short what, void *context)
{
	struct loop *loop = context;
	char drained[16];

	(void)what;
	while (read(descriptor, drained, sizeof(drained)) > 0)
		continue;
	loop->stopping = true;
}

/* The coarse clock that libevent prefers calls timers 4 ms early. */
static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

struct loop *
loop_new(void)
{
	struct loop *loop = allocate(1, sizeof(*loop));

	if (pipe2(loop->stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(loop);
		return NULL;
	}
	loop->base = base_new();
	if (loop->base != NULL)
		loop->stop = event_new(loop->base, loop->stop_pipe[0],
		    EV_READ | EV_PERSIST, on_stop, loop);
	if (loop->stop == NULL || event_add(loop->stop, NULL) < 0) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	assert(loop->waiting == 0);
	if (loop->stop != NULL)
		event_free(loop->stop);
	if (loop->base != NULL)
		event_base_free(loop->base);
	(void)close(loop->stop_pipe[0]);
	(void)close(loop->stop_pipe[1]);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	while (loop->waiting > 0 && !loop->stopping)
		if (event_base_loop(loop->base, EVLOOP_ONCE) != 0)
			break;
	loop->stopping = false;
}

void
loop_stop(struct loop *loop)
{
	/* A full pipe already says it. */
	ssize_t written = write(loop->stop_pipe[1], "", 1);

	(void)written;
}

static struct instant
read_clock(clockid_t which)
{
	struct timespec now;

	(void)clock_gettime(which, &now);
	return (struct instant){
	    (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

/* Not libevent's cached one, which is wrong for up to five seconds after the
 * clock was set. */
struct instant
loop_now(const struct loop *loop)
{
	(void)loop;
	return read_clock(CLOCK_REALTIME);
}

struct instant
loop_steady(const struct loop *loop)
{
	(void)loop;
	return read_clock(CLOCK_MONOTONIC);
}

/* The kernel has no memory for what start-up or a reconnect needs. */
static struct event *
needed(struct event *event)
{
	if (event == NULL) {
		fputs("hedgerow: out of memory\n", stderr);
		abort();
	}
	return event;
}

/* --- descriptors ---------------------------------------------------------- */

static void
on_ready(evutil_socket_t descriptor, short what, void *context)
{
	const struct loop_watch *watch = context;
	unsigned ready = 0;

	if ((what & EV_READ) != 0)
		ready |= LOOP_READABLE;
	if ((what & EV_WRITE) != 0)
		ready |= LOOP_WRITABLE;
	watch->ready(descriptor, ready, watch->context);
}

static short
event_flags(unsigned what)
{
	int flags = EV_PERSIST;

	if ((what & LOOP_READABLE) != 0)
		flags |= EV_READ;
	if ((what & LOOP_WRITABLE) != 0)
		flags |= EV_WRITE;
	return (short)flags;
}

struct loop_watch *
loop_watch_new(struct loop *loop, int descriptor, unsigned what,
    void (*ready)(int descriptor, unsigned what, void *context), void *context)
{
	struct loop_watch *watch = allocate(1, sizeof(*watch));

	*watch = (struct loop_watch){.loop = loop,
	    .descriptor = descriptor,
	    .ready = ready,
	    .context = context};
	watch->event = needed(
	    event_new(loop->base, descriptor, event_flags(0), on_ready, watch));
	loop->waiting++;
	loop_watch_change(watch, what);
	return watch;
}

void
loop_watch_change(struct loop_watch *watch, unsigned what)
{
	if (watch->what == what)
		return;
	(void)event_del(watch->event);
	watch->what = what;
	if (what == 0)
		return;
	(void)event_assign(watch->event, watch->loop->base, watch->descriptor,
	    event_flags(what), on_ready, watch);
	(void)event_add(watch->event, NULL);
}

void
loop_watch_free(struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	watch->loop->waiting--;
	event_free(watch->event);
	free(watch);
}

/* --- timers --------------------------------------------------------------- */

static void
on_due(evutil_socket_t descriptor, short what, void *context)
{
	struct loop_timer *timer = context;

	(void)descriptor;
	(void)what;
	timer->set = false;
	timer->loop->waiting--;
	timer->due(timer->context);
}

struct loop_timer *
loop_timer_new(struct loop *loop, void (*due)(void *context), void *context)
{
	struct loop_timer *timer = allocate(1, sizeof(*timer));

	*timer =
	    (struct loop_timer){.loop = loop, .due = due, .context = context};
	timer->event = needed(event_new(loop->base, -1, 0, on_due, timer));
	return timer;
}

void
loop_timer_set(struct loop_timer *timer, int64_t delay)
{
	int64_t wait = delay < 0 ? 0 : delay;
	struct timeval after = {
	    .tv_sec = (time_t)(wait / NS_PER_SECOND),
	    /* Rounded up, so that nothing is called early. */
	    .tv_usec = (suseconds_t)((wait % NS_PER_SECOND + NS_PER_US - 1) /
				     NS_PER_US),
	};

	if (after.tv_usec == 1000000)
		after = (struct timeval){.tv_sec = after.tv_sec + 1};
	if (!timer->set)
		timer->loop->waiting++;
	timer->set = true;
	(void)event_add(timer->event, &after);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	if (!timer->set)
		return;
	timer->set = false;
	timer->loop->waiting--;
	(void)event_del(timer->event);
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	loop_timer_cancel(timer);
	event_free(timer->event);
	free(timer);
}

/* --- signals -------------------------------------------------------------- */

static void
on_signal(evutil_socket_t number, short what, void *context)
{
	const struct loop_signal *signal = context;

	(void)what;
	signal->came(number, signal->context);
}

struct loop_signal *
loop_signal_new(struct loop *loop, int number,
    void (*came)(int number, void *context), void *context)
{
	struct loop_signal *signal = allocate(1, sizeof(*signal));

	*signal = (struct loop_signal){
	    .loop = loop, .number = number, .came = came, .context = context};
	signal->event =
	    needed(evsignal_new(loop->base, number, on_signal, signal));
	(void)event_add(signal->event, NULL);
	loop->waiting++;
	return signal;
}

void
loop_signal_free(struct loop_signal *signal)
{
	if (signal == NULL)
		return;
	signal->loop->waiting--;
	event_free(signal->event);
	free(signal);
}
