#include "classifiers/redis/inventory_redis_write.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/redis/inventory_redis_write_parts.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/loop.h"

/* Changes come in crowds; a transaction for each would cost more than this. */
#define GATHER (5 * NS_PER_MS)

/* --- saying --------------------------------------------------------------- */

void
writer_say(const struct inventory_writer *writer, const char *format, ...)
{
	char text[REDIS_FAULT_SIZE + 128];
	va_list arguments;

	if (writer->settings.said == NULL)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	writer->settings.said(text, writer->settings.context);
}

const char *
inventory_writer_cluster_fault(const char *cluster)
{
	size_t length = strlen(cluster);

	if (length == 0 || length > 128)
		return "a cluster's name has 1 to 128 octets";
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)cluster[i] <= 0x20 ||
		    (unsigned char)cluster[i] == 0x7f ||
		    strchr("{}\"\\", cluster[i]) != NULL)
			return "a cluster's name has no spaces, braces, quotes "
			       "or control characters";
	return NULL;
}

/* --- contents ------------------------------------------------------------- */

/* When it was stated, its version and what it was are no change of it. */
static bool
counts_as_content(const char *name)
{
	return strcmp(name, "at") != 0 && strcmp(name, "version") != 0 &&
	       strcmp(name, "gone_at") != 0 && strcmp(name, "before") != 0;
}

void
writer_sum_field(const struct objects *objects, struct sum *sum,
    const char *name, const char *value, size_t length)
{
	struct hash_key key = objects->key;

	if (!counts_as_content(name))
		return;
	key.words[0] ^= hash_octets(&objects->key, name, strlen(name));
	sum->words[0] += hash_octets(&key, value, length);
	key.words[1] = ~key.words[1];
	sum->words[1] += hash_octets(&key, value, length);
}

