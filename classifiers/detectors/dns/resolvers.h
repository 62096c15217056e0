/*
 * resolvers -- which ends answer DNS questions for others.
 *
 * What a resolver asks, it asks for somebody else, who is seen asking it.  An
 * end is one when its image or labels say so, or when two workloads of other
 * names were answered by it: one workload alone cannot make itself a resolver.
 * One for all detectors, who ask for it (detector_resolvers()); dns-bypass
 * saves it.
 */
#ifndef CLASSIFIERS_DETECTORS_DNS_RESOLVERS_H
#define CLASSIFIERS_DETECTORS_DNS_RESOLVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/sighting.h"

struct resolvers {
	struct memory *memory; /* owned */
};

/* Every end that asks or answers is remembered, with what it is. */
void resolvers_open(struct resolvers *resolvers, const struct hash_key *key);
void resolvers_close(struct resolvers *resolvers);

void resolvers_learn_dns(
    struct resolvers *resolvers, const struct sighting *sighting);

/* Learns from any sighting: a flow of DNS that is ready was answered. */
static inline void
resolvers_learn(struct resolvers *resolvers, const struct sighting *sighting)
{
	if (sighting->appid.application == APPLICATION_DNS)
		resolvers_learn_dns(resolvers, sighting);
}

bool resolvers_has(struct resolvers *resolvers, const struct sighted_end *end);

/* Whether any inside is known: a cluster without one has none to be passed by.
 */
bool resolvers_known(struct resolvers *resolvers);

/* Whether its image or labels make it a DNS server. */
bool resolvers_by_name(const struct sighted_end *end);

#endif
