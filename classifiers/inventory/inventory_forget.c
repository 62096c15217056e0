/*
 * What goes: the memory of what is over, and the whole draft at its end.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* --- freeing single records ---------------------------------------------- */

static void
free_workload(struct inventory_draft *draft, void *record)
{
	struct draft_workload *one = record;

	for (size_t i = 0; i < one->version_count; i++)
		state_drop(draft, one->versions[i].state);
	if (one->issue != NULL)
		attic_put_arena(draft->attic, one->issue->arena);
	free(one->versions);
	free(one->services);
}

static void
free_service(struct inventory_draft *draft, void *record)
{
	struct draft_service *one = record;

	attic_put_arena(draft->attic, one->content);
	attic_put_arena(draft->attic, one->arena);
	free(one->members);
}

static void
free_name(struct inventory_draft *draft, void *record)
{
	struct draft_name *one = record;

	(void)draft;
	free(one->slices);
}

static void
free_bucket(struct inventory_draft *draft, void *record)
{
	(void)draft;
	(void)record;
}

static void
free_slice(struct inventory_draft *draft, void *record)
{
	struct draft_slice *one = record;

	for (size_t i = 0; i < one->version_count; i++) {
		draft->named -= one->versions[i].count;
		free(one->versions[i].addresses);
	}
	free(one->versions);
}

static void
free_node(struct inventory_draft *draft, void *record)
{
	struct draft_node *one = record;

	attic_put_arena(draft->attic, one->content);
	attic_put_arena(draft->attic, one->arena);
	free(one->further);
}

static void
free_space(struct inventory_draft *draft, void *record)
{
	struct draft_space *one = record;

	attic_put_arena(draft->attic, one->content);
}

static void
free_owner(struct inventory_draft *draft, void *record)
{
	struct draft_owner *one = record;

	(void)draft;
	free(one->kind);
	free(one->name);
}

static void
free_policy(struct inventory_draft *draft, void *record)
{
	struct draft_policy *one = record;

	attic_put_arena(draft->attic, one->content);
}

static void
free_address(struct inventory_draft *draft, void *record)
{
	struct draft_address *one = record;

	(void)draft;
	free(one->claimants);
}

typedef void free_record(struct inventory_draft *draft, void *record);

static void
free_one(struct inventory_draft *draft, void *record, free_record *release)
{
	struct head *head = record;

	release(draft, record);
	free(head->key);
	free(record);
}

/* --- the draft ----------------------------------------------------------- */

static void
free_all(struct inventory_draft *draft, struct map *map, free_record *release)
{
	for (size_t i = 0; i < map_count(map); i++)
		free_one(draft, map_at(map, i), release);
	map_free(map);
}

static void
put_index_away(struct inventory_draft *draft)
{
	struct index *index = &draft->index;

	for (size_t p = 0; p <= index->mask; p++) {
		struct page *page = index->pages[p];

		for (size_t i = 0; page != NULL && i < page->count; i++)
			attic_put_constant(
			    draft->attic, page->entries[i].holder);
		attic_put(draft->attic, page);
	}
	free(index->pages);
}

static void
put_clusters_away(struct inventory_draft *draft)
{
	for (size_t i = 0; i < draft->cluster_count; i++) {
		struct draft_cluster *one = &draft->clusters[i];

		attic_put(draft->attic, one->name);
		attic_put(draft->attic, one->seen);
		if (one->pod_networks != NULL)
			attic_put_arena(draft->attic, one->pod_networks->arena);
	}
	if (draft->zone_networks != NULL)
		attic_put_arena(draft->attic, draft->zone_networks->arena);
	for (size_t i = 0; i < draft->zone_count; i++) {
		attic_put_arena(draft->attic, draft->zones[i].content);
		free(draft->zones[i].id);
	}
	free(draft->zones);
}

static void
put_rolls_away(struct inventory_draft *draft)
{
	attic_put(draft->attic, draft->roll_workloads);
	attic_put(draft->attic, draft->roll_nodes);
	attic_put(draft->attic, draft->roll_services);
	attic_put(draft->attic, draft->roll_policies);
	roll_change_release(&draft->workload_change);
	roll_change_release(&draft->node_change);
	roll_change_release(&draft->service_change);
	roll_change_release(&draft->policy_change);
}

