/* llc -- IEEE 802.2 with SNAP, which carries IP (RFC 1042). */
#include "sensor/decode/decode_parts.h"

#define LLC_OF_SNAP 0xaaaa03 /* both access points, unnumbered information */

enum layer
decode_llc(struct decode *d)
{
	struct cursor header;
	uint32_t llc, organisation;
	enum layer inside;

	/* Spanning tree and the like may be shorter, and are no concern. */
	if (!decode_take(d, 8, &header))
		return decode_misfit(d, FRAME_NOT_IP);
	llc = cursor_be24(&header);
	organisation = cursor_be24(&header);
	inside = layer_of_ethertype(cursor_be16(&header));
	/* 00-00-F8 is how IEEE 802.1H bridges what had an EtherType. */
	if (llc != LLC_OF_SNAP || inside == LAYER_END ||
	    (organisation != 0 && organisation != 0x0000f8))
		return decode_end(d, FRAME_NOT_IP);
	return inside;
}
