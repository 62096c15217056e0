#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/fact_alike.h"
#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

/* --- states -------------------------------------------------------------- */

static struct state *
new_state(struct inventory_draft *draft, const char *id, uint32_t cluster,
    const struct fact *fact)
{
	struct fact_workload one = fact->workload;
	struct arena *scratch = arena_new(), *arena;
	struct state *state;
	uint64_t cut = 0;

	one.workload.id = id;
	one.workload.cluster = draft->clusters[cluster].name;
	one.workload.version = fact->version;
	one = copy_workload(scratch, &one, &draft->counts.cut);
	arena = arena_sized(arena_used(scratch) + sizeof(*state) + 16);
	state = arena_take(arena, sizeof(*state));
	state->arena = arena;
	state->fact = copy_workload(arena, &one, &cut);
	arena_free(scratch);
	return state;
}

void
state_drop(struct inventory_draft *draft, struct state *state)
{
	if (--state->uses > 0)
		return;
	if (state->published)
		attic_put_arena(draft->attic, state->arena);
	else
		arena_free(state->arena);
}

bool
states_alike(const struct state *a, const struct state *b)
{
	return fact_workload_alike(&a->fact, &b->fact);
}

static bool
digests_equal(const struct workload *a, const struct workload *b)
{
	for (size_t i = 0; i < a->container_count; i++)
		if (strcmp(a->containers[i].image.digest,
			b->containers[i].image.digest) != 0)
			return false;
	return true;
}

static bool
states_equal(const struct state *a, const struct state *b)
{
	const struct workload *one = &a->fact.workload;
	const struct workload *other = &b->fact.workload;

	return states_alike(a, b) && strcmp(one->node, other->node) == 0 &&
	       one->address_count == other->address_count &&
	       (one->address_count == 0 ||
		   memcmp(one->addresses, other->addresses,
		       one->address_count * sizeof(*one->addresses)) == 0) &&
	       digests_equal(one, other);
}

/* --- versions ------------------------------------------------------------ */

/*
 * The first version that says so is nearest to the event, whichever order the
 * facts come in.  Of one version the later time is that of the event itself:
 * the other is when the last container ended, in whole seconds.
 */
static void
note_finish(struct inventory_draft *draft, struct draft_workload *record,
    const struct fact *fact)
{
	struct instant until = fact->workload.workload.until;
	bool better;

	if (until.ns == INSTANT_FUTURE.ns)
		return;
	better = record->finished.ns == INSTANT_FUTURE.ns;
	if (!better && fact->version != 0)
		better = fact->version < record->finished_version ||
			 (fact->version == record->finished_version &&
			     instant_before(record->finished, until));
	if (better) {
		record->finished = until;
		record->finished_version = fact->version;
		draft_mark_workload(draft, record);
	}
}

static void
remove_version(
    struct inventory_draft *draft, struct draft_workload *record, size_t at)
{
	state_drop(draft, record->versions[at].state);
	record->version_count--;
	memmove(&record->versions[at], &record->versions[at + 1],
	    (record->version_count - at) * sizeof(*record->versions));
}

/* What lies within a stretch of one state says nothing of its own. */
static void
thin_out(struct inventory_draft *draft, struct draft_workload *record)
{
	for (size_t i = 1; i + 1 < record->version_count; i++)
		if (record->versions[i - 1].state ==
			record->versions[i].state &&
		    record->versions[i].state ==
			record->versions[i + 1].state) {
			remove_version(draft, record, i);
			return;
		}
	draft->counts.cut++;
	remove_version(draft, record, 0);
}

static void
insert_version(struct draft_workload *record, size_t at,
    const struct draft_version *version)
{
	if (record->version_count == record->version_capacity) {
		record->version_capacity = 2 * record->version_capacity + 1;
		record->versions = reallocate(record->versions,
		    record->version_capacity, sizeof(*record->versions));
	}
	memmove(&record->versions[at + 1], &record->versions[at],
	    (record->version_count - at) * sizeof(*record->versions));
	record->versions[at] = *version;
	record->version_count++;
}

/* Shares the state of a neighbour that says the same. */
static void
share_state(struct inventory_draft *draft, struct draft_workload *record,
    struct draft_version *version, size_t at)
{
	struct state *one = version->state;

	for (size_t i = at > 0 ? at - 1 : at;
	     i <= at && i < record->version_count; i++)
		if (states_equal(record->versions[i].state, one)) {
			version->state = record->versions[i].state;
			version->state->uses++;
			state_drop(draft, one);
			return;
		}
}

