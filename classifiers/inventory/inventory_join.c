#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* Services times workloads; a selector that fits every pod has many. */
#define JOINS_MAXIMUM ((size_t)1 << 24)

/* --- nodes --------------------------------------------------------------- */

int
compare_nodes(const void *a, const void *b)
{
	const struct node *left = *(const struct node *const *)a;
	const struct node *right = *(const struct node *const *)b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : strcmp(left->cluster, right->cluster);
}

static bool
is_hosted(const struct workload *workload, const struct draft_node *node)
{
	return workload->host_network &&
	       strcmp(workload->node, node->name) == 0;
}

static size_t
gather_hosted(const struct draft_node *record, const struct workload **out)
{
	size_t count = 0;

	for (const struct draft_workload *one = record->hosted; one != NULL;
	     one = one->next_of_node)
		for (size_t i = 0;
		     one->issue != NULL && i < one->issue->version_count; i++)
			if (is_hosted(&one->issue->versions[i], record)) {
				if (out != NULL)
					out[count] = &one->issue->versions[i];
				count++;
			}
	return count;
}

static void
publish_node(struct inventory_draft *draft, struct draft_node *record)
{
	struct arena *arena = arena_new();
	struct node *node = arena_take(arena, sizeof(*node));
	size_t hosted = gather_hosted(record, NULL);
	const struct workload **workloads =
	    arena_array(arena, hosted, sizeof(const struct workload *));

	gather_hosted(record, workloads);
	if (hosted > 0)
		qsort(workloads, hosted, sizeof(const struct workload *),
		    compare_workloads);
	*node = (struct node){
	    .cluster = arena_text(arena, draft->clusters[record->cluster].name),
	    .name = arena_text(arena, record->name),
	    .labels = record->fact.node.labels,
	    .host_workloads = workloads,
	    .host_workload_count = hosted,
	    .since = INSTANT_PAST,
	    .until = record->life.until,
	};
	record->node = node;
	record->arena = arena;
}

static void
publish_addresses(struct draft_node *record)
{
	size_t own = record->fact.address_count;
	struct address *addresses = arena_array(
	    record->arena, own + record->further_count, sizeof(*addresses));

	if (own > 0)
		memcpy(addresses, record->fact.addresses,
		    own * sizeof(*addresses));
	if (record->further_count > 0)
		memcpy(addresses + own, record->further,
		    record->further_count * sizeof(*addresses));
	record->addresses = addresses;
	record->own_count = own;
	record->address_count = own + record->further_count;
}

static void
join_node(struct inventory_draft *draft, struct draft_node *record)
{
	struct arena *before = record->arena;

	record->head.marked = false;
	for (size_t i = 0; i < record->address_count; i++)
		draft_unclaim(draft, record->cluster, &record->addresses[i],
		    CLAIMANT_NODE, record);
	if (record->node != NULL)
		roll_remove(&draft->node_change, record->node);
	publish_node(draft, record);
	publish_addresses(record);
	roll_add(&draft->node_change, record->node);
	for (size_t i = 0; i < record->address_count; i++)
		draft_claim(draft, record->cluster, &record->addresses[i],
		    CLAIMANT_NODE, record);
	attic_put_arena(draft->attic, before);
}

void
join_nodes(struct inventory_draft *draft)
{
	for (size_t i = 0; i < draft->marked[MARKED_NODES].count; i++)
		join_node(draft, draft->marked[MARKED_NODES].at[i]);
	draft->marked[MARKED_NODES].count = 0;
}

/* --- who selects whom ---------------------------------------------------- */

static bool
selects(const struct labels *selector, const struct workload *workload)
{
	for (size_t i = 0; i < selector->count; i++) {
		const char *value =
		    labels_get(&workload->labels, selector->at[i].key);

		if (value == NULL || strcmp(value, selector->at[i].value) != 0)
			return false;
	}
	return true;
}

static bool
selects_any(const struct draft_service *service, const struct issue *issue)
{
	for (size_t i = 0; issue != NULL && i < issue->version_count; i++)
		if (selects(&service->fact.selector, &issue->versions[i]))
			return true;
	return false;
}

static void
mark_service(struct inventory_draft *draft, struct draft_service *service)
{
	draft_mark(&draft->marked[MARKED_SERVICES], service);
}

static bool
is_joined(
    const struct draft_workload *record, const struct draft_service *service)
{
	for (size_t i = 0; i < record->service_count; i++)
		if (record->services[i] == service)
			return true;
	return false;
}

