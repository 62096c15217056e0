/*
 * capture_builder -- capture files put together block by block, for tests.
 *
 * Every function appends, in either byte order; lengths and times are given by
 * the caller, so that a test can also state wrong ones.
 */
#ifndef TESTS_UNIT_CAPTURE_BUILDER_H
#define TESTS_UNIT_CAPTURE_BUILDER_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct capture {
	uint8_t octets[8192];
	size_t size;
	bool big; /* most significant octet first */
};

static inline void
put8(struct capture *c, unsigned value)
{
	assert(c->size < sizeof(c->octets));
	c->octets[c->size++] = (uint8_t)(value & 0xff);
}

static inline void
put16(struct capture *c, unsigned value)
{
	put8(c, c->big ? value >> 8 : value);
	put8(c, c->big ? value : value >> 8);
}

static inline void
put32(struct capture *c, uint32_t value)
{
	put16(c, c->big ? value >> 16 : value & 0xffff);
	put16(c, c->big ? value & 0xffff : value >> 16);
}

static inline void
put64(struct capture *c, uint64_t value)
{
	put32(c, (uint32_t)(c->big ? value >> 32 : value));
	put32(c, (uint32_t)(c->big ? value : value >> 32));
}

/* `size` octets that tell where they come from. */
static inline void
put_pattern(struct capture *c, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		put8(c, seed + (unsigned)i);
}

/* An Ethernet frame of 60 octets, UDP from 10.0.0.1 to port `port`. */
static inline void
put_frame(struct capture *c, unsigned port)
{
	static const uint8_t start[] = {2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 8,
	    0, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0,
	    2, 3, 232};

	for (size_t i = 0; i < sizeof(start); i++)
		put8(c, start[i]);
	put8(c, port >> 8);
	put8(c, port);
	put8(c, 0);
	put8(c, 26);
	for (size_t i = 40; i < 60; i++)
		put8(c, 0);
}

/* --- pcap ----------------------------------------------------------------- */

static inline void
put_pcap_header(struct capture *c, uint32_t magic, uint32_t link_type)
{
	put32(c, magic);
	put16(c, 2);
	put16(c, 4);
	put32(c, 0);
	put32(c, 0);
	put32(c, 65535);
	put32(c, link_type);
}

static inline void
put_pcap_record(struct capture *c, uint32_t seconds, uint32_t fraction,
    uint32_t captured, uint32_t length)
{
	put32(c, seconds);
	put32(c, fraction);
	put32(c, captured);
	put32(c, length);
}

static inline void
put_pcap_packet(
    struct capture *c, uint32_t seconds, uint32_t fraction, unsigned port)
{
	put_pcap_record(c, seconds, fraction, 60, 1500);
	put_frame(c, port);
}

/* --- pcapng --------------------------------------------------------------- */

static inline void
put_section(struct capture *c)
{
	put32(c, 0x0a0d0d0a);
	put32(c, 28);
	put32(c, 0x1a2b3c4d);
	put16(c, 1);
	put16(c, 0);
	put64(c, UINT64_MAX);
	put32(c, 28);
}

/* An interface in microseconds without a word about it. */
static inline void
put_plain_interface(struct capture *c, unsigned link_type, uint32_t snap_length)
{
	put32(c, 1);
	put32(c, 20);
	put16(c, link_type);
	put16(c, 0);
	put32(c, snap_length);
	put32(c, 20);
}

/* An interface with a name, if_tsresol and if_tsoffset; 52 octets. */
static inline void
put_full_interface(struct capture *c, unsigned link_type, uint32_t snap_length,
    unsigned resolution, int64_t offset)
{
	put32(c, 1);
	put32(c, 52);
	put16(c, link_type);
	put16(c, 0);
	put32(c, snap_length);
	put16(c, 2); /* if_name */
	put16(c, 5);
	put_pattern(c, 8, 'a');
	put16(c, 9);
	put16(c, 1);
	put8(c, resolution);
	put_pattern(c, 3, 0xee);
	put16(c, 14);
	put16(c, 8);
	put64(c, (uint64_t)offset);
	put32(c, 52);
}

/* An interface whose times count nanoseconds. */
static inline void
put_interface(struct capture *c, unsigned link_type, uint32_t snap_length)
{
	put32(c, 1);
	put32(c, 32);
	put16(c, link_type);
	put16(c, 0);
	put32(c, snap_length);
	put16(c, 9);
	put16(c, 1);
	put8(c, 9);
	put_pattern(c, 3, 0);
	put16(c, 0);
	put16(c, 0);
	put32(c, 32);
}

/* The start of an enhanced packet block that ends after its octets. */
static inline void
put_enhanced_start(struct capture *c, uint32_t interface, uint64_t ticks,
    uint32_t captured, uint32_t length)
{
	put32(c, 6);
	put32(c, 32 + ((captured + 3) & ~UINT32_C(3)));
	put32(c, interface);
	put32(c, (uint32_t)(ticks >> 32));
	put32(c, (uint32_t)ticks);
	put32(c, captured);
	put32(c, length);
}

/* A packet whose octets are a pattern. */
static inline void
put_enhanced_pattern(struct capture *c, uint32_t interface, uint64_t ticks,
    uint32_t captured, unsigned seed)
{
	put_enhanced_start(c, interface, ticks, captured, captured);
	put_pattern(c, (captured + 3) & ~UINT32_C(3), seed);
	put32(c, 32 + ((captured + 3) & ~UINT32_C(3)));
}

static inline void
put_enhanced_packet(
    struct capture *c, uint32_t interface, uint64_t ticks, unsigned port)
{
	put_enhanced_start(c, interface, ticks, 60, 60);
	put_frame(c, port);
	put32(c, 32 + 60);
}

/* The obsolete packet block, of 5 octets. */
static inline void
put_old_packet(
    struct capture *c, unsigned interface, uint64_t ticks, unsigned seed)
{
	put32(c, 2);
	put32(c, 40);
	put16(c, interface);
	put16(c, 7); /* packets lost */
	put32(c, (uint32_t)(ticks >> 32));
	put32(c, (uint32_t)ticks);
	put32(c, 5);
	put32(c, 1000);
	put_pattern(c, 8, seed);
	put32(c, 40);
}

/* A simple packet block that holds `captured` octets of `length`. */
static inline void
put_simple_packet(
    struct capture *c, uint32_t captured, uint32_t length, unsigned seed)
{
	uint32_t padded = (captured + 3) & ~UINT32_C(3);

	put32(c, 3);
	put32(c, 16 + padded);
	put32(c, length);
	put_pattern(c, padded, seed);
	put32(c, 16 + padded);
}

/* A block of another type. */
static inline void
put_block(struct capture *c, uint32_t type, uint32_t size)
{
	put32(c, type);
	put32(c, size);
	put_pattern(c, size - 12, 0);
	put32(c, size);
}

#endif
