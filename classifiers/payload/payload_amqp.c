/*
 * AMQP: 0-9-1 specification, 4.2.2 and 4.2.3; 1.0 specification (ISO 19464),
 * part 2.2.
 */
#include "classifiers/payload/payload_parts.h"

/*
 * A server that speaks another version sends its own header back, but then it
 * was not the first to send.
 */
static struct payload_verdict
header(struct cursor c)
{
	static const char known[][5] = {
	    "\x00\x00\x09\x01", /* 0-9-1 */
	    "\x01\x01\x00\x09", /* 0-9 */
	    "\x01\x01\x00\x0a", /* 0-10 */
	    "\x01\x01\x08\x00", /* 0-8 */
	    "\x00\x01\x00\x00", /* 1.0 plain, TLS, SASL */
	    "\x02\x01\x00\x00",
	    "\x03\x01\x00\x00",
	};
	const uint8_t *version = cursor_take(&c, 4);

	if (version == NULL)
		return payload_no();
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (memcmp(version, known[i], 4) == 0)
			return payload_yes(APPLICATION_AMQP,
			    i < 4 ? SENDER_CLIENT : SENDER_EITHER);
	return payload_no();
}

/* Connection.Start: a method frame on channel 0, class 10, method 10. */
static bool
is_start(struct cursor c)
{
	uint8_t type = cursor_u8(&c);
	uint16_t channel = cursor_be16(&c);
	uint32_t length = cursor_be32(&c);
	uint16_t class = cursor_be16(&c), method = cursor_be16(&c);
	uint8_t major = cursor_u8(&c), minor = cursor_u8(&c);

	return !c.short_read && type == 1 && channel == 0 && length > 12 &&
	       length <= 65536 && class == 10 && method == 10 &&
	       (major == 0 || major == 8) && minor <= 10;
}

/*
 * Any frame of a session whose start was missed: method, header, body or
 * heartbeat, with the octet that ends it where its length says.
 */
static bool
is_frame(struct cursor c)
{
	uint8_t type = cursor_u8(&c);
	uint32_t length;

	cursor_be16(&c); /* channel */
	length = cursor_be32(&c);
	if (type == 0 || (type > 3 && type != 8) ||
	    cursor_take(&c, length) == NULL)
		return false;
	return cursor_u8(&c) == 0xce && !c.short_read;
}

struct payload_verdict
payload_amqp(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view))
		return payload_no();
	if (cursor_text(&c, "AMQP"))
		return header(c);
	if (is_start(c))
		return payload_yes(APPLICATION_AMQP, SENDER_SERVER);
	if (is_frame(payload_cursor(view)))
		return payload_maybe(APPLICATION_AMQP, SENDER_EITHER);
	return payload_no();
}
