#include "classifiers/inventory/inventory.h"

#include <assert.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"

/* --- one holder ---------------------------------------------------------- */

static const struct workload *
find_tenant(const struct holder *holder, struct instant at)
{
	size_t low = 0, high = holder->tenure_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct tenure *tenure = &holder->tenures[middle];

		if (instant_before(at, tenure->since))
			high = middle;
		else if (instant_before(at, tenure->until))
			return tenure->workload;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool
hosts_at(const struct node *node, struct instant at)
{
	for (size_t i = 0; i < node->host_workload_count; i++)
		if (workload_alive(node->host_workloads[i], at))
			return true;
	return false;
}

static const struct node *
find_node(const struct holder *holder, struct instant at)
{
	for (size_t i = 0; i < holder->node_count; i++)
		if (!instant_before(at, holder->nodes[i]->since) &&
		    instant_before(at, holder->nodes[i]->until))
			return holder->nodes[i];
	return NULL;
}

static const struct service *
find_service(const struct holder *holder, struct instant at)
{
	for (size_t i = 0; i < holder->service_count; i++)
		if (!instant_before(at, holder->services[i]->since) &&
		    instant_before(at, holder->services[i]->until))
			return holder->services[i];
	return NULL;
}

/* Whoever held this very address then, if anybody did. */
static bool
ask_holder(const struct holder *holder, struct instant at, struct party *party)
{
	party->workload = find_tenant(holder, at);
	if (party->workload != NULL) {
		party->attribution = ATTRIBUTION_EXACT;
		return true;
	}
	party->node = find_node(holder, at);
	if (party->node != NULL) {
		party->attribution = hosts_at(party->node, at)
					 ? ATTRIBUTION_AMBIGUOUS
					 : ATTRIBUTION_NODE;
		return true;
	}
	party->service = find_service(holder, at);
	party->attribution = ATTRIBUTION_SERVICE;
	return party->service != NULL;
}

/* --- age ----------------------------------------------------------------- */

static int64_t
age_of(const struct seen *seen, struct instant at)
{
	size_t low = 0, high = seen->count;
	int64_t age;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seen->at[middle] <= at.ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return -1;
	if (__builtin_sub_overflow(at.ns, seen->at[low - 1], &age))
		return INT64_MAX;
	return age;
}

int64_t
inventory_age(
    const struct inventory *inventory, uint32_t cluster, struct instant at)
{
	int64_t best = -1;

	if (cluster == INVENTORY_NONE)
		return -1;
	if (cluster < inventory->cluster_count)
		return age_of(&inventory->clusters[cluster].seen, at);
	for (size_t i = 0; i < inventory->cluster_count; i++) {
		int64_t age = age_of(&inventory->clusters[i].seen, at);

		if (age >= 0 && (best < 0 || age < best))
			best = age;
	}
	return best;
}

/* --- all of it ----------------------------------------------------------- */

static bool
is_of(uint32_t asked, uint32_t cluster)
{
	return asked == INVENTORY_ANY || asked == cluster;
}

/* How much the clusters that were asked know of an address. */
struct search {
	bool known;   /* somebody held it at some time */
	bool doubled; /* more than one held it then */
	bool held;
	uint32_t cluster; /* that it was found in */
};

static struct search
search_holders(const struct inventory *inventory, uint32_t cluster,
    struct instant at, struct party *party)
{
	struct search search = {.cluster = cluster};
	uint32_t tag;
	const struct page *page =
	    index_page(&inventory->index, &party->address, &tag);

	for (size_t i = 0; page != NULL && i < page->count; i++) {
		const struct page_entry *entry = &page->entries[i];
		struct party found = {.address = party->address};

		if (entry->tag != tag || !is_of(cluster, entry->cluster) ||
		    !address_equal(&entry->address, &party->address))
			continue;
		search.known = true;
		search.cluster = entry->cluster;
		if (!ask_holder(entry->holder, at, &found))
			continue;
		search.doubled = search.held;
		search.held = true;
		*party = found;
		if (search.doubled)
			break;
	}
	return search;
}

static bool
is_in_pod_network(const struct inventory *inventory, uint32_t cluster,
    const struct address *address, uint32_t *found)
{
	for (uint32_t i = 0; i < inventory->cluster_count; i++) {
		const struct networks *networks =
		    inventory->clusters[i].pod_networks;

		if (!is_of(cluster, i) || networks == NULL ||
		    networks_find(networks, address, 128) == NULL)
			continue;
		*found = i;
		return true;
	}
	return false;
}

/* What was said so long ago may have become untrue. */
static struct party
unless_stale(const struct inventory *inventory, uint32_t cluster,
    struct instant at, const struct party *party)
{
	struct party stale = {
	    .attribution = ATTRIBUTION_STALE, .address = party->address};

	if (inventory->patience > 0 &&
	    inventory_age(inventory, cluster, at) > inventory->patience)
		return stale;
	return *party;
}

/* Nothing was ever said of anybody. */
static bool
is_empty(const struct inventory *inventory)
{
	return inventory_workload_count(inventory) == 0 &&
	       inventory_node_count(inventory) == 0 &&
	       inventory_service_count(inventory) == 0 &&
	       inventory->network_count == 0;
}

struct party
inventory_who(const struct inventory *inventory, uint32_t cluster,
    const struct address *address, struct instant at)
{
	struct party party = {.address = *address};
	struct search search = search_holders(inventory, cluster, at, &party);
	struct party nobody = {
	    .attribution = ATTRIBUTION_UNATTRIBUTED, .address = *address};
	const struct network *network = NULL;

	if (search.doubled)
		return nobody;
	if (search.held)
		return unless_stale(inventory, search.cluster, at, &party);
	if (inventory->zones != NULL)
		network = networks_find(inventory->zones, address, 128);
	if (network != NULL)
		return (struct party){.attribution = ATTRIBUTION_ZONE,
		    .address = *address,
		    .zone = network->zone};
	if (search.known ||
	    is_in_pod_network(inventory, cluster, address, &search.cluster))
		return unless_stale(inventory, search.cluster, at, &nobody);
	if (!address_is_private(address) || !is_empty(inventory))
		nobody.attribution = ATTRIBUTION_EXTERNAL;
	return nobody;
}

uint32_t
inventory_cluster(const struct inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory->cluster_count; i++)
		if (strcmp(inventory->clusters[i].name, name) == 0)
			return (uint32_t)i;
	return INVENTORY_ANY;
}

