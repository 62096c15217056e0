#include "classifiers/sources/fact_order.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

/* A kind's letter, the cluster, a separator and the id. */
#define KEY_MAXIMUM ((size_t)2048)

/* One fact that waits, as its record. */
struct waiting {
	struct waiting *next; /* came later */
	uint64_t version;
	struct instant at;
	size_t number; /* as they came */
	size_t length;
	char record[];
};

struct mentioned {
	size_t count, held;
	bool gone; /* one of them says so */
	bool needs_order;
	struct waiting *first, **end;
};

struct fact_order {
	struct arena *arena; /* entries and their keys */
	struct map *objects; /* key -> struct mentioned */
	size_t maximum;
	struct fact_taker taker;
	struct text key, record;
	size_t number;
	uint64_t cut;
};

struct fact_order *
fact_order_new(size_t maximum)
{
	struct fact_order *order = allocate(1, sizeof(*order));

	order->arena = arena_new();
	order->objects = map_new(maximum);
	order->maximum = maximum;
	text_init(&order->key, KEY_MAXIMUM);
	text_init(&order->record, INVENTORY_RECORD_MAXIMUM);
	return order;
}

static void
forget(struct mentioned *object)
{
	while (object->first != NULL) {
		struct waiting *next = object->first->next;

		free(object->first);
		object->first = next;
	}
}

void
fact_order_free(struct fact_order *order)
{
	if (order == NULL)
		return;
	for (size_t i = 0; i < map_count(order->objects); i++)
		forget(map_at(order->objects, i));
	map_free(order->objects);
	arena_free(order->arena);
	text_release(&order->key);
	text_release(&order->record);
	free(order);
}

/* --- the first look ------------------------------------------------------- */

/* When a source was heard has no order; what has no id is nobody's. */
static bool
has_order(const struct fact *fact)
{
	return fact->kind != FACT_SEEN && inventory_record_may_be_written(fact);
}

/* Each pod names its node's address once more. */
static bool
says_more_than_its_id(const struct fact *fact)
{
	return fact->kind != FACT_NODE_ADDRESS;
}

static struct mentioned *
find(struct fact_order *order, const struct fact *fact)
{
	text_clear(&order->key);
	text_add_char(&order->key, (char)('a' + (int)fact->kind));
	text_add(&order->key, fact->cluster == NULL ? "" : fact->cluster);
	text_add_char(&order->key, '\n');
	text_add(&order->key, fact->id);
	return order->key.overflow
		   ? NULL
		   : map_get_text(order->objects, order->key.at);
}

static bool
learn(const struct fact *fact, void *context)
{
	struct fact_order *order = context;
	struct mentioned *object;

	if (!has_order(fact))
		return true;
	object = find(order, fact);
	if (object == NULL && !order->key.overflow &&
	    map_count(order->objects) < order->maximum) {
		object = arena_take(order->arena, sizeof(*object));
		(void)map_put_text(order->objects,
		    arena_text_n(
			order->arena, order->key.at, order->key.length),
		    object);
	}
	if (object == NULL)
		return true;
	object->count++;
	object->gone = object->gone || fact->gone;
	object->needs_order =
	    object->count > 1 && (object->gone || says_more_than_its_id(fact));
	return true;
}

struct fact_taker
fact_order_learn(struct fact_order *order)
{
	return (struct fact_taker){learn, order};
}

/* --- the second ----------------------------------------------------------- */

static bool
hold_back(
    struct fact_order *order, struct mentioned *object, const struct fact *fact)
{
	struct waiting *waiting;

	text_clear(&order->record);
	if (!inventory_record_line(&order->record, fact, &order->cut))
		return false;
	waiting = allocate(1, sizeof(*waiting) + order->record.length + 1);
	waiting->version = fact->version;
	waiting->at = fact->at;
	waiting->number = order->number++;
	waiting->length = order->record.length;
	memcpy(waiting->record, order->record.at, order->record.length);
	if (object->first == NULL)
		object->end = &object->first;
	*object->end = waiting;
	object->end = &waiting->next;
	object->held++;
	return true;
}

static bool
sort(const struct fact *fact, void *context)
{
	struct fact_order *order = context;
	struct mentioned *object = has_order(fact) ? find(order, fact) : NULL;

	if (object != NULL && object->needs_order &&
	    hold_back(order, object, fact))
		return true;
	return fact_give(&order->taker, fact);
}

struct fact_taker
fact_order_sort(struct fact_order *order, const struct fact_taker *taker)
{
	order->taker = *taker;
	return (struct fact_taker){sort, order};
}

/* --- the end -------------------------------------------------------------- */

static int
compare_numbers(const struct waiting *a, const struct waiting *b)
{
	return (a->number > b->number) - (a->number < b->number);
}

static int
compare_times(const void *left, const void *right)
{
	const struct waiting *a = *(struct waiting *const *)left;
	const struct waiting *b = *(struct waiting *const *)right;

	if (a->at.ns != b->at.ns)
		return a->at.ns < b->at.ns ? -1 : 1;
	return compare_numbers(a, b);
}

static int
compare_versions(const void *left, const void *right)
{
	const struct waiting *a = *(struct waiting *const *)left;
	const struct waiting *b = *(struct waiting *const *)right;

	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return compare_times(left, right);
}

static void
give_record(struct fact_order *order, const struct waiting *waiting)
{
	struct arena *arena = arena_new();
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct json *record =
	    json_parse(waiting->record, waiting->length, &json_fault);
	struct fact fact;

	if (record != NULL &&
	    inventory_record_read(arena, record, &fact, fault))
		(void)fact_give(&order->taker, &fact);
	else
		order->cut++;
	json_free(record);
	arena_free(arena);
}

/*
 * A version that only some have says nothing of the others: then the times
 * decide, of which a list's, that always was so, is the first.
 */
static void
give_object(struct fact_order *order, struct mentioned *object)
{
	struct waiting **all = allocate(object->held, sizeof(*all));
	bool versions = true;
	size_t count = 0;

	for (struct waiting *one = object->first; one != NULL;
	     one = one->next) {
		versions = versions && one->version != 0;
		all[count++] = one;
	}
	qsort(all, count, sizeof(*all),
	    versions ? compare_versions : compare_times);
	for (size_t i = 0; i < count; i++)
		give_record(order, all[i]);
	free(all);
	forget(object);
}

uint64_t
fact_order_end(struct fact_order *order)
{
	for (size_t i = 0; i < map_count(order->objects); i++) {
		struct mentioned *object = map_at(order->objects, i);

		if (object->first != NULL)
			give_object(order, object);
	}
	return order->cut;
}
