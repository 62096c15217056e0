/* vlan -- IEEE 802.1Q and 802.1ad tags, and the tags before 802.1ad. */
#include "sensor/decode/decode_parts.h"

enum layer
decode_vlan(struct decode *d)
{
	struct frame *frame = d->frame;
	uint16_t control = cursor_be16(&d->cursor);
	uint16_t type = cursor_be16(&d->cursor);

	if (d->cursor.short_read)
		return decode_end(d, FRAME_SHORT);
	if (frame->vlan_count < FRAME_VLANS_MAXIMUM)
		frame->vlans[frame->vlan_count++] = control & 0x0fff;
	return decode_ethertype(d, type);
}