size_t
inventory_cluster_count(const struct inventory *inventory)
{
	return inventory->cluster_count;
}

const char *
inventory_cluster_name(const struct inventory *inventory, uint32_t cluster)
{
	assert(cluster < inventory->cluster_count);
	return inventory->clusters[cluster].name;
}

/* --- walks --------------------------------------------------------------- */

static size_t
roll_count(const struct roll *roll)
{
	return roll == NULL ? 0 : roll->count;
}

size_t
inventory_workload_count(const struct inventory *inventory)
{
	return roll_count(inventory->workloads);
}

const struct workload *
inventory_workload(const struct inventory *inventory, size_t index)
{
	assert(index < inventory_workload_count(inventory));
	return inventory->workloads->at[index];
}

size_t
inventory_node_count(const struct inventory *inventory)
{
	return roll_count(inventory->nodes);
}

const struct node *
inventory_node(const struct inventory *inventory, size_t index)
{
	assert(index < inventory_node_count(inventory));
	return inventory->nodes->at[index];
}

size_t
inventory_service_count(const struct inventory *inventory)
{
	return roll_count(inventory->services);
}

const struct service *
inventory_service(const struct inventory *inventory, size_t index)
{
	assert(index < inventory_service_count(inventory));
	return inventory->services->at[index];
}

size_t
inventory_network_policy_count(const struct inventory *inventory)
{
	return roll_count(inventory->policies);
}

const struct network_policy *
inventory_network_policy(const struct inventory *inventory, size_t index)
{
	assert(index < inventory_network_policy_count(inventory));
	return inventory->policies->at[index];
}

size_t
inventory_address_count(const struct inventory *inventory)
{
	return inventory->index.count;
}

const struct address *
inventory_address(const struct inventory *inventory, size_t index)
{
	size_t low = 0, high = inventory->index.mask;

	assert(index < inventory->index.count);
	/* The last page before which there are not more. */
	while (low < high) {
		size_t middle = high - (high - low) / 2;

		if (inventory->page_sums[middle] <= index)
			low = middle;
		else
			high = middle - 1;
	}
	return &inventory->index.pages[low]
		    ->entries[index - inventory->page_sums[low]]
		    .address;
}

size_t
inventory_network_count(const struct inventory *inventory)
{
	return inventory->network_count;
}

const struct prefix *
inventory_network(const struct inventory *inventory, size_t index)
{
	size_t part = 0;

	assert(index < inventory->network_count);
	while (index >= inventory->networks[part]->count)
		index -= inventory->networks[part++]->count;
	return &inventory->networks[part]->at[index].prefix;
}

const char *
attribution_name(enum attribution attribution)
{
	switch (attribution) {
	case ATTRIBUTION_EXACT:
		return "exact";
	case ATTRIBUTION_AMBIGUOUS:
		return "ambiguous";
	case ATTRIBUTION_NODE:
		return "node";
	case ATTRIBUTION_SERVICE:
		return "service";
	case ATTRIBUTION_ZONE:
		return "zone";
	case ATTRIBUTION_EXTERNAL:
		return "external";
	case ATTRIBUTION_UNATTRIBUTED:
		return "unattributed";
	case ATTRIBUTION_STALE:
		return "stale";
	}
	assert(!"an attribution of ours");
	return "";
}
