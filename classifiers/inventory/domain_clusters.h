/*
 * domain_clusters -- whose addresses are meant in which network.
 *
 * A domain (sensor/domain.h) that has the name of a cluster holds this
 * cluster's addresses, and no other's.  One with another name holds nobody's
 * where any cluster has a name, and else, as when no domain is declared, what
 * is known at all.  What is in no declared domain is of the one cluster that
 * no domain is named for; where there are several of them, of nobody.
 *
 * Made at start-up, then read only.  Does not know packets.
 */
#ifndef CLASSIFIERS_INVENTORY_DOMAIN_CLUSTERS_H
#define CLASSIFIERS_INVENTORY_DOMAIN_CLUSTERS_H

#include <stdint.h>

#include "sensor/base/report.h"

struct domain_clusters; /* opaque */
struct domains;
struct inventory;

/*
 * Makes an owned map for domain_clusters_free().
 *
 * domains    NULL when none is declared
 * report     gets a warning for every domain whose addresses are nobody's
 */
struct domain_clusters *domain_clusters_new(const struct domains *domains,
    const struct inventory *inventory, struct report *report,
    struct place place);

/* NULL is allowed. */
void domain_clusters_free(struct domain_clusters *clusters);

/* For inventory_who(), of that map's inventory; NULL stands for no domains. */
uint32_t domain_clusters_of(
    const struct domain_clusters *clusters, uint16_t domain);

/* The same by the name of one domain, as records have it; NULL for none. */
uint32_t domain_cluster_named(
    const struct inventory *inventory, const char *domain);

#endif
