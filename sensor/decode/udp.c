/* udp -- RFC 768, and the ports that mean a tunnel. */
#include "sensor/decode/decode_parts.h"

#define UDP_SIZE 8

/*
 * The tunnel that a destination port announces.  Source ports say nothing:
 * tunnels put a hash of the inner packet there.
 */
static enum layer
udp_tunnel(uint16_t port)
{
	switch (port) {
	case 4789: /* IANA; RFC 7348 */
	case 4790: /* IANA; VXLAN-GPE */
	case 8472: /* Linux before IANA assigned one; Flannel, Cilium, k3s */
		return LAYER_VXLAN;
	case 6081: /* IANA; RFC 8926 */
		return LAYER_GENEVE;
	default:
		return LAYER_END;
	}
}

enum layer
decode_udp(struct decode *d)
{
	struct frame *frame = d->frame;
	struct cursor header;
	uint16_t length;

	if (!decode_take(d, UDP_SIZE, &header))
		return decode_misfit(d, FRAME_BAD_TRANSPORT);
	frame->key.source_port = cursor_be16(&header);
	frame->key.destination_port = cursor_be16(&header);
	length = cursor_be16(&header);
	/* Zero is a jumbogram (RFC 2675, 4) or comes from an offload. */
	if (length != 0) {
		if (length < UDP_SIZE)
			return decode_end(d, FRAME_BAD_TRANSPORT);
		/* The length is that of the whole datagram. */
		if (!decode_limit(d, length - UDP_SIZE) && !d->partial)
			return decode_end(d, FRAME_BAD_TRANSPORT);
	}
	decode_done(d);
	return udp_tunnel(frame->key.destination_port);
}
