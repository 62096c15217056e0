/*
 * fact -- one thing that a source states about the world.
 *
 * Whatever the orchestrator, what its parser says is facts, given one after the
 * other to a taker: the draft of an inventory, or a collector that writes them
 * down.  A fact states how one object stands, whole: a later fact of the same
 * kind, cluster and id takes its place.  With `gone` it says that the object
 * went away; then only kind, cluster, id, version and `at` count.
 *
 * Everything is borrowed for the call.  A missing text is NULL or "".  Does not
 * know where facts come from nor what becomes of them.
 */
#ifndef CLASSIFIERS_INVENTORY_FACT_H
#define CLASSIFIERS_INVENTORY_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/network_policy.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"
#include "sensor/base/instant.h"

struct arena;

enum fact_kind {
	FACT_WORKLOAD,     /* id: `<orchestrator>:<cluster>:<its own id>` */
	FACT_OWNER,        /* id: `<namespace>/<kind>/<name>` */
	FACT_SERVICE,      /* id: its uid, or `<namespace>/<name>` */
	FACT_BACKENDS,     /* id: `<namespace>/<name>` of the slice */
	FACT_NODE,         /* id: its name */
	FACT_NODE_ADDRESS, /* id: `<node>/<address>` */
	FACT_NAMESPACE,    /* id: its name */
	FACT_ZONE,         /* id: its name */
	FACT_POLICY,       /* id: `<namespace>/<name>` */
	FACT_SEEN, /* id: of the source, or ""; it was up to date then */
};

#define FACT_KINDS ((size_t)10)

/*
 * Of the workload, id, cluster and version are the fact's and `until` is when
 * its last container ended, or INSTANT_FUTURE; `application`,
 * `application_source` and `namespace_labels` are the inventory's to resolve,
 * and `kind` is stated only by orchestrators without owners.
 */
struct fact_workload {
	struct workload workload;
	const char *owner_kind, *owner_name; /* the direct owner */
	const char *annotation;              /* the value of hedgerow.io/app */
};

/* An owner of owners: a ReplicaSet's Deployment, a Job's CronJob. */
struct fact_owner {
	const char *namespace, *kind, *name;
	const char *owner_kind, *owner_name; /* "" when it has none itself */
};

/*
 * Without a selector its backends are what FACT_BACKENDS names.  `since` is
 * when it was made, or INSTANT_PAST; `until` and `backends` are nobody's here.
 */
struct fact_service {
	struct service service;
	struct labels selector;
};

/* All the addresses that one EndpointSlice names behind a service. */
struct fact_backends {
	const char *namespace, *service;
	const struct address *addresses;
	size_t address_count;
};

/* A node, its own addresses, and the pod networks it serves. */
struct fact_node {
	struct node node;
	const struct address *addresses;
	size_t address_count;
	const struct prefix *pod_networks;
	size_t pod_network_count;
};

/* A further address of a node, such as a pod's hostIP. */
struct fact_node_address {
	const char *node;
	struct address address;
};

struct fact {
	enum fact_kind kind;
	bool gone;
	const char *cluster; /* or "" */
	const char *id; /* one object's among all of its kind and cluster */
	/* resourceVersion or the source's own counter; 0 when it has none. */
	uint64_t version;
	/*
	 * When it became so, was seen to be so, or went away.  INSTANT_PAST in
	 * a snapshot, which has no time of its own: it always was so.
	 */
	struct instant at;
	union {
		struct fact_workload workload;
		struct fact_owner owner;
		struct fact_service service;
		struct fact_backends backends;
		struct fact_node node;
		struct fact_node_address node_address;
		struct namespace namespace;
		struct zone zone;
		struct network_policy policy;
	};
};

/*
 * Whoever takes facts.
 *
 * returns    false when the fact was older than what is known, or there was no
 *            room for it; the taker counts which
 */
struct fact_taker {
	bool (*take)(const struct fact *fact, void *context);
	void *context;
};

static inline bool
fact_give(const struct fact_taker *taker, const struct fact *fact)
{
	return taker->take(fact, taker->context);
}

/* `workload`, `owner`, ..., `seen`: the word for a kind in records and keys. */
const char *fact_kind_name(enum fact_kind kind);

/* The kind of that name; false, with `*kind` untouched, for none. */
bool fact_kind_of(const char *name, enum fact_kind *kind);

/* `<namespace>/<name>`, the id of what has no better; from the arena. */
const char *fact_id(
    struct arena *arena, const char *namespace, const char *name);

/* The id of an owner; from the arena. */
const char *fact_owner_id(struct arena *arena, const char *namespace,
    const char *kind, const char *name);

/* The id of a node's address; from the arena. */
const char *fact_node_address_id(
    struct arena *arena, const char *node, const struct address *address);

#endif
