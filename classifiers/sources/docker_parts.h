/*
 * docker_parts -- what the readers of an engine's objects share.
 *
 * docker.c tells the kinds apart and knows the engine; docker_container.c,
 * docker_network.c and swarm.c read one kind each.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_SOURCES_DOCKER_PARTS_H
#define CLASSIFIERS_SOURCES_DOCKER_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/docker.h"
#include "classifiers/sources/fields.h"
#include "sensor/base/json_read.h"

struct rack;

struct docker {
	const char *cluster;
	const struct fact_taker *taker;
	char *name;            /* owned; of the engine's node, or NULL */
	struct rack *services; /* by ID: a docker_named */
	struct rack *nodes;    /* by ID: a docker_named */
	struct rack *networks; /* by Id: a docker_network */
	/* By container: a docker_gateway, its address on docker_gwbridge. */
	struct rack *gateways;
};

/* A service's name and namespace, or a node's name and address. */
struct docker_named {
	const char *name, *other; /* within the block */
};

#define DOCKER_NETWORK_ADDRESSES 8

/* The engine's own addresses in a network, and its subnets. */
struct docker_network {
	struct address addresses[DOCKER_NETWORK_ADDRESSES];
	size_t address_count;
	struct prefix prefixes[DOCKER_NETWORK_ADDRESSES];
	size_t prefix_count;
};

struct docker_gateway {
	struct address address;
};

/* One object on its way to the taker. */
struct docker_reading {
	struct docker *docker;
	struct arena *arena; /* what this object's fact needs, and no longer */
	const struct json *object;
	struct instant at;
};

/* docker_container.c */
void docker_read_container(const struct docker_reading *reading);
void docker_read_listed(const struct docker_reading *reading);
const char *docker_container_id(const struct docker *docker,
    struct arena *arena, const struct json *object);

/* docker_network.c */
void docker_learn_network(struct docker *docker, const struct json *object);
void docker_add_networks(const struct docker *docker, struct arena *arena,
    struct address_set *addresses, struct prefix_set *prefixes);

/* swarm.c */
void swarm_read_service(const struct docker_reading *reading);
void swarm_read_task(const struct docker_reading *reading);
void swarm_read_node(const struct docker_reading *reading);
void swarm_learn_service(struct docker *docker, const struct json *object);
void swarm_learn_node(struct docker *docker, const struct json *object);

/* docker.c */
struct docker_named *docker_named_new(const char *name, const char *other);

/* Adds the address that a container has on docker_gwbridge, if any. */
void docker_add_gateway(const struct docker *docker, struct arena *arena,
    struct address_set *addresses, const char *container);

/*
 * What the labels alone say of a workload: namespace, kind, what it provides
 * and needs.
 */
void docker_apply_labels(
    struct fact_workload *fact, const struct label_set *labels);

#endif
