#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* Of the moments at which a source was heard; thinned out beyond this. */
#define SEEN_MAXIMUM ((size_t)1 << 18)

static const char *
text_or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/*
 * What a fact is news of.  Of two that come in the wrong order, the older may
 * still be the first to say anything of an object that is gone by then.
 */
struct news {
	bool of_life;    /* whether it is there or gone */
	bool of_content; /* what it is */
};

static struct news
take_life(
    struct inventory_draft *draft, struct life *life, const struct fact *fact)
{
	struct news news = {
	    .of_life = !draft_is_stale(fact->version, life->version),
	    .of_content =
		!fact->gone && !(life->known && draft_is_stale(fact->version,
						    life->content_version)),
	};

	if (news.of_life)
		life->until = fact->gone ? fact->at : INSTANT_FUTURE;
	else
		draft->counts.stale++;
	if (life->version < fact->version)
		life->version = fact->version;
	if (news.of_content && life->content_version < fact->version)
		life->content_version = fact->version;
	return news;
}

/* --- nodes --------------------------------------------------------------- */

static bool
contains(const struct address *addresses, size_t count,
    const struct address *address)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&addresses[i], address))
			return true;
	return false;
}

static bool
networks_equal(const struct fact_node *a, const struct fact_node *b)
{
	if (a->pod_network_count != b->pod_network_count)
		return false;
	for (size_t i = 0; i < a->pod_network_count; i++)
		if (a->pod_networks[i].length != b->pod_networks[i].length ||
		    !address_equal(
			&a->pod_networks[i].base, &b->pod_networks[i].base))
			return false;
	return true;
}

static void
keep_node(struct inventory_draft *draft, struct draft_node *record,
    const struct fact *fact)
{
	struct fact_node one = fact->node;
	struct arena *scratch = arena_new(), *arena;
	uint64_t cut = 0;

	one.node.name = record->name;
	one.node.cluster = draft->clusters[record->cluster].name;
	one = copy_node(scratch, &one, &draft->counts.cut);
	if (!networks_equal(&one, &record->fact))
		draft->clusters[record->cluster].networks_changed = true;
	arena = arena_sized(arena_used(scratch));
	record->fact = copy_node(arena, &one, &cut);
	attic_put_arena(draft->attic, record->content);
	record->content = arena;
	arena_free(scratch);
}

static bool
take_node(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_node *record = draft_node(draft, cluster, fact->id);
	bool was_there;
	struct news news;

	if (record == NULL)
		return false;
	was_there = draft_is_there(&record->life);
	news = take_life(draft, &record->life, fact);
	draft_mark(&draft->marked[MARKED_NODES], record);
	if (draft_is_there(&record->life) != was_there)
		draft->clusters[cluster].networks_changed = true;
	if (news.of_content) {
		keep_node(draft, record, fact);
		record->life.known = true;
	}
	return news.of_life;
}

static bool
take_node_address(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	const struct address *address = &fact->node_address.address;
	struct draft_node *record;

	/* It goes with its node. */
	if (fact->gone)
		return true;
	record =
	    draft_node(draft, cluster, text_or_empty(fact->node_address.node));
	if (record == NULL)
		return false;
	if (contains(record->further, record->further_count, address) ||
	    contains(
		record->fact.addresses, record->fact.address_count, address))
		return true;
	if (record->further_count == INVENTORY_ADDRESSES_MAXIMUM) {
		draft->counts.cut++;
		return false;
	}
	record->further = reallocate(record->further, record->further_count + 1,
	    sizeof(*record->further));
	record->further[record->further_count++] = *address;
	draft_mark(&draft->marked[MARKED_NODES], record);
	return true;
}

/* --- owners -------------------------------------------------------------- */

/* Everything below may be called otherwise now; circles end. */
static void
mark_owned(struct inventory_draft *draft, struct draft_owner *owner, int depth)
{
	if (depth == 0)
		return;
	for (struct draft_workload *one = owner->workloads; one != NULL;
	     one = one->next_of_owner)
		draft_mark_workload(draft, one);
	for (struct draft_owner *one = owner->owned; one != NULL;
	     one = one->next_of_owner)
		if (one->owner == owner)
			mark_owned(draft, one, depth - 1);
}

