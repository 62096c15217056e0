/* sctp -- RFC 9260, the common header; the payload is its chunks. */
#include "sensor/decode/decode_parts.h"

enum layer
decode_sctp(struct decode *d)
{
	struct frame *frame = d->frame;
	struct cursor header;

	if (!decode_take(d, 12, &header))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	frame->key.source_port = cursor_be16(&header);
	frame->key.destination_port = cursor_be16(&header);
	return decode_done(d);
}
