#include "sensor/frame.h"

#include <string.h>

#include "sensor/decode/decode.h"
#include "sensor/packet.h"

static enum layer (*const decoders[])(struct decode *d) = {
#define X(name, function) [LAYER_##name] = decode_##function,
    LAYERS(X)
#undef X
};

/* Goes in from one layer, on from the layers that were passed before. */
static enum frame_status
decode_from(struct decode *d, enum layer layer)
{
	struct frame *frame = d->frame;

	frame->packets = 1;
	while (frame->layers < FRAME_LAYERS_MAXIMUM) {
		frame->layers++;
		layer = decoders[layer](d);
		if (layer == LAYER_END)
			return frame->status;
	}
	return frame->status = FRAME_TOO_DEEP;
}

enum frame_status
frame_decode(const struct packet *packet, struct frame *frame)
{
	enum layer layer = layer_of_link_type(packet->link_type);
	struct decode d = {
	    .cursor = cursor_over(packet->octets, packet->captured),
	    .frame = frame,
	};

	memset(frame, 0, sizeof(*frame));
	if (layer == LAYER_END)
		return frame->status = FRAME_UNKNOWN_LINK;
	if (packet->length > packet->captured)
		d.cut = packet->length - packet->captured;
	return decode_from(&d, layer);
}

enum frame_status
frame_decode_datagram(const uint8_t *ip, uint32_t captured, uint32_t length,
    bool whole, struct frame *frame)
{
	struct decode d = {
	    .cursor = cursor_over(ip, captured),
	    .cut = length - captured,
	    .frame = frame,
	    .partial = !whole,
	};

	return decode_from(&d, LAYER_RAW_IP);
}

const char *
frame_status_name(enum frame_status status)
{
	switch (status) {
#define X(name, text)                                                          \
	case name:                                                             \
		return text;
		FRAME_STATUSES(X)
#undef X
	case FRAME_STATUS_COUNT:
		break;
	}
	return NULL;
}

const char *
tunnel_kind_name(enum tunnel_kind kind)
{
	switch (kind) {
	case TUNNEL_NONE:
		return NULL;
	case TUNNEL_VXLAN:
		return "vxlan";
	case TUNNEL_GENEVE:
		return "geneve";
	case TUNNEL_GRE:
		return "gre";
	case TUNNEL_ERSPAN:
		return "erspan";
	case TUNNEL_IPIP:
		return "ipip";
	}
	return NULL;
}

const char *
protocol_name(uint8_t protocol)
{
	/* The names that Suricata writes into `proto` (its
	 * util-proto-name.c), for what may end as a flow here. */
	switch (protocol) {
	case PROTOCOL_ICMP:
		return "ICMP";
	case 2:
		return "IGMP";
	case PROTOCOL_TCP:
		return "TCP";
	case PROTOCOL_UDP:
		return "UDP";
	case 33:
		return "DCCP";
	case 47:
		return "GRE";
	case 50:
		return "ESP";
	case PROTOCOL_ICMPV6:
		return "IPv6-ICMP";
	case 59:
		return "IPv6-NoNxt";
	case 89:
		return "OSPF";
	case 103:
		return "PIM";
	case 112:
		return "VRRP";
	case PROTOCOL_SCTP:
		return "SCTP";
	case 136:
		return "UDPLite";
	default:
		return NULL;
	}
}
