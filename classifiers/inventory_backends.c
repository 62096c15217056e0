#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"

/* Services times backends; a selector that fits every pod has many. */
#define JOINS_MAXIMUM ((size_t)1 << 24)

struct join {
	size_t service, workload;
};

/*
 * Workloads that have one label in one namespace: the first pair of some
 * service's selector, so that no service looks at every workload.
 */
struct bucket {
	size_t *workloads;
	size_t count, capacity;
};

struct joining {
	struct inventory *inventory;
	const struct draft_service *const *drafts;
	struct arena *scratch;
	struct map *buckets; /* `namespace`, `key`, `value` -> struct bucket */
	struct join *joins;
	size_t join_count, join_capacity;
	uint64_t left_out;
};

static void
add_join(struct joining *joining, size_t service, size_t workload)
{
	if (joining->join_count == JOINS_MAXIMUM) {
		joining->left_out++;
		return;
	}
	if (joining->join_count == joining->join_capacity) {
		joining->join_capacity = 2 * joining->join_capacity + 64;
		joining->joins = reallocate(joining->joins,
		    joining->join_capacity, sizeof(*joining->joins));
	}
	joining->joins[joining->join_count++] =
	    (struct join){service, workload};
}

static void
add_to_bucket(struct bucket *bucket, size_t workload)
{
	if (bucket->count == bucket->capacity) {
		bucket->capacity = 2 * bucket->capacity + 8;
		bucket->workloads = reallocate(bucket->workloads,
		    bucket->capacity, sizeof(*bucket->workloads));
	}
	bucket->workloads[bucket->count++] = workload;
}

/* Names cannot be confused: the lengths are part of the key. */
static const char *
bucket_key(
    struct arena *arena, const char *namespace, const struct label *label)
{
	return arena_format(arena, "%zu.%zu.%s%s%s", strlen(namespace),
	    strlen(label->key), namespace, label->key, label->value);
}

static void
make_buckets(struct joining *joining)
{
	const struct inventory *inventory = joining->inventory;

	for (size_t i = 0; i < inventory->service_count; i++) {
		const struct labels *selector =
		    &joining->drafts[i]->fact.selector;
		const char *key;

		if (selector->count == 0)
			continue;
		key = bucket_key(joining->scratch,
		    inventory->services[i].namespace, &selector->at[0]);
		if (map_get_text(joining->buckets, key) == NULL)
			map_put_text(joining->buckets, key,
			    arena_take(
				joining->scratch, sizeof(struct bucket)));
	}
}

static void
fill_buckets(struct joining *joining)
{
	const struct inventory *inventory = joining->inventory;

	for (size_t i = 0; i < inventory->workload_count; i++) {
		const struct workload *workload = &inventory->workloads[i];
		struct arena *arena = arena_new();

		for (size_t l = 0; l < workload->labels.count; l++) {
			struct bucket *bucket = map_get_text(joining->buckets,
			    bucket_key(arena, workload->namespace,
				&workload->labels.at[l]));

			if (bucket != NULL)
				add_to_bucket(bucket, i);
		}
		arena_free(arena);
	}
}

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

static void
join_by_selector(struct joining *joining, size_t service)
{
	const struct inventory *inventory = joining->inventory;
	const struct labels *selector =
	    &joining->drafts[service]->fact.selector;
	const struct bucket *bucket;

	if (selector->count == 0)
		return;
	bucket = map_get_text(joining->buckets,
	    bucket_key(joining->scratch, inventory->services[service].namespace,
		&selector->at[0]));
	for (size_t i = 0; bucket != NULL && i < bucket->count; i++)
		if (selects(
			selector, &inventory->workloads[bucket->workloads[i]]))
			add_join(joining, service, bucket->workloads[i]);
}

static int
compare_service_name(
    const struct service *service, const char *namespace, const char *name)
{
	int order = strcmp(service->namespace, namespace);

	return order != 0 ? order : strcmp(service->name, name);
}

/* The first service of that name, or the place where it would be. */
static size_t
find_service(
    const struct inventory *inventory, const char *namespace, const char *name)
{
	size_t low = 0, high = inventory->service_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_service_name(
			&inventory->services[middle], namespace, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * What an EndpointSlice names counts only behind a service without a selector:
 * elsewhere the selector says the same, and does not mistake the next holder
 * of an address for a backend.
 */
static void
join_by_address(struct joining *joining, const struct draft_backend *backend)
{
	const struct inventory *inventory = joining->inventory;
	const struct holder *holder = map_get(inventory->holders,
	    backend->address.octets, sizeof(backend->address.octets));
	size_t i =
	    find_service(inventory, backend->namespace, backend->service);

	if (holder == NULL)
		return;
	for (; i < inventory->service_count &&
	       compare_service_name(&inventory->services[i], backend->namespace,
		   backend->service) == 0;
	     i++) {
		if (joining->drafts[i]->fact.selector.count > 0)
			continue;
		for (size_t t = 0; t < holder->tenure_count; t++)
			add_join(joining, i,
			    (size_t)(holder->tenures[t].workload -
				     inventory->workloads));
	}
}

static int
compare_joins(const void *a, const void *b)
{
	const struct join *left = a, *right = b;

	if (left->service != right->service)
		return left->service < right->service ? -1 : 1;
	return (left->workload > right->workload) -
	       (left->workload < right->workload);
}

/* The joins of one service, `count` of them and sorted; equal ones are one. */
static void
keep_backends(struct inventory *inventory, struct service *service,
    const struct join *joins, size_t count)
{
	const struct workload **backends = arena_array(
	    inventory->arena, count, sizeof(const struct workload *));

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && joins[i].workload == joins[i - 1].workload)
			continue;
		backends[service->backend_count++] =
		    &inventory->workloads[joins[i].workload];
	}
	service->backends = backends;
}

static void
keep_joins(struct joining *joining)
{
	struct inventory *inventory = joining->inventory;
	const struct join *joins = joining->joins;

	if (joining->join_count > 0)
		qsort(joining->joins, joining->join_count,
		    sizeof(*joining->joins), compare_joins);
	for (size_t from = 0, to; from < joining->join_count; from = to) {
		to = from + 1;
		while (to < joining->join_count &&
		       joins[to].service == joins[from].service)
			to++;
		keep_backends(inventory,
		    &inventory->services[joins[from].service], &joins[from],
		    to - from);
	}
}

static void
free_buckets(struct joining *joining)
{
	for (size_t i = 0; i < map_count(joining->buckets); i++) {
		struct bucket *bucket = map_at(joining->buckets, i);

		free(bucket->workloads);
	}
	map_free(joining->buckets);
}

void
join_backends(struct inventory *inventory, const struct inventory_draft *draft,
    const struct draft_service *const *drafts, struct report *report)
{
	struct joining joining = {
	    .inventory = inventory,
	    .drafts = drafts,
	    .scratch = arena_new(),
	    .buckets = map_new(INVENTORY_MAXIMUM),
	};

	make_buckets(&joining);
	if (map_count(joining.buckets) > 0)
		fill_buckets(&joining);
	for (size_t i = 0; i < inventory->service_count; i++)
		join_by_selector(&joining, i);
	for (size_t i = 0; i < map_count(draft->backends); i++)
		join_by_address(&joining, map_at(draft->backends, i));
	keep_joins(&joining);
	if (joining.left_out > 0)
		report_warning(report, INVENTORY_PLACE,
		    "services have more than %zu backends together; %llu "
		    "were left out: narrow the widest selectors",
		    JOINS_MAXIMUM, (unsigned long long)joining.left_out);
	free_buckets(&joining);
	free(joining.joins);
	arena_free(joining.scratch);
}
