#include <jansson.h>

/* The adapter is the one file where these would hide its own functions. */
#undef json_is_object
#undef json_is_array
#undef json_is_string
#undef json_is_true

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

/*
 * The parser recurses, and its own limit of 2048 is meant for a main thread's
 * stack.  Kubernetes objects and EVE records stay under 30.
 */
#define NESTING_MAXIMUM 128

static const json_t *
inner(const struct json *value)
{
	return (const json_t *)value;
}

static void
set_fault(struct json_fault *fault, int line, int column, const char *message)
{
	fault->line = line < 1 ? 1 : (unsigned)line;
	fault->column = column < 1 ? 1 : (unsigned)column;
	(void)snprintf(fault->message, sizeof(fault->message), "%s", message);
	/* The parser quotes the text, and the message goes to a terminal. */
	for (char *c = fault->message; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

/* Finds brackets that nest too deep; any other fault is left to the parser. */
static bool
nests_too_deep(const char *octets, size_t size, struct json_fault *fault)
{
	unsigned depth = 0;
	int line = 1, column = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		char c = octets[i];

		column++;
		if (c == '\n') {
			line++;
			column = 0;
		} else if (quoted && c == '\\') {
			i++;
			column++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '[' || c == '{')) {
			depth++;
		} else if (!quoted && (c == ']' || c == '}') && depth > 0) {
			depth--;
		}
		if (depth > NESTING_MAXIMUM) {
			set_fault(fault, line, column, "nested too deep");
			return true;
		}
	}
	return false;
}

struct json *
json_parse(const char *octets, size_t size, struct json_fault *fault)
{
	json_error_t error = {0};
	json_t *document;

	if (nests_too_deep(octets, size, fault))
		return NULL;
	document = json_loadb(size == 0 ? "" : octets, size,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (document == NULL)
		set_fault(fault, error.line, error.column, error.text);
	return (struct json *)document;
}

/* --- text of other programs ---------------------------------------------- */

/* Octets of the UTF-8 sequence that begins here (RFC 3629), or 0. */
static size_t
sequence_length(const unsigned char *at, size_t left)
{
	size_t length = at[0] < 0x80   ? 1
			: at[0] < 0xc2 ? 0
			: at[0] < 0xe0 ? 2
			: at[0] < 0xf0 ? 3
			: at[0] < 0xf5 ? 4
				       : 0;

	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong, surrogates, and what is beyond U+10FFFF. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* The unit that `\uXXXX` stands for, or -1. */
static long
escaped_unit(const char *at, size_t left)
{
	char digits[5] = "";

	if (left < 6 || at[0] != '\\' || at[1] != 'u')
		return -1;
	memcpy(digits, at + 2, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, NULL, 16);
}

/* Mends the escape that begins here; returns its octets. */
static size_t
mend_escape(char *at, size_t left, size_t *mended)
{
	long unit = escaped_unit(at, left);
	long next;

	if (unit < 0)
		return left < 2 ? left : 2;
	if (unit >= 0xd800 && unit < 0xdc00) {
		next = escaped_unit(at + 6, left - 6);
		if (next >= 0xdc00 && next < 0xe000)
			return 12;
	}
	if (unit == 0 || (unit >= 0xd800 && unit < 0xe000)) {
		memcpy(at + 2, "fffd", 4);
		++*mended;
	}
	return 6;
}

/* Lengths stay, so that faults are where they were. */
size_t
json_mend(char *octets, size_t size)
{
	size_t mended = 0;

	for (size_t i = 0; i < size;) {
		size_t length;

		if (octets[i] == '\\') {
			i += mend_escape(octets + i, size - i, &mended);
			continue;
		}
		length = sequence_length(
		    (const unsigned char *)octets + i, size - i);
		if (length == 0) {
			octets[i] = '?';
			mended++;
		}
		i += length == 0 ? 1 : length;
	}
	return mended;
}

struct json *
json_parse_foreign(
    const char *octets, size_t size, size_t *mended, struct json_fault *fault)
{
	struct json *document = json_parse(octets, size, fault);
	char *copy;

	*mended = 0;
	if (document != NULL || size == 0)
		return document;
	copy = allocate(size, 1);
	memcpy(copy, octets, size);
	*mended = json_mend(copy, size);
	if (*mended > 0)
		document = json_parse(copy, size, fault);
	free(copy);
	return document;
}

void
json_free(struct json *document)
{
	json_decref((json_t *)document);
}

bool
json_is_object(const struct json *value)
{
	return value != NULL && json_typeof(inner(value)) == JSON_OBJECT;
}

bool
json_is_array(const struct json *value)
{
	return value != NULL && json_typeof(inner(value)) == JSON_ARRAY;
}

bool
json_is_string(const struct json *value)
{
	return value != NULL && json_typeof(inner(value)) == JSON_STRING;
}

const struct json *
json_get(const struct json *object, const char *key)
{
	return (const struct json *)json_object_get(inner(object), key);
}

const char *
json_text(const struct json *string)
{
	return json_string_value(inner(string));
}

const char *
json_get_text(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

int64_t
json_number(const struct json *value, int64_t otherwise)
{
	if (value == NULL || json_typeof(inner(value)) != JSON_INTEGER)
		return otherwise;
	return json_integer_value(inner(value));
}

int64_t
json_get_integer(const struct json *object, const char *key, int64_t otherwise)
{
	return json_number(json_get(object, key), otherwise);
}

double
json_decimal(const struct json *value, double otherwise)
{
	if (value == NULL || !json_is_number(inner(value)))
		return otherwise;
	return json_number_value(inner(value));
}

bool
json_is_true(const struct json *value)
{
	return value != NULL && json_typeof(inner(value)) == JSON_TRUE;
}

size_t
json_count(const struct json *array)
{
	return json_array_size(inner(array));
}

const struct json *
json_at(const struct json *array, size_t index)
{
	return (const struct json *)json_array_get(inner(array), index);
}

void
json_each(const struct json *object,
    void (*each)(const char *key, const struct json *value, void *context),
    void *context)
{
	/* The library's iterators read only, but do not say const. */
	json_t *members = (json_t *)(uintptr_t)object;

	for (void *at = json_object_iter(members); at != NULL;
	     at = json_object_iter_next(members, at))
		each(json_object_iter_key(at),
		    (const struct json *)json_object_iter_value(at), context);
}
