/*
 * DTLS: RFC 6347, 4.1 (record) and 4.2.2 (handshake); RFC 9147 opens alike.
 */
#include "classifiers/guards.h"
#include "classifiers/payload/payload_parts.h"

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	HELLO_VERIFY = 3,
	HANDSHAKE_HEADER = 12,
};

#define RECORD_MAXIMUM (16384 + 2048)

static struct payload_verdict
handshake(struct cursor c, uint16_t record)
{
	uint8_t type = cursor_u8(&c);
	uint32_t length = cursor_be24(&c), offset, fragment;

	cursor_be16(&c); /* message sequence */
	offset = cursor_be24(&c);
	fragment = cursor_be24(&c);
	if (c.short_read || type < CLIENT_HELLO || type > HELLO_VERIFY ||
	    length > 0xffff || offset > length || fragment > length - offset ||
	    fragment + HANDSHAKE_HEADER > record)
		return payload_no();
	return payload_yes(APPLICATION_DTLS,
	    type == CLIENT_HELLO ? SENDER_CLIENT : SENDER_SERVER);
}

struct payload_verdict
payload_dtls(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t type = cursor_u8(&c);
	uint16_t version = cursor_be16(&c), epoch = cursor_be16(&c), length;

	cursor_take(&c, 6); /* record sequence */
	length = cursor_be16(&c);
	if (view->protocol != PROTOCOL_UDP || c.short_read || length == 0 ||
	    length > RECORD_MAXIMUM || !guards_are_up())
		return payload_no();
	/* 0x0100 is what OpenSSL spoke before the RFC. */
	if (version != 0xfeff && version != 0xfefd && version != 0x0100)
		return payload_no();
	if (type == RECORD_HANDSHAKE && epoch == 0)
		return handshake(c, length);
	if (type >= RECORD_ALERT && type <= RECORD_DATA && epoch <= 2)
		return payload_maybe(APPLICATION_DTLS, SENDER_EITHER);
	return payload_no();
}
