/*
 * Reads the input as a RecordIO stream, in pieces whose size the first octet
 * says, beside a reader that has all of it at once.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/sources/recordio.h"

#define MAXIMUM 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The whole reading again, plainly: the next record from `*at`.
 *
 * returns    whether there is one; its place and length in `*at` and `*length`
 */
static bool
next_plainly(const char *octets, size_t size, size_t *at, size_t *length)
{
	size_t digits = 0, value = 0, i = *at;

	while (i < size && octets[i] == '\n')
		i++;
	for (; i < size && octets[i] >= '0' && octets[i] <= '9'; i++) {
		value = 10 * value + (size_t)(octets[i] - '0');
		if (value > MAXIMUM || ++digits > 20)
			return false;
	}
	if (i == size || digits == 0 || octets[i] != '\n' || value == 0 ||
	    value > size - i - 1)
		return false;
	*at = i + 1;
	*length = value;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size == 0 ? 1 : 1 + data[0], plain = 0, length = 0;
	const char *octets = (const char *)data + (size > 0);
	size_t count = size == 0 ? 0 : size - 1;
	enum recordio_status status = RECORDIO_MORE;
	struct recordio reader;

	recordio_init(&reader, MAXIMUM);
	for (size_t at = 0; at < count; at += piece) {
		const char *next = octets + at;
		size_t left = count - at < piece ? count - at : piece;

		while ((status = recordio_take(&reader, &next, &left)) ==
		       RECORDIO_RECORD) {
			assert(next_plainly(octets, count, &plain, &length));
			assert(length == reader.length);
			assert(
			    memcmp(octets + plain, reader.record, length) == 0);
			plain += length;
		}
		assert(status == RECORDIO_BROKEN || left == 0);
	}
	assert(!next_plainly(octets, count, &plain, &length));
	recordio_release(&reader);
	return 0;
}
