/*
 * The PROXY protocol in front of any other: haproxy's proxy-protocol.txt, 2.1
 * (text) and 2.2 (binary).
 */
#include "classifiers/payload/payload_parts.h"

/* Section 2.1: the longest text header, its CRLF included. */
#define TEXT_MAXIMUM 107

static size_t
text_size(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	size_t length;

	if (cursor_line(&c, &length) == NULL || length + 2 > TEXT_MAXIMUM)
		return 0;
	return length + 2;
}

static size_t
binary_size(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t version, family;
	uint16_t length;

	cursor_take(&c, 12);
	version = cursor_u8(&c);
	family = cursor_u8(&c);
	length = cursor_be16(&c);
	/* Version 2, LOCAL or PROXY; four families, three transports. */
	if ((version != 0x20 && version != 0x21) || (family >> 4) > 3 ||
	    (family & 15) > 2 || cursor_take(&c, length) == NULL)
		return 0;
	return view->size - cursor_left(&c);
}

size_t
payload_proxy_size(const struct payload_view *view)
{
	static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";

	if (!payload_is_tcp(view))
		return 0;
	if (payload_begins(view, "PROXY TCP4 ") ||
	    payload_begins(view, "PROXY TCP6 ") ||
	    payload_begins(view, "PROXY UNKNOWN"))
		return text_size(view);
	if (view->size >= 16 &&
	    memcmp(view->octets, signature, sizeof(signature) - 1) == 0)
		return binary_size(view);
	return 0;
}
