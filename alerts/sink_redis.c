/*
 * A Redis stream: XADD with `id` and `record`, many at once; each reply is one
 * acknowledgement.  Redis keeps them as it keeps all else, in memory and, if it
 * is set up so, on disk.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/delivery_lane.h"
#include "alerts/record_identity.h"
#include "classifiers/redis/redis.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* Commands on their way; more does not make Redis faster. */
#define WINDOW 512

struct redis_sink {
	struct lane *lane;
	struct redis_url *url;
	struct redis *redis;
	const char *stream; /* in the URL */
	bool up, lost;      /* `lost`: a command failed on this connection */
	struct text said, id;
	struct redis_words words;
};

static void go(void *context);

/* Replies come in the order of commands, which is that of records. */
static struct lane_record *
first_sent(struct redis_sink *sink)
{
	struct lane_record *oldest = lane_oldest(sink->lane);

	return oldest != NULL && oldest->state == LANE_SENT ? oldest : NULL;
}

/*
 * Full, read only, still loading, or the key is no stream: an operator mends
 * any of these, so no record is given up.
 */
static void
answered(const struct redis_reply *reply, void *context)
{
	struct redis_sink *sink = context;
	struct lane_record *record = first_sent(sink);

	if (sink->lost || record == NULL)
		return;
	if (redis_reply_kind(reply) != REDIS_FAULT) {
		lane_done(sink->lane, record);
		/* Half of them are enough to keep Redis busy meanwhile. */
		if (redis_waiting(sink->redis) == WINDOW / 2)
			go(sink);
		return;
	}
	sink->lost = true;
	lane_lost(sink->lane, redis_reply_text(reply), 0);
}

static bool
send_one(struct redis_sink *sink, struct lane_record *record)
{
	struct lane *lane = sink->lane;
	const struct sink_url *url = lane_url(lane);
	struct redis_words *words = &sink->words;

	text_clear(&sink->said);
	text_clear(&sink->id);
	if (!lane_say(lane, record, &sink->said)) {
		lane_refuse(lane, record, "this format has no place for it");
		return true;
	}
	record_identity(&sink->id, record->octets, record->size);
	redis_words_clear(words);
	redis_words_add(words, "XADD");
	redis_words_add(words, sink->stream);
	redis_words_add(words, "MAXLEN");
	redis_words_add(words, "~");
	redis_words_format(words, "%u", (unsigned)url->maximum);
	redis_words_add(words, "*");
	redis_words_add(words, "id");
	redis_words_add_n(words, sink->id.at, sink->id.length);
	redis_words_add(words, "record");
	redis_words_add_n(words, sink->said.at, sink->said.length);
	if (!redis_send(sink->redis, words, answered, sink))
		return false;
	lane_sent(lane, record);
	return true;
}

/* Replies to what was sent before a fault are still to come: they end first. */
static void
go(void *context)
{
	struct redis_sink *sink = context;
	struct lane_record *record;

	if (!sink->up)
		return;
	if (sink->lost && redis_waiting(sink->redis) > 0)
		return;
	sink->lost = false;
	while (redis_waiting(sink->redis) < WINDOW &&
	       (record = lane_next(sink->lane)) != NULL &&
	       send_one(sink, record))
		continue;
}

static void
up(void *context)
{
	struct redis_sink *sink = context;

	sink->up = true;
	sink->lost = false;
	/* What failed for another reason than the connection says so again. */
	if (lane_under_way(sink->lane) == 0)
		lane_well(sink->lane);
	/* The wait was for this. */
	lane_pause(sink->lane, 0);
}

/* It connects again by itself, later and later. */
static void
down(const char *why, void *context)
{
	struct redis_sink *sink = context;

	sink->up = false;
	lane_lost(sink->lane, why, 0);
}

/* --- the door ------------------------------------------------------------- */

/* Any octet in a user or password is written so that it says only itself. */
static void
add_encoded(struct text *out, const char *word)
{
	for (; word != NULL && *word != '\0'; word++)
		if (isalnum((unsigned char)*word))
			text_add_char(out, *word);
		else
			text_format(out, "%%%02x", (unsigned char)*word);
}

/* `/stream`, or `/db/stream`. */
static struct redis_url *
server_of(struct redis_sink *sink, char fault[SINK_FAULT_SIZE])
{
	const struct sink_url *url = lane_url(sink->lane);
	const char *slash = strchr(url->path + 1, '/');
	bool bracketed = strchr(url->host, ':') != NULL;
	struct redis_url *server;
	struct text text;

	text_init(&text, 4096);
	text_add(&text, "redis://");
	if (url->password != NULL) {
		add_encoded(&text, url->user);
		text_add_char(&text, ':');
		add_encoded(&text, url->password);
		text_add_char(&text, '@');
	}
	text_format(
	    &text, bracketed ? "[%s]:%s" : "%s:%s", url->host, url->port);
	sink->stream = url->path + 1;
	if (slash != NULL && strspn(url->path + 1, "0123456789") ==
				 (size_t)(slash - url->path - 1)) {
		text_add_n(&text, url->path, (size_t)(slash - url->path));
		sink->stream = slash + 1;
	}
	server = redis_url_parse(text.at, fault);
	text_release(&text);
	return server;
}

static void
close_sink(void *context)
{
	struct redis_sink *sink = context;

	redis_free(sink->redis);
	redis_url_free(sink->url);
	redis_words_release(&sink->words);
	text_release(&sink->said);
	text_release(&sink->id);
	free(sink);
}

static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	struct redis_sink *sink = allocate(1, sizeof(*sink));
	struct redis_events events = {up, down, sink};

	_Static_assert(SINK_FAULT_SIZE >= REDIS_FAULT_SIZE, "a fault fits");
	sink->lane = lane;
	text_init(&sink->said, 2 * FORMAT_MAXIMUM);
	text_init(&sink->id, 1024);
	redis_words_init(&sink->words);
	sink->url = server_of(sink, fault);
	if (sink->url == NULL) {
		close_sink(sink);
		return NULL;
	}
	sink->redis = redis_new(lane_loop(lane), sink->url, &events);
	return sink;
}

const struct lane_sink sink_redis = {open_sink, close_sink, go, NULL};
