/*
 * inventory_saved -- the last inventory on disk, to start without Redis.
 *
 * A file of records, one a line, and a last line with how many there are and
 * their digest.  It is written beside and then renamed, so there is always a
 * whole one; a file that is torn or was changed is refused, not half believed.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_SAVED_H
#define CLASSIFIERS_SOURCES_INVENTORY_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"

#define INVENTORY_SAVED_FAULT_SIZE 256

struct inventory_saving; /* opaque */

/*
 * Begins to write `path` anew.
 *
 * fault      gets why it cannot be
 * returns    owned, for inventory_saving_end() or _abandon(), or NULL
 */
struct inventory_saving *inventory_saving_begin(
    const char *path, char fault[INVENTORY_SAVED_FAULT_SIZE]);

/* Takes the facts to save; what cannot be written fails the end. */
struct fact_taker inventory_saving_taker(struct inventory_saving *saving);

/*
 * Puts the file in its place, safe on the disk; frees `saving`.
 *
 * returns    false, with `fault` set and the file of before untouched
 */
bool inventory_saving_end(
    struct inventory_saving *saving, char fault[INVENTORY_SAVED_FAULT_SIZE]);

/* Leaves the file of before as it is; frees `saving`; NULL is allowed. */
void inventory_saving_abandon(struct inventory_saving *saving);

/*
 * Gives the facts of a saved file, if all of it is as it was written.
 *
 * returns    how many, or -1 with `fault` set and nothing given
 */
int64_t inventory_saved_read(const char *path, struct fact_taker taker,
    char fault[INVENTORY_SAVED_FAULT_SIZE]);

#endif