static void
join(struct inventory_draft *draft, struct draft_workload *record,
    struct draft_service *service)
{
	if (is_joined(record, service))
		return;
	if (draft->joins == JOINS_MAXIMUM) {
		draft->joins_left_out++;
		return;
	}
	draft->joins++;
	record->services = reallocate(record->services,
	    record->service_count + 1, sizeof(struct draft_service *));
	record->services[record->service_count++] = service;
	if (service->member_count == service->member_capacity) {
		service->member_capacity = 2 * service->member_capacity + 4;
		service->members = reallocate(service->members,
		    service->member_capacity, sizeof(struct draft_workload *));
	}
	service->members[service->member_count++] = record;
}

static void
remove_member(
    struct draft_service *service, const struct draft_workload *record)
{
	for (size_t i = 0; i < service->member_count; i++)
		if (service->members[i] == record) {
			service->members[i] =
			    service->members[--service->member_count];
			return;
		}
}

static void
remove_service(
    struct draft_workload *record, const struct draft_service *service)
{
	for (size_t i = 0; i < record->service_count; i++)
		if (record->services[i] == service) {
			record->services[i] =
			    record->services[--record->service_count];
			return;
		}
}

static void
join_by_labels(struct inventory_draft *draft, struct draft_workload *record,
    const struct workload *workload)
{
	for (size_t l = 0; l < workload->labels.count; l++) {
		const struct draft_bucket *bucket =
		    draft_bucket(draft, record->cluster, workload->namespace,
			&workload->labels.at[l], false);
		struct draft_service *one =
		    bucket == NULL ? NULL : bucket->services;

		for (; one != NULL; one = one->next_of_bucket)
			if (selects(&one->fact.selector, workload))
				join(draft, record, one);
	}
}

void
join_select(struct inventory_draft *draft, struct draft_workload *record)
{
	/* Its versions are new, so whatever had the old ones is made anew. */
	for (size_t i = 0; i < record->service_count; i++)
		mark_service(draft, record->services[i]);
	for (size_t i = record->service_count; i > 0; i--) {
		struct draft_service *service = record->services[i - 1];

		if (selects_any(service, record->issue))
			continue;
		remove_member(service, record);
		remove_service(record, service);
		draft->joins--;
	}
	for (size_t v = 0; v < record->issue->version_count; v++)
		join_by_labels(draft, record, &record->issue->versions[v]);
	for (size_t i = 0; i < record->service_count; i++)
		mark_service(draft, record->services[i]);
}

static void
leave_bucket(struct draft_service *record)
{
	struct draft_service **link;

	if (record->bucket == NULL)
		return;
	link = &record->bucket->services;
	while (*link != record)
		link = &(*link)->next_of_bucket;
	*link = record->next_of_bucket;
	record->bucket = NULL;
}

void
join_reselect(struct inventory_draft *draft, struct draft_service *record)
{
	leave_bucket(record);
	for (size_t i = 0; i < record->member_count; i++)
		remove_service(record->members[i], record);
	draft->joins -= record->member_count;
	record->member_count = 0;
	if (record->fact.selector.count == 0 || record->space == NULL)
		return;
	record->bucket = draft_bucket(draft, record->cluster,
	    record->space->name, &record->fact.selector.at[0], true);
	if (record->bucket == NULL)
		return;
	record->next_of_bucket = record->bucket->services;
	record->bucket->services = record;
	for (struct draft_workload *one = record->space->workloads; one != NULL;
	     one = one->next_of_space)
		if (selects_any(record, one->issue))
			join(draft, one, record);
}

/* --- backends ------------------------------------------------------------ */

struct backends {
	const struct workload **at;
	size_t count, capacity;
};

static void
add_backend(struct backends *backends, const struct workload *workload)
{
	if (backends->count == backends->capacity) {
		backends->capacity = 2 * backends->capacity + 16;
		backends->at = reallocate(backends->at, backends->capacity,
		    sizeof(const struct workload *));
	}
	backends->at[backends->count++] = workload;
}

static void
add_selected(struct backends *backends, const struct draft_service *record)
{
	for (size_t m = 0; m < record->member_count; m++) {
		const struct issue *issue = record->members[m]->issue;

		for (size_t i = 0; i < issue->version_count; i++)
			if (selects(
				&record->fact.selector, &issue->versions[i]))
				add_backend(backends, &issue->versions[i]);
	}
}

/* Whoever held the address while the slice named it. */
static void
add_holders(struct inventory_draft *draft, struct backends *backends,
    const struct draft_slice *slice, const struct address *address,
    struct instant since, struct instant until)
{
	struct address_key key = {*address, slice->cluster};
	const struct draft_address *record =
	    map_get(draft->addresses, &key, sizeof(key));
	struct tenure *tenures;
	size_t count;

	if (record == NULL)
		return;
	tenures = settle_tenures(record, &count, NULL);
	for (size_t i = 0; i < count; i++)
		if (instant_before(tenures[i].since, until) &&
		    instant_before(since, tenures[i].until))
			add_backend(backends, tenures[i].workload);
	free(tenures);
}

