/*
 * inventory_redis_write -- keeps one cluster's inventory in Redis.
 *
 * Takes facts from a collector, remembers what Redis holds, and writes only
 * what differs, each batch as one transaction that also tells the sensors.
 * Redis may go away, come back empty, or have been written by an earlier run
 * that was killed: what is there is read first, and in the end it holds what
 * the collector said.  docs/inventory.md documents the keys.  One writer for
 * each cluster.  Does not know orchestrators.
 */
#ifndef CLASSIFIERS_REDIS_INVENTORY_REDIS_WRITE_H
#define CLASSIFIERS_REDIS_INVENTORY_REDIS_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "sensor/base/instant.h"

struct inventory_writer; /* opaque, the loop's thread */
struct loop;
struct redis_url;

struct inventory_writer_settings {
	const char *cluster;  /* see inventory_writer_cluster_fault() */
	const char *source;   /* who collects: `kubernetes`, `docker`, ... */
	int64_t heartbeat_ns; /* between two; 0: five seconds */
	/* What the operator should know, a line without its newline. */
	void (*said)(const char *text, void *context);
	/* All that was taken is in Redis now, as often as that becomes true. */
	void (*settled)(void *context);
	void *context;
};

struct inventory_writer_counts {
	uint64_t written;  /* objects, once for each time */
	uint64_t same;     /* facts that changed nothing */
	uint64_t ended;    /* objects */
	uint64_t stale;    /* facts older than what was known */
	uint64_t foreign;  /* facts of another cluster than the writer's */
	uint64_t refused;  /* facts with an id too odd */
	uint64_t no_room;  /* facts beyond INVENTORY_MAXIMUM */
	uint64_t cut;      /* texts, labels, ... beyond a limit */
	uint64_t loads;    /* times that Redis was read from end to end */
	uint64_t objects;  /* now */
	uint64_t rivals;   /* times that another writer was seen at work */
	uint64_t set_back; /* times that versions began at a lower number */
	uint64_t blocked;  /* kinds that cannot be written, see said() */
};

/*
 * A cluster's name is part of every key: 1 to 128 octets without space, brace,
 * quote, backslash or control character.
 *
 * returns    NULL, or what is wrong
 */
const char *inventory_writer_cluster_fault(const char *cluster);

/* Makes an owned writer; `settings` is copied, its texts and `url` borrowed. */
struct inventory_writer *inventory_writer_new(struct loop *loop,
    const struct redis_url *url,
    const struct inventory_writer_settings *settings);

/* Does not wait for what is on its way; NULL is allowed. */
void inventory_writer_free(struct inventory_writer *writer);

/*
 * The writer as a taker of facts.  Facts without a cluster are the writer's;
 * an end without a time is now.  FACT_SEEN goes into the heartbeat.
 */
struct fact_taker inventory_writer_taker(struct inventory_writer *writer);

/* A set of kinds; all of them. */
#define INVENTORY_KIND(kind) (1U << (kind))
#define INVENTORY_KINDS_ALL  ((1U << FACT_KINDS) - 1)

/*
 * A list of everything of these kinds begins, and has ended: what was not
 * named between the two went away at `at`.  A list that breaks off is begun
 * anew.  Only after every kind was listed once does Redis say that the
 * inventory is complete.
 */
void inventory_writer_list_begins(
    struct inventory_writer *writer, unsigned kinds);
void inventory_writer_list_ends(
    struct inventory_writer *writer, unsigned kinds, struct instant at);

/*
 * Not all of the list that is under way could be read: what it does not name
 * stays, until the next list of these kinds ends.
 */
void inventory_writer_list_keeps(
    struct inventory_writer *writer, unsigned kinds);

/*
 * A list of these kinds begins anew, or is over, of which the collector itself
 * says what went away.  Meanwhile a version that is older than what was known
 * says that the source was set back, and counts.
 */
void inventory_writer_lists_again(
    struct inventory_writer *writer, unsigned kinds, bool begins);

/* What the collector could not read, all in all; goes into the heartbeat. */
void inventory_writer_losses(
    struct inventory_writer *writer, uint64_t mended, uint64_t left_out);

/* Whether Redis holds all that was taken. */
bool inventory_writer_is_settled(const struct inventory_writer *writer);

struct inventory_writer_counts inventory_writer_counts(
    const struct inventory_writer *writer);

#endif
