/*
 * library_resolve -- makes whole models of drafts (private to library).
 *
 * Splices fragments in, follows `extends`, makes up the names of entries, and
 * checks that whatever a document counts on exists.  A document counts only
 * on its own layer and lower ones.
 */
#ifndef MODELS_LIBRARY_RESOLVE_H
#define MODELS_LIBRARY_RESOLVE_H

struct parse;

/* Most entries of all models together, counted after splicing. */
#define LIBRARY_ENTRIES_MAXIMUM ((size_t)1 << 18)

/* Completes every draft in place; mistakes go to the report. */
void library_resolve(struct parse *parse);

#endif
