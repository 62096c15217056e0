#include "classifiers/redis/redis.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <string.h>

#include "classifiers/redis/redis_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/instant.h"
#include "sensor/base/loop.h"
#include "sensor/base/resolve.h"

/* From nothing to a connection that takes commands. */
#define PATIENCE (5 * NS_PER_SECOND)

/* Without a single reply while one is due: the other end is gone. */
#define SILENCE_MAXIMUM (15 * NS_PER_SECOND)

/* The wait before the first new attempt, and before the tenth and later. */
#define WAIT_FIRST   (100 * NS_PER_MS)
#define WAIT_LAST    (20 * NS_PER_SECOND)
#define LONG_ENOUGH  (2 * NS_PER_SECOND) /* to start with WAIT_FIRST again */
#define WORD_MAXIMUM ((size_t)64 << 20)

/* Whoever asks Sentinels does not want to wait long for the new primary. */
#define WAIT_LAST_OF_SENTINELS (2 * NS_PER_SECOND)

struct redis {
	struct loop *loop;
	const struct redis_url *url;
	struct redis_events events;
	redisAsyncContext *connection; /* or NULL */
	struct loop_watch *watch;
	unsigned watched;
	struct resolve *name;        /* that is looked up, or was last */
	unsigned tried;              /* addresses of it */
	uint16_t port;               /* of it */
	struct loop_timer *again;    /* when to connect */
	struct loop_timer *patience; /* how long to wait for an answer */
	bool is_up;
	struct instant since;       /* it is up */
	unsigned failures;          /* in a row */
	bool asking;                /* a Sentinel, and not yet the primary */
	size_t sentinel;            /* which one is asked next */
	struct redis_place primary; /* as they said; host is NULL before */
	uint64_t chance;
	size_t waiting;
	char why[REDIS_FAULT_SIZE]; /* it went down, "" before it did */
};

struct pending {
	struct redis *redis;
	void (*answered)(const struct redis_reply *reply, void *context);
	void *context;
};

/* --- down, and up again --------------------------------------------------- */

/* Half of the wait is left to chance, lest many sensors come at once. */
static int64_t
next_wait(struct redis *redis)
{
	int64_t wait = WAIT_FIRST, last = WAIT_LAST;
	uint64_t word;

	if (redis->url->sentinel_count > 0)
		last = WAIT_LAST_OF_SENTINELS;
	for (unsigned i = 0; i < redis->failures && wait < last; i++)
		wait *= 2;
	if (wait > last)
		wait = last;
	/* Knuth, TAOCP 2, 3.3.4: the constants of MMIX's generator. */
	redis->chance = redis->chance * UINT64_C(6364136223846793005) +
			UINT64_C(1442695040888963407);
	word = redis->chance >> 33;
	return wait / 2 + (int64_t)(word % (uint64_t)(wait / 2));
}

static void
forget_connection(struct redis *redis)
{
	loop_watch_free(redis->watch);
	redis->watch = NULL;
	redis->watched = 0;
	redis->connection = NULL;
	redis->waiting = 0;
	redis->is_up = false;
	loop_timer_cancel(redis->patience);
}

/* Where the primary was says nothing of where it is. */
static void
forget_primary(struct redis *redis)
{
	if (redis->asking)
		redis->sentinel =
		    (redis->sentinel + 1) % redis->url->sentinel_count;
	redis->asking = false;
	free(redis->primary.host);
	redis->primary.host = NULL;
}

/* The connection is gone already; `down` may free us, so it comes last. */
static void
plan_another(struct redis *redis, const char *why)
{
	bool long_enough =
	    redis->is_up &&
	    instant_since(loop_steady(redis->loop), redis->since) > LONG_ENOUGH;
	char said[REDIS_FAULT_SIZE];

	(void)snprintf(said, sizeof(said), "%s%.200s",
	    redis->asking ? "Sentinel: " : "", why);
	forget_primary(redis);
	forget_connection(redis);
	if (long_enough)
		redis->failures = 0;
	loop_timer_set(redis->again, next_wait(redis));
	redis->failures++;
	redis->events.down(said, redis->events.context);
}

/* Takes the connection away from hiredis and its callbacks from us. */
static void
cut(struct redis *redis)
{
	redisAsyncContext *connection = redis->connection;

	if (connection == NULL)
		return;
	connection->data = NULL;
	loop_watch_free(redis->watch);
	redis->watch = NULL;
	redis->watched = 0;
	redisAsyncFree(connection);
	redis->connection = NULL;
}

void
redis_drop(struct redis *redis, const char *why)
{
	if (redis->connection == NULL)
		return;
	cut(redis);
	plan_another(redis, why);
}

static void
lose_patience(void *context)
{
	struct redis *redis = context;

	redis_drop(redis,
	    redis->is_up ? "it no longer answers" : "it does not answer");
}

