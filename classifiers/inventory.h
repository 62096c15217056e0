/*
 * inventory -- who held which address, when.
 *
 * A draft collects facts in any order from any number of sources; publishing
 * it makes an immutable inventory that answers on the packet path without
 * lock or allocation.  Each address holds a list of tenures, so that a replay
 * of last month's capture is attributed to who had the address then.  Where
 * two tenures overlap, the older holds until its own end.
 *
 * A fact of an older version never overwrites a newer one.  Does not know
 * where facts come from, nor models.
 */
#ifndef CLASSIFIERS_INVENTORY_H
#define CLASSIFIERS_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/workload.h"

struct network_policy;
struct report;
struct inventory;       /* opaque, immutable */
struct inventory_draft; /* opaque, one thread */

/*
 * Most workloads, of all times, that one inventory holds; and as many nodes,
 * services, namespaces, owners, zones and backends.
 */
#define INVENTORY_MAXIMUM ((size_t)1 << 20)

/* Beyond these, what a fact lists is cut and counted. */
#define INVENTORY_TEXT_MAXIMUM       ((size_t)4096) /* octets */
#define INVENTORY_LABELS_MAXIMUM     ((size_t)256)
#define INVENTORY_CONTAINERS_MAXIMUM ((size_t)64)
#define INVENTORY_ADDRESSES_MAXIMUM  ((size_t)64)  /* prefixes too */
#define INVENTORY_PORTS_MAXIMUM      ((size_t)128) /* and probes */

/* How one end of a flow was attributed. */
enum attribution {
	ATTRIBUTION_EXACT,        /* one workload */
	ATTRIBUTION_AMBIGUOUS,    /* a node, or a workload on its network */
	ATTRIBUTION_NODE,         /* a node and nothing else */
	ATTRIBUTION_SERVICE,      /* a service's address */
	ATTRIBUTION_ZONE,         /* a declared network */
	ATTRIBUTION_EXTERNAL,     /* none of the cluster's */
	ATTRIBUTION_UNATTRIBUTED, /* the cluster's, but nobody held it */
};

/* One end of a flow; pointers are borrowed from the inventory. */
struct party {
	enum attribution attribution;
	struct address address;
	const struct workload *workload; /* EXACT */
	const struct node *node;         /* NODE, AMBIGUOUS */
	const struct service *service;   /* SERVICE */
	const struct zone *zone;         /* ZONE */
};

/* Makes an owned, empty draft for inventory_draft_free(). */
struct inventory_draft *inventory_draft_new(void);
void inventory_draft_free(struct inventory_draft *draft);

/*
 * States what a workload is as of `seen`.  Facts are copied.  `application`,
 * `application_source`, `kind` and `namespace_labels` are left NULL or empty by
 * sources and resolved at publishing; `until` is INSTANT_FUTURE while it lives.
 *
 * owner_kind, owner_name   of the direct owner, or NULL
 * annotation               the value of hedgerow.io/app, or NULL
 * returns    false when the fact was older than what is known, or there is no
 *            room (counted)
 */
struct workload_fact {
	struct workload workload;
	const char *owner_kind, *owner_name;
	const char *annotation;
	struct instant seen;
};
bool inventory_put_workload(
    struct inventory_draft *draft, const struct workload_fact *fact);

/* The workload gave its addresses back at `at`. */
void inventory_end_workload(
    struct inventory_draft *draft, const char *id, struct instant at);

/* An owner of owners: a ReplicaSet's Deployment, a Job's CronJob. */
void inventory_put_owner(struct inventory_draft *draft, const char *namespace,
    const char *kind, const char *name, const char *owner_kind,
    const char *owner_name);

/* selector empty: backends come from inventory_put_backend() alone. */
struct service_fact {
	struct service service;
	struct labels selector;
	uint64_t version;
};
void inventory_put_service(
    struct inventory_draft *draft, const struct service_fact *fact);

/* An address that an EndpointSlice names behind a service. */
void inventory_put_backend(struct inventory_draft *draft, const char *namespace,
    const char *service, const struct address *address);

/* A node, its own addresses, and the pod networks it serves. */
struct node_fact {
	struct node node;
	const struct address *addresses;
	size_t address_count;
	const struct prefix *pod_networks;
	size_t pod_network_count;
	uint64_t version;
};
void inventory_put_node(
    struct inventory_draft *draft, const struct node_fact *fact);

/* A further address of a node, such as a pod's hostIP. */
void inventory_put_node_address(struct inventory_draft *draft, const char *node,
    const struct address *address);

void inventory_put_namespace(
    struct inventory_draft *draft, const struct namespace *namespace);

/* A declared network; the narrowest prefix wins where zones overlap. */
void inventory_put_zone(struct inventory_draft *draft, const struct zone *zone);

/*
 * A NetworkPolicy as it stands, or, with `gone`, as it stood last.  Policies
 * have no times: what counts is which there are in the end.
 */
void inventory_put_network_policy(struct inventory_draft *draft,
    const struct network_policy *policy, bool gone);

/* A source said at `at` that it was up to date. */
void inventory_seen(struct inventory_draft *draft, struct instant at);

/* What a draft did not take, since it was made. */
struct inventory_counts {
	uint64_t stale;   /* facts older than what was known */
	uint64_t no_room; /* facts beyond INVENTORY_MAXIMUM of their kind */
	uint64_t cut;     /* texts, labels, addresses, ... beyond a limit */
};
struct inventory_counts inventory_draft_counts(
    const struct inventory_draft *draft);

/*
 * Makes the immutable inventory: owner chains walked, application names
 * decided, services joined with their backends, tenures sorted.
 *
 * report     gets a warning for what cannot be right, such as two workloads
 *            that hold one address at one time; its place names no line
 * returns    an owned inventory for inventory_free(); the draft stays usable
 */
struct inventory *inventory_publish(
    struct inventory_draft *draft, struct report *report);
void inventory_free(struct inventory *inventory);

/* Who held the address at that time.  No lock, no allocation. */
struct party inventory_who(const struct inventory *inventory,
    const struct address *address, struct instant at);

/*
 * Age of the metadata at that time: nanoseconds since the last moment, not
 * after `at`, at which a source was heard; -1 when none was.
 */
int64_t inventory_age(const struct inventory *inventory, struct instant at);

/* Walks: every workload of every time, in order of namespace, name, since. */
size_t inventory_workload_count(const struct inventory *inventory);
const struct workload *inventory_workload(
    const struct inventory *inventory, size_t index);
size_t inventory_node_count(const struct inventory *inventory);
const struct node *inventory_node(
    const struct inventory *inventory, size_t index);
size_t inventory_service_count(const struct inventory *inventory);
const struct service *inventory_service(
    const struct inventory *inventory, size_t index);

/* In order of namespace and name. */
size_t inventory_network_policy_count(const struct inventory *inventory);
const struct network_policy *inventory_network_policy(
    const struct inventory *inventory, size_t index);

/* Every address that anybody ever held; ask inventory_who() who it was. */
size_t inventory_address_count(const struct inventory *inventory);
const struct address *inventory_address(
    const struct inventory *inventory, size_t index);

/* Every network that was declared: those of zones, then those of pods. */
size_t inventory_network_count(const struct inventory *inventory);
const struct prefix *inventory_network(
    const struct inventory *inventory, size_t index);

/* `exact`, `ambiguous`, `node`, `service`, `zone`, `external`, ... */
const char *attribution_name(enum attribution attribution);

#endif
