#include "sensor/run/doubted.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

void
doubted_add(
    struct doubted *doubted, const struct packet *packet, uint16_t domain)
{
	struct doubted_packet *one = &doubted->packets[doubted->count];

	assert(doubted->count < PACKET_CLOCK_DOUBTS);
	doubted->count++;
	if (one->size < packet->captured) {
		one->buffer = reallocate(one->buffer, packet->captured, 1);
		one->size = packet->captured;
	}
	if (packet->captured > 0)
		memcpy(one->buffer, packet->octets, packet->captured);
	one->packet = *packet;
	one->packet.octets = one->buffer;
	one->domain = domain;
}

void
doubted_release(struct doubted *doubted)
{
	for (uint32_t i = 0; i < PACKET_CLOCK_DOUBTS; i++)
		free(doubted->packets[i].buffer);
	*doubted = (struct doubted){.count = 0};
}
