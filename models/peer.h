/*
 * peer -- decides whether somebody is the peer that a model speaks of.
 *
 * Knows identities.  Does not know ports, applications or flows.
 */
#ifndef MODELS_PEER_H
#define MODELS_PEER_H

#include <stdbool.h>

#include "models/identity.h"

/* Two identities as they meet in one flow. */
struct meeting {
	const struct identity *self;  /* whose model is asked */
	const struct identity *other; /* who might be the peer */
	bool same_node; /* they share a node, or one is the other's */
};

/* Whether `other` is this peer of `self`: every key that is given holds. */
bool peer_fits(const struct peer *peer, const struct meeting *meeting);

/* Whether it is any of them; peers that were left out are anybody. */
bool peers_fit(const struct peers *peers, const struct meeting *meeting);

#endif
