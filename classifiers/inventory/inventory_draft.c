#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* A key is made of up to three texts, and longer ones are nobody's names. */
#define KEY_MAXIMUM (3 * INVENTORY_TEXT_MAXIMUM + 64)

struct inventory_draft *
inventory_draft_new(void)
{
	struct inventory_draft *draft = allocate(1, sizeof(*draft));

	draft->attic = attic_new();
	draft->workloads = map_new(INVENTORY_MAXIMUM);
	draft->services = map_new(INVENTORY_MAXIMUM);
	draft->names = map_new(INVENTORY_MAXIMUM);
	draft->buckets = map_new(INVENTORY_MAXIMUM);
	draft->slices = map_new(INVENTORY_MAXIMUM);
	draft->nodes = map_new(INVENTORY_MAXIMUM);
	draft->spaces = map_new(INVENTORY_MAXIMUM);
	draft->owners = map_new(INVENTORY_MAXIMUM);
	draft->policies = map_new(INVENTORY_MAXIMUM);
	draft->addresses = map_new(4 * INVENTORY_MAXIMUM);
	index_init(&draft->index);
	return draft;
}

struct inventory_counts
inventory_draft_counts(const struct inventory_draft *draft)
{
	return draft->counts;
}

void
inventory_set_patience(struct inventory_draft *draft, int64_t patience_ns)
{
	draft->patience = patience_ns;
}

/* --- keys ---------------------------------------------------------------- */

/*
 * The number of the cluster in front keeps objects of different clusters apart
 * that have one name.  NULL when the texts are nobody's names.
 */
static char *
make_key(struct inventory_draft *draft, uint32_t cluster,
    const char *const *parts, size_t count)
{
	size_t length = 16;
	char *out;

	for (size_t i = 0; i < count; i++)
		length += strnlen(parts[i], KEY_MAXIMUM) + 1;
	if (length > KEY_MAXIMUM) {
		draft->counts.no_room++;
		return NULL;
	}
	if (length > draft->key_capacity) {
		draft->key_capacity = 2 * length;
		draft->key = reallocate(draft->key, draft->key_capacity, 1);
	}
	out = draft->key +
	      snprintf(draft->key, draft->key_capacity, "%u", cluster);
	for (size_t i = 0; i < count; i++)
		out += snprintf(out,
		    draft->key_capacity - (size_t)(out - draft->key), "%c%s",
		    i == 0 ? ' ' : '/', parts[i]);
	return draft->key;
}

/* What stands behind the cluster's number. */
static const char *
id_of(const char *key)
{
	return strchr(key, ' ') + 1;
}

/* The record under a key, made when it is new; NULL when there is no room. */
static void *
find_or_make(struct inventory_draft *draft, struct map *map, const char *key,
    size_t size, char **kept_key)
{
	size_t length;
	void *record;

	*kept_key = NULL;
	if (key == NULL)
		return NULL;
	record = map_get_text(map, key);
	if (record != NULL)
		return record;
	if (map_count(map) == INVENTORY_MAXIMUM) {
		draft->counts.no_room++;
		return NULL;
	}
	length = strlen(key) + 1;
	*kept_key = memcpy(allocate(length, 1), key, length);
	record = allocate(1, size);
	map_put_text(map, *kept_key, record);
	return record;
}

/* --- records ------------------------------------------------------------- */

