#include "tests/bench/wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-01-01T00:00:00Z; any time would do that is always the same. */
#define BEGINNING UINT64_C(1767225600)

#define BUFFER_SIZE ((size_t)1 << 22)

enum {
	ETHERNET_SIZE = 14,
	IPV4_SIZE = 20,
	TCP_SIZE = 20,
	UDP_SIZE = 8,
	FRAME_MINIMUM = 60, /* 64 on the wire, with the check sequence */
	TCP = 6,
	UDP = 17,
};

struct wire {
	FILE *file;
	uint64_t last_us, packets, octets;
	uint16_t identification;
	uint8_t frame[ETHERNET_SIZE + 1500];
};

struct wire *
wire_open(const char *path)
{
	/* magic, version 2.4, time zone, accuracy, snap length, Ethernet */
	const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		return NULL;
	wire->file = fopen(path, "wb");
	if (wire->file == NULL) {
		free(wire);
		return NULL;
	}
	(void)setvbuf(wire->file, NULL, _IOFBF, BUFFER_SIZE);
	(void)fwrite(header, sizeof(header), 1, wire->file);
	return wire;
}

bool
wire_close(struct wire *wire)
{
	bool good = ferror(wire->file) == 0;

	good = fclose(wire->file) == 0 && good;
	free(wire);
	return good;
}

static void
put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value);
}

/* RFC 1071, without the last complement. */
static uint32_t
checksum_add(uint32_t sum, const uint8_t *octets, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	if (size % 2 != 0)
		sum += (uint32_t)octets[size - 1] << 8;
	return sum;
}

static uint16_t
checksum_end(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* A locally administered address that says whose it is. */
static void
put_station(uint8_t *at, uint32_t address)
{
	put_be16(at, 0x0242);
	put_be32(at + 2, address);
}

static void
put_record(struct wire *wire, uint64_t at_us, size_t size)
{
	uint32_t header[4];

	if (at_us < wire->last_us)
		at_us = wire->last_us;
	wire->last_us = at_us;
	header[0] = (uint32_t)(BEGINNING + at_us / 1000000);
	header[1] = (uint32_t)(at_us % 1000000);
	header[2] = (uint32_t)size;
	header[3] = (uint32_t)size;
	(void)fwrite(header, sizeof(header), 1, wire->file);
	(void)fwrite(wire->frame, 1, size, wire->file);
	wire->packets++;
	wire->octets += size;
}

/*
 * Puts the headers in front of a transport segment of `size` octets that is in
 * its place, with its checksum, which lies at `checksum_at` of it.
 */
static void
finish(struct wire *wire, uint64_t at_us, struct wire_end from,
    struct wire_end to, uint8_t protocol, size_t size, size_t checksum_at)
{
	uint8_t *ip = wire->frame + ETHERNET_SIZE;
	uint8_t *segment = ip + IPV4_SIZE;
	size_t whole = ETHERNET_SIZE + IPV4_SIZE + size;
	uint32_t sum;

	put_station(wire->frame, to.address);
	put_station(wire->frame + 6, from.address);
	put_be16(wire->frame + 12, 0x0800);
	memset(ip, 0, IPV4_SIZE);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint32_t)(IPV4_SIZE + size));
	put_be16(ip + 4, wire->identification++);
	put_be16(ip + 6, 0x4000); /* not to be fragmented */
	ip[8] = 64;
	ip[9] = protocol;
	put_be32(ip + 12, from.address);
	put_be32(ip + 16, to.address);
	put_be16(ip + 10, checksum_end(checksum_add(0, ip, IPV4_SIZE)));

	put_be16(segment, from.port);
	put_be16(segment + 2, to.port);
	put_be16(segment + checksum_at, 0);
	sum = checksum_add(protocol + (uint32_t)size, ip + 12, 8);
	sum = checksum_add(sum, segment, size);
	put_be16(segment + checksum_at, checksum_end(sum));
	if (whole < FRAME_MINIMUM) {
		memset(wire->frame + whole, 0, FRAME_MINIMUM - whole);
		whole = FRAME_MINIMUM;
	}
	put_record(wire, at_us, whole);
}

void
wire_tcp(struct wire *wire, uint64_t at_us, struct wire_end from,
    struct wire_end to, struct wire_tcp tcp, const void *payload, size_t size)
{
	/* segment size 1460, selective acknowledgement, scale 7 (RFC 9293,
	 * 3.2; RFC 2018; RFC 7323), filled up with no-operations */
	static const uint8_t options[12] = {
	    2, 4, 0x05, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7};
	uint8_t *segment = wire->frame + ETHERNET_SIZE + IPV4_SIZE;
	size_t option_size = (tcp.flags & SYN) != 0 ? sizeof(options) : 0;
	size_t header_size = TCP_SIZE + option_size;

	assert(size <= WIRE_PAYLOAD_MAXIMUM && (option_size == 0 || size == 0));
	put_be32(segment + 4, tcp.sequence);
	put_be32(segment + 8, (tcp.flags & ACK) != 0 ? tcp.acknowledgement : 0);
	segment[12] = (uint8_t)(header_size / 4 << 4);
	segment[13] = tcp.flags;
	put_be16(segment + 14, 64240);
	put_be16(segment + 18, 0);
	memcpy(segment + TCP_SIZE, options, option_size);
	if (size > 0)
		memcpy(segment + header_size, payload, size);
	finish(wire, at_us, from, to, TCP, header_size + size, 16);
}

void
wire_udp(struct wire *wire, uint64_t at_us, struct wire_end from,
    struct wire_end to, const void *payload, size_t size)
{
	uint8_t *segment = wire->frame + ETHERNET_SIZE + IPV4_SIZE;

	assert(size <= WIRE_PAYLOAD_MAXIMUM);
	put_be16(segment + 4, (uint32_t)(UDP_SIZE + size));
	memcpy(segment + UDP_SIZE, payload, size);
	finish(wire, at_us, from, to, UDP, UDP_SIZE + size, 6);
}

uint64_t
wire_packets(const struct wire *wire)
{
	return wire->packets;
}

uint64_t
wire_octets(const struct wire *wire)
{
	return wire->octets;
}
