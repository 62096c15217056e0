/*
 * policy_walk -- meets everybody with everybody, as policy sees them.
 *
 * For what reports on a whole policy: its text, its exports.  Does not know
 * what is made of it.
 */
#ifndef MODELS_POLICY_WALK_H
#define MODELS_POLICY_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct arena;
struct identity;
struct inventory;
struct library;
struct pair;
struct policy;

struct identities {
	const struct identity **at;
	size_t count;
};

/*
 * Everybody of that time, each once: workloads, nodes, zones, and one that
 * stands for every outside address that no model names.
 *
 * at         INSTANT_PAST for workloads of every time
 * returns    an arena array, in the order of the inventory
 */
struct identities policy_walk_ends(struct policy *policy,
    const struct library *library, const struct inventory *inventory,
    struct instant at, struct arena *arena);

/*
 * Hands every pair that policy speaks of to `each`, once with the two on one
 * node and once not: where models have an opinion, where the metadata promises
 * something, and where a boundary is crossed.
 */
void policy_walk_pairs(struct policy *policy, const struct identities *ends,
    void (*each)(const struct pair *pair, bool same_node, void *context),
    void *context);

#endif
