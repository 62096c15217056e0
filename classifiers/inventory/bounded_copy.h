/*
 * bounded_copy -- deep copies of what sources say, within fact_limits.h.
 *
 * Copies lie in the arena.  `*cut` counts what a limit left out.
 */
#ifndef CLASSIFIERS_INVENTORY_BOUNDED_COPY_H
#define CLASSIFIERS_INVENTORY_BOUNDED_COPY_H

#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/workload.h"

struct arena;

/* At most INVENTORY_TEXT_MAXIMUM octets, never half a character; NULL becomes
 * "". */
const char *copy_text(struct arena *arena, const char *text, uint64_t *cut);

/* An array of plain values, at most `maximum` of them. */
void *copy_array(struct arena *arena, const void *array, size_t *count,
    size_t size, size_t maximum, uint64_t *cut);

/* At most INVENTORY_LABELS_MAXIMUM; sorts, and leaves only the first of equal
 * keys. */
struct labels copy_labels(
    struct arena *arena, const struct labels *labels, uint64_t *cut);

#endif
