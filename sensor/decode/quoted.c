/*
 * quoted -- the packet inside an ICMP error.
 *
 * Separate from the decoders because a quotation is no packet: RFC 792 asks
 * for no more than the IP header and 8 octets, and its lengths speak of what
 * is not there.
 */
#include "sensor/decode/decode_parts.h"

/* Reads as much of the transport header as makes a key. */
static bool
quoted_ports(struct cursor *cursor, struct frame_key *key)
{
	uint8_t type;

	switch (key->protocol) {
	case PROTOCOL_TCP:
	case PROTOCOL_UDP:
	case PROTOCOL_SCTP:
		key->source_port = cursor_be16(cursor);
		key->destination_port = cursor_be16(cursor);
		break;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		type = cursor_u8(cursor);
		cursor_take(cursor, 3);
		if (type == 8 || type == 0 || type == 128 || type == 129) {
			key->source_port = cursor_be16(cursor);
			key->destination_port = key->source_port;
		}
		break;
	default:
		break;
	}
	return !cursor->short_read;
}

bool
quoted_ipv4(struct cursor cursor, struct frame_key *key)
{
	const uint8_t *header = cursor_take(&cursor, 20);
	struct cursor c;
	uint8_t first;
	uint16_t fragment;

	if (header == NULL)
		return false;
	c = cursor_over(header, 20);
	first = cursor_u8(&c);
	if (first >> 4 != 4 || (first & 15) < 5)
		return false;
	cursor_take(&c, 5);
	fragment = cursor_be16(&c);
	cursor_take(&c, 1);
	*key = (struct frame_key){.protocol = cursor_u8(&c)};
	cursor_take(&c, 2);
	key->source = address_from_ipv4(cursor_take(&c, 4));
	key->destination = address_from_ipv4(cursor_take(&c, 4));
	cursor_take(&cursor, ((first & 15U) - 5) * 4);
	return (fragment & 0x1fff) == 0 && quoted_ports(&cursor, key);
}

/* Walks the quotation's extension headers to its transport header. */
static bool
quoted_extensions(struct cursor *cursor, struct frame_key *key)
{
	struct extension extension;

	for (unsigned i = 0; i < FRAME_LAYERS_MAXIMUM; i++) {
		if (!extension_is_known(key->protocol))
			return true;
		if (!extension_read(key->protocol, cursor, &extension) ||
		    extension.fragment.offset != 0)
			return false;
		key->protocol = extension.next;
	}
	return false;
}

bool
quoted_ipv6(struct cursor cursor, struct frame_key *key)
{
	const uint8_t *header = cursor_take(&cursor, 40);
	struct cursor c;

	if (header == NULL)
		return false;
	c = cursor_over(header, 40);
	if (cursor_be32(&c) >> 28 != 6)
		return false;
	cursor_take(&c, 2);
	*key = (struct frame_key){.protocol = cursor_u8(&c)};
	cursor_take(&c, 1);
	key->source = address_from_ipv6(cursor_take(&c, 16));
	key->destination = address_from_ipv6(cursor_take(&c, 16));
	if (address_is_ipv4(&key->source) || address_is_ipv4(&key->destination))
		return false;
	return quoted_extensions(&cursor, key) && quoted_ports(&cursor, key);
}
