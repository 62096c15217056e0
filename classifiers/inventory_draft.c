#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* What facts may take, in octets; a million rich pods need about half. */
#define FACTS_MAXIMUM ((size_t)1 << 32)

/* Less rubbish than this is not worth a copy. */
#define RUBBISH_MINIMUM ((size_t)1 << 24)

/* A key is made of up to three texts, and longer ones are nobody's names. */
#define KEY_MAXIMUM (3 * INVENTORY_TEXT_MAXIMUM + 64)

/* Of the moments at which sources were heard; thinned out beyond this. */
#define SEEN_MAXIMUM ((size_t)1 << 18)

struct inventory_draft *
inventory_draft_new(void)
{
	struct inventory_draft *draft = allocate(1, sizeof(*draft));

	draft->records = arena_new();
	draft->facts = arena_new();
	draft->workloads = map_new(INVENTORY_MAXIMUM);
	draft->services = map_new(INVENTORY_MAXIMUM);
	draft->nodes = map_new(INVENTORY_MAXIMUM);
	draft->namespaces = map_new(INVENTORY_MAXIMUM);
	draft->owners = map_new(INVENTORY_MAXIMUM);
	draft->backends = map_new(INVENTORY_MAXIMUM);
	draft->policies = map_new(INVENTORY_MAXIMUM);
	return draft;
}

void
inventory_draft_free(struct inventory_draft *draft)
{
	if (draft == NULL)
		return;
	map_free(draft->workloads);
	map_free(draft->services);
	map_free(draft->nodes);
	map_free(draft->namespaces);
	map_free(draft->owners);
	map_free(draft->backends);
	map_free(draft->policies);
	arena_free(draft->records);
	arena_free(draft->facts);
	free(draft->zones);
	free(draft->seen);
	free(draft);
}

struct inventory_counts
inventory_draft_counts(const struct inventory_draft *draft)
{
	return draft->counts;
}

/* --- copies -------------------------------------------------------------- */

static struct workload_fact
copy_workload_fact(
    struct arena *arena, const struct workload_fact *fact, uint64_t *cut)
{
	struct workload_fact copy = *fact;

	copy.workload = copy_workload(arena, &fact->workload, cut);
	copy.owner_kind = copy_text(arena, fact->owner_kind, cut);
	copy.owner_name = copy_text(arena, fact->owner_name, cut);
	copy.annotation = copy_text(arena, fact->annotation, cut);
	return copy;
}

static struct service_fact
copy_service_fact(
    struct arena *arena, const struct service_fact *fact, uint64_t *cut)
{
	struct service_fact copy = *fact;

	copy.service = copy_service(arena, &fact->service, cut);
	copy.selector = copy_labels(arena, &fact->selector, cut);
	return copy;
}

static struct node_fact
copy_node_fact(struct arena *arena, const struct node_fact *fact, uint64_t *cut)
{
	struct node_fact copy = *fact;

	copy.node = (struct node){
	    .name = copy_text(arena, fact->node.name, cut),
	    .labels = copy_labels(arena, &fact->node.labels, cut),
	};
	copy.addresses = copy_array(arena, fact->addresses, &copy.address_count,
	    sizeof(struct address), INVENTORY_ADDRESSES_MAXIMUM, cut);
	copy.pod_networks =
	    copy_array(arena, fact->pod_networks, &copy.pod_network_count,
		sizeof(struct prefix), INVENTORY_ADDRESSES_MAXIMUM, cut);
	return copy;
}

/* Copies what is still true into a fresh arena and frees the old one. */
static void
compact(struct inventory_draft *draft)
{
	struct arena *fresh = arena_new();
	uint64_t cut = 0;

	for (size_t i = 0; i < map_count(draft->workloads); i++) {
		struct draft_workload *record = map_at(draft->workloads, i);

		record->fact = copy_workload_fact(fresh, &record->fact, &cut);
		record->holdings =
		    copy_array(fresh, record->holdings, &record->holding_count,
			sizeof(*record->holdings), SIZE_MAX, &cut);
	}
	for (size_t i = 0; i < map_count(draft->services); i++) {
		struct draft_service *record = map_at(draft->services, i);

		record->fact = copy_service_fact(fresh, &record->fact, &cut);
	}
	for (size_t i = 0; i < map_count(draft->nodes); i++) {
		struct draft_node *record = map_at(draft->nodes, i);

		record->fact = copy_node_fact(fresh, &record->fact, &cut);
		record->further =
		    copy_array(fresh, record->further, &record->further_count,
			sizeof(*record->further), SIZE_MAX, &cut);
	}
	for (size_t i = 0; i < map_count(draft->namespaces); i++) {
		struct namespace *record = map_at(draft->namespaces, i);

		record->labels = copy_labels(fresh, &record->labels, &cut);
	}
	for (size_t i = 0; i < map_count(draft->owners); i++) {
		struct draft_owner *record = map_at(draft->owners, i);

		record->kind = copy_text(fresh, record->kind, &cut);
		record->name = copy_text(fresh, record->name, &cut);
	}
	for (size_t i = 0; i < map_count(draft->policies); i++) {
		struct draft_policy *record = map_at(draft->policies, i);

		record->policy =
		    network_policy_copy(fresh, &record->policy, &cut);
	}
	arena_free(draft->facts);
	draft->facts = fresh;
	draft->facts_compact = arena_size(fresh);
}