static char *
keep_text(struct inventory_draft *draft, const char *text)
{
	size_t length = strnlen(text_or_empty(text), INVENTORY_TEXT_MAXIMUM);
	char *copy = allocate(length + 1, 1);

	if (length == INVENTORY_TEXT_MAXIMUM)
		draft->counts.cut++;
	if (length > 0)
		memcpy(copy, text, length);
	return copy;
}

static void
join_owner(struct inventory_draft *draft, struct draft_owner *record,
    const char *namespace)
{
	struct draft_owner *owner = NULL;

	if (record->kind[0] != '\0')
		owner = draft_owner(draft, record->cluster, namespace,
		    record->kind, record->name);
	if (owner == record->owner)
		return;
	/* It is in the list of one owner at a time: hardly any ever moves. */
	if (record->owner != NULL) {
		struct draft_owner **link = &record->owner->owned;

		while (*link != record)
			link = &(*link)->next_of_owner;
		*link = record->next_of_owner;
	}
	record->owner = owner;
	if (owner != NULL) {
		record->next_of_owner = owner->owned;
		owner->owned = record;
	}
}

static void
keep_owner(struct inventory_draft *draft, struct draft_owner *record,
    const struct fact_owner *one)
{
	if (record->life.known &&
	    strcmp(record->kind, text_or_empty(one->owner_kind)) == 0 &&
	    strcmp(record->name, text_or_empty(one->owner_name)) == 0)
		return;
	free(record->kind);
	free(record->name);
	record->kind = keep_text(draft, one->owner_kind);
	record->name = keep_text(draft, one->owner_name);
	record->life.known = true;
	join_owner(draft, record, text_or_empty(one->namespace));
	mark_owned(draft, record, CHAIN_MAXIMUM);
}

/* What an owner owned may live on when it is gone, and is called as it was. */
static bool
take_owner(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_owner *record =
	    draft_owner_of_id(draft, cluster, fact->id);
	struct news news;

	if (record == NULL)
		return false;
	news = take_life(draft, &record->life, fact);
	if (news.of_content)
		keep_owner(draft, record, &fact->owner);
	return news.of_life;
}

/* --- services and their backends ----------------------------------------- */

static void
join_name(struct inventory_draft *draft, struct draft_service *record)
{
	const struct service *service = &record->fact.service;

	if (record->name != NULL)
		return;
	record->name = draft_name(
	    draft, record->cluster, service->namespace, service->name);
	record->space = draft_space(draft, record->cluster, service->namespace);
	if (record->name == NULL || record->space == NULL)
		return;
	record->next_of_name = record->name->services;
	record->name->services = record;
}

static void
keep_service(struct inventory_draft *draft, struct draft_service *record,
    const struct fact *fact)
{
	struct fact_service one = fact->service;
	struct arena *scratch = arena_new(), *arena;
	uint64_t cut = 0;
	bool reselect;

	one.service.cluster = draft->clusters[record->cluster].name;
	one = copy_service(scratch, &one, &draft->counts.cut);
	reselect = !labels_equal(&one.selector, &record->fact.selector);
	arena = arena_sized(arena_used(scratch));
	record->fact = copy_service(arena, &one, &cut);
	attic_put_arena(draft->attic, record->content);
	record->content = arena;
	arena_free(scratch);
	join_name(draft, record);
	if (reselect)
		join_reselect(draft, record);
}

static bool
take_service(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_service *record = draft_service(draft, cluster, fact->id);
	struct news news;

	if (record == NULL)
		return false;
	news = take_life(draft, &record->life, fact);
	draft_mark(&draft->marked[MARKED_SERVICES], record);
	if (news.of_content) {
		keep_service(draft, record, fact);
		record->life.known = true;
	}
	return news.of_life;
}

