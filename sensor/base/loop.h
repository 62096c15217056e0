/*
 * loop -- waits for sockets, timers and signals (the libevent adapter).
 *
 * Serves the slow side: metadata from Redis and the orchestrators; packets
 * never pass through it.  Everything belongs to the thread that runs the loop,
 * but for loop_stop().  A callback may free its own watch, timer or signal, or
 * any other.  This is the only source of time below the top of the program.
 */
#ifndef SENSOR_BASE_LOOP_H
#define SENSOR_BASE_LOOP_H

#include <stdint.h>

#include "sensor/base/instant.h"

struct loop;        /* opaque */
struct loop_watch;  /* one file descriptor; opaque */
struct loop_timer;  /* opaque */
struct loop_signal; /* opaque */

/* What a watch is for, or-ed together. */
#define LOOP_READABLE 1U
#define LOOP_WRITABLE 2U

/* Makes an owned loop for loop_free(), or NULL when the system refuses. */
struct loop *loop_new(void);

/* Everything made from the loop is freed before it; NULL is allowed. */
void loop_free(struct loop *loop);

/*
 * Calls back until loop_stop(), or until there is neither a watch nor a set
 * timer nor a signal to wait for.  May be run again.
 */
void loop_run(struct loop *loop);

/*
 * Makes the loop return after the callbacks that are due now; asked before it
 * runs, it does not wait at all.  From any thread, and from signal handlers.
 */
void loop_stop(struct loop *loop);

/* The time of day.  It may be set while we run: for how long something took or
 * has to wait, loop_steady(). */
struct instant loop_now(const struct loop *loop);

/* The time of a clock that nobody sets and that begins anywhere. */
struct instant loop_steady(const struct loop *loop);

/*
 * Watches a file descriptor for as long as the watch lives.
 *
 * what       LOOP_READABLE and LOOP_WRITABLE, or 0 to rest until a change
 * ready      called with what it is ready for, each round that it is; an error
 *            or hang-up counts as ready for all that was asked
 * returns    an owned watch for loop_watch_free(), to be freed before the
 *            descriptor is closed
 */
struct loop_watch *loop_watch_new(struct loop *loop, int descriptor,
    unsigned what, void (*ready)(int descriptor, unsigned what, void *context),
    void *context);

/* Watches for something else from now on. */
void loop_watch_change(struct loop_watch *watch, unsigned what);

/* NULL is allowed. */
void loop_watch_free(struct loop_watch *watch);

/* Makes an owned timer for loop_timer_free(), not yet set. */
struct loop_timer *loop_timer_new(
    struct loop *loop, void (*due)(void *context), void *context);

/*
 * Calls `due` once, `delay` nanoseconds from now; negative counts as 0.  A
 * timer that was set already is set anew.
 */
void loop_timer_set(struct loop_timer *timer, int64_t delay);

/* A timer that is not set stays so. */
void loop_timer_cancel(struct loop_timer *timer);

/* NULL is allowed. */
void loop_timer_free(struct loop_timer *timer);

/*
 * Takes a signal such as SIGTERM from now on; one loop of a process may.
 *
 * came       called from the loop, so anything may be done there
 * returns    an owned signal for loop_signal_free(), which gives it back
 */
struct loop_signal *loop_signal_new(struct loop *loop, int number,
    void (*came)(int number, void *context), void *context);

/* NULL is allowed. */
void loop_signal_free(struct loop_signal *signal);

#endif
