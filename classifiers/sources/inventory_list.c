#include "classifiers/sources/inventory_list.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/kubernetes.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_list.h"

/* `items` of a real list is its second or third member. */
#define HEAD_MAXIMUM ((size_t)64 * 1024)

/* Items that wait for the list's kind, which nearly always comes first. */
#define WAITING_MAXIMUM ((size_t)64 << 20)

/*
 * Half of a pod is this, and no reader asks for it.  Its line breaks stay, so
 * that a fault names its line.
 */
static const char *const unused[] = {
    "managedFields",
    "env",
    "envFrom",
    "volumes",
    "volumeMounts",
    "tolerations",
    "resources",
    "affinity",
    "securityContext",
    NULL,
};

struct waiting {
	struct waiting *next;
	struct json *item;
};

struct inventory_list {
	const struct fact_taker *taker;
	const char *cluster;
	struct json_list *split;
	struct json_fault fault;
	struct inventory_list_losses losses;
	bool too_large;
	struct waiting *first, **last;
	size_t waiting; /* octets */
};

static bool
ends_in_list(const char *kind)
{
	size_t length = strlen(kind);

	return length >= 4 && strcmp(kind + length - 4, "List") == 0;
}

static bool
stop(const struct json_piece *piece, void *context)
{
	(void)piece;
	(void)context;
	return false;
}

bool
inventory_list_begins(const char *octets, size_t size)
{
	struct json_list *split = json_list_new("items", stop, NULL);
	const char *kind;
	bool begins;

	(void)json_list_feed(
	    split, octets, size < HEAD_MAXIMUM ? size : HEAD_MAXIMUM);
	kind = json_list_kind(split);
	begins = json_list_count(split) > 0 &&
		 (kind[0] == '\0' || ends_in_list(kind));
	json_list_free(split);
	return begins;
}

/* --- items --------------------------------------------------------------- */

/*
 * The items of a `PodList` do not say that they are Pods, those of a `List`
 * do.
 */
static bool
give(const struct inventory_list *list, const struct json *item)
{
	const char *own = json_get_text(item, "kind");
	const char *kind = json_list_kind(list->split);
	char item_kind[64];

	if (own == NULL) {
		if (!ends_in_list(kind))
			return false;
		(void)snprintf(item_kind, sizeof(item_kind), "%.*s",
		    (int)strlen(kind) - 4, kind);
		own = item_kind;
	}
	(void)kubernetes_object_of(list->taker, list->cluster, own, item,
	    KUBERNETES_PRESENT, INSTANT_PAST);
	return true;
}

/* Returns false when too many wait. */
static bool
wait_for_kind(struct inventory_list *list, struct json *item, size_t size)
{
	struct waiting *one = allocate(1, sizeof(*one));

	one->item = item;
	*list->last = one;
	list->last = &one->next;
	list->waiting += size;
	list->too_large = list->waiting > WAITING_MAXIMUM;
	return !list->too_large;
}

static bool
take_item(const struct json_piece *piece, void *context)
{
	struct inventory_list *list = context;
	struct json_fault fault;
	size_t mended;
	struct json *item =
	    json_parse_foreign(piece->octets, piece->size, &mended, &fault);

	list->losses.mended += mended;
	if (item == NULL) {
		/* Blanks are gone, and columns with them. */
		fault.line += piece->line - 1;
		fault.column = 0;
		if (list->losses.left_out++ == 0)
			list->fault = fault;
		return true;
	}
	list->losses.taken++;
	if (!give(list, item))
		return wait_for_kind(list, item, piece->size);
	json_free(item);
	return true;
}

/* --- the door ------------------------------------------------------------ */

struct inventory_list *
inventory_list_new(const struct fact_taker *taker, const char *cluster)
{
	struct inventory_list *list = allocate(1, sizeof(*list));

	list->taker = taker;
	list->cluster = cluster;
	list->split = json_list_new("items", take_item, list);
	json_list_omit(list->split, unused);
	list->last = &list->first;
	return list;
}

bool
inventory_list_feed(
    struct inventory_list *list, const char *octets, size_t size)
{
	return json_list_feed(list->split, octets, size);
}

static void
give_waiting(struct inventory_list *list, bool wanted)
{
	struct waiting *next;

	for (struct waiting *one = list->first; one != NULL; one = next) {
		next = one->next;
		if (wanted)
			(void)give(list, one->item);
		json_free(one->item);
		free(one);
	}
}

static enum inventory_list_status
judge(const struct inventory_list *list, struct json_fault *fault)
{
	struct json *rest;
	size_t size;
	const char *octets = json_list_rest(list->split, &size);

	if (list->too_large || json_list_overflowed(list->split))
		return LIST_TOO_LARGE;
	rest = json_parse(octets, size, fault);
	if (rest == NULL)
		return LIST_FAULTY;
	json_free(rest);
	*fault = list->fault;
	return ends_in_list(json_list_kind(list->split)) ? LIST_READ
							 : LIST_NO_KIND;
}

enum inventory_list_status
inventory_list_end(struct inventory_list *list,
    struct inventory_list_losses *losses, struct json_fault *fault)
{
	enum inventory_list_status status = judge(list, fault);

	*losses = list->losses;
	give_waiting(list, status == LIST_READ);
	json_list_free(list->split);
	free(list);
	return status;
}
