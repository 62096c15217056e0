/*
 * collect_changes -- passes on only those facts that say something new.
 *
 * Serves collectors whose sources have no versions, or list what they have
 * again and again: what a fact says is compared, by a hash of its record
 * without its time.  What a complete list no longer has is passed on as gone.
 * Keeps ids and hashes, not what facts say.  Does not know any orchestrator.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_CHANGES_H
#define CLASSIFIERS_COLLECT_COLLECT_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"

struct collect_changes; /* opaque */

/*
 * Makes an owned filter for collect_changes_free().
 *
 * taker      gets what is new; copied
 * maximum    facts that are remembered; what is beyond it is new each time,
 *            and never goes away
 */
struct collect_changes *collect_changes_new(
    const struct fact_taker *taker, size_t maximum);

/* NULL is allowed. */
void collect_changes_free(struct collect_changes *changes);

/* The filter as a taker of facts, as long as it lives. */
struct fact_taker collect_changes_taker(struct collect_changes *changes);

/* A list begins; lists of different things may overlap. */
uint64_t collect_changes_begin(struct collect_changes *changes);

/*
 * A list ended.
 *
 * list       what collect_changes_begin() returned
 * belongs    whether such a fact would be in this list
 * at         when that was seen
 * returns    how many were passed on as gone
 */
size_t collect_changes_end(struct collect_changes *changes, uint64_t list,
    bool (*belongs)(enum fact_kind kind, const char *id, void *context),
    void *context, struct instant at);

#endif
