#include "classifiers/inventory/bounded_copy.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/fact_limits.h"
#include "sensor/base/arena.h"

const char *
copy_text(struct arena *arena, const char *text, uint64_t *cut)
{
	size_t length;

	if (text == NULL || text[0] == '\0')
		return "";
	length = strnlen(text, INVENTORY_TEXT_MAXIMUM + 1);
	if (length > INVENTORY_TEXT_MAXIMUM) {
		length = INVENTORY_TEXT_MAXIMUM;
		/* Not within a character of UTF-8. */
		while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80)
			length--;
		(*cut)++;
	}
	return arena_text_n(arena, text, length);
}

static size_t
at_most(size_t count, size_t maximum, uint64_t *cut)
{
	if (count <= maximum)
		return count;
	*cut += count - maximum;
	return maximum;
}

void *
copy_array(struct arena *arena, const void *array, size_t *count, size_t size,
    size_t maximum, uint64_t *cut)
{
	void *copy;

	*count = at_most(*count, maximum, cut);
	if (*count == 0)
		return NULL;
	copy = arena_array(arena, *count, size);
	memcpy(copy, array, *count * size);
	return copy;
}

/* By key; equal keys stay in their order, which their addresses tell. */
static int
compare_labels(const void *a, const void *b)
{
	const struct label *const *left = a, *const *right = b;
	int order = strcmp((*left)->key, (*right)->key);

	if (order != 0)
		return order;
	return (*left > *right) - (*left < *right);
}

static bool
labels_are_sorted(const struct labels *labels)
{
	for (size_t i = 1; i < labels->count; i++)
		if (strcmp(labels->at[i - 1].key, labels->at[i].key) >= 0)
			return false;
	return true;
}

static void
append_label(struct arena *arena, struct labels *copy, struct label *room,
    const struct label *label, uint64_t *cut)
{
	if (copy->count > 0 &&
	    strcmp(room[copy->count - 1].key, label->key) == 0)
		return;
	if (copy->count == INVENTORY_LABELS_MAXIMUM) {
		(*cut)++;
		return;
	}
	room[copy->count].key = copy_text(arena, label->key, cut);
	room[copy->count].value = copy_text(arena, label->value, cut);
	copy->count++;
}

struct labels
copy_labels(struct arena *arena, const struct labels *labels, uint64_t *cut)
{
	size_t room_size = labels->count < INVENTORY_LABELS_MAXIMUM
			       ? labels->count
			       : INVENTORY_LABELS_MAXIMUM;
	struct label *room = arena_array(arena, room_size, sizeof(*room));
	struct labels copy = {room, 0};
	const struct label **sorted = NULL;

	if (!labels_are_sorted(labels)) {
		sorted = allocate(labels->count, sizeof(const struct label *));
		for (size_t i = 0; i < labels->count; i++)
			sorted[i] = &labels->at[i];
		qsort(sorted, labels->count, sizeof(const struct label *),
		    compare_labels);
	}
	for (size_t i = 0; i < labels->count; i++)
		append_label(arena, &copy, room,
		    sorted == NULL ? &labels->at[i] : sorted[i], cut);
	free(sorted);
	return copy;
}
