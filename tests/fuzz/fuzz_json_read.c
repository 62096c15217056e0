/*
 * Reads the input as JSON, and asks every question of every value, so that the
 * accessors meet values of the wrong kind.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sensor/base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *value);

static void
walk_member(const char *key, const struct json *value, void *context)
{
	size_t *members = context;

	assert(key != NULL && value != NULL);
	walk(value);
	(*members)++;
}

static void
walk(const struct json *value)
{
	const char *text = json_text(value);
	size_t members = 0;

	assert((text != NULL) == json_is_string(value));
	assert(json_is_string(value) + json_is_array(value) +
		   json_is_object(value) + json_is_true(value) <=
	       1);
	for (size_t i = 0; i < json_count(value); i++)
		walk(json_at(value, i));
	assert(json_at(value, json_count(value)) == NULL);
	json_each(value, walk_member, &members);
	assert(members == 0 || json_is_object(value));
	(void)json_get_text(value, "Name");
	if (!json_is_object(value))
		assert(json_get_integer(value, "Pid", -5) == -5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_fault fault = {.line = 0};
	struct json *document = json_parse((const char *)data, size, &fault);

	if (document != NULL)
		walk(document);
	else
		assert(
		    fault.line > 0 && fault.column > 0 &&
		    memchr(fault.message, '\0', sizeof(fault.message)) != NULL);
	json_free(document);
	return 0;
}
