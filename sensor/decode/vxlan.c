/* vxlan -- RFC 7348, with the G bit of draft-smith-vxlan-group-policy. */
#include "sensor/decode/decode.h"

#define VXLAN_VNI_VALID    0x08
#define VXLAN_GROUP_POLICY 0x80

enum layer
decode_vxlan(struct decode *d)
{
	struct cursor inside = d->cursor;
	uint8_t flags = cursor_u8(&inside);
	uint32_t vni, reserved;

	cursor_be24(&inside);
	vni = cursor_be24(&inside);
	reserved = cursor_u8(&inside);
	/* A client may get one of these ports by chance, so whatever does not
	 * look like VXLAN stays the UDP packet that it is.  Reserved bits are
	 * refused, against the RFC but as the Linux receiver does. */
	if (inside.short_read || reserved != 0 ||
	    (flags & ~VXLAN_GROUP_POLICY) != VXLAN_VNI_VALID)
		return LAYER_END;
	d->cursor = inside;
	return decode_tunnel(d, TUNNEL_VXLAN, vni, LAYER_ETHERNET);
}
