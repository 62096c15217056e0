/*
 * TLS: RFC 8446, 5.1 (record) and 4 (handshake); RFC 6101 for SSL 3.0.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	RECORD_HEADER = 5,
};

/* 2^14 octets and what encryption may add (RFC 5246, 6.2.3). */
#define RECORD_MAXIMUM (16384 + 2048)

#define SESSION_ID_MAXIMUM 32
#define RANDOM_SIZE        32

static bool
is_version(uint16_t version)
{
	return version >= 0x0300 && version <= 0x0304;
}

/* What follows the handshake header, in so far as the view has it. */
static bool
take_hello(struct cursor *c, uint8_t type)
{
	uint16_t version = cursor_be16(c), suites;
	uint8_t session;

	if (!c->short_read && !is_version(version))
		return false;
	cursor_take(c, RANDOM_SIZE);
	session = cursor_u8(c);
	if (session > SESSION_ID_MAXIMUM)
		return false;
	cursor_take(c, session);
	suites = cursor_be16(c);
	if (c->short_read || type == SERVER_HELLO)
		return true;
	return suites > 0 && suites % 2 == 0;
}

static struct payload_verdict
handshake(struct cursor c, uint16_t record)
{
	uint8_t type = cursor_u8(&c);
	uint32_t length = cursor_be24(&c);
	enum payload_sender sender;

	if (type == CLIENT_HELLO)
		sender = SENDER_CLIENT;
	else if (type == SERVER_HELLO)
		sender = SENDER_SERVER;
	else
		return payload_no();
	if (record < 4 || length < 2 + RANDOM_SIZE + 1 || length > 0xffff)
		return payload_no();
	if (cursor_left(&c) < 2)
		return payload_maybe(APPLICATION_TLS, sender);
	if (!take_hello(&c, type))
		return payload_no();
	/* Cut by a snap length; a hello longer than its record goes on in the
	 * next, which is rare enough to want a second look. */
	if (c.short_read && length + 4 > record)
		return payload_maybe(APPLICATION_TLS, sender);
	return payload_yes(APPLICATION_TLS, sender);
}

/* Whether a record that ends within the view is followed by another. */
static bool
next_is_sane(struct cursor c, uint16_t length)
{
	uint8_t type;
	uint16_t version;

	if (cursor_take(&c, length) == NULL || cursor_left(&c) < RECORD_HEADER)
		return true;
	type = cursor_u8(&c);
	version = cursor_be16(&c);
	return type >= 20 && type <= 24 && is_version(version);
}

struct payload_verdict
payload_tls(const struct payload_view *view)
{
	struct payload_verdict maybe =
	    payload_maybe(APPLICATION_TLS, SENDER_EITHER);
	struct cursor c = payload_cursor(view);
	uint8_t type = cursor_u8(&c);
	uint16_t version = cursor_be16(&c), length = cursor_be16(&c);

	if (!payload_is_tcp(view) || c.short_read || !is_version(version) ||
	    length == 0 || length > RECORD_MAXIMUM)
		return payload_no();
	if (type == RECORD_HANDSHAKE)
		return handshake(c, length);
	if (type == RECORD_ALERT && length == 2 && cursor_left(&c) >= 2)
		return c.at[0] == 1 || c.at[0] == 2 ? maybe : payload_no();
	if (type == RECORD_DATA && version == 0x0303 && next_is_sane(c, length))
		return maybe;
	return payload_no();
}
