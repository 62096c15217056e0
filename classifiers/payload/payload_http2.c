/*
 * HTTP/2: RFC 9113, 3.4 (preface), 4.1 (frame), 6.5 (SETTINGS).
 */
#include "classifiers/payload/payload_parts.h"

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* Cut short here the preface is still nobody else's. */
#define PREFACE_MINIMUM 16

enum { FRAME_TYPE_SETTINGS = 4 };

/* More settings than RFC 9113 and its extensions define, twice over. */
#define SETTINGS_MAXIMUM 24

/*
 * IANA's registry of HTTP/2 settings, and 0xfe03, which the gRPC libraries
 * send (GRPC_ALLOW_TRUE_BINARY_METADATA).
 */
static bool
is_setting(uint16_t identifier)
{
	return (identifier >= 1 && identifier <= 9) || identifier == 0x10 ||
	       identifier == 0xfe03;
}

/*
 * A server's preface is a SETTINGS frame alone.  An empty one is nine octets
 * of which eight are zero: not enough to be sure.
 */
static struct payload_verdict
server_settings(struct cursor c)
{
	uint32_t length = cursor_be24(&c);
	uint8_t type = cursor_u8(&c);
	uint8_t flags = cursor_u8(&c);
	uint32_t stream = cursor_be32(&c);

	if (c.short_read || type != FRAME_TYPE_SETTINGS || flags != 0 ||
	    stream != 0 || length % 6 != 0 || length > 6 * SETTINGS_MAXIMUM)
		return payload_no();
	if (length == 0 || cursor_left(&c) < length)
		return payload_maybe(APPLICATION_HTTP2, SENDER_SERVER);
	for (uint32_t i = 0; i < length / 6; i++) {
		if (!is_setting(cursor_be16(&c)))
			return payload_no();
		cursor_be32(&c);
	}
	return payload_yes(APPLICATION_HTTP2, SENDER_SERVER);
}

struct payload_verdict
payload_http2(const struct payload_view *view)
{
	size_t whole = sizeof(preface) - 1;

	if (!payload_is_tcp(view))
		return payload_no();
	if (payload_begins(view, preface))
		return payload_yes(APPLICATION_HTTP2, SENDER_CLIENT);
	if (view->size >= PREFACE_MINIMUM && view->size < whole &&
	    memcmp(view->octets, preface, view->size) == 0)
		return payload_maybe(APPLICATION_HTTP2, SENDER_CLIENT);
	return server_settings(payload_cursor(view));
}