/* The same version once more: said of an earlier time, or with other words. */
static void
repeat_version(struct inventory_draft *draft, struct draft_workload *record,
    struct draft_version *known, const struct draft_version *again)
{
	bool earlier = again->at.ns != INSTANT_PAST.ns &&
		       (known->at.ns == INSTANT_PAST.ns ||
			   instant_before(again->at, known->at));
	bool same = states_equal(known->state, again->state);

	if (earlier)
		known->at = again->at;
	if (!same || earlier || known->since.ns != again->since.ns)
		draft_mark_workload(draft, record);
	if (same) {
		if (instant_before(again->since, known->since))
			known->since = again->since;
		state_drop(draft, again->state);
		return;
	}
	known->since = again->since;
	state_drop(draft, known->state);
	known->state = again->state;
}

/* By version; without versions by time, and as they came where that is one. */
static size_t
place_of(
    const struct draft_workload *record, const struct draft_version *version)
{
	size_t at = record->version_count;

	while (
	    at > 0 &&
	    (record->versions[at - 1].version > version->version ||
		(record->versions[at - 1].version == version->version &&
		    instant_before(version->at, record->versions[at - 1].at))))
		at--;
	return at;
}

static void
add_version(struct inventory_draft *draft, struct draft_workload *record,
    struct draft_version *version)
{
	const struct state *own = version->state;
	size_t at;

	if (record->version_count == VERSIONS_MAXIMUM)
		thin_out(draft, record);
	at = place_of(record, version);
	share_state(draft, record, version, at);
	if (version->state == own || at < record->version_count || at == 0 ||
	    record->versions[at - 1].since.ns != version->since.ns)
		draft_mark_workload(draft, record);
	insert_version(record, at, version);
}

static struct draft_version *
find_version(struct draft_workload *record, uint64_t version)
{
	for (size_t i = record->version_count; version != 0 && i > 0; i--)
		if (record->versions[i - 1].version == version)
			return &record->versions[i - 1];
	return NULL;
}

/* --- addresses of the node ----------------------------------------------- */

/* What is on the node's network has the node's addresses. */
static void
put_host_addresses(struct inventory_draft *draft, uint32_t cluster,
    const struct workload *workload)
{
	struct arena *scratch;

	if (!workload->host_network || workload->node[0] == '\0')
		return;
	scratch = arena_new();
	(void)draft_node(draft, cluster, workload->node);
	for (size_t i = 0; i < workload->address_count; i++) {
		const struct address *address = &workload->addresses[i];
		struct fact fact = {
		    .kind = FACT_NODE_ADDRESS,
		    .cluster = workload->cluster,
		    .id =
			fact_node_address_id(scratch, workload->node, address),
		    .at = INSTANT_PAST,
		    .node_address = {workload->node, *address},
		};

		(void)inventory_put(draft, &fact);
	}
	arena_free(scratch);
}

/* --- the door ------------------------------------------------------------ */

static bool
end_workload(struct inventory_draft *draft, struct draft_workload *record,
    struct instant at)
{
	if (!instant_before(at, record->deleted))
		return true;
	record->deleted = at;
	draft_mark_workload(draft, record);
	return true;
}

/* Something of a later time than its end shows that it lives again. */
static void
revive(struct inventory_draft *draft, struct draft_workload *record,
    const struct draft_version *version, uint64_t known)
{
	if (record->deleted.ns == INSTANT_FUTURE.ns ||
	    version->at.ns == INSTANT_PAST.ns || version->version < known ||
	    instant_before(version->at, record->deleted))
		return;
	record->deleted = INSTANT_FUTURE;
	draft_mark_workload(draft, record);
}

bool
draft_take_workload(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_workload *record =
	    draft_workload(draft, cluster, fact->id);
	struct draft_version version = {.version = fact->version,
	    .at = fact->at,
	    .since = fact->workload.workload.since};
	struct draft_version *again;
	uint64_t known = 0;

	if (record == NULL)
		return false;
	if (fact->gone)
		return end_workload(draft, record, fact->at);
	note_finish(draft, record, fact);
	if (record->version_count > 0)
		known = record->versions[record->version_count - 1].version;
	if (fact->version == 0)
		version.version = known;
	version.state = new_state(draft, record->id, cluster, fact);
	version.state->uses = 1;
	put_host_addresses(draft, cluster, &version.state->fact.workload);
	revive(draft, record, &version, known);
	again = find_version(record, fact->version);
	if (again != NULL)
		repeat_version(draft, record, again, &version);
	else
		add_version(draft, record, &version);
	if (!draft_is_stale(fact->version, known))
		return true;
	draft->counts.stale++;
	return false;
}
