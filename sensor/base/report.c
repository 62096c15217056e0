#include "sensor/base/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* Longer messages are cut; they may quote a text of any length. */
#define MESSAGE_SIZE 512

/* Longer words have no neighbours: no word of ours comes near. */
#define WORD_MAXIMUM 64

/* Letters that are enough to be short for a word. */
#define ABBREVIATION_LEAST 3

struct entry {
	bool is_error;
	struct place place;
	const char *message;
};

struct report {
	struct arena *arena; /* messages, and copies of the file names */
	size_t errors;
	size_t warnings;
	size_t errors_kept;
	size_t warnings_kept;
	struct entry entries[REPORT_MAXIMUM];
};

struct report *
report_new(void)
{
	struct report *report = allocate(1, sizeof(*report));

	report->arena = arena_new();
	return report;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	arena_free(report->arena);
	free(report);
}

/* Quoted text goes to a terminal, which must not take orders from it. */
static void
blunt(char *message)
{
	for (char *c = message; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

static void __attribute__((format(printf, 4, 0))) add(struct report *report,
    bool is_error, struct place place, const char *format, va_list arguments)
{
	size_t kept = report->errors_kept + report->warnings_kept;
	char message[MESSAGE_SIZE];
	struct entry *entry;

	*(is_error ? &report->errors : &report->warnings) += 1;
	if (kept == REPORT_MAXIMUM)
		return;
	*(is_error ? &report->errors_kept : &report->warnings_kept) += 1;
	(void)vsnprintf(message, sizeof(message), format, arguments);
	blunt(message);
	entry = &report->entries[kept];
	entry->is_error = is_error;
	entry->place = place;
	entry->place.file = arena_text(report->arena, place.file);
	entry->message = arena_text(report->arena, message);
}

void
report_error(struct report *report, struct place place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(report, true, place, format, arguments);
	va_end(arguments);
}

void
report_warning(
    struct report *report, struct place place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(report, false, place, format, arguments);
	va_end(arguments);
}

size_t
report_errors(const struct report *report)
{
	return report->errors;
}

size_t
report_warnings(const struct report *report)
{
	return report->warnings;
}

static void
print_entry(const struct entry *entry, FILE *out)
{
	const struct place *place = &entry->place;

	if (place->file != NULL)
		fprintf(out, "%s:", place->file);
	if (place->line != 0)
		fprintf(out, "%u:", place->line);
	if (place->line != 0 && place->column != 0)
		fprintf(out, "%u:", place->column);
	fprintf(out, "%s%s: %s\n", place->file != NULL ? " " : "",
	    entry->is_error ? "error" : "warning", entry->message);
}

void
report_print(const struct report *report, FILE *out)
{
	size_t kept = report->errors_kept + report->warnings_kept;
	size_t errors_cut = report->errors - report->errors_kept;
	size_t warnings_cut = report->warnings - report->warnings_kept;

	for (size_t i = 0; i < kept; i++)
		print_entry(&report->entries[i], out);
	if (errors_cut + warnings_cut > 0)
		fprintf(out, "not shown: %zu more errors, %zu more warnings\n",
		    errors_cut, warnings_cut);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The edit distance in which no piece is edited twice ("optimal string
 * alignment"), which is enough for typing mistakes and needs three rows only.
 * Both words are at most WORD_MAXIMUM long.
 */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAXIMUM + 1];
	size_t a_length = strlen(a), b_length = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *oldest = before;

		before = above;
		above = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t change = a[i - 1] != b[j - 1];

			row[j] = least(above[j - 1] + change,
			    least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return row[b_length];
}

/* The one that the word is short for. */
static const char *
longer_word(const char *word, size_t length, const char *const *candidates)
{
	if (length < ABBREVIATION_LEAST)
		return NULL;
	for (; *candidates != NULL; candidates++)
		if (strncmp(*candidates, word, length) == 0)
			return *candidates;
	return NULL;
}

const char *
nearest_word(const char *word, const char *const *candidates)
{
	size_t length = strlen(word);
	size_t limit = length < 6 ? 1 : length / 3;
	const char *nearest = NULL, *longer;

	if (length > WORD_MAXIMUM)
		return NULL;
	longer = longer_word(word, length, candidates);
	for (; *candidates != NULL; candidates++) {
		size_t distance;

		if (strlen(*candidates) > WORD_MAXIMUM)
			continue;
		distance = edit_distance(word, *candidates);
		if (distance > limit || (nearest != NULL && distance == limit))
			continue;
		nearest = *candidates;
		limit = distance;
	}
	return nearest != NULL ? nearest : longer;
}
