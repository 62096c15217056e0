#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

/* A stretch of versions that say the same of a workload. */
struct stretch {
	struct state *state;
	struct instant since;
};

/* By namespace, name, beginning; a fixed order for whatever is left. */
int
compare_workloads(const void *a, const void *b)
{
	const struct workload *left = *(const struct workload *const *)a;
	const struct workload *right = *(const struct workload *const *)b;
	int order = strcmp(left->namespace, right->namespace);

	if (order == 0)
		order = strcmp(left->name, right->name);
	if (order != 0)
		return order;
	if (left->began.ns != right->began.ns)
		return left->began.ns < right->began.ns ? -1 : 1;
	order = strcmp(left->id, right->id);
	if (order == 0)
		order = strcmp(left->cluster, right->cluster);
	if (order != 0)
		return order;
	return (left->since.ns > right->since.ns) -
	       (left->since.ns < right->since.ns);
}

/* --- times --------------------------------------------------------------- */

/* A sighting is no news about when it began. */
static bool
is_sighting(const struct draft_version *version)
{
	return version->since.ns == version->at.ns;
}

/* The newest version knows best when it began; of sightings, the first. */
static struct instant
began(const struct draft_workload *record)
{
	struct instant first = INSTANT_FUTURE;

	for (size_t i = record->version_count; i > 0; i--) {
		const struct draft_version *version = &record->versions[i - 1];

		if (!is_sighting(version))
			return instant_before(first, version->since)
				   ? first
				   : version->since;
		if (instant_before(version->since, first))
			first = version->since;
	}
	return first;
}

static struct instant
ended(const struct draft_workload *record, struct instant began)
{
	struct instant until = record->finished;

	if (instant_before(record->deleted, until))
		until = record->deleted;
	/* One that ended before it began held nothing; its life is empty. */
	return instant_before(until, began) ? began : until;
}

/* --- states -------------------------------------------------------------- */

/* Writes at most version_count stretches, in order of time; none is empty. */
static size_t
find_stretches(const struct draft_workload *record, struct instant since,
    struct instant until, struct stretch *out)
{
	size_t count = 0;

	for (size_t i = 0; i < record->version_count; i++) {
		const struct draft_version *version = &record->versions[i];
		struct instant from = version->at;

		if (count == 0) {
			out[count++] = (struct stretch){version->state, since};
			continue;
		}
		if (states_alike(out[count - 1].state, version->state)) {
			out[count - 1].state = version->state;
			continue;
		}
		/* After its end it is what it was. */
		if (!instant_before(from, until))
			continue;
		if (instant_before(out[count - 1].since, from))
			out[count++] = (struct stretch){version->state, from};
		else
			out[count - 1].state = version->state;
	}
	return count;
}

static bool
holds(const struct workload *workload, const struct address *address)
{
	for (size_t i = 0; i < workload->address_count; i++)
		if (address_equal(&workload->addresses[i], address))
			return true;
	return false;
}

/* --- addresses ----------------------------------------------------------- */

struct holdings {
	struct holding *at;
	size_t count;
};

/* Ends what this version names no more, and says whether it ended anything. */
static bool
end_holdings(struct holdings *holdings, const struct draft_version *version)
{
	bool some = false;

	for (size_t i = 0; i < holdings->count; i++) {
		struct holding *holding = &holdings->at[i];

		if (holding->until.ns != INSTANT_FUTURE.ns ||
		    version->at.ns == INSTANT_PAST.ns ||
		    holds(&version->state->fact.workload, &holding->address))
			continue;
		holding->until = version->at;
		some = true;
	}
	return some;
}

static bool
is_held(const struct holdings *holdings, const struct address *address)
{
	for (size_t i = 0; i < holdings->count; i++)
		if (holdings->at[i].until.ns == INSTANT_FUTURE.ns &&
		    address_equal(&holdings->at[i].address, address))
			return true;
	return false;
}

/*
 * A workload may be given another address while it lives (its sandbox was made
 * anew); then each is held for its own time.  No address at all means that it
 * is not published, or not any more: what is known stays.  An address that is
 * published late was held from the start.
 */
