#include "sensor/run/recollection.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

/* Octets of a key: two names and a letter. */
#define KEY_MAXIMUM ((size_t)64 * 1024)

struct saved {
	enum fact_kind kind;
	bool over; /* gone, or named again */
	const char *cluster, *id;
	uint64_t version;
};

struct recollection {
	struct arena *arena;
	struct map *saved;
	struct text key;
};

struct recollection *
recollection_new(void)
{
	struct recollection *recollection = allocate(1, sizeof(*recollection));

	recollection->arena = arena_new();
	recollection->saved = map_new(INVENTORY_MAXIMUM);
	text_init(&recollection->key, KEY_MAXIMUM);
	return recollection;
}

void
recollection_free(struct recollection *recollection)
{
	if (recollection == NULL)
		return;
	map_free(recollection->saved);
	text_release(&recollection->key);
	arena_free(recollection->arena);
	free(recollection);
}

/* NULL for none; `key` is written in any case. */
static struct saved *
find(struct recollection *recollection, const struct fact *fact)
{
	struct text *key = &recollection->key;

	text_clear(key);
	text_add_char(key, (char)('a' + (int)fact->kind));
	text_add(key, fact->cluster == NULL ? "" : fact->cluster);
	text_add_char(key, '\0');
	text_add(key, fact->id);
	return map_get(recollection->saved, key->at, key->length);
}

void
recollection_note(struct recollection *recollection, const struct fact *fact)
{
	struct saved *saved = find(recollection, fact);
	struct arena *arena = recollection->arena;
	const struct text *key = &recollection->key;

	if (fact->kind == FACT_SEEN)
		return;
	if (saved == NULL) {
		saved = arena_take(arena, sizeof(*saved));
		saved->kind = fact->kind;
		saved->cluster = arena_text(
		    arena, fact->cluster == NULL ? "" : fact->cluster);
		saved->id = arena_text(arena, fact->id);
		map_put(recollection->saved,
		    arena_text_n(arena, key->at, key->length), key->length,
		    saved);
	}
	saved->over = fact->gone;
	saved->version = fact->version;
}

void
recollection_confirm(struct recollection *recollection, const struct fact *fact)
{
	struct saved *saved = find(recollection, fact);

	if (saved != NULL)
		saved->over = true;
}

size_t
recollection_end(const struct recollection *recollection, struct instant at,
    const struct fact_taker *taker)
{
	size_t ended = 0;

	for (size_t i = 0; i < map_count(recollection->saved); i++) {
		const struct saved *saved = map_at(recollection->saved, i);
		struct fact fact = {
		    .kind = saved->kind,
		    .gone = true,
		    .cluster = saved->cluster,
		    .id = saved->id,
		    .version = saved->version,
		    .at = at,
		};

		if (saved->over)
			continue;
		ended++;
		(void)fact_give(taker, &fact);
	}
	return ended;
}