/*
 * Whether there is room for one more fact.  Called before a fact is copied;
 * what the caller still borrows is never the draft's own.
 */
static bool
make_room(struct inventory_draft *draft)
{
	if (arena_size(draft->facts) >
	    2 * draft->facts_compact + RUBBISH_MINIMUM)
		compact(draft);
	if (arena_size(draft->facts) <= FACTS_MAXIMUM)
		return true;
	draft->counts.no_room++;
	return false;
}

/* The record under a key, made when it is new; NULL when there is no room. */
static void *
find_or_make(struct inventory_draft *draft, struct map *map, const char *key,
    size_t size, const char **kept_key)
{
	void *record = map_get_text(map, key);

	*kept_key = NULL;
	if (record != NULL)
		return record;
	if (map_count(map) == INVENTORY_MAXIMUM ||
	    strnlen(key, KEY_MAXIMUM) == KEY_MAXIMUM) {
		draft->counts.no_room++;
		return NULL;
	}
	record = arena_take(draft->records, size);
	*kept_key = arena_text(draft->records, key);
	map_put_text(map, *kept_key, record);
	return record;
}

/* A version of 0 is one that the source does not have: order decides. */
static bool
is_stale(uint64_t version, uint64_t known)
{
	return version != 0 && version < known;
}

/* --- nodes --------------------------------------------------------------- */

static struct draft_node *
find_node(struct inventory_draft *draft, const char *name)
{
	const char *key;
	struct draft_node *record =
	    find_or_make(draft, draft->nodes, name, sizeof(*record), &key);

	if (record != NULL && key != NULL)
		record->name = key;
	return record;
}

void
inventory_put_node(struct inventory_draft *draft, const struct node_fact *fact)
{
	struct draft_node *record;
	uint64_t version = fact->version;

	if (!make_room(draft))
		return;
	record = find_node(draft, fact->node.name);
	if (record == NULL)
		return;
	if (is_stale(version, record->fact.version)) {
		draft->counts.stale++;
		return;
	}
	if (version < record->fact.version)
		version = record->fact.version;
	record->fact = copy_node_fact(draft->facts, fact, &draft->counts.cut);
	record->fact.version = version;
}

static bool
contains(const struct address *addresses, size_t count,
    const struct address *address)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&addresses[i], address))
			return true;
	return false;
}

void
inventory_put_node_address(struct inventory_draft *draft, const char *node,
    const struct address *address)
{
	struct draft_node *record = find_node(draft, node);
	struct address *more;

	if (record == NULL ||
	    contains(record->further, record->further_count, address) ||
	    contains(
		record->fact.addresses, record->fact.address_count, address))
		return;
	if (record->further_count == INVENTORY_ADDRESSES_MAXIMUM) {
		draft->counts.cut++;
		return;
	}
	more =
	    arena_array(draft->facts, record->further_count + 1, sizeof(*more));
	if (record->further_count > 0)
		memcpy(more, record->further,
		    record->further_count * sizeof(*more));
	more[record->further_count++] = *address;
	record->further = more;
}

/* --- workloads ----------------------------------------------------------- */

static struct draft_workload *
find_workload(struct inventory_draft *draft, const char *id)
{
	const char *key;
	struct draft_workload *record =
	    find_or_make(draft, draft->workloads, id, sizeof(*record), &key);

	if (record != NULL && key != NULL) {
		record->id = key;
		record->finished = INSTANT_FUTURE;
		record->deleted = INSTANT_FUTURE;
	}
	return record;
}

/*
 * The first version that says so is nearest to the event, whichever order the
 * facts come in.  Of one version the later time is that of the event itself:
 * the other is when the last container ended, in whole seconds.
 */
static void
note_finish(struct draft_workload *record, const struct workload *workload)
{
	struct instant until = workload->until;
	uint64_t version = workload->version;
	bool better;

	if (until.ns == INSTANT_FUTURE.ns)
		return;
	better = record->finished.ns == INSTANT_FUTURE.ns;
	if (!better && version != 0)
		better = version < record->finished_version ||
			 (version == record->finished_version &&
			     instant_before(record->finished, until));
	if (better) {
		record->finished = until;
		record->finished_version = version;
	}
}