/* Slices say nothing new of a service that has a selector. */
static void
mark_named(struct inventory_draft *draft, struct draft_name *name)
{
	for (struct draft_service *one = name->services; one != NULL;
	     one = one->next_of_name)
		if (one->fact.selector.count == 0)
			draft_mark(&draft->marked[MARKED_SERVICES], one);
}

static void
add_slice(struct draft_name *name, struct draft_slice *slice)
{
	if (name->slice_count == name->slice_capacity) {
		name->slice_capacity = 2 * name->slice_capacity + 1;
		name->slices = reallocate(name->slices, name->slice_capacity,
		    sizeof(struct draft_slice *));
	}
	name->slices[name->slice_count++] = slice;
}

static bool
addresses_equal(const struct slice_version *a, const struct slice_version *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->addresses, b->addresses,
				     a->count * sizeof(*a->addresses)) == 0);
}

static void
remove_slice_version(
    struct inventory_draft *draft, struct draft_slice *record, size_t at)
{
	draft->named -= record->versions[at].count;
	free(record->versions[at].addresses);
	record->version_count--;
	memmove(&record->versions[at], &record->versions[at + 1],
	    (record->version_count - at) * sizeof(*record->versions));
}

/* What lies between two that say the same goes first, then the oldest. */
static void
thin_out_slice(struct inventory_draft *draft, struct draft_slice *record)
{
	size_t at = 0;

	for (size_t i = 1; at == 0 && i + 1 < record->version_count; i++)
		if (addresses_equal(
			&record->versions[i - 1], &record->versions[i]) &&
		    addresses_equal(
			&record->versions[i], &record->versions[i + 1]))
			at = i;
	remove_slice_version(draft, record, at);
}

/*
 * Of a service that has a selector the newest is more than enough, and all of
 * them together have their limit.
 */
static size_t
versions_worth(
    const struct inventory_draft *draft, const struct draft_slice *record)
{
	const struct draft_service *one =
	    record->name == NULL ? NULL : record->name->services;

	if (draft->named > NAMED_MAXIMUM ||
	    (one != NULL && one->fact.selector.count > 0))
		return 1;
	return VERSIONS_MAXIMUM;
}

/*
 * Older versions count too: whom a flow of then could reach is what the slice
 * said then.
 */
static void
add_slice_version(struct inventory_draft *draft, struct draft_slice *record,
    const struct slice_version *version)
{
	size_t at = record->version_count;

	while (
	    at > 0 &&
	    (record->versions[at - 1].version > version->version ||
		(record->versions[at - 1].version == version->version &&
		    instant_before(version->at, record->versions[at - 1].at))))
		at--;
	if (record->version_count == record->version_capacity) {
		record->version_capacity = 2 * record->version_capacity + 1;
		record->versions = reallocate(record->versions,
		    record->version_capacity, sizeof(*record->versions));
	}
	memmove(&record->versions[at + 1], &record->versions[at],
	    (record->version_count - at) * sizeof(*version));
	record->versions[at] = *version;
	record->version_count++;
	draft->named += version->count;
	while (record->version_count > versions_worth(draft, record))
		thin_out_slice(draft, record);
}

static void
keep_backends(struct inventory_draft *draft, struct draft_slice *record,
    const struct fact *fact)
{
	const struct fact_backends *backends = &fact->backends;
	struct slice_version version = {
	    .version = fact->version, .at = fact->at};
	size_t count = fact->gone ? 0 : backends->address_count;

	if (count > INVENTORY_BACKENDS_MAXIMUM) {
		draft->counts.cut += count - INVENTORY_BACKENDS_MAXIMUM;
		count = INVENTORY_BACKENDS_MAXIMUM;
	}
	if (fact->version == 0)
		version.version = record->life.version;
	version.count = count;
	version.addresses = allocate(count, sizeof(*version.addresses));
	if (count > 0)
		memcpy(version.addresses, backends->addresses,
		    count * sizeof(*version.addresses));
	add_slice_version(draft, record, &version);
	for (size_t i = 0; i < count; i++)
		draft_claim(draft, record->cluster, &backends->addresses[i],
		    CLAIMANT_SLICE, record);
}