/*
 * What an EndpointSlice names counts only behind a service without a selector:
 * elsewhere the selector says the same, and does not mistake the next holder
 * of an address for a backend.  The first that a slice says is held to be as
 * old as the slice.
 */
static void
add_named(struct inventory_draft *draft, struct backends *backends,
    const struct draft_slice *slice)
{
	struct instant since = INSTANT_PAST, until;

	for (size_t v = 0; v < slice->version_count; v++) {
		const struct slice_version *version = &slice->versions[v];

		until = INSTANT_FUTURE;
		if (v > 0 && instant_before(since, version->at))
			since = version->at;
		if (v + 1 < slice->version_count)
			until = slice->versions[v + 1].at;
		if (instant_before(until, since))
			until = since;
		for (size_t i = 0; i < version->count; i++)
			add_holders(draft, backends, slice,
			    &version->addresses[i], since, until);
	}
}

static int
compare_backends(const void *a, const void *b)
{
	return compare_workloads(a, b);
}

/* Sorted, each once, in the arena. */
static void
keep_backends(
    struct backends *backends, struct arena *arena, struct service *service)
{
	const struct workload **kept;

	if (backends->count > 0)
		qsort(backends->at, backends->count,
		    sizeof(const struct workload *), compare_backends);
	kept = arena_array(
	    arena, backends->count, sizeof(const struct workload *));
	for (size_t i = 0; i < backends->count; i++)
		if (i == 0 || backends->at[i] != backends->at[i - 1])
			kept[service->backend_count++] = backends->at[i];
	service->backends = kept;
	free(backends->at);
}

/* --- services ------------------------------------------------------------ */

int
compare_services(const void *a, const void *b)
{
	const struct service *left = *(const struct service *const *)a;
	const struct service *right = *(const struct service *const *)b;
	int order = strcmp(left->namespace, right->namespace);

	if (order == 0)
		order = strcmp(left->name, right->name);
	if (order == 0)
		order = strcmp(left->cluster, right->cluster);
	if (order != 0)
		return order;
	return (left->since.ns > right->since.ns) -
	       (left->since.ns < right->since.ns);
}

static void
claim_addresses(
    struct inventory_draft *draft, struct draft_service *record, bool claims)
{
	const struct service *service = record->service;

	for (size_t i = 0; service != NULL && i < service->address_count; i++)
		(claims ? draft_claim : draft_unclaim)(draft, record->cluster,
		    &service->addresses[i], CLAIMANT_SERVICE, record);
}

static void
join_service(struct inventory_draft *draft, struct draft_service *record)
{
	struct arena *before = record->arena;
	struct backends backends = {0};

	record->head.marked = false;
	/* Only its end was stated. */
	if (!record->life.known)
		return;
	if (record->service != NULL)
		roll_remove(&draft->service_change, record->service);
	claim_addresses(draft, record, false);
	record->arena = arena_sized(
	    sizeof(struct service) +
	    record->member_count * sizeof(const struct workload *) + 32);
	record->service = arena_take(record->arena, sizeof(struct service));
	*record->service = record->fact.service;
	record->service->until = record->life.until;
	add_selected(&backends, record);
	if (record->fact.selector.count == 0 && record->name != NULL)
		for (size_t i = 0; i < record->name->slice_count; i++)
			add_named(draft, &backends, record->name->slices[i]);
	keep_backends(&backends, record->arena, record->service);
	claim_addresses(draft, record, true);
	roll_add(&draft->service_change, record->service);
	attic_put_arena(draft->attic, before);
}

/* Whoever held an address that a slice names may be another now. */
static void
mark_named(struct inventory_draft *draft)
{
	for (size_t i = 0; i < draft->marked[MARKED_ADDRESSES].count; i++) {
		const struct draft_address *address =
		    draft->marked[MARKED_ADDRESSES].at[i];

		for (size_t c = 0; c < address->claimant_count; c++) {
			const struct draft_slice *slice =
			    address->claimants[c].record;
			struct draft_service *one;

			if (address->claimants[c].kind != CLAIMANT_SLICE)
				continue;
			for (one = slice->name->services; one != NULL;
			     one = one->next_of_name)
				if (one->fact.selector.count == 0)
					mark_service(draft, one);
		}
	}
}

void
join_services(struct inventory_draft *draft)
{
	mark_named(draft);
	for (size_t i = 0; i < draft->marked[MARKED_SERVICES].count; i++)
		join_service(draft, draft->marked[MARKED_SERVICES].at[i]);
	draft->marked[MARKED_SERVICES].count = 0;
}
