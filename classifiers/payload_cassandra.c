/*
 * Apache Cassandra: "CQL binary protocol", v3 to v5, 2 (frame header) and 4
 * (messages).
 */
#include "classifiers/payload_parts.h"

enum {
	RESPONSE = 0x80,
	OPCODE_ERROR = 0x00,
	OPCODE_STARTUP = 0x01,
	OPCODE_OPTIONS = 0x05,
	OPCODE_SUPPORTED = 0x06,
	OPCODE_MAXIMUM = 0x10,
	FLAGS_ALL = 0x1f,
};

/* native_transport_max_frame_size of a server. */
#define FRAME_MAXIMUM (256U * 1024 * 1024)

/* A string map; both sides' opening maps have CQL_VERSION somewhere. */
static bool
speaks_of_cql(struct cursor c)
{
	static const char key[] = "CQL_VERSION";

	return memmem(c.at, cursor_left(&c), key, sizeof(key) - 1) != NULL;
}

struct payload_verdict
payload_cassandra(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t version = cursor_u8(&c), flags = cursor_u8(&c), opcode;
	bool response = (version & RESPONSE) != 0;
	enum payload_sender sender = response ? SENDER_SERVER : SENDER_CLIENT;
	uint32_t length;

	cursor_be16(&c); /* stream */
	opcode = cursor_u8(&c);
	length = cursor_be32(&c);
	version &= (uint8_t)~RESPONSE;
	if (!payload_is_tcp(view) || c.short_read || version < 3 ||
	    version > 5 || flags > FLAGS_ALL || opcode > OPCODE_MAXIMUM ||
	    length > FRAME_MAXIMUM || cursor_left(&c) > length)
		return payload_no();
	if ((opcode == OPCODE_STARTUP || opcode == OPCODE_SUPPORTED) &&
	    response == (opcode == OPCODE_SUPPORTED) && speaks_of_cql(c))
		return payload_yes(APPLICATION_CASSANDRA, sender);
	if (opcode == OPCODE_OPTIONS && (response || length != 0))
		return payload_no();
	/* The rest is a header of small numbers. */
	return payload_maybe(APPLICATION_CASSANDRA, sender);
}
