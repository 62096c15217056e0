/*
 * Elasticsearch and OpenSearch between nodes: TcpHeader of the transport
 * protocol (`ES`, length, request, status, version).
 */
#include "classifiers/payload/payload_parts.h"

enum {
	STATUS_REQUEST_MASK = 0x01, /* set: a response */
	STATUS_ALL = 0x0f,
};

/* Versions are M.mm.pp.bb in decimal, with a high bit in OpenSearch. */
#define VERSION_MINIMUM 1000000
#define VERSION_MAXIMUM 0x0fffffff

struct payload_verdict
payload_elasticsearch(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t length, version;
	uint8_t status;

	if (!payload_is_tcp(view) || !cursor_text(&c, "ES"))
		return payload_no();
	length = cursor_be32(&c);
	if (length == 0xffffffff && cursor_left(&c) == 0) /* keepalive */
		return payload_maybe(APPLICATION_ELASTICSEARCH, SENDER_EITHER);
	cursor_take(&c, 8);
	status = cursor_u8(&c);
	version = cursor_be32(&c);
	if (c.short_read || length < 13 || length > INT32_MAX ||
	    view->size > (size_t)length + 6 || status > STATUS_ALL ||
	    version < VERSION_MINIMUM || version > VERSION_MAXIMUM)
		return payload_no();
	return payload_yes(APPLICATION_ELASTICSEARCH,
	    (status & STATUS_REQUEST_MASK) != 0 ? SENDER_SERVER
						: SENDER_CLIENT);
}
