/*
 * library_resolve -- makes whole models of drafts (private to library).
 *
 * Splices fragments in, follows `extends`, makes up the names of entries, and
 * checks that whatever a document counts on exists.  A document counts only
 * on its own layer and lower ones.
 */
#ifndef MODELS_LIBRARY_RESOLVE_H
#define MODELS_LIBRARY_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "models/model.h"

struct parse;
struct side;

/* Most entries of all models together, counted after splicing. */
#define LIBRARY_ENTRIES_MAXIMUM ((size_t)1 << 18)

/* Completes every draft in place; mistakes go to the report. */
void library_resolve(struct parse *parse);

/*
 * Completes a side that no document of the library holds: fragments and names
 * are looked up among those of `parse`, whose references are checked.
 */
struct entries library_resolve_side(struct parse *parse,
    const struct side *side, struct place place, bool provides);

#endif
