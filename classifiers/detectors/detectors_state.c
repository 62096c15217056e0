#include "classifiers/detectors/detectors_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/beside.h"
#include "classifiers/detectors/memory.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* "HGDS" read as this machine reads it: another order of octets is another
 * number. */
#define MARK    UINT32_C(0x53444748)
#define VERSION 1

#define NAME_SIZE 32

struct head {
	uint32_t mark, version;
	uint64_t size; /* of all, this head among it */
	struct hash_key key;
	uint64_t checksum; /* of all behind the head */
};

/* One memory; its entries follow. */
struct part {
	char detector[NAME_SIZE], memory[NAME_SIZE];
	uint32_t revision, entry_size;
	uint64_t count;
};

/* In front of each entry. */
struct entry_head {
	uint64_t class, key;
};

/* --- writing -------------------------------------------------------------- */

struct writing {
	uint8_t *octets;
	size_t size, capacity;
	size_t entry_size;
};

static void
add(struct writing *writing, const void *octets, size_t size)
{
	while (writing->size + size > writing->capacity) {
		writing->capacity =
		    writing->capacity == 0 ? 65536 : 2 * writing->capacity;
		writing->octets =
		    reallocate(writing->octets, writing->capacity, 1);
	}
	memcpy(writing->octets + writing->size, octets, size);
	writing->size += size;
}

static void
add_entry(enum memory_class class, uint64_t key, void *entry, void *context)
{
	struct writing *writing = context;
	struct entry_head head = {class, key};

	add(writing, &head, sizeof(head));
	add(writing, entry, writing->entry_size);
}

static void
add_part(struct writing *writing, const struct detector *detector,
    struct memory *memory, const char *name)
{
	struct part part = {
	    .revision = detector->revision,
	    .entry_size = (uint32_t)memory_entry_size(memory),
	    .count = memory_counts(memory).held,
	};

	(void)snprintf(
	    part.detector, sizeof(part.detector), "%s", detector->name);
	(void)snprintf(part.memory, sizeof(part.memory), "%s", name);
	add(writing, &part, sizeof(part));
	writing->entry_size = part.entry_size;
	memory_walk(memory, add_entry, writing);
}

static bool
is_blank(const uint8_t *octets, size_t size)
{
	return octets[0] == 0 && memcmp(octets, octets + 1, size - 1) == 0;
}

/* A table of somebody beside: as a memory, with places for keys. */
static void
add_table(struct writing *writing, const struct beside *beside,
    const struct beside_table *table)
{
	size_t head = writing->size;
	struct part part = {
	    .revision = beside->revision,
	    .entry_size = (uint32_t)table->size,
	};

	(void)snprintf(
	    part.detector, sizeof(part.detector), "%s", beside->name);
	(void)snprintf(part.memory, sizeof(part.memory), "%s", table->name);
	add(writing, &part, sizeof(part));
	writing->entry_size = table->size;
	for (size_t i = 0; i < table->count; i++) {
		uint8_t *entry = (uint8_t *)table->at + i * table->size;

		if (is_blank(entry, table->size))
			continue;
		add_entry(MEMORY_INSIDE, i, entry, writing);
		part.count++;
	}
	memcpy(writing->octets + head, &part, sizeof(part));
}

/* A file that was torn or cut is to be told, not one that was forged. */
static uint64_t
checksum(const uint8_t *octets, size_t size)
{
	static const struct hash_key plain = {{VERSION, MARK}};

	return hash_octets(&plain, octets, size);
}

uint8_t *
detectors_save(const struct detectors *detectors, size_t *size)
{
	struct writing writing = {.octets = NULL};
	struct head head = {
	    .mark = MARK, .version = VERSION, .key = detectors_key(detectors)};
	const struct beside *beside = detectors_beside(detectors);
	const char *name = NULL;
	struct memory *memory;

	add(&writing, &head, sizeof(head));
	for (size_t i = 0; i < detectors_size(detectors); i++)
		for (size_t m = 0; (memory = detectors_memory(
					detectors, i, m, &name)) != NULL;
		     m++)
			add_part(
			    &writing, detectors_at(detectors, i), memory, name);
	for (size_t i = 0; beside != NULL && i < beside->table_count; i++)
		add_table(&writing, beside, &beside->tables[i]);
	head.size = writing.size;
	head.checksum = checksum(
	    writing.octets + sizeof(head), writing.size - sizeof(head));
	memcpy(writing.octets, &head, sizeof(head));
	*size = writing.size;
	return writing.octets;
}