/* --- hiredis and the loop ------------------------------------------------- */

static void
on_ready(int descriptor, unsigned what, void *context)
{
	struct redis *redis = context;
	redisAsyncContext *connection = redis->connection;

	(void)descriptor;
	if (connection->c.reader->len > REDIS_OCTETS_MAXIMUM) {
		redis_drop(redis, "it sends more than can be kept");
		return;
	}
	if ((what & LOOP_READABLE) != 0)
		redisAsyncHandleRead(connection);
	/* Reading may have lost it, and us with it: look again next round. */
	else
		redisAsyncHandleWrite(connection);
}

static void
watch_for(struct redis *redis, unsigned what)
{
	if (redis->watch == NULL || redis->watched == what)
		return;
	redis->watched = what;
	loop_watch_change(redis->watch, what);
}

static void
add_read(void *context)
{
	struct redis *redis = context;

	watch_for(redis, redis->watched | LOOP_READABLE);
}

static void
end_read(void *context)
{
	struct redis *redis = context;

	watch_for(redis, redis->watched & ~LOOP_READABLE);
}

static void
add_write(void *context)
{
	struct redis *redis = context;

	watch_for(redis, redis->watched | LOOP_WRITABLE);
}

static void
end_write(void *context)
{
	struct redis *redis = context;

	watch_for(redis, redis->watched & ~LOOP_WRITABLE);
}

/* --- the handshake -------------------------------------------------------- */

static void
on_reply(redisAsyncContext *connection, void *reply, void *context)
{
	struct pending pending = *(struct pending *)context;

	free(context);
	/* NULL: the connection is being freed, and nothing was answered. */
	if (reply == NULL || connection->data == NULL)
		return;
	pending.redis->waiting--;
	if (pending.redis->waiting == 0)
		loop_timer_cancel(pending.redis->patience);
	else
		loop_timer_set(pending.redis->patience, SILENCE_MAXIMUM);
	pending.answered(reply, pending.context);
}

static bool
send_words(struct redis *redis, size_t count, const char **words,
    const size_t *lengths,
    void (*answered)(const struct redis_reply *reply, void *context),
    void *context)
{
	struct pending *pending = allocate(1, sizeof(*pending));

	*pending = (struct pending){redis, answered, context};
	if (redisAsyncCommandArgv(redis->connection, on_reply, pending,
		(int)count, words, lengths) != REDIS_OK) {
		free(pending);
		return false;
	}
	if (redis->waiting++ == 0)
		loop_timer_set(
		    redis->patience, redis->is_up ? SILENCE_MAXIMUM : PATIENCE);
	return true;
}

static void
refuse(struct redis *redis, const char *what, const char *text)
{
	char why[REDIS_FAULT_SIZE];

	(void)snprintf(why, sizeof(why), "%s: %.150s", what, text);
	for (char *c = why; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20)
			*c = '?';
	redis_drop(redis, why);
}

static void
on_auth(const struct redis_reply *reply, void *context)
{
	if (redis_reply_kind(reply) == REDIS_FAULT)
		refuse(context, "it does not take user and password",
		    redis_reply_text(reply));
}

static void
on_select(const struct redis_reply *reply, void *context)
{
	if (redis_reply_kind(reply) == REDIS_FAULT)
		refuse(context, "it does not let us use that database",
		    redis_reply_text(reply));
}

static void
on_ping(const struct redis_reply *reply, void *context)
{
	struct redis *redis = context;

	if (redis_reply_kind(reply) == REDIS_FAULT) {
		refuse(redis, "it takes no commands from us",
		    redis_reply_text(reply));
		return;
	}
	redis->is_up = true;
	redis->since = loop_steady(redis->loop);
	redis->events.up(redis->events.context);
}

static void
shake_hands(struct redis *redis)
{
	const struct redis_url *url = redis->url;
	const char *ping[] = {"PING"};
	char database[8];

	if (url->password != NULL && url->user != NULL) {
		const char *words[] = {"AUTH", url->user, url->password};

		(void)send_words(redis, 3, words, NULL, on_auth, redis);
	} else if (url->password != NULL) {
		const char *words[] = {"AUTH", url->password};

		(void)send_words(redis, 2, words, NULL, on_auth, redis);
	}
	if (url->database != 0) {
		const char *words[] = {"SELECT", database};

		(void)snprintf(
		    database, sizeof(database), "%u", (unsigned)url->database);
		(void)send_words(redis, 2, words, NULL, on_select, redis);
	}
	(void)send_words(redis, 1, ping, NULL, on_ping, redis);
}

/* --- Sentinels ------------------------------------------------------------ */

