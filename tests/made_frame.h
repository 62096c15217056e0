/*
 * made_frame -- frames made by hand, for tests of what comes after decoding.
 *
 * Hosts are numbered: host 7 is 10.0.0.7.
 */
#ifndef TESTS_MADE_FRAME_H
#define TESTS_MADE_FRAME_H

#include <stdint.h>

#include "sensor/base/address.h"
#include "sensor/frame.h"

static inline struct address
made_host(uint8_t number)
{
	return address_from_ipv4((const uint8_t[4]){10, 0, 0, number});
}

static inline struct frame_key
made_key(uint8_t protocol, uint8_t from, uint16_t from_port, uint8_t to,
    uint16_t to_port)
{
	return (struct frame_key){
	    .source = made_host(from),
	    .destination = made_host(to),
	    .source_port = from_port,
	    .destination_port = to_port,
	    .protocol = protocol,
	};
}

/* A packet of 40 octets and its payload; nothing of it is really there. */
static inline struct frame
made_frame(struct frame_key key, uint32_t payload)
{
	return (struct frame){
	    .status = FRAME_OK,
	    .key = key,
	    .ip_length = 40 + payload,
	    .packets = 1,
	    .payload_length = payload,
	};
}

static inline struct frame
made_tcp(struct frame_key key, uint8_t flags, uint32_t sequence)
{
	struct frame frame = made_frame(key, 0);

	frame.tcp_flags = flags;
	frame.tcp_sequence = sequence;
	frame.tcp_window = 65535;
	return frame;
}

static inline struct frame
made_icmp(struct frame_key key, uint8_t type, uint8_t code)
{
	struct frame frame = made_frame(key, 8);

	frame.icmp_type = type;
	frame.icmp_code = code;
	return frame;
}

/* An ICMP error from host `from` about a packet of the key `quoted`. */
static inline struct frame
made_error(uint8_t from, struct frame_key quoted, uint8_t type, uint8_t code)
{
	struct frame_key key = made_key(PROTOCOL_ICMP, from, 0, from, 0);
	struct frame frame;

	key.destination = quoted.source;
	frame = made_icmp(key, type, code);
	frame.icmp_error = true;
	frame.quoted = quoted;
	return frame;
}

static inline struct frame_key
made_reverse(struct frame_key key)
{
	return (struct frame_key){
	    .source = key.destination,
	    .destination = key.source,
	    .source_port = key.destination_port,
	    .destination_port = key.source_port,
	    .protocol = key.protocol,
	};
}

#endif