/* --- reading -------------------------------------------------------------- */

bool
detectors_state_check(const uint8_t *octets, size_t size, struct hash_key *key,
    char fault[DETECTORS_STATE_FAULT])
{
	struct head head;
	const char *wrong = NULL;

	if (size >= sizeof(head))
		memcpy(&head, octets, sizeof(head));
	if (size < sizeof(head) || head.mark != MARK)
		wrong = "it is no state of detectors, or of another machine's";
	else if (head.version != VERSION)
		wrong = "another version wrote it";
	else if (head.size != size)
		wrong = "it is cut off";
	else if (head.checksum !=
		 checksum(octets + sizeof(head), size - sizeof(head)))
		wrong = "it is damaged";
	if (wrong == NULL) {
		*key = head.key;
		return true;
	}
	(void)snprintf(fault, DETECTORS_STATE_FAULT, "%s", wrong);
	return false;
}

static struct memory *
find_memory(const struct detectors *detectors, const struct part *part)
{
	const char *name = NULL;
	struct memory *memory;

	for (size_t i = 0; i < detectors_size(detectors); i++) {
		const struct detector *detector = detectors_at(detectors, i);

		if (strcmp(detector->name, part->detector) != 0 ||
		    detector->revision != part->revision)
			continue;
		for (size_t m = 0; (memory = detectors_memory(
					detectors, i, m, &name)) != NULL;
		     m++)
			if (strcmp(name, part->memory) == 0 &&
			    memory_entry_size(memory) == part->entry_size)
				return memory;
	}
	return NULL;
}

static const struct beside_table *
find_table(const struct beside *beside, const struct part *part)
{
	if (beside == NULL || strcmp(beside->name, part->detector) != 0 ||
	    beside->revision != part->revision)
		return NULL;
	for (size_t i = 0; i < beside->table_count; i++)
		if (strcmp(beside->tables[i].name, part->memory) == 0 &&
		    beside->tables[i].size == part->entry_size)
			return &beside->tables[i];
	return NULL;
}

/* Where that entry of it goes; NULL: it is for nobody. */
static void *
place_of(struct memory *memory, const struct beside_table *table,
    const struct entry_head *head)
{
	if (memory != NULL)
		return memory_get(
		    memory, (enum memory_class)head->class, head->key, NULL);
	if (table != NULL && head->key < table->count)
		return (uint8_t *)table->at + head->key * table->size;
	return NULL;
}

/* Takes the part's entries, or passes over them; false where they break off. */
static bool
take_entries(const struct part *part, struct memory *memory,
    const struct beside_table *table, const uint8_t *at, size_t room)
{
	size_t each = sizeof(struct entry_head) + part->entry_size;

	if (part->entry_size == 0 || part->count > room / each)
		return false;
	for (uint64_t i = 0; i < part->count; i++) {
		struct entry_head head;
		void *place;

		memcpy(&head, at + i * each, sizeof(head));
		if (head.class >= MEMORY_CLASSES)
			return false;
		place = place_of(memory, table, &head);
		if (place != NULL)
			memcpy(place, at + i * each + sizeof(head),
			    part->entry_size);
	}
	return true;
}

uint64_t
detectors_restore(struct detectors *detectors, const uint8_t *octets,
    size_t size, struct text *left_out)
{
	const struct beside *beside = detectors_beside(detectors);
	size_t at = sizeof(struct head), tables = 0;
	uint64_t restored = 0;

	while (at < size && size - at >= sizeof(struct part)) {
		const struct beside_table *table;
		struct memory *memory;
		struct part part;

		memcpy(&part, octets + at, sizeof(part));
		part.detector[NAME_SIZE - 1] = '\0';
		part.memory[NAME_SIZE - 1] = '\0';
		at += sizeof(part);
		memory = find_memory(detectors, &part);
		table = find_table(beside, &part);
		if (!take_entries(&part, memory, table, octets + at, size - at))
			break;
		tables += table != NULL;
		at +=
		    part.count * (sizeof(struct entry_head) + part.entry_size);
		if (memory != NULL || table != NULL)
			restored += part.count;
		else
			text_format(
			    left_out, " %s.%s", part.detector, part.memory);
	}
	if (tables > 0)
		beside->restored(beside->owner, tables == beside->table_count);
	return restored;
}