static bool
take_backends(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_slice *record = draft_slice(draft, cluster, fact->id);
	bool stale;

	if (record == NULL)
		return false;
	stale = !take_life(draft, &record->life, fact).of_life;
	if (!fact->gone && record->name == NULL) {
		record->name = draft_name(draft, cluster,
		    text_or_empty(fact->backends.namespace),
		    text_or_empty(fact->backends.service));
		if (record->name == NULL)
			return false;
		add_slice(record->name, record);
	}
	keep_backends(draft, record, fact);
	if (record->name != NULL)
		mark_named(draft, record->name);
	return !stale;
}

/* --- namespaces, policies, zones ----------------------------------------- */

static void
keep_namespace(struct inventory_draft *draft, struct draft_space *record,
    const struct namespace *namespace)
{
	struct arena *arena = arena_new();
	struct labels labels =
	    copy_labels(arena, &namespace->labels, &draft->counts.cut);

	if (record->life.known && labels_equal(&labels, &record->labels)) {
		arena_free(arena);
		return;
	}
	attic_put_arena(draft->attic, record->content);
	record->content = arena;
	record->labels = labels;
	record->life.known = true;
	draft_mark(&draft->marked[MARKED_SPACES], record);
}

/* What lived in a namespace was labelled by it to the end. */
static bool
take_namespace(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_space *record = draft_space(draft, cluster, fact->id);
	struct news news;

	if (record == NULL)
		return false;
	news = take_life(draft, &record->life, fact);
	if (news.of_content)
		keep_namespace(draft, record, &fact->namespace);
	return news.of_life;
}

static void
keep_policy(struct inventory_draft *draft, struct draft_policy *record,
    const struct fact *fact)
{
	struct network_policy one = fact->policy;

	one.cluster = draft->clusters[record->cluster].name;
	one.version = fact->version;
	attic_put_arena(draft->attic, record->content);
	record->content = arena_new();
	record->policy = arena_take(record->content, sizeof(one));
	*record->policy =
	    network_policy_copy(record->content, &one, &draft->counts.cut);
	record->life.known = true;
}

static bool
take_policy(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact)
{
	struct draft_policy *record = draft_policy(draft, cluster, fact->id);
	struct news news;

	if (record == NULL)
		return false;
	news = take_life(draft, &record->life, fact);
	draft_mark(&draft->marked[MARKED_POLICIES], record);
	if (news.of_content)
		keep_policy(draft, record, fact);
	return news.of_life;
}

static void
remove_zone(struct inventory_draft *draft, size_t index)
{
	struct draft_zone *zone = &draft->zones[index];

	attic_put_arena(draft->attic, zone->content);
	free(zone->id);
	draft->zone_count--;
	memmove(zone, zone + 1,
	    (draft->zone_count - index) * sizeof(*draft->zones));
}

/* The order of zones counts where two declare the same network. */
static bool
take_zone(struct inventory_draft *draft, const struct fact *fact)
{
	struct draft_zone *zone;
	size_t index = 0;

	while (index < draft->zone_count &&
	       strcmp(draft->zones[index].id, fact->id) != 0)
		index++;
	draft->zones_changed = true;
	if (fact->gone) {
		if (index < draft->zone_count)
			remove_zone(draft, index);
		return true;
	}
	if (index == INVENTORY_MAXIMUM) {
		draft->counts.no_room++;
		return false;
	}
	if (index == draft->zone_capacity) {
		draft->zone_capacity = 2 * draft->zone_capacity + 8;
		draft->zones = reallocate(
		    draft->zones, draft->zone_capacity, sizeof(*draft->zones));
	}
	zone = &draft->zones[index];
	if (index == draft->zone_count) {
		draft->zone_count++;
		zone->id = keep_text(draft, fact->id);
	} else {
		attic_put_arena(draft->attic, zone->content);
	}
	zone->content = arena_new();
	zone->zone = arena_take(zone->content, sizeof(*zone->zone));
	*zone->zone = copy_zone(zone->content, &fact->zone, &draft->counts.cut);
	return true;
}

