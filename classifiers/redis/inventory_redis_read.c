#include "classifiers/redis/inventory_redis_read.h"

#include <stdarg.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/redis/inventory_redis_read_parts.h"
#include "classifiers/redis/inventory_redis_write.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"

/* More than any writer of ours keeps; of another's the rest is passed over. */
#define STATES_READ ((size_t)64)

void
reader_say(struct inventory_reader *reader, const char *format, ...)
{
	char text[REDIS_FAULT_SIZE + 128];
	va_list arguments;

	if (reader->settings.said == NULL)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	reader->settings.said(text, reader->settings.context);
}

/* --- handing on ----------------------------------------------------------- */

static void
give(struct inventory_reader *reader, const struct fact *fact)
{
	(void)fact_give(&reader->settings.taker, fact);
}

static struct followed *
followed_of(struct cluster *cluster, enum fact_kind kind, const char *id)
{
	struct object *object = objects_find(&cluster->objects, kind, id);

	if (object == NULL && cluster->objects.count < INVENTORY_MAXIMUM)
		object = objects_add(
		    &cluster->objects, kind, id, sizeof(struct followed));
	return (struct followed *)object;
}

void
reader_give_end(struct cluster *cluster, struct followed *followed,
    uint64_t version, struct instant at)
{
	struct fact fact = {
	    .kind = followed->object.kind,
	    .gone = true,
	    .cluster = cluster->name,
	    .id = followed->object.id,
	    .version = version,
	    .at = at,
	};

	if (followed->gone)
		return;
	followed->gone = true;
	give(cluster->reader, &fact);
}

static void
unreadable(struct inventory_reader *reader, const char *id, const char *fault)
{
	reader->state.unreadable++;
	(void)snprintf(reader->state.fault, sizeof(reader->state.fault),
	    "%.80s: %.160s", id, fault);
}

/* Whether a state is later than what was given, and not known therefore. */
static bool
is_news(const struct followed *followed, const struct fact *fact)
{
	if (!followed->given)
		return true;
	if (fact->version != 0 && followed->version != 0)
		return fact->version > followed->version;
	return instant_before(followed->at, fact->at);
}

/*
 * Gives what a record says of the object.
 *
 * earlier    it is no more so; what was given already is left out
 * returns    false when it is no record of the object's
 */
static bool
give_record(struct cluster *cluster, struct followed *followed,
    const char *octets, size_t size, bool earlier)
{
	struct inventory_reader *reader = cluster->reader;
	struct arena *arena = arena_new();
	char fault[INVENTORY_RECORD_FAULT_SIZE] = "";
	struct json_fault json_fault;
	struct json *json = json_parse(octets, size, &json_fault);
	struct fact fact;
	bool good;

	good = json != NULL &&
	       inventory_record_read(arena, json, &fact, fault) && !fact.gone &&
	       fact.kind == followed->object.kind &&
	       strcmp(fact.id, followed->object.id) == 0 &&
	       strcmp(fact.cluster, cluster->name) == 0;
	if (!good)
		unreadable(reader, followed->object.id,
		    json == NULL       ? json_fault.message
		    : fault[0] != '\0' ? fault
				       : "it does not say what its key says");
	if (good && (!earlier || is_news(followed, &fact))) {
		give(reader, &fact);
		followed->version = fact.version;
		followed->at = fact.at;
		followed->given = true;
		followed->gone = false;
	}
	json_free(json);
	arena_free(arena);
	return good;
}

/* What it was before, a line each; a faulty one costs only itself. */
static void
give_before(struct cluster *cluster, struct followed *followed,
    const struct redis_reply *hash)
{
	const char *lines = hash_text(hash, "before");

	for (size_t i = 0; i < STATES_READ && *lines != '\0'; i++) {
		size_t length = strcspn(lines, "\n");

		(void)give_record(cluster, followed, lines, length, true);
		lines += length + (lines[length] == '\n');
	}
}

/* The hash's fields as a record, and that as a fact; false if it is none. */
static bool
give_hash(struct cluster *cluster, struct followed *followed,
    const struct redis_reply *hash)
{
	struct inventory_reader *reader = cluster->reader;

	give_before(cluster, followed, hash);
	inventory_record_join_open(&reader->record);
	for (size_t i = 0; i + 1 < redis_reply_count(hash); i += 2) {
		const struct redis_reply *value = redis_reply_at(hash, i + 1);

		inventory_record_join(&reader->record,
		    redis_reply_text(redis_reply_at(hash, i)),
		    redis_reply_text(value), redis_reply_length(value));
	}
	inventory_record_join_close(&reader->record);
	return give_record(
	    cluster, followed, reader->record.at, reader->record.length, false);
}

