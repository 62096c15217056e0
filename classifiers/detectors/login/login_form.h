/*
 * login_form -- whether a request posts a name and a password, and whether an
 * answer to it lets somebody in.
 *
 * Does not know who asks, nor how often.  Names and passwords leave here as
 * hashes.  Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_LOGIN_LOGIN_FORM_H
#define CLASSIFIERS_DETECTORS_LOGIN_LOGIN_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/detectors/http/http_request.h"

struct login_form {
	struct http_piece path;
	uint32_t name, password; /* hashes; a name of 0: there is none */
	uint32_t shorter; /* of the password without its last character */
};

/* Of a request from its request line on; false where it is none. */
bool login_form_read(
    const uint8_t *octets, size_t size, struct login_form *out);

enum login_outcome {
	LOGIN_ELSEWHERE, /* no answer to a login, or one that others read */
	LOGIN_REFUSED,
	LOGIN_UNCLEAR, /* a page, or what may be either */
	LOGIN_LET_IN,
};

struct login_answer {
	enum login_outcome outcome;
	uint32_t length; /* of its body, as it says or as far as is here */
};

/*
 * Of an answer from its status line on.
 *
 * path       that was posted to
 */
struct login_answer login_answer_read(
    const uint8_t *octets, size_t size, uint32_t code, const char *path);

#endif
