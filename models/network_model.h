/*
 * network_model -- imported NetworkPolicies as models of the operator's layer.
 *
 * What a cluster enforces already is what its operators expect: a policy that
 * selects a pod states who may call it (Ingress), what it may open (Egress), or
 * both, with `app: any`.  Several policies of one pod join, as they do in the
 * cluster.  Does not know flows.
 */
#ifndef MODELS_NETWORK_MODEL_H
#define MODELS_NETWORK_MODEL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct external;
struct identity;
struct inventory;
struct model;
struct network_peer;
struct network_policy;

struct network_model {
	const struct network_policy *policy;
	const struct model *model;
};

struct network_models {
	const struct network_model *at;
	size_t count;
};

/* Every policy of the inventory as a model; copied. */
struct network_models network_models_make(
    struct arena *arena, const struct inventory *inventory);

/* Whether the policy selects the identity: pods of its own cluster and
 * namespace. */
bool network_model_selects(
    const struct network_model *model, const struct identity *identity);

/*
 * Whether somebody is this peer.  `ipBlock` is about addresses outside the
 * cluster and in zones; workloads and nodes fit it when it is everything.
 * Selectors are about pods of the cluster of the policy, which is that of
 *
 * self       whom the policy selects
 */
bool network_peer_fits(const struct network_peer *peer,
    const struct identity *self, const struct identity *other);

/* The networks of an `ipBlock`; false when the peer has none. */
bool network_peer_block(
    const struct network_peer *peer, struct external *block);

#endif
