/*
 * inventory_redis_write_parts -- what the files of the writer share.
 *
 * inventory_redis_write.c takes facts and knows what writer_differs,
 * inventory_redis_before.c keeps earlier states, inventory_redis_hold.c reads
 * what Redis holds, inventory_redis_send.c writes.
 * Nobody else includes this.
 */
#ifndef CLASSIFIERS_REDIS_INVENTORY_REDIS_WRITE_PARTS_H
#define CLASSIFIERS_REDIS_INVENTORY_REDIS_WRITE_PARTS_H

#include "classifiers/redis/inventory_redis_parts.h"
#include "classifiers/redis/inventory_redis_write.h"

struct loop_timer;

/* A content without regard to the order of its fields. */
struct sum {
	uint64_t words[2];
};

struct published {
	struct object object; /* first */
	char *fields;         /* NULL: only Redis knows; see pack() */
	size_t size;
	char *before; /* earlier states, records one a line, or NULL */
	size_t before_size;
	char *found;      /* the record of an earlier run, until it is named */
	bool own;         /* Redis has nothing earlier than what we know */
	uint64_t version; /* the source's and what was added to it */
	uint64_t content_version;  /* the same of what `fields` say */
	uint64_t added;            /* how much that is, of both */
	struct instant content_at; /* that it was so already, or 0 */
	uint64_t held_version;     /* as Redis had it when it was read */
	uint64_t epoch;            /* when it was last named */
	struct sum wanted, held;
	struct instant gone_at;
	struct instant buried; /* its tombstone was written, or found */
	bool gone;             /* it went away */
	bool is_held;          /* Redis has it, */
	bool held_gone;        /* as gone */
	bool queued;
};

enum stage {
	STAGE_DOWN,
	STAGE_LOOKING, /* at the schema, the epoch and the last change */
	STAGE_LOADING,
	STAGE_WRITING,
};

struct inventory_writer {
	struct loop *loop;
	struct redis *redis;
	struct loop_timer *flush, *heartbeat;
	struct inventory_writer_settings settings;
	enum stage stage;
	struct objects objects;
	struct published **queue; /* what writer_differs, or did */
	size_t queue_count, queue_capacity;
	struct redis_words words;
	size_t flying_objects, flying_octets;
	size_t batches; /* on their way */
	struct load load;
	uint64_t epoch;      /* lists begun by this run */
	uint64_t told_epoch; /* inventories completed, as Redis has it */
	uint64_t begun[FACT_KINDS];
	unsigned again[FACT_KINDS]; /* lists under way that end nothing */
	uint64_t highest;           /* version that was ever written or found */
	uint64_t added;             /* to the source's versions */
	struct instant ended_at[FACT_KINDS]; /* of its last list */
	unsigned listing, listed;            /* kinds */
	unsigned blocked; /* kinds whose ids are somebody else's key */
	uint64_t number;  /* of the last change */
	bool is_complete; /* Redis says so, of this epoch */
	bool announcing;
	bool settled;
	char why[REDIS_FAULT_SIZE]; /* it is down, as was said; or "" */
	char name[96];              /* nobody else's */
	char rival[96];             /* whom we last spoke of, or "" */
	bool signed_on; /* our name was written at the last heartbeat */
	struct instant seen;
	struct inventory_writer_counts counts;
	uint64_t mended, left_out; /* of the source, as the collector counts */
};

/* --- inventory_redis_write.c --- */

__attribute__((format(printf, 2, 3))) void writer_say(
    const struct inventory_writer *writer, const char *format, ...);

/* `at`, or now if that is no real time. */
struct instant writer_now_or(
    const struct inventory_writer *writer, struct instant at);

/* Adds a field to a content's sum, in any order of the fields. */
void writer_sum_field(const struct objects *objects, struct sum *sum,
    const char *name, const char *value, size_t length);

/* Whether it is what Redis holds, but for when and as which version. */
bool writer_says_the_same(const struct published *published);

/* Whether Redis holds something else, and a place in the queue if so. */
bool writer_differs(const struct published *published);
void writer_consider(
    struct inventory_writer *writer, struct published *published);

/* Frees what a struct published owns, not itself. */
void writer_release(struct object *object);

/*
 * A list has an older version than was known: its source was set back to an
 * earlier state.  From now on its versions are counted from the highest.
 */
void writer_set_back(struct inventory_writer *writer);

/* Ends the object if the last list of its kind did not name it. */
void writer_end_unnamed(
    struct inventory_writer *writer, struct published *published);

/* --- inventory_redis_before.c: what an object was --- */

/* Another content follows, packed: keeps what is now if it says anything. */
void writer_keep_before(
    struct published *published, const char *next, size_t size);

/*
 * What it is written as: a packed field, but for `version` and `at`, of which
 * what is known by now counts.
 */
struct packed_field {
	const char *name, *value;
	size_t length;
	char made[INSTANT_TEXT_SIZE];
};

/* Takes the next field from `*at`, which is before the end of the content. */
void writer_unpack(const struct published *published, const char **at,
    struct packed_field *field);

/* What Redis has of an earlier run, once for each object. */
void writer_take_before(
    struct published *published, const struct redis_reply *hash);

/* --- inventory_redis_hold.c: the events of the connection --- */

void writer_on_up(void *context);
void writer_on_down(const char *why, void *context);

/* --- inventory_redis_send.c --- */

/* Starts a command in `words`. */
void writer_begin(struct inventory_writer *writer, const char *command);

/*
 * Sends it.  A command that cannot be sent would leave a hole in a transaction:
 * the connection is dropped, and without it the whole of it never was.
 */
void writer_send(struct inventory_writer *writer,
    void (*answered)(const struct redis_reply *reply, void *context));

/* An answer of no interest; a fault drops the connection. */
void writer_check(const struct redis_reply *reply, void *context);

void writer_send_sync(struct inventory_writer *writer, const char *state);
void writer_forget_id(
    struct inventory_writer *writer, enum fact_kind kind, const char *id);

/* Writes what is in the queue, as far as there is room on the way. */
void writer_pump(struct inventory_writer *writer);

/* The timers' callbacks. */
void writer_flush(void *context);
void writer_beat(void *context);

#endif
