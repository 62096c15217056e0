/*
 * collect_listener -- whoever runs a collector: what it asks for and is told.
 *
 * The same for every orchestrator.  Nothing here is called from
 * the functions that make or free a collector.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_LISTENER_H
#define CLASSIFIERS_COLLECT_COLLECT_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "sensor/base/json_salvage.h"

enum collect_end {
	COLLECT_LISTED,    /* all that there is */
	COLLECT_FORBIDDEN, /* it may not be read */
	COLLECT_FAILED,    /* after several attempts, or what came is no list */
};

/* What it asks of every collector. */
struct collect_terms {
	const char *cluster; /* its name in facts, or ""; borrowed */
	bool once;           /* list what there is, and be done */
	uint64_t seed;       /* of the jitter between attempts */
};

struct collect_listener {
	struct collect_terms terms;
	struct fact_taker taker;
	/* A line for the operator, no full stop. */
	void (*say)(const char *message, void *context);
	/*
	 * Not all of these kinds (COLLECT_KIND) could be read, so that what is
	 * missing need not be gone; comes before `listed`.  NULL is allowed.
	 */
	void (*lossy)(unsigned kinds, void *context);
	/*
	 * Of what was read some characters were no text, and some objects could
	 * not be read.  NULL is allowed.
	 */
	void (*lost)(const struct json_losses *losses, void *context);
	/*
	 * A list of these kinds begins or is over, the first of them too, and
	 * what went away is said by itself.  NULL is allowed.
	 */
	void (*lists)(unsigned kinds, bool begins, void *context);
	/* Everything was listed, for the first time or again. */
	void (*listed)(void *context);
	/* That was all: with `once`, or where the source has an end. */
	void (*ended)(enum collect_end end, void *context);
	void *context;
};

/* Says it in words, without control characters of servers. */
void collect_say(const struct collect_listener *listener, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/* Tells of losses, if there were any; returns whether objects are missing. */
bool collect_lost(
    const struct collect_listener *listener, const struct json_losses *losses);

/* The same, where the operator should know what cannot be read. */
bool collect_left_out(const struct collect_listener *listener,
    const char *source, const char *where, const struct json_losses *losses);

/* States that the source was heard at that time. */
void collect_seen(const struct collect_listener *listener, const char *source,
    struct instant at);

#endif
