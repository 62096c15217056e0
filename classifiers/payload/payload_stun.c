/*
 * STUN: RFC 8489, 5 (header) and 14 (attributes), which RFC 5389 opened the
 * same way; RFC 3489 for those without a magic cookie.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	HEADER_SIZE = 20,
	MAGIC = 0x2112a442,
	/* The methods of RFC 3489: binding and shared secret. */
	METHOD_CLASSIC_MAXIMUM = 2,
	CLASS_BITS = 0x0110,
	/* What RFC 3489 defines; from the second on, all is optional. */
	ATTRIBUTE_CLASSIC_MAXIMUM = 0x000b,
	ATTRIBUTE_OPTIONAL = 0x8000,
};

/* Each attribute and its padding ends where the message does, or before. */
static bool
attributes_fit(struct cursor c)
{
	while (cursor_left(&c) > 0) {
		uint16_t type = cursor_be16(&c), length = cursor_be16(&c);

		if (c.short_read || (type > ATTRIBUTE_CLASSIC_MAXIMUM &&
					type < ATTRIBUTE_OPTIONAL))
			return false;
		length = (uint16_t)(length + 3) & (uint16_t)~3U;
		if (cursor_take(&c, length) == NULL)
			return false;
	}
	return true;
}

/*
 * Peers of ICE ask each other (RFC 8445, 7), so that a request does not tell
 * who the client is.
 */
struct payload_verdict
payload_stun(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint16_t type = cursor_be16(&c), length = cursor_be16(&c);
	uint32_t cookie = cursor_be32(&c);

	cursor_take(&c, HEADER_SIZE - 8); /* transaction */
	if (!payload_is_tcp(view) && view->protocol != PROTOCOL_UDP)
		return payload_no();
	if (c.short_read || (type & 0xc000) != 0 || length % 4 != 0)
		return payload_no();
	/* More than one message only where octets have no ends. */
	if (cursor_left(&c) > length && !payload_is_tcp(view))
		return payload_no();
	if (cookie == MAGIC)
		return payload_yes(APPLICATION_STUN, SENDER_EITHER);
	if (payload_is_tcp(view) || cursor_left(&c) != length ||
	    (type & ~(unsigned)CLASS_BITS) > METHOD_CLASSIC_MAXIMUM ||
	    (type & ~(unsigned)CLASS_BITS) == 0 || !attributes_fit(c))
		return payload_no();
	return payload_maybe(APPLICATION_STUN, SENDER_EITHER);
}
