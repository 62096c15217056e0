/*
 * Cuts the input into objects, fed whole and octet by octet: the same must come
 * of both.  What is handed out of a valid document is valid, and so is what is
 * left around the items.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sensor/base/hash.h"
#include "sensor/base/json_read.h"
#include "sensor/base/json_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t hash, count;
	bool valid; /* the document is, and so must be its parts */
};

static bool
take(const char *octets, size_t size, void *context)
{
	const struct hash_key key = {{1, 2}};
	struct sum *sum = context;
	struct json_fault fault;
	struct json *part;

	assert(size >= 2 && octets[0] == '{');
	sum->hash = sum->hash * 31 + hash_octets(&key, octets, size);
	sum->count++;
	if (!sum->valid)
		return true;
	part = json_parse(octets, size, &fault);
	assert(json_is_object(part));
	json_free(part);
	return true;
}

static struct sum
cut(enum json_split_shape shape, const char *octets, size_t size, size_t step,
    bool valid)
{
	struct sum sum = {.valid = valid};
	struct json_split *split = json_split_new(
	    shape, 1 << 20, (struct json_split_taker){take, &sum});
	enum json_split_status status = JSON_SPLIT_ON;
	struct json_fault fault;
	struct json *around;
	size_t length;

	for (size_t i = 0; i < size && status == JSON_SPLIT_ON; i += step)
		status = json_split_feed(
		    split, octets + i, size - i < step ? size - i : step);
	if (valid && status == JSON_SPLIT_ON && shape == JSON_SPLIT_ITEMS) {
		const char *text = json_split_around(split, &length);

		assert(json_split_is_whole(split));
		around = json_parse(text, length, &fault);
		assert(json_is_object(around));
		json_free(around);
	}
	json_split_free(split);
	sum.hash ^= (uint64_t)status;
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *octets = (const char *)data;
	struct json_fault fault;
	struct json *document = json_parse(octets, size, &fault);
	bool valid = json_is_object(document);

	for (int shape = 0; shape < 2; shape++) {
		struct sum whole = cut((enum json_split_shape)shape, octets,
		    size, size + 1, valid);
		struct sum single =
		    cut((enum json_split_shape)shape, octets, size, 1, valid);

		assert(
		    whole.hash == single.hash && whole.count == single.count);
	}
	json_free(document);
	return 0;
}