/* --- when a source was heard --------------------------------------------- */

/* A fresh array for the draft to change; generations may read the old one. */
static void
move_seen(struct inventory_draft *draft, struct draft_cluster *cluster,
    size_t capacity)
{
	int64_t *fresh = allocate(capacity, sizeof(*fresh));

	if (cluster->seen_count > 0)
		memcpy(
		    fresh, cluster->seen, cluster->seen_count * sizeof(*fresh));
	attic_put(draft->attic, cluster->seen);
	cluster->seen = fresh;
	cluster->seen_capacity = capacity;
}

/* Forgets every second moment; the age is then known less exactly. */
static void
thin_out(struct inventory_draft *draft, struct draft_cluster *cluster)
{
	size_t kept = 0;

	draft_sort_seen(draft, cluster);
	move_seen(draft, cluster, cluster->seen_capacity);
	for (size_t i = 1; i < cluster->seen_count; i += 2)
		cluster->seen[kept++] = cluster->seen[i];
	cluster->seen_count = kept;
}

void
draft_drop_seen(
    struct inventory_draft *draft, struct draft_cluster *cluster, size_t count)
{
	move_seen(draft, cluster, cluster->seen_capacity);
	cluster->seen_count -= count;
	memmove(cluster->seen, &cluster->seen[count],
	    cluster->seen_count * sizeof(*cluster->seen));
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

void
draft_sort_seen(struct inventory_draft *draft, struct draft_cluster *cluster)
{
	if (!cluster->seen_unsorted)
		return;
	move_seen(draft, cluster, cluster->seen_capacity);
	qsort(cluster->seen, cluster->seen_count, sizeof(*cluster->seen),
	    compare_times);
	cluster->seen_unsorted = false;
}

static bool
take_seen(struct inventory_draft *draft, struct draft_cluster *cluster,
    struct instant at)
{
	int64_t last;

	if (at.ns == INSTANT_PAST.ns)
		return true;
	if (cluster->seen_count == SEEN_MAXIMUM)
		thin_out(draft, cluster);
	if (cluster->seen_count > 0) {
		last = cluster->seen[cluster->seen_count - 1];
		if (last == at.ns)
			return true;
		if (last > at.ns)
			cluster->seen_unsorted = true;
	}
	if (cluster->seen_count == cluster->seen_capacity)
		move_seen(draft, cluster, 2 * cluster->seen_capacity + 64);
	cluster->seen[cluster->seen_count++] = at.ns;
	return true;
}

/* --- the door ------------------------------------------------------------ */

bool
inventory_put(struct inventory_draft *draft, const struct fact *fact)
{
	uint32_t cluster;

	if (!draft_cluster(draft, fact->cluster, &cluster))
		return false;
	switch (fact->kind) {
	case FACT_WORKLOAD:
		return draft_take_workload(draft, cluster, fact);
	case FACT_OWNER:
		return take_owner(draft, cluster, fact);
	case FACT_SERVICE:
		return take_service(draft, cluster, fact);
	case FACT_BACKENDS:
		return take_backends(draft, cluster, fact);
	case FACT_NODE:
		return take_node(draft, cluster, fact);
	case FACT_NODE_ADDRESS:
		return take_node_address(draft, cluster, fact);
	case FACT_NAMESPACE:
		return take_namespace(draft, cluster, fact);
	case FACT_ZONE:
		return take_zone(draft, fact);
	case FACT_POLICY:
		return take_policy(draft, cluster, fact);
	case FACT_SEEN:
		return take_seen(draft, &draft->clusters[cluster], fact->at);
	}
	return false;
}

static bool
take(const struct fact *fact, void *context)
{
	return inventory_put(context, fact);
}

struct fact_taker
inventory_taker(struct inventory_draft *draft)
{
	return (struct fact_taker){take, draft};
}
