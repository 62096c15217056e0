/* ipv6 -- RFC 8200, the fixed header. */
#include "sensor/decode/decode_parts.h"

#define IPV6_SIZE      40
#define NO_NEXT_HEADER 59

/* Limits the layer to the payload length. */
static bool
ipv6_limit(struct decode *d, uint16_t payload, uint8_t next)
{
	struct frame *frame = d->frame;
	size_t length = payload;

	/* Zero is a jumbogram (RFC 2675) or, on Linux, a packet that offloads
	 * have made longer than the field can say. */
	if (payload == 0 && next != NO_NEXT_HEADER)
		length = cursor_left(&d->cursor) + d->cut;
	if (!decode_limit_ip(d, length))
		return false;
	frame->ip_length = (uint32_t)(IPV6_SIZE + length);
	frame->ip_captured = (uint32_t)(d->cursor.end - frame->ip);
	return true;
}

enum layer
decode_ipv6(struct decode *d)
{
	struct frame *frame = d->frame;
	struct cursor header;
	uint16_t payload;
	uint8_t next;

	frame->ip = d->cursor.at;
	if (!decode_take(d, IPV6_SIZE, &header))
		return decode_end(d, FRAME_SHORT);
	if (cursor_be32(&header) >> 28 != 6)
		return decode_end(d, FRAME_BAD_VERSION);
	payload = cursor_be16(&header);
	next = cursor_u8(&header);
	cursor_take(&header, 1);
	frame->key = (struct frame_key){
	    .source = address_from_ipv6(cursor_take(&header, 16)),
	    .destination = address_from_ipv6(cursor_take(&header, 16)),
	    .protocol = next,
	};
	/* A mapped address on the wire would pass for the IPv4 one. */
	if (address_is_ipv4(&frame->key.source) ||
	    address_is_ipv4(&frame->key.destination))
		return decode_end(d, FRAME_BAD_ADDRESS);
	if (!ipv6_limit(d, payload, next))
		return decode_end(d, FRAME_BAD_LENGTH);
	return decode_ip_protocol(d, next);
}
