#include "classifiers/inventory.h"

#include <assert.h>

#include "classifiers/inventory_parts.h"
#include "sensor/base/map.h"

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
	if (holder->node != NULL) {
		party->node = holder->node;
		party->attribution = hosts_at(holder->node, at)
					 ? ATTRIBUTION_AMBIGUOUS
					 : ATTRIBUTION_NODE;
		return true;
	}
	party->service = find_service(holder, at);
	party->attribution = ATTRIBUTION_SERVICE;
	return party->service != NULL;
}

struct party
inventory_who(const struct inventory *inventory, const struct address *address,
    struct instant at)
{
	const struct holder *holder = map_get(
	    inventory->holders, address->octets, sizeof(address->octets));
	struct party party = {.address = *address};
	const struct network *network;

	if (holder != NULL && ask_holder(holder, at, &party))
		return party;
	network = networks_find(&inventory->zones, address, 128);
	if (network != NULL) {
		party.attribution = ATTRIBUTION_ZONE;
		party.zone = network->zone;
	} else if (holder != NULL || networks_find(&inventory->pod_networks,
					 address, 128) != NULL) {
		party.attribution = ATTRIBUTION_UNATTRIBUTED;
	} else {
		party.attribution = ATTRIBUTION_EXTERNAL;
	}
	return party;
}

int64_t
inventory_age(const struct inventory *inventory, struct instant at)
{
	size_t low = 0, high = inventory->seen_count;
	int64_t age;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (inventory->seen[middle] <= at.ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return -1;
	if (__builtin_sub_overflow(at.ns, inventory->seen[low - 1], &age))
		return INT64_MAX;
	return age;
}

size_t
inventory_workload_count(const struct inventory *inventory)
{
	return inventory->workload_count;
}

const struct workload *
inventory_workload(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->workload_count);
	return &inventory->workloads[index];
}

size_t
inventory_node_count(const struct inventory *inventory)
{
	return inventory->node_count;
}

const struct node *
inventory_node(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->node_count);
	return &inventory->nodes[index];
}

size_t
inventory_service_count(const struct inventory *inventory)
{
	return inventory->service_count;
}

const struct service *
inventory_service(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->service_count);
	return &inventory->services[index];
}

size_t
inventory_network_policy_count(const struct inventory *inventory)
{
	return inventory->policy_count;
}

const struct network_policy *
inventory_network_policy(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->policy_count);
	return &inventory->policies[index];
}

size_t
inventory_address_count(const struct inventory *inventory)
{
	return map_count(inventory->holders);
}

const struct address *
inventory_address(const struct inventory *inventory, size_t index)
{
	const struct holder *holder = map_at(inventory->holders, index);

	return &holder->address;
}

size_t
inventory_network_count(const struct inventory *inventory)
{
	return inventory->zones.count + inventory->pod_networks.count;
}

const struct prefix *
inventory_network(const struct inventory *inventory, size_t index)
{
	assert(index < inventory_network_count(inventory));
	if (index < inventory->zones.count)
		return &inventory->zones.at[index].prefix;
	return &inventory->pod_networks.at[index - inventory->zones.count]
		    .prefix;
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
	}
	assert(!"an attribution of ours");
	return "";
}