void
reader_hand_on(struct cluster *cluster, enum fact_kind kind, const char *id,
    const struct redis_reply *hash)
{
	const struct redis_reply *gone = hash_field(hash, "gone_at");
	struct inventory_reader *reader = cluster->reader;
	struct followed *followed;
	struct instant at;

	/* It expired between its id and now, or is of another type. */
	if (redis_reply_count(hash) == 0) {
		reader->state.foreign += redis_reply_kind(hash) == REDIS_FAULT;
		return;
	}
	followed = followed_of(cluster, kind, id);
	if (followed == NULL)
		return;
	followed->load = reader->state.loads;
	if (!give_hash(cluster, followed, hash) || gone == NULL)
		return;
	if (!instant_parse(redis_reply_text(gone), &at)) {
		unreadable(reader, id, "gone_at is no time");
		return;
	}
	reader_give_end(cluster, followed, followed->version, at);
}

static void
give_seen(struct cluster *cluster)
{
	struct fact fact = {
	    .kind = FACT_SEEN,
	    .cluster = cluster->name,
	    .id = cluster->source,
	    .at = cluster->at,
	};

	if (cluster->at.ns != INSTANT_PAST.ns)
		give(cluster->reader, &fact);
}

/* --- asking --------------------------------------------------------------- */

void
reader_begin(struct inventory_reader *reader, const char *command)
{
	redis_words_clear(&reader->words);
	redis_words_add(&reader->words, command);
}

void
reader_send(struct inventory_reader *reader,
    void (*answered)(const struct redis_reply *reply, void *context))
{
	if (reader->stage != STAGE_DOWN &&
	    !redis_send(reader->redis, &reader->words, answered, reader))
		redis_drop(reader->redis, "it takes no more commands");
}

/* Whether there is something to go on with. */
bool
reader_is_fine(struct inventory_reader *reader, enum stage stage,
    const struct redis_reply *reply)
{
	char why[REDIS_FAULT_SIZE];

	if (reader->stage != stage)
		return false;
	if (redis_reply_kind(reply) != REDIS_FAULT)
		return true;
	(void)snprintf(why, sizeof(why), "it does not let us read: %.200s",
	    redis_reply_text(reply));
	redis_drop(reader->redis, why);
	return false;
}

struct cluster *
reader_current(struct inventory_reader *reader)
{
	return &reader->clusters[reader->current];
}

/* --- state: heartbeat, epoch, source -------------------------------------- */

void
reader_sum_up(struct inventory_reader *reader)
{
	struct instant oldest = INSTANT_FUTURE;

	reader->state.complete = reader->cluster_count > 0;
	reader->state.objects = 0;
	reader->state.clusters = reader->cluster_count;
	for (size_t i = 0; i < reader->cluster_count; i++) {
		const struct cluster *cluster = &reader->clusters[i];

		reader->state.complete &= cluster->complete &&
					  !cluster->refused &&
					  cluster->unread == 0;
		reader->state.objects += cluster->objects.count;
		if (instant_before(cluster->heartbeat, oldest))
			oldest = cluster->heartbeat;
	}
	reader->state.heartbeat =
	    reader->cluster_count == 0 ? INSTANT_PAST : oldest;
}

void
reader_take_sync(struct cluster *cluster, const struct redis_reply *hash)
{
	struct instant at;

	cluster->epoch = redis_reply_integer(hash_field(hash, "epoch"), -1);
	cluster->complete = strcmp(hash_text(hash, "state"), "complete") == 0;
	(void)snprintf(cluster->source, sizeof(cluster->source), "%.60s",
	    hash_text(hash, "source"));
	for (char *c = cluster->source; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f ||
		    *c == '"' || *c == '\\')
			*c = '?';
	if (!instant_parse(hash_text(hash, "at"), &at))
		return;
	cluster->at = at;
	give_seen(cluster);
}

