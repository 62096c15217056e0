/*
 * doubted -- packets that wait until it is known when they were.
 *
 * A stamp that is far from those before it may be wrong or may be the first
 * after a silence (packet_clock.h), and the next few tell.  Until then the
 * packet waits here: counted in the time before, it would belong to flows that
 * ended long ago.  Keeps copies, as many as the clock doubts at once.  Does not
 * know time.
 */
#ifndef SENSOR_RUN_DOUBTED_H
#define SENSOR_RUN_DOUBTED_H

#include <stdint.h>

#include "sensor/packet.h"
#include "sensor/packet_clock.h"

struct doubted_packet {
	struct packet packet; /* its octets are the buffer's */
	uint16_t domain;      /* of its interface */
	uint8_t *buffer;      /* owned */
	size_t size;          /* of the buffer */
};

/* Zeroed to begin with; released by doubted_release(). */
struct doubted {
	struct doubted_packet packets[PACKET_CLOCK_DOUBTS]; /* in order */
	uint32_t count;
};

/* Copies a packet; there is room, for the clock believes in time. */
void doubted_add(
    struct doubted *doubted, const struct packet *packet, uint16_t domain);

/* Frees the buffers. */
void doubted_release(struct doubted *doubted);

#endif
