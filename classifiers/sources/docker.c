#include "classifiers/sources/docker.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/docker_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

struct docker *
docker_new(const char *cluster, const struct fact_taker *taker)
{
	struct docker *docker = allocate(1, sizeof(*docker));

	docker->cluster = cluster;
	docker->taker = taker;
	docker->services = rack_new(DOCKER_OBJECTS_MAXIMUM);
	docker->nodes = rack_new(DOCKER_OBJECTS_MAXIMUM);
	docker->networks = rack_new(DOCKER_OBJECTS_MAXIMUM);
	docker->gateways = rack_new(DOCKER_OBJECTS_MAXIMUM);
	return docker;
}

void
docker_free(struct docker *docker)
{
	if (docker == NULL)
		return;
	rack_free(docker->services);
	rack_free(docker->nodes);
	rack_free(docker->networks);
	rack_free(docker->gateways);
	free(docker->name);
	free(docker);
}

static bool
has_text(const struct json *object, const char *key)
{
	return json_is_string(json_get(object, key));
}

static enum docker_kind
kind_of_swarm(const struct json *object)
{
	const struct json *spec = json_get(object, "Spec");

	if (!has_text(object, "ID") || !json_is_object(spec))
		return DOCKER_NONE;
	if (json_is_object(json_get(spec, "TaskTemplate")))
		return DOCKER_SERVICE;
	if (has_text(object, "DesiredState"))
		return DOCKER_TASK;
	if (has_text(json_get(object, "Description"), "Hostname"))
		return DOCKER_SWARM_NODE;
	return DOCKER_NONE;
}

enum docker_kind
docker_kind_of(const struct json *object)
{
	if (has_text(object, "Id")) {
		if (json_is_object(json_get(object, "State")) &&
		    json_is_object(json_get(object, "Config")))
			return DOCKER_CONTAINER;
		if (json_is_array(json_get(object, "Names")) &&
		    has_text(object, "Image"))
			return DOCKER_LISTED;
		if (has_text(object, "Driver") &&
		    json_is_object(json_get(object, "IPAM")))
			return DOCKER_NETWORK;
		return DOCKER_NONE;
	}
	if (has_text(object, "ServerVersion") && has_text(object, "Name"))
		return DOCKER_ENGINE;
	return kind_of_swarm(object);
}

/* --- what is learnt ------------------------------------------------------ */

static size_t
bounded(const char *text)
{
	return strnlen(text, INVENTORY_TEXT_MAXIMUM);
}

struct docker_named *
docker_named_new(const char *name, const char *other)
{
	size_t first = bounded(name), second = bounded(other);
	struct docker_named *named =
	    allocate(1, sizeof(*named) + first + second + 2);
	char *texts = (char *)(named + 1);

	memcpy(texts, name, first);
	memcpy(texts + first + 1, other, second);
	named->name = texts;
	named->other = texts + first + 1;
	return named;
}

static void
set_name(struct docker *docker, const char *name)
{
	size_t length = bounded(name);

	if (length == 0)
		return;
	free(docker->name);
	docker->name = allocate(length + 1, 1);
	memcpy(docker->name, name, length);
}

/*
 * A container on the host's network has the host's name (unless --hostname
 * said otherwise), which is all that `docker inspect` tells of the host.
 */
static void
learn_container(struct docker *docker, const struct json *object)
{
	const char *mode =
	    field_text(json_get(object, "HostConfig"), "NetworkMode");

	if (docker->name == NULL && strcmp(mode, "host") == 0)
		set_name(
		    docker, field_text(json_get(object, "Config"), "Hostname"));
}

void
docker_learn(struct docker *docker, const struct json *object)
{
	switch (docker_kind_of(object)) {
	case DOCKER_CONTAINER:
		learn_container(docker, object);
		break;
	case DOCKER_NETWORK:
		docker_learn_network(docker, object);
		break;
	case DOCKER_ENGINE:
		set_name(docker, field_text(object, "Name"));
		break;
	case DOCKER_SERVICE:
		swarm_learn_service(docker, object);
		break;
	case DOCKER_SWARM_NODE:
		swarm_learn_node(docker, object);
		break;
	case DOCKER_NONE:
	case DOCKER_LISTED:
	case DOCKER_TASK:
		break;
	}
}

