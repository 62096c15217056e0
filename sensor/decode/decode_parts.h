/*
 * decode_parts -- one packet on its way from the outermost header to the
 * innermost.
 *
 * Every protocol is one function that reads its own header, fills its part of
 * the frame and names the layer that comes next; decode.c calls them in a
 * loop, so nesting costs no stack.  A protocol is added by a line in LAYERS
 * and a file with its function.  Nothing here allocates, logs or fails.
 */
#ifndef SENSOR_DECODE_DECODE_PARTS_H
#define SENSOR_DECODE_DECODE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/cursor.h"
#include "sensor/frame.h"

/* Every layer: LAYER_<NAME> is decoded by decode_<name>(). */
#define LAYERS(X)                                                              \
	X(ETHERNET, ethernet)                                                  \
	X(LLC, llc)                                                            \
	X(LINUX_SLL, linux_sll)                                                \
	X(LINUX_SLL2, linux_sll2)                                              \
	X(BSD_NULL, bsd_null)                                                  \
	X(BSD_LOOP, bsd_loop)                                                  \
	X(NFLOG, nflog)                                                        \
	X(PPP, ppp)                                                            \
	X(PPPOE, pppoe)                                                        \
	X(VLAN, vlan)                                                          \
	X(MPLS, mpls)                                                          \
	X(RAW_IP, raw_ip)                                                      \
	X(IPV4, ipv4)                                                          \
	X(IPV6, ipv6)                                                          \
	X(EXTENSION, extension)                                                \
	X(TCP, tcp)                                                            \
	X(UDP, udp)                                                            \
	X(SCTP, sctp)                                                          \
	X(ICMP, icmp)                                                          \
	X(ICMPV6, icmpv6)                                                      \
	X(GRE, gre)                                                            \
	X(ERSPAN2, erspan2)                                                    \
	X(ERSPAN3, erspan3)                                                    \
	X(VXLAN, vxlan)                                                        \
	X(GENEVE, geneve)

enum layer {
	LAYER_END, /* frame->status says how it ended */
#define X(name, function) LAYER_##name,
	LAYERS(X)
#undef X
};

struct decode {
	struct cursor cursor; /* what is left for this layer and those inside */
	size_t cut; /* octets that followed cursor.end on the wire, not seen */
	struct frame *frame;
	uint8_t extension; /* for LAYER_EXTENSION: its protocol number */
	bool partial;      /* only the beginning of this IP packet has come */
	bool mirrored;     /* whoever sent a copy of it may have cut it off */
};

#define X(name, function) enum layer decode_##function(struct decode *d);
LAYERS(X)
#undef X

/* The largest IP packet without a jumbo option. */
#define IP_LENGTH_MAXIMUM 65535

/* Ends the packet with a status. */
static inline enum layer
decode_end(struct decode *d, enum frame_status status)
{
	d->frame->status = status;
	return LAYER_END;
}

/*
 * Ends a packet whose next header does not fit: that is the capture's doing
 * where octets were cut off, and otherwise the sender's.
 */
static inline enum layer
decode_misfit(struct decode *d, enum frame_status senders)
{
	return decode_end(d, d->cut > 0 ? FRAME_SHORT : senders);
}

/* Ends the packet well; what has not been read is its payload. */
static inline enum layer
decode_done(struct decode *d)
{
	struct frame *frame = d->frame;
	size_t left = cursor_left(&d->cursor);

	frame->payload = d->cursor.at;
	frame->payload_captured = (uint32_t)left;
	frame->payload_length = (uint32_t)(left + d->cut);
	return decode_end(d, FRAME_OK);
}

/* Ends the packet as a fragment; what has not been read is its payload. */
static inline enum layer
decode_fragment(struct decode *d, const struct fragment *fragment)
{
	d->frame->fragment = *fragment;
	d->frame->transport_offset = (uint32_t)(d->cursor.at - d->frame->ip);
	decode_done(d);
	return decode_end(d, FRAME_FRAGMENT);
}