/* The last one that was seen: a key that expired says nothing. */
void
reader_take_heartbeat(struct cluster *cluster, const struct redis_reply *reply)
{
	(void)instant_parse(redis_reply_text(reply), &cluster->heartbeat);
}

/* --- loading -------------------------------------------------------------- */

static bool
end_unnamed(struct object *object, void *context)
{
	struct followed *followed = (struct followed *)object;
	struct cluster *cluster = context;

	if (followed->load == cluster->reader->state.loads ||
	    (cluster->unread & INVENTORY_KIND(object->kind)) != 0)
		return true;
	/* It went away while nobody told us; the tombstone is gone too. */
	reader_give_end(cluster, followed, 0, cluster->at);
	return false;
}

static void load_current(struct inventory_reader *reader);

static void
on_sync_after(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	struct cluster *cluster;
	int64_t epoch;

	if (!reader_is_fine(reader, STAGE_LOADING, reply))
		return;
	cluster = reader_current(reader);
	epoch = cluster->epoch;
	reader_take_sync(cluster, reply);
	/*
	 * Only what its writer called complete before and after, with a
	 * source's time, and no older state, may end what we know.
	 */
	if (cluster->complete && !cluster->doubt && cluster->epoch == epoch &&
	    epoch > 0 && cluster->at.ns != INSTANT_PAST.ns)
		objects_filter(&cluster->objects, end_unnamed, cluster);
	reader->current++;
	load_current(reader);
}

static void
on_loaded(void *context)
{
	struct inventory_reader *reader = context;

	reader_begin(reader, "HGETALL");
	add_cluster_key(&reader->words, reader_current(reader)->name, "sync");
	reader_send(reader, on_sync_after);
}

static void
on_object(enum fact_kind kind, const char *id, const struct redis_reply *hash,
    void *context)
{
	reader_hand_on(reader_current(context), kind, id, hash);
}

static void
on_skipped(enum fact_kind kind, const char *why, void *context)
{
	struct inventory_reader *reader = context;

	reader_current(reader)->unread |= INVENTORY_KIND(kind);
	reader->state.foreign++;
	reader_say(reader,
	    "%.140s: nothing new is known of any %s there; what was known "
	    "stays",
	    why, fact_kind_name(kind));
}

static void
on_load_failed(const char *why, void *context)
{
	struct inventory_reader *reader = context;

	redis_drop(reader->redis, why);
}

static void
load_current(struct inventory_reader *reader)
{
	const struct load_events events = {
	    on_object, on_skipped, on_loaded, on_load_failed, reader};

	while (reader->current < reader->cluster_count &&
	       reader_current(reader)->refused)
		reader->current++;
	if (reader->current < reader->cluster_count) {
		reader_current(reader)->unread = 0;
		load_start(&reader->load, reader->redis,
		    reader_current(reader)->name, &events);
		return;
	}
	reader_sum_up(reader);
	reader->state.loaded = true;
	reader->stage = STAGE_FOLLOWING;
	if (reader->settings.loaded != NULL)
		reader->settings.loaded(reader->settings.context);
	if (reader->stage == STAGE_FOLLOWING)
		reader_follow(reader);
}

/* --- looking: schema, clusters, and where each stream ends ---------------- */

static void look_at_current(struct inventory_reader *reader);

bool
reader_refuses(struct inventory_reader *reader, const char *key,
    const struct redis_reply *reply)
{
	struct cluster *cluster = reader_current(reader);

	if (!is_wrong_type(reply))
		return false;
	cluster->mended = false;
	if (!cluster->refused)
		reader_say(reader,
		    "hedgerow:{%.128s}:%s is of another type than ours: this "
		    "cluster is left out until it no longer is; what was known "
		    "of it stays",
		    cluster->name, key);
	reader->state.foreign += !cluster->refused;
	cluster->refused = true;
	return true;
}

/* Whether a stream's id, such as `1700000000000-3`, is a later one. */
static bool
is_later_id(const char *id, const char *than)
{
	unsigned long long left[2] = {0}, right[2] = {0};

	if (sscanf(id, "%llu-%llu", &left[0], &left[1]) != 2 ||
	    sscanf(than, "%llu-%llu", &right[0], &right[1]) != 2)
		return false;
	return left[0] != right[0] ? left[0] > right[0] : left[1] > right[1];
}

