/*
 * made_packet -- whole IPv4 packets in memory, as a decoder would hand them on.
 */
#ifndef TESTS_MADE_PACKET_H
#define TESTS_MADE_PACKET_H

#include <assert.h>
#include <string.h>

#include "made_frame.h"
#include "sensor/frame.h"

#define MADE_PACKET_MAXIMUM 4096

struct made_packet {
	uint8_t octets[MADE_PACKET_MAXIMUM];
	struct frame frame; /* borrows from `octets` */
};

static inline void
made_be16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Makes a TCP or UDP packet with that payload, in place. */
static inline void
made_packet(struct made_packet *packet, struct frame_key key,
    const void *payload, size_t size)
{
	size_t header = key.protocol == PROTOCOL_TCP ? 20 : 8;
	size_t whole = 20 + header + size;
	uint8_t *ip = packet->octets, *transport = ip + 20;

	assert(whole <= sizeof(packet->octets));
	memset(ip, 0, 20 + header);
	ip[0] = 0x45;
	made_be16(ip + 2, whole);
	ip[8] = 64;
	ip[9] = key.protocol;
	memcpy(ip + 12, key.source.octets + 12, 4);
	memcpy(ip + 16, key.destination.octets + 12, 4);
	made_be16(transport, key.source_port);
	made_be16(transport + 2, key.destination_port);
	if (key.protocol == PROTOCOL_TCP) {
		transport[12] = 0x50;
		transport[13] = TCP_PSH | TCP_ACK;
		made_be16(transport + 14, 65535);
	} else {
		made_be16(transport + 4, 8 + size);
	}
	if (size > 0)
		memcpy(transport + header, payload, size);
	packet->frame = made_frame(key, (uint32_t)size);
	packet->frame.ip = ip;
	packet->frame.ip_captured = (uint32_t)whole;
	packet->frame.ip_length = (uint32_t)whole;
	packet->frame.transport_offset = 20;
	packet->frame.payload = transport + header;
	packet->frame.payload_captured = (uint32_t)size;
	packet->frame.tcp_flags = transport[13];
}

#endif
