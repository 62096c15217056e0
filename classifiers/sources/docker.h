/*
 * docker -- turns objects of a Docker Engine into facts.
 *
 * Reads the JSON of the Engine API (api/swagger.yaml of moby/moby, versions
 * 1.24 to 1.56), as `docker inspect` prints it and as /containers/json,
 * /networks, /info, /services, /tasks and /nodes answer: containers as they
 * are inspected (ContainerInspectResponse) and listed (ContainerSummary),
 * networks, the engine itself, and a Swarm's services, tasks and nodes.
 *
 * A container takes its addresses when it starts and gives them back when it
 * stops, so a container that is started again is another workload: its id has
 * the start in it.  What runs for a Swarm task is the task's workload, whether
 * the task or its container is seen.  Its namespace is the project of Compose
 * or the stack.
 *
 * Objects may come from anybody: missing members are no error.  Does not read
 * files or the network.
 */
#ifndef CLASSIFIERS_SOURCES_DOCKER_H
#define CLASSIFIERS_SOURCES_DOCKER_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct arena;
struct docker; /* what is known of one engine; opaque */
struct fact_taker;
struct json;

/* Containers, tasks, services, nodes or networks of one engine. */
#define DOCKER_OBJECTS_MAXIMUM ((size_t)1 << 18)

enum docker_kind {
	DOCKER_NONE, /* no object of an engine */
	DOCKER_CONTAINER,
	DOCKER_LISTED, /* a container as a list has it */
	DOCKER_NETWORK,
	DOCKER_ENGINE, /* /info */
	DOCKER_SERVICE,
	DOCKER_TASK,
	DOCKER_SWARM_NODE,
};

/* What an object is, by the members that it has. */
enum docker_kind docker_kind_of(const struct json *object);

/*
 * Makes an owned engine for docker_free().
 *
 * cluster    the cluster's name, or ""; borrowed, as is the taker
 */
struct docker *docker_new(const char *cluster, const struct fact_taker *taker);
void docker_free(struct docker *docker);

/*
 * Notes what other objects' facts need: the engine's name, the gateways and
 * subnets of networks, names of services and nodes.  Containers and tasks say
 * nothing here.
 */
void docker_learn(struct docker *docker, const struct json *object);

/*
 * Gives what a container, service, task or node says.  A container that does
 * not run is given as gone.
 *
 * at         when it became so or was seen so; INSTANT_PAST for a snapshot
 * returns    false when the object is none that the inventory holds
 */
bool docker_give(
    struct docker *docker, const struct json *object, struct instant at);

/* A network went away. */
void docker_forget_network(struct docker *docker, const char *id);

/* Gives the node that the engine runs on, with its networks as learnt. */
void docker_give_node(struct docker *docker, struct instant at);

/* The name of the engine's node: learnt, or `docker`. */
const char *docker_node_name(const struct docker *docker);

/*
 * The id of a container's workload, from the arena, or NULL when it never
 * started.
 */
const char *docker_workload_id(const struct docker *docker, struct arena *arena,
    const struct json *object);

/* Gives that a workload, by its id, went away. */
void docker_give_gone(struct docker *docker, const char *id, struct instant at);

#endif
