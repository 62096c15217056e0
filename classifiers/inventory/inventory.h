/*
 * inventory -- who held which address, when.
 *
 * A draft takes facts in any order from any number of sources; publishing it
 * makes an immutable inventory that answers on the packet path without lock or
 * allocation.  Each address holds a list of tenures, so that a replay of last
 * month's capture is attributed to who had the address then, and in the state
 * in which it was then.  Where two tenures overlap, the older holds until its
 * own end.  Addresses of different clusters have nothing to do with each other.
 *
 * Publishing again costs what changed, not what there is: generations share the
 * rest.  A fact of an older version never overwrites a newer one.  The draft,
 * publishing and freeing belong to one thread, asking to any.  Does not know
 * where facts come from, nor models.
 */
#ifndef CLASSIFIERS_INVENTORY_INVENTORY_H
#define CLASSIFIERS_INVENTORY_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact_limits.h"
#include "classifiers/inventory/workload.h"

struct fact;
struct fact_taker;
struct network_policy;
struct report;
struct inventory;       /* opaque, immutable */
struct inventory_draft; /* opaque, one thread */

/*
 * Most workloads, of all times, that one inventory holds; and as many nodes,
 * services, namespaces, owners, zones and backends.
 */
#define INVENTORY_MAXIMUM          ((size_t)1 << 20)
#define INVENTORY_CLUSTERS_MAXIMUM ((size_t)256)

/* How one end of a flow was attributed. */
enum attribution {
	ATTRIBUTION_EXACT,        /* one workload */
	ATTRIBUTION_AMBIGUOUS,    /* a node, or a workload on its network */
	ATTRIBUTION_NODE,         /* a node and nothing else */
	ATTRIBUTION_SERVICE,      /* a service's address */
	ATTRIBUTION_ZONE,         /* a declared network */
	ATTRIBUTION_EXTERNAL,     /* none of the cluster's */
	ATTRIBUTION_UNATTRIBUTED, /* ours, but nobody held it */
	ATTRIBUTION_STALE, /* the cluster's, of which nothing was heard */
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
 * Takes one fact; it is copied.
 *
 * returns    false when it was older than what is known, or there was no room
 *            (both are counted)
 */
bool inventory_put(struct inventory_draft *draft, const struct fact *fact);

/* The draft as a taker of facts, as long as the draft lives. */
struct fact_taker inventory_taker(struct inventory_draft *draft);

/*
 * How long a source may be silent until what it said is stale, in nanoseconds;
 * 0, as at first: for ever, for files that nobody keeps up to date.
 */
void inventory_set_patience(struct inventory_draft *draft, int64_t patience_ns);

/*
 * Forgets what was over before that time: workloads, states, services, nodes,
 * slices and policies that are gone.  For a sensor that lives on; never in a
 * replay.  What is published stays as it is.
 *
 * returns    objects that were forgotten
 */
size_t inventory_forget(struct inventory_draft *draft, struct instant before);

/*
 * Whether publishing would give another inventory than the last one, but for
 * when sources were heard.
 */
bool inventory_draft_changed(const struct inventory_draft *draft);

/* What a draft did not take, since it was made. */
struct inventory_counts {
	uint64_t stale;   /* facts older than what was known: history */
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

/* Any cluster, or all of them: where nobody said which networks are whose. */
#define INVENTORY_ANY UINT32_MAX

/* No cluster: addresses are in a zone or outside. */
#define INVENTORY_NONE (UINT32_MAX - 1)

/*
 * The number of a cluster for inventory_who(), good for this inventory and all
 * later ones of its draft; INVENTORY_ANY when no source has named it.
 */
uint32_t inventory_cluster(const struct inventory *inventory, const char *name);

/* Clusters that a source has named, and their names; "" is one, too. */
size_t inventory_cluster_count(const struct inventory *inventory);
const char *inventory_cluster_name(
    const struct inventory *inventory, uint32_t cluster);

/*
 * Who held the address in that cluster at that time.  With INVENTORY_ANY, an
 * address that was held in two clusters at once is unattributed: nobody can
 * tell whose it was.  In an inventory that nothing was ever said to, a private
 * address is unattributed, for it may be anybody's.  No lock, no allocation.
 */
struct party inventory_who(const struct inventory *inventory, uint32_t cluster,
    const struct address *address, struct instant at);

/*
 * Age of the metadata of a cluster, or of the best known, at that time:
 * nanoseconds since the last moment, not after `at`, at which a source was
 * heard; -1 when none was.
 */
int64_t inventory_age(
    const struct inventory *inventory, uint32_t cluster, struct instant at);

/*
 * Walks: every workload of every time, in order of namespace, name, beginning;
 * one whose labels or containers changed is there once for each state.
 */
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

/* Every address that anybody ever held, of each cluster, in no order. */
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