static bool
is_held(const struct draft_workload *record, const struct address *address)
{
	for (size_t i = 0; i < record->holding_count; i++)
		if (record->holdings[i].until.ns == INSTANT_FUTURE.ns &&
		    address_equal(&record->holdings[i].address, address))
			return true;
	return false;
}

static void
add_holding(struct inventory_draft *draft, struct draft_workload *record,
    const struct address *address, struct instant since)
{
	struct holding *more;

	if (is_held(record, address))
		return;
	if (record->holding_count == INVENTORY_ADDRESSES_MAXIMUM) {
		draft->counts.cut++;
		return;
	}
	more =
	    arena_array(draft->facts, record->holding_count + 1, sizeof(*more));
	if (record->holding_count > 0)
		memcpy(more, record->holdings,
		    record->holding_count * sizeof(*more));
	more[record->holding_count++] = (struct holding){
	    .address = *address, .since = since, .until = INSTANT_FUTURE};
	record->holdings = more;
}

/*
 * A workload may be given another address while it lives (its sandbox was made
 * anew); then each is held for its own time.  No address at all means that it
 * is not published, or not any more: what is known stays.
 */
static void
merge_addresses(struct inventory_draft *draft, struct draft_workload *record,
    const struct workload_fact *fact)
{
	const struct workload *workload = &fact->workload;
	size_t count = workload->address_count;
	struct instant since = INSTANT_PAST;

	if (count > INVENTORY_ADDRESSES_MAXIMUM)
		count = INVENTORY_ADDRESSES_MAXIMUM;
	if (count == 0)
		return;
	for (size_t i = 0; i < record->holding_count; i++) {
		struct holding *holding = &record->holdings[i];

		if (holding->until.ns != INSTANT_FUTURE.ns ||
		    fact->seen.ns == INSTANT_PAST.ns ||
		    contains(workload->addresses, count, &holding->address))
			continue;
		holding->until = fact->seen;
		since = fact->seen;
	}
	for (size_t i = 0; i < count; i++)
		add_holding(draft, record, &workload->addresses[i], since);
}

/* What is on the node's network has the node's addresses. */
static void
put_host_addresses(
    struct inventory_draft *draft, const struct workload *workload)
{
	if (!workload->host_network || workload->node == NULL ||
	    workload->node[0] == '\0')
		return;
	find_node(draft, workload->node);
	for (size_t i = 0; i < workload->address_count; i++)
		inventory_put_node_address(
		    draft, workload->node, &workload->addresses[i]);
}

bool
inventory_put_workload(
    struct inventory_draft *draft, const struct workload_fact *fact)
{
	struct draft_workload *record;
	struct instant since = fact->workload.since;
	uint64_t version = fact->workload.version;

	if (!make_room(draft))
		return false;
	record = find_workload(draft, fact->workload.id);
	if (record == NULL)
		return false;
	note_finish(record, &fact->workload);
	if (record->known) {
		uint64_t known = record->fact.workload.version;
		struct instant before = record->fact.workload.since;

		if (is_stale(version, known)) {
			draft->counts.stale++;
			return false;
		}
		if (version < known)
			version = known;
		/* A sighting is no news about when it began. */
		if (since.ns == fact->seen.ns && instant_before(before, since))
			since = before;
	}
	merge_addresses(draft, record, fact);
	put_host_addresses(draft, &fact->workload);
	record->fact =
	    copy_workload_fact(draft->facts, fact, &draft->counts.cut);
	record->fact.workload.since = since;
	record->fact.workload.version = version;
	record->known = true;
	return true;
}

void
inventory_end_workload(
    struct inventory_draft *draft, const char *id, struct instant at)
{
	struct draft_workload *record = find_workload(draft, id);

	if (record != NULL && instant_before(at, record->deleted))
		record->deleted = at;
}

struct instant
draft_workload_until(const struct draft_workload *record)
{
	if (instant_before(record->deleted, record->finished))
		return record->deleted;
	return record->finished;
}

/* --- everything else ----------------------------------------------------- */

const char *
owner_key(struct arena *arena, const char *namespace, const char *kind,
    const char *name)
{
	return arena_format(arena, "%s/%s/%s", namespace, kind, name);
}

void
inventory_put_owner(struct inventory_draft *draft, const char *namespace,
    const char *kind, const char *name, const char *owner_kind,
    const char *owner_name)
{
	struct arena *scratch;
	struct draft_owner *record;
	const char *key;

	if (!make_room(draft))
		return;
	scratch = arena_new();
	record = find_or_make(draft, draft->owners,
	    owner_key(scratch, namespace, kind, name), sizeof(*record), &key);
	arena_free(scratch);
	if (record == NULL)
		return;
	record->kind = copy_text(draft->facts, owner_kind, &draft->counts.cut);
	record->name = copy_text(draft->facts, owner_name, &draft->counts.cut);
}

