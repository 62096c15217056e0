/*
 * SOCKS 5: RFC 1928, 3.  A few small octets: only both directions together
 * make it sure.
 */
#include "classifiers/payload_parts.h"

enum {
	VERSION = 5,
	METHOD_MAXIMUM = 9, /* IANA's registry of methods */
	METHOD_NONE = 0xff,
};

static bool
is_greeting(struct cursor c)
{
	uint8_t count = cursor_u8(&c);

	if (count == 0 || count != cursor_left(&c))
		return false;
	for (uint8_t i = 0; i < count; i++)
		if (c.at[i] > METHOD_MAXIMUM)
			return false;
	return true;
}

struct payload_verdict
payload_socks(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view) || view->size < 2 || cursor_u8(&c) != VERSION)
		return payload_no();
	if (view->size == 2)
		return *c.at <= METHOD_MAXIMUM || *c.at == METHOD_NONE
			   ? payload_maybe(APPLICATION_SOCKS, SENDER_SERVER)
			   : payload_no();
	if (is_greeting(c))
		return payload_maybe(APPLICATION_SOCKS, SENDER_CLIENT);
	return payload_no();
}