/* Of another type, it is refused when its end is looked at. */
static void
on_first_change(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	const struct redis_reply *entries =
	    redis_reply_at(redis_reply_at(reply, 0), 1);
	struct cluster *cluster;

	if (reader->stage != STAGE_LOOKING)
		return;
	cluster = reader_current(reader);
	(void)snprintf(cluster->first, sizeof(cluster->first), "%.40s",
	    redis_reply_kind(reply) == REDIS_FAULT ||
		    redis_reply_count(entries) == 0
		? ""
		: redis_reply_text(
		      redis_reply_at(redis_reply_at(entries, 0), 0)));
}

/*
 * Changes are counted from 1 again in a Redis that was emptied, and go back in
 * one that was restored.  All that an emptied one has came after what we knew;
 * a restored one has changes that we have seen.
 */
static void
take_number(struct cluster *cluster, const struct redis_reply *entry)
{
	bool emptied = is_later_id(cluster->first, cluster->last);

	(void)snprintf(cluster->last, sizeof(cluster->last), "%.40s",
	    entry == NULL ? "0-0" : redis_reply_text(redis_reply_at(entry, 0)));
	cluster->number = (uint64_t)redis_reply_integer(
	    hash_field(redis_reply_at(entry, 1), "n"), 0);
	cluster->doubt = cluster->number < cluster->highest && !emptied;
	if (!cluster->doubt)
		cluster->highest = cluster->number;
}

static void
on_last_change(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	const struct redis_reply *entry = redis_reply_at(reply, 0);
	struct cluster *cluster;

	if (reader->stage != STAGE_LOOKING)
		return;
	if (reader_refuses(reader, "changes", reply)) {
		reader->current++;
		look_at_current(reader);
		return;
	}
	if (!reader_is_fine(reader, STAGE_LOOKING, reply))
		return;
	cluster = reader_current(reader);
	cluster->refused = !cluster->mended;
	take_number(cluster, entry);
	reader->current++;
	look_at_current(reader);
}

static void
on_sync_before(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage != STAGE_LOOKING ||
	    reader_refuses(reader, "sync", reply))
		return;
	if (reader_is_fine(reader, STAGE_LOOKING, reply))
		reader_take_sync(reader_current(reader), reply);
}

static void
on_heartbeat_before(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage != STAGE_LOOKING ||
	    reader_refuses(reader, "heartbeat", reply))
		return;
	if (reader_is_fine(reader, STAGE_LOOKING, reply))
		reader_take_heartbeat(reader_current(reader), reply);
}

static void
look_at_current(struct inventory_reader *reader)
{
	const char *name;

	if (reader->current == reader->cluster_count) {
		reader->current = 0;
		reader->stage = STAGE_LOADING;
		reader->state.loads++;
		load_current(reader);
		return;
	}
	reader_current(reader)->mended = true;
	name = reader_current(reader)->name;
	reader_begin(reader, "HGETALL");
	add_cluster_key(&reader->words, name, "sync");
	reader_send(reader, on_sync_before);
	reader_begin(reader, "GET");
	add_cluster_key(&reader->words, name, "heartbeat");
	reader_send(reader, on_heartbeat_before);
	reader_begin(reader, "XREAD");
	redis_words_add(&reader->words, "COUNT");
	redis_words_add(&reader->words, "1");
	redis_words_add(&reader->words, "STREAMS");
	add_cluster_key(&reader->words, name, "changes");
	redis_words_add(&reader->words, "0-0");
	reader_send(reader, on_first_change);
	reader_begin(reader, "XREVRANGE");
	add_cluster_key(&reader->words, name, "changes");
	redis_words_add(&reader->words, "+");
	redis_words_add(&reader->words, "-");
	redis_words_add(&reader->words, "COUNT");
	redis_words_add(&reader->words, "1");
	reader_send(reader, on_last_change);
}

static bool
knows_cluster(const struct inventory_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->cluster_count; i++)
		if (strcmp(reader->clusters[i].name, name) == 0)
			return true;
	return false;
}

void
reader_add_cluster(struct inventory_reader *reader, const char *name)
{
	const char *only = reader->settings.cluster;
	struct cluster *cluster;

	if (knows_cluster(reader, name) ||
	    (only != NULL && strcmp(only, name) != 0))
		return;
	if (inventory_writer_cluster_fault(name) != NULL ||
	    reader->cluster_count == INVENTORY_READER_CLUSTERS) {
		reader->state.foreign++;
		return;
	}
	cluster = &reader->clusters[reader->cluster_count++];
	*cluster = (struct cluster){.reader = reader,
	    .name = strdup(name),
	    .heartbeat = INSTANT_PAST,
	    .at = INSTANT_PAST};
	objects_init(&cluster->objects, (uint64_t)loop_now(reader->loop).ns);
}

