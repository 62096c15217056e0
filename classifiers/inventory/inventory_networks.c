#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"

/* The longest first; of equal ones, whichever was put first. */
static int
compare_networks(const void *a, const void *b)
{
	const struct network *left = a, *right = b;
	int order;

	if (left->prefix.length != right->prefix.length)
		return left->prefix.length > right->prefix.length ? -1 : 1;
	order = address_compare(&left->prefix.base, &right->prefix.base);
	if (order != 0)
		return order;
	return (left->zone > right->zone) - (left->zone < right->zone);
}

static void
sort_networks(struct networks *networks)
{
	if (networks->count > 0)
		qsort(networks->at, networks->count, sizeof(*networks->at),
		    compare_networks);
	for (size_t i = 0; i < networks->count; i++) {
		unsigned length = networks->at[i].prefix.length;

		if (networks->counts[length]++ == 0)
			networks->starts[length] = i;
	}
	for (unsigned length = 129; length-- > 0;)
		if (networks->counts[length] > 0)
			networks->lengths[networks->length_count++] =
			    (uint8_t)length;
}

static struct address
masked(const struct address *address, unsigned length)
{
	struct address out = *address;

	if (length % 8 != 0)
		out.octets[length / 8] &= (uint8_t)(0xff00u >> (length % 8));
	for (unsigned i = (length + 7) / 8; i < sizeof(out.octets); i++)
		out.octets[i] = 0;
	return out;
}

static const struct network *
find_of_length(const struct networks *networks, const struct address *address,
    unsigned length)
{
	struct address base = masked(address, length);
	size_t low = networks->starts[length];
	size_t end = low + networks->counts[length];
	size_t high = end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_compare(&networks->at[middle].prefix.base, &base) <
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < end && prefix_contains(&networks->at[low].prefix, address))
		return &networks->at[low];
	return NULL;
}

const struct network *
networks_find(const struct networks *networks, const struct address *address,
    unsigned longest)
{
	const struct network *found;

	for (size_t i = 0; i < networks->length_count; i++) {
		if (networks->lengths[i] > longest)
			continue;
		found = find_of_length(networks, address, networks->lengths[i]);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static struct networks *
new_networks(void)
{
	struct arena *arena = arena_new();
	struct networks *networks = arena_take(arena, sizeof(*networks));

	networks->arena = arena;
	return networks;
}

/* Zones lie in the order in which they were put, which their places tell. */
static struct networks *
make_zones(const struct inventory_draft *draft)
{
	struct networks *networks = new_networks();
	struct zone *zones =
	    arena_array(networks->arena, draft->zone_count, sizeof(*zones));
	size_t count = 0;

	for (size_t i = 0; i < draft->zone_count; i++) {
		zones[i] = *draft->zones[i].zone;
		count += zones[i].prefix_count;
	}
	networks->at =
	    arena_array(networks->arena, count, sizeof(*networks->at));
	for (size_t i = 0; i < draft->zone_count; i++)
		for (size_t p = 0; p < zones[i].prefix_count; p++)
			networks->at[networks->count++] =
			    (struct network){zones[i].prefixes[p], &zones[i]};
	sort_networks(networks);
	return networks;
}

static bool
serves(const struct draft_node *node, uint32_t cluster)
{
	return node->cluster == cluster && draft_is_there(&node->life);
}

/*
 * A node that is gone serves its pod network no more; who held an address of
 * it is in the index still.
 */
static struct networks *
make_pod_networks(const struct inventory_draft *draft, uint32_t cluster)
{
	struct networks *networks = new_networks();
	size_t count = 0;

	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		const struct draft_node *node = map_at(draft->nodes, i);

		if (serves(node, cluster))
			count += node->fact.pod_network_count;
	}
	networks->at =
	    arena_array(networks->arena, count, sizeof(*networks->at));
	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		const struct draft_node *node = map_at(draft->nodes, i);

		if (!serves(node, cluster))
			continue;
		for (size_t p = 0; p < node->fact.pod_network_count; p++)
			networks->at[networks->count++].prefix =
			    node->fact.pod_networks[p];
	}
	sort_networks(networks);
	return networks;
}

/* --- warnings ------------------------------------------------------------ */

static bool
same_prefix(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && address_equal(&a->base, &b->base);
}

static bool
is_in_pod_network(
    const struct inventory_draft *draft, const struct prefix *prefix)
{
	for (size_t i = 0; i < draft->cluster_count; i++) {
		const struct networks *networks =
		    draft->clusters[i].pod_networks;

		if (networks != NULL && networks_find(networks, &prefix->base,
					    prefix->length) != NULL)
			return true;
	}
	return false;
}

static void
warn_of_zones(const struct inventory_draft *draft, struct report *report)
{
	const struct networks *zones = draft->zone_networks;
	char printed[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < zones->count; i++) {
		const struct network *zone = &zones->at[i];

		prefix_print(&zone->prefix, printed);
		if (is_in_pod_network(draft, &zone->prefix))
			report_warning(report, INVENTORY_PLACE,
			    "zone %s: %s lies inside a node's pod network; "
			    "name the pods by their labels instead",
			    zone->zone->name, printed);
		if (i > 0 &&
		    same_prefix(&zones->at[i - 1].prefix, &zone->prefix) &&
		    zones->at[i - 1].zone != zone->zone)
			report_warning(report, INVENTORY_PLACE,
			    "zones %s and %s both declare %s; it is taken for "
			    "the first: leave it out of one",
			    zones->at[i - 1].zone->name, zone->zone->name,
			    printed);
	}
}

/* --- the door ------------------------------------------------------------ */

static void
replace(struct inventory_draft *draft, struct networks **networks,
    struct networks *fresh)
{
	if (*networks != NULL)
		attic_put_arena(draft->attic, (*networks)->arena);
	*networks = fresh;
}

void
networks_make(struct inventory_draft *draft, struct report *report)
{
	bool changed = draft->zones_changed;

	if (draft->zones_changed)
		replace(draft, &draft->zone_networks, make_zones(draft));
	draft->zones_changed = false;
	for (uint32_t i = 0; i < draft->cluster_count; i++) {
		struct draft_cluster *cluster = &draft->clusters[i];

		if (!cluster->networks_changed)
			continue;
		replace(
		    draft, &cluster->pod_networks, make_pod_networks(draft, i));
		cluster->networks_changed = false;
		changed = true;
	}
	if (changed && draft->zone_networks != NULL)
		warn_of_zones(draft, report);
}
