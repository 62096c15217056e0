/*
 * inventory_redis_read -- follows the inventories that Redis holds.
 *
 * Reads everything once, hands it on as facts, and then each change as it is
 * told.  Whenever Redis was away, forgot changes or started anew, everything is
 * read again; what is known is given up only when a complete inventory no
 * longer has it.  An empty Redis ends nothing: it makes what is known old.
 * docs/inventory.md documents the keys.  Does not know who takes the facts.
 */
#ifndef CLASSIFIERS_REDIS_INVENTORY_REDIS_READ_H
#define CLASSIFIERS_REDIS_INVENTORY_REDIS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "sensor/base/instant.h"

struct inventory_reader; /* opaque, the loop's thread */
struct loop;
struct redis_url;

/* Clusters that one sensor follows; more are left out and counted. */
#define INVENTORY_READER_CLUSTERS ((size_t)64)

struct inventory_reader_settings {
	const char *cluster; /* the only one to follow, or NULL: all */
	struct fact_taker taker;
	/* What the operator should know, a line without its newline. */
	void (*said)(const char *text, void *context);
	/* Everything was read; from now on changes.  After each load. */
	void (*loaded)(void *context);
	/* The facts of a change, or of several, were given. */
	void (*changed)(void *context);
	void *context;
};

struct inventory_reader_state {
	bool connected;
	bool loaded;   /* at least once, whatever happened since */
	bool complete; /* every cluster's writer says that it named all */
	/* The oldest of the clusters' heartbeats, or INSTANT_PAST. */
	struct instant heartbeat;
	char why[256]; /* it is not connected, or "" */
	size_t clusters, objects;
	uint64_t loads, changes;
	uint64_t gaps;       /* in the stream of changes, each a load */
	uint64_t foreign;    /* keys and entries that are not ours */
	uint64_t unreadable; /* objects, */
	char fault[256];     /* the last of which had this fault, or "" */
};

/* Makes an owned reader; `settings` is copied, its texts and `url` borrowed. */
struct inventory_reader *inventory_reader_new(struct loop *loop,
    const struct redis_url *url,
    const struct inventory_reader_settings *settings);

/* NULL is allowed. */
void inventory_reader_free(struct inventory_reader *reader);

struct inventory_reader_state inventory_reader_state(
    const struct inventory_reader *reader);

#endif
