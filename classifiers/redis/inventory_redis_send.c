#include <string.h>

#include "classifiers/redis/inventory_redis_write_parts.h"
#include "sensor/base/loop.h"

/* One transaction: long enough to be cheap, short for others to get between. */
#define BATCH_OBJECTS ((size_t)128)
#define BATCH_OCTETS  ((size_t)4 << 20)

/* On their way at once; each object is four commands. */
#define FLYING_OBJECTS (8 * BATCH_OBJECTS)
#define FLYING_OCTETS  ((size_t)32 << 20)

#define HEARTBEAT       (5 * NS_PER_SECOND)
#define HEARTBEAT_PX    "30000" /* ms: six of them missed */
#define TOMBSTONE_TEXT  "86400" /* s: what late packets and old flows need */
#define TOMBSTONE       (86400 * NS_PER_SECOND)
#define CHANGES_MAXIMUM "100000"

/* --- one object ---------------------------------------------------------- */

static void
add_packed(struct redis_words *words, const struct published *published)
{
	const char *at = published->fields;

	while (at < published->fields + published->size) {
		struct packed_field field;

		writer_unpack(published, &at, &field);
		redis_words_add(words, field.name);
		redis_words_add_n(words, field.value, field.length);
	}
}

void
writer_begin(struct inventory_writer *writer, const char *command)
{
	redis_words_clear(&writer->words);
	redis_words_add(&writer->words, command);
}

void
writer_check(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	char why[REDIS_FAULT_SIZE];

	if (redis_reply_kind(reply) != REDIS_FAULT)
		return;
	(void)snprintf(why, sizeof(why), "it refuses a command: %.200s",
	    redis_reply_text(reply));
	redis_drop(writer->redis, why);
}

/*
 * A command that cannot be sent would leave a hole in a transaction: without
 * the connection the whole of it never was.
 */
void
writer_send(struct inventory_writer *writer,
    void (*answered)(const struct redis_reply *reply, void *context))
{
	if (writer->stage != STAGE_DOWN &&
	    !redis_send(writer->redis, &writer->words, answered, writer))
		redis_drop(writer->redis, "it takes less than there is to say");
}

static void
send_change(struct inventory_writer *writer, const char *operation,
    const struct published *published)
{
	struct redis_words *words = &writer->words;

	writer_begin(writer, "XADD");
	add_cluster_key(words, writer->settings.cluster, "changes");
	redis_words_add(words, "MAXLEN");
	redis_words_add(words, "~");
	redis_words_add(words, CHANGES_MAXIMUM);
	redis_words_add(words, "*");
	redis_words_add(words, "op");
	redis_words_add(words, operation);
	redis_words_add(words, "n");
	redis_words_format(words, "%llu", (unsigned long long)++writer->number);
	if (published != NULL) {
		redis_words_add(words, "kind");
		redis_words_add(words, fact_kind_name(published->object.kind));
		redis_words_add(words, "id");
		redis_words_add(words, published->object.id);
		redis_words_add(words, "version");
		redis_words_format(
		    words, "%llu", (unsigned long long)published->version);
	}
	writer_send(writer, writer_check);
}

/* Anew and whole, so that no field of before and no tombstone's TTL stays. */
static void
send_content(struct inventory_writer *writer, const struct published *published)
{
	struct redis_words *words = &writer->words;
	const char *cluster = writer->settings.cluster;
	const struct object *object = &published->object;

	writer_begin(writer, "DEL");
	add_object_key(words, cluster, object->kind, object->id);
	writer_send(writer, writer_check);
	writer_begin(writer, "HSET");
	add_object_key(words, cluster, object->kind, object->id);
	add_packed(words, published);
	if (published->before_size > 0) {
		redis_words_add(words, "before");
		redis_words_add_n(
		    words, published->before, published->before_size);
	}
	writer_send(writer, writer_check);
	writer_begin(writer, "SADD");
	add_ids_key(words, cluster, object->kind);
	redis_words_add(words, object->id);
	writer_send(writer, writer_check);
}

static void
send_tombstone(
    struct inventory_writer *writer, const struct published *published)
{
	struct redis_words *words = &writer->words;
	const struct object *object = &published->object;
	char gone_at[INSTANT_TEXT_SIZE];

	print_time(published->gone_at, gone_at);
	writer_begin(writer, "HSET");
	add_object_key(
	    words, writer->settings.cluster, object->kind, object->id);
	redis_words_add(words, "gone_at");
	redis_words_add(words, gone_at);
	writer_send(writer, writer_check);
	writer_begin(writer, "EXPIRE");
	add_object_key(
	    words, writer->settings.cluster, object->kind, object->id);
	redis_words_add(words, TOMBSTONE_TEXT);
	writer_send(writer, writer_check);
}

/* If the connection goes, so does the belief: all is read again. */
static void
send_object(struct inventory_writer *writer, struct published *published)
{
	if (published->fields != NULL)
		send_content(writer, published);
	if (published->gone)
		send_tombstone(writer, published);
	send_change(writer, published->gone ? "gone" : "put", published);
	published->is_held = true;
	published->own = true;
	published->held = published->wanted;
	published->held_gone = published->gone;
	published->buried = loop_steady(writer->loop);
	writer->counts.written++;
}

