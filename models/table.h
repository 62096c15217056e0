/*
 * table -- values under numbers, found with one look at memory.
 *
 * For what policy asks with every verdict: who an end is, and what is stated
 * of a pair.  The numbers are ours (places in memory, numbers of identities),
 * so nobody outside can choose ones that collide; for what outsiders write
 * there is map.
 */
#ifndef MODELS_TABLE_H
#define MODELS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table; /* opaque */

/* Makes an owned, empty table for table_free(). */
struct table *table_new(void);

/* Frees the table, not its values; NULL is allowed. */
void table_free(struct table *table);

/* The value under the number, or NULL. */
void *table_get(const struct table *table, uint64_t number);

/* Puts a value, which is not NULL, under a number that has none yet. */
void table_add(struct table *table, uint64_t number, void *value);

size_t table_count(const struct table *table);

/* Octets that it takes. */
size_t table_size(const struct table *table);

#endif
