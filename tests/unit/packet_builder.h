/*
 * packet_builder -- packets put together header by header, for tests.
 *
 * Every function appends; lengths that a header states are given by the
 * caller, so that a test can also state wrong ones.
 */
#ifndef TESTS_UNIT_PACKET_BUILDER_H
#define TESTS_UNIT_PACKET_BUILDER_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sensor/decode/decode.h"
#include "sensor/frame.h"
#include "sensor/packet.h"

struct packet_builder {
	uint8_t octets[4096];
	size_t size;
};

static inline void
build_u8(struct packet_builder *b, unsigned value)
{
	assert(b->size < sizeof(b->octets));
	b->octets[b->size++] = (uint8_t)value;
}

static inline void
build_be16(struct packet_builder *b, unsigned value)
{
	build_u8(b, value >> 8 & 0xff);
	build_u8(b, value & 0xff);
}

static inline void
build_be32(struct packet_builder *b, uint32_t value)
{
	build_be16(b, value >> 16);
	build_be16(b, value & 0xffff);
}

/* `count` octets of one value. */
static inline void
build_fill(struct packet_builder *b, size_t count, unsigned value)
{
	for (size_t i = 0; i < count; i++)
		build_u8(b, value);
}

static inline void
build_ethernet(struct packet_builder *b, unsigned type)
{
	build_fill(b, 6, 0x02);
	build_fill(b, 6, 0x04);
	build_be16(b, type);
}

static inline void
build_vlan(struct packet_builder *b, unsigned control, unsigned type)
{
	build_be16(b, control);
	build_be16(b, type);
}

/* From 10.0.0.`from` to 10.0.0.`to`; `fragment` is the flags and offset. */
static inline void
build_ipv4_fragment(struct packet_builder *b, unsigned from, unsigned to,
    unsigned protocol, size_t payload, unsigned fragment)
{
	build_be16(b, 0x4500);
	build_be16(b, (unsigned)(20 + payload));
	build_be16(b, 0x1234);
	build_be16(b, fragment);
	build_u8(b, 64);
	build_u8(b, protocol);
	build_be16(b, 0);
	build_be32(b, 0x0a000000U + from);
	build_be32(b, 0x0a000000U + to);
}

static inline void
build_ipv4(struct packet_builder *b, unsigned from, unsigned to,
    unsigned protocol, size_t payload)
{
	build_ipv4_fragment(b, from, to, protocol, payload, 0x4000);
}

/* From fd00::`from` to fd00::`to`. */
static inline void
build_ipv6(struct packet_builder *b, unsigned from, unsigned to,
    unsigned next_header, size_t payload)
{
	build_be32(b, 0x60000000U);
	build_be16(b, (unsigned)payload);
	build_u8(b, next_header);
	build_u8(b, 64);
	build_be16(b, 0xfd00);
	build_fill(b, 12, 0);
	build_be16(b, from);
	build_be16(b, 0xfd00);
	build_fill(b, 12, 0);
	build_be16(b, to);
}

/* 20 octets. */
static inline void
build_tcp(struct packet_builder *b, unsigned source, unsigned destination,
    unsigned flags)
{
	build_be16(b, source);
	build_be16(b, destination);
	build_be32(b, 0x11223344U);
	build_be32(b, 0x55667788U);
	build_u8(b, 0x50);
	build_u8(b, flags);
	build_fill(b, 6, 0);
}

/* 8 octets. */
static inline void
build_udp(struct packet_builder *b, unsigned source, unsigned destination,
    size_t payload)
{
	build_be16(b, source);
	build_be16(b, destination);
	build_be16(b, (unsigned)(8 + payload));
	build_be16(b, 0);
}

/* The packet that was built, all of it captured. */
static inline struct packet
build_packet(const struct packet_builder *b, int link_type)
{
	return (struct packet){
	    .octets = b->octets,
	    .captured = (uint32_t)b->size,
	    .length = (uint32_t)b->size,
	    .number = 1,
	    .link_type = link_type,
	};
}

static inline enum frame_status
build_decode(const struct packet_builder *b, int link_type, struct frame *frame)
{
	struct packet packet = build_packet(b, link_type);

	return decode_packet(&packet, frame);
}

/* Whether a key is UDP or TCP from 10.0.0.`from` to 10.0.0.`to`. */
static inline bool
key_is(const struct frame_key *key, unsigned from, unsigned to,
    unsigned source_port, unsigned destination_port)
{
	const uint8_t source[4] = {10, 0, 0, (uint8_t)from};
	const uint8_t destination[4] = {10, 0, 0, (uint8_t)to};
	struct address a = address_from_ipv4(source);
	struct address b = address_from_ipv4(destination);

	return address_equal(&key->source, &a) &&
	       address_equal(&key->destination, &b) &&
	       key->source_port == source_port &&
	       key->destination_port == destination_port;
}

/* The same for fd00::`from` to fd00::`to`. */
static inline bool
key6_is(const struct frame_key *key, unsigned from, unsigned to,
    unsigned source_port, unsigned destination_port)
{
	uint8_t source[16] = {0xfd, 0}, destination[16] = {0xfd, 0};
	struct address a, b;

	source[15] = (uint8_t)from;
	destination[15] = (uint8_t)to;
	a = address_from_ipv6(source);
	b = address_from_ipv6(destination);
	return address_equal(&key->source, &a) &&
	       address_equal(&key->destination, &b) &&
	       key->source_port == source_port &&
	       key->destination_port == destination_port;
}

#endif
