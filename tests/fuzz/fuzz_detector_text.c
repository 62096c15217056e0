/* Requests and first payloads as detectors read them. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/detectors/exploit_request.h"
#include "classifiers/detectors/http_framing.h"
#include "classifiers/detectors/http_request.h"
#include "classifiers/detectors/login_form.h"
#include "classifiers/detectors/shell_text.h"
#include "classifiers/detectors/tls_fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
lies_within(struct http_piece piece, const uint8_t *data, size_t size)
{
	const char *from = (const char *)data;

	if (piece.size > 0)
		assert(
		    piece.at >= from && piece.at + piece.size <= from + size);
}

/* What is read of a request lies in it; of an answer only its length. */
static void
read_login(const uint8_t *data, size_t size)
{
	struct login_form form;
	struct http_target target;

	if (http_target_read(data, size, &target)) {
		lies_within(target.path, data, size);
		lies_within(target.query, data, size);
	}
	lies_within(http_body(data, size), data, size);
	lies_within(http_forwarded_for(data, size), data, size);
	if (login_form_read(data, size, &form))
		assert(form.password != 0);
	for (uint32_t code = 200; code < 500; code += 51)
		assert(login_answer_read(data, size, code, "/login").outcome <=
		       LOGIN_LET_IN);
}

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
	read_login(data, size);
	shell_text_read(data, size);
	tls_fingerprint(data, size);
	return 0;
}
