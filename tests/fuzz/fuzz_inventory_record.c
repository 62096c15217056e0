/*
 * Records from anywhere: what can be read can be written, and is the same when
 * it is read again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/sources/inventory_record.h"
#include "fact_text.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(struct arena *arena, const struct fact *fact)
{
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct fact second;
	struct text line, first_told, second_told;
	struct json *json;
	uint64_t cut = 0;

	text_init(&line, INVENTORY_RECORD_MAXIMUM);
	text_init(&first_told, (size_t)1 << 24);
	text_init(&second_told, (size_t)1 << 24);
	assert(inventory_record_line(&line, fact, &cut));
	json = json_parse(line.at, line.length, &json_fault);
	assert(json != NULL);
	assert(inventory_record_read(arena, json, &second, fault));
	tell_fact(&first_told, fact);
	tell_fact(&second_told, &second);
	assert(cut > 0 || strcmp(first_told.at, second_told.at) == 0);
	json_free(json);
	text_release(&second_told);
	text_release(&first_told);
	text_release(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct json *json = json_parse((const char *)data, size, &json_fault);
	struct arena *arena = arena_new();
	struct fact fact;

	if (json != NULL && inventory_record_read(arena, json, &fact, fault))
		again(arena, &fact);
	arena_free(arena);
	json_free(json);
	return 0;
}
