/* tcp -- RFC 9293. */
#include "sensor/decode/decode_parts.h"

#define TCP_SIZE 20

enum layer
decode_tcp(struct decode *d)
{
	struct frame *frame = d->frame;
	struct cursor header;
	unsigned size;

	if (!decode_take(d, TCP_SIZE, &header))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	frame->key.source_port = cursor_be16(&header);
	frame->key.destination_port = cursor_be16(&header);
	frame->tcp_sequence = cursor_be32(&header);
	frame->tcp_acknowledgement = cursor_be32(&header);
	size = (cursor_u8(&header) >> 4) * 4U;
	frame->tcp_flags = cursor_u8(&header);
	frame->tcp_window = cursor_be16(&header);
	if (size < TCP_SIZE ||
	    size - TCP_SIZE > cursor_left(&d->cursor) + d->cut)
		return decode_end(d, FRAME_BAD_TRANSPORT);
	cursor_take(&d->cursor, size - TCP_SIZE);
	if (d->cursor.short_read)
		return decode_end(d, FRAME_SHORT);
	return decode_done(d);
}
