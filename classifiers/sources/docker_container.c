#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/docker_parts.h"
#include "sensor/base/arena.h"

#define TASK_LABEL "com.docker.swarm.task.id"

/* States in which a container's processes exist (State.Status). */
static bool
runs(const char *status)
{
	return strcmp(status, "running") == 0 || strcmp(status, "paused") == 0;
}

static struct label_set
read_labels(struct arena *arena, const struct json *object)
{
	struct label_set labels = {0};

	label_set_add_object(arena, &labels, json_get(object, "Labels"));
	return labels;
}

/* --- ids ----------------------------------------------------------------- */

static const char *
make_id(const struct docker *docker, struct arena *arena,
    const struct label_set *labels, const char *id,
    const struct instant *started)
{
	const char *task = label_set_get(labels, TASK_LABEL);
	char printed[INSTANT_TEXT_SIZE];

	if (task[0] != '\0')
		return arena_format(
		    arena, "swarm:%s:%s", docker->cluster, task);
	if (started == NULL)
		return arena_format(arena, "docker:%s:%s", docker->cluster, id);
	instant_print(*started, printed);
	return arena_format(
	    arena, "docker:%s:%s@%s", docker->cluster, id, printed);
}

const char *
docker_container_id(
    const struct docker *docker, struct arena *arena, const struct json *object)
{
	struct label_set labels =
	    read_labels(arena, json_get(object, "Config"));
	struct instant started;

	if (!field_time(json_get(object, "State"), "StartedAt", &started))
		return NULL;
	return make_id(
	    docker, arena, &labels, field_text(object, "Id"), &started);
}

/* --- ports --------------------------------------------------------------- */

struct gathering {
	struct arena *arena;
	struct port_set *ports;
};

/* `6379/tcp`, as a key of ExposedPorts and Ports. */
static void
add_port(const char *key, const struct json *value, void *context)
{
	struct gathering *gathering = context;
	struct container_port port = {.name = ""};
	char *end;
	unsigned long number;

	(void)value;
	/* strtoul() takes signs and blanks too, which are no ports. */
	if (key[0] < '0' || key[0] > '9')
		return;
	number = strtoul(key, &end, 10);
	if (*end != '/' || number > UINT16_MAX)
		return;
	port.number = (uint16_t)number;
	port.protocol = protocol_number(end + 1);
	port_set_add(gathering->arena, gathering->ports, &port);
}

static void
add_listed_ports(
    struct arena *arena, struct port_set *ports, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		struct container_port port = {
		    .number = field_port(one, "PrivatePort"),
		    .protocol = protocol_number(field_text(one, "Type")),
		    .name = "",
		};

		port_set_add(arena, ports, &port);
	}
}

/* --- addresses ----------------------------------------------------------- */

struct attaching {
	struct arena *arena;
	struct address_set *addresses;
};

static void
add_endpoint(const char *key, const struct json *value, void *context)
{
	struct attaching *attaching = context;

	(void)key;
	address_set_add(attaching->arena, attaching->addresses,
	    json_get_text(value, "IPAddress"));
	address_set_add(attaching->arena, attaching->addresses,
	    json_get_text(value, "GlobalIPv6Address"));
}

/* Engines before API 1.52 repeat the default bridge's outside Networks. */
static struct address_set
read_addresses(const struct docker_reading *reading)
{
	const struct json *settings =
	    json_get(reading->object, "NetworkSettings");
	struct address_set addresses = {0};
	struct attaching attaching = {reading->arena, &addresses};

	add_endpoint("", settings, &attaching);
	json_each(json_get(settings, "Networks"), add_endpoint, &attaching);
	docker_add_gateway(reading->docker, reading->arena, &addresses,
	    field_text(reading->object, "Id"));
	return addresses;
}

/* --- the container ------------------------------------------------------- */

/* What differs between a container that is inspected and one that is listed. */
struct seen_container {
	const char *id, *name, *image;
	struct label_set labels;
	struct port_set ports;
	struct instant since;
};

static const char *
kind_of(const struct label_set *labels)
{
	if (label_set_get(labels, "com.docker.compose.service")[0] != '\0' ||
	    label_set_get(labels, TASK_LABEL)[0] != '\0')
		return "Service";
	return "Container";
}

