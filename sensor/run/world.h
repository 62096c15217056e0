/*
 * world -- what a running sensor knows of who is who and what is expected, and
 * how that changes while packets flow.
 *
 *   files, saved inventory, Redis --facts--> draft --publish--> inventory
 *   models ------------------------------------------+--------> policy
 *
 * Owns the draft, the inventory of now, models and policy.  When facts have
 * changed something, a new generation is published, at most once every
 * `interval`; the policy follows it, the user is told, and the one before is
 * freed.  So whoever borrows from the inventory or the policy lets go of it, or
 * asks the new one, while he is told; nothing is kept longer for anybody.
 *
 * With Redis away, all that is known stays, grows old and is said to be so;
 * a sensor that starts then starts from what was saved last.  What was saved
 * and is in no complete inventory that Redis holds later is over.  Does not
 * know packets.  Belongs to the thread of its loop.
 */
#ifndef SENSOR_RUN_WORLD_H
#define SENSOR_RUN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/redis/inventory_redis_read.h"
#include "sensor/base/instant.h"

struct geography;
struct inventory;
struct library;
struct loop;
struct policy;
struct setup_paths;
struct world; /* opaque */

/* Generations are published no more often than this. */
#define WORLD_INTERVAL (200 * NS_PER_MS)

/* How long what is over is known. */
#define WORLD_MEMORY (INT64_C(3600) * NS_PER_SECOND)

/* How long a source may be silent until what it said is stale: a collector
 * that is well is heard every few seconds. */
#define WORLD_PATIENCE (INT64_C(300) * NS_PER_SECOND)

/* How long a verdict waits for a name. */
#define WORLD_GRACE (10 * NS_PER_SECOND)

/* How often the inventory is saved, when it has changed. */
#define WORLD_SAVING (INT64_C(600) * NS_PER_SECOND)

/* Borrowed until the world changes. */
struct world_view {
	const struct inventory *inventory;
	struct policy *policy; /* of it */
	const struct library *library;
	const struct tuning *tuning;       /* of detectors */
	const struct geography *geography; /* or NULL; the world's for life */
	uint64_t generation;               /* from 1 */
};

/* Everything is borrowed for the world's life; a time of 0 stands for the one
 * above. */
struct world_settings {
	const struct setup_paths *paths;
	const char *saved; /* file of the last inventory, or NULL */
	int64_t interval, memory, patience, saving;
	/*
	 * There is a new inventory, or there are other models; `before` is good
	 * until it returns, and not longer.  May be NULL.
	 */
	void (*changed)(const struct world_view *now,
	    const struct world_view *before, void *context);
	/* What the operator should know, a line without its newline; NULL:
	 * goes to stderr. */
	void (*said)(const char *text, void *context);
	void *context;
};

struct world_state {
	uint64_t generation;
	bool live;      /* there is a source that goes on telling */
	bool loaded;    /* it has told everything at least once */
	bool from_disk; /* what is known is what was saved, until it has */
	bool damaged;   /* an inventory file could be read only in part */
	int64_t age;    /* since any source was heard, -1: none was */
	size_t workloads;
	uint64_t forgotten;                  /* objects, since the beginning */
	uint64_t reloads;                    /* of models, that hold */
	uint64_t reloads_lost;               /* with a mistake among them */
	struct instant saved;                /* last, or INSTANT_PAST */
	uint64_t unsaved;                    /* times that it could not be */
	struct inventory_reader_state redis; /* zeroed without Redis */
};

/*
 * Reads models and files, begins with what was saved when there is Redis, and
 * goes to Redis from then on; says on stderr what is wrong.
 *
 * code       gets EXIT_DONE, or EXIT_USAGE or EXIT_INPUT with NULL returned; a
 *            Redis that is away is no reason
 * returns    an owned world for world_free(), published once already
 */
struct world *world_new(
    struct loop *loop, const struct world_settings *settings, int *code);

/* NULL is allowed. */
void world_free(struct world *world);

struct world_view world_view(const struct world *world);

/* As of now. */
struct world_state world_state(const struct world *world);

/*
 * Opens databases of places anew whose files have changed; what was found in
 * the old ones stays as it was said.
 */
void world_refresh_geography(struct world *world);

/* How long verdicts should wait for names: 0 when nobody will bring any. */
int64_t world_grace(const struct world *world);

/*
 * Runs the loop until everything was told once, but no longer than that.
 *
 * returns    whether it was; true at once when there are only files
 */
bool world_wait(struct world *world, int64_t patience);

/*
 * Reads the models anew.  With a mistake among them the running ones go on,
 * and what is wrong is on stderr; else the user is told of the new policy
 * before this returns.
 */
bool world_reload_models(struct world *world);

/* Saves the inventory that Redis holds as soon as it can be asked. */
void world_save(struct world *world);

#endif
