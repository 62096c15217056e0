#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_docker_parts.h"

/* One event has its container's labels in it. */
#define EVENT_MAXIMUM ((size_t)4 << 20)

/*
 * An engine where nothing happens says nothing.  After so long all is listed
 * anew, which also finds whatever went wrong unseen.
 */
#define SILENCE_SECONDS 600

/* `{"type":["container","network"]}`; other events change no address. */
#define EVENTS                                                                 \
	"/events?filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22"   \
	"%5D%7D"

static struct instant
time_of(const struct collect_docker *collector, const struct json *event)
{
	int64_t at = json_get_integer(event, "timeNano", 0);

	if (at <= 0)
		return loop_now(collector->loop);
	return (struct instant){at};
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* A task's container has an address on docker_gwbridge from its start. */
static void
hear_container(struct collect_docker *collector, const char *action,
    const struct json *actor, struct instant at)
{
	static const char *const changes[] = {
	    "start", "restart", "rename", "unpause", NULL};
	static const char *const ends[] = {"die", "destroy", NULL};
	const char *id = field_text(actor, "ID");

	if (is_one_of(action, ends))
		collector_container_gone(collector, id, at);
	else if (is_one_of(action, changes))
		collector_is_due(collector, id, false, at);
	if (strcmp(action, "start") == 0 &&
	    json_get(json_get(actor, "Attributes"),
		"com.docker.swarm.task.id") != NULL)
		collector_is_due(collector, "docker_gwbridge", true, at);
}

static void
hear_network(struct collect_docker *collector, const char *action,
    const struct json *actor, struct instant at)
{
	static const char *const changes[] = {"connect", "disconnect", NULL};
	const char *id = field_text(actor, "ID");
	const char *container =
	    field_text(json_get(actor, "Attributes"), "container");

	if (strcmp(action, "create") == 0) {
		collector_is_due(collector, id, true, at);
	} else if (strcmp(action, "destroy") == 0) {
		docker_forget_network(collector->docker, id);
		docker_give_node(collector->docker, at);
	} else if (is_one_of(action, changes) &&
		   rack_get(collector->current, container) != NULL) {
		/* One that is about to start is inspected when it has. */
		collector_is_due(collector, container, false, at);
	}
}

static void
hear_event(struct collect_docker *collector, const struct json *event)
{
	const char *type = field_text(event, "Type");
	const char *action = field_text(event, "Action");
	const struct json *actor = json_get(event, "Actor");
	struct instant at = time_of(collector, event);

	if (strcmp(type, "container") == 0)
		hear_container(collector, action, actor, at);
	else if (strcmp(type, "network") == 0)
		hear_network(collector, action, actor, at);
}

static void
hear_line(struct collect_docker *collector)
{
	struct json_fault fault;
	struct json_losses losses;
	struct json *event = json_salvage(
	    collector->line.at, collector->line.length, &losses, &fault);

	(void)collect_left_out(
	    &collector->listener, "docker", "an event", &losses);
	hear_event(collector, event);
	json_free(event);
	text_clear(&collector->line);
}

/* What is no event, or too long for one, makes the connection worthless. */
static bool
take(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct collect_docker *collector = context;

	if (http_status(request) != 200)
		return false;
	while (size > 0) {
		const char *newline = memchr(octets, '\n', size);
		size_t length =
		    newline == NULL ? size : (size_t)(newline - octets);

		text_add_n(&collector->line, octets, length);
		if (collector->line.overflow)
			return false;
		if (newline == NULL)
			break;
		hear_line(collector);
		octets += length + 1;
		size -= length + 1;
	}
	return true;
}

static void
end(const struct http_end *how, void *context)
{
	struct collect_docker *collector = context;

	collector->events = NULL;
	collector_fail(collector, "events", how, how->fault);
}

void
collector_hear(struct collect_docker *collector)
{
	struct arena *arena = arena_new();
	struct http_ask ask;

	text_release(&collector->line);
	text_init(&collector->line, EVENT_MAXIMUM);
	collector_ask(collector, &ask, EVENTS, arena);
	ask.idle_seconds = SILENCE_SECONDS;
	collector->events = http_begin(
	    collector->http, &ask, (struct http_taker){take, end, collector});
	arena_free(arena);
}
