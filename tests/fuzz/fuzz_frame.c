/*
 * Decodes octets as one packet.  The first octet picks the link type, and with
 * its high bit that the capture cut the packet.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/decode.h"
#include "sensor/frame.h"
#include "sensor/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = {
    1, 101, 113, 276, 0, 108, 239, 9, 51, 228, 229, 147};

/* Octets lie within the packet; reading them all shows it to a sanitizer. */
static unsigned
touch(const struct packet *packet, const uint8_t *octets, uint32_t size)
{
	unsigned sum = 0;

	assert(octets >= packet->octets);
	assert(octets + size <= packet->octets + packet->captured);
	for (uint32_t i = 0; i < size; i++)
		sum += octets[i];
	return sum;
}

static void
check(const struct packet *packet, const struct frame *frame)
{
	assert(frame->status < FRAME_STATUS_COUNT);
	assert(frame->vlan_count <= FRAME_VLANS_MAXIMUM);
	assert(frame->layers <= FRAME_LAYERS_MAXIMUM);
	if (frame->status != FRAME_OK && frame->status != FRAME_FRAGMENT)
		return;
	assert(frame->packets == 1);
	touch(packet, frame->ip, frame->ip_captured);
	touch(packet, frame->payload, frame->payload_captured);
	assert(frame->ip_captured <= frame->ip_length);
	assert(frame->payload_captured <= frame->payload_length);
	assert(frame->transport_offset >= 20);
	assert(frame->transport_offset <= frame->ip_captured);
	assert(frame->payload >= frame->ip + frame->transport_offset);
	assert(frame->payload + frame->payload_captured <=
	       frame->ip + frame->ip_captured);
	assert(frame->payload_length <= frame->ip_length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = sizeof(link_types) / sizeof(link_types[0]);
	struct packet packet = {.number = 1};
	struct frame frame;
	uint8_t *octets;

	if (size < 1 || size > 100000)
		return 0;
	/* A copy of just this size, so that reading past it is seen. */
	octets = malloc(size);
	if (octets == NULL)
		return 0;
	memcpy(octets, data + 1, size - 1);
	packet.octets = octets;
	packet.captured = (uint32_t)(size - 1);
	packet.length = packet.captured + ((data[0] & 0x80) != 0 ? 1000 : 0);
	packet.link_type = link_types[(data[0] & 0x7f) % count];
	decode_packet(&packet, &frame);
	check(&packet, &frame);
	free(octets);
	return 0;
}
