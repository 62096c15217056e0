/*
 * fact_order -- gives what files say of an object in the order it became so.
 *
 * A log may have been written in any order, and a collector writes what it is
 * told last.  All facts are seen twice: first to learn which objects have more
 * than one, then those are held back as records until the end, and given by
 * version and time.  What is stated once goes straight through, so a list of
 * everything costs an entry for each object.  Does not know where facts come
 * from.
 */
#ifndef CLASSIFIERS_SOURCES_FACT_ORDER_H
#define CLASSIFIERS_SOURCES_FACT_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"

struct fact_order; /* opaque */

/*
 * Makes an owned order for fact_order_free().
 *
 * maximum    objects that are remembered; what is beyond it keeps the order in
 *            which it comes
 */
struct fact_order *fact_order_new(size_t maximum);

/* NULL is allowed. */
void fact_order_free(struct fact_order *order);

/* The first look: every fact once. */
struct fact_taker fact_order_learn(struct fact_order *order);

/* The second look; `taker` is copied, and given what need not wait. */
struct fact_taker fact_order_sort(
    struct fact_order *order, const struct fact_taker *taker);

/*
 * Gives what was held back, each object's facts from the oldest to the newest,
 * and the objects in the order in which they came.
 *
 * returns    texts, labels, ... of these that were beyond a limit and were cut
 */
uint64_t fact_order_end(struct fact_order *order);

#endif
