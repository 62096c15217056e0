#include "sensor/base/map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

#define ENTRIES_FIRST 8

struct entry {
	const void *key;
	size_t size;
	uint64_t hash;
	void *value;
};

/*
 * Entries lie in the order of insertion; the slots hold the number of an entry
 * plus one, and 0 when empty.  There are at least twice as many slots as
 * entries, so a probe is short and always ends.
 */
struct map {
	struct hash_key key;
	size_t maximum;
	size_t count;
	size_t capacity;
	struct entry *entries;
	size_t slot_mask;
	uint32_t *slots;
};

/*
 * The kernel hands every process 16 random octets, so no system call is needed
 * that a confined process might have given away.
 */
static void
choose_key(struct hash_key *key)
{
	unsigned long at = getauxval(AT_RANDOM);

	if (at != 0)
		memcpy(key, (const void *)at, sizeof(*key));
}

struct map *
map_new(size_t maximum)
{
	struct map *map = allocate(1, sizeof(*map));

	assert(maximum > 0 && maximum < UINT32_MAX);
	choose_key(&map->key);
	map->maximum = maximum;
	map->slot_mask = 2 * ENTRIES_FIRST - 1;
	map->slots = allocate(map->slot_mask + 1, sizeof(*map->slots));
	map->capacity = ENTRIES_FIRST;
	map->entries = allocate(map->capacity, sizeof(*map->entries));
	return map;
}

void
map_free(struct map *map)
{
	if (map == NULL)
		return;
	free(map->slots);
	free(map->entries);
	free(map);
}

/* The slot that holds the key, or the empty one where it would go. */
static uint32_t *
find_slot(const struct map *map, uint64_t hash, const void *key, size_t size)
{
	for (size_t i = (size_t)hash;; i++) {
		uint32_t *slot = &map->slots[i & map->slot_mask];
		const struct entry *entry;

		if (*slot == 0)
			return slot;
		entry = &map->entries[*slot - 1];
		if (entry->hash == hash && entry->size == size &&
		    (size == 0 || memcmp(entry->key, key, size) == 0))
			return slot;
	}
}

void *
map_get(const struct map *map, const void *key, size_t size)
{
	uint32_t slot;

	if (map->count == 0)
		return NULL;
	slot = *find_slot(map, hash_octets(&map->key, key, size), key, size);
	return slot == 0 ? NULL : map->entries[slot - 1].value;
}

void *
map_get_text(const struct map *map, const char *key)
{
	return map_get(map, key, strlen(key));
}

static void
grow(struct map *map)
{
	map->capacity *= 2;
	map->entries =
	    reallocate(map->entries, map->capacity, sizeof(*map->entries));
	free(map->slots);
	map->slot_mask = 2 * map->capacity - 1;
	map->slots = allocate(map->slot_mask + 1, sizeof(*map->slots));
	for (size_t i = 0; i < map->count; i++) {
		const struct entry *entry = &map->entries[i];

		*find_slot(map, entry->hash, entry->key, entry->size) =
		    (uint32_t)(i + 1);
	}
}

bool
map_put(struct map *map, const void *key, size_t size, void *value)
{
	uint64_t hash = hash_octets(&map->key, key, size);
	uint32_t *slot = find_slot(map, hash, key, size);

	assert(value != NULL);
	if (*slot != 0) {
		map->entries[*slot - 1].value = value;
		return true;
	}
	if (map->count == map->maximum)
		return false;
	if (map->count == map->capacity) {
		grow(map);
		slot = find_slot(map, hash, key, size);
	}
	map->entries[map->count++] = (struct entry){key, size, hash, value};
	*slot = (uint32_t)map->count;
	return true;
}

bool
map_put_text(struct map *map, const char *key, void *value)
{
	return map_put(map, key, strlen(key), value);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

void *
map_at(const struct map *map, size_t index)
{
	assert(index < map->count);
	return map->entries[index].value;
}