/* The first of its replies that is a fault, or NULL. */
static const struct redis_reply *
fault_of(const struct redis_reply *reply)
{
	if (redis_reply_kind(reply) != REDIS_LIST)
		return reply;
	for (size_t i = 0; i < redis_reply_count(reply); i++)
		if (redis_reply_kind(redis_reply_at(reply, i)) == REDIS_FAULT)
			return redis_reply_at(reply, i);
	return NULL;
}

static void
on_batch(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	const struct redis_reply *fault = fault_of(reply);

	if (fault != NULL) {
		char why[REDIS_FAULT_SIZE];

		(void)snprintf(why, sizeof(why), "it cannot write: %.200s",
		    redis_reply_text(fault));
		redis_drop(writer->redis, why);
		return;
	}
	writer->batches--;
	if (writer->batches == 0) {
		writer->flying_objects = 0;
		writer->flying_octets = 0;
	}
	writer_pump(writer);
}

static void
send_word(struct inventory_writer *writer, const char *command,
    void (*answered)(const struct redis_reply *reply, void *context))
{
	writer_begin(writer, command);
	writer_send(writer, answered);
}

/* Sends up to one transaction from the end of the queue. */
static void
send_batch(struct inventory_writer *writer)
{
	size_t objects = 0, octets = 0;

	send_word(writer, "MULTI", writer_check);
	while (writer->stage == STAGE_WRITING && writer->queue_count > 0 &&
	       objects < BATCH_OBJECTS && octets < BATCH_OCTETS) {
		struct published *published =
		    writer->queue[--writer->queue_count];

		published->queued = false;
		if (!writer_differs(published) ||
		    (writer->blocked &
			INVENTORY_KIND(published->object.kind)) != 0)
			continue;
		octets += published->size + published->before_size;
		objects++;
		send_object(writer, published);
	}
	if (writer->stage != STAGE_WRITING)
		return;
	writer->batches++;
	writer->flying_objects += objects;
	writer->flying_octets += octets;
	send_word(writer, "EXEC", on_batch);
}

/* Its tombstone has expired: nobody needs the id any more. */
void
writer_forget_id(
    struct inventory_writer *writer, enum fact_kind kind, const char *id)
{
	writer_begin(writer, "SREM");
	add_ids_key(&writer->words, writer->settings.cluster, kind);
	redis_words_add(&writer->words, id);
	writer_send(writer, writer_check);
}

/* --- complete ------------------------------------------------------------- */

void
writer_send_sync(struct inventory_writer *writer, const char *state)
{
	struct redis_words *words = &writer->words;
	char at[INSTANT_TEXT_SIZE];

	print_time(writer_now_or(writer, writer->seen), at);
	writer_begin(writer, "HSET");
	add_cluster_key(words, writer->settings.cluster, "sync");
	redis_words_add(words, "epoch");
	redis_words_format(
	    words, "%llu", (unsigned long long)writer->told_epoch);
	redis_words_add(words, "state");
	redis_words_add(words, state);
	redis_words_add(words, "source");
	redis_words_add(words, writer->settings.source);
	redis_words_add(words, "writer");
	redis_words_add(words, writer->name);
	redis_words_add(words, "at");
	redis_words_add(words, at);
	writer_send(writer, writer_check);
}

static void
on_announced(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;

	writer->announcing = false;
	writer->is_complete = true;
	writer->batches++;
	on_batch(reply, writer);
}

static void
announce(struct inventory_writer *writer)
{
	writer->announcing = true;
	writer->told_epoch++;
	send_word(writer, "MULTI", writer_check);
	writer_send_sync(writer, "complete");
	send_change(writer, "complete", NULL);
	send_word(writer, "EXEC", on_announced);
}

void
writer_pump(struct inventory_writer *writer)
{
	if (writer->stage != STAGE_WRITING || writer->announcing)
		return;
	while (writer->stage == STAGE_WRITING && writer->queue_count > 0 &&
	       writer->flying_objects < FLYING_OBJECTS &&
	       writer->flying_octets < FLYING_OCTETS)
		send_batch(writer);
	if (writer->stage != STAGE_WRITING || writer->queue_count > 0 ||
	    writer->batches > 0)
		return;
	if (!writer->is_complete && writer->listing == 0 &&
	    writer->blocked == 0 && writer->listed == INVENTORY_KINDS_ALL) {
		announce(writer);
		return;
	}
	if (writer->settled)
		return;
	writer->settled = true;
	if (writer->settings.settled != NULL)
		writer->settings.settled(writer->settings.context);
}

void
writer_flush(void *context)
{
	writer_pump(context);
}

bool
inventory_writer_is_settled(const struct inventory_writer *writer)
{
	return writer->stage == STAGE_WRITING && writer->settled &&
	       writer->queue_count == 0;
}

