/* geneve -- RFC 8926. */
#include "sensor/decode/decode_parts.h"

static enum layer
geneve_inside(uint16_t type)
{
	switch (type) {
	case 0x6558:
		return LAYER_ETHERNET;
	case 0x0800:
		return LAYER_IPV4;
	case 0x86dd:
		return LAYER_IPV6;
	default:
		return LAYER_END;
	}
}

enum layer
decode_geneve(struct decode *d)
{
	struct cursor cursor = d->cursor;
	uint8_t version = cursor_u8(&cursor);
	uint8_t flags = cursor_u8(&cursor);
	enum layer inside = geneve_inside(cursor_be16(&cursor));
	uint32_t vni = cursor_be24(&cursor);
	uint8_t reserved = cursor_u8(&cursor);

	/* Version 0 and zeroes where they must be: else it is just a UDP packet
	 * that found its way to this port. */
	if (cursor.short_read || version >> 6 != 0 || (flags & 0x3f) != 0 ||
	    reserved != 0 || inside == LAYER_END)
		return LAYER_END;
	cursor_take(&cursor, (version & 0x3fU) * 4);
	if (cursor.short_read)
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	d->cursor = cursor;
	return decode_tunnel(d, TUNNEL_GENEVE, vni, inside);
}
