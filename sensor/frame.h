/*
 * frame -- says what one packet is: its headers, innermost first in interest.
 *
 * Peels link layers, tags and tunnels down to the innermost IP packet and its
 * transport header.  Never fails on hostile octets: every way a packet can be
 * unusable is a status with a name and a counter.  Trusts neither checksums
 * nor the snap length, because both are routinely absent on virtual
 * interfaces (offload; frames of up to 64 KiB after GRO).  A fragment is not
 * looked into: sensor/reassembly.h puts datagrams together and has them
 * decoded here.  Does not know flows, workloads or time.
 */
#ifndef SENSOR_FRAME_H
#define SENSOR_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/address.h"

/* Every way decoding can end: one name, one counter, one line in the docs. */
#define FRAME_STATUSES(X)                                                      \
	X(FRAME_OK, "ok")                                                      \
	X(FRAME_NOT_IP, "not-ip")                                              \
	X(FRAME_UNKNOWN_LINK, "unknown-link-type")                             \
	X(FRAME_SHORT, "truncated")                                            \
	X(FRAME_BAD_VERSION, "bad-ip-version")                                 \
	X(FRAME_BAD_LENGTH, "bad-length")                                      \
	X(FRAME_BAD_ADDRESS, "bad-address")                                    \
	X(FRAME_BAD_TRANSPORT, "bad-transport-header")                         \
	X(FRAME_FRAGMENT, "fragment")                                          \
	X(FRAME_TOO_DEEP, "too-many-layers")

enum frame_status {
#define X(name, text) name,
	FRAME_STATUSES(X)
#undef X
	    FRAME_STATUS_COUNT
};

/* Headers of any kind on the way in; more than this is an attack. */
#define FRAME_LAYERS_MAXIMUM 16

#define FRAME_VLANS_MAXIMUM 3

/* IP protocol numbers that the sensor treats by name (IANA). */
enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_SCTP = 132,
};

/* TCP flag bits (RFC 9293, 3.1). */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

enum tunnel_kind {
	TUNNEL_NONE,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_IPIP,
};

/* The innermost tunnel that carried the packet; kind NONE when none did. */
struct tunnel {
	enum tunnel_kind kind;
	uint32_t id; /* VNI, GRE key or ERSPAN session; 0 when there is none */
	struct address source, destination; /* of the carrying packet */
};

/* One end-to-end conversation's addressing, as one packet states it. */
struct frame_key {
	struct address source, destination;
	/* TCP, UDP, SCTP: ports.  ICMP echo: its id in both.  Else 0. */
	uint16_t source_port, destination_port;
	uint16_t domain;  /* of the addresses; 0 until domain.h settles it */
	uint8_t protocol; /* IP protocol number */
};

/* Where the payload of one fragment belongs in its datagram. */
struct fragment {
	uint32_t identification; /* 16 bits of it in IPv4 */
	uint32_t offset;         /* octets */
	bool more;               /* it is not the last one */
};

struct frame {
	enum frame_status status;
	/* Innermost; valid when status is FRAME_OK, and without its ports
	 * when it is FRAME_FRAGMENT. */
	struct frame_key key;
	/* Valid when status is FRAME_FRAGMENT: then `payload` and its lengths
	 * are what the fragment brings to its datagram. */
	struct fragment fragment;

	const uint8_t *ip; /* innermost IP header, borrowed from the packet */
	uint32_t ip_captured; /* octets there from `ip`, padding left out */
	uint32_t ip_length;   /* octets the IP header claims (GRO: as captured);
			       of a datagram, the sum over its fragments */
	uint32_t packets;     /* 1; of a datagram, how many fragments came */
	uint32_t transport_offset; /* of the transport header from `ip` */

	const uint8_t *payload;    /* after the transport header */
	uint32_t payload_captured; /* octets that are there */
	uint32_t payload_length;   /* octets that were on the wire */

	uint32_t tcp_sequence, tcp_acknowledgement;
	uint16_t tcp_window; /* as it stands there, without its scale */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;

	/* `quoted` is what the error is about; redirects and too-big messages
	 * are errors too (RFC 1122, RFC 4443): the type says what it means. */
	bool icmp_error;
	struct frame_key quoted;

	uint8_t layers; /* headers passed on the way in */
	uint8_t vlan_count;
	uint16_t vlans[FRAME_VLANS_MAXIMUM]; /* outermost first, 12 bits each */
	struct tunnel tunnel;
};

/* The public name of a status, such as `truncated`. */
const char *frame_status_name(enum frame_status status);

/* The public name of a tunnel kind, such as `vxlan`; NULL for none. */
const char *tunnel_kind_name(enum tunnel_kind kind);

/* The name of an IP protocol as EVE writes it, such as `TCP`, or NULL. */
const char *protocol_name(uint8_t protocol);

#endif
