/*
 * collect_known -- remembers which facts a source has stated, by id.
 *
 * Serves collectors: a fact that says what was said already need not be said
 * again, and what a complete list no longer has went away unseen.  Keeps ids
 * and versions, not what facts say.  Does not know any orchestrator.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_KNOWN_H
#define CLASSIFIERS_COLLECT_COLLECT_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"

struct collect_known; /* opaque */

/*
 * Makes an owned, empty memory for collect_known_free().
 *
 * maximum    facts that are remembered; what is beyond it is news each time,
 *            and never goes away
 */
struct collect_known *collect_known_new(size_t maximum);

/* NULL is allowed. */
void collect_known_free(struct collect_known *known);

/*
 * Remembers the fact.
 *
 * returns    whether it is news: not known, of another version, of none, or
 *            gone; a fact that is gone and was not known is news too
 */
bool collect_known_note(struct collect_known *known, const struct fact *fact);

/* Sets of kinds are or-ed of these. */
#define COLLECT_KIND(kind) (1U << (kind))
#define COLLECT_KINDS_ALL  ((1U << FACT_KINDS) - 1)

/* A complete list of these kinds begins: what is noted from now on is in it. */
void collect_known_list(struct collect_known *known, unsigned kinds);

/*
 * The list ended: what was not noted since it began is gone, which the taker
 * is told and the memory forgets.  Nothing happens without a list's beginning.
 *
 * version    of the list, or 0
 * at         when that was seen
 * returns    how many went away
 */
size_t collect_known_listed(struct collect_known *known, unsigned kinds,
    const char *cluster, uint64_t version, struct instant at,
    const struct fact_taker *taker);

/*
 * Not all of the list that is under way could be read: what it does not have
 * stays, until the next list of these kinds ends.
 */
void collect_known_keep(struct collect_known *known, unsigned kinds);

/* Facts that are remembered and not gone. */
size_t collect_known_count(const struct collect_known *known);

#endif
