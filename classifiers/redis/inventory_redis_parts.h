/*
 * inventory_redis_parts -- what the writer and the reader of Redis share.
 *
 * The names of keys (docs/inventory.md is the contract), and a table of the
 * objects that are there.  inventory_redis_write.c and inventory_redis_read.c
 * include this and nobody else.
 */
#ifndef CLASSIFIERS_REDIS_INVENTORY_REDIS_PARTS_H
#define CLASSIFIERS_REDIS_INVENTORY_REDIS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/redis/redis.h"
#include "sensor/base/hash.h"
#include "sensor/base/instant.h"

#define SCHEMA_KEY   "hedgerow:schema"
#define SCHEMA       "1"
#define CLUSTERS_KEY "hedgerow:clusters"

/* How many ids one SSCAN asks for; as many HGETALL follow at once. */
#define SCAN_COUNT 512

/* `hedgerow:{cluster}:<what>`, what being changes, sync or heartbeat. */
void add_cluster_key(
    struct redis_words *words, const char *cluster, const char *what);

/* `hedgerow:{cluster}:ids:<kind>` */
void add_ids_key(
    struct redis_words *words, const char *cluster, enum fact_kind kind);

/* `hedgerow:{cluster}:<kind>:<id>` */
void add_object_key(struct redis_words *words, const char *cluster,
    enum fact_kind kind, const char *id);

/* RFC 3339 with microseconds, or "" for no real time. */
void print_time(struct instant at, char out[INSTANT_TEXT_SIZE]);

/* The value of a field in HGETALL's reply, or NULL. */
const struct redis_reply *hash_field(
    const struct redis_reply *hash, const char *name);
const char *hash_text(const struct redis_reply *hash, const char *name);

/* Whether a key holds another type than the command is for. */
bool is_wrong_type(const struct redis_reply *reply);

/* --- a table of objects, of which any may be taken out again -------------- */

/* The first member of what is kept; the id is owned by the table. */
struct object {
	struct object *next; /* with the same slot */
	uint64_t hash;
	enum fact_kind kind;
	char *id;
};

struct objects {
	struct object **slots;
	size_t slot_count, count;
	struct hash_key key;
};

void objects_init(struct objects *objects, uint64_t seed);

/* Frees what is in it with `release` (NULL: nothing more), and the ids. */
void objects_release(
    struct objects *objects, void (*release)(struct object *object));

struct object *objects_find(
    const struct objects *objects, enum fact_kind kind, const char *id);

/* A new, zeroed object of `size` octets, put into the table. */
struct object *objects_add(
    struct objects *objects, enum fact_kind kind, const char *id, size_t size);

/* Walks; false takes the object out and frees it. */
void objects_filter(struct objects *objects,
    bool (*keep)(struct object *object, void *context), void *context);

/* --- inventory_redis_load.c: everything that one cluster has -------------- */

/* The kinds that are kept as objects: all but FACT_SEEN, which is the last. */
#define KINDS_KEPT ((unsigned)FACT_SEEN)

struct load_events {
	/* An object's hash, empty when it has just expired. */
	void (*object)(enum fact_kind kind, const char *id,
	    const struct redis_reply *hash, void *context);
	/*
	 * Something else is where the ids of a kind should be, so that nobody
	 * knows which there are; the other kinds follow.
	 */
	void (*skipped)(enum fact_kind kind, const char *why, void *context);
	void (*done)(void *context);
	void (*failed)(const char *why, void *context); /* nothing follows */
	void *context;
};

/* Ids by the page, the page's hashes at once, in order; see load_start(). */
struct load {
	struct redis *redis;
	const char *cluster;
	struct load_events events;
	struct redis_words words;
	bool running;
	unsigned kind;
	char cursor[24];
	bool last_page; /* of the kind */
	char **ids;     /* of the page; owned */
	size_t id_count;
	size_t answered; /* of its hashes */
};

void load_init(struct load *load);
void load_release(struct load *load);

/* Starts; `redis` is up.  Stopped by load_stop() when it no longer is. */
void load_start(struct load *load, struct redis *redis, const char *cluster,
    const struct load_events *events);
void load_stop(struct load *load);

#endif
