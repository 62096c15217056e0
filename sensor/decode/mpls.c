/* mpls -- RFC 3032 labels, with IP or an Ethernet pseudowire inside. */
#include "sensor/decode/decode_parts.h"

#define MPLS_BOTTOM 0x100U

/*
 * Ethernet, behind a control word (RFC 4448, 4.6) or without one: where that
 * begins with zeroes, so may an address, and often does.
 */
static enum layer
mpls_pseudowire(struct decode *d)
{
	struct decode behind = *d;

	cursor_take(&behind.cursor, 4);
	if (decode_peek_ethernet(&behind) || !decode_peek_ethernet(d))
		cursor_take(&d->cursor, 4);
	return LAYER_ETHERNET;
}

enum layer
decode_mpls(struct decode *d)
{
	uint32_t entry = cursor_be32(&d->cursor);

	if (d->cursor.short_read)
		return decode_end(d, FRAME_SHORT);
	if ((entry & MPLS_BOTTOM) == 0)
		return LAYER_MPLS;
	/* Labels do not say what they carry; RFC 4928 and RFC 4385 keep the
	 * first four bits apart for just this question. */
	switch (decode_peek_version(d)) {
	case 0:
		return mpls_pseudowire(d);
	case 1: /* RFC 5586, management of the path itself */
		return decode_end(d, FRAME_NOT_IP);
	case 4:
		return LAYER_IPV4;
	case 6:
		return LAYER_IPV6;
	default:
		return LAYER_ETHERNET;
	}
}
