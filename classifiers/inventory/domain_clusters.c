#include "classifiers/inventory/domain_clusters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/domain.h"

struct domain_clusters {
	uint16_t last;        /* domain */
	uint32_t of_domain[]; /* from 0 to the last */
};

/* The clusters that hold anything; zones are nobody's. */
struct holders {
	const char *names[INVENTORY_CLUSTERS_MAXIMUM + 1]; /* a NULL behind */
	size_t count;
};

static void
add_holder(struct holders *holders, const char *name)
{
	for (size_t i = 0; i < holders->count; i++)
		if (strcmp(holders->names[i], name) == 0)
			return;
	if (holders->count < INVENTORY_CLUSTERS_MAXIMUM)
		holders->names[holders->count++] = name;
}

static struct holders
find_holders(const struct inventory *inventory)
{
	struct holders holders = {.count = 0};

	for (size_t i = 0; i < inventory_workload_count(inventory); i++)
		add_holder(&holders, inventory_workload(inventory, i)->cluster);
	for (size_t i = 0; i < inventory_service_count(inventory); i++)
		add_holder(&holders, inventory_service(inventory, i)->cluster);
	for (size_t i = 0; i < inventory_node_count(inventory); i++)
		add_holder(&holders, inventory_node(inventory, i)->cluster);
	return holders;
}

static bool
has_named(const struct holders *holders)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->names[i][0] != '\0')
			return true;
	return false;
}

static uint32_t
cluster_named(const struct inventory *inventory, const struct holders *holders,
    const char *name)
{
	uint32_t cluster = inventory_cluster(inventory, name);

	if (cluster != INVENTORY_ANY)
		return cluster;
	return has_named(holders) ? INVENTORY_NONE : INVENTORY_ANY;
}

uint32_t
domain_cluster_named(const struct inventory *inventory, const char *domain)
{
	struct holders holders;

	if (domain == NULL)
		return INVENTORY_ANY;
	holders = find_holders(inventory);
	return cluster_named(inventory, &holders, domain);
}

/* Whether a domain is named for that cluster. */
static bool
is_claimed(const struct domain_clusters *clusters, uint32_t cluster)
{
	for (uint16_t domain = 1; domain <= clusters->last; domain++)
		if (clusters->of_domain[domain] == cluster)
			return true;
	return false;
}

/* The cluster of what nobody declared. */
static uint32_t
unclaimed_cluster(const struct domain_clusters *clusters,
    const struct inventory *inventory, const struct holders *holders)
{
	uint32_t found = INVENTORY_NONE;
	size_t claimed = 0, unclaimed = 0;

	for (size_t i = 0; i < holders->count; i++) {
		uint32_t cluster =
		    inventory_cluster(inventory, holders->names[i]);

		if (is_claimed(clusters, cluster)) {
			claimed++;
			continue;
		}
		unclaimed++;
		found = cluster;
	}
	if (claimed == 0)
		return INVENTORY_ANY;
	return unclaimed == 1 ? found : INVENTORY_NONE;
}

static void
warn_of_nobody(const struct domains *domains, uint16_t domain,
    const struct holders *holders, struct report *report, struct place place)
{
	const char *name = domains_name(domains, domain);
	const char *nearest = nearest_word(name, holders->names);

	report_warning(report, place,
	    "no inventory is of a cluster `%s`, so that the addresses in this "
	    "domain are nobody's%s%s",
	    name, nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
}

struct domain_clusters *
domain_clusters_new(const struct domains *domains,
    const struct inventory *inventory, struct report *report,
    struct place place)
{
	uint16_t last = domains == NULL ? 0 : domains_count(domains);
	struct holders holders = find_holders(inventory);
	struct domain_clusters *clusters =
	    allocate(1, sizeof(*clusters) + (last + 1U) * sizeof(uint32_t));

	clusters->last = last;
	for (uint16_t domain = 1; domain <= last; domain++) {
		uint32_t cluster = cluster_named(
		    inventory, &holders, domains_name(domains, domain));

		clusters->of_domain[domain] = cluster;
		if (cluster == INVENTORY_NONE)
			warn_of_nobody(
			    domains, domain, &holders, report, place);
	}
	clusters->of_domain[0] =
	    unclaimed_cluster(clusters, inventory, &holders);
	return clusters;
}

void
domain_clusters_free(struct domain_clusters *clusters)
{
	free(clusters);
}

uint32_t
domain_clusters_of(const struct domain_clusters *clusters, uint16_t domain)
{
	if (clusters == NULL)
		return INVENTORY_ANY;
	assert(domain <= clusters->last);
	return clusters->of_domain[domain];
}
