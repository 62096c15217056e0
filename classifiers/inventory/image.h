/*
 * image -- takes a container image's name apart.
 *
 * The grammar is that of distribution/reference: the first component is a
 * registry only when it has a dot or a colon or is `localhost`.
 */
#ifndef CLASSIFIERS_INVENTORY_IMAGE_H
#define CLASSIFIERS_INVENTORY_IMAGE_H

#include "classifiers/inventory/workload.h"

struct arena;

/* Splits `name`; texts live in the arena.  Odd names stay whole. */
struct image image_split(struct arena *arena, const char *name);

#endif