/* Two words, host and port; nothing when they know no such primary. */
static void
on_primary(const struct redis_reply *reply, void *context)
{
	struct redis *redis = context;
	const char *host = redis_reply_text(redis_reply_at(reply, 0));
	int64_t port = redis_reply_integer(redis_reply_at(reply, 1), 0);
	char why[REDIS_FAULT_SIZE];

	if (redis_reply_kind(reply) == REDIS_FAULT) {
		refuse(redis, "it refuses to answer", redis_reply_text(reply));
		return;
	}
	if (host[0] == '\0' || port <= 0 || port > UINT16_MAX) {
		(void)snprintf(why, sizeof(why),
		    "it knows no primary named %.150s", redis->url->primary);
		redis_drop(redis, why);
		return;
	}
	redis->primary.host = strdup(host);
	redis->primary.port = (uint16_t)port;
	redis->asking = false;
	cut(redis);
	forget_connection(redis);
	loop_timer_set(redis->again, 0);
}

static void
ask_sentinel(struct redis *redis)
{
	const char *words[] = {
	    "SENTINEL", "get-master-addr-by-name", redis->url->primary};

	(void)send_words(redis, 3, words, NULL, on_primary, redis);
}

/* --- connecting ----------------------------------------------------------- */

static void
on_connect(const redisAsyncContext *connection, int status)
{
	struct redis *redis = connection->data;
	char why[REDIS_FAULT_SIZE];

	if (redis == NULL)
		return;
	if (status == REDIS_OK) {
		(redis->asking ? ask_sentinel : shake_hands)(redis);
		return;
	}
	(void)snprintf(why, sizeof(why), "%s",
	    connection->errstr == NULL ? "refused" : connection->errstr);
	/* hiredis frees it when this returns. */
	redis->connection->data = NULL;
	plan_another(redis, why);
}

static void
on_disconnect(const redisAsyncContext *connection, int status)
{
	struct redis *redis = connection->data;
	char why[REDIS_FAULT_SIZE];

	(void)status;
	if (redis == NULL)
		return;
	(void)snprintf(why, sizeof(why), "%s",
	    connection->errstr == NULL || connection->errstr[0] == '\0'
		? "it closed the connection"
		: connection->errstr);
	redis->connection->data = NULL;
	plan_another(redis, why);
}

/* The one server there is, the primary, or whoever knows where that is. */
static const struct redis_place *
place_of(struct redis *redis)
{
	const struct redis_url *url = redis->url;

	if (url->sentinel_count == 0)
		return &url->server;
	redis->asking = redis->primary.host == NULL;
	return redis->asking ? &url->sentinels[redis->sentinel]
			     : &redis->primary;
}

static void
connect_to(struct redis *redis, const char *address, uint16_t port)
{
	redisAsyncContext *connection =
	    address == NULL ? redisAsyncConnectUnix(redis->url->path)
			    : redisAsyncConnect(address, port);
	char why[REDIS_FAULT_SIZE];

	if (connection == NULL || connection->err != 0) {
		(void)snprintf(why, sizeof(why), "%s",
		    connection == NULL ? "out of memory" : connection->errstr);
		if (connection != NULL)
			redisAsyncFree(connection);
		plan_another(redis, why);
		return;
	}
	redis->connection = connection;
	redis->watch =
	    loop_watch_new(redis->loop, connection->c.fd, 0, on_ready, redis);
	connection->data = redis;
	connection->ev.data = redis;
	connection->ev.addRead = add_read;
	connection->ev.delRead = end_read;
	connection->ev.addWrite = add_write;
	connection->ev.delWrite = end_write;
	loop_timer_set(redis->patience, PATIENCE);
	(void)redisAsyncSetDisconnectCallback(connection, on_disconnect);
	(void)redisAsyncSetConnectCallback(connection, on_connect);
}

/* The name has addresses, or none; each attempt tries another one. */
static void
resolved(const struct resolve_answer *answer, void *context)
{
	struct redis *redis = context;

	if (answer->count == 0)
		plan_another(redis, answer->fault);
	else
		connect_to(redis,
		    answer->addresses[redis->tried++ % answer->count],
		    redis->port);
}

static void
connect_now(void *context)
{
	struct redis *redis = context;
	const struct redis_place *place;

	if (redis->url->path != NULL) {
		connect_to(redis, NULL, 0);
		return;
	}
	place = place_of(redis);
	redis->port = place->port;
	resolve_free(redis->name);
	redis->name = resolve_new(redis->loop, place->host, resolved, redis);
	if (redis->name == NULL)
		plan_another(redis, "no descriptor is left");
}

struct redis *
redis_new(struct loop *loop, const struct redis_url *url,
    const struct redis_events *events)
{
	struct redis *redis = allocate(1, sizeof(*redis));

	*redis = (struct redis){.loop = loop,
	    .url = url,
	    .events = *events,
	    .chance = (uint64_t)loop_now(loop).ns ^ (uint64_t)(uintptr_t)redis};
	redis->again = loop_timer_new(loop, connect_now, redis);
	redis->patience = loop_timer_new(loop, lose_patience, redis);
	loop_timer_set(redis->again, 0);
	return redis;
}