static void
on_clusters(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (!reader_is_fine(reader, STAGE_LOOKING, reply))
		return;
	for (size_t i = 0; i < redis_reply_count(reply); i++)
		reader_add_cluster(
		    reader, redis_reply_text(redis_reply_at(reply, i)));
	if (reader->settings.cluster != NULL)
		reader_add_cluster(reader, reader->settings.cluster);
	look_at_current(reader);
}

static void
on_schema(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	char why[REDIS_FAULT_SIZE];

	if (!reader_is_fine(reader, STAGE_LOOKING, reply))
		return;
	if (redis_reply_kind(reply) == REDIS_NOTHING) {
		redis_drop(reader->redis,
		    "it holds no inventory (" SCHEMA_KEY
		    " is absent): does a collector write to this database?");
		return;
	}
	if (strcmp(redis_reply_text(reply), SCHEMA) != 0) {
		(void)snprintf(why, sizeof(why),
		    SCHEMA_KEY " is \"%.20s\", and this hedgerow reads " SCHEMA
			       ": use collectors and sensors of one version",
		    redis_reply_text(reply));
		redis_drop(reader->redis, why);
		return;
	}
	reader_begin(reader, "SMEMBERS");
	redis_words_add(&reader->words, CLUSTERS_KEY);
	reader_send(reader, on_clusters);
}

void
reader_look(struct inventory_reader *reader)
{
	loop_timer_cancel(reader->pause);
	reader->stage = STAGE_LOOKING;
	reader->current = 0;
	reader_begin(reader, "GET");
	redis_words_add(&reader->words, SCHEMA_KEY);
	reader_send(reader, on_schema);
}

/* --- the connection ------------------------------------------------------- */

static void
on_up(void *context)
{
	struct inventory_reader *reader = context;

	if (reader->state.why[0] != '\0')
		reader_say(reader, "it is there again");
	reader->state.connected = true;
	reader->state.why[0] = '\0';
	reader_look(reader);
}

static void
on_down(const char *why, void *context)
{
	struct inventory_reader *reader = context;
	bool news = strcmp(reader->state.why, why) != 0;

	reader->stage = STAGE_DOWN;
	reader->state.connected = false;
	(void)snprintf(reader->state.why, sizeof(reader->state.why), "%s", why);
	load_stop(&reader->load);
	loop_timer_cancel(reader->pause);
	reader_forget_fetches(reader);
	if (news)
		reader_say(reader, "%s; trying again", why);
}

struct inventory_reader *
inventory_reader_new(struct loop *loop, const struct redis_url *url,
    const struct inventory_reader_settings *settings)
{
	struct inventory_reader *reader = allocate(1, sizeof(*reader));
	struct redis_events events = {on_up, on_down, reader};

	*reader = (struct inventory_reader){
	    .loop = loop,
	    .settings = *settings,
	    .state = {.heartbeat = INSTANT_PAST},
	    .clusters =
		allocate(INVENTORY_READER_CLUSTERS, sizeof(struct cluster)),
	};
	redis_words_init(&reader->words);
	text_init(&reader->record, INVENTORY_RECORD_MAXIMUM);
	load_init(&reader->load);
	reader->pause = loop_timer_new(loop, reader_on_pause, reader);
	reader->redis = redis_new(loop, url, &events);
	return reader;
}

void
inventory_reader_free(struct inventory_reader *reader)
{
	if (reader == NULL)
		return;
	redis_free(reader->redis);
	for (size_t i = 0; i < reader->cluster_count; i++) {
		objects_release(&reader->clusters[i].objects, NULL);
		free(reader->clusters[i].name);
	}
	free(reader->clusters);
	reader_forget_fetches(reader);
	loop_timer_free(reader->pause);
	redis_words_release(&reader->words);
	text_release(&reader->record);
	load_release(&reader->load);
	free(reader);
}

struct inventory_reader_state
inventory_reader_state(const struct inventory_reader *reader)
{
	return reader->state;
}