static bool
sum_equal(const struct sum *a, const struct sum *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

struct packing {
	const struct objects *objects;
	struct text text; /* for each field: name NUL length value */
	struct sum sum;
};

static void
pack(const struct inventory_record_field *field, void *context)
{
	struct packing *packing = context;
	uint32_t length = (uint32_t)field->length;
	char octets[sizeof(length)];

	memcpy(octets, &length, sizeof(length));
	text_add_n(&packing->text, field->name, strlen(field->name) + 1);
	text_add_n(&packing->text, octets, sizeof(octets));
	text_add_n(&packing->text, field->value, field->length);
	writer_sum_field(packing->objects, &packing->sum, field->name,
	    field->value, field->length);
}

void
writer_unpack(const struct published *published, const char **at,
    struct packed_field *field)
{
	uint32_t length;

	field->name = *at;
	*at += strlen(*at) + 1;
	memcpy(&length, *at, sizeof(length));
	field->value = *at + sizeof(length);
	field->length = length;
	*at = field->value + length;
	if (strcmp(field->name, "version") == 0)
		(void)snprintf(field->made, sizeof(field->made), "%llu",
		    (unsigned long long)published->content_version);
	else if (strcmp(field->name, "at") == 0 &&
		 published->content_at.ns != 0)
		instant_print(published->content_at, field->made);
	else
		return;
	field->value = field->made;
	field->length = strlen(field->made);
}

/* --- what is to be written ------------------------------------------------ */

bool
writer_says_the_same(const struct published *published)
{
	return sum_equal(&published->wanted, &published->held);
}

bool
writer_differs(const struct published *published)
{
	if (published->gone)
		return published->is_held ? !published->held_gone
					  : published->fields != NULL;
	return published->fields != NULL &&
	       (!published->is_held || published->held_gone ||
		   !sum_equal(&published->wanted, &published->held));
}

void
writer_consider(struct inventory_writer *writer, struct published *published)
{
	if (published->queued || !writer_differs(published) ||
	    (writer->blocked & INVENTORY_KIND(published->object.kind)) != 0)
		return;
	if (writer->queue_count == writer->queue_capacity) {
		writer->queue_capacity = writer->queue_capacity * 2 + 256;
		writer->queue = reallocate(writer->queue,
		    writer->queue_capacity, sizeof(*writer->queue));
	}
	published->queued = true;
	writer->queue[writer->queue_count++] = published;
	writer->settled = false;
	if (writer->stage == STAGE_WRITING && writer->queue_count == 1)
		loop_timer_set(writer->flush, GATHER);
}

struct instant
writer_now_or(const struct inventory_writer *writer, struct instant at)
{
	return at.ns == INSTANT_PAST.ns || at.ns == INSTANT_FUTURE.ns
		   ? loop_now(writer->loop)
		   : at;
}

static void
end_object(struct inventory_writer *writer, struct published *published,
    struct instant at)
{
	if (published->gone)
		return;
	published->gone = true;
	published->gone_at = writer_now_or(writer, at);
	writer->counts.ended++;
	writer_consider(writer, published);
}

/* --- facts ---------------------------------------------------------------- */

/* Keeps what it was, if that says anything, and takes what it is. */
static void
replace_content(struct published *published, const struct packing *packing,
    uint64_t version)
{
	writer_keep_before(published, packing->text.at, packing->text.length);
	free(published->found);
	published->found = NULL;
	free(published->fields);
	published->fields = allocate(packing->text.length, 1);
	memcpy(published->fields, packing->text.at, packing->text.length);
	published->size = packing->text.length;
	published->wanted = packing->sum;
	published->content_version = version;
	published->content_at = (struct instant){0};
}

static bool
put_content(struct inventory_writer *writer, struct published *published,
    const struct fact *fact)
{
	struct packing packing = {.objects = &writer->objects};
	struct inventory_record_sink sink = {pack, &packing};
	bool good;

	text_init(&packing.text, INVENTORY_RECORD_MAXIMUM);
	good = inventory_record_fields(fact, &sink, &writer->counts.cut) &&
	       !packing.text.overflow;
	if (good) {
		/* Said again, it is so since it was said first. */
		if (published->fields == NULL ||
		    !sum_equal(&packing.sum, &published->wanted))
			replace_content(published, &packing, fact->version);
		published->gone = false;
		published->epoch = writer->epoch;
		writer_consider(writer, published);
		if (!published->queued)
			writer->counts.same++;
	} else {
		writer->counts.refused++;
	}
	text_release(&packing.text);
	return good;
}

/* --- versions ------------------------------------------------------------- */

void
writer_set_back(struct inventory_writer *writer)
{
	writer->added = writer->highest;
	writer->counts.set_back++;
	writer_say(writer,
	    "the versions of %s began at a lower number: it was restored from "
	    "an earlier state, or is another one; what it lists counts",
	    writer->settings.source);
}

/* Sensors, too, hold what has a lower version to be older. */
static void
count_on(const struct inventory_writer *writer, struct fact *fact)
{
	uint64_t sum;

	if (fact->version != 0 &&
	    !__builtin_add_overflow(fact->version, writer->added, &sum))
		fact->version = sum;
}

/* A list is the truth, whatever the versions: servers are built anew. */
static bool
is_listed(const struct inventory_writer *writer, enum fact_kind kind)
{
	return (writer->listing & INVENTORY_KIND(kind)) != 0 ||
	       writer->again[kind] > 0;
}

/*
 * Gives the fact the version under which it is written.
 *
 * published  what is known of the object, or NULL
 * returns    false when it is older than that
 */
static bool
is_in_order(struct inventory_writer *writer, const struct published *published,
    struct fact *fact)
{
	uint64_t plain = fact->version;

	count_on(writer, fact);
	if (published != NULL && plain != 0 &&
	    fact->version < published->version) {
		if (!is_listed(writer, fact->kind))
			return false;
		fact->version = plain;
		writer_set_back(writer);
		count_on(writer, fact);
	}
	if (writer->highest < fact->version)
		writer->highest = fact->version;
	return true;
}

static bool
take_object(struct inventory_writer *writer, struct fact *fact)
{
	struct object *object =
	    objects_find(&writer->objects, fact->kind, fact->id);
	struct published *published = (struct published *)object;

	if (object == NULL && fact->gone)
		return true;
	if (!is_in_order(writer, published, fact)) {
		writer->counts.stale++;
		return false;
	}
	if (object == NULL) {
		if (writer->objects.count >= INVENTORY_MAXIMUM) {
			writer->counts.no_room++;
			return false;
		}
		published = (struct published *)objects_add(
		    &writer->objects, fact->kind, fact->id, sizeof(*published));
	}
	if (fact->version != 0) {
		published->version = fact->version;
		published->added = writer->added;
	}
	if (!fact->gone)
		return put_content(writer, published, fact);
	end_object(writer, published, fact->at);
	return true;
}

static bool
take(const struct fact *fact, void *context)
{
	struct inventory_writer *writer = context;
	struct fact own = *fact;

	if (fact->kind == FACT_SEEN) {
		if (fact->at.ns != INSTANT_FUTURE.ns &&
		    instant_before(writer->seen, fact->at))
			writer->seen = fact->at;
		return true;
	}
	if (own.cluster == NULL || own.cluster[0] == '\0')
		own.cluster = writer->settings.cluster;
	if (strcmp(own.cluster, writer->settings.cluster) != 0) {
		writer->counts.foreign++;
		return false;
	}
	if (!inventory_record_may_be_written(&own)) {
		writer->counts.refused++;
		return false;
	}
	return take_object(writer, &own);
}

struct fact_taker
inventory_writer_taker(struct inventory_writer *writer)
{
	return (struct fact_taker){take, writer};
}

/* --- lists ---------------------------------------------------------------- */

void
inventory_writer_list_begins(struct inventory_writer *writer, unsigned kinds)
{
	writer->epoch++;
	writer->listing |= kinds;
	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		if ((kinds & INVENTORY_KIND(kind)) != 0)
			writer->begun[kind] = writer->epoch;
}

/* What the last list of its kind did not name. */
void
writer_end_unnamed(struct inventory_writer *writer, struct published *published)
{
	unsigned kind = published->object.kind;

	if ((writer->listing & INVENTORY_KIND(kind)) != 0 ||
	    (writer->listed & INVENTORY_KIND(kind)) == 0)
		return;
	if (published->epoch < writer->begun[kind])
		end_object(writer, published, writer->ended_at[kind]);
}

static bool
end_each_unnamed(struct object *object, void *context)
{
	writer_end_unnamed(context, (struct published *)object);
	return true;
}

void
inventory_writer_list_ends(
    struct inventory_writer *writer, unsigned kinds, struct instant at)
{
	writer->listing &= ~kinds;
	writer->listed |= kinds;
	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		if ((kinds & INVENTORY_KIND(kind)) != 0)
			writer->ended_at[kind] = writer_now_or(writer, at);
	objects_filter(&writer->objects, end_each_unnamed, writer);
	writer->is_complete = false;
	writer->settled = false;
	if (writer->stage == STAGE_WRITING)
		loop_timer_set(writer->flush, 0);
}

void
inventory_writer_lists_again(
    struct inventory_writer *writer, unsigned kinds, bool begins)
{
	for (unsigned kind = 0; kind < FACT_KINDS; kind++) {
		if ((kinds & INVENTORY_KIND(kind)) == 0)
			continue;
		if (begins)
			writer->again[kind]++;
		else if (writer->again[kind] > 0)
			writer->again[kind]--;
	}
}

void
inventory_writer_losses(
    struct inventory_writer *writer, uint64_t mended, uint64_t left_out)
{
	writer->mended = mended;
	writer->left_out = left_out;
}

/* Nothing is of an epoch before the first. */
void
inventory_writer_list_keeps(struct inventory_writer *writer, unsigned kinds)
{
	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		if ((kinds & INVENTORY_KIND(kind)) != 0)
			writer->begun[kind] = 0;
}

/* --- the door ------------------------------------------------------------- */

/* Host and process for people, and a number that the next one has not. */
static void
choose_name(struct inventory_writer *writer)
{
	char host[48] = "";

	(void)gethostname(host, sizeof(host) - 1);
	for (char *c = host; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-._", *c) == NULL)
			*c = '_';
	(void)snprintf(writer->name, sizeof(writer->name), "%s/%ld/%08llx",
	    host, (long)getpid(),
	    (unsigned long long)loop_now(writer->loop).ns / 1000 %
		(1ULL << 32));
}

struct inventory_writer *
inventory_writer_new(struct loop *loop, const struct redis_url *url,
    const struct inventory_writer_settings *settings)
{
	struct inventory_writer *writer = allocate(1, sizeof(*writer));
	struct redis_events events = {writer_on_up, writer_on_down, writer};

	*writer = (struct inventory_writer){.loop = loop,
	    .settings = *settings,
	    .epoch = 1,
	    .seen = INSTANT_PAST};
	choose_name(writer);
	objects_init(&writer->objects, (uint64_t)loop_now(loop).ns);
	redis_words_init(&writer->words);
	load_init(&writer->load);
	writer->flush = loop_timer_new(loop, writer_flush, writer);
	writer->heartbeat = loop_timer_new(loop, writer_beat, writer);
	writer->redis = redis_new(loop, url, &events);
	return writer;
}

void
writer_release(struct object *object)
{
	struct published *published = (struct published *)object;

	free(published->fields);
	free(published->before);
	free(published->found);
}

void
inventory_writer_free(struct inventory_writer *writer)
{
	if (writer == NULL)
		return;
	redis_free(writer->redis);
	loop_timer_free(writer->flush);
	loop_timer_free(writer->heartbeat);
	objects_release(&writer->objects, writer_release);
	redis_words_release(&writer->words);
	load_release(&writer->load);
	free(writer->queue);
	free(writer);
}

struct inventory_writer_counts
inventory_writer_counts(const struct inventory_writer *writer)
{
	struct inventory_writer_counts counts = writer->counts;

	counts.objects = writer->objects.count;
	counts.blocked = (uint64_t)__builtin_popcount(writer->blocked);
	return counts;
}
