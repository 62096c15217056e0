#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"

/*
 * Start times are whole seconds and events take their time, so tenures overlap
 * by a second or two when an address is reused at once.
 */
#define OVERLAP_TOLERATED (5 * NS_PER_SECOND)

/* What one workload says it held, before the older ones have their way. */
struct claim {
	struct address address;
	struct instant since, until;
	const struct workload *workload;
};

struct claims {
	struct claim *at;
	size_t count, capacity;
};

/* --- addresses ----------------------------------------------------------- */

/* The order in which claims prevail; workloads are in a fixed order. */
static int
compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	int order = address_compare(&left->address, &right->address);

	if (order != 0)
		return order;
	if (left->since.ns != right->since.ns)
		return left->since.ns < right->since.ns ? -1 : 1;
	/* Of two that began in one second, the one that ended came first. */
	if (left->until.ns != right->until.ns)
		return left->until.ns < right->until.ns ? -1 : 1;
	return (left->workload > right->workload) -
	       (left->workload < right->workload);
}

static void
add_claim(struct claims *claims, const struct workload *workload,
    const struct holding *holding)
{
	struct claim claim = {
	    .address = holding->address,
	    .since = holding->since,
	    .until = holding->until,
	    .workload = workload,
	};

	if (instant_before(claim.since, workload->since))
		claim.since = workload->since;
	if (instant_before(workload->until, claim.until))
		claim.until = workload->until;
	if (claims->count == claims->capacity) {
		claims->capacity = 2 * claims->capacity + 64;
		claims->at = reallocate(
		    claims->at, claims->capacity, sizeof(*claims->at));
	}
	claims->at[claims->count++] = claim;
}

static struct holder *
find_holder(struct inventory *inventory, const struct address *address)
{
	struct holder *holder = map_get(
	    inventory->holders, address->octets, sizeof(address->octets));

	if (holder != NULL)
		return holder;
	holder = arena_take(inventory->arena, sizeof(*holder));
	holder->address = *address;
	map_put(inventory->holders, holder->address.octets,
	    sizeof(holder->address.octets), holder);
	return holder;
}

/* Both must be real for a difference; an unknown end is far away. */
static bool
overlap_is_long(struct instant from, struct instant to)
{
	int64_t span;

	return __builtin_sub_overflow(to.ns, from.ns, &span) ||
	       span > OVERLAP_TOLERATED;
}

static void
warn_of_overlap(
    struct report *report, const struct claim *older, const struct claim *newer)
{
	const struct workload *a = older->workload, *b = newer->workload;
	char address[ADDRESS_TEXT_SIZE];
	struct instant to = instant_before(older->until, newer->until)
				? older->until
				: newer->until;

	if (a == b || !instant_before(newer->since, to) ||
	    !overlap_is_long(newer->since, to))
		return;
	address_print(&older->address, address);
	report_warning(report, INVENTORY_PLACE,
	    "%s is held by %s/%s and %s/%s at one time; it is taken for %s/%s "
	    "while both live: is the end of one missing, or are these two "
	    "clusters?",
	    address, a->namespace, a->name, b->namespace, b->name, a->namespace,
	    a->name);
}

/*
 * Makes the claims of one address disjoint.  In their order each begins where
 * all before it have ended, which gives every moment to the first claim that
 * covers it.
 */
static void
settle(struct inventory *inventory, const struct claim *claims, size_t count,
    struct report *report)
{
	struct holder *holder = find_holder(inventory, &claims[0].address);
	struct tenure *tenures =
	    arena_array(inventory->arena, count, sizeof(*tenures));
	const struct claim *last = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct instant since = claims[i].since;

		if (!instant_before(since, claims[i].until))
			continue;
		if (last != NULL) {
			warn_of_overlap(report, last, &claims[i]);
			if (instant_before(since, last->until))
				since = last->until;
			if (!instant_before(since, claims[i].until))
				continue;
		}
		tenures[kept++] =
		    (struct tenure){since, claims[i].until, claims[i].workload};
		last = &claims[i];
	}
	holder->tenures = tenures;
	holder->tenure_count = kept;
}

static void
index_workloads(struct inventory *inventory,
    const struct publication *publications, struct report *report)
{
	struct claims claims = {0};

	for (size_t i = 0; i < inventory->workload_count; i++) {
		const struct draft_workload *draft = publications[i].draft;

		for (size_t h = 0; h < draft->holding_count; h++)
			/* The node's, so at least the cluster's. */
			if (inventory->workloads[i].host_network)
				find_holder(
				    inventory, &draft->holdings[h].address);
			else
				add_claim(&claims, &inventory->workloads[i],
				    &draft->holdings[h]);
	}
	if (claims.count > 0)
		qsort(claims.at, claims.count, sizeof(*claims.at),
		    compare_claims);
	for (size_t from = 0, to; from < claims.count; from = to) {
		to = from + 1;
		while (
		    to < claims.count && address_equal(&claims.at[from].address,
					     &claims.at[to].address))
			to++;
		settle(inventory, &claims.at[from], to - from, report);
	}
	free(claims.at);
}

/*
 * A node's own word about its addresses outranks its pods', and of two nodes
 * that had one address the one with the newer version has it.
 */
