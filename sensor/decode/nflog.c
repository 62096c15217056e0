/*
 * nflog -- packets that a Linux firewall rule logged: LINKTYPE_NFLOG
 * (tcpdump.org/linktypes/LINKTYPE_NFLOG).
 */
#include <string.h>

#include "sensor/decode/decode_parts.h"

#define NFLOG_PAYLOAD 9 /* NFULA_PAYLOAD */

/* The kernel writes each of its about 20 attributes once. */
#define NFLOG_ATTRIBUTES_MAXIMUM 64

/* Attribute headers are in this machine's order: libpcap swaps them so. */
static uint16_t
nflog_u16(struct cursor *cursor)
{
	const uint8_t *octets = cursor_take(cursor, 2);
	uint16_t value = 0;

	if (octets != NULL)
		memcpy(&value, octets, sizeof(value));
	return value;
}

/*
 * Skips to the contents of the payload attribute.
 *
 * returns    FRAME_OK, and `*size` octets are the packet; or why it is not so
 */
static enum frame_status
nflog_find(struct cursor *cursor, uint16_t *size)
{
	for (unsigned i = 0; i < NFLOG_ATTRIBUTES_MAXIMUM; i++) {
		uint16_t length = nflog_u16(cursor);
		uint16_t type = nflog_u16(cursor);

		if (cursor->short_read)
			return FRAME_SHORT;
		if (length < 4)
			return FRAME_BAD_LENGTH;
		*size = (uint16_t)(length - 4);
		if (type == NFLOG_PAYLOAD)
			return FRAME_OK;
		cursor_take(cursor, (*size + 3U) & ~3U);
	}
	return FRAME_TOO_DEEP;
}

enum layer
decode_nflog(struct decode *d)
{
	uint8_t family = cursor_u8(&d->cursor);
	enum frame_status status;
	uint16_t size = 0;

	cursor_take(&d->cursor, 3);
	status = nflog_find(&d->cursor, &size);
	if (status != FRAME_OK)
		return decode_end(d, status);
	if (!decode_limit(d, size))
		return decode_end(d, FRAME_BAD_LENGTH);
	/* `--nflog-size` cuts the packet and leaves no trace of its length. */
	decode_unlimit(d);
	switch (family) { /* AF_INET and AF_INET6 of Linux */
	case 2:
		return LAYER_IPV4;
	case 10:
		return LAYER_IPV6;
	default:
		return decode_end(d, FRAME_NOT_IP);
	}
}
