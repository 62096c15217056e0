/*
 * gre -- RFC 2784 with the key and sequence number of RFC 2890; NVGRE
 * (RFC 7637) is GRE with a key around Ethernet, and PPTP (RFC 2637) is version
 * 1 around PPP.
 */
#include "sensor/decode/decode_parts.h"

#define GRE_CHECKSUM     0x8000
#define GRE_ROUTING      0x4000
#define GRE_KEY          0x2000
#define GRE_SEQUENCE     0x1000
#define GRE_ACKNOWLEDGES 0x0080 /* version 1 */
#define GRE_VERSION      0x0007

#define GRE_OF_PPP 0x880b

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
	case GRE_OF_PPP:
		return LAYER_PPP;
	default:
		return LAYER_END;
	}
}

/* PPP with IP in it; what else it is about, or hides, is plain GRE to us. */
static enum layer
gre_ppp(struct decode *d, struct cursor inside, uint32_t id)
{
	struct cursor peek = inside;

	if (layer_of_ppp(ppp_protocol(&peek)) == LAYER_END || peek.short_read)
		return decode_done(d);
	d->cursor = inside;
	return decode_tunnel(d, TUNNEL_GRE, id, LAYER_PPP);
}

/* PPTP, whose payload is compressed or encrypted as a rule. */
static enum layer
gre_pptp(struct decode *d, uint16_t flags, struct cursor cursor)
{
	cursor_take(&cursor, 4); /* length and call: no number of a network */
	if ((flags & GRE_SEQUENCE) == 0)
		return decode_done(d);
	cursor_take(&cursor, 4);
	if ((flags & GRE_ACKNOWLEDGES) != 0)
		cursor_take(&cursor, 4);
	return gre_ppp(d, cursor, 0);
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
	if ((flags & (GRE_VERSION | GRE_ROUTING | GRE_KEY)) == (1 | GRE_KEY) &&
	    type == GRE_OF_PPP)
		return gre_pptp(d, flags, cursor);
	/* Source routes went with RFC 2784.  Such a packet, and of another
	 * version, is plain GRE to us. */
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
	if (inside == LAYER_PPP)
		return gre_ppp(d, cursor, key);
	d->cursor = cursor;
	d->mirrored = type == 0x88be;
	return decode_tunnel(
	    d, type == 0x88be ? TUNNEL_ERSPAN : TUNNEL_GRE, key, inside);
}
