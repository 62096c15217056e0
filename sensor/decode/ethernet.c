/* ethernet -- IEEE 802.3, with an EtherType or a length. */
#include "sensor/decode/decode_parts.h"

enum layer
decode_ethernet(struct decode *d)
{
	struct cursor header;

	if (!decode_take(d, 14, &header))
		return decode_end(d, FRAME_SHORT);
	cursor_take(&header, 12);
	return decode_ethertype(d, cursor_be16(&header));
}
