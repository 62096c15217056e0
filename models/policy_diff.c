#include "models/policy_diff.h"

#include <string.h>

#include "models/policy_print.h"
#include "sensor/base/arena.h"

/* What stands before the place that a statement comes from. */
#define MARK_TEXT "  # "
#define MARK_JSON ",\"because\":"

struct line {
	const char *text;
	size_t stated; /* octets before the place */
};

struct policy_lines {
	struct arena *arena;
	struct line *at;
	size_t count, capacity;
	bool json;
};

struct policy_lines *
policy_lines_new(bool json)
{
	struct policy_lines *lines = allocate(1, sizeof(*lines));

	lines->arena = arena_new();
	lines->json = json;
	return lines;
}

void
policy_lines_free(struct policy_lines *lines)
{
	if (lines == NULL)
		return;
	arena_free(lines->arena);
	free(lines->at);
	free(lines);
}

/*
 * In JSON the mark's quotes cannot be part of a value, so the first one is it.
 * In text a quoted peer may hold one, a path hardly does: the last one is it.
 */
static size_t
stated_length(const struct policy_lines *lines, const char *text)
{
	const char *mark = strstr(text, lines->json ? MARK_JSON : MARK_TEXT);
	const char *next = mark;

	while (!lines->json && next != NULL) {
		mark = next;
		next = strstr(next + 1, MARK_TEXT);
	}
	return mark == NULL ? strlen(text) : (size_t)(mark - text);
}

void
policy_lines_add(struct policy_lines *lines, const char *line)
{
	if (lines->count == lines->capacity) {
		lines->capacity = 2 * lines->capacity + 64;
		lines->at =
		    reallocate(lines->at, lines->capacity, sizeof(*lines->at));
	}
	lines->at[lines->count++] = (struct line){
	    .text = arena_text(lines->arena, line),
	    .stated = stated_length(lines, line),
	};
}

static void
add_line(const char *text, void *context)
{
	policy_lines_add(context, text);
}

void
policy_lines_print(struct policy_lines *lines, struct policy *policy,
    const struct library *library, const struct inventory *inventory,
    struct instant at)
{
	policy_print(
	    policy, library, inventory, at, lines->json, add_line, lines);
}

static int
compare_stated(const struct line *a, const struct line *b)
{
	size_t shorter = a->stated < b->stated ? a->stated : b->stated;
	int order = memcmp(a->text, b->text, shorter);

	if (order != 0 || a->stated == b->stated)
		return order;
	return a->stated < b->stated ? -1 : 1;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;
	int order = compare_stated(left, right);

	return order != 0 ? order : strcmp(left->text, right->text);
}

/* Sorts, and keeps one line of each statement. */
static void
settle(struct policy_lines *lines)
{
	size_t kept = 0;

	if (lines->count > 0)
		qsort(
		    lines->at, lines->count, sizeof(*lines->at), compare_lines);
	for (size_t i = 0; i < lines->count; i++)
		if (kept == 0 ||
		    compare_stated(&lines->at[kept - 1], &lines->at[i]) != 0)
			lines->at[kept++] = lines->at[i];
	lines->count = kept;
}

struct policy_changes
policy_diff(struct policy_lines *old, struct policy_lines *new,
    void (*change)(bool added, const char *line, void *context), void *context)
{
	struct policy_changes changes = {0};
	size_t o = 0, n = 0;

	settle(old);
	settle(new);
	while (o < old->count || n < new->count) {
		int order = o == old->count ? 1
			    : n == new->count
				? -1
				: compare_stated(&old->at[o], &new->at[n]);

		if (order < 0) {
			change(false, old->at[o++].text, context);
			changes.removed++;
		} else if (order > 0) {
			change(true, new->at[n++].text, context);
			changes.added++;
		} else {
			o++;
			n++;
		}
	}
	return changes;
}
