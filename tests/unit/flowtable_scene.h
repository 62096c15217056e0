/*
 * flowtable_scene -- a flow table, what it has reported, and a conversation.
 */
#ifndef TESTS_UNIT_FLOWTABLE_SCENE_H
#define TESTS_UNIT_FLOWTABLE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sensor/flowtable.h"
#include "sensor/packet.h"
#include "tests/made_frame.h"

#define ENDED_MAXIMUM 64

/* A table and what it has reported. */
struct bench {
	struct flowtable *table;
	uint64_t packets;
	size_t count;
	struct flow ended[ENDED_MAXIMUM];
	enum flow_reason reasons[ENDED_MAXIMUM];
};

static const struct hash_key bench_secret = {{1, 2}};

static inline void
record(struct flow *flow, enum flow_reason reason, void *context)
{
	struct bench *bench = context;

	assert_true(bench->count < ENDED_MAXIMUM);
	bench->ended[bench->count] = *flow;
	bench->reasons[bench->count++] = reason;
}

static inline void
bench_open(struct bench *bench, uint32_t capacity)
{
	*bench = (struct bench){.packets = 0};
	bench->table = flowtable_new(
	    capacity, &bench_secret, &flow_timeouts_default, record, bench);
	assert_non_null(bench->table);
}

static inline void
bench_close(struct bench *bench)
{
	struct flowtable_counts counts;

	flowtable_end_all(bench->table);
	counts = flowtable_counts(bench->table);
	assert_int_equal(counts.live, 0);
	assert_int_equal(counts.created, counts.ended);
	assert_int_equal(counts.ended, bench->count);
	flowtable_free(bench->table);
}

static inline struct instant
at_second(int64_t second)
{
	return (struct instant){second * NS_PER_SECOND};
}

static inline struct flow *
hear(struct bench *bench, int64_t second, struct frame frame)
{
	struct packet packet = {
	    .at = at_second(second), .number = ++bench->packets};
	struct heard heard = {.sender = -1};
	struct flow *flow = flowtable_track(
	    bench->table, &packet, &frame, NULL, packet.at, &heard);

	assert_true(heard.sender == 0 || heard.sender == 1);
	if (flow != NULL)
		assert_true(address_equal(
		    &flow->ends[heard.sender].address, &frame.key.source));
	return flow;
}

static inline void
assert_ended(const struct bench *bench, size_t i, uint64_t sequence,
    enum flow_reason reason)
{
	assert_true(i < bench->count);
	assert_int_equal(bench->ended[i].sequence, sequence);
	assert_string_equal(
	    flow_reason_name(bench->reasons[i]), flow_reason_name(reason));
}

/* The usual conversation: host 9 asks host 1, so the client is end 1. */
static const uint8_t client_host = 9, server_host = 1;

static inline struct frame_key
to_server(void)
{
	return made_key(PROTOCOL_TCP, client_host, 40000, server_host, 443);
}

static inline struct frame_key
to_client(void)
{
	return made_reverse(to_server());
}

#endif