void
inventory_draft_free(struct inventory_draft *draft)
{
	struct marked *marked;

	if (draft == NULL)
		return;
	free_all(draft, draft->workloads, free_workload);
	free_all(draft, draft->services, free_service);
	free_all(draft, draft->names, free_name);
	free_all(draft, draft->buckets, free_bucket);
	free_all(draft, draft->slices, free_slice);
	free_all(draft, draft->nodes, free_node);
	free_all(draft, draft->spaces, free_space);
	free_all(draft, draft->owners, free_owner);
	free_all(draft, draft->policies, free_policy);
	free_all(draft, draft->addresses, free_address);
	put_index_away(draft);
	put_clusters_away(draft);
	put_rolls_away(draft);
	marked = draft->marked;
	for (size_t i = 0; i < MARKED_KINDS; i++)
		free(marked[i].at);
	attic_close(draft->attic);
	free(draft->key);
	free(draft);
}

/* --- what is over -------------------------------------------------------- */

static bool
is_past(struct instant at, struct instant before)
{
	return at.ns != INSTANT_PAST.ns && instant_before(at, before);
}

/* Drops the states that were over by then. */
static void
trim_workload(struct inventory_draft *draft, struct draft_workload *record,
    struct instant before)
{
	size_t over = 0;

	while (over + 1 < record->version_count &&
	       is_past(record->versions[over + 1].at, before))
		over++;
	if (over == 0)
		return;
	for (size_t i = 0; i < over; i++)
		state_drop(draft, record->versions[i].state);
	record->version_count -= over;
	memmove(record->versions, &record->versions[over],
	    record->version_count * sizeof(*record->versions));
	draft_mark_workload(draft, record);
}

static void
forget_workload(struct inventory_draft *draft, struct draft_workload *record)
{
	const struct issue *issue = record->issue;

	record->head.dying = true;
	for (size_t i = 0; issue != NULL && i < issue->holding_count; i++)
		draft_unclaim(draft, record->cluster,
		    &issue->holdings[i].address, CLAIMANT_WORKLOAD, record);
	for (size_t i = 0; issue != NULL && i < issue->version_count; i++)
		roll_remove(&draft->workload_change, &issue->versions[i]);
	for (size_t i = 0; i < record->service_count; i++)
		draft_mark(
		    &draft->marked[MARKED_SERVICES], record->services[i]);
	draft->joins -= record->service_count;
	if (record->node != NULL)
		draft_mark(&draft->marked[MARKED_NODES], record->node);
}

static size_t
forget_workloads(struct inventory_draft *draft, struct instant before)
{
	size_t dying = 0;

	for (size_t i = 0; i < map_count(draft->workloads); i++) {
		struct draft_workload *one = map_at(draft->workloads, i);

		if (is_past(one->finished, before) ||
		    is_past(one->deleted, before)) {
			forget_workload(draft, one);
			dying++;
		} else {
			trim_workload(draft, one, before);
		}
	}
	return dying;
}

static void
forget_service(struct inventory_draft *draft, struct draft_service *record)
{
	record->head.dying = true;
	for (size_t i = 0;
	     record->service != NULL && i < record->service->address_count; i++)
		draft_unclaim(draft, record->cluster,
		    &record->service->addresses[i], CLAIMANT_SERVICE, record);
	if (record->service != NULL)
		roll_remove(&draft->service_change, record->service);
	draft->joins -= record->member_count;
}

static size_t
forget_services(struct inventory_draft *draft, struct instant before)
{
	size_t dying = 0;

	for (size_t i = 0; i < map_count(draft->services); i++) {
		struct draft_service *one = map_at(draft->services, i);

		if (!is_past(one->life.until, before))
			continue;
		forget_service(draft, one);
		dying++;
	}
	return dying;
}

static void
unclaim_slice(struct inventory_draft *draft, struct draft_slice *record)
{
	for (size_t v = 0; v < record->version_count; v++)
		for (size_t i = 0; i < record->versions[v].count; i++)
			draft_unclaim(draft, record->cluster,
			    &record->versions[v].addresses[i], CLAIMANT_SLICE,
			    record);
}

