/*
 * extension -- IPv6 extension headers, and AH, which IPv4 has too (IANA, IPv6
 * Extension Header Types).
 */
#include "sensor/decode/decode_parts.h"

enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION_OPTIONS = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
};

bool
extension_is_known(uint8_t protocol)
{
	switch (protocol) {
	case HOP_BY_HOP:
	case ROUTING:
	case FRAGMENT:
	case AUTHENTICATION:
	case DESTINATION_OPTIONS:
	case MOBILITY:
	case HIP:
	case SHIM6:
		return true;
	default: /* ESP (50) hides what follows and so ends the chain */
		return false;
	}
}

bool
extension_read(uint8_t protocol, struct cursor *cursor, struct extension *out)
{
	uint8_t next = cursor_u8(cursor);
	uint8_t length = cursor_u8(cursor);
	uint16_t position = cursor_be16(cursor);
	uint32_t identification = cursor_be32(cursor);

	*out = (struct extension){.next = next};
	if (protocol == FRAGMENT) {
		out->fragment = (struct fragment){
		    .identification = identification,
		    .offset = position & 0xfff8, /* in octets as it is */
		    .more = (position & 1) != 0,
		};
	} else if (protocol == AUTHENTICATION) {
		/* RFC 4302, 2.2: in units of 4 octets, without the first two
		 * of them; all others count 8 octets, without the first. */
		cursor_take(cursor, length * 4U);
	} else {
		cursor_take(cursor, length * 8U);
	}
	return !cursor->short_read;
}

enum layer
decode_extension(struct decode *d)
{
	struct extension extension;

	if (!extension_read(d->extension, &d->cursor, &extension))
		return decode_misfit(d, FRAME_BAD_LENGTH);
	d->frame->key.protocol = extension.next;
	if (fragment_is_one(&extension.fragment))
		return decode_fragment(d, &extension.fragment);
	return decode_ip_protocol(d, extension.next);
}