/* --- the heartbeat -------------------------------------------------------- */

/* Somebody emptied Redis, or another writer is at work: look again. */
static void
on_epoch(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;

	writer_check(reply, writer);
	if (writer->stage == STAGE_WRITING &&
	    redis_reply_kind(reply) == REDIS_NOTHING)
		redis_drop(writer->redis, "it has been emptied");
}

/* Everything is read again then, and written. */
static void
on_ids(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;

	if (writer->stage == STAGE_WRITING &&
	    redis_reply_kind(reply) != REDIS_FAULT)
		redis_drop(writer->redis, "a key that was in the way is gone");
}

static void
look_whether_still_blocked(struct inventory_writer *writer)
{
	unsigned kind = 0;

	if (writer->blocked == 0)
		return;
	while ((writer->blocked & INVENTORY_KIND(kind)) == 0)
		kind++;
	writer_begin(writer, "SSCAN");
	add_ids_key(
	    &writer->words, writer->settings.cluster, (enum fact_kind)kind);
	redis_words_add(&writer->words, "0");
	writer_send(writer, on_ids);
}

/* We wrote our name; only another writer that lives wrote over it since. */
static void
on_writer(const struct redis_reply *reply, void *context)
{
	struct inventory_writer *writer = context;
	const char *name = redis_reply_text(reply);

	writer_check(reply, writer);
	if (writer->stage != STAGE_WRITING)
		return;
	if (writer->signed_on && name[0] != '\0' &&
	    strcmp(name, writer->name) != 0) {
		writer->counts.rivals++;
		if (strcmp(name, writer->rival) != 0)
			writer_say(writer,
			    "another collector (%.90s) writes the inventory of "
			    "%.128s too; each ends what only the other knows: "
			    "stop one of them",
			    name, writer->settings.cluster);
		(void)snprintf(
		    writer->rival, sizeof(writer->rival), "%.90s", name);
	}
	writer->signed_on = true;
}

static bool
has_expired(
    const struct inventory_writer *writer, const struct published *published)
{
	return published->gone && !published->queued &&
	       (writer->blocked & INVENTORY_KIND(published->object.kind)) ==
		   0 &&
	       instant_since(loop_steady(writer->loop), published->buried) >
		   TOMBSTONE;
}

static bool
keep_unexpired(struct object *object, void *context)
{
	struct inventory_writer *writer = context;
	struct published *published = (struct published *)object;

	if (!has_expired(writer, published) || writer->stage != STAGE_WRITING)
		return true;
	/* What did not fit now is removed at the next heartbeat. */
	if (redis_waiting(writer->redis) > REDIS_WAITING_MAXIMUM / 2)
		return true;
	writer_forget_id(writer, object->kind, object->id);
	writer_release(object);
	return false;
}

static void
send_count(struct inventory_writer *writer, const char *name, uint64_t count)
{
	redis_words_add(&writer->words, name);
	redis_words_format(&writer->words, "%llu", (unsigned long long)count);
}

static void
send_state(struct inventory_writer *writer)
{
	struct redis_words *words = &writer->words;
	char seen[INSTANT_TEXT_SIZE];

	print_time(writer_now_or(writer, writer->seen), seen);
	writer_begin(writer, "HSET");
	add_cluster_key(words, writer->settings.cluster, "sync");
	redis_words_add(words, "at");
	redis_words_add(words, seen);
	redis_words_add(words, "writer");
	redis_words_add(words, writer->name);
	send_count(writer, "mended", writer->mended);
	send_count(writer, "left_out", writer->left_out);
	send_count(writer, "cut", writer->counts.cut);
	send_count(writer, "refused", writer->counts.refused);
	writer_send(writer, writer_check);
}

static void
ask_sync(struct inventory_writer *writer, const char *field,
    void (*answered)(const struct redis_reply *reply, void *context))
{
	writer_begin(writer, "HGET");
	add_cluster_key(&writer->words, writer->settings.cluster, "sync");
	redis_words_add(&writer->words, field);
	writer_send(writer, answered);
}

void
writer_beat(void *context)
{
	struct inventory_writer *writer = context;
	struct redis_words *words = &writer->words;
	char now[INSTANT_TEXT_SIZE];

	print_time(loop_now(writer->loop), now);
	writer_begin(writer, "SET");
	add_cluster_key(words, writer->settings.cluster, "heartbeat");
	redis_words_add(words, now);
	redis_words_add(words, "PX");
	redis_words_add(words, HEARTBEAT_PX);
	writer_send(writer, writer_check);
	ask_sync(writer, "epoch", on_epoch);
	ask_sync(writer, "writer", on_writer);
	send_state(writer);
	if (writer->stage != STAGE_WRITING)
		return;
	look_whether_still_blocked(writer);
	objects_filter(&writer->objects, keep_unexpired, writer);
	loop_timer_set(writer->heartbeat, writer->settings.heartbeat_ns == 0
					      ? HEARTBEAT
					      : writer->settings.heartbeat_ns);
}
