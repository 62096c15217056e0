/*
 * rack -- things kept under names, that can be taken away again.
 *
 * For collectors, which run for months while what they follow comes and goes:
 * what was taken away takes no memory for long.  A thing is one block of
 * malloc(), owned by the rack.  Walks are in order of first insertion.  One
 * thread at a time.
 */
#ifndef CLASSIFIERS_SOURCES_RACK_H
#define CLASSIFIERS_SOURCES_RACK_H

#include <stdbool.h>
#include <stddef.h>

struct rack; /* opaque */

/* Makes an owned rack for `maximum` things, for rack_free(). */
struct rack *rack_new(size_t maximum);
void rack_free(struct rack *rack);

/*
 * Puts a thing under a name, in the place of what was there; takes the block
 * over in every case.
 *
 * returns    false when the rack is full: the block is freed
 */
bool rack_put(struct rack *rack, const char *name, void *thing);

/* What is under the name, or NULL. */
void *rack_get(const struct rack *rack, const char *name);

/* Frees what is under the name, if anything. */
void rack_remove(struct rack *rack, const char *name);

/* How many things there are. */
size_t rack_count(const struct rack *rack);

/*
 * Places of a walk: some may be empty (NULL), and removing moves no place
 * until the next rack_put().
 */
size_t rack_places(const struct rack *rack);
void *rack_at(const struct rack *rack, size_t place);
const char *rack_name(const struct rack *rack, size_t place);

#endif
