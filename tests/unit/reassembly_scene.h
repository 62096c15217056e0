/*
 * reassembly_scene -- a reassembly, what it handed out, and fragments for it.
 */
#ifndef TESTS_UNIT_REASSEMBLY_SCENE_H
#define TESTS_UNIT_REASSEMBLY_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "sensor/reassembly.h"
#include "tests/unit/packet_builder.h"

#define SCENE_OUTS 64

/* Limits that are not what a test is about. */
#define MANY  64
#define LARGE ((size_t)1 << 20)

/* One frame that was handed out, with a copy of its payload. */
struct scene_out {
	struct frame frame;
	struct packet packet;
	uint8_t payload[DATAGRAM_MAXIMUM];
};

struct scene {
	struct reassembly *reassembly;
	struct scene_out *outs; /* SCENE_OUTS of them */
	unsigned count;
	struct instant now;
	uint64_t number; /* of the last packet */
};

static inline void
scene_take(
    const struct packet *packet, const struct frame *frame, void *context)
{
	struct scene *scene = context;
	struct scene_out *out = &scene->outs[scene->count];

	assert_true(scene->count < SCENE_OUTS);
	assert_int_equal(frame->status, FRAME_OK);
	scene->count++;
	out->frame = *frame;
	out->packet = *packet;
	memcpy(out->payload, frame->payload, frame->payload_captured);
}

static inline void
scene_open(struct scene *scene, uint32_t datagrams, size_t octets)
{
	static const struct hash_key key = {{1, 2}};
	struct reassembly_limits limits = {
	    .datagrams = datagrams,
	    .octets = octets,
	    .timeout = 30 * NS_PER_SECOND,
	};

	*scene = (struct scene){.now = {1000 * NS_PER_SECOND}};
	scene->outs = calloc(SCENE_OUTS, sizeof(scene->outs[0]));
	assert_non_null(scene->outs);
	scene->reassembly = reassembly_new(&limits, &key, scene_take, scene);
	assert_non_null(scene->reassembly);
}

/* Datagrams that began are all accounted for. */
static inline struct reassembly_counts
scene_counts(const struct scene *scene)
{
	struct reassembly_counts counts = reassembly_counts(scene->reassembly);

	assert_int_equal(counts.begun, counts.whole + counts.timed_out +
					   counts.evicted + counts.overlapped +
					   counts.ended + counts.live);
	return counts;
}

static inline void
scene_close(struct scene *scene)
{
	reassembly_end_all(scene->reassembly);
	assert_int_equal(scene_counts(scene).live, 0);
	reassembly_free(scene->reassembly);
	free(scene->outs);
}

/* Gives a packet of raw IP, of which `captured` octets are there. */
static inline void
scene_send_cut(
    struct scene *scene, const struct packet_builder *b, size_t captured)
{
	/* A copy of just this size, so that reading past it is seen. */
	uint8_t *octets = malloc(captured);
	struct packet packet = build_packet(b, 101);
	struct frame frame;

	assert_non_null(octets);
	memcpy(octets, b->octets, captured);
	packet.octets = octets;
	packet.captured = (uint32_t)captured;
	packet.at = scene->now;
	packet.number = ++scene->number;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_FRAGMENT);
	reassembly_add(scene->reassembly, &packet, &frame, packet.at);
	free(octets);
}

static inline void
scene_send(struct scene *scene, const struct packet_builder *b)
{
	scene_send_cut(scene, b, b->size);
}

/* What a datagram carries, to be sent in parts. */
struct whole {
	struct packet_builder carried;
	unsigned protocol;
	uint32_t identification;
	unsigned from, to; /* hosts */
};

static inline void
build_octets(struct packet_builder *b, const uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		build_u8(b, octets[i]);
}

/* UDP from host 1, port 1000, to host 2, port 53, with octets that differ. */
static inline struct whole
whole_udp(uint32_t identification, size_t payload)
{
	struct whole whole = {
	    .protocol = PROTOCOL_UDP,
	    .identification = identification,
	    .from = 1,
	    .to = 2,
	};

	build_udp(&whole.carried, 1000, 53, payload);
	for (size_t i = 0; i < payload; i++)
		build_u8(&whole.carried, (unsigned)(i * 7 + i / 256) & 0xff);
	return whole;
}

/* The octets from `from` to `to` as a fragment; the last if that is the end. */
static inline struct packet_builder
part4(const struct whole *whole, size_t from, size_t to)
{
	struct packet_builder b = {0};
	unsigned more = to < whole->carried.size ? 0x2000 : 0;

	build_ipv4_fragment(&b, whole->from, whole->to, whole->protocol,
	    to - from, more | (unsigned)from / 8);
	b.octets[4] = (uint8_t)(whole->identification >> 8);
	b.octets[5] = (uint8_t)whole->identification;
	build_octets(&b, whole->carried.octets + from, to - from);
	return b;
}

static inline struct packet_builder
part6(const struct whole *whole, size_t from, size_t to)
{
	struct packet_builder b = {0};
	unsigned more = to < whole->carried.size;

	build_ipv6(&b, whole->from, whole->to, 44, 8 + to - from);
	build_be32(&b, (uint32_t)whole->protocol << 24 | (uint32_t)from | more);
	build_be32(&b, whole->identification);
	build_octets(&b, whole->carried.octets + from, to - from);
	return b;
}

static inline void
send4(struct scene *scene, const struct whole *whole, size_t from, size_t to)
{
	struct packet_builder b = part4(whole, from, to);

	scene_send(scene, &b);
}

static inline void
send6(struct scene *scene, const struct whole *whole, size_t from, size_t to)
{
	struct packet_builder b = part6(whole, from, to);

	scene_send(scene, &b);
}

/* The last frame out is that UDP datagram up to octet `end` of its payload. */
static inline void
expect_udp(const struct scene *scene, const struct whole *whole, size_t end)
{
	const struct scene_out *out = &scene->outs[scene->count - 1];

	assert_true(scene->count > 0);
	assert_int_equal(out->frame.key.protocol, PROTOCOL_UDP);
	assert_int_equal(out->frame.key.source_port, 1000);
	assert_int_equal(out->frame.key.destination_port, 53);
	assert_int_equal(out->frame.payload_captured, end);
	assert_memory_equal(out->payload, whole->carried.octets + 8, end);
	assert_int_equal(out->packet.number, scene->number);
	assert_int_equal(out->packet.at.ns, scene->now.ns);
}

#endif
