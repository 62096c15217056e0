/*
 * FastCGI: "FastCGI Specification", version 1, 3.3 (records) and 5.1.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	TYPE_BEGIN_REQUEST = 1,
	BODY_SIZE = 8,
	ROLE_FILTER = 3, /* the last of the roles */
};

struct payload_verdict
payload_fastcgi(const struct payload_view *view)
{
	static const uint8_t reserved[5];
	struct cursor c = payload_cursor(view);
	uint8_t version = cursor_u8(&c), type = cursor_u8(&c), flags;
	uint16_t request = cursor_be16(&c), length = cursor_be16(&c), role;
	const uint8_t *rest;

	cursor_be16(&c); /* padding, reserved */
	role = cursor_be16(&c);
	flags = cursor_u8(&c);
	rest = cursor_take(&c, sizeof(reserved));
	if (!payload_is_tcp(view) || rest == NULL || version != 1 ||
	    type != TYPE_BEGIN_REQUEST || request == 0 || length != BODY_SIZE ||
	    role == 0 || role > ROLE_FILTER || flags > 1 ||
	    memcmp(rest, reserved, sizeof(reserved)) != 0)
		return payload_no();
	return payload_yes(APPLICATION_FASTCGI, SENDER_CLIENT);
}
