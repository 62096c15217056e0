#include <string.h>

#include "classifiers/redis/inventory_redis_read_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/loop.h"

/* How long one XREAD waits, and so how often heartbeats are looked at. */
#define BLOCK_MS      "2000"
#define PAUSE         (2 * NS_PER_SECOND)
#define CHANGES_COUNT "100"

static void
look_again(struct inventory_reader *reader, const char *why)
{
	reader->state.gaps++;
	reader_say(reader, "%s: reading everything again", why);
	reader_look(reader);
}

void
reader_forget_fetches(struct inventory_reader *reader)
{
	for (size_t i = 0; i < reader->fetch_count; i++)
		free(reader->fetches[i].id);
	free(reader->fetches);
	reader->fetches = NULL;
	reader->fetch_count = 0;
	reader->fetched = 0;
}

static void
end_round(struct inventory_reader *reader)
{
	bool changed = reader->fetch_count > 0;

	reader_forget_fetches(reader);
	reader_sum_up(reader);
	if (changed && reader->settings.changed != NULL)
		reader->settings.changed(reader->settings.context);
	if (reader->stage == STAGE_FOLLOWING)
		reader_follow(reader);
}

/* Other collectors may delete at once; then it ended when we were told. */
static void
end_without_tombstone(const struct fetch *fetch)
{
	struct cluster *cluster = fetch->cluster;
	struct object *object =
	    objects_find(&cluster->objects, fetch->kind, fetch->id);

	if (object != NULL)
		reader_give_end(cluster, (struct followed *)object, 0,
		    loop_now(cluster->reader->loop));
}

static void
on_fetched(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	struct fetch *fetch;

	if (reader->stage != STAGE_FOLLOWING ||
	    (redis_reply_kind(reply) == REDIS_FAULT && !is_wrong_type(reply) &&
		!reader_is_fine(reader, STAGE_FOLLOWING, reply)))
		return;
	fetch = &reader->fetches[reader->fetched++];
	if (fetch->gone && redis_reply_count(reply) == 0)
		end_without_tombstone(fetch);
	else
		reader_hand_on(fetch->cluster, fetch->kind, fetch->id, reply);
	reader->state.changes++;
	if (reader->fetched == reader->fetch_count)
		end_round(reader);
}

static void
fetch_all(struct inventory_reader *reader)
{
	if (reader->fetch_count == 0) {
		end_round(reader);
		return;
	}
	for (size_t i = 0;
	     reader->stage == STAGE_FOLLOWING && i < reader->fetch_count; i++) {
		const struct fetch *fetch = &reader->fetches[i];

		reader_begin(reader, "HGETALL");
		add_object_key(&reader->words, fetch->cluster->name,
		    fetch->kind, fetch->id);
		reader_send(reader, on_fetched);
	}
}

struct unnamed {
	uint64_t load;   /* the last one */
	unsigned unread; /* kinds that it could not read */
	size_t count;    /* that it did not name */
};

static bool
count_unnamed(struct object *object, void *context)
{
	struct followed *followed = (struct followed *)object;
	struct unnamed *unnamed = context;

	unnamed->count += !followed->gone && followed->load < unnamed->load &&
			  (unnamed->unread & (1U << object->kind)) == 0;
	return true;
}

/*
 * Its writer has named everything.  Objects that neither the last load nor a
 * change since named are over, if another load finds the same; and what could
 * not be read then perhaps can be now.
 */
static bool
take_completion(struct cluster *cluster)
{
	struct unnamed unnamed = {
	    .load = cluster->reader->state.loads, .unread = cluster->unread};

	cluster->doubt = false;
	cluster->highest = cluster->number;
	objects_filter(&cluster->objects, count_unnamed, &unnamed);
	return unnamed.count == 0 && cluster->unread == 0;
}

/* Returns false when everything is to be read again. */
static bool
take_entry(struct cluster *cluster, const struct redis_reply *entry)
{
	struct inventory_reader *reader = cluster->reader;
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	int64_t number = redis_reply_integer(hash_field(fields, "n"), 0);
	const char *id = hash_text(fields, "id");
	enum fact_kind kind;

	(void)snprintf(cluster->last, sizeof(cluster->last), "%.40s",
	    redis_reply_text(redis_reply_at(entry, 0)));
	if (number <= 0) {
		reader->state.foreign++;
		return true;
	}
	if ((uint64_t)number != cluster->number + 1)
		return false;
	cluster->number = (uint64_t)number;
	if (!cluster->doubt)
		cluster->highest = cluster->number;
	if (strcmp(hash_text(fields, "op"), "complete") == 0)
		return take_completion(cluster);
	if (id[0] == '\0')
		return true;
	if (!fact_kind_of(hash_text(fields, "kind"), &kind)) {
		reader->state.foreign++;
		return true;
	}
	reader->fetches[reader->fetch_count++] = (struct fetch){cluster, kind,
	    strdup(id), strcmp(hash_text(fields, "op"), "gone") == 0};
	return true;
}

static struct cluster *
cluster_of_stream(struct inventory_reader *reader, const char *key)
{
	for (size_t i = 0; i < reader->cluster_count; i++) {
		struct cluster *cluster = &reader->clusters[i];
		size_t length = strlen(cluster->name);

		if (strncmp(key, "hedgerow:{", 10) == 0 &&
		    strncmp(key + 10, cluster->name, length) == 0 &&
		    strcmp(key + 10 + length, "}:changes") == 0)
			return cluster;
	}
	return NULL;
}

