#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"

/* --- workloads ----------------------------------------------------------- */

static int
compare_workloads(const void *a, const void *b)
{
	const struct publication *left = a, *right = b;
	int order = strcmp(left->workload.namespace, right->workload.namespace);

	if (order == 0)
		order = strcmp(left->workload.name, right->workload.name);
	if (order != 0)
		return order;
	if (left->workload.since.ns != right->workload.since.ns)
		return left->workload.since.ns < right->workload.since.ns ? -1
									  : 1;
	return strcmp(left->draft->id, right->draft->id);
}

/* Every address that it ever held, each once. */
static void
gather_addresses(struct arena *arena, const struct draft_workload *record,
    struct workload *workload)
{
	struct address *addresses =
	    arena_array(arena, record->holding_count, sizeof(*addresses));
	size_t count = 0;

	for (size_t h = 0; h < record->holding_count; h++) {
		const struct address *address = &record->holdings[h].address;
		size_t i = 0;

		while (i < count && !address_equal(&addresses[i], address))
			i++;
		if (i == count)
			addresses[count++] = *address;
	}
	workload->addresses = addresses;
	workload->address_count = count;
}

static struct workload
make_workload(struct inventory *inventory, const struct inventory_draft *draft,
    const struct draft_workload *record)
{
	struct arena *arena = inventory->arena;
	uint64_t cut = 0;
	struct workload workload =
	    copy_workload(arena, &record->fact.workload, &cut);
	const struct namespace *namespace =
	    map_get_text(draft->namespaces, workload.namespace);

	workload.until = draft_workload_until(record);
	/* One that ended before it began held nothing; its life is empty. */
	if (instant_before(workload.until, workload.since))
		workload.until = workload.since;
	if (namespace != NULL)
		workload.namespace_labels =
		    copy_labels(arena, &namespace->labels, &cut);
	gather_addresses(arena, record, &workload);
	workload_name(draft, arena, &record->fact, &workload);
	return workload;
}

static struct publication *
publish_workloads(
    struct inventory *inventory, const struct inventory_draft *draft)
{
	size_t count = map_count(draft->workloads), known = 0;
	struct publication *publications =
	    allocate(count, sizeof(*publications));

	for (size_t i = 0; i < count; i++) {
		const struct draft_workload *record =
		    map_at(draft->workloads, i);

		if (!record->known)
			continue;
		publications[known].draft = record;
		publications[known++].workload =
		    make_workload(inventory, draft, record);
	}
	if (known > 0)
		qsort(publications, known, sizeof(*publications),
		    compare_workloads);
	inventory->workloads =
	    arena_array(inventory->arena, known, sizeof(*inventory->workloads));
	inventory->workload_count = known;
	for (size_t i = 0; i < known; i++)
		inventory->workloads[i] = publications[i].workload;
	return publications;
}

/* --- nodes --------------------------------------------------------------- */

static int
compare_nodes(const void *a, const void *b)
{
	const struct node *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static struct node *
find_node(const struct inventory *inventory, const char *name)
{
	struct node key = {.name = name};

	if (inventory->node_count == 0)
		return NULL;
	return bsearch(&key, inventory->nodes, inventory->node_count,
	    sizeof(*inventory->nodes), compare_nodes);
}

static void
count_host_workloads(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->workload_count; i++) {
		const struct workload *workload = &inventory->workloads[i];
		struct node *node = NULL;

		if (workload->host_network)
			node = find_node(inventory, workload->node);
		if (node != NULL)
			node->host_workload_count++;
	}
}

static void
join_host_workloads(struct inventory *inventory)
{
	const struct workload ***lists =
	    allocate(inventory->node_count, sizeof(const struct workload **));

	count_host_workloads(inventory);
	for (size_t i = 0; i < inventory->node_count; i++) {
		struct node *node = &inventory->nodes[i];

		lists[i] = arena_array(inventory->arena,
		    node->host_workload_count, sizeof(const struct workload *));
		node->host_workloads = lists[i];
	}
	for (size_t i = 0; i < inventory->workload_count; i++) {
		const struct workload *workload = &inventory->workloads[i];
		const struct node *node = NULL;

		if (workload->host_network)
			node = find_node(inventory, workload->node);
		if (node != NULL)
			*lists[node - inventory->nodes]++ = workload;
	}
	free(lists);
}

static void
publish_nodes(struct inventory *inventory, const struct inventory_draft *draft)
{
	size_t count = map_count(draft->nodes);
	uint64_t cut = 0;

	inventory->nodes =
	    arena_array(inventory->arena, count, sizeof(*inventory->nodes));
	inventory->node_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct draft_node *record = map_at(draft->nodes, i);

		inventory->nodes[i].name =
		    arena_text(inventory->arena, record->name);
		inventory->nodes[i].labels = copy_labels(
		    inventory->arena, &record->fact.node.labels, &cut);
	}
	if (count > 0)
		qsort(inventory->nodes, count, sizeof(*inventory->nodes),
		    compare_nodes);
	join_host_workloads(inventory);
}

