#include <string.h>

#include "classifiers/redis/inventory_redis_parts.h"
#include "sensor/base/arena.h"

static void ask_page(struct load *load);

void
load_init(struct load *load)
{
	*load = (struct load){0};
	redis_words_init(&load->words);
}

static void
forget_page(struct load *load)
{
	for (size_t i = 0; i < load->id_count; i++)
		free(load->ids[i]);
	free(load->ids);
	load->ids = NULL;
	load->id_count = 0;
	load->answered = 0;
}

void
load_release(struct load *load)
{
	forget_page(load);
	redis_words_release(&load->words);
}

void
load_stop(struct load *load)
{
	load->running = false;
	forget_page(load);
}

static void
fail(struct load *load, const char *why)
{
	if (!load->running)
		return;
	load_stop(load);
	load->events.failed(why, load->events.context);
}

static void
fail_with(struct load *load, const struct redis_reply *reply)
{
	char why[REDIS_FAULT_SIZE];

	(void)snprintf(why, sizeof(why), "it does not let us read: %.200s",
	    redis_reply_text(reply));
	fail(load, why);
}

static void
send_words(struct load *load,
    void (*answered)(const struct redis_reply *reply, void *context))
{
	if (!redis_send(load->redis, &load->words, answered, load))
		fail(load, "it takes no more commands");
}

static void
next_page(struct load *load)
{
	forget_page(load);
	if (load->last_page) {
		load->kind++;
		(void)snprintf(load->cursor, sizeof(load->cursor), "0");
	}
	if (load->kind < KINDS_KEPT) {
		ask_page(load);
		return;
	}
	load->running = false;
	load->events.done(load->events.context);
}

static void
on_hash(const struct redis_reply *reply, void *context)
{
	struct load *load = context;
	size_t index = load->answered;

	if (!load->running)
		return;
	/* A foreign key of our name is no reason to stop. */
	if (redis_reply_kind(reply) == REDIS_FAULT && !is_wrong_type(reply)) {
		fail_with(load, reply);
		return;
	}
	load->answered++;
	load->events.object((enum fact_kind)load->kind, load->ids[index], reply,
	    load->events.context);
	if (load->running && load->answered == load->id_count)
		next_page(load);
}

static void
ask_hashes(struct load *load)
{
	for (size_t i = 0; load->running && i < load->id_count; i++) {
		redis_words_clear(&load->words);
		redis_words_add(&load->words, "HGETALL");
		add_object_key(&load->words, load->cluster,
		    (enum fact_kind)load->kind, load->ids[i]);
		send_words(load, on_hash);
	}
	if (load->running && load->id_count == 0)
		next_page(load);
}

/* Without its ids nobody knows what a kind has; whose key that is, is said. */
static void
skip_kind(struct load *load, const struct redis_reply *reply)
{
	char why[REDIS_FAULT_SIZE];

	(void)snprintf(why, sizeof(why),
	    "hedgerow:{%s}:ids:%s is no set (%.80s)", load->cluster,
	    fact_kind_name((enum fact_kind)load->kind),
	    redis_reply_text(reply));
	load->events.skipped(
	    (enum fact_kind)load->kind, why, load->events.context);
	load->last_page = true;
	if (load->running)
		next_page(load);
}

static void
fail_with_ids(struct load *load, const struct redis_reply *reply)
{
	char why[REDIS_FAULT_SIZE];

	(void)snprintf(why, sizeof(why),
	    "it does not let us read hedgerow:{%s}:ids:%s: %.160s",
	    load->cluster, fact_kind_name((enum fact_kind)load->kind),
	    redis_reply_text(reply));
	fail(load, why);
}

static void
on_page(const struct redis_reply *reply, void *context)
{
	struct load *load = context;
	const struct redis_reply *ids = redis_reply_at(reply, 1);

	if (!load->running)
		return;
	if (is_wrong_type(reply)) {
		skip_kind(load, reply);
		return;
	}
	if (redis_reply_kind(reply) == REDIS_FAULT) {
		fail_with_ids(load, reply);
		return;
	}
	(void)snprintf(load->cursor, sizeof(load->cursor), "%.20s",
	    redis_reply_text(redis_reply_at(reply, 0)));
	load->last_page =
	    strcmp(load->cursor, "0") == 0 || load->cursor[0] == '\0';
	load->ids = allocate(redis_reply_count(ids), sizeof(*load->ids));
	for (size_t i = 0; i < redis_reply_count(ids); i++) {
		const char *id = redis_reply_text(redis_reply_at(ids, i));

		load->ids[load->id_count] = strdup(id);
		if (load->ids[load->id_count] != NULL)
			load->id_count++;
	}
	ask_hashes(load);
}

static void
ask_page(struct load *load)
{
	redis_words_clear(&load->words);
	redis_words_add(&load->words, "SSCAN");
	add_ids_key(&load->words, load->cluster, (enum fact_kind)load->kind);
	redis_words_add(&load->words, load->cursor);
	redis_words_add(&load->words, "COUNT");
	redis_words_format(&load->words, "%d", SCAN_COUNT);
	send_words(load, on_page);
}

void
load_start(struct load *load, struct redis *redis, const char *cluster,
    const struct load_events *events)
{
	load_stop(load);
	load->redis = redis;
	load->cluster = cluster;
	load->events = *events;
	load->kind = 0;
	load->last_page = false;
	load->running = true;
	(void)snprintf(load->cursor, sizeof(load->cursor), "0");
	ask_page(load);
}
