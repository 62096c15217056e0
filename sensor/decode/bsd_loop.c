/*
 * bsd_loop -- loopback of the BSDs and macOS: LINKTYPE_NULL and LINKTYPE_LOOP
 * (tcpdump.org/linktypes).
 */
#include "sensor/decode/decode_parts.h"

static enum layer
loop_family(struct decode *d, uint32_t family)
{
	if (d->cursor.short_read)
		return decode_end(d, FRAME_SHORT);
	switch (family) {
	case 2:
		return LAYER_IPV4;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return LAYER_IPV6;
	default:
		return decode_end(d, FRAME_NOT_IP);
	}
}

enum layer
decode_bsd_null(struct decode *d)
{
	uint32_t family = cursor_le32(&d->cursor);

	/* The byte order is that of the machine that captured.  Families are
	 * small, so the wrong order shows. */
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	return loop_family(d, family);
}

enum layer
decode_bsd_loop(struct decode *d)
{
	return loop_family(d, cursor_be32(&d->cursor));
}
