/*
 * inventory_list -- reads a Kubernetes list item by item.
 *
 * The list of a large cluster is hundreds of megabytes; here no more than one
 * item of it is parsed at a time.  Does not know other forms of files.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_LIST_H
#define CLASSIFIERS_SOURCES_INVENTORY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/json_read.h"

struct fact_taker;
struct inventory_list; /* opaque */

enum inventory_list_status {
	LIST_READ,
	LIST_NO_KIND,   /* JSON, but nothing says of what */
	LIST_TOO_LARGE, /* an item, or what came before the kind */
	LIST_FAULTY,    /* no JSON */
};

/*
 * Whether a text that begins so is a list: an object with `items`, whose kind,
 * if it came already, ends in List.
 */
bool inventory_list_begins(const char *octets, size_t size);

/* Makes an owned reader for inventory_list_end(). */
struct inventory_list *inventory_list_new(
    const struct fact_taker *taker, const char *cluster);

/* Reads on; false when there is no use in more. */
bool inventory_list_feed(
    struct inventory_list *list, const char *octets, size_t size);

/* What one item's faults cost, and never more than that item. */
struct inventory_list_losses {
	size_t taken;    /* items that are JSON */
	size_t left_out; /* items that are none */
	size_t mended;   /* characters that are no text: `?` stands there */
};

/*
 * The text is at its end; frees the list.
 *
 * fault      why it is LIST_FAULTY; or of the first item that was left out
 */
enum inventory_list_status inventory_list_end(struct inventory_list *list,
    struct inventory_list_losses *losses, struct json_fault *fault);

#endif
