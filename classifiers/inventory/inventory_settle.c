#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"

/*
 * Start times are whole seconds and events take their time, so tenures overlap
 * by a second or two when an address is reused at once.
 */
#define OVERLAP_TOLERATED (5 * NS_PER_SECOND)

/* What one workload says it held, before the older ones have their way. */
struct claim {
	struct instant since, until;
	const struct issue *issue;
};

/* The order in which claims prevail. */
static int
compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	const struct workload *one, *other;

	if (left->since.ns != right->since.ns)
		return left->since.ns < right->since.ns ? -1 : 1;
	/* Of two that began in one second, the one that ended came first. */
	if (left->until.ns != right->until.ns)
		return left->until.ns < right->until.ns ? -1 : 1;
	one = left->issue->versions;
	other = right->issue->versions;
	return compare_workloads(&one, &other);
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
warn_of_overlap(struct report *report, const struct address *address,
    const struct claim *older, const struct claim *newer)
{
	const struct workload *a = older->issue->versions;
	const struct workload *b = newer->issue->versions;
	char printed[ADDRESS_TEXT_SIZE];
	struct instant to = instant_before(older->until, newer->until)
				? older->until
				: newer->until;

	if (a == b || !instant_before(newer->since, to) ||
	    !overlap_is_long(newer->since, to))
		return;
	address_print(address, printed);
	report_warning(report, INVENTORY_PLACE,
	    "%s is held by %s/%s and %s/%s at one time; it is taken for %s/%s "
	    "while both live: is the end of one missing, or are these two "
	    "clusters?",
	    printed, a->namespace, a->name, b->namespace, b->name, a->namespace,
	    a->name);
}

/* --- who held it --------------------------------------------------------- */

/* What is on its node's network has the node's addresses, and none itself. */
static bool
has_its_own(const struct issue *issue)
{
	return issue->version_count > 0 &&
	       !issue->versions[issue->version_count - 1].host_network;
}

static size_t
gather_claims(const struct draft_address *record, struct claim *out)
{
	size_t count = 0;

	for (size_t i = 0; i < record->claimant_count; i++) {
		const struct draft_workload *one = record->claimants[i].record;

		if (record->claimants[i].kind != CLAIMANT_WORKLOAD ||
		    !has_its_own(one->issue))
			continue;
		for (size_t h = 0; h < one->issue->holding_count; h++) {
			const struct holding *held = &one->issue->holdings[h];

			if (!address_equal(
				&held->address, &record->key.address) ||
			    !instant_before(held->since, held->until))
				continue;
			if (out != NULL)
				out[count] = (struct claim){
				    held->since, held->until, one->issue};
			count++;
		}
	}
	return count;
}

static struct instant
earlier(struct instant a, struct instant b)
{
	return instant_before(a, b) ? a : b;
}

/* Adds a stretch of one workload, in as many parts as it had states. */
static size_t
add_parts(struct tenure *out, const struct claim *claim)
{
	size_t count = 0;

	for (size_t i = 0; i < claim->issue->version_count; i++) {
		const struct workload *one = &claim->issue->versions[i];
		struct tenure part = {
		    claim->since, earlier(claim->until, one->until), one};

		if (instant_before(part.since, one->since))
			part.since = one->since;
		if (instant_before(part.since, part.until))
			out[count++] = part;
	}
	return count;
}

/*
 * Makes the claims disjoint.  In their order each begins where all before it
 * have ended, which gives every moment to the first claim that covers it.
 */
static size_t
settle(struct claim *claims, size_t count, const struct address *address,
    struct report *report)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct claim claim = claims[i];

		if (kept > 0) {
			const struct claim *last = &claims[kept - 1];

			if (report != NULL)
				warn_of_overlap(report, address, last, &claim);
			if (instant_before(claim.since, last->until))
				claim.since = last->until;
		}
		if (instant_before(claim.since, claim.until))
			claims[kept++] = claim;
	}
	return kept;
}

struct tenure *
settle_tenures(
    const struct draft_address *record, size_t *count, struct report *report)
{
	size_t total = gather_claims(record, NULL), parts = 0;
	struct claim *claims;
	struct tenure *tenures;

	*count = 0;
	if (total == 0)
		return NULL;
	claims = allocate(total, sizeof(*claims));
	gather_claims(record, claims);
	qsort(claims, total, sizeof(*claims), compare_claims);
	total = settle(claims, total, &record->key.address, report);
	for (size_t i = 0; i < total; i++)
		parts += claims[i].issue->version_count;
	tenures = allocate(parts, sizeof(*tenures));
	for (size_t i = 0; i < total; i++)
		*count += add_parts(&tenures[*count], &claims[i]);
	free(claims);
	return tenures;
}

