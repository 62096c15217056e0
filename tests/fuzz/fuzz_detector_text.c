/* Requests and first payloads as detectors read them. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/detectors/exploit_request.h"
#include "classifiers/detectors/http_framing.h"
#include "classifiers/detectors/shell_text.h"
#include "classifiers/detectors/tls_fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exploit_found found;
	struct exploit_needs needs;
	bool any;

	exploit_needs_make(&needs, &(struct hash_key){{1, 2}});
	any = exploit_request_read(&needs, data, size, &found);

	assert(any == (found.exploit != EXPLOIT_NONE));
	if (any) {
		assert(found.text.length <= EXPLOIT_TEXT_MAXIMUM);
		assert(found.text.at[found.text.length] == '\0');
		assert(found.method_size <= size && found.header_size <= size);
	}
	http_framing_fault(data, size);
	shell_text_read(data, size);
	tls_fingerprint(data, size);
	return 0;
}
