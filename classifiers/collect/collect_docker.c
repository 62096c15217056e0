#include "classifiers/collect/collect_docker.h"
#include "classifiers/collect/collect_known.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_docker_parts.h"

/*
 * The versions 1.N of the Engine API whose forms are read here; engines answer
 * older ones than their own (api/swagger.yaml of moby/moby, "Versioning").
 */
#define MINOR_OLDEST 24
#define MINOR_NEWEST 47

/* Half of what a sensor waits before it calls metadata old. */
#define BEAT (15 * NS_PER_SECOND)

#define POLL_SECONDS 10

/* With `once`, attempts before giving up. */
#define ATTEMPTS 5

/* --- asking -------------------------------------------------------------- */

void
collector_ask(const struct collect_docker *collector, struct http_ask *ask,
    const char *path, struct arena *arena)
{
	const struct collect_docker_settings *settings = &collector->settings;

	*ask = (struct http_ask){
	    .unix_socket = settings->unix_socket,
	    .authorities = settings->authorities,
	    .certificate = settings->certificate,
	    .key = settings->key,
	};
	/* Only /version has an answer before the version is known. */
	ask->url = collector->minor == 0
		       ? arena_format(arena, "%s%s", settings->url, path)
		       : arena_format(arena, "%s/v1.%u%s", settings->url,
			     collector->minor, path);
}

/* --- failures ------------------------------------------------------------ */

static void
drop_all(struct collect_docker *collector)
{
	collect_fetch_cancel(collector->fetch);
	collector->fetch = NULL;
	collect_fetch_cancel(collector->ping);
	collector->ping = NULL;
	if (collector->events != NULL)
		http_cancel(collector->events);
	collector->events = NULL;
	collector_drop_inspections(collector);
	loop_timer_cancel(collector->poll);
	collector->step = STEP_REST;
	collector->listed = false;
}

static void
finish(struct collect_docker *collector, enum collect_end end)
{
	drop_all(collector);
	loop_timer_cancel(collector->retry);
	loop_timer_cancel(collector->beat);
	collector->listener.ended(end, collector->listener.context);
}

/* A request cannot be dropped from its own pieces, so the loop does it. */
void
collector_fail(struct collect_docker *collector, const char *what,
    const struct http_end *end, const char *fault)
{
	bool refused = end->status == 401 || end->status == 403;

	drop_all(collector);
	/* An engine where nothing happened is asked again, and no failure. */
	if (end->outcome == HTTP_IDLE && strcmp(what, "events") == 0) {
		loop_timer_set(collector->retry, 0);
		return;
	}
	collector->failures++;
	collect_say(&collector->listener, "docker: %s: %s", what,
	    fault[0] == '\0' ? "the connection ended" : fault);
	if (collector->listener.terms.once &&
	    (refused || collector->failures >= ATTEMPTS)) {
		finish(collector, refused ? COLLECT_FORBIDDEN : COLLECT_FAILED);
		return;
	}
	loop_timer_set(collector->retry,
	    collect_delay(collector->failures, &collector->random));
}

void
collector_container_gone(
    struct collect_docker *collector, const char *id, struct instant at)
{
	const char *workload = rack_get(collector->current, id);

	if (workload == NULL)
		return;
	docker_give_gone(collector->docker, workload, at);
	rack_remove(collector->current, id);
}

/* --- what the steps answer ----------------------------------------------- */

static unsigned
minor_of(const struct json *object, const char *key)
{
	const char *text = field_text(object, key);

	return strncmp(text, "1.", 2) == 0
		   ? (unsigned)strtoul(text + 2, NULL, 10)
		   : 0;
}

/* Returns whether there is a version that both sides know. */
static bool
take_version(struct collect_docker *collector, const struct json *object)
{
	unsigned newest = minor_of(object, "ApiVersion");
	unsigned oldest = minor_of(object, "MinAPIVersion");

	collector->minor = newest < MINOR_NEWEST ? newest : MINOR_NEWEST;
	if (collector->minor < oldest)
		collector->minor = oldest;
	if (collector->minor >= MINOR_OLDEST)
		return true;
	collect_say(&collector->listener,
	    "docker: the engine's API is version 1.%u, and 1.%d is the oldest "
	    "that can be read",
	    newest, MINOR_OLDEST);
	return false;
}

static void
take_info(struct collect_docker *collector, const struct json *object)
{
	docker_learn(collector->docker, object);
	collector->manager = json_is_true(
	    json_get(json_get(object, "Swarm"), "ControlAvailable"));
}

/* The list has networks without their endpoints. */
static void
take_networks(struct collect_docker *collector, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++)
		collector_is_due(collector, field_text(json_at(list, i), "Id"),
		    true, loop_now(collector->loop));
}

static void
take_list(struct collect_docker *collector, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++)
		docker_learn(collector->docker, json_at(list, i));
	for (size_t i = 0; i < json_count(list); i++)
		(void)docker_give(collector->docker, json_at(list, i),
		    loop_now(collector->loop));
}

