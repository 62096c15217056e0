/* next -- the number spaces that lead from one layer to the next. */
#include "sensor/decode/decode_parts.h"

/* IEEE 802.3, 3.2.6: up to here it is a length, and not an EtherType. */
#define LENGTH_MAXIMUM 1500

#define ARP 0x0806

enum layer
decode_tunnel(
    struct decode *d, enum tunnel_kind kind, uint32_t id, enum layer inside)
{
	struct frame *frame = d->frame;

	frame->tunnel = (struct tunnel){
	    .kind = kind,
	    .id = id,
	    .source = frame->key.source,
	    .destination = frame->key.destination,
	};
	/* The rest of what the carrier carries did not come, and the inner
	 * header speaks of the whole. */
	if (d->partial)
		decode_unlimit(d);
	d->partial = false;
	return inside;
}

enum layer
layer_of_ethertype(uint16_t type)
{
	switch (type) {
	case 0x0800:
		return LAYER_IPV4;
	case 0x86dd:
		return LAYER_IPV6;
	case 0x8100: /* 802.1Q */
	case 0x88a8: /* 802.1ad service tag */
	case 0x9100: /* what switches used for QinQ before 802.1ad */
	case 0x9200:
		return LAYER_VLAN;
	case 0x8847: /* RFC 5332, both */
	case 0x8848:
		return LAYER_MPLS;
	case 0x8864: /* RFC 2516; discovery, 0x8863, carries no IP */
		return LAYER_PPPOE;
	default:
		return LAYER_END;
	}
}

enum layer
decode_ethertype(struct decode *d, uint16_t type)
{
	enum layer layer = layer_of_ethertype(type);

	if (type > LENGTH_MAXIMUM)
		return layer == LAYER_END ? decode_end(d, FRAME_NOT_IP) : layer;
	/* A length that is wrong is no matter: what is inside has its own. */
	(void)decode_limit(d, type);
	return LAYER_LLC;
}

bool
decode_peek_ethernet(const struct decode *d)
{
	struct cursor peek = d->cursor;
	uint16_t type;

	cursor_take(&peek, 12);
	type = cursor_be16(&peek);
	return !peek.short_read &&
	       (type == ARP || layer_of_ethertype(type) != LAYER_END);
}

enum layer
decode_ip_protocol(struct decode *d, uint8_t protocol)
{
	struct frame *frame = d->frame;

	frame->key.protocol = protocol;
	frame->transport_offset = (uint32_t)(d->cursor.at - frame->ip);
	switch (protocol) {
	case PROTOCOL_TCP:
		return LAYER_TCP;
	case PROTOCOL_UDP:
		return LAYER_UDP;
	case PROTOCOL_ICMP:
		return LAYER_ICMP;
	case PROTOCOL_ICMPV6:
		return LAYER_ICMPV6;
	case PROTOCOL_SCTP:
		return LAYER_SCTP;
	case 4: /* RFC 2003; RFC 2473 when an IPv6 packet carries it */
		return decode_tunnel(d, TUNNEL_IPIP, 0, LAYER_IPV4);
	case 41: /* RFC 4213 and RFC 2473 */
		return decode_tunnel(d, TUNNEL_IPIP, 0, LAYER_IPV6);
	case 47:
		return LAYER_GRE;
	default:
		break;
	}
	/* In IPv4 these numbers are ordinary protocols, AH (51) excepted. */
	if (extension_is_known(protocol) &&
	    (protocol == 51 || !address_is_ipv4(&frame->key.source))) {
		d->extension = protocol;
		return LAYER_EXTENSION;
	}
	return decode_done(d);
}

enum layer
layer_of_link_type(int link_type)
{
	/* tcpdump.org/linktypes.html; 12 and 14 are what systems call 101 */
	switch (link_type) {
	case 1:
		return LAYER_ETHERNET;
	case 0:
		return LAYER_BSD_NULL;
	case 9:
	case 50:
		return LAYER_PPP;
	case 51:
		return LAYER_PPPOE;
	case 12:
	case 14:
	case 101:
		return LAYER_RAW_IP;
	case 108:
		return LAYER_BSD_LOOP;
	case 113:
		return LAYER_LINUX_SLL;
	case 228:
		return LAYER_IPV4;
	case 229:
		return LAYER_IPV6;
	case 239:
		return LAYER_NFLOG;
	case 276:
		return LAYER_LINUX_SLL2;
	default:
		return LAYER_END;
	}
}
