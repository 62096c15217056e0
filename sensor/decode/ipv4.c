/* ipv4 -- RFC 791. */
#include "sensor/decode/decode_parts.h"

#define IPV4_SIZE 20

#define MORE_FRAGMENTS  0x2000
#define FRAGMENT_OFFSET 0x1fff

/*
 * Takes the options and limits the layer to the packet's total length.
 *
 * returns    FRAME_OK or what is wrong
 */
static enum frame_status
ipv4_limit(struct decode *d, unsigned header_size, uint16_t total)
{
	struct frame *frame = d->frame;
	size_t length = total;

	/* Segmentation and receive offloads hand up to 64 KiB and more as one
	 * packet, and then the length is 0: the capture's is the only one. */
	if (total == 0)
		length = IPV4_SIZE + cursor_left(&d->cursor) + d->cut;
	if (header_size < IPV4_SIZE || length < header_size)
		return FRAME_BAD_LENGTH;
	if (!decode_limit_ip(d, length - IPV4_SIZE))
		return FRAME_BAD_LENGTH;
	frame->ip_length = (uint32_t)length;
	frame->ip_captured = (uint32_t)(d->cursor.end - frame->ip);
	cursor_take(&d->cursor, header_size - IPV4_SIZE);
	return d->cursor.short_read ? FRAME_SHORT : FRAME_OK;
}

enum layer
decode_ipv4(struct decode *d)
{
	struct frame *frame = d->frame;
	struct cursor header;
	uint8_t first, protocol;
	uint16_t total, position;
	struct fragment fragment;
	enum frame_status status;

	frame->ip = d->cursor.at;
	if (!decode_take(d, IPV4_SIZE, &header))
		return decode_end(d, FRAME_SHORT);
	first = cursor_u8(&header);
	if (first >> 4 != 4)
		return decode_end(d, FRAME_BAD_VERSION);
	cursor_take(&header, 1);
	total = cursor_be16(&header);
	fragment.identification = cursor_be16(&header);
	position = cursor_be16(&header);
	fragment.offset = (position & FRAGMENT_OFFSET) * 8U;
	fragment.more = (position & MORE_FRAGMENTS) != 0;
	cursor_take(&header, 1);
	protocol = cursor_u8(&header);
	cursor_take(&header, 2);
	frame->key = (struct frame_key){
	    .source = address_from_ipv4(cursor_take(&header, 4)),
	    .destination = address_from_ipv4(cursor_take(&header, 4)),
	    .protocol = protocol,
	};
	status = ipv4_limit(d, (first & 15U) * 4, total);
	if (status != FRAME_OK)
		return decode_end(d, status);
	if (fragment_is_one(&fragment))
		return decode_fragment(d, &fragment);
	return decode_ip_protocol(d, protocol);
}