/* A service that is made anew under its name is another service. */
void
inventory_put_service(
    struct inventory_draft *draft, const struct service_fact *fact)
{
	const struct service *service = &fact->service;
	struct arena *scratch;
	struct draft_service *record;
	const char *key;
	uint64_t version = fact->version;

	if (!make_room(draft))
		return;
	scratch = arena_new();
	record = find_or_make(draft, draft->services,
	    arena_format(scratch, "%s/%s/%lld", service->namespace,
		service->name, (long long)service->since.ns),
	    sizeof(*record), &key);
	arena_free(scratch);
	if (record == NULL)
		return;
	if (record->known && is_stale(version, record->fact.version)) {
		draft->counts.stale++;
		return;
	}
	if (record->known && version < record->fact.version)
		version = record->fact.version;
	record->fact =
	    copy_service_fact(draft->facts, fact, &draft->counts.cut);
	record->fact.version = version;
	record->known = true;
}

void
inventory_put_backend(struct inventory_draft *draft, const char *namespace,
    const char *service, const struct address *address)
{
	struct arena *scratch = arena_new();
	char printed[ADDRESS_TEXT_SIZE];
	struct draft_backend *record;
	const char *key;

	address_print(address, printed);
	record = find_or_make(draft, draft->backends,
	    arena_format(scratch, "%s/%s/%s", namespace, service, printed),
	    sizeof(*record), &key);
	arena_free(scratch);
	if (record == NULL || key == NULL)
		return;
	record->namespace =
	    copy_text(draft->records, namespace, &draft->counts.cut);
	record->service =
	    copy_text(draft->records, service, &draft->counts.cut);
	record->address = *address;
}

void
inventory_put_namespace(
    struct inventory_draft *draft, const struct namespace *namespace)
{
	struct namespace *record;
	const char *key;

	if (!make_room(draft))
		return;
	record = find_or_make(
	    draft, draft->namespaces, namespace->name, sizeof(*record), &key);
	if (record == NULL)
		return;
	if (key != NULL)
		record->name = key;
	record->labels =
	    copy_labels(draft->facts, &namespace->labels, &draft->counts.cut);
}

void
inventory_put_network_policy(struct inventory_draft *draft,
    const struct network_policy *policy, bool gone)
{
	uint64_t version = policy->version;
	struct draft_policy *record;
	struct arena *scratch;
	const char *key;

	if (!make_room(draft))
		return;
	scratch = arena_new();
	record = find_or_make(draft, draft->policies,
	    arena_format(scratch, "%s/%s", policy->namespace, policy->name),
	    sizeof(*record), &key);
	arena_free(scratch);
	if (record == NULL)
		return;
	if (is_stale(version, record->policy.version)) {
		draft->counts.stale++;
		return;
	}
	if (version < record->policy.version)
		version = record->policy.version;
	record->policy =
	    network_policy_copy(draft->facts, policy, &draft->counts.cut);
	record->policy.version = version;
	record->gone = gone;
}

void
inventory_put_zone(struct inventory_draft *draft, const struct zone *zone)
{
	if (draft->zone_count == INVENTORY_MAXIMUM) {
		draft->counts.no_room++;
		return;
	}
	if (draft->zone_count == draft->zone_capacity) {
		draft->zone_capacity = 2 * draft->zone_capacity + 8;
		draft->zones = reallocate(
		    draft->zones, draft->zone_capacity, sizeof(*draft->zones));
	}
	draft->zones[draft->zone_count++] =
	    copy_zone(draft->records, zone, &draft->counts.cut);
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Forgets every second moment; the age is then known less exactly. */
static void
thin_out(struct inventory_draft *draft)
{
	size_t kept = 0;

	qsort(draft->seen, draft->seen_count, sizeof(*draft->seen),
	    compare_times);
	for (size_t i = 1; i < draft->seen_count; i += 2)
		draft->seen[kept++] = draft->seen[i];
	draft->seen_count = kept;
}

void
inventory_seen(struct inventory_draft *draft, struct instant at)
{
	if (at.ns == INSTANT_PAST.ns)
		return;
	if (draft->seen_count > 0 &&
	    draft->seen[draft->seen_count - 1] == at.ns)
		return;
	if (draft->seen_count == SEEN_MAXIMUM)
		thin_out(draft);
	if (draft->seen_count == draft->seen_capacity) {
		draft->seen_capacity = 2 * draft->seen_capacity + 64;
		draft->seen = reallocate(
		    draft->seen, draft->seen_capacity, sizeof(*draft->seen));
	}
	draft->seen[draft->seen_count++] = at.ns;
}
