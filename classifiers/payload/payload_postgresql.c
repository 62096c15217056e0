/*
 * PostgreSQL: "Frontend/Backend Protocol", 55.2 (start-up, SSLRequest,
 * GSSENCRequest, CancelRequest) and 55.7 (message formats).
 */
#include "classifiers/payload/payload_parts.h"

enum {
	CODE_VERSION_3_0 = 0x00030000,
	CODE_VERSION_3_2 = 0x00030002,
	CODE_CANCEL = 80877102,
	CODE_SSL = 80877103,
	CODE_GSSENC = 80877104,
};

/* MAX_STARTUP_PACKET_LENGTH of the server. */
#define STARTUP_MAXIMUM 10000

/* Cancel keys grew from 4 octets to at most 256 with version 3.2. */
#define CANCEL_MAXIMUM (12 + 256)

/* Parameters are NUL-terminated names and values; the first name tells. */
static struct payload_verdict
startup(struct cursor c, uint32_t length)
{
	const uint8_t *end = memchr(c.at, 0, cursor_left(&c));
	size_t name = end == NULL ? cursor_left(&c) : (size_t)(end - c.at);

	if (length < 9 || length > STARTUP_MAXIMUM || end == NULL || name > 63)
		return payload_no();
	if (name > 0 && !octets_are_printable(c.at, name))
		return payload_no();
	return payload_yes(APPLICATION_POSTGRESQL, SENDER_CLIENT);
}

static struct payload_verdict
from_client(struct cursor c, size_t size)
{
	struct payload_verdict yes =
	    payload_yes(APPLICATION_POSTGRESQL, SENDER_CLIENT);
	uint32_t length = cursor_be32(&c), code = cursor_be32(&c);

	if (c.short_read)
		return payload_no();
	if ((code == CODE_SSL || code == CODE_GSSENC) && length == 8)
		return yes;
	if (code == CODE_CANCEL && length >= 16 && length <= CANCEL_MAXIMUM)
		return yes;
	if ((code == CODE_VERSION_3_0 || code == CODE_VERSION_3_2) &&
	    size <= length)
		return startup(c, length);
	return payload_no();
}

/* An ErrorResponse whose first field is a severity. */
static bool
is_error(struct cursor c)
{
	uint32_t length = cursor_be32(&c);

	return length >= 12 && length <= 65536 &&
	       (cursor_text(&c, "SFATAL") || cursor_text(&c, "SERROR") ||
		   cursor_text(&c, "SPANIC"));
}

/* The authentication requests, 0 to 12, and how long each may be. */
static bool
is_authentication(struct cursor c)
{
	uint32_t length = cursor_be32(&c), kind = cursor_be32(&c);

	if (c.short_read || length < 8 || length > 65536 || kind > 12)
		return false;
	return kind >= 5 || length == 8;
}

/* A simple query of a session whose start was missed. */
static bool
is_query(struct cursor c)
{
	uint32_t length = cursor_be32(&c);
	size_t left = cursor_left(&c);

	if (c.short_read || length < 6 || left < 2 || left > length - 4)
		return false;
	return octets_are_printable(c.at, left - 1) &&
	       (left < length - 4 || c.at[left - 1] == 0);
}

struct payload_verdict
payload_postgresql(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view))
		return payload_no();
	switch (cursor_u8(&c)) {
	case 0:
		return from_client(payload_cursor(view), view->size);
	case 'N':
	case 'S':
		if (view->size == 1)
			return payload_maybe(
			    APPLICATION_POSTGRESQL, SENDER_SERVER);
		return payload_no();
	case 'E':
		if (is_error(c))
			return payload_yes(
			    APPLICATION_POSTGRESQL, SENDER_SERVER);
		return payload_no();
	case 'R':
		if (is_authentication(c))
			return payload_maybe(
			    APPLICATION_POSTGRESQL, SENDER_SERVER);
		return payload_no();
	case 'Q':
		if (is_query(c))
			return payload_maybe(
			    APPLICATION_POSTGRESQL, SENDER_CLIENT);
		return payload_no();
	default:
		return payload_no();
	}
}
