#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

static void
append(const void ***at, size_t *count, size_t *capacity, const void *one)
{
	if (*count == *capacity) {
		*capacity = 2 * *capacity + 16;
		*at = reallocate(*at, *capacity, sizeof(const void *));
	}
	(*at)[(*count)++] = one;
}

void
roll_remove(struct roll_change *change, const void *one)
{
	append(&change->removed, &change->removed_count,
	    &change->removed_capacity, one);
}

void
roll_add(struct roll_change *change, const void *one)
{
	append(
	    &change->added, &change->added_count, &change->added_capacity, one);
}

static void
sort(const void **at, size_t count, int (*compare)(const void *, const void *))
{
	if (count > 0)
		qsort(at, count, sizeof(const void *), compare);
}

/* The place of the first that is not before `one`. */
static size_t
place_of(const struct roll *roll, const void *one,
    int (*compare)(const void *, const void *))
{
	size_t low = 0, high = roll == NULL ? 0 : roll->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const void *there = roll->at[middle];

		if (compare(&there, &one) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
copy_span(struct roll *to, const struct roll *from, size_t begin, size_t end)
{
	if (from != NULL && end > begin)
		memcpy(&to->at[to->count], &from->at[begin],
		    (end - begin) * sizeof(const void *));
	to->count += end - begin;
}

/*
 * Everything between two changes is copied in one go: a change of one in
 * 100 000 costs a copy of 800 kB of pointers and a few comparisons.
 */
static struct roll *
merge(const struct roll *old, const struct roll_change *change,
    int (*compare)(const void *, const void *))
{
	size_t total = old == NULL ? 0 : old->count, at = 0, a = 0, r = 0;
	struct roll *roll =
	    allocate(1, sizeof(*roll) + (total + change->added_count) *
					    sizeof(const void *));

	while (a < change->added_count || r < change->removed_count) {
		size_t add = total, remove = total;

		if (a < change->added_count)
			add = place_of(old, change->added[a], compare);
		if (r < change->removed_count)
			remove = place_of(old, change->removed[r], compare);
		if (a < change->added_count && add <= remove) {
			copy_span(roll, old, at, add);
			at = add;
			roll->at[roll->count++] = change->added[a++];
		} else {
			copy_span(roll, old, at, remove);
			at = remove + 1;
			r++;
		}
	}
	copy_span(roll, old, at, total);
	return roll;
}

void
roll_apply(struct roll **roll, struct roll_change *change, struct attic *attic,
    int (*compare)(const void *, const void *))
{
	struct roll *fresh;

	if (change->added_count == 0 && change->removed_count == 0)
		return;
	sort(change->added, change->added_count, compare);
	sort(change->removed, change->removed_count, compare);
	fresh = merge(*roll, change, compare);
	attic_put(attic, *roll);
	*roll = fresh;
	change->added_count = change->removed_count = 0;
}

void
roll_change_release(struct roll_change *change)
{
	free(change->removed);
	free(change->added);
	*change = (struct roll_change){0};
}
