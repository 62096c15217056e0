/* pppoe -- RFC 2516, session stage. */
#include "sensor/decode/decode_parts.h"

enum layer
decode_pppoe(struct decode *d)
{
	struct cursor header;
	uint16_t length;

	if (!decode_take(d, 6, &header))
		return decode_end(d, FRAME_SHORT);
	/* Version 1, type 1, code 0: anything else is no session data. */
	if (cursor_be16(&header) != 0x1100)
		return decode_end(d, FRAME_NOT_IP);
	cursor_take(&header, 2);
	length = cursor_be16(&header);
	if (!decode_limit(d, length))
		return decode_end(d, FRAME_BAD_LENGTH);
	return LAYER_PPP;
}
