/*
 * MySQL and MariaDB: "MySQL Client/Server Protocol", Protocol::HandshakeV10,
 * ERR_Packet and HandshakeResponse41.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	PROTOCOL_VERSION = 10,
	ERR_HEADER = 0xff,
	CAPABILITY_PROTOCOL_41 = 0x0200,
	CAPABILITY_SECURE = 0x8000,
};

/* `5.5.5-10.11.4-MariaDB-1~deb12u1` is 31; vendors add more. */
#define SERVER_VERSION_MAXIMUM 100

#define GREETING_MAXIMUM 512

/* Server errors are 1000 to 1999 and 3000 to 4999 (errmsg). */
static bool
is_error_code(uint16_t code)
{
	return (code >= 1000 && code < 2000) || (code >= 3000 && code < 5000);
}

static struct payload_verdict
greeting(struct cursor c, uint32_t length, size_t size)
{
	const uint8_t *end = memchr(c.at, 0, cursor_left(&c));
	size_t version = end == NULL ? 0 : (size_t)(end - c.at);
	uint16_t capabilities;

	if (length > GREETING_MAXIMUM || size > length + 4 || version == 0 ||
	    version > SERVER_VERSION_MAXIMUM || !octet_is_digit(*c.at) ||
	    !octets_are_printable(c.at, version))
		return payload_no();
	cursor_take(&c, version + 1 + 4 + 8);
	if (cursor_u8(&c) != 0)
		return payload_no();
	capabilities = cursor_le16(&c);
	if (c.short_read)
		return payload_maybe(APPLICATION_MYSQL, SENDER_SERVER);
	if ((capabilities & CAPABILITY_PROTOCOL_41) == 0)
		return payload_no();
	return payload_yes(APPLICATION_MYSQL, SENDER_SERVER);
}

/* Sent instead of a greeting: too many connections, host not allowed. */
static struct payload_verdict
refusal(struct cursor c, uint32_t length, size_t size)
{
	uint16_t code = cursor_le16(&c);
	size_t left = cursor_left(&c);

	if (c.short_read || !is_error_code(code) || length < 8 ||
	    length > GREETING_MAXIMUM || size != length + 4 ||
	    !octets_are_printable(c.at, left))
		return payload_no();
	return payload_yes(APPLICATION_MYSQL, SENDER_SERVER);
}

/*
 * The client's answer, or its request for TLS: capabilities, largest packet,
 * character set, and 23 octets of zero, the last four of which MariaDB uses.
 */
static struct payload_verdict
answer(struct cursor c, uint32_t length)
{
	static const uint8_t zeros[19];
	uint32_t capabilities = cursor_le32(&c), largest = cursor_le32(&c);
	uint8_t charset = cursor_u8(&c);
	const uint8_t *filler = cursor_take(&c, sizeof(zeros));

	if (filler == NULL || length < 32 || charset == 0 || largest == 0 ||
	    memcmp(filler, zeros, sizeof(zeros)) != 0)
		return payload_no();
	if ((capabilities & CAPABILITY_PROTOCOL_41) == 0 ||
	    (capabilities & CAPABILITY_SECURE) == 0)
		return payload_no();
	return payload_yes(APPLICATION_MYSQL, SENDER_CLIENT);
}

struct payload_verdict
payload_mysql(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t length = cursor_le16(&c) | ((uint32_t)cursor_u8(&c) << 16);
	uint8_t sequence = cursor_u8(&c), first;

	if (!payload_is_tcp(view) || c.short_read || cursor_left(&c) == 0)
		return payload_no();
	if (sequence == 1 && view->size <= length + 4)
		return answer(c, length);
	if (sequence != 0)
		return payload_no();
	first = cursor_u8(&c);
	if (first == PROTOCOL_VERSION)
		return greeting(c, length, view->size);
	if (first == ERR_HEADER)
		return refusal(c, length, view->size);
	return payload_no();
}