void
redis_free(struct redis *redis)
{
	if (redis == NULL)
		return;
	cut(redis);
	resolve_free(redis->name);
	loop_timer_free(redis->again);
	loop_timer_free(redis->patience);
	free(redis->primary.host);
	free(redis);
}

/* --- commands ------------------------------------------------------------- */

void
redis_words_init(struct redis_words *words)
{
	*words = (struct redis_words){0};
	text_init(&words->octets, WORD_MAXIMUM);
}

void
redis_words_release(struct redis_words *words)
{
	text_release(&words->octets);
	free(words->ends);
}

void
redis_words_clear(struct redis_words *words)
{
	text_clear(&words->octets);
	words->count = 0;
}

static void
end_word(struct redis_words *words)
{
	if (words->count == words->capacity) {
		words->capacity = words->capacity * 2 + 16;
		words->ends = reallocate(
		    words->ends, words->capacity, sizeof(*words->ends));
	}
	words->ends[words->count++] = words->octets.length;
}

void
redis_words_add(struct redis_words *words, const char *word)
{
	redis_words_add_n(words, word, strlen(word));
}

void
redis_words_add_n(struct redis_words *words, const char *word, size_t length)
{
	text_add_n(&words->octets, word, length);
	end_word(words);
}

void
redis_words_format(struct redis_words *words, const char *format, ...)
{
	char made[INSTANT_TEXT_SIZE * 2];
	va_list arguments;
	char *large = NULL;
	int length;

	va_start(arguments, format);
	length = vsnprintf(made, sizeof(made), format, arguments);
	va_end(arguments);
	if (length < (int)sizeof(made)) {
		redis_words_add_n(words, made, (size_t)length);
		return;
	}
	va_start(arguments, format);
	length = vasprintf(&large, format, arguments);
	va_end(arguments);
	if (length >= 0)
		redis_words_add_n(words, large, (size_t)length);
	free(large);
}

bool
redis_send(struct redis *redis, const struct redis_words *words,
    void (*answered)(const struct redis_reply *reply, void *context),
    void *context)
{
	const char **at;
	size_t *lengths, start = 0;
	bool sent;

	if (!redis->is_up || redis->connection == NULL ||
	    words->octets.overflow || redis->waiting >= REDIS_WAITING_MAXIMUM ||
	    sdslen(redis->connection->c.obuf) > REDIS_OCTETS_MAXIMUM)
		return false;
	at = allocate(words->count, sizeof(*at));
	lengths = allocate(words->count, sizeof(*lengths));
	for (size_t i = 0; i < words->count; i++) {
		at[i] = words->octets.at + start;
		lengths[i] = words->ends[i] - start;
		start = words->ends[i];
	}
	sent = send_words(redis, words->count, at, lengths, answered, context);
	free(lengths);
	free(at);
	return sent;
}

size_t
redis_waiting(const struct redis *redis)
{
	return redis->waiting;
}

/* --- replies -------------------------------------------------------------- */

static const redisReply *
inner(const struct redis_reply *reply)
{
	return (const redisReply *)reply;
}

enum redis_kind
redis_reply_kind(const struct redis_reply *reply)
{
	switch (inner(reply)->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		return REDIS_WORD;
	case REDIS_REPLY_INTEGER:
		return REDIS_INTEGER;
	case REDIS_REPLY_ARRAY:
		return REDIS_LIST;
	case REDIS_REPLY_ERROR:
		return REDIS_FAULT;
	default:
		return REDIS_NOTHING;
	}
}

const char *
redis_reply_text(const struct redis_reply *reply)
{
	return reply == NULL || inner(reply)->str == NULL ? ""
							  : inner(reply)->str;
}

size_t
redis_reply_length(const struct redis_reply *reply)
{
	return reply == NULL || inner(reply)->str == NULL ? 0
							  : inner(reply)->len;
}

int64_t
redis_reply_integer(const struct redis_reply *reply, int64_t otherwise)
{
	const char *text = redis_reply_text(reply);
	long long number;
	char *end;

	if (reply != NULL && redis_reply_kind(reply) == REDIS_INTEGER)
		return inner(reply)->integer;
	number = strtoll(text, &end, 10);
	return end == text || *end != '\0' ? otherwise : number;
}

size_t
redis_reply_count(const struct redis_reply *reply)
{
	return reply == NULL || redis_reply_kind(reply) != REDIS_LIST
		   ? 0
		   : inner(reply)->elements;
}

const struct redis_reply *
redis_reply_at(const struct redis_reply *reply, size_t index)
{
	if (index >= redis_reply_count(reply))
		return NULL;
	return (const struct redis_reply *)inner(reply)->element[index];
}
