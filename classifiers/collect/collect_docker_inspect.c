#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_docker_parts.h"

/* --- what is due --------------------------------------------------------- */

static void
name_of(const char *id, bool network, char name[OBJECT_ID_MAXIMUM + 2])
{
	name[0] = network ? 'n' : 'c';
	memcpy(name + 1, id, strlen(id) + 1);
}

/* Ids go into a path, so only what ids and names are made of will do. */
static bool
is_id(const char *id)
{
	size_t length = strnlen(id, OBJECT_ID_MAXIMUM + 1);

	if (length == 0 || length > OBJECT_ID_MAXIMUM || id[0] == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if ((id[i] < '0' || id[i] > '9') &&
		    (id[i] < 'a' || id[i] > 'z') &&
		    (id[i] < 'A' || id[i] > 'Z') &&
		    strchr("_.-", id[i]) == NULL)
			return false;
	return true;
}

void
collector_is_due(struct collect_docker *collector, const char *id, bool network,
    struct instant at)
{
	char name[OBJECT_ID_MAXIMUM + 2];
	struct due *due;
	char *mark;

	if (!is_id(id))
		return;
	name_of(id, network, name);
	if (rack_get(collector->waiting, name) != NULL)
		return;
	mark = allocate(1, 1);
	if (!rack_put(collector->waiting, name, mark))
		return;
	due = allocate(1, sizeof(*due));
	due->network = network;
	due->at = at;
	memcpy(due->id, id, strlen(id) + 1);
	if (collector->last == NULL)
		collector->first = due;
	else
		collector->last->next = due;
	collector->last = due;
	/* An event is heard inside a request, where none can begin. */
	loop_timer_set(collector->work, 0);
}

static struct due *
take_due(struct collect_docker *collector)
{
	struct due *due = collector->first;
	char name[OBJECT_ID_MAXIMUM + 2];

	collector->first = due->next;
	if (collector->first == NULL)
		collector->last = NULL;
	name_of(due->id, due->network, name);
	rack_remove(collector->waiting, name);
	return due;
}

bool
collector_all_inspected(const struct collect_docker *collector)
{
	for (size_t i = 0; i < INSPECTIONS; i++)
		if (collector->inspections[i].fetch != NULL)
			return false;
	return collector->first == NULL;
}

/* --- what was inspected -------------------------------------------------- */

static bool
is_tasks(const struct json *object)
{
	return json_get(json_get(json_get(object, "Config"), "Labels"),
		   "com.docker.swarm.task.id") != NULL;
}

/* Tasks are asked for on a manager; their containers would say less. */
static void
give_container(struct collect_docker *collector, const struct json *object,
    const struct due *due)
{
	struct arena *arena;
	const char *workload;

	if (collector->manager && is_tasks(object))
		return;
	arena = arena_new();
	workload = docker_workload_id(collector->docker, arena, object);
	if (workload != NULL) {
		size_t size = strlen(workload) + 1;
		char *kept = allocate(1, size);

		memcpy(kept, workload, size);
		(void)rack_put(collector->current, due->id, kept);
	}
	(void)docker_give(collector->docker, object, due->at);
	arena_free(arena);
}

/*
 * A task's container may have been inspected before its address on this
 * network was known; a manager asks for its tasks again anyway.
 */
static void
is_attached(const char *key, const struct json *value, void *context)
{
	struct collect_docker *collector = context;

	(void)value;
	if (rack_get(collector->current, key) != NULL)
		collector_is_due(
		    collector, key, false, loop_now(collector->loop));
}

static void
give(struct collect_docker *collector, const struct json *object,
    const struct due *due)
{
	if (!due->network) {
		give_container(collector, object, due);
		return;
	}
	docker_learn(collector->docker, object);
	if (!collector->manager &&
	    strcmp(field_text(object, "Name"), "docker_gwbridge") == 0)
		json_each(
		    json_get(object, "Containers"), is_attached, collector);
	/* While all networks are being learnt, the node would change often. */
	if (collector->step == STEP_REST)
		docker_give_node(collector->docker, due->at);
}

/* It is there, whatever it is; so it is what it was. */
static void
cannot_be_read(
    struct collect_docker *collector, const struct due *due, const char *fault)
{
	collector->lossy = true;
	(void)collect_lost(
	    &collector->listener, &(struct json_losses){.left_out = 1});
	if (!collector->left_out)
		collect_say(&collector->listener,
		    "docker: %s %.12s cannot be read (%.200s) and is left "
		    "out, as its like will be",
		    due->network ? "network" : "container", due->id, fault);
	collector->left_out = true;
}

/* What is not there any more has gone since it was due. */
static void
inspected(const struct collect_answer *answer, void *context)
{
	struct inspection *inspection = context;
	struct collect_docker *collector = inspection->collector;
	struct due *due = inspection->due;

	inspection->fetch = NULL;
	inspection->due = NULL;
	(void)collect_left_out(
	    &collector->listener, "docker", due->id, &answer->losses);
	if (answer->document != NULL) {
		give(collector, answer->document, due);
	} else if (answer->end->status == 200) {
		cannot_be_read(collector, due, answer->fault);
	} else if (answer->end->outcome == HTTP_ANSWERED) {
		if (!due->network)
			collector_container_gone(
			    collector, due->id, loop_now(collector->loop));
	} else {
		free(due);
		collector_fail(
		    collector, "inspect", answer->end, answer->fault);
		return;
	}
	free(due);
	collector_inspect(collector);
	collector_go_on(collector);
}

static void
begin(struct inspection *inspection)
{
	struct collect_docker *collector = inspection->collector;
	struct arena *arena = arena_new();
	struct due *due = take_due(collector);
	struct http_ask ask;

	inspection->due = due;
	collector_ask(collector, &ask,
	    arena_format(arena,
		due->network ? "/networks/%s" : "/containers/%s/json", due->id),
	    arena);
	inspection->fetch =
	    collect_fetch_begin(collector->http, &ask, inspected, inspection);
	arena_free(arena);
}

void
collector_inspect(struct collect_docker *collector)
{
	for (size_t i = 0; i < INSPECTIONS; i++)
		if (collector->first != NULL &&
		    collector->inspections[i].fetch == NULL)
			begin(&collector->inspections[i]);
}

void
collector_drop_inspections(struct collect_docker *collector)
{
	for (size_t i = 0; i < INSPECTIONS; i++) {
		struct inspection *inspection = &collector->inspections[i];

		collect_fetch_cancel(inspection->fetch);
		free(inspection->due);
		inspection->fetch = NULL;
		inspection->due = NULL;
	}
	while (collector->first != NULL)
		free(take_due(collector));
}