static void
take_containers(struct collect_docker *collector, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);

		if (collector->manager &&
		    json_get(json_get(one, "Labels"),
			"com.docker.swarm.task.id") != NULL)
			continue;
		collector_is_due(collector, field_text(one, "Id"), false,
		    loop_now(collector->loop));
	}
}

/* --- lists --------------------------------------------------------------- */

/*
 * Which facts a list would have again: tasks and services are the Swarm's,
 * which only a manager lists; one node's fact is every list's.
 */
static bool
belongs(enum fact_kind kind, const char *id, void *context)
{
	const struct collect_docker *collector = context;
	bool swarm = kind == FACT_SERVICE || strncmp(id, "swarm:", 6) == 0;

	if (kind == FACT_WORKLOAD && strncmp(id, "docker:", 7) == 0)
		return collector->full;
	if (kind == FACT_WORKLOAD || kind == FACT_SERVICE)
		return swarm && (collector->manager || collector->full);
	return kind == FACT_NODE && (collector->manager || collector->full);
}

static void
end_list(struct collect_docker *collector)
{
	docker_give_node(collector->docker, loop_now(collector->loop));
	/* What could not be read may be what is missing. */
	if (!collector->lossy)
		(void)collect_changes_end(collector->changes, collector->list,
		    belongs, collector, loop_now(collector->loop));
	else if (collector->listener.lossy != NULL)
		collector->listener.lossy(
		    COLLECT_KINDS_ALL, collector->listener.context);
	collector->step = STEP_REST;
	collector->failures = 0;
	if (collector->full) {
		collector->listed = true;
		collect_seen(
		    &collector->listener, "docker", loop_now(collector->loop));
		collector->listener.listed(collector->listener.context);
	}
	if (collector->listener.terms.once)
		finish(collector, COLLECT_LISTED);
	else if (collector->manager)
		loop_timer_set(collector->poll,
		    (int64_t)collector->settings.poll_seconds * NS_PER_SECOND);
}

static void
begin_list(struct collect_docker *collector, bool full)
{
	collector->full = full;
	collector->lossy = false;
	collector->list = collect_changes_begin(collector->changes);
}

static enum step
step_after(const struct collect_docker *collector)
{
	switch (collector->step) {
	case STEP_VERSION:
		return STEP_INFO;
	case STEP_INFO:
		return STEP_NETWORKS;
	case STEP_NETWORKS:
		return STEP_NETWORKS_KNOWN;
	case STEP_NETWORKS_KNOWN:
		return collector->manager ? STEP_NODES : STEP_CONTAINERS;
	case STEP_NODES:
		return STEP_SERVICES;
	case STEP_SERVICES:
		return STEP_TASKS;
	case STEP_TASKS:
		return collector->full ? STEP_CONTAINERS
				       : STEP_CONTAINERS_KNOWN;
	case STEP_CONTAINERS:
		return STEP_CONTAINERS_KNOWN;
	case STEP_CONTAINERS_KNOWN:
	case STEP_REST:
		break;
	}
	return STEP_REST;
}

/* The path that a step asks for; NULL when it waits for inspections. */
static const char *
path_of(enum step step)
{
	switch (step) {
	case STEP_VERSION:
		return "/version";
	case STEP_INFO:
		return "/info";
	case STEP_NETWORKS:
		return "/networks";
	case STEP_NODES:
		return "/nodes";
	case STEP_SERVICES:
		return "/services";
	case STEP_TASKS:
		return "/tasks";
	case STEP_CONTAINERS:
		return "/containers/json";
	case STEP_NETWORKS_KNOWN:
	case STEP_CONTAINERS_KNOWN:
	case STEP_REST:
		break;
	}
	return NULL;
}

/* Returns whether the step's answer will do. */
static bool
take_answer(struct collect_docker *collector, const struct json *document)
{
	switch (collector->step) {
	case STEP_VERSION:
		return take_version(collector, document);
	case STEP_INFO:
		take_info(collector, document);
		/* Whatever happens while the lists are read is heard. */
		if (!collector->listener.terms.once &&
		    collector->events == NULL)
			collector_hear(collector);
		break;
	case STEP_NETWORKS:
		take_networks(collector, document);
		break;
	case STEP_NODES:
	case STEP_SERVICES:
	case STEP_TASKS:
		take_list(collector, document);
		break;
	case STEP_CONTAINERS:
		take_containers(collector, document);
		break;
	case STEP_NETWORKS_KNOWN:
	case STEP_CONTAINERS_KNOWN:
	case STEP_REST:
		break;
	}
	return true;
}

