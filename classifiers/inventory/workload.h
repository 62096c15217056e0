/*
 * workload -- what the orchestrators say exists, as plain data.
 *
 * One neutral form for every orchestrator.  All texts and arrays are borrowed
 * from the inventory they came from and are never NULL unless said so.  Does
 * not know packets, models or verdicts.
 */
#ifndef CLASSIFIERS_INVENTORY_WORKLOAD_H
#define CLASSIFIERS_INVENTORY_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/address.h"
#include "sensor/base/instant.h"

struct label {
	const char *key, *value;
};

/* Labels sorted by key, each key once. */
struct labels {
	const struct label *at;
	size_t count;
};

/* `registry.example:5000/ib/postgres:15.5@sha256:52ea...` taken apart. */
struct image {
	const char *name;       /* as written */
	const char *registry;   /* `registry.example:5000`, or "" */
	const char *repository; /* `ib/postgres`; `library/` is left out */
	const char *base;       /* `postgres` */
	const char *tag;        /* `15.5`, or "" */
	const char *digest;     /* `sha256:52ea...`, or "" */
};

struct container_port {
	uint16_t number;
	uint8_t protocol; /* IP protocol number */
	const char *name; /* or "" */
};

struct container {
	const char *name;
	struct image image;
	const struct container_port *ports;
	size_t port_count;
};

/* A port that the node's kubelet opens to see whether a container lives. */
struct probe {
	uint16_t port;
	const char *scheme; /* `http`, `https`, `tcp` or `grpc` */
};

struct namespace
{
	const char *name;
	struct labels labels;
};

/*
 * A workload in one state.  One whose labels or containers changed while it
 * lived is several of these, of one id, whose times follow one another.
 */
struct workload {
	const char *id;                 /* `kubernetes:<cluster>:<uid>` */
	const char *cluster;            /* or "" */
	const char *orchestrator;       /* `kubernetes`, ... */
	const char *namespace;          /* or "" */
	const char *name;               /* of the pod or container itself */
	const char *application;        /* the name a person uses */
	const char *application_source; /* what decided it, e.g. `label app` */
	const char *kind; /* of the root owner: `Deployment`, ... */
	const char *node; /* or "" */
	struct labels labels;
	struct labels namespace_labels;
	const struct container *containers;
	size_t container_count;
	const struct probe *probes;
	size_t probe_count;
	const struct address *addresses;
	size_t address_count;
	/* What it says of itself (hedgerow.io/provides, /needs), or "". */
	const char *provides, *needs;
	bool host_network;           /* its addresses are its node's */
	struct instant since, until; /* [since, until) of this state */
	struct instant began;        /* the workload itself */
	uint64_t version; /* resourceVersion or the source's own counter */
};

struct service_port {
	uint16_t port;
	uint8_t protocol;
	const char *name;        /* or "" */
	uint16_t target;         /* 0 when `target_name` says it */
	const char *target_name; /* a container port's name, or "" */
	uint16_t node_port;      /* or 0 */
};

struct service {
	const char *cluster; /* or "" */
	const char *namespace, *name;
	const struct address *addresses; /* cluster, load balancer, external */
	size_t address_count;
	const struct service_port *ports;
	size_t port_count;
	const struct workload *const *backends; /* of every time; see until */
	size_t backend_count;
	struct instant since, until;
};

struct node {
	const char *cluster; /* or "" */
	const char *name;
	struct labels labels;
	const struct workload *const *host_workloads; /* of every time */
	size_t host_workload_count;
	struct instant since, until;
};

/* A named set of networks that an operator declared. */
struct zone {
	const char *name;
	const struct prefix *prefixes;
	size_t prefix_count;
	struct labels labels;
};

bool labels_equal(const struct labels *a, const struct labels *b);

/* The value of a label, or NULL. */
const char *labels_get(const struct labels *labels, const char *key);

/* A label of the workload's own, or else of its namespace, or NULL. */
const char *workload_label(const struct workload *workload, const char *key);

/*
 * The container port that a service's port leads to on a workload, or 0 when
 * the workload has no port of the name it asks for.
 */
uint16_t service_target(
    const struct service_port *port, const struct workload *workload);

/* Whether the workload held its addresses at that time. */
static inline bool
workload_alive(const struct workload *workload, struct instant at)
{
	return !instant_before(at, workload->since) &&
	       instant_before(at, workload->until);
}

#endif