/*
 * Takes a fixed header as a cursor of its own: one check for the whole header,
 * for reads of constant size inside it fold away.
 */
static inline bool
decode_take(struct decode *d, size_t size, struct cursor *header)
{
	const uint8_t *octets = cursor_take(&d->cursor, size);

	if (octets == NULL)
		return false;
	*header = cursor_over(octets, size);
	return true;
}

/* The first four bits of what comes next, or 16 when nothing comes. */
static inline unsigned
decode_peek_version(const struct decode *d)
{
	struct cursor peek = d->cursor;
	uint8_t first = cursor_u8(&peek);

	return peek.short_read ? 16 : first >> 4;
}

/*
 * Limits this layer to `size` more octets, so that padding and trailers of
 * the layers around it are no part of it.
 *
 * returns    false when there were fewer than that on the wire
 */
static inline bool
decode_limit(struct decode *d, size_t size)
{
	size_t left = cursor_left(&d->cursor);

	if (size <= left) {
		d->cursor.end = d->cursor.at + size;
		d->cut = 0;
		return true;
	}
	if (size - left > d->cut)
		return false;
	d->cut = size - left;
	return true;
}

/*
 * Says that whoever sent this kept an unknown part of what follows: it may be
 * as long as its own header claims.
 */
static inline void
decode_unlimit(struct decode *d)
{
	if (d->cut < IP_LENGTH_MAXIMUM)
		d->cut = IP_LENGTH_MAXIMUM;
}

/* The same as decode_limit(), for an IP packet. */
static inline bool
decode_limit_ip(struct decode *d, size_t size)
{
	bool mirrored = d->mirrored;

	d->mirrored = false; /* what is inside is limited by this packet */
	if (decode_limit(d, size))
		return true;
	if (!mirrored)
		return false;
	decode_unlimit(d);
	return decode_limit(d, size);
}

/*
 * Makes the IP packet read so far the carrier of a tunnel.
 *
 * returns    `inside`
 */
enum layer decode_tunnel(
    struct decode *d, enum tunnel_kind kind, uint32_t id, enum layer inside);

/* The layer that an EtherType announces (IANA, IEEE 802 numbers), or
 * LAYER_END. */
enum layer layer_of_ethertype(uint16_t type);

/* The same for a field that holds an EtherType or, in IEEE 802.3, the length
 * of what follows; ends the packet where there is no such layer. */
enum layer decode_ethertype(struct decode *d, uint16_t type);

/* Whether what comes next may well be Ethernet with something in it that we
 * know; where nothing but a guess says so. */
bool decode_peek_ethernet(const struct decode *d);

/* Reads PPP's protocol field. */
uint16_t ppp_protocol(struct cursor *cursor);

/* The layer it announces (IANA, PPP DLL Protocol Numbers), or LAYER_END. */
enum layer layer_of_ppp(uint16_t protocol);

/* The layer that an IP protocol number announces; fills key.protocol. */
enum layer decode_ip_protocol(struct decode *d, uint8_t protocol);

/* The outermost layer of a LINKTYPE_, or LAYER_END when it is not known. */
enum layer layer_of_link_type(int link_type);

/* What one IPv6 extension header says about the next one. */
struct extension {
	uint8_t next;             /* protocol number */
	struct fragment fragment; /* zeroes when it says nothing of that */
};

/* A fragment that is its whole datagram (RFC 6946) is none. */
static inline bool
fragment_is_one(const struct fragment *fragment)
{
	return fragment->offset != 0 || fragment->more;
}

bool extension_is_known(uint8_t protocol);

/*
 * Reads one extension header.
 *
 * returns    false when it does not fit
 */
bool extension_read(
    uint8_t protocol, struct cursor *cursor, struct extension *out);

/*
 * Reads the packet that an ICMP or ICMPv6 error quotes.
 *
 * returns    false, with `*key` undefined, when its addressing is not all there
 */
bool quoted_ipv4(struct cursor cursor, struct frame_key *key);
bool quoted_ipv6(struct cursor cursor, struct frame_key *key);

#endif