static bool
take_stream(struct inventory_reader *reader, const struct redis_reply *stream)
{
	const struct redis_reply *entries = redis_reply_at(stream, 1);
	struct cluster *cluster = cluster_of_stream(
	    reader, redis_reply_text(redis_reply_at(stream, 0)));
	size_t room = reader->fetch_count + redis_reply_count(entries);

	if (cluster == NULL || room == reader->fetch_count)
		return true;
	reader->fetches =
	    reallocate(reader->fetches, room, sizeof(*reader->fetches));
	for (size_t i = 0; i < redis_reply_count(entries); i++)
		if (!take_entry(cluster, redis_reply_at(entries, i)))
			return false;
	return true;
}

static void
on_changes(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (!reader_is_fine(reader, STAGE_FOLLOWING, reply))
		return;
	for (size_t i = 0; i < redis_reply_count(reply); i++) {
		if (take_stream(reader, redis_reply_at(reply, i)))
			continue;
		reader_forget_fetches(reader);
		look_again(reader, "changes or ends are missing");
		return;
	}
	fetch_all(reader);
}

static void
on_heartbeat(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader_is_fine(reader, STAGE_FOLLOWING, reply) &&
	    reader->current < reader->cluster_count)
		reader_take_heartbeat(reader_current(reader), reply);
}

/* A lower epoch, or none: somebody emptied it while we were connected. */
static void
on_sync(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	struct cluster *cluster;
	int64_t epoch;

	if (!reader_is_fine(reader, STAGE_FOLLOWING, reply) ||
	    reader->current == reader->cluster_count)
		return;
	cluster = reader_current(reader);
	epoch = cluster->epoch;
	reader->current++;
	reader_take_sync(cluster, reply);
	reader_sum_up(reader);
	if (cluster->epoch < epoch)
		redis_drop(reader->redis, "it has been emptied");
}

/* Its own keys, in order, of which each may still be somebody else's. */
static void
on_heartbeat_again(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage == STAGE_FOLLOWING)
		(void)reader_refuses(reader, "heartbeat", reply);
}

static void
on_sync_again(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage == STAGE_FOLLOWING)
		(void)reader_refuses(reader, "sync", reply);
}

static void
on_changes_again(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage != STAGE_FOLLOWING)
		return;
	if (!reader_refuses(reader, "changes", reply) &&
	    reader_current(reader)->mended)
		reader_look(reader);
	else
		reader->current++;
}

/* New clusters are found when they come; theirs is a load of its own. */
static void
on_new_clusters(const struct redis_reply *reply, void *context)
{
	struct inventory_reader *reader = context;
	size_t before = reader->cluster_count;

	if (!reader_is_fine(reader, STAGE_FOLLOWING, reply))
		return;
	for (size_t i = 0; i < redis_reply_count(reply); i++)
		reader_add_cluster(
		    reader, redis_reply_text(redis_reply_at(reply, i)));
	reader_sum_up(reader);
	if (reader->cluster_count > before)
		reader_look(reader);
}

static void
send_xread(struct inventory_reader *reader)
{
	reader_begin(reader, "XREAD");
	redis_words_add(&reader->words, "COUNT");
	redis_words_add(&reader->words, CHANGES_COUNT);
	redis_words_add(&reader->words, "BLOCK");
	redis_words_add(&reader->words, BLOCK_MS);
	redis_words_add(&reader->words, "STREAMS");
	for (size_t i = 0; i < reader->cluster_count; i++)
		if (!reader->clusters[i].refused)
			add_cluster_key(&reader->words,
			    reader->clusters[i].name, "changes");
	for (size_t i = 0; i < reader->cluster_count; i++)
		if (!reader->clusters[i].refused)
			redis_words_add(
			    &reader->words, reader->clusters[i].last);
	reader_send(reader, on_changes);
}

static void
ask_how_it_is(struct inventory_reader *reader, struct cluster *cluster)
{
	cluster->mended = true;
	reader_begin(reader, "GET");
	add_cluster_key(&reader->words, cluster->name, "heartbeat");
	reader_send(
	    reader, cluster->refused ? on_heartbeat_again : on_heartbeat);
	reader_begin(reader, "HGETALL");
	add_cluster_key(&reader->words, cluster->name, "sync");
	reader_send(reader, cluster->refused ? on_sync_again : on_sync);
	if (!cluster->refused)
		return;
	reader_begin(reader, "XREVRANGE");
	add_cluster_key(&reader->words, cluster->name, "changes");
	redis_words_add(&reader->words, "+");
	redis_words_add(&reader->words, "-");
	redis_words_add(&reader->words, "COUNT");
	redis_words_add(&reader->words, "1");
	reader_send(reader, on_changes_again);
}

void
reader_on_pause(void *context)
{
	struct inventory_reader *reader = context;

	if (reader->stage == STAGE_FOLLOWING)
		reader_follow(reader);
}

/* One round: how the clusters are, then what changed. */
void
reader_follow(struct inventory_reader *reader)
{
	size_t followed = 0;

	reader->current = 0;
	for (size_t i = 0; i < reader->cluster_count; i++) {
		followed += !reader->clusters[i].refused;
		ask_how_it_is(reader, &reader->clusters[i]);
	}
	reader_begin(reader, "SMEMBERS");
	redis_words_add(&reader->words, CLUSTERS_KEY);
	reader_send(reader, on_new_clusters);
	if (followed > 0)
		send_xread(reader);
	else
		loop_timer_set(reader->pause, PAUSE);
}
