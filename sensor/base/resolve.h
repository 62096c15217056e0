/*
 * resolve -- looks a host's name up while others go on.
 *
 * The C library's resolver waits, for seconds where a name server is away; so
 * it does that in a thread of its own, one for each question, and the loop is
 * told.  An address needs no look-up.  Where no thread can be made it waits
 * after all.
 */
#ifndef SENSOR_BASE_RESOLVE_H
#define SENSOR_BASE_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct resolve; /* one question; opaque */

#define RESOLVE_ADDRESSES  8
#define RESOLVE_TEXT_SIZE  64
#define RESOLVE_FAULT_SIZE 256

/* Addresses as texts, in the order in which they should be tried. */
struct resolve_answer {
	char addresses[RESOLVE_ADDRESSES][RESOLVE_TEXT_SIZE];
	size_t count;                   /* 0: there is none */
	char fault[RESOLVE_FAULT_SIZE]; /* and why */
};

/*
 * Asks.
 *
 * done       called once, from the loop and never from here; it may free the
 *            question
 * returns    an owned question for resolve_free(), whether it was answered or
 *            not; NULL when the system has no descriptors left
 */
struct resolve *resolve_new(struct loop *loop, const char *host,
    void (*done)(const struct resolve_answer *answer, void *context),
    void *context);

/* Nobody is told any more; NULL is allowed. */
void resolve_free(struct resolve *resolve);

#endif
