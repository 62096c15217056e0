#include "classifiers/inventory/fact_frame.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* Objects that a frame remembers, to end them; inventories hold no more. */
#define OBJECTS_MAXIMUM ((size_t)1 << 21)

struct object {
	enum fact_kind kind;
	const char *cluster, *id;
	bool there;
};

struct fact_frame {
	struct fact_taker taker;
	const char *cluster;
	struct instant from, to;
	struct arena *arena;
	struct map *objects;
};

struct fact_frame *
fact_frame_new(struct fact_taker taker, const char *cluster,
    struct instant from, struct instant to)
{
	struct fact_frame *frame = allocate(1, sizeof(*frame));

	frame->taker = taker;
	frame->from = from;
	frame->to = to;
	frame->arena = arena_new();
	frame->cluster = arena_text(frame->arena, cluster);
	frame->objects = map_new(OBJECTS_MAXIMUM);
	return frame;
}

static const char *
text_or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* Only what is there from one time to another, if the frame has an end. */
static void
remember(struct fact_frame *frame, const struct fact *fact)
{
	struct object *object;
	const char *key;
	struct arena *scratch;

	if (frame->to.ns == INSTANT_FUTURE.ns || fact->kind == FACT_SEEN ||
	    fact->kind == FACT_NODE_ADDRESS || fact->kind == FACT_OWNER ||
	    fact->kind == FACT_NAMESPACE || fact->kind == FACT_ZONE ||
	    fact->kind == FACT_POLICY)
		return;
	scratch = arena_new();
	key = arena_format(scratch, "%d %zu %s%s", (int)fact->kind,
	    strlen(text_or_empty(fact->cluster)), text_or_empty(fact->cluster),
	    fact->id);
	object = map_get_text(frame->objects, key);
	if (object == NULL) {
		object = arena_take(frame->arena, sizeof(*object));
		object->kind = fact->kind;
		object->cluster =
		    arena_text(frame->arena, text_or_empty(fact->cluster));
		object->id = arena_text(frame->arena, fact->id);
		map_put_text(
		    frame->objects, arena_text(frame->arena, key), object);
	}
	object->there = !fact->gone;
	arena_free(scratch);
}

static struct instant
not_before(struct instant at, struct instant from)
{
	return instant_before(at, from) ? from : at;
}

/* `kubernetes::<uid>` gets the cluster between its colons. */
static const char *
name_cluster(struct arena *arena, const char *id, const char *cluster)
{
	const char *colon = strchr(id, ':');

	if (colon == NULL || colon[1] != ':')
		return id;
	return arena_format(
	    arena, "%.*s:%s%s", (int)(colon - id), id, cluster, colon + 1);
}

static void
clip(const struct fact_frame *frame, struct fact *fact)
{
	struct workload *workload = &fact->workload.workload;
	struct service *service = &fact->service.service;

	if (frame->from.ns == INSTANT_PAST.ns)
		return;
	fact->at = not_before(fact->at, frame->from);
	if (fact->gone)
		return;
	if (fact->kind == FACT_WORKLOAD)
		workload->since = not_before(workload->since, frame->from);
	else if (fact->kind == FACT_SERVICE)
		service->since = not_before(service->since, frame->from);
}

static bool
is_outside(const struct fact_frame *frame, const struct fact *fact)
{
	if (fact->kind == FACT_SEEN && instant_before(fact->at, frame->from))
		return true;
	return fact->at.ns != INSTANT_PAST.ns &&
	       !instant_before(fact->at, frame->to);
}

static bool
take(const struct fact *fact, void *context)
{
	struct fact_frame *frame = context;
	struct fact framed = *fact;
	struct arena *scratch;
	bool taken;

	if (is_outside(frame, fact))
		return true;
	scratch = arena_new();
	if (frame->cluster[0] != '\0' &&
	    text_or_empty(fact->cluster)[0] == '\0') {
		framed.cluster = frame->cluster;
		if (fact->kind == FACT_WORKLOAD)
			framed.id =
			    name_cluster(scratch, fact->id, frame->cluster);
	}
	clip(frame, &framed);
	remember(frame, &framed);
	taken = fact_give(&frame->taker, &framed);
	arena_free(scratch);
	return taken;
}

struct fact_taker
fact_frame_taker(struct fact_frame *frame)
{
	return (struct fact_taker){take, frame};
}

void
fact_frame_end(struct fact_frame *frame)
{
	for (size_t i = 0; i < map_count(frame->objects); i++) {
		const struct object *object = map_at(frame->objects, i);
		struct fact fact = {
		    .kind = object->kind,
		    .gone = true,
		    .cluster = object->cluster,
		    .id = object->id,
		    .at = frame->to,
		};

		if (object->there)
			(void)fact_give(&frame->taker, &fact);
	}
	map_free(frame->objects);
	arena_free(frame->arena);
	free(frame);
}
