/* What somebody holds to be so, as facts told it. */
#ifndef TESTS_FACT_WORLD_H
#define TESTS_FACT_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fact_text.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

struct world {
	struct arena *arena;
	struct map *objects; /* `kind id` -> text, "" when it is gone */
};

static inline void
world_init(struct world *world)
{
	world->arena = arena_new();
	world->objects = map_new(1U << 20);
}

static inline void
world_release(struct world *world)
{
	map_free(world->objects);
	arena_free(world->arena);
}

/* Without version and time, which are not written when nothing else changed. */
static inline void
world_put(struct world *world, const struct fact *fact)
{
	struct text text;
	const char *key =
	    arena_format(world->arena, "%d %s", (int)fact->kind, fact->id);
	struct fact plain = *fact;

	text_init(&text, (size_t)1 << 22);
	plain.version = 0;
	plain.at = INSTANT_PAST;
	if (plain.kind == FACT_WORKLOAD)
		plain.workload.workload.version = 0;
	if (plain.kind == FACT_POLICY)
		plain.policy.version = 0;
	if (!fact->gone)
		tell_fact(&text, &plain);
	(void)map_put_text(
	    world->objects, key, arena_text(world->arena, text.at));
	text_release(&text);
}

static inline size_t
world_alive(const struct world *world)
{
	size_t alive = 0;

	for (size_t i = 0; i < map_count(world->objects); i++)
		alive += ((char *)map_at(world->objects, i))[0] != '\0';
	return alive;
}

static inline int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline const char **
world_sorted(const struct world *world, size_t *count)
{
	const char **texts =
	    calloc(map_count(world->objects) + 1, sizeof(*texts));

	*count = 0;
	for (size_t i = 0; i < map_count(world->objects); i++) {
		const char *text = map_at(world->objects, i);

		if (text[0] != '\0')
			texts[(*count)++] = text;
	}
	qsort(texts, *count, sizeof(*texts), by_text);
	return texts;
}

static inline bool
worlds_equal(const struct world *a, const struct world *b)
{
	size_t a_count, b_count;
	const char **at = world_sorted(a, &a_count);
	const char **bt = world_sorted(b, &b_count);
	bool equal = a_count == b_count;

	for (size_t i = 0; equal && i < a_count; i++)
		equal = strcmp(at[i], bt[i]) == 0;
	free(at);
	free(bt);
	return equal;
}

/* The first object that two worlds do not agree on. */
static inline void
tell_difference(const struct world *stated, const struct world *told)
{
	size_t stated_count, told_count, i = 0;
	const char **a = world_sorted(stated, &stated_count);
	const char **b = world_sorted(told, &told_count);

	while (i < stated_count && i < told_count && strcmp(a[i], b[i]) == 0)
		i++;
	fprintf(stderr, "stated: %s\n  told: %s\n",
	    i < stated_count ? a[i] : "-", i < told_count ? b[i] : "-");
	free(a);
	free(b);
}

#endif