/* --- services ------------------------------------------------------------ */

static int
compare_services(const void *a, const void *b)
{
	const struct draft_service *const *left = a, *const *right = b;
	const struct service *one = &(*left)->fact.service;
	const struct service *other = &(*right)->fact.service;
	int order = strcmp(one->namespace, other->namespace);

	if (order == 0)
		order = strcmp(one->name, other->name);
	if (order != 0)
		return order;
	return (one->since.ns > other->since.ns) -
	       (one->since.ns < other->since.ns);
}

/* Returns the drafts in the order of the services, owned. */
static const struct draft_service **
publish_services(
    struct inventory *inventory, const struct inventory_draft *draft)
{
	size_t count = map_count(draft->services);
	const struct draft_service **drafts =
	    allocate(count, sizeof(const struct draft_service *));
	uint64_t cut = 0;

	for (size_t i = 0; i < count; i++)
		drafts[i] = map_at(draft->services, i);
	if (count > 0)
		qsort(drafts, count, sizeof(const struct draft_service *),
		    compare_services);
	inventory->services =
	    arena_array(inventory->arena, count, sizeof(*inventory->services));
	inventory->service_count = count;
	for (size_t i = 0; i < count; i++)
		inventory->services[i] = copy_service(
		    inventory->arena, &drafts[i]->fact.service, &cut);
	return drafts;
}

/* --- policies ------------------------------------------------------------ */

static int
compare_policies(const void *a, const void *b)
{
	const struct network_policy *left = a, *right = b;
	int order = strcmp(left->namespace, right->namespace);

	return order != 0 ? order : strcmp(left->name, right->name);
}

static void
publish_policies(
    struct inventory *inventory, const struct inventory_draft *draft)
{
	size_t total = map_count(draft->policies);
	uint64_t cut = 0;

	inventory->policies =
	    arena_array(inventory->arena, total, sizeof(*inventory->policies));
	for (size_t i = 0; i < total; i++) {
		const struct draft_policy *record = map_at(draft->policies, i);

		if (!record->gone)
			inventory->policies[inventory->policy_count++] =
			    network_policy_copy(
				inventory->arena, &record->policy, &cut);
	}
	if (inventory->policy_count > 0)
		qsort(inventory->policies, inventory->policy_count,
		    sizeof(*inventory->policies), compare_policies);
}

/* --- all of it ----------------------------------------------------------- */

static int
compare_times(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
publish_seen(struct inventory *inventory, const struct inventory_draft *draft)
{
	uint64_t cut = 0;

	inventory->seen_count = draft->seen_count;
	inventory->seen = copy_array(inventory->arena, draft->seen,
	    &inventory->seen_count, sizeof(*inventory->seen), SIZE_MAX, &cut);
	if (inventory->seen_count > 0)
		qsort(inventory->seen, inventory->seen_count,
		    sizeof(*inventory->seen), compare_times);
}

static void
warn_of_losses(const struct inventory_draft *draft, struct report *report)
{
	if (draft->counts.cut > 0)
		report_warning(report, INVENTORY_PLACE,
		    "%llu texts, labels, addresses, ports or containers were "
		    "beyond what one object may have, and left out",
		    (unsigned long long)draft->counts.cut);
	if (draft->counts.no_room > 0)
		report_warning(report, INVENTORY_PLACE,
		    "%llu facts found no room (at most %zu objects of a "
		    "kind): load less, or less of the past",
		    (unsigned long long)draft->counts.no_room,
		    INVENTORY_MAXIMUM);
}

struct inventory *
inventory_publish(struct inventory_draft *draft, struct report *report)
{
	struct inventory *inventory = allocate(1, sizeof(*inventory));
	struct publication *publications;
	const struct draft_service **services;

	inventory->arena = arena_new();
	publications = publish_workloads(inventory, draft);
	publish_nodes(inventory, draft);
	services = publish_services(inventory, draft);
	publish_policies(inventory, draft);
	index_addresses(inventory, draft, publications, report);
	join_backends(inventory, draft, services, report);
	index_networks(inventory, draft, report);
	publish_seen(inventory, draft);
	warn_of_losses(draft, report);
	free(services);
	free(publications);
	return inventory;
}

void
inventory_free(struct inventory *inventory)
{
	if (inventory == NULL)
		return;
	map_free(inventory->holders);
	arena_free(inventory->arena);
	free(inventory);
}