static void
find_holdings(const struct draft_workload *record, struct holdings *holdings)
{
	for (size_t v = 0; v < record->version_count; v++) {
		const struct draft_version *version = &record->versions[v];
		const struct workload *workload =
		    &version->state->fact.workload;
		struct instant since = INSTANT_PAST;

		if (workload->address_count == 0)
			continue;
		if (end_holdings(holdings, version))
			since = version->at;
		for (size_t i = 0; i < workload->address_count; i++) {
			const struct address *one = &workload->addresses[i];

			if (is_held(holdings, one) ||
			    holdings->count == INVENTORY_ADDRESSES_MAXIMUM)
				continue;
			holdings->at[holdings->count++] =
			    (struct holding){*one, since, INSTANT_FUTURE};
		}
	}
}

/* Within the workload's life, and without what was replaced at once. */
static void
clip_holdings(
    struct holdings *holdings, struct instant since, struct instant until)
{
	size_t kept = 0;

	for (size_t i = 0; i < holdings->count; i++) {
		struct holding one = holdings->at[i];

		if (!instant_before(since, one.until) &&
		    instant_before(one.until, until))
			continue;
		if (instant_before(one.since, since))
			one.since = since;
		if (instant_before(until, one.until))
			one.until = until;
		holdings->at[kept++] = one;
	}
	holdings->count = kept;
}

/* Every address that it ever held, each once. */
static size_t
gather_addresses(const struct issue *issue, struct address *out)
{
	size_t count = 0;

	for (size_t h = 0; h < issue->holding_count; h++) {
		const struct address *address = &issue->holdings[h].address;
		size_t i = 0;

		while (i < count && !address_equal(&out[i], address))
			i++;
		if (i == count)
			out[count++] = *address;
	}
	return count;
}

/* --- issues -------------------------------------------------------------- */

static void
make_version(const struct draft_workload *record, struct issue *issue,
    const struct stretch *stretch, struct workload *out)
{
	stretch->state->published = true;
	*out = stretch->state->fact.workload;
	out->since = stretch->since;
	out->namespace_labels = record->space->labels;
	workload_name(issue->arena, record->owner, &stretch->state->fact, out);
}

/* Octets that nearly every issue needs, so that few arenas grow. */
#define ISSUE_SIZE ((size_t)512)

static struct issue *
make_issue(const struct draft_workload *record)
{
	struct arena *arena = arena_sized(ISSUE_SIZE);
	struct issue *issue = arena_take(arena, sizeof(*issue));
	struct holding room[INVENTORY_ADDRESSES_MAXIMUM];
	struct stretch stretches[VERSIONS_MAXIMUM];
	struct holdings holdings = {room, 0};
	struct instant since = began(record), until = ended(record, since);
	struct address addresses[INVENTORY_ADDRESSES_MAXIMUM];
	uint64_t cut = 0;
	size_t count = find_stretches(record, since, until, stretches);

	issue->arena = arena;
	issue->record = record;
	issue->versions = arena_array(arena, count, sizeof(*issue->versions));
	issue->version_count = count;
	find_holdings(record, &holdings);
	clip_holdings(&holdings, since, until);
	issue->holding_count = holdings.count;
	issue->holdings = copy_array(arena, room, &issue->holding_count,
	    sizeof(*room), INVENTORY_ADDRESSES_MAXIMUM, &cut);
	for (size_t i = 0; i < count; i++) {
		struct workload *one = &issue->versions[i];

		make_version(record, issue, &stretches[i], one);
		one->began = since;
		one->until = i + 1 < count ? stretches[i + 1].since : until;
		one->address_count = gather_addresses(issue, addresses);
		one->addresses =
		    i > 0 ? issue->versions[0].addresses
			  : copy_array(arena, addresses, &one->address_count,
				sizeof(*addresses), SIZE_MAX, &cut);
	}
	return issue;
}

/* --- links to everything else -------------------------------------------- */