static void
answered(const struct collect_answer *answer, void *context)
{
	struct collect_docker *collector = context;
	const char *path = path_of(collector->step);

	collector->fetch = NULL;
	if (answer->document == NULL) {
		collector_fail(collector, path, answer->end, answer->fault);
		return;
	}
	collector->lossy |= collect_left_out(
	    &collector->listener, "docker", path, &answer->losses);
	if (!take_answer(collector, answer->document)) {
		collector_fail(
		    collector, path, answer->end, "no version in common");
		return;
	}
	collector->step = step_after(collector);
	collector_go_on(collector);
}

void
collector_go_on(struct collect_docker *collector)
{
	const char *path;
	struct arena *arena;
	struct http_ask ask;

	if (collector->fetch != NULL)
		return;
	while ((path = path_of(collector->step)) == NULL) {
		if (collector->step == STEP_REST ||
		    !collector_all_inspected(collector))
			return;
		if (collector->step == STEP_CONTAINERS_KNOWN) {
			end_list(collector);
			return;
		}
		collector->step = step_after(collector);
	}
	arena = arena_new();
	collector_ask(collector, &ask, path, arena);
	collector->fetch =
	    collect_fetch_begin(collector->http, &ask, answered, collector);
	arena_free(arena);
}

/* --- timers -------------------------------------------------------------- */

static void
begin(void *context)
{
	struct collect_docker *collector = context;

	collector->minor = 0;
	collector->step = STEP_VERSION;
	begin_list(collector, true);
	collector_go_on(collector);
}

/* Tasks have come to this node since; their addresses are on its bridge. */
static void
poll(void *context)
{
	struct collect_docker *collector = context;

	if (collector->step != STEP_REST)
		return;
	begin_list(collector, false);
	collector->step = STEP_NETWORKS_KNOWN;
	collector_is_due(
	    collector, "docker_gwbridge", true, loop_now(collector->loop));
	collector_go_on(collector);
}

static void
pinged(const struct collect_answer *answer, void *context)
{
	struct collect_docker *collector = context;

	collector->ping = NULL;
	/* It says OK, which is no JSON. */
	if (answer->end->outcome != HTTP_ANSWERED || answer->end->status != 200)
		collector_fail(collector, "ping", answer->end, answer->fault);
	else if (collect_docker_is_current(collector))
		collect_seen(
		    &collector->listener, "docker", loop_now(collector->loop));
}

static void
beat(void *context)
{
	struct collect_docker *collector = context;
	struct arena *arena = arena_new();
	struct http_ask ask;

	if (collect_docker_is_current(collector) && collector->ping == NULL) {
		collector_ask(collector, &ask, "/_ping", arena);
		collector->ping = collect_fetch_begin(
		    collector->http, &ask, pinged, collector);
	}
	loop_timer_set(collector->beat, BEAT);
	arena_free(arena);
}

static void
work(void *context)
{
	struct collect_docker *collector = context;

	collector_inspect(collector);
	collector_go_on(collector);
}

/* --- the door ------------------------------------------------------------ */

struct collect_docker *
collect_docker_new(struct loop *loop, struct http *http,
    const struct collect_docker_settings *settings,
    const struct collect_listener *listener)
{
	struct collect_docker *collector = allocate(1, sizeof(*collector));

	collector->loop = loop;
	collector->http = http;
	collector->settings = *settings;
	if (settings->poll_seconds == 0)
		collector->settings.poll_seconds = POLL_SECONDS;
	collector->listener = *listener;
	collector->random =
	    listener->terms.seed == 0 ? 1 : listener->terms.seed;
	collector->changes =
	    collect_changes_new(&listener->taker, 4 * DOCKER_OBJECTS_MAXIMUM);
	collector->taker = collect_changes_taker(collector->changes);
	collector->docker =
	    docker_new(listener->terms.cluster, &collector->taker);
	collector->current = rack_new(DOCKER_OBJECTS_MAXIMUM);
	collector->waiting = rack_new(DOCKER_OBJECTS_MAXIMUM);
	text_init(&collector->line, 1);
	for (size_t i = 0; i < INSPECTIONS; i++)
		collector->inspections[i].collector = collector;
	collector->step = STEP_REST;
	collector->retry = loop_timer_new(loop, begin, collector);
	collector->poll = loop_timer_new(loop, poll, collector);
	collector->beat = loop_timer_new(loop, beat, collector);
	collector->work = loop_timer_new(loop, work, collector);
	loop_timer_set(collector->retry, 0);
	loop_timer_set(collector->beat, BEAT);
	return collector;
}

void
collect_docker_free(struct collect_docker *collector)
{
	if (collector == NULL)
		return;
	drop_all(collector);
	loop_timer_free(collector->retry);
	loop_timer_free(collector->poll);
	loop_timer_free(collector->beat);
	loop_timer_free(collector->work);
	docker_free(collector->docker);
	collect_changes_free(collector->changes);
	rack_free(collector->current);
	rack_free(collector->waiting);
	text_release(&collector->line);
	free(collector);
}

bool
collect_docker_is_current(const struct collect_docker *collector)
{
	return collector->listed && collector->events != NULL;
}
