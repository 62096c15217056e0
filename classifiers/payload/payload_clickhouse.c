/*
 * ClickHouse, native protocol: "Native interface", Hello of both sides: a
 * message number of zero and a name with its length.
 */
#include "classifiers/payload/payload_parts.h"

#define NAME_MAXIMUM 100

struct payload_verdict
payload_clickhouse(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t type = cursor_u8(&c), length = cursor_u8(&c);
	const uint8_t *name = cursor_take(&c, length);

	if (!payload_is_tcp(view) || name == NULL || type != 0 ||
	    length > NAME_MAXIMUM || !octets_begin(name, length, "ClickHouse"))
		return payload_no();
	/* A server calls itself by the bare name, a client adds a word. */
	return payload_yes(APPLICATION_CLICKHOUSE,
	    length == strlen("ClickHouse") ? SENDER_SERVER : SENDER_CLIENT);
}
