/* erspan -- mirrored frames over GRE (draft-foschiano-erspan-03). */
#include "sensor/decode/decode_parts.h"

#define ERSPAN_SESSION 0x3ff

/* Switches cut mirrored frames to what fits, and not all of them set the bit
 * (T) that says so. */
static enum layer
erspan_tunnel(struct decode *d, uint16_t session, enum layer inside)
{
	d->mirrored = true;
	return decode_tunnel(d, TUNNEL_ERSPAN, session, inside);
}

enum layer
decode_erspan2(struct decode *d)
{
	struct cursor header;
	uint16_t version, session;

	if (!decode_take(d, 8, &header))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	version = cursor_be16(&header) >> 12;
	session = cursor_be16(&header) & ERSPAN_SESSION;
	if (version != 1)
		return decode_end(d, FRAME_NOT_IP);
	return erspan_tunnel(d, session, LAYER_ETHERNET);
}

enum layer
decode_erspan3(struct decode *d)
{
	struct cursor header;
	uint16_t version, session, flags;

	if (!decode_take(d, 12, &header))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	version = cursor_be16(&header) >> 12;
	session = cursor_be16(&header) & ERSPAN_SESSION;
	cursor_take(&header, 6);
	flags = cursor_be16(&header);
	/* bit O: a platform-specific subheader follows */
	if ((flags & 1) != 0)
		cursor_take(&d->cursor, 8);
	if (d->cursor.short_read)
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	if (version != 2)
		return decode_end(d, FRAME_NOT_IP);
	switch (flags >> 10 & 31) { /* frame type */
	case 0:
		return erspan_tunnel(d, session, LAYER_ETHERNET);
	case 2:
		return erspan_tunnel(d, session, LAYER_RAW_IP);
	default:
		return decode_end(d, FRAME_NOT_IP);
	}
}
