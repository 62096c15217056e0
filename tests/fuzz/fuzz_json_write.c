/*
 * Writes the input as a JSON string and as a label's key: whatever it is, a
 * strict reader must take the line, and the line must have one end.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_line(struct text *text, const char *octets, size_t size)
{
	char key[64] = {0};
	struct json_writer writer = json_to(text);

	memcpy(key, octets, size < sizeof(key) ? size : sizeof(key) - 1);
	json_object_open(&writer, NULL);
	json_put_string_n(&writer, "value", octets, size);
	json_object_open(&writer, "labels");
	json_put_member(&writer, key, key);
	json_object_close(&writer);
	json_object_close(&writer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_fault fault;
	struct json *document;
	struct text text;

	/* An octet becomes six characters at most. */
	text_init(&text, 6 * size + 1000);
	write_line(&text, (const char *)data, size);
	assert(!text.overflow && strlen(text.at) == text.length);
	assert(strchr(text.at, '\n') == NULL);
	document = json_parse(text.at, text.length, &fault);
	assert(document != NULL || memchr(data, '\0', size) != NULL);
	if (document != NULL)
		assert(json_get_text(document, "value") != NULL);
	json_free(document);
	text_release(&text);
	return 0;
}
