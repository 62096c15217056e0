/*
 * Apache Cassandra: "CQL binary protocol", v3 to v5, 2 (frame header) and 4
 * (messages).
 */
#include "classifiers/payload/payload_parts.h"

enum {
	RESPONSE = 0x80,
	OPCODE_ERROR = 0x00,
	OPCODE_STARTUP = 0x01,
	OPCODE_READY = 0x02,
	OPCODE_AUTHENTICATE = 0x03,
	OPCODE_OPTIONS = 0x05,
	OPCODE_SUPPORTED = 0x06,
	OPCODE_QUERY = 0x07,
	OPCODE_RESULT = 0x08,
	OPCODE_PREPARE = 0x09,
	OPCODE_EXECUTE = 0x0a,
	OPCODE_REGISTER = 0x0b,
	OPCODE_EVENT = 0x0c,
	OPCODE_BATCH = 0x0d,
	OPCODE_AUTH_CHALLENGE = 0x0e,
	OPCODE_AUTH_RESPONSE = 0x0f,
	OPCODE_AUTH_SUCCESS = 0x10,
	FLAGS_ALL = 0x1f,
};

/* native_transport_max_frame_size of a server. */
#define FRAME_MAXIMUM (256U * 1024 * 1024)

/* Each message has a sender: 4.1 and 4.2. */
static bool
is_senders(uint8_t opcode, bool response)
{
	switch (opcode) {
	case OPCODE_STARTUP:
	case OPCODE_OPTIONS:
	case OPCODE_QUERY:
	case OPCODE_PREPARE:
	case OPCODE_EXECUTE:
	case OPCODE_REGISTER:
	case OPCODE_BATCH:
	case OPCODE_AUTH_RESPONSE:
		return !response;
	case OPCODE_ERROR:
	case OPCODE_READY:
	case OPCODE_AUTHENTICATE:
	case OPCODE_SUPPORTED:
	case OPCODE_RESULT:
	case OPCODE_EVENT:
	case OPCODE_AUTH_CHALLENGE:
	case OPCODE_AUTH_SUCCESS:
		return response;
	default:
		return false;
	}
}

/* A payload of fewer octets than this holds whole messages. */
#define PAYLOAD_WHOLE 512

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
	    version > 5 || flags > FLAGS_ALL || !is_senders(opcode, response) ||
	    length > FRAME_MAXIMUM || cursor_left(&c) > length)
		return payload_no();
	if ((opcode == OPCODE_STARTUP || opcode == OPCODE_SUPPORTED) &&
	    response == (opcode == OPCODE_SUPPORTED) && speaks_of_cql(c))
		return payload_yes(APPLICATION_CASSANDRA, sender);
	if (opcode == OPCODE_OPTIONS && (response || length != 0))
		return payload_no();
	/* The rest is a header of small numbers, and a length. */
	if (view->size < PAYLOAD_WHOLE && cursor_left(&c) != length)
		return payload_no();
	return payload_maybe(APPLICATION_CASSANDRA, sender);
}
