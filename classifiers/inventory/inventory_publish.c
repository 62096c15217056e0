#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"

/* --- policies ------------------------------------------------------------ */

static int
compare_policies(const void *a, const void *b)
{
	const struct network_policy *left =
	    *(const struct network_policy *const *)a;
	const struct network_policy *right =
	    *(const struct network_policy *const *)b;
	int order = strcmp(left->namespace, right->namespace);

	if (order == 0)
		order = strcmp(left->name, right->name);
	return order != 0 ? order : strcmp(left->cluster, right->cluster);
}

static void
publish_policies(struct inventory_draft *draft)
{
	for (size_t i = 0; i < draft->marked[MARKED_POLICIES].count; i++) {
		struct draft_policy *record =
		    draft->marked[MARKED_POLICIES].at[i];

		record->head.marked = false;
		if (record->published != NULL)
			roll_remove(&draft->policy_change, record->published);
		record->published =
		    record->life.known && draft_is_there(&record->life)
			? record->policy
			: NULL;
		if (record->published != NULL)
			roll_add(&draft->policy_change, record->published);
	}
	draft->marked[MARKED_POLICIES].count = 0;
}

/* --- a generation -------------------------------------------------------- */

static void
apply_rolls(struct inventory_draft *draft)
{
	roll_apply(&draft->roll_workloads, &draft->workload_change,
	    draft->attic, compare_workloads);
	roll_apply(&draft->roll_nodes, &draft->node_change, draft->attic,
	    compare_nodes);
	roll_apply(&draft->roll_services, &draft->service_change, draft->attic,
	    compare_services);
	roll_apply(&draft->roll_policies, &draft->policy_change, draft->attic,
	    compare_policies);
}

static void
share_clusters(struct inventory_draft *draft, struct inventory *inventory)
{
	inventory->cluster_count = draft->cluster_count;
	inventory->clusters =
	    allocate(draft->cluster_count, sizeof(*inventory->clusters));
	inventory->networks =
	    allocate(draft->cluster_count + 1, sizeof(const struct networks *));
	if (draft->zone_networks != NULL)
		inventory->networks[inventory->network_parts++] =
		    draft->zone_networks;
	for (size_t i = 0; i < draft->cluster_count; i++) {
		struct draft_cluster *from = &draft->clusters[i];

		draft_sort_seen(draft, from);
		inventory->clusters[i] = (struct cluster){
		    .name = from->name,
		    .pod_networks = from->pod_networks,
		    .seen = {from->seen, from->seen_count},
		};
		if (from->pod_networks != NULL)
			inventory->networks[inventory->network_parts++] =
			    from->pod_networks;
	}
	for (size_t i = 0; i < inventory->network_parts; i++)
		inventory->network_count += inventory->networks[i]->count;
}

/* How many addresses are before every page, so that they can be walked. */
static void
sum_pages(struct inventory *inventory)
{
	const struct index *index = &inventory->index;
	size_t sum = 0;

	inventory->page_sums =
	    allocate(index->mask + 1, sizeof(*inventory->page_sums));
	for (size_t i = 0; i <= index->mask; i++) {
		inventory->page_sums[i] = sum;
		if (index->pages[i] != NULL)
			sum += index->pages[i]->count;
	}
}

static void
warn_of_losses(struct inventory_draft *draft, struct report *report)
{
	struct inventory_counts *counts = &draft->counts;

	if (counts->cut > draft->warned.cut)
		report_warning(report, INVENTORY_PLACE,
		    "%llu texts, labels, addresses, ports or containers were "
		    "beyond what one object may have, and left out",
		    (unsigned long long)(counts->cut - draft->warned.cut));
	if (counts->no_room > draft->warned.no_room)
		report_warning(report, INVENTORY_PLACE,
		    "%llu facts found no room (at most %zu objects of a "
		    "kind): load less, or less of the past",
		    (unsigned long long)(counts->no_room -
					 draft->warned.no_room),
		    INVENTORY_MAXIMUM);
	if (draft->joins_left_out > 0)
		report_warning(report, INVENTORY_PLACE,
		    "services have too many backends together; %llu were left "
		    "out: narrow the widest selectors",
		    (unsigned long long)draft->joins_left_out);
	draft->joins_left_out = 0;
	draft->warned = *counts;
}

struct inventory *
inventory_publish(struct inventory_draft *draft, struct report *report)
{
	struct inventory *inventory = allocate(1, sizeof(*inventory));

	resolve_workloads(draft);
	join_nodes(draft);
	join_services(draft);
	settle_addresses(draft, report);
	publish_policies(draft);
	networks_make(draft, report);
	apply_rolls(draft);
	inventory->index = index_share(&draft->index);
	inventory->workloads = draft->roll_workloads;
	inventory->nodes = draft->roll_nodes;
	inventory->services = draft->roll_services;
	inventory->policies = draft->roll_policies;
	inventory->zones = draft->zone_networks;
	inventory->patience = draft->patience;
	share_clusters(draft, inventory);
	sum_pages(inventory);
	attic_join(draft->attic, inventory);
	warn_of_losses(draft, report);
	return inventory;
}

void
inventory_free(struct inventory *inventory)
{
	if (inventory == NULL)
		return;
	free(inventory->index.pages);
	free(inventory->page_sums);
	free(inventory->networks);
	free(inventory->clusters);
	attic_leave(inventory->attic, inventory);
	free(inventory);
}
