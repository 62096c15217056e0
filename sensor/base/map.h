/*
 * map -- finds a pointer by octets, and walks in order of insertion.
 *
 * Keys and values are borrowed: whoever puts them keeps them alive as long as
 * the map.  The order of a walk is the order of first insertion, whatever the
 * seed, so output made from a walk is the same on every run.  There is no
 * removal.  One thread at a time.
 */
#ifndef SENSOR_BASE_MAP_H
#define SENSOR_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map; /* opaque */

/*
 * Makes an owned map for map_free().
 *
 * maximum    entries it may ever hold, at least 1
 */
struct map *map_new(size_t maximum);

/* Frees the map, not its keys or values; NULL is allowed. */
void map_free(struct map *map);

/* The value under the key, or NULL. */
void *map_get(const struct map *map, const void *key, size_t size);

/* The same for a NUL-terminated key. */
void *map_get_text(const struct map *map, const char *key);

/*
 * Sets the value under the key; `value` is not NULL.
 *
 * returns    false when the key is new and the map is full
 */
bool map_put(struct map *map, const void *key, size_t size, void *value);

/* The same for a NUL-terminated key. */
bool map_put_text(struct map *map, const char *key, void *value);

/* Entries in the map. */
size_t map_count(const struct map *map);

/* The value of the entry that was inserted as number `index`, from 0. */
void *map_at(const struct map *map, size_t index);

#endif
