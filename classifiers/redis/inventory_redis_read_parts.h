/*
 * inventory_redis_read_parts -- what the files of the reader share.
 *
 * inventory_redis_read.c loads and hands on, inventory_redis_follow.c follows
 * the changes.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_REDIS_INVENTORY_REDIS_READ_PARTS_H
#define CLASSIFIERS_REDIS_INVENTORY_REDIS_READ_PARTS_H

#include "classifiers/redis/inventory_redis_parts.h"
#include "classifiers/redis/inventory_redis_read.h"

/* An object that was handed on. */
struct followed {
	struct object object; /* first */
	uint64_t load;        /* the last that named it */
	uint64_t version;     /* of the last state that was given, */
	struct instant at;    /* which was so since then */
	bool given;
	bool gone;
};

struct cluster {
	struct inventory_reader *reader;
	char *name;
	struct objects objects;
	char last[48];    /* the stream's id up to which we know */
	char first[48];   /* its first one, when it was looked at */
	uint64_t number;  /* of the last change, 0 before the first */
	uint64_t highest; /* that number ever was */
	bool doubt;       /* it went back, so Redis holds an older state */
	int64_t epoch;
	bool complete;
	unsigned unread; /* kinds of which the last load knows nothing */
	bool refused;    /* its own keys are not what they should be */
	bool mended;     /* as far as it was looked at again */
	struct instant heartbeat;
	struct instant at; /* its source was heard of */
	char source[64];
};

/* The hash of a change, on its way. */
struct fetch {
	struct cluster *cluster;
	enum fact_kind kind;
	char *id;
	bool gone; /* so said the change */
};

enum stage {
	STAGE_DOWN,
	STAGE_LOOKING,
	STAGE_LOADING,
	STAGE_FOLLOWING,
};

struct inventory_reader {
	struct loop *loop;
	struct redis *redis;
	struct inventory_reader_settings settings;
	struct inventory_reader_state state;
	enum stage stage;
	struct redis_words words;
	struct load load;
	struct loop_timer *pause; /* when there is nothing to follow */
	struct text record;
	struct cluster *clusters;
	size_t cluster_count;
	size_t current;        /* the cluster that is looked at or loaded */
	struct fetch *fetches; /* in order; owned */
	size_t fetch_count, fetched;
};

/* --- inventory_redis_read.c --- */

__attribute__((format(printf, 2, 3))) void reader_say(
    struct inventory_reader *reader, const char *format, ...);

/* Hands a hash on as a fact, and as its end if it is a tombstone. */
void reader_hand_on(struct cluster *cluster, enum fact_kind kind,
    const char *id, const struct redis_reply *hash);
void reader_give_end(struct cluster *cluster, struct followed *followed,
    uint64_t version, struct instant at);

/* Starts a command in `words`, and sends it. */
void reader_begin(struct inventory_reader *reader, const char *command);
void reader_send(struct inventory_reader *reader,
    void (*answered)(const struct redis_reply *reply, void *context));

/* Whether the answer is for this stage, and no fault, which is said. */
bool reader_is_fine(struct inventory_reader *reader, enum stage stage,
    const struct redis_reply *reply);

struct cluster *reader_current(struct inventory_reader *reader);

/*
 * Whether a key of the current cluster holds another type than ours; then the
 * cluster is left out, which is said.
 */
bool reader_refuses(struct inventory_reader *reader, const char *key,
    const struct redis_reply *reply);

/* What the keys of a cluster say of it, and all of them together. */
void reader_take_sync(struct cluster *cluster, const struct redis_reply *hash);
void reader_take_heartbeat(
    struct cluster *cluster, const struct redis_reply *reply);
void reader_sum_up(struct inventory_reader *reader);

void reader_add_cluster(struct inventory_reader *reader, const char *name);

/* Reads everything, anew or for the first time, and then follows. */
void reader_look(struct inventory_reader *reader);

/* --- inventory_redis_follow.c --- */

void reader_follow(struct inventory_reader *reader);
void reader_on_pause(void *context); /* the timer's */
void reader_forget_fetches(struct inventory_reader *reader);

#endif