static void
join_space(struct inventory_draft *draft, struct draft_workload *record,
    const struct fact_workload *fact)
{
	if (record->space != NULL)
		return;
	record->space =
	    draft_space(draft, record->cluster, fact->workload.namespace);
	if (record->space == NULL)
		return;
	record->next_of_space = record->space->workloads;
	record->space->workloads = record;
}

static void
join_owner(struct inventory_draft *draft, struct draft_workload *record,
    const struct fact_workload *fact)
{
	struct draft_owner *owner = NULL;

	if (fact->owner_kind[0] != '\0' && fact->owner_name[0] != '\0')
		owner = draft_owner(draft, record->cluster,
		    fact->workload.namespace, fact->owner_kind,
		    fact->owner_name);
	if (owner == record->owner)
		return;
	/* Hardly any is ever adopted by another. */
	if (record->owner != NULL) {
		struct draft_workload **link = &record->owner->workloads;

		while (*link != record)
			link = &(*link)->next_of_owner;
		*link = record->next_of_owner;
	}
	record->owner = owner;
	if (owner == NULL)
		return;
	record->next_of_owner = record->owner->workloads;
	record->owner->workloads = record;
}

static void
join_node(struct inventory_draft *draft, struct draft_workload *record,
    const struct fact_workload *fact)
{
	if (record->node == NULL && fact->workload.host_network &&
	    fact->workload.node[0] != '\0') {
		record->node =
		    draft_node(draft, record->cluster, fact->workload.node);
		if (record->node == NULL)
			return;
		record->next_of_node = record->node->hosted;
		record->node->hosted = record;
	}
	if (record->node != NULL)
		draft_mark(&draft->marked[MARKED_NODES], record->node);
}

static void
claim_addresses(struct inventory_draft *draft, struct draft_workload *record,
    const struct issue *issue, bool claims)
{
	for (size_t i = 0; issue != NULL && i < issue->holding_count; i++)
		(claims ? draft_claim : draft_unclaim)(draft, record->cluster,
		    &issue->holdings[i].address, CLAIMANT_WORKLOAD, record);
}

static void
list_versions(struct roll_change *change, const struct issue *issue,
    void (*list)(struct roll_change *, const void *))
{
	for (size_t i = 0; issue != NULL && i < issue->version_count; i++)
		list(change, &issue->versions[i]);
}

static bool
same_holdings(const struct issue *a, const struct issue *b)
{
	if (a == NULL || a->holding_count != b->holding_count)
		return false;
	for (size_t i = 0; i < a->holding_count; i++)
		if (!address_equal(
			&a->holdings[i].address, &b->holdings[i].address))
			return false;
	return true;
}

static void
resolve(struct inventory_draft *draft, struct draft_workload *record)
{
	const struct fact_workload *fact;
	struct issue *before = record->issue;

	record->head.marked = false;
	/* Only its end was stated. */
	if (record->version_count == 0)
		return;
	fact = &record->versions[record->version_count - 1].state->fact;
	join_space(draft, record, fact);
	if (record->space == NULL)
		return;
	join_owner(draft, record, fact);
	join_node(draft, record, fact);
	record->issue = make_issue(record);
	if (!same_holdings(before, record->issue))
		claim_addresses(draft, record, before, false);
	claim_addresses(draft, record, record->issue, true);
	list_versions(&draft->workload_change, before, roll_remove);
	list_versions(&draft->workload_change, record->issue, roll_add);
	join_select(draft, record);
	if (before != NULL)
		attic_put_arena(draft->attic, before->arena);
}

void
resolve_workloads(struct inventory_draft *draft)
{
	for (size_t i = 0; i < draft->marked[MARKED_SPACES].count; i++) {
		struct draft_space *space = draft->marked[MARKED_SPACES].at[i];

		space->head.marked = false;
		for (struct draft_workload *one = space->workloads; one != NULL;
		     one = one->next_of_space)
			draft_mark_workload(draft, one);
	}
	draft->marked[MARKED_SPACES].count = 0;
	for (size_t i = 0; i < draft->marked[MARKED_WORKLOADS].count; i++)
		resolve(draft, draft->marked[MARKED_WORKLOADS].at[i]);
	draft->marked[MARKED_WORKLOADS].count = 0;
}
