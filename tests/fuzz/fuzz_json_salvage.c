/*
 * Salvages the input: what can be read whole is read the same, and what is left
 * out is counted.
 */
#include <assert.h>
#include <stdint.h>

#include "sensor/base/json_salvage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_losses losses;
	struct json_fault fault = {.line = 0};
	size_t mended;
	struct json *plain =
	    json_parse_foreign((const char *)data, size, &mended, &fault);
	struct json *document =
	    json_salvage((const char *)data, size, &losses, &fault);

	assert(plain == NULL || document != NULL);
	assert(plain == NULL || losses.left_out == 0);
	assert(document == NULL || plain != NULL || losses.left_out > 0);
	assert(losses.left_out == 0 || losses.fault.line > 0);
	assert(document != NULL || size == 0 || fault.line > 0);
	json_free(plain);
	json_free(document);
	return 0;
}
