/*
 * statement -- makes the statements of one pair of identities.
 *
 * The only place where a server's `provides` meets a client's `needs`, and
 * where what the metadata promises (probes, declared ports) is added.  Does
 * not keep anything: policy does.
 */
#ifndef MODELS_STATEMENT_H
#define MODELS_STATEMENT_H

#include <stdbool.h>

#include "models/policy.h"

struct arena;

/*
 * Fills in everything of `*pair` but its two identities.
 *
 * arena      owns the statements
 * same_node  the two share a node, or the client is the server's node
 */
void statements_make(struct arena *arena, struct pair *pair, bool same_node);

#endif