static void
index_node_addresses(struct inventory *inventory, const struct node *node,
    const struct address *addresses, size_t count, uint64_t rank)
{
	for (size_t i = 0; i < count; i++) {
		struct holder *holder = find_holder(inventory, &addresses[i]);

		if (holder->node != NULL && holder->node_rank >= rank)
			continue;
		holder->node = node;
		holder->node_rank = rank;
	}
}

static void
index_nodes(struct inventory *inventory, const struct inventory_draft *draft)
{
	for (size_t i = 0; i < inventory->node_count; i++) {
		const struct node *node = &inventory->nodes[i];
		const struct draft_node *record =
		    map_get_text(draft->nodes, node->name);
		uint64_t rank = record->fact.version;

		if (rank < UINT64_MAX)
			rank++;
		index_node_addresses(inventory, node, record->fact.addresses,
		    record->fact.address_count, rank);
		index_node_addresses(
		    inventory, node, record->further, record->further_count, 0);
	}
}

struct service_claim {
	struct address address;
	const struct service *service;
};

static int
compare_service_claims(const void *a, const void *b)
{
	const struct service_claim *left = a, *right = b;
	int order = address_compare(&left->address, &right->address);

	if (order != 0)
		return order;
	if (left->service->since.ns != right->service->since.ns)
		return left->service->since.ns < right->service->since.ns ? -1
									  : 1;
	return (left->service > right->service) -
	       (left->service < right->service);
}

static void
index_services(struct inventory *inventory)
{
	struct service_claim *claims;
	const struct service **all;
	size_t count = 0, filled = 0;

	for (size_t i = 0; i < inventory->service_count; i++)
		count += inventory->services[i].address_count;
	if (count == 0)
		return;
	claims = allocate(count, sizeof(*claims));
	all = arena_array(
	    inventory->arena, count, sizeof(const struct service *));
	for (size_t i = 0; i < inventory->service_count; i++) {
		const struct service *service = &inventory->services[i];

		for (size_t a = 0; a < service->address_count; a++)
			claims[filled++] = (struct service_claim){
			    service->addresses[a], service};
	}
	qsort(claims, count, sizeof(*claims), compare_service_claims);
	for (size_t i = 0; i < count; i++) {
		struct holder *holder =
		    find_holder(inventory, &claims[i].address);

		all[i] = claims[i].service;
		if (holder->services == NULL)
			holder->services = &all[i];
		holder->service_count++;
	}
	free(claims);
}

void
index_addresses(struct inventory *inventory,
    const struct inventory_draft *draft, const struct publication *publications,
    struct report *report)
{
	size_t maximum = 1;

	for (size_t i = 0; i < inventory->workload_count; i++)
		maximum += publications[i].draft->holding_count;
	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		const struct draft_node *node = map_at(draft->nodes, i);

		maximum += node->fact.address_count + node->further_count;
	}
	for (size_t i = 0; i < inventory->service_count; i++)
		maximum += inventory->services[i].address_count;
	inventory->holders = map_new(maximum);
	index_workloads(inventory, publications, report);
	index_nodes(inventory, draft);
	index_services(inventory);
}

/* --- networks ------------------------------------------------------------ */

/* The longest first; of equal ones, whichever was put first (see below). */
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

static void
collect_zones(struct inventory *inventory, const struct inventory_draft *draft,
    struct zone *zones)
{
	struct networks *networks = &inventory->zones;
	size_t count = 0;
	uint64_t cut = 0;

	for (size_t i = 0; i < draft->zone_count; i++) {
		zones[i] = copy_zone(inventory->arena, &draft->zones[i], &cut);
		count += zones[i].prefix_count;
	}
	networks->at =
	    arena_array(inventory->arena, count, sizeof(*networks->at));
	for (size_t i = 0; i < draft->zone_count; i++)
		for (size_t p = 0; p < zones[i].prefix_count; p++)
			networks->at[networks->count++] =
			    (struct network){zones[i].prefixes[p], &zones[i]};
}

static void
collect_pod_networks(
    struct inventory *inventory, const struct inventory_draft *draft)
{
	struct networks *networks = &inventory->pod_networks;
	size_t count = 0;

	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		const struct draft_node *node = map_at(draft->nodes, i);

		count += node->fact.pod_network_count;
	}
	networks->at =
	    arena_array(inventory->arena, count, sizeof(*networks->at));
	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		const struct draft_node *node = map_at(draft->nodes, i);

		for (size_t p = 0; p < node->fact.pod_network_count; p++)
			networks->at[networks->count++].prefix =
			    node->fact.pod_networks[p];
	}
}

static bool
same_prefix(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && address_equal(&a->base, &b->base);
}

static void
warn_of_zones(const struct inventory *inventory, struct report *report)
{
	const struct networks *zones = &inventory->zones;
	char printed[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < zones->count; i++) {
		const struct network *zone = &zones->at[i];

		prefix_print(&zone->prefix, printed);
		if (networks_find(&inventory->pod_networks, &zone->prefix.base,
			zone->prefix.length) != NULL)
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

void
index_networks(struct inventory *inventory, const struct inventory_draft *draft,
    struct report *report)
{
	struct zone *zones =
	    arena_array(inventory->arena, draft->zone_count, sizeof(*zones));

	collect_zones(inventory, draft, zones);
	collect_pod_networks(inventory, draft);
	sort_networks(&inventory->zones);
	sort_networks(&inventory->pod_networks);
	warn_of_zones(inventory, report);
}
