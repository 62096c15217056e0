#include "alerts/record_identity.h"

#include "alerts/record_view.h"
#include "sensor/base/digest.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

void
record_identity(struct text *out, const char *native, size_t length)
{
	struct json_fault fault;
	struct json *record = json_parse(native, length, &fault);
	struct record_view view;
	uint8_t digest[DIGEST_SIZE];

	if (record != NULL && record_view_read(record, &view)) {
		record_view_id(out, &view);
	} else {
		digest_sha1(native, length, digest);
		for (size_t i = 0; i < DIGEST_SIZE; i++)
			text_format(out, "%02x", digest[i]);
	}
	json_free(record);
}
