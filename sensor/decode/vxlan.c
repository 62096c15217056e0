/*
 * vxlan -- RFC 7348, with the next protocol of VXLAN-GPE
 * (draft-ietf-nvo3-vxlan-gpe); what the group policy extension
 * (draft-smith-vxlan-group-policy) adds is reserved to us.
 */
#include "sensor/decode/decode_parts.h"

#define VXLAN_VNI_VALID     0x08
#define VXLAN_NEXT_PROTOCOL 0x04
#define VXLAN_GROUP_POLICY  0x80

/* GPE's; what is neither is Ethernet, as in VXLAN. */
enum {
	NEXT_IPV4 = 1,
	NEXT_IPV6 = 2,
};

/* The layer inside, which d->cursor is at. */
static enum layer
vxlan_inside(const struct decode *d, uint8_t flags, uint8_t next)
{
	unsigned version = decode_peek_version(d);

	if ((flags & VXLAN_NEXT_PROTOCOL) == 0)
		return LAYER_ETHERNET;
	if (next == NEXT_IPV4 && version == 4)
		return LAYER_IPV4;
	if (next == NEXT_IPV6 && version == 6)
		return LAYER_IPV6;
	return LAYER_ETHERNET;
}

enum layer
decode_vxlan(struct decode *d)
{
	struct cursor outside = d->cursor;
	uint8_t flags = cursor_u8(&d->cursor);
	uint8_t next = (uint8_t)cursor_be24(&d->cursor);
	uint32_t vni = cursor_be24(&d->cursor);
	uint8_t reserved = cursor_u8(&d->cursor);
	enum layer inside = vxlan_inside(d, flags, next);
	bool plain =
	    (flags & ~VXLAN_GROUP_POLICY) == VXLAN_VNI_VALID && reserved == 0;

	/* Reserved bits are ignored, as RFC 7348, 5 has it.  But a client may
	 * get one of these ports by chance, so what looks odd has to hold
	 * something that we know, or it stays the UDP packet that it is. */
	if (d->cursor.short_read || (flags & VXLAN_VNI_VALID) == 0 ||
	    (!plain && inside == LAYER_ETHERNET && !decode_peek_ethernet(d))) {
		d->cursor = outside;
		return LAYER_END;
	}
	/* Traffic mirroring in AWS cuts packets to what fits. */
	d->mirrored = true;
	return decode_tunnel(d, TUNNEL_VXLAN, vni, inside);
}
