#include "models/table.h"

#include <assert.h>
#include <stdlib.h>

#include "sensor/base/arena.h"

#define SLOTS_FIRST 64

struct slot {
	uint64_t number;
	void *value; /* NULL: empty */
};

/* At most half of the slots are full, so a probe is short and always ends. */
struct table {
	struct slot *slots;
	size_t mask, count;
};

struct table *
table_new(void)
{
	struct table *table = allocate(1, sizeof(*table));

	table->slots = allocate(SLOTS_FIRST, sizeof(*table->slots));
	table->mask = SLOTS_FIRST - 1;
	return table;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	free(table->slots);
	free(table);
}

/* The last step of SplitMix64 (Steele, Lea, Flood 2014): every bit counts. */
static uint64_t
mix(uint64_t word)
{
	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

/* The slot that holds the number, or the empty one where it would go. */
static struct slot *
find(const struct table *table, uint64_t number)
{
	for (size_t i = (size_t)mix(number);; i++) {
		struct slot *slot = &table->slots[i & table->mask];

		if (slot->value == NULL || slot->number == number)
			return slot;
	}
}

void *
table_get(const struct table *table, uint64_t number)
{
	return find(table, number)->value;
}

static void
grow(struct table *table)
{
	struct slot *old = table->slots;
	size_t count = table->mask + 1;

	table->mask = 2 * count - 1;
	table->slots = allocate(2 * count, sizeof(*table->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i].value != NULL)
			*find(table, old[i].number) = old[i];
	free(old);
}

void
table_add(struct table *table, uint64_t number, void *value)
{
	struct slot *slot;

	assert(value != NULL);
	if (2 * (table->count + 1) > table->mask)
		grow(table);
	slot = find(table, number);
	assert(slot->value == NULL);
	*slot = (struct slot){number, value};
	table->count++;
}

size_t
table_count(const struct table *table)
{
	return table->count;
}

size_t
table_size(const struct table *table)
{
	return (table->mask + 1) * sizeof(*table->slots);
}
