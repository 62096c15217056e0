/*
 * recollection -- what was known when the sensor last ran, until it is known
 * again.
 *
 * A sensor that starts from a saved inventory cannot know what went away
 * meanwhile.  Here stand the objects that were saved; those that the source
 * names again are struck off, and once it has named everything the rest is
 * over.  Keeps ids, not what was said of them.
 */
#ifndef SENSOR_RUN_RECOLLECTION_H
#define SENSOR_RUN_RECOLLECTION_H

#include <stddef.h>

#include "classifiers/inventory/fact.h"

struct recollection; /* opaque */

/* Makes an owned, empty one for recollection_free(). */
struct recollection *recollection_new(void);

/* NULL is allowed. */
void recollection_free(struct recollection *recollection);

/* It was saved. */
void recollection_note(
    struct recollection *recollection, const struct fact *fact);

/* The source has named it, as it is or gone. */
void recollection_confirm(
    struct recollection *recollection, const struct fact *fact);

/* The source has named everything: the taker is told that the rest is gone;
 * returns how much that is. */
size_t recollection_end(const struct recollection *recollection,
    struct instant at, const struct fact_taker *taker);

#endif