struct draft_workload *
draft_workload(struct inventory_draft *draft, uint32_t cluster, const char *id)
{
	char *key;
	struct draft_workload *record = find_or_make(draft, draft->workloads,
	    make_key(draft, cluster, &id, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->id = id_of(key);
		record->cluster = cluster;
		record->finished = record->deleted = INSTANT_FUTURE;
	}
	return record;
}

struct draft_service *
draft_service(struct inventory_draft *draft, uint32_t cluster, const char *id)
{
	char *key;
	struct draft_service *record = find_or_make(draft, draft->services,
	    make_key(draft, cluster, &id, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
	}
	return record;
}

struct draft_name *
draft_name(struct inventory_draft *draft, uint32_t cluster,
    const char *namespace, const char *name)
{
	const char *parts[] = {namespace, name};
	char *key;
	struct draft_name *record = find_or_make(draft, draft->names,
	    make_key(draft, cluster, parts, 2), sizeof(*record), &key);

	if (key != NULL)
		record->head.key = key;
	return record;
}

struct draft_bucket *
draft_bucket(struct inventory_draft *draft, uint32_t cluster,
    const char *namespace, const struct label *label, bool make)
{
	const char *parts[] = {namespace, label->key, label->value};
	const char *wanted = make_key(draft, cluster, parts, 3);
	struct draft_bucket *record;
	char *key;

	if (wanted == NULL)
		return NULL;
	if (!make)
		return map_get_text(draft->buckets, wanted);
	record =
	    find_or_make(draft, draft->buckets, wanted, sizeof(*record), &key);
	if (key != NULL)
		record->head.key = key;
	return record;
}

struct draft_slice *
draft_slice(struct inventory_draft *draft, uint32_t cluster, const char *id)
{
	char *key;
	struct draft_slice *record = find_or_make(draft, draft->slices,
	    make_key(draft, cluster, &id, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
	}
	return record;
}

struct draft_node *
draft_node(struct inventory_draft *draft, uint32_t cluster, const char *name)
{
	char *key;
	struct draft_node *record = find_or_make(draft, draft->nodes,
	    make_key(draft, cluster, &name, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->name = id_of(key);
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
		record->fact.node.name = record->name;
		draft_mark(&draft->marked[MARKED_NODES], record);
	}
	return record;
}

struct draft_space *
draft_space(struct inventory_draft *draft, uint32_t cluster, const char *name)
{
	char *key;
	struct draft_space *record = find_or_make(draft, draft->spaces,
	    make_key(draft, cluster, &name, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->name = id_of(key);
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
	}
	return record;
}

struct draft_owner *
draft_owner_of_id(
    struct inventory_draft *draft, uint32_t cluster, const char *id)
{
	char *key;
	struct draft_owner *record = find_or_make(draft, draft->owners,
	    make_key(draft, cluster, &id, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->id = id_of(key);
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
	}
	return record;
}

struct draft_owner *
draft_owner(struct inventory_draft *draft, uint32_t cluster,
    const char *namespace, const char *kind, const char *name)
{
	struct arena *scratch = arena_new();
	struct draft_owner *record = draft_owner_of_id(
	    draft, cluster, fact_owner_id(scratch, namespace, kind, name));

	arena_free(scratch);
	return record;
}

struct draft_policy *
draft_policy(struct inventory_draft *draft, uint32_t cluster, const char *id)
{
	char *key;
	struct draft_policy *record = find_or_make(draft, draft->policies,
	    make_key(draft, cluster, &id, 1), sizeof(*record), &key);

	if (key != NULL) {
		record->head.key = key;
		record->cluster = cluster;
		record->life.until = INSTANT_FUTURE;
	}
	return record;
}

bool
draft_cluster(struct inventory_draft *draft, const char *name, uint32_t *number)
{
	size_t length;

	if (name == NULL)
		name = "";
	for (size_t i = 0; i < draft->cluster_count; i++)
		if (strcmp(draft->clusters[i].name, name) == 0) {
			*number = (uint32_t)i;
			return true;
		}
	length = strnlen(name, INVENTORY_TEXT_MAXIMUM);
	if (draft->cluster_count == INVENTORY_CLUSTERS_MAXIMUM ||
	    length == INVENTORY_TEXT_MAXIMUM) {
		draft->counts.no_room++;
		return false;
	}
	*number = (uint32_t)draft->cluster_count;
	draft->clusters[draft->cluster_count++].name =
	    memcpy(allocate(length + 1, 1), name, length);
	return true;
}

static void
link_to(struct draft_workload **list, struct draft_workload *record,
    struct draft_workload **next)
{
	*next = *list;
	*list = record;
}

void
draft_link_workload(struct draft_workload *record)
{
	if (record->space != NULL)
		link_to(
		    &record->space->workloads, record, &record->next_of_space);
	if (record->owner != NULL)
		link_to(
		    &record->owner->workloads, record, &record->next_of_owner);
	if (record->node != NULL)
		link_to(&record->node->hosted, record, &record->next_of_node);
}

void
draft_link_service(struct draft_service *record)
{
	if (record->name != NULL) {
		record->next_of_name = record->name->services;
		record->name->services = record;
	}
	if (record->bucket != NULL) {
		record->next_of_bucket = record->bucket->services;
		record->bucket->services = record;
	}
}

/* --- what waits for publication ------------------------------------------ */

void
draft_mark(struct marked *marked, void *record)
{
	struct head *head = record;

	if (head->marked)
		return;
	head->marked = true;
	if (marked->count == marked->capacity) {
		marked->capacity = 2 * marked->capacity + 16;
		marked->at =
		    reallocate(marked->at, marked->capacity, sizeof(void *));
	}
	marked->at[marked->count++] = record;
}

void
draft_mark_workload(
    struct inventory_draft *draft, struct draft_workload *record)
{
	draft_mark(&draft->marked[MARKED_WORKLOADS], record);
}

bool
inventory_draft_changed(const struct inventory_draft *draft)
{
	return draft->marked[MARKED_WORKLOADS].count > 0 ||
	       draft->marked[MARKED_SERVICES].count > 0 ||
	       draft->marked[MARKED_NODES].count > 0 ||
	       draft->marked[MARKED_SPACES].count > 0 ||
	       draft->marked[MARKED_POLICIES].count > 0 ||
	       draft->marked[MARKED_ADDRESSES].count > 0 ||
	       draft->zones_changed;
}

/* --- claims -------------------------------------------------------------- */

static struct draft_address *
find_address(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address)
{
	struct address_key key = {*address, cluster};

	return map_get(draft->addresses, &key, sizeof(key));
}

static struct draft_address *
make_address(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address)
{
	struct draft_address *record = find_address(draft, cluster, address);

	if (record != NULL)
		return record;
	record = allocate(1, sizeof(*record));
	record->key = (struct address_key){*address, cluster};
	if (map_put(
		draft->addresses, &record->key, sizeof(record->key), record))
		return record;
	free(record);
	draft->counts.no_room++;
	return NULL;
}

void
draft_mark_address(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address)
{
	struct draft_address *record = find_address(draft, cluster, address);

	if (record != NULL)
		draft_mark(&draft->marked[MARKED_ADDRESSES], record);
}

void
draft_claim(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address, enum claimant_kind kind, void *record)
{
	struct draft_address *to = make_address(draft, cluster, address);

	if (to == NULL)
		return;
	draft_mark(&draft->marked[MARKED_ADDRESSES], to);
	for (size_t i = 0; i < to->claimant_count; i++)
		if (to->claimants[i].record == record &&
		    to->claimants[i].kind == kind)
			return;
	if (to->claimant_count == to->claimant_capacity) {
		to->claimant_capacity = 2 * to->claimant_capacity + 1;
		to->claimants = reallocate(to->claimants, to->claimant_capacity,
		    sizeof(*to->claimants));
	}
	to->claimants[to->claimant_count++] = (struct claimant){kind, record};
}

void
draft_unclaim(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address, enum claimant_kind kind, void *record)
{
	struct draft_address *from = find_address(draft, cluster, address);

	if (from == NULL)
		return;
	draft_mark(&draft->marked[MARKED_ADDRESSES], from);
	for (size_t i = 0; i < from->claimant_count; i++)
		if (from->claimants[i].record == record &&
		    from->claimants[i].kind == kind) {
			from->claimants[i] =
			    from->claimants[--from->claimant_count];
			return;
		}
}