static void
give_container(
    const struct docker_reading *reading, const struct seen_container *seen)
{
	const struct docker *docker = reading->docker;
	struct address_set addresses = read_addresses(reading);
	bool task = label_set_get(&seen->labels, TASK_LABEL)[0] != '\0';
	struct container container = {
	    .name = seen->name,
	    .image = image_split(reading->arena, seen->image),
	    .ports = seen->ports.at,
	    .port_count = seen->ports.count,
	};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = docker->cluster,
	    .id = seen->id,
	    .at = reading->at,
	    .workload.workload =
		{
		    .id = seen->id,
		    .cluster = docker->cluster,
		    .orchestrator = task ? "swarm" : "docker",
		    .name = seen->name,
		    .kind = kind_of(&seen->labels),
		    .node = docker_node_name(docker),
		    .containers = &container,
		    .container_count = 1,
		    .addresses = addresses.at,
		    .address_count = addresses.count,
		    .host_network = strcmp(field_text(json_get(reading->object,
							  "HostConfig"),
					       "NetworkMode"),
					"host") == 0,
		    .since = seen->since,
		    .until = INSTANT_FUTURE,
		},
	};

	docker_apply_labels(&fact.workload, &seen->labels);
	fact_give(docker->taker, &fact);
}

/* The engine writes names with a slash before them. */
static const char *
plain_name(const char *name)
{
	return name[0] == '/' ? name + 1 : name;
}

/*
 * A container that has stopped does not say which addresses it had, so only
 * its end is news.
 */
static void
give_stopped(const struct docker_reading *reading, const char *id,
    struct instant since, const struct json *state)
{
	struct instant at = reading->at;

	if (!field_time(state, "FinishedAt", &at) && at.ns == INSTANT_PAST.ns)
		at = since;
	if (instant_before(at, since))
		at = since;
	docker_give_gone(reading->docker, id, at);
}

void
docker_read_container(const struct docker_reading *reading)
{
	const struct json *object = reading->object;
	const struct json *state = json_get(object, "State");
	const struct json *config = json_get(object, "Config");
	struct seen_container seen = {
	    .name = plain_name(field_text(object, "Name")),
	    .image = field_text(config, "Image"),
	    .labels = read_labels(reading->arena, config),
	};
	struct gathering gathering = {reading->arena, &seen.ports};

	/* One that never started has no addresses yet. */
	if (!field_time(state, "StartedAt", &seen.since))
		return;
	seen.id = make_id(reading->docker, reading->arena, &seen.labels,
	    field_text(object, "Id"), &seen.since);
	if (!runs(field_text(state, "Status"))) {
		give_stopped(reading, seen.id, seen.since, state);
		return;
	}
	json_each(json_get(config, "ExposedPorts"), add_port, &gathering);
	json_each(json_get(json_get(object, "NetworkSettings"), "Ports"),
	    add_port, &gathering);
	give_container(reading, &seen);
}

/* Links of other containers to this one are names with two slashes. */
static const char *
listed_name(const struct json *names)
{
	for (size_t i = 0; i < json_count(names); i++) {
		const char *name = json_text(json_at(names, i));

		if (name != NULL && strchr(plain_name(name), '/') == NULL)
			return plain_name(name);
	}
	return "";
}

/* A list says when a container was made, not when it started. */
void
docker_read_listed(const struct docker_reading *reading)
{
	const struct json *object = reading->object;
	int64_t created = json_get_integer(object, "Created", 0);
	struct seen_container seen = {
	    .name = listed_name(json_get(object, "Names")),
	    .image = field_text(object, "Image"),
	    .labels = read_labels(reading->arena, object),
	    .since = reading->at,
	};

	if (!runs(field_text(object, "State")))
		return;
	if (created > 0 && created <= INT64_MAX / NS_PER_SECOND)
		seen.since.ns = created * NS_PER_SECOND;
	seen.id = make_id(reading->docker, reading->arena, &seen.labels,
	    field_text(object, "Id"), NULL);
	add_listed_ports(
	    reading->arena, &seen.ports, json_get(object, "Ports"));
	give_container(reading, &seen);
}
