#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/redis/inventory_redis_write_parts.h"
#include "sensor/base/loop.h"

/* --- reading what is there ------------------------------------------------ */

static struct published *
known_or_new(
    struct inventory_writer *writer, enum fact_kind kind, const char *id)
{
	struct object *object = objects_find(&writer->objects, kind, id);

	if (object != NULL)
		return (struct published *)object;
	if (writer->objects.count >= INVENTORY_MAXIMUM) {
		writer->counts.no_room++;
		return NULL;
	}
	return (struct published *)objects_add(
	    &writer->objects, kind, id, sizeof(struct published));
}

static void
note_version(struct inventory_writer *writer, struct published *published,
    const struct redis_reply *hash)
{
	int64_t held = redis_reply_integer(hash_field(hash, "version"), 0);

	published->held_version = held > 0 ? (uint64_t)held : 0;
	if (writer->highest < published->held_version)
		writer->highest = published->held_version;
}

/*
 * An earlier run may have written a higher version than the list of this one
 * says, which can only be if the source was set back in between.
 */
static void
compare_version(struct inventory_writer *writer, struct published *published)
{
	uint64_t more;

	if (published->fields == NULL || published->version == 0 ||
	    published->held_version <= published->version)
		return;
	if (writer->added == published->added)
		writer_set_back(writer);
	more = writer->added - published->added;
	published->version += more;
	published->content_version += more;
	published->added = writer->added;
}

static void
hold(struct inventory_writer *writer, struct published *published,
    const struct redis_reply *hash)
{
	const struct redis_reply *gone = hash_field(hash, "gone_at");

	published->is_held = true;
	published->held_gone = gone != NULL;
	published->buried = loop_steady(writer->loop);
	/* A scan may name an id twice. */
	published->held = (struct sum){{0, 0}};
	for (size_t i = 0; i + 1 < redis_reply_count(hash); i += 2) {
		const struct redis_reply *value = redis_reply_at(hash, i + 1);

		writer_sum_field(&writer->objects, &published->held,
		    redis_reply_text(redis_reply_at(hash, i)),
		    redis_reply_text(value), redis_reply_length(value));
	}
	writer_take_before(published, hash);
	note_version(writer, published, hash);
	if (published->fields != NULL || published->gone)
		return;
	published->version = published->held_version;
	published->gone = gone != NULL;
	if (gone != NULL &&
	    !instant_parse(redis_reply_text(gone), &published->gone_at))
		published->gone_at = loop_now(writer->loop);
}

static void
on_object(enum fact_kind kind, const char *id, const struct redis_reply *hash,
    void *context)
{
	struct inventory_writer *writer = context;
	struct published *published;

	if (redis_reply_count(hash) == 0) {
		writer_forget_id(writer, kind, id);
		return;
	}
	published = known_or_new(writer, kind, id);
	if (published != NULL)
		hold(writer, published, hash);
}

static bool
compare_with_held(struct object *object, void *context)
{
	struct inventory_writer *writer = context;
	struct published *published = (struct published *)object;

	/* Known only from a Redis that has lost it. */
	if (!published->is_held && published->fields == NULL &&
	    !published->queued) {
		writer_release(object);
		return false;
	}
	compare_version(writer, published);
	writer_end_unnamed(writer, published);
	writer_consider(writer, published);
	return true;
}

static void
on_loaded(void *context)
{
	struct inventory_writer *writer = context;

	writer->stage = STAGE_WRITING;
	writer->counts.loads++;
	objects_filter(&writer->objects, compare_with_held, writer);
	loop_timer_set(writer->flush, 0);
	loop_timer_set(writer->heartbeat, 0);
}

static void
on_load_failed(const char *why, void *context)
{
	struct inventory_writer *writer = context;

	redis_drop(writer->redis, why);
}

/*
 * What is not ours is not deleted.  The kind is not written until its key is
 * free, and the inventory is not called complete.
 */
static void
on_skipped(enum fact_kind kind, const char *why, void *context)
{
	struct inventory_writer *writer = context;

	writer->blocked |= INVENTORY_KIND(kind);
	writer_say(writer,
	    "%.140s: no %s is written until that key is removed or renamed",
	    why, fact_kind_name(kind));
}

static bool
hold_nothing(struct object *object, void *context)
{
	struct published *published = (struct published *)object;

	(void)context;
	published->is_held = false;
	published->held_gone = false;
	published->held = (struct sum){{0, 0}};
	return true;
}

