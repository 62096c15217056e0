/*
 * MongoDB: "MongoDB Wire Protocol" (OP_MSG, OP_QUERY, OP_REPLY, OP_COMPRESSED)
 * and bsonspec.org.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	OP_REPLY = 1,
	OP_QUERY = 2004,
	OP_COMPRESSED = 2012,
	OP_MSG = 2013,
	HEADER_SIZE = 16,
	/* Required flags of OP_MSG; an unknown one is an error. */
	MSG_CHECKSUM = 1,
	MSG_MORE = 2,
	BSON_MINIMUM = 5,
};

/* maxMessageSizeBytes of the server. */
#define MESSAGE_MAXIMUM 48000000

/* A database name, a dot, a collection: 255 octets by MongoDB's limits. */
#define NAMESPACE_MAXIMUM 255

/* A BSON document that fits into what the message still has. */
static bool
is_bson(struct cursor c, uint32_t room)
{
	uint32_t length = cursor_le32(&c);
	uint8_t type = cursor_u8(&c);

	if (c.short_read || length < BSON_MINIMUM || length > room)
		return false;
	if (length == BSON_MINIMUM)
		return type == 0;
	return (type >= 0x01 && type <= 0x13) || type == 0x7f || type == 0xff;
}

static bool
is_msg(struct cursor c, uint32_t room)
{
	uint32_t flags = cursor_le32(&c) & 0xffff;

	return room > 5 &&
	       (flags & ~(uint32_t)(MSG_CHECKSUM | MSG_MORE)) == 0 &&
	       cursor_u8(&c) == 0 && !c.short_read && is_bson(c, room - 5);
}

static bool
is_query(struct cursor c, uint32_t room)
{
	uint32_t flags = cursor_le32(&c);
	const uint8_t *end = memchr(c.at, 0, cursor_left(&c));
	size_t name = end == NULL ? 0 : (size_t)(end - c.at);

	if (c.short_read || (flags & 0xffffff01) != 0 || name < 3 ||
	    name > NAMESPACE_MAXIMUM || room < name + 13 ||
	    !octets_are_printable(c.at, name) ||
	    memchr(c.at, '.', name) == NULL)
		return false;
	cursor_take(&c, name + 1 + 4 + 4);
	return is_bson(c, room - (uint32_t)name - 13);
}

static bool
is_reply(struct cursor c, uint32_t room)
{
	uint32_t flags = cursor_le32(&c);

	cursor_take(&c, 8 + 4 + 4); /* cursor, first, count */
	return !c.short_read && room > 20 && flags <= 15 &&
	       is_bson(c, room - 20);
}

static bool
is_compressed(struct cursor c, uint32_t room)
{
	uint32_t original = cursor_le32(&c), size = cursor_le32(&c);
	uint8_t compressor = cursor_u8(&c);

	/* noop, snappy, zlib, zstd */
	return !c.short_read && room > 9 && compressor <= 3 &&
	       size <= MESSAGE_MAXIMUM &&
	       (original == OP_MSG || original == OP_QUERY ||
		   original == OP_REPLY);
}

static bool
body_is_sane(struct cursor c, uint32_t operation, uint32_t room)
{
	switch (operation) {
	case OP_MSG:
		return is_msg(c, room);
	case OP_QUERY:
		return is_query(c, room);
	case OP_REPLY:
		return is_reply(c, room);
	case OP_COMPRESSED:
		return is_compressed(c, room);
	default:
		return false;
	}
}

struct payload_verdict
payload_mongodb(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t length = cursor_le32(&c), answered, operation;

	cursor_le32(&c); /* request id */
	answered = cursor_le32(&c);
	operation = cursor_le32(&c);
	if (!payload_is_tcp(view) || c.short_read || length < HEADER_SIZE ||
	    length > MESSAGE_MAXIMUM ||
	    !body_is_sane(c, operation, length - HEADER_SIZE))
		return payload_no();
	return payload_yes(
	    APPLICATION_MONGODB, answered == 0 ? SENDER_CLIENT : SENDER_SERVER);
}
