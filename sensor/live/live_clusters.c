#include <stdio.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/live/live_parts.h"
#include "sensor/run/world.h"

/* What there is no room for is counted here. */
#define OTHER "other"

struct live_cluster *
live_clusters_row(
    struct live_clusters *clusters, const char *name, const char *orchestrator)
{
	struct live_cluster *row;

	for (size_t i = 0; i < clusters->count; i++) {
		row = &clusters->at[i];
		if (strncmp(row->name, name, LIVE_CLUSTER_NAME - 1) == 0 &&
		    strncmp(row->orchestrator, orchestrator,
			LIVE_CLUSTER_NAME - 1) == 0)
			return row;
	}
	row = &clusters->at[LIVE_CLUSTERS - 1];
	if (clusters->count == LIVE_CLUSTERS)
		return row;
	if (clusters->count == LIVE_CLUSTERS - 1)
		name = orchestrator = OTHER;
	row = &clusters->at[clusters->count++];
	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	(void)snprintf(
	    row->orchestrator, sizeof(row->orchestrator), "%s", orchestrator);
	return row;
}

/* Neighbours are mostly of one cluster. */
static void
count_workloads(
    struct live_clusters *clusters, const struct inventory *inventory)
{
	const struct workload *before = NULL;
	struct live_cluster *row = NULL;

	clusters->count = 0;
	memset(clusters->at, 0, sizeof(clusters->at));
	for (size_t i = 0; i < inventory_workload_count(inventory); i++) {
		const struct workload *one = inventory_workload(inventory, i);

		if (before == NULL || one->cluster != before->cluster ||
		    one->orchestrator != before->orchestrator)
			row = live_clusters_row(
			    clusters, one->cluster, one->orchestrator);
		row->workloads++;
		before = one;
	}
}

static void
find_ages(struct live_clusters *clusters, const struct inventory *inventory,
    struct instant now)
{
	clusters->age_count = 0;
	for (uint32_t i = 0; i < inventory_cluster_count(inventory) &&
			     clusters->age_count < LIVE_CLUSTERS;
	     i++) {
		struct live_cluster_age *age =
		    &clusters->ages[clusters->age_count];

		age->age_ns = inventory_age(inventory, i, now);
		if (age->age_ns < 0)
			continue;
		(void)snprintf(age->name, sizeof(age->name), "%s",
		    inventory_cluster_name(inventory, i));
		clusters->age_count++;
	}
}

/* Workloads are gone over when there is another inventory, not each time. */
void
live_count_clusters(struct live *live)
{
	struct world_view view = world_view(live->world);
	struct live_clusters *clusters = &live->counts.clusters;
	uint64_t number = view.generation + live->counts.reloads;

	find_ages(clusters, view.inventory, loop_now(live->loop));
	if (clusters->generation == number)
		return;
	clusters->generation = number;
	count_workloads(clusters, view.inventory);
}