void
docker_forget_network(struct docker *docker, const char *id)
{
	rack_remove(docker->networks, id);
}

void
docker_add_gateway(const struct docker *docker, struct arena *arena,
    struct address_set *addresses, const char *container)
{
	const struct docker_gateway *gateway =
	    rack_get(docker->gateways, container);
	char printed[ADDRESS_TEXT_SIZE];

	if (gateway == NULL)
		return;
	address_print(&gateway->address, printed);
	address_set_add(arena, addresses, printed);
}

/* --- facts --------------------------------------------------------------- */

static const char *
either(const char *first, const char *second)
{
	return first[0] != '\0' ? first : second;
}

void
docker_apply_labels(struct fact_workload *fact, const struct label_set *labels)
{
	struct workload *workload = &fact->workload;

	workload->labels = label_set_labels(labels);
	workload->namespace =
	    either(label_set_get(labels, "com.docker.compose.project"),
		label_set_get(labels, "com.docker.stack.namespace"));
	workload->provides = label_set_get(labels, "hedgerow.io/provides");
	workload->needs = label_set_get(labels, "hedgerow.io/needs");
	fact->annotation = label_set_get(labels, "hedgerow.io/app");
}

bool
docker_give(struct docker *docker, const struct json *object, struct instant at)
{
	struct docker_reading reading = {
	    .docker = docker,
	    .arena = arena_new(),
	    .object = object,
	    .at = at,
	};
	bool known = true;

	switch (docker_kind_of(object)) {
	case DOCKER_CONTAINER:
		docker_read_container(&reading);
		break;
	case DOCKER_LISTED:
		docker_read_listed(&reading);
		break;
	case DOCKER_SERVICE:
		swarm_read_service(&reading);
		break;
	case DOCKER_TASK:
		swarm_read_task(&reading);
		break;
	case DOCKER_SWARM_NODE:
		swarm_read_node(&reading);
		break;
	case DOCKER_NETWORK:
	case DOCKER_ENGINE:
		break;
	case DOCKER_NONE:
		known = false;
		break;
	}
	arena_free(reading.arena);
	return known;
}

/* An engine that knows of one node of a Swarm runs on that one. */
const char *
docker_node_name(const struct docker *docker)
{
	if (docker->name != NULL)
		return docker->name;
	for (size_t i = 0;
	     rack_count(docker->nodes) == 1 && i < rack_places(docker->nodes);
	     i++) {
		const struct docker_named *node = rack_at(docker->nodes, i);

		if (node != NULL)
			return node->name;
	}
	return "docker";
}

/* Whether the engine's node is one of a Swarm's, which says more of it. */
static bool
is_swarm_node(const struct docker *docker)
{
	for (size_t i = 0; i < rack_places(docker->nodes); i++) {
		const struct docker_named *node = rack_at(docker->nodes, i);

		if (node != NULL &&
		    strcmp(node->name, docker_node_name(docker)) == 0)
			return true;
	}
	return false;
}

void
docker_give_node(struct docker *docker, struct instant at)
{
	struct address_set addresses = {0};
	struct prefix_set prefixes = {0};
	struct arena *arena;
	struct fact fact = {
	    .kind = FACT_NODE,
	    .cluster = docker->cluster,
	    .id = docker_node_name(docker),
	    .at = at,
	    .node.node.name = docker_node_name(docker),
	};

	if (is_swarm_node(docker) ||
	    (docker->name == NULL && rack_count(docker->networks) == 0))
		return;
	arena = arena_new();
	docker_add_networks(docker, arena, &addresses, &prefixes);
	fact.node.addresses = addresses.at;
	fact.node.address_count = addresses.count;
	fact.node.pod_networks = prefixes.at;
	fact.node.pod_network_count = prefixes.count;
	fact_give(docker->taker, &fact);
	arena_free(arena);
}

const char *
docker_workload_id(
    const struct docker *docker, struct arena *arena, const struct json *object)
{
	return docker_container_id(docker, arena, object);
}

void
docker_give_gone(struct docker *docker, const char *id, struct instant at)
{
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .gone = true,
	    .cluster = docker->cluster,
	    .id = id,
	    .at = at,
	};

	fact_give(docker->taker, &fact);
}
