/* raw_ip -- IP without a link layer, of the version that it says. */
#include "sensor/decode/decode_parts.h"

enum layer
decode_raw_ip(struct decode *d)
{
	switch (decode_peek_version(d)) {
	case 4:
		return LAYER_IPV4;
	case 6:
		return LAYER_IPV6;
	case 16:
		return decode_end(d, FRAME_SHORT);
	default:
		return decode_end(d, FRAME_BAD_VERSION);
	}
}
