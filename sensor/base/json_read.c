#include <jansson.h>

/* The adapter is the one file where these would hide its own functions. */
#undef json_is_object
#undef json_is_array
#undef json_is_string
#undef json_is_true

#include <stdio.h>

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
