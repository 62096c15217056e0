#include "classifiers/redis/inventory_redis_parts.h"

#include <assert.h>
#include <string.h>

#include "sensor/base/arena.h"

void
add_cluster_key(
    struct redis_words *words, const char *cluster, const char *what)
{
	redis_words_format(words, "hedgerow:{%s}:%s", cluster, what);
}

void
add_ids_key(struct redis_words *words, const char *cluster, enum fact_kind kind)
{
	redis_words_format(
	    words, "hedgerow:{%s}:ids:%s", cluster, fact_kind_name(kind));
}

void
add_object_key(struct redis_words *words, const char *cluster,
    enum fact_kind kind, const char *id)
{
	redis_words_format(
	    words, "hedgerow:{%s}:%s:%s", cluster, fact_kind_name(kind), id);
}

void
print_time(struct instant at, char out[INSTANT_TEXT_SIZE])
{
	out[0] = '\0';
	if (at.ns != INSTANT_PAST.ns && at.ns != INSTANT_FUTURE.ns)
		instant_print(at, out);
}

const struct redis_reply *
hash_field(const struct redis_reply *hash, const char *name)
{
	for (size_t i = 0; i + 1 < redis_reply_count(hash); i += 2)
		if (strcmp(redis_reply_text(redis_reply_at(hash, i)), name) ==
		    0)
			return redis_reply_at(hash, i + 1);
	return NULL;
}

const char *
hash_text(const struct redis_reply *hash, const char *name)
{
	return redis_reply_text(hash_field(hash, name));
}

bool
is_wrong_type(const struct redis_reply *reply)
{
	return redis_reply_kind(reply) == REDIS_FAULT &&
	       strncmp(redis_reply_text(reply), "WRONGTYPE", 9) == 0;
}

/* --- objects -------------------------------------------------------------- */

#define SLOTS_FIRST ((size_t)256)

void
objects_init(struct objects *objects, uint64_t seed)
{
	*objects = (struct objects){
	    .slots = allocate(SLOTS_FIRST, sizeof(*objects->slots)),
	    .slot_count = SLOTS_FIRST,
	    .key = {{seed, ~seed}},
	};
}

static bool
keep_none(struct object *object, void *context)
{
	void (**release)(struct object * object) = context;

	if (*release != NULL)
		(*release)(object);
	return false;
}

void
objects_release(struct objects *objects, void (*release)(struct object *object))
{
	objects_filter(objects, keep_none, &release);
	free(objects->slots);
}

static uint64_t
hash_of(const struct objects *objects, enum fact_kind kind, const char *id)
{
	return hash_octets(&objects->key, id, strlen(id)) + (uint64_t)kind;
}

struct object *
objects_find(const struct objects *objects, enum fact_kind kind, const char *id)
{
	uint64_t hash = hash_of(objects, kind, id);
	struct object *object = objects->slots[hash % objects->slot_count];

	while (
	    object != NULL && (object->hash != hash || object->kind != kind ||
				  strcmp(object->id, id) != 0))
		object = object->next;
	return object;
}

static void
put_in_slot(struct objects *objects, struct object *object)
{
	struct object **slot;

	assert(objects->slot_count > 0);
	slot = &objects->slots[object->hash % objects->slot_count];
	object->next = *slot;
	*slot = object;
}

static void
grow(struct objects *objects)
{
	struct object **old = objects->slots;
	size_t old_count = objects->slot_count;

	objects->slot_count *= 2;
	objects->slots = allocate(objects->slot_count, sizeof(*objects->slots));
	for (size_t i = 0; i < old_count; i++)
		while (old[i] != NULL) {
			struct object *object = old[i];

			old[i] = object->next;
			put_in_slot(objects, object);
		}
	free(old);
}

struct object *
objects_add(
    struct objects *objects, enum fact_kind kind, const char *id, size_t size)
{
	struct object *object = allocate(1, size);

	if (objects->count >= objects->slot_count)
		grow(objects);
	object->kind = kind;
	object->hash = hash_of(objects, kind, id);
	object->id = memcpy(allocate(strlen(id) + 1, 1), id, strlen(id));
	put_in_slot(objects, object);
	objects->count++;
	return object;
}

void
objects_filter(struct objects *objects,
    bool (*keep)(struct object *object, void *context), void *context)
{
	for (size_t i = 0; i < objects->slot_count; i++)
		for (struct object **at = &objects->slots[i]; *at != NULL;) {
			struct object *object = *at;

			if (keep(object, context)) {
				at = &object->next;
				continue;
			}
			*at = object->next;
			free(object->id);
			free(object);
			objects->count--;
		}
}