/* A slice that is gone goes whole; of others only what they said long ago. */
static size_t
forget_slices(struct inventory_draft *draft, struct instant before)
{
	size_t dying = 0;

	for (size_t i = 0; i < map_count(draft->slices); i++) {
		struct draft_slice *one = map_at(draft->slices, i);

		if (!is_past(one->life.until, before))
			continue;
		unclaim_slice(draft, one);
		one->head.dying = true;
		dying++;
	}
	return dying;
}

static void
forget_node(struct inventory_draft *draft, struct draft_node *record)
{
	record->head.dying = true;
	for (size_t i = 0; i < record->address_count; i++)
		draft_unclaim(draft, record->cluster, &record->addresses[i],
		    CLAIMANT_NODE, record);
	if (record->node != NULL)
		roll_remove(&draft->node_change, record->node);
}

static size_t
forget_nodes(struct inventory_draft *draft, struct instant before)
{
	size_t dying = 0;

	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		struct draft_node *one = map_at(draft->nodes, i);

		if (!is_past(one->life.until, before))
			continue;
		forget_node(draft, one);
		dying++;
	}
	return dying;
}

static void
forget_policies(struct inventory_draft *draft, struct instant before)
{
	for (size_t i = 0; i < map_count(draft->policies); i++) {
		struct draft_policy *one = map_at(draft->policies, i);

		one->head.dying =
		    one->published == NULL && is_past(one->life.until, before);
	}
}

/* The last moment before stays: it says how old what is known was. */
static void
forget_seen(struct inventory_draft *draft, struct draft_cluster *cluster,
    struct instant before)
{
	size_t over = 0;

	draft_sort_seen(draft, cluster);
	while (over + 1 < cluster->seen_count &&
	       cluster->seen[over + 1] < before.ns)
		over++;
	/* A copy each time would cost more than the memory is worth. */
	if (over > cluster->seen_count / 2)
		draft_drop_seen(draft, cluster, over);
}

/* --- lists and maps, anew ------------------------------------------------ */

static void
relink_workloads(struct inventory_draft *draft)
{
	for (size_t i = 0; i < map_count(draft->spaces); i++) {
		struct draft_space *one = map_at(draft->spaces, i);

		one->workloads = NULL;
	}
	for (size_t i = 0; i < map_count(draft->owners); i++) {
		struct draft_owner *one = map_at(draft->owners, i);

		one->workloads = NULL;
	}
	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		struct draft_node *one = map_at(draft->nodes, i);

		one->hosted = NULL;
	}
	for (size_t i = 0; i < map_count(draft->workloads); i++) {
		struct draft_workload *one = map_at(draft->workloads, i);
		size_t kept = 0;

		if (one->head.dying)
			continue;
		if (one->node != NULL && one->node->head.dying)
			one->node = NULL;
		draft_link_workload(one);
		for (size_t s = 0; s < one->service_count; s++)
			if (!one->services[s]->head.dying)
				one->services[kept++] = one->services[s];
		one->service_count = kept;
	}
}

static void
relink_services(struct inventory_draft *draft)
{
	for (size_t i = 0; i < map_count(draft->names); i++) {
		struct draft_name *one = map_at(draft->names, i);
		size_t kept = 0;

		one->services = NULL;
		for (size_t s = 0; s < one->slice_count; s++)
			if (!one->slices[s]->head.dying)
				one->slices[kept++] = one->slices[s];
		one->slice_count = kept;
	}
	for (size_t i = 0; i < map_count(draft->buckets); i++) {
		struct draft_bucket *one = map_at(draft->buckets, i);

		one->services = NULL;
	}
	for (size_t i = 0; i < map_count(draft->services); i++) {
		struct draft_service *one = map_at(draft->services, i);
		size_t kept = 0;

		if (one->head.dying)
			continue;
		draft_link_service(one);
		for (size_t m = 0; m < one->member_count; m++)
			if (!one->members[m]->head.dying)
				one->members[kept++] = one->members[m];
		one->member_count = kept;
	}
}

