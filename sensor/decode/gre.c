/*
 * gre -- RFC 2784 with the key and sequence number of RFC 2890; NVGRE
 * (RFC 7637) is GRE with a key around Ethernet.
 */
#include "sensor/decode/decode.h"

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING  0x4000
#define GRE_KEY      0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_VERSION  0x0007

/* What the protocol type carries; LAYER_END when we do not know it. */
static enum layer
gre_inside(uint16_t flags, uint16_t type)
{
	switch (type) {
	case 0x0800:
		return LAYER_IPV4;
	case 0x86dd:
		return LAYER_IPV6;
	case 0x6558:
		return LAYER_ETHERNET;
	case 0x8847:
	case 0x8848:
		return LAYER_MPLS;
	case 0x88be: /* type II always has a sequence number, type I never */
		return (flags & GRE_SEQUENCE) != 0 ? LAYER_ERSPAN2
						   : LAYER_ETHERNET;
	case 0x22eb:
		return LAYER_ERSPAN3;
	default:
		return LAYER_END;
	}
}

enum layer
decode_gre(struct decode *d)
{
	struct cursor cursor = d->cursor;
	uint16_t flags = cursor_be16(&cursor);
	uint16_t type = cursor_be16(&cursor);
	enum layer inside = gre_inside(flags, type);
	uint32_t key = 0;

	if (cursor.short_read)
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	/* Version 1 is PPTP, whose payload is compressed as a rule; source
	 * routes went with RFC 2784.  Such a packet is plain GRE to us. */
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0 || inside == LAYER_END)
		return decode_done(d);
	if ((flags & GRE_CHECKSUM) != 0)
		cursor_take(&cursor, 4);
	if ((flags & GRE_KEY) != 0)
		key = cursor_be32(&cursor);
	if ((flags & GRE_SEQUENCE) != 0)
		cursor_take(&cursor, 4);
	if (cursor.short_read)
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	d->cursor = cursor;
	return decode_tunnel(
	    d, type == 0x88be ? TUNNEL_ERSPAN : TUNNEL_GRE, key, inside);
}
