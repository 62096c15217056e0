/*
 * Eight octets make a frame: host and port choices that meet often, flags as
 * they come, a step of time.  The table has room for eight flows, so that
 * every way a flow can end is near.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "made_frame.h"
#include "sensor/base/cursor.h"
#include "sensor/flowtable.h"
#include "sensor/packet.h"

#define CAPACITY 8

/* What is known from outside: which flow has which slot. */
struct watch {
	uint64_t sequences[CAPACITY]; /* 0 for a slot that is free */
	uint64_t ended;
	uint64_t frames, counted; /* that went in, that came out with flows */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
watch_end(struct flow *flow, enum flow_reason reason, void *context)
{
	struct watch *watch = context;
	char id[COMMUNITY_ID_SIZE], history[FLOW_HISTORY_SIZE];

	assert(flow->slot < CAPACITY);
	assert(watch->sequences[flow->slot] == flow->sequence);
	assert(flow->packets[0] + flow->packets[1] > 0);
	assert(flow->first.ns <= flow->last.ns);
	assert(flow_reason_name(reason) != NULL);
	flow_community_id(flow, id);
	flow_history(flow, history);
	assert(strlen(history) < FLOW_HISTORY_SIZE);
	assert(
	    (flow_connection_state(flow) == NULL) ==
	    (flow->protocol != PROTOCOL_TCP && flow->protocol != PROTOCOL_UDP));
	assert(flow_id(flow) < UINT64_C(1) << 53);
	watch->sequences[flow->slot] = 0;
	watch->counted +=
	    flow->packets[0] + flow->packets[1] + flow->duplicates;
	watch->ended++;
}

static struct frame_key
key_of(uint8_t ends, uint8_t ports)
{
	static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP,
	    PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_TCP,
	    PROTOCOL_SCTP, 47};
	static const uint16_t numbers[] = {0, 53, 443, 40000};

	return made_key(protocols[ends & 7], (ends >> 3) & 3,
	    numbers[ports & 3], (ends >> 5) & 3, numbers[(ports >> 2) & 3]);
}

/* The step is signed, and grows to years: 2^0 to 2^60 nanoseconds. */
static int64_t
step_of(uint8_t octet)
{
	int64_t step = INT64_C(1) << (octet & 0x3c);

	return (octet & 0x80) != 0 ? -step : step;
}

/* Overflow wraps: a file's stamps may jump as they like. */
static struct instant
moved(struct instant at, int64_t step)
{
	return (struct instant){(int64_t)((uint64_t)at.ns + (uint64_t)step)};
}

/* Some near one another, some further apart than a window. */
static uint32_t
sequence_of(uint8_t octet)
{
	return (octet & 0x0fU) | (octet & 0xf0U) << 20;
}

static struct frame
read_frame(struct cursor *cursor)
{
	uint8_t ends = cursor_u8(cursor), ports = cursor_u8(cursor);
	struct frame frame = made_frame(key_of(ends, ports), ports >> 6);

	frame.tcp_flags = cursor_u8(cursor);
	frame.tcp_sequence = sequence_of(cursor_u8(cursor));
	frame.icmp_type = cursor_u8(cursor);
	frame.icmp_code = cursor_u8(cursor);
	frame.tcp_acknowledgement = sequence_of(frame.icmp_type);
	frame.tcp_window = frame.icmp_code;
	if ((ports & 0x30) == 0x30)
		return made_error(
		    ends >> 6, frame.key, frame.icmp_type, frame.icmp_code);
	return frame;
}

static void
watch_flow(struct watch *watch, const struct flow *flow)
{
	assert(flow->slot < CAPACITY);
	if (watch->sequences[flow->slot] != 0)
		assert(watch->sequences[flow->slot] == flow->sequence);
	watch->sequences[flow->slot] = flow->sequence;
}

static void
check_counts(const struct flowtable *table, const struct watch *watch)
{
	struct flowtable_counts counts = flowtable_counts(table);
	uint64_t held = 0;

	for (int i = 0; i < CAPACITY; i++)
		held += watch->sequences[i] != 0;
	assert(counts.created == counts.ended + counts.live);
	assert(counts.ended == watch->ended);
	assert(counts.live == held);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hash_key secret = {{9, 10}};
	struct watch watch = {.ended = 0};
	struct cursor cursor = cursor_over(data, size);
	struct packet packet = {.number = 0};
	struct flowtable *table = flowtable_new(
	    CAPACITY, &secret, &flow_timeouts_default, watch_end, &watch);

	if (table == NULL)
		abort();
	while (cursor_left(&cursor) >= 8) {
		struct frame frame = read_frame(&cursor);
		struct flow *flow;
		struct heard heard;

		packet.at = moved(packet.at, step_of(cursor_u8(&cursor)));
		packet.number++;
		flow = flowtable_track(
		    table, &packet, &frame, NULL, packet.at, &heard);
		assert((flow == NULL) == frame.icmp_error);
		assert(flow != NULL || !heard.duplicate);
		watch.frames += flow != NULL;
		if (flow != NULL)
			watch_flow(&watch, flow);
		if ((cursor_u8(&cursor) & 0xe0) == 0xe0)
			flowtable_expire(table, packet.at);
		check_counts(table, &watch);
	}
	flowtable_end_all(table);
	check_counts(table, &watch);
	assert(flowtable_counts(table).live == 0);
	assert(watch.counted == watch.frames);
	flowtable_free(table);
	return 0;
}