static void
relink_owners(struct inventory_draft *draft)
{
	for (size_t i = 0; i < map_count(draft->owners); i++) {
		struct draft_owner *one = map_at(draft->owners, i);

		one->owned = NULL;
	}
	for (size_t i = 0; i < map_count(draft->owners); i++) {
		struct draft_owner *one = map_at(draft->owners, i);

		if (one->head.dying || one->owner == NULL)
			continue;
		one->next_of_owner = one->owner->owned;
		one->owner->owned = one;
	}
}

/* What nothing refers to any more. */
static void
forget_unused(struct inventory_draft *draft, struct instant before)
{
	for (size_t i = 0; i < map_count(draft->owners); i++) {
		struct draft_owner *one = map_at(draft->owners, i);

		one->head.dying =
		    one->workloads == NULL && one->owned == NULL &&
		    (!one->life.known || is_past(one->life.until, before));
	}
	relink_owners(draft);
	for (size_t i = 0; i < map_count(draft->spaces); i++) {
		struct draft_space *one = map_at(draft->spaces, i);

		one->head.dying = one->workloads == NULL && !one->head.marked &&
				  is_past(one->life.until, before);
	}
	for (size_t i = 0; i < map_count(draft->buckets); i++) {
		struct draft_bucket *one = map_at(draft->buckets, i);

		one->head.dying = one->services == NULL;
	}
	for (size_t i = 0; i < map_count(draft->names); i++) {
		struct draft_name *one = map_at(draft->names, i);

		one->head.dying =
		    one->services == NULL && one->slice_count == 0;
	}
	for (size_t i = 0; i < map_count(draft->addresses); i++) {
		struct draft_address *one = map_at(draft->addresses, i);

		one->head.dying = one->claimant_count == 0 && !one->head.marked;
	}
}

static void
sift_marked(struct marked *marked)
{
	size_t kept = 0;

	for (size_t i = 0; i < marked->count; i++) {
		const struct head *head = marked->at[i];

		if (!head->dying)
			marked->at[kept++] = marked->at[i];
	}
	marked->count = kept;
}

/* Maps have no removal, so what stays goes into a new one. */
static void
sift(struct inventory_draft *draft, struct map **map, free_record *release)
{
	struct map *fresh;
	size_t dying = 0;

	for (size_t i = 0; i < map_count(*map); i++)
		dying += ((const struct head *)map_at(*map, i))->dying;
	if (dying == 0)
		return;
	fresh = map_new(map == &draft->addresses ? 4 * INVENTORY_MAXIMUM
						 : INVENTORY_MAXIMUM);
	for (size_t i = 0; i < map_count(*map); i++) {
		struct head *head = map_at(*map, i);
		struct draft_address *address = map_at(*map, i);

		if (head->dying)
			free_one(draft, head, release);
		else if (map == &draft->addresses)
			map_put(fresh, &address->key, sizeof(address->key),
			    address);
		else
			map_put_text(fresh, head->key, head);
	}
	map_free(*map);
	*map = fresh;
}

static void
sift_all(struct inventory_draft *draft)
{
	for (size_t i = 0; i < MARKED_KINDS; i++)
		sift_marked(&draft->marked[i]);
	sift(draft, &draft->workloads, free_workload);
	sift(draft, &draft->services, free_service);
	sift(draft, &draft->names, free_name);
	sift(draft, &draft->buckets, free_bucket);
	sift(draft, &draft->slices, free_slice);
	sift(draft, &draft->nodes, free_node);
	sift(draft, &draft->spaces, free_space);
	sift(draft, &draft->owners, free_owner);
	sift(draft, &draft->policies, free_policy);
	sift(draft, &draft->addresses, free_address);
}

size_t
inventory_forget(struct inventory_draft *draft, struct instant before)
{
	size_t dying = forget_workloads(draft, before);

	dying += forget_services(draft, before);
	dying += forget_slices(draft, before);
	dying += forget_nodes(draft, before);
	forget_policies(draft, before);
	for (size_t i = 0; i < draft->cluster_count; i++)
		forget_seen(draft, &draft->clusters[i], before);
	relink_workloads(draft);
	relink_services(draft);
	forget_unused(draft, before);
	sift_all(draft);
	return dying;
}
