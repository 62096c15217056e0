/*
 * wire -- builds Ethernet frames and writes them to a pcap file.
 *
 * Checksums are right, times never go back, and nothing depends on the machine
 * or the clock, so the same calls make the same file.
 */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Payload of a full frame: 1500 octets less the IP and TCP headers. */
#define WIRE_PAYLOAD_MAXIMUM 1460

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PUSH = 0x08, ACK = 0x10 };

struct wire; /* opaque */

struct wire_end {
	uint32_t address; /* IPv4, 10.0.0.1 is 0x0a000001 */
	uint16_t port;
};

struct wire_tcp {
	uint32_t sequence, acknowledgement;
	uint8_t flags;
};

/* Owned, for wire_close(); NULL when the file cannot be made. */
struct wire *wire_open(const char *path);

/* Writes what is left; false when anything could not be written. */
bool wire_close(struct wire *wire);

/* Writes one frame `at_us` microseconds after the beginning. */
void wire_tcp(struct wire *wire, uint64_t at_us, struct wire_end from,
    struct wire_end to, struct wire_tcp tcp, const void *payload, size_t size);
void wire_udp(struct wire *wire, uint64_t at_us, struct wire_end from,
    struct wire_end to, const void *payload, size_t size);

/* Frames and octets of frames so far. */
uint64_t wire_packets(const struct wire *wire);
uint64_t wire_octets(const struct wire *wire);

#endif