static void
start_load(struct inventory_writer *writer)
{
	const struct load_events events = {
	    on_object, on_skipped, on_loaded, on_load_failed, writer};

	writer->stage = STAGE_LOADING;
	writer->blocked = 0;
	objects_filter(&writer->objects, hold_nothing, NULL);
	load_start(
	    &writer->load, writer->redis, writer->settings.cluster, &events);
}

/* --- looking -------------------------------------------------------------- */

static void
on_last_change(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	const struct redis_reply *fields =
	    redis_reply_at(redis_reply_at(reply, 0), 1);
	int64_t number = redis_reply_integer(hash_field(fields, "n"), 0);

	writer_check(reply, writer);
	if (writer->stage != STAGE_LOOKING)
		return;
	if (number > 0 && (uint64_t)number > writer->number)
		writer->number = (uint64_t)number;
	start_load(writer);
}

static void
on_sync(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	int64_t epoch = redis_reply_integer(hash_field(reply, "epoch"), 0);
	bool complete = strcmp(hash_text(reply, "state"), "complete") == 0;

	writer_check(reply, writer);
	if (writer->stage != STAGE_LOOKING)
		return;
	if (epoch > 0 && (uint64_t)epoch > writer->told_epoch)
		writer->told_epoch = (uint64_t)epoch;
	/* What an earlier run completed stays so until a list says more. */
	writer->is_complete = complete && writer->listed == 0;
	/* A run that goes on may find an older state, which it makes good. */
	if (!writer->is_complete)
		writer_send_sync(writer, "partial");
}

/* Only now, for what is of another schema is not ours to touch. */
static void
look(struct inventory_writer *writer)
{
	struct redis_words *words = &writer->words;
	const char *cluster = writer->settings.cluster;

	if (writer->why[0] != '\0')
		writer_say(writer, "connected again");
	writer->why[0] = '\0';
	writer_begin(writer, "SADD");
	redis_words_add(words, CLUSTERS_KEY);
	redis_words_add(words, cluster);
	writer_send(writer, writer_check);
	writer_begin(writer, "HGETALL");
	add_cluster_key(words, cluster, "sync");
	writer_send(writer, on_sync);
	writer_begin(writer, "XREVRANGE");
	add_cluster_key(words, cluster, "changes");
	redis_words_add(words, "+");
	redis_words_add(words, "-");
	redis_words_add(words, "COUNT");
	redis_words_add(words, "1");
	writer_send(writer, on_last_change);
}

static void
on_schema(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	char why[REDIS_FAULT_SIZE];

	writer_check(reply, writer);
	if (writer->stage != STAGE_LOOKING)
		return;
	if (redis_reply_kind(reply) == REDIS_NOTHING ||
	    strcmp(redis_reply_text(reply), SCHEMA) == 0) {
		look(writer);
		return;
	}
	(void)snprintf(why, sizeof(why),
	    SCHEMA_KEY " is \"%.20s\", and this hedgerow writes " SCHEMA
		       ": use another database, or the hedgerow of that schema",
	    redis_reply_text(reply));
	redis_drop(writer->redis, why);
}

void
writer_on_up(void *context)
{
	struct inventory_writer *writer = context;
	struct redis_words *words = &writer->words;

	writer->stage = STAGE_LOOKING;
	writer_begin(writer, "SETNX");
	redis_words_add(words, SCHEMA_KEY);
	redis_words_add(words, SCHEMA);
	writer_send(writer, writer_check);
	writer_begin(writer, "GET");
	redis_words_add(words, SCHEMA_KEY);
	writer_send(writer, on_schema);
}

void
writer_on_down(const char *why, void *context)
{
	struct inventory_writer *writer = context;

	writer->stage = STAGE_DOWN;
	writer->batches = 0;
	writer->flying_objects = 0;
	writer->flying_octets = 0;
	writer->announcing = false;
	writer->settled = false;
	writer->signed_on = false;
	load_stop(&writer->load);
	loop_timer_cancel(writer->flush);
	loop_timer_cancel(writer->heartbeat);
	/* Once, and not at each attempt. */
	if (strcmp(writer->why, why) != 0)
		writer_say(writer, "%s; trying again", why);
	(void)snprintf(writer->why, sizeof(writer->why), "%s", why);
}