/* --- nodes and services -------------------------------------------------- */

struct node_claim {
	const struct node *node;
	uint64_t rank;
};

static int
compare_node_claims(const void *a, const void *b)
{
	const struct node_claim *left = a, *right = b;

	if (left->rank != right->rank)
		return left->rank > right->rank ? -1 : 1;
	return compare_nodes(&left->node, &right->node);
}

/*
 * A node's own word about its addresses outranks its pods', and of two nodes
 * that had one address the one with the newer version has it.
 */
static uint64_t
rank_of(const struct draft_node *node, const struct address *address)
{
	for (size_t i = 0; i < node->own_count; i++)
		if (address_equal(&node->addresses[i], address))
			return node->life.version < UINT64_MAX
				   ? node->life.version + 1
				   : UINT64_MAX;
	return 0;
}

static size_t
gather_nodes(const struct draft_address *record, const struct node **out)
{
	struct node_claim *claims =
	    allocate(record->claimant_count, sizeof(*claims));
	size_t count = 0;

	for (size_t i = 0; i < record->claimant_count; i++) {
		const struct draft_node *one = record->claimants[i].record;

		if (record->claimants[i].kind == CLAIMANT_NODE)
			claims[count++] = (struct node_claim){
			    one->node, rank_of(one, &record->key.address)};
	}
	qsort(claims, count, sizeof(*claims), compare_node_claims);
	for (size_t i = 0; i < count; i++)
		out[i] = claims[i].node;
	free(claims);
	return count;
}

static int
compare_beginnings(const void *a, const void *b)
{
	const struct service *left = *(const struct service *const *)a;
	const struct service *right = *(const struct service *const *)b;

	if (left->since.ns != right->since.ns)
		return left->since.ns < right->since.ns ? -1 : 1;
	return compare_services(a, b);
}

static size_t
gather_services(const struct draft_address *record, const struct service **out)
{
	size_t count = 0;

	for (size_t i = 0; i < record->claimant_count; i++) {
		const struct draft_service *one = record->claimants[i].record;

		if (record->claimants[i].kind == CLAIMANT_SERVICE)
			out[count++] = one->service;
	}
	if (count > 0)
		qsort(out, count, sizeof(const struct service *),
		    compare_beginnings);
	return count;
}

/* --- holders ------------------------------------------------------------- */

static size_t
count_claimants(const struct draft_address *record, enum claimant_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < record->claimant_count; i++)
		count += record->claimants[i].kind == kind;
	return count;
}

/* In one piece of memory; NULL when nobody says that it is his. */
static struct holder *
make_holder(const struct draft_address *record, struct report *report)
{
	size_t nodes = count_claimants(record, CLAIMANT_NODE);
	size_t services = count_claimants(record, CLAIMANT_SERVICE);
	size_t count;
	struct tenure *tenures = settle_tenures(record, &count, report), *kept;
	const struct node **node_room;
	const struct service **service_room;
	struct holder *holder;

	if (nodes + services + count_claimants(record, CLAIMANT_WORKLOAD) == 0)
		return NULL;
	holder = allocate(1, sizeof(*holder) + count * sizeof(*tenures) +
				 nodes * sizeof(const struct node *) +
				 services * sizeof(const struct service *));
	kept = (struct tenure *)(holder + 1);
	if (count > 0)
		memcpy(kept, tenures, count * sizeof(*tenures));
	free(tenures);
	node_room = (const struct node **)(kept + count);
	service_room = (const struct service **)(node_room + nodes);
	*holder = (struct holder){
	    .tenures = kept,
	    .tenure_count = count,
	    .nodes = node_room,
	    .services = service_room,
	};
	if (nodes > 0)
		holder->node_count = gather_nodes(record, node_room);
	if (services > 0)
		holder->service_count = gather_services(record, service_room);
	return holder;
}

void
settle_addresses(struct inventory_draft *draft, struct report *report)
{
	for (size_t i = 0; i < draft->marked[MARKED_ADDRESSES].count; i++) {
		struct draft_address *record =
		    draft->marked[MARKED_ADDRESSES].at[i];

		record->head.marked = false;
		attic_put_constant(draft->attic,
		    index_put(&draft->index, draft->attic, record->key.cluster,
			&record->key.address, make_holder(record, report)));
	}
	draft->marked[MARKED_ADDRESSES].count = 0;
}
