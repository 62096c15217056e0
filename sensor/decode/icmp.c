/* icmp -- RFC 792 and RFC 4443: echoes have a key, errors quote a packet. */
#include "sensor/decode/decode_parts.h"

/* Every message has a checksum and four octets of its own after it. */
#define ICMP_SIZE 8

/*
 * Reads what both versions share.
 *
 * identifier gets the octets where an echo has its identifier
 */
static bool
icmp_header(struct decode *d, uint16_t *identifier)
{
	struct cursor header;

	if (!decode_take(d, ICMP_SIZE, &header))
		return false;
	d->frame->icmp_type = cursor_u8(&header);
	d->frame->icmp_code = cursor_u8(&header);
	cursor_take(&header, 2);
	*identifier = cursor_be16(&header);
	return true;
}

static void
icmp_echo(struct frame_key *key, uint16_t identifier)
{
	key->source_port = identifier;
	key->destination_port = identifier;
}

enum layer
decode_icmp(struct decode *d)
{
	struct frame *frame = d->frame;
	uint16_t identifier;

	if (!icmp_header(d, &identifier))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	switch (frame->icmp_type) {
	case 0: /* echo reply */
	case 8: /* echo */
		icmp_echo(&frame->key, identifier);
		break;
	case 3:  /* destination unreachable */
	case 4:  /* source quench */
	case 5:  /* redirect */
	case 11: /* time exceeded */
	case 12: /* parameter problem */
		frame->icmp_error = quoted_ipv4(d->cursor, &frame->quoted);
		break;
	default:
		break;
	}
	return decode_done(d);
}

enum layer
decode_icmpv6(struct decode *d)
{
	struct frame *frame = d->frame;
	uint16_t identifier;

	if (!icmp_header(d, &identifier))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	if (frame->icmp_type < 128) /* RFC 4443, 2.1: the errors */
		frame->icmp_error = quoted_ipv6(d->cursor, &frame->quoted);
	else if (frame->icmp_type <= 129) /* echo request and reply */
		icmp_echo(&frame->key, identifier);
	return decode_done(d);
}
