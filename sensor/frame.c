#include "sensor/frame.h"

#include <stddef.h>

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
