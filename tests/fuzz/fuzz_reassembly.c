/*
 * A stream of short packets of raw IP through a reassembly with little room.
 * Each is made of a header octet pair (kind, step of time), a length and that
 * many octets: either a packet as it is, or what a made-up fragment carries.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/cursor.h"
#include "sensor/decode/decode.h"
#include "sensor/frame.h"
#include "sensor/packet.h"
#include "sensor/reassembly.h"

#define PACKET_MAXIMUM (60 + 255)

/* What came out, and what that must not exceed. */
struct watch {
	uint64_t frames, packets; /* handed out, and the fragments in them */
	unsigned sum;             /* keeps the reads below from going away */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Octets that were handed out are read, so that a sanitizer sees them. */
static void
watch_frame(
    const struct packet *packet, const struct frame *frame, void *context)
{
	struct watch *watch = context;
	const uint8_t *end = packet->octets + packet->captured;

	assert(frame->status == FRAME_OK);
	assert(frame->packets >= 1);
	assert(frame->layers <= FRAME_LAYERS_MAXIMUM);
	assert(frame->ip >= packet->octets);
	assert(frame->payload + frame->payload_captured <= end);
	assert(frame->payload_captured <= frame->payload_length);
	assert(packet->captured <= packet->length);
	for (uint32_t i = 0; i < packet->captured; i++)
		watch->sum += packet->octets[i];
	watch->frames++;
	/* A carrier's own fragments are not in its frame's number. */
	watch->packets += frame->packets;
}

static void
check(const struct reassembly *reassembly, const struct watch *watch)
{
	struct reassembly_counts c = reassembly_counts(reassembly);

	assert(c.begun == c.whole + c.timed_out + c.evicted + c.overlapped +
			      c.ended + c.live);
	assert(c.live <= 4);
	assert(c.begun + c.empty + c.too_long + c.misaligned <= c.fragments);
	assert(c.overlapped == c.overlapping + c.contradicted);
	assert(watch->frames + c.unreadable <=
	       c.whole + c.timed_out + c.evicted + c.ended);
	assert(watch->packets <= c.fragments);
}

/* The header of an IPv4 fragment between the same two hosts. */
static size_t
put_ipv4(uint8_t *out, uint8_t kind, uint8_t place, uint8_t size)
{
	static const uint8_t protocols[] = {253, 17, 6, 4};

	memset(out, 0, 20);
	out[0] = 0x45;
	out[2] = (uint8_t)((size + 20) >> 8);
	out[3] = (uint8_t)(size + 20);
	out[5] = kind >> 4 & 3;
	out[6] = (place & 0x80) != 0 ? 0x20 : 0;
	if ((place & 0x60) == 0x60)
		out[6] |= 0x1f; /* near the end of what offsets can say */
	out[7] = place & 0x7f;
	out[9] = protocols[kind >> 2 & 3];
	out[15] = 1;
	out[19] = 2;
	return 20;
}

static size_t
put_ipv6(uint8_t *out, uint8_t kind, uint8_t place, uint8_t size)
{
	static const uint8_t protocols[] = {253, 17, 60, 41};
	unsigned offset = (place & 0x7fU) << 3;

	if ((place & 0x60) == 0x60)
		offset |= 0xf800;
	memset(out, 0, 48);
	out[0] = 0x60;
	out[4] = (uint8_t)((size + 8) >> 8);
	out[5] = (uint8_t)(size + 8);
	out[6] = 44;
	out[8] = 0xfd;
	out[23] = 1;
	out[24] = 0xfd;
	out[39] = 2;
	out[40] = protocols[kind >> 2 & 3];
	out[42] = (uint8_t)(offset >> 8);
	out[43] = (uint8_t)(offset | place >> 7);
	out[47] = kind >> 4 & 3;
	return 48;
}

/* Reads one packet from the input into `out`; returns its size. */
static size_t
read_packet(struct cursor *cursor, uint8_t kind, uint8_t *out)
{
	uint8_t place = cursor_u8(cursor), size = cursor_u8(cursor);
	const uint8_t *octets;
	size_t header = 0;

	if (size > cursor_left(cursor))
		size = (uint8_t)cursor_left(cursor);
	octets = cursor_take(cursor, size);
	if ((kind & 3) == 0)
		header = put_ipv4(out, kind, place, size);
	else if ((kind & 3) == 1)
		header = put_ipv6(out, kind, place, size);
	if (octets != NULL && size > 0)
		memcpy(out + header, octets, size);
	return header + size;
}

/* Gives a copy of just that size, so that reading past it is seen. */
static void
give(struct reassembly *reassembly, struct packet packet, const uint8_t *octets)
{
	struct frame frame;
	uint8_t *copy = malloc(packet.captured == 0 ? 1 : packet.captured);

	if (copy == NULL)
		abort();
	memcpy(copy, octets, packet.captured);
	packet.octets = copy;
	if (decode_packet(&packet, &frame) == FRAME_FRAGMENT)
		reassembly_add(reassembly, &packet, &frame, packet.at);
	else
		reassembly_expire(reassembly, packet.at);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hash_key key = {{5, 6}};
	const struct reassembly_limits limits = {
	    .datagrams = 4,
	    .octets = DATAGRAM_MAXIMUM + 1,
	    .timeout = 30 * NS_PER_SECOND,
	};
	struct watch watch = {.frames = 0};
	struct cursor cursor = cursor_over(data, size);
	struct packet packet = {.link_type = 101};
	struct reassembly *reassembly =
	    reassembly_new(&limits, &key, watch_frame, &watch);

	if (reassembly == NULL)
		abort();
	while (cursor_left(&cursor) >= 4) {
		uint8_t octets[PACKET_MAXIMUM];
		uint8_t kind = cursor_u8(&cursor), step = cursor_u8(&cursor);

		packet.length = (uint32_t)read_packet(&cursor, kind, octets);
		packet.captured = packet.length;
		if ((kind & 0x40) != 0) /* cut */
			packet.captured -= packet.length / 4;
		/* Overflow wraps: stamps may jump as they like. */
		packet.at.ns = (int64_t)((uint64_t)packet.at.ns +
					 (UINT64_C(1) << (step & 63)));
		packet.number++;
		give(reassembly, packet, octets);
		check(reassembly, &watch);
	}
	reassembly_end_all(reassembly);
	check(reassembly, &watch);
	reassembly_free(reassembly);
	return 0;
}
