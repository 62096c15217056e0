/*
 * OpenWire: activemq.apache.org, "OpenWire Version 2 Specification": both ends
 * begin with a WireFormatInfo command, whose size always stands before it.
 */
#include "classifiers/payload/payload_parts.h"

#define WIRE_FORMAT_INFO 1

/* Its type, magic and version. */
#define INFO_SIZE (1 + 8 + 4)

/* Versions count from 1, and had come to 12 after fifteen years. */
#define VERSION_MAXIMUM 255

struct payload_verdict
payload_openwire(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t size, version;

	if (!payload_is_tcp(view))
		return payload_no();
	size = cursor_be32(&c);
	if (size < INFO_SIZE || cursor_u8(&c) != WIRE_FORMAT_INFO ||
	    !cursor_text(&c, "ActiveMQ"))
		return payload_no();
	version = cursor_be32(&c);
	if (c.short_read || version == 0 || version > VERSION_MAXIMUM)
		return payload_no();
	return payload_yes(APPLICATION_OPENWIRE, SENDER_EITHER);
}
