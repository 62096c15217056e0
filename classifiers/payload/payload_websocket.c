/*
 * WebSocket, after an upgrade that was missed: RFC 6455, 5.2 (frames) and 5.1
 * (a client masks, a server does not).  Its upgrade is payload_http's.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	FINAL = 0x80,
	RESERVED = 0x70,
	OPCODE_TEXT = 1,
	OPCODE_BINARY = 2,
	OPCODE_PING = 9,
	OPCODE_PONG = 10,
	MASKED = 0x80,
	LENGTH_16 = 126,
	LENGTH_64 = 127,
	MASK_SIZE = 4,
};

static bool
is_opcode(uint8_t opcode)
{
	return opcode == OPCODE_TEXT || opcode == OPCODE_BINARY ||
	       opcode == OPCODE_PING || opcode == OPCODE_PONG;
}

/* One whole message that is all of the payload; two ends have to agree. */
struct payload_verdict
payload_websocket(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t first = cursor_u8(&c), second = cursor_u8(&c);
	bool masked = (second & MASKED) != 0;
	size_t length = second & 0x7f;

	if (!payload_is_tcp(view) || (first & FINAL) == 0 ||
	    (first & RESERVED) != 0 || !is_opcode(first & 0x0f))
		return payload_no();
	if (length == LENGTH_16) {
		length = cursor_be16(&c);
		if (length < LENGTH_16)
			return payload_no();
	}
	if (masked)
		cursor_take(&c, MASK_SIZE);
	if (c.short_read || length == 0 || length == LENGTH_64 ||
	    cursor_left(&c) != length)
		return payload_no();
	return payload_maybe(
	    APPLICATION_WEBSOCKET, masked ? SENDER_CLIENT : SENDER_SERVER);
}
