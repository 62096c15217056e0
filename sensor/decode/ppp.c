/* ppp -- RFC 1661 with the HDLC-like framing of RFC 1662. */
#include "sensor/decode/decode_parts.h"

/*
 * Reads the protocol field.  Both its first octet and the address and control
 * octets before it may have been negotiated away (RFC 1661, 6.5 and 6.6).
 */
uint16_t
ppp_protocol(struct cursor *cursor)
{
	uint8_t first = cursor_u8(cursor);

	if (first == 0xff) {
		cursor_u8(cursor);
		first = cursor_u8(cursor);
	}
	/* Only the last octet of a protocol number is odd. */
	if ((first & 1) != 0)
		return first;
	return (uint16_t)((first << 8) | cursor_u8(cursor));
}

enum layer
layer_of_ppp(uint16_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return LAYER_IPV4;
	case 0x0057:
		return LAYER_IPV6;
	case 0x0281:
		return LAYER_MPLS;
	default:
		return LAYER_END;
	}
}

enum layer
decode_ppp(struct decode *d)
{
	enum layer inside = layer_of_ppp(ppp_protocol(&d->cursor));

	if (d->cursor.short_read)
		return decode_end(d, FRAME_SHORT);
	return inside == LAYER_END ? decode_end(d, FRAME_NOT_IP) : inside;
}
