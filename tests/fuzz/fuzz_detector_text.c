/* Requests and first payloads as detectors read them. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/detectors/http/exploit_request.h"
#include "classifiers/detectors/http/http_framing.h"
#include "classifiers/detectors/http/http_request.h"
#include "classifiers/detectors/impostor/tls_fingerprint.h"
#include "classifiers/detectors/login/credential.h"
#include "classifiers/detectors/login/login_form.h"
#include "classifiers/detectors/shell/shell_text.h"
#include "classifiers/messages/http_traits.h"
#include "classifiers/messages/messages.h"

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

/* What the head says is not there nobody finds; its parts lie in it. */
static void
keeps_its_word(const uint8_t *data, size_t size, const struct http_head *head)
{
	struct login_form form;

	if (http_framing_fault(data, size) != NULL)
		assert(head->frames);
	if (credential_of_http(data, size) != 0)
		assert(head->authorizes || head->logs_in);
	if (login_form_read(data, size, &form))
		assert(head->logs_in);
	assert(head->count <= HTTP_HEAD_LINES);
	lies_within(head->request, data, size);
	lies_within(head->rest, data, size);
	for (size_t i = 0; i < head->count; i++) {
		lies_within(head->lines[i].name, data, size);
		lies_within(head->lines[i].value, data, size);
	}
}

/* What is an attack is odd where shards look. */
static void
is_odd(struct exploit_needs *needs, const uint8_t *data, size_t size,
    const struct http_head *head, enum exploit exploit)
{
	const uint8_t *stop = memchr(data, '\n', size);
	size_t line = (size_t)((stop == NULL ? data + size : stop) - data);
	struct exploit_found found;
	uint32_t has;

	line -= line > 0 && data[line - 1] == '\r';
	has = http_traits_of(data, size, line).has | TRAIT_NEW_AGENT;
	memset(needs->agents, 0, sizeof(needs->agents));
	(void)exploit_request_read(needs, head->request, head, has, &found);
	assert(found.exploit == exploit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exploit_found found;
	struct exploit_needs needs;
	struct http_head head;
	bool any;

	exploit_needs_make(&needs, &(struct hash_key){{1, 2}});
	http_head_read(&head, data, size);
	any = exploit_request_read(
	    &needs, head.request, &head, UINT32_MAX, &found);

	assert(any == (found.exploit != EXPLOIT_NONE));
	if (any) {
		assert(found.text.length <= EXPLOIT_TEXT_MAXIMUM);
		assert(found.text.at[found.text.length] == '\0');
		assert(found.method_size <= size && found.header_size <= size);
	}
	keeps_its_word(data, size, &head);
	is_odd(&needs, data, size, &head, found.exploit);
	read_login(data, size);
	shell_text_read(data, size);
	tls_fingerprint(data, size);
	return 0;
}
