/*
 * gRPC over HTTP/2 ("gRPC over HTTP2", grpc.io): requests and responses have a
 * content-type that begins with `application/grpc`.  Read from the first header
 * block of either side, where HPACK (RFC 7541) has nothing to refer back to but
 * its static table: frames are walked, field by field, and any octet that does
 * not fit ends the walk, so that a path or a body cannot claim to be a type.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	FRAME_TYPE_HEADERS = 1,
	FRAME_TYPE_LAST = 9, /* CONTINUATION */
	FLAG_PADDED = 0x08,
	FLAG_PRIORITY = 0x20,
	STATIC_CONTENT_TYPE = 31, /* RFC 7541, appendix A */
};

/* SETTINGS, WINDOW_UPDATE, PRIORITY, PING before the first HEADERS. */
#define FRAMES_MAXIMUM 32

struct hpack_text {
	const uint8_t *at;
	size_t length;
	bool huffman;
};

/* RFC 7541, 5.1; 28 bits are more than any header block has. */
static uint32_t
hpack_integer(struct cursor *c, uint8_t first, unsigned bits)
{
	uint32_t mask = (1U << bits) - 1, value = first & mask;
	uint8_t octet;

	if (value < mask)
		return value;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		octet = cursor_u8(c);
		value += (uint32_t)(octet & 0x7f) << shift;
		if ((octet & 0x80) == 0)
			return value;
	}
	c->short_read = true;
	return 0;
}

static struct hpack_text
hpack_read_text(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	struct hpack_text text = {.huffman = (first & 0x80) != 0};

	text.length = hpack_integer(c, first, 7);
	text.at = cursor_take(c, text.length);
	return text;
}

static bool
text_begins(const struct hpack_text *text, const void *octets, size_t size)
{
	return text->length >= size && memcmp(text->at, octets, size) == 0;
}

/*
 * `application/grpc` is 88 bits in HPACK's Huffman code (RFC 7541, appendix
 * B): eleven whole octets, so what may follow (`+proto`) does not alter them.
 */
static bool
is_grpc_type(const struct hpack_text *text)
{
	static const uint8_t coded[] = {
	    0x1d, 0x75, 0xd0, 0x62, 0x0d, 0x26, 0x3d, 0x4c, 0x4d, 0x65, 0x64};
	static const char plain[] = "application/grpc";

	if (text->huffman)
		return text_begins(text, coded, sizeof(coded));
	return text_begins(text, plain, sizeof(plain) - 1);
}

/* `content-type`, spelled out because some libraries ignore the table. */
static bool
is_content_type(const struct hpack_text *text)
{
	static const uint8_t coded[] = {
	    0x21, 0xea, 0x49, 0x6a, 0x4a, 0xc9, 0xf5, 0x59, 0x7f};
	static const char plain[] = "content-type";

	if (text->huffman)
		return text->length == sizeof(coded) &&
		       text_begins(text, coded, sizeof(coded));
	return text->length == sizeof(plain) - 1 &&
	       text_begins(text, plain, sizeof(plain) - 1);
}

/* Reads one literal field; whether it says that this is gRPC. */
static bool
literal_is_grpc(struct cursor *c, uint8_t first, unsigned bits)
{
	uint32_t index = hpack_integer(c, first, bits);
	struct hpack_text name = {0}, value;
	bool typed = index == STATIC_CONTENT_TYPE;

	if (index == 0) {
		name = hpack_read_text(c);
		if (c->short_read)
			return false;
		typed = is_content_type(&name);
	}
	value = hpack_read_text(c);
	return !c->short_read && typed && is_grpc_type(&value);
}

static bool
block_is_grpc(struct cursor c)
{
	while (cursor_left(&c) > 0 && !c.short_read) {
		uint8_t first = cursor_u8(&c);

		if ((first & 0x80) != 0)
			hpack_integer(&c, first, 7);
		else if ((first & 0xe0) == 0x20)
			hpack_integer(&c, first, 5);
		else if (literal_is_grpc(
			     &c, first, (first & 0x40) != 0 ? 6 : 4))
			return true;
	}
	return false;
}

/* The header block of a HEADERS frame, as far as it was captured. */
static struct cursor
header_block(struct cursor c, uint32_t length, uint8_t flags)
{
	size_t left = cursor_left(&c) < length ? cursor_left(&c) : length;
	struct cursor block = cursor_over(c.at, left);
	uint8_t padding = 0;

	if ((flags & FLAG_PADDED) != 0)
		padding = cursor_u8(&block);
	if ((flags & FLAG_PRIORITY) != 0)
		cursor_take(&block, 5);
	if (left == length && padding <= cursor_left(&block))
		block.end -= padding;
	return block;
}

struct payload_verdict
payload_grpc(const struct payload_view *view)
{
	struct payload_verdict grpc =
	    payload_yes(APPLICATION_GRPC, SENDER_EITHER);
	struct cursor c = payload_cursor(view);

	grpc.carrier = APPLICATION_HTTP2;
	if (!payload_is_tcp(view))
		return payload_no();
	if (cursor_text(&c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
		grpc.sender = SENDER_CLIENT;
	for (int i = 0; i < FRAMES_MAXIMUM; i++) {
		uint32_t length = cursor_be24(&c);
		uint8_t type = cursor_u8(&c), flags = cursor_u8(&c);
		uint32_t stream = cursor_be32(&c);

		if (c.short_read || type > FRAME_TYPE_LAST || stream >> 31 != 0)
			break;
		if (type == FRAME_TYPE_HEADERS && stream % 2 == 1 &&
		    block_is_grpc(header_block(c, length, flags)))
			return grpc;
		cursor_take(&c, length);
	}
	return payload_no();
}
