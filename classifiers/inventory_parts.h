/*
 * inventory_parts -- what the files of the inventory share with each other.
 *
 * inventory_draft.c collects, inventory_copy.c bounds and copies,
 * inventory_publish.c resolves with the help of inventory_name.c (owners,
 * applications), inventory_backends.c (services) and inventory_index.c
 * (addresses); inventory.c answers.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_INVENTORY_PARTS_H
#define CLASSIFIERS_INVENTORY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory.h"
#include "classifiers/network_policy.h"

struct arena;
struct map;

/* One address of one workload, as facts stated it one after the other. */
struct holding {
	struct address address;
	struct instant since; /* INSTANT_PAST: as long as the workload */
	struct instant until;
};

struct draft_workload {
	const char *id;
	bool known; /* a fact came; else only its end was stated */
	struct workload_fact fact;
	struct holding *holdings;
	size_t holding_count;
	/* Its last container ended then, as the fact of that version says. */
	struct instant finished;
	uint64_t finished_version;
	struct instant deleted;
};

struct draft_service {
	bool known;
	struct service_fact fact;
};

struct draft_node {
	const char *name;
	struct node_fact fact;
	struct address *further; /* from inventory_put_node_address() */
	size_t further_count;
};

struct draft_policy {
	bool gone;
	struct network_policy policy;
};

struct draft_owner {
	const char *kind, *name; /* "" when it has no owner itself */
};

struct draft_backend {
	const char *namespace, *service;
	struct address address;
};

/*
 * Records and keys are in `records` and stay where they are; what facts say is
 * in `facts`, which is copied afresh when most of it has been overwritten, so
 * that a source that repeats itself for ever takes no more memory.
 */
struct inventory_draft {
	struct arena *records, *facts;
	size_t facts_compact; /* octets of `facts` after it was last copied */
	struct map *workloads;
	struct map *services;
	struct map *nodes;
	struct map *namespaces;
	struct map *owners;
	struct map *backends;
	struct map *policies; /* NetworkPolicies */
	struct zone *zones;
	size_t zone_count, zone_capacity;
	int64_t *seen; /* ns, in any order */
	size_t seen_count, seen_capacity;
	struct inventory_counts counts;
};

/* A stretch of time in which nobody else held the address. */
struct tenure {
	struct instant since, until;
	const struct workload *workload;
};

/* Everything that ever held one address. */
struct holder {
	struct address address;
	const struct tenure *tenures; /* in order of time, disjoint */
	size_t tenure_count;
	const struct node *node;
	uint64_t node_rank;
	const struct service *const *services; /* in order of since */
	size_t service_count;
};

struct network {
	struct prefix prefix;
	const struct zone *zone; /* or NULL */
};

/* Prefixes by length, the longest first, each length sorted by address. */
struct networks {
	struct network *at;
	size_t count;
	size_t starts[129]; /* where a length's networks begin, by length */
	size_t counts[129];
	uint8_t lengths[129]; /* that there are any of, longest first */
	size_t length_count;
};

struct inventory {
	struct arena *arena;
	struct workload *workloads;
	size_t workload_count;
	struct node *nodes;
	size_t node_count;
	struct service *services;
	size_t service_count;
	struct network_policy *policies;
	size_t policy_count;
	struct map *holders; /* 16 address octets -> struct holder */
	struct networks zones, pod_networks;
	int64_t *seen; /* ns, ascending */
	size_t seen_count;
};

/* A workload on its way from the draft into the inventory. */
struct publication {
	const struct draft_workload *draft;
	struct workload workload;
};

/* --- inventory_copy.c: deep copies; `cut` counts what a limit left out --- */

/* NULL becomes "". */
const char *copy_text(struct arena *arena, const char *text, uint64_t *cut);
/* An array of plain values, at most `maximum` of them. */
void *copy_array(struct arena *arena, const void *array, size_t *count,
    size_t size, size_t maximum, uint64_t *cut);
/* Sorts, and leaves only the first of equal keys. */
struct labels copy_labels(
    struct arena *arena, const struct labels *labels, uint64_t *cut);
struct workload copy_workload(
    struct arena *arena, const struct workload *workload, uint64_t *cut);
struct service copy_service(
    struct arena *arena, const struct service *service, uint64_t *cut);
struct zone copy_zone(
    struct arena *arena, const struct zone *zone, uint64_t *cut);

/* --- inventory_name.c --- */

/* Decides kind, application and its source; all else is there already. */
void workload_name(const struct inventory_draft *draft, struct arena *arena,
    const struct workload_fact *fact, struct workload *workload);

/* The key of `owners`: `namespace/kind/name`. */
const char *owner_key(struct arena *arena, const char *namespace,
    const char *kind, const char *name);

/* --- inventory_backends.c --- */

/* Joins every service with its backends; drafts[i] made services[i]. */
void join_backends(struct inventory *inventory,
    const struct inventory_draft *draft,
    const struct draft_service *const *drafts, struct report *report);

/* --- inventory_index.c --- */

/* Builds the address index; workloads[i] came of publications[i]. */
void index_addresses(struct inventory *inventory,
    const struct inventory_draft *draft, const struct publication *publications,
    struct report *report);

/* Sorts zones and pod networks, and warns of those that cannot be right. */
void index_networks(struct inventory *inventory,
    const struct inventory_draft *draft, struct report *report);

/* The narrowest network of at most `longest` bits, or NULL. */
const struct network *networks_find(const struct networks *networks,
    const struct address *address, unsigned longest);

/* When the workload's end was, whatever said so first. */
struct instant draft_workload_until(const struct draft_workload *record);

/* The place of warnings that come of no line. */
#define INVENTORY_PLACE ((struct place){.file = "inventory"})

#endif
