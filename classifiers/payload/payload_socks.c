/*
 * SOCKS 5: RFC 1928, 3; SOCKS 4: "SOCKS: A protocol for TCP proxy across
 * firewalls" (Lee, NEC).  A few small octets: only both directions together
 * make it sure.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	VERSION = 5,
	METHOD_MAXIMUM = 9, /* IANA's registry of methods */
	METHOD_NONE = 0xff,
	OLD_VERSION = 4,
	OLD_REQUEST_SIZE = 9,
	OLD_REPLY_SIZE = 8,
	OLD_GRANTED = 90,
	OLD_REFUSED_LAST = 93,
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

/* Connect or bind, a port, an address, and a user that ends in zero. */
static bool
is_old_request(const struct payload_view *view)
{
	const uint8_t *octets = view->octets;

	return view->size >= OLD_REQUEST_SIZE && octets[0] == OLD_VERSION &&
	       (octets[1] == 1 || octets[1] == 2) &&
	       octets[view->size - 1] == 0 &&
	       octets_are_printable(octets + 8, view->size - OLD_REQUEST_SIZE);
}

static bool
is_old_reply(const struct payload_view *view)
{
	return view->size == OLD_REPLY_SIZE && view->octets[0] == 0 &&
	       view->octets[1] >= OLD_GRANTED &&
	       view->octets[1] <= OLD_REFUSED_LAST;
}

struct payload_verdict
payload_socks(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view) || view->size < 2)
		return payload_no();
	if (is_old_request(view))
		return payload_maybe(APPLICATION_SOCKS, SENDER_CLIENT);
	if (is_old_reply(view))
		return payload_maybe(APPLICATION_SOCKS, SENDER_SERVER);
	if (cursor_u8(&c) != VERSION)
		return payload_no();
	if (view->size == 2)
		return *c.at <= METHOD_MAXIMUM || *c.at == METHOD_NONE
			   ? payload_maybe(APPLICATION_SOCKS, SENDER_SERVER)
			   : payload_no();
	if (is_greeting(c))
		return payload_maybe(APPLICATION_SOCKS, SENDER_CLIENT);
	return payload_no();
}
