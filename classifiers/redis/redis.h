/*
 * redis -- one connection to Redis that is kept up (the hiredis adapter).
 *
 * Connects, gives user and password, selects the database, and does so again,
 * later and later with some chance in it, whenever the connection is lost.
 * Commands are answered in order; those on their way when it is lost are
 * forgotten, so whoever uses this starts anew at each `up`.  A host's name is
 * looked up at each attempt, and nobody waits for that.
 *
 * The program ignores SIGPIPE while it uses this.  Does not know what is kept
 * in Redis.
 */
#ifndef CLASSIFIERS_REDIS_REDIS_H
#define CLASSIFIERS_REDIS_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/text.h"

struct loop;
struct redis;       /* opaque, the loop's thread */
struct redis_url;   /* opaque, immutable */
struct redis_reply; /* opaque, borrowed for the callback */

#define REDIS_FAULT_SIZE 256

/* More commands than this are never on their way; nor more octets. */
#define REDIS_WAITING_MAXIMUM ((size_t)8192)
#define REDIS_OCTETS_MAXIMUM  ((size_t)64 << 20)

/*
 * Reads `redis://[user[:password]@]host[:port][/db]` or
 * `unix:///path[?db=N]`, the latter with `user:password@` before the path if
 * need be; `%40` stands for `@`.  With
 * `sentinel://[user:password@]host[:port][,host[:port]]/name[/db]` Sentinels
 * are asked for the primary of that name before each connection.
 *
 * fault      gets what is wrong, and what to write instead
 * returns    an owned URL for redis_url_free(), or NULL
 */
struct redis_url *redis_url_parse(
    const char *text, char fault[REDIS_FAULT_SIZE]);

/* The environment's password, for a URL without one. */
#define REDIS_PASSWORD "REDIS_PASSWORD"

/*
 * The same for an option's value, which everybody may see among the processes:
 * `@FILE` is the first line of that file, and a URL without a password has the
 * one in the environment's REDIS_PASSWORD, if there is any.
 */
struct redis_url *redis_url_argument(
    const char *value, char fault[REDIS_FAULT_SIZE]);

/* NULL is allowed. */
void redis_url_free(struct redis_url *url);

/* The URL for messages: without its password. */
const char *redis_url_shown(const struct redis_url *url);

struct redis_events {
	/* There is a connection, and it takes commands. */
	void (*up)(void *context);
	/* There is none, and why; the next attempt is made by itself. */
	void (*down)(const char *why, void *context);
	void *context;
};

/*
 * Starts to connect; `url` is borrowed.
 *
 * returns    an owned connection for redis_free()
 */
struct redis *redis_new(struct loop *loop, const struct redis_url *url,
    const struct redis_events *events);

/* Calls nobody back any more; NULL is allowed. */
void redis_free(struct redis *redis);

/* Gives the connection up, says so with `down`, and makes a new one later. */
void redis_drop(struct redis *redis, const char *why);

/* --- commands ------------------------------------------------------------- */

/* The words of one command, which may hold any octets. */
struct redis_words {
	struct text octets; /* one after the other */
	size_t *ends;       /* owned; where each ends */
	size_t count, capacity;
};

void redis_words_init(struct redis_words *words);
void redis_words_release(struct redis_words *words);
void redis_words_clear(struct redis_words *words);
void redis_words_add(struct redis_words *words, const char *word);
void redis_words_add_n(
    struct redis_words *words, const char *word, size_t length);
void redis_words_format(struct redis_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Sends a command.
 *
 * answered   called once with the reply; not at all if the connection is lost
 * returns    false when it is not up, or too much is on its way already
 */
bool redis_send(struct redis *redis, const struct redis_words *words,
    void (*answered)(const struct redis_reply *reply, void *context),
    void *context);

/* Commands that were not answered yet. */
size_t redis_waiting(const struct redis *redis);

/* --- replies -------------------------------------------------------------- */

enum redis_kind {
	REDIS_NOTHING, /* nil */
	REDIS_WORD,    /* a string or a status */
	REDIS_INTEGER,
	REDIS_LIST,
	REDIS_FAULT, /* an error; its text says which */
};

enum redis_kind redis_reply_kind(const struct redis_reply *reply);

/* The text of a word or fault, which may hold NUL; "" for any other. */
const char *redis_reply_text(const struct redis_reply *reply);
size_t redis_reply_length(const struct redis_reply *reply);

/* An integer's value, or a decimal word's; else `otherwise`. */
int64_t redis_reply_integer(const struct redis_reply *reply, int64_t otherwise);

/* Elements of a list, 0 for any other; and one of them, or NULL. */
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_at(
    const struct redis_reply *reply, size_t index);

#endif
