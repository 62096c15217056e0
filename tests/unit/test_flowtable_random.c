/* The flow table beside the naive one, fed the same random packets. */
#include <stdlib.h>

#include "sensor/packet.h"
#include "tests/unit/naive_flowtable.h"

/* Many coincidences: few hosts and ports, and short steps of time. */
static uint32_t
below(uint64_t *random, uint32_t limit)
{
	/* Numbers of Knuth's MMIX. */
	*random = *random * UINT64_C(6364136223846793005) +
		  UINT64_C(1442695040888963407);
	return (uint32_t)(*random >> 33) % limit;
}

static struct frame_key
random_key(uint64_t *random)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 1, 132};
	static const uint16_t ports[] = {0, 53, 443, 6379, 40000, 50000};
	uint8_t from = (uint8_t)below(random, 3);
	uint8_t to = (uint8_t)((from + 1 + below(random, 2)) % 3);
	struct frame_key key =
	    made_key(protocols[below(random, 6)], from, 0, to, 0);

	key.source_port = ports[below(random, 6)];
	key.destination_port = ports[below(random, 6)];
	if (key.protocol == PROTOCOL_ICMP)
		key.destination_port = key.source_port;
	return key;
}

/* Some are near one another, with the window's edge between them. */
static uint32_t
random_sequence(uint64_t *random)
{
	static const uint32_t regions[] = {
	    0, 0, 0, 65535, 65536, 200000, UINT32_C(1) << 31};

	return regions[below(random, 7)] + below(random, 3);
}

static struct frame
random_frame(uint64_t *random)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN, TCP_SYN | TCP_ACK,
	    TCP_ACK, TCP_ACK | TCP_PSH, TCP_FIN | TCP_ACK, TCP_RST,
	    TCP_RST | TCP_ACK, TCP_SYN | TCP_FIN, 0, TCP_SYN | TCP_RST, 0xff};
	struct frame_key key = random_key(random);
	struct frame frame = made_frame(key, below(random, 2) * 100);

	if (below(random, 12) == 0)
		return made_error(5, key, 3, (uint8_t)below(random, 5));
	if (key.protocol == PROTOCOL_TCP) {
		frame.tcp_flags = flags[below(random, sizeof(flags))];
		frame.tcp_sequence = random_sequence(random);
		frame.tcp_acknowledgement = random_sequence(random);
	} else if (key.protocol == PROTOCOL_ICMP) {
		frame.icmp_type = below(random, 2) == 0 ? 8 : 0;
	}
	return frame;
}

/* Mostly nothing or a second; now and then a little, back, or far. */
static int64_t
random_step(uint64_t *random)
{
	switch (below(random, 40)) {
	case 0:
		return (int64_t)below(random, 700) * NS_PER_SECOND;
	case 1:
		return -(int64_t)below(random, 50) * NS_PER_SECOND;
	case 2:
	case 3:
	case 4:
		return (int64_t)below(random, 10) * NS_PER_SECOND;
	case 5:
	case 6:
	case 7:
	case 8:
		return (int64_t)below(random, 25000) * NS_PER_US;
	}
	return below(random, 2) * NS_PER_SECOND;
}

static void
assert_same_flow(const struct flow *flow, const struct naive_flow *naive)
{
	assert_int_equal(flow->sequence, naive->sequence);
	assert_true(
	    address_equal(&flow_client(flow)->address, &naive->asked.source));
	assert_int_equal(flow_client(flow)->port, naive->asked.source_port);
	assert_int_equal(
	    flow_server(flow)->port, naive->asked.destination_port);
	assert_int_equal(flow->direction,
	    naive->certain ? DIRECTION_HANDSHAKE : DIRECTION_HEURISTIC);
	assert_int_equal(flow->state, naive_state(naive));
	assert_int_equal(flow->midstream, naive->midstream);
	assert_int_equal(flow->answered, naive->answered);
	assert_int_equal(flow->inferred, naive->inferred);
	assert_int_equal(flow->refused, naive->refused);
	assert_int_equal(flow->packets[0] + flow->packets[1], naive->packets);
	assert_int_equal(flow->octets[0] + flow->octets[1], naive->octets);
	assert_int_equal(flow->duplicates, naive->duplicates);
	assert_int_equal(flow->first.ns, naive->first);
	assert_int_equal(flow->last.ns, naive->last);
	assert_int_equal(flow->packets[flow->client] > 0, naive->client_spoke);
}

static void
assert_same_endings(struct endings *real, struct endings *naive)
{
	assert_int_equal(real->count, naive->count);
	for (size_t i = 0; i < real->count; i++) {
		assert_int_equal(real->at[i].sequence, naive->at[i].sequence);
		assert_int_equal(real->at[i].reason, naive->at[i].reason);
	}
	real->count = naive->count = 0;
}

static void
record(struct flow *flow, enum flow_reason reason, void *context)
{
	struct endings *endings = context;

	assert_true(endings->count < LOG_MAXIMUM);
	endings->at[endings->count++] = (struct ending){flow->sequence, reason};
}

static void
one_step(struct flowtable *table, struct endings *real, struct naive *naive,
    uint64_t *random, struct packet *packet)
{
	struct frame frame = random_frame(random);
	struct naive_flow *expected = NULL;
	struct flow *flow;
	struct heard heard;

	packet->number++;
	packet->at.ns = naive->now + random_step(random);
	flow = flowtable_track(table, packet, &frame, NULL, packet->at, &heard);
	naive_expire(naive, packet->at.ns);
	if (frame.icmp_error)
		naive_error(naive, &frame);
	else
		expected =
		    naive_track(naive, &frame, packet->at.ns, packet->number);
	assert_int_equal(flow == NULL, expected == NULL);
	if (flow != NULL && expected != NULL) {
		assert_same_flow(flow, expected);
		assert_true(flow->slot < naive->capacity);
		assert_true(address_equal(
		    &flow->ends[heard.sender].address, &frame.key.source));
	}
	assert_same_endings(real, &naive->endings);
}

static void
assert_same_counts(const struct flowtable *table, const struct naive *naive)
{
	struct flowtable_counts counts = flowtable_counts(table);

	assert_int_equal(counts.live, naive->count);
	assert_int_equal(counts.created, naive->created);
	assert_int_equal(counts.created, counts.ended + counts.live);
	assert_int_equal(counts.errors_matched, naive->matched);
	assert_int_equal(counts.errors_orphaned, naive->orphaned);
	assert_int_equal(counts.strays, naive->strays);
	assert_int_equal(counts.disbelieved, naive->disbelieved);
}

static void
assert_ended_in_order(const struct endings *endings, const struct naive *naive)
{
	assert_int_equal(endings->count, naive->count);
	for (size_t i = 0; i < endings->count; i++) {
		assert_int_equal(endings->at[i].reason, FLOW_SHUTDOWN);
		if (i > 0)
			assert_true(endings->at[i].sequence >
				    endings->at[i - 1].sequence);
	}
}

static void
run_stream(uint32_t capacity, uint64_t seed)
{
	static const struct hash_key secret = {{5, 6}};
	struct endings *real = calloc(1, sizeof(*real));
	struct naive *naive = calloc(1, sizeof(*naive));
	struct packet packet = {.number = 0};
	uint64_t random = seed;
	struct flowtable *table;

	assert_non_null(real);
	assert_non_null(naive);
	table = flowtable_new(
	    capacity, &secret, &flow_timeouts_default, record, real);
	assert_non_null(table);
	naive->capacity = capacity;
	naive->now = 1700000000 * NS_PER_SECOND;
	for (int i = 0; i < 6000; i++) {
		one_step(table, real, naive, &random, &packet);
		assert_same_counts(table, naive);
	}
	flowtable_end_all(table);
	assert_ended_in_order(real, naive);
	flowtable_free(table);
	free(naive);
	free(real);
}

static void
test_small_tables_evict_alike(void **state)
{
	(void)state;
	for (uint32_t capacity = 1; capacity <= 8; capacity++)
		for (uint64_t seed = 1; seed <= 5; seed++)
			run_stream(capacity, seed);
}

static void
test_roomy_tables_expire_alike(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		run_stream(NAIVE_MAXIMUM, seed * 1000);
}

/* Each flow by its sequence, counted as it ends; and the slots they had. */
struct census {
	uint8_t endings[20000];
	uint32_t highest_slot;
};

static void
count_ending(struct flow *flow, enum flow_reason reason, void *context)
{
	struct census *census = context;

	(void)reason;
	assert_true(flow->sequence < sizeof(census->endings));
	census->endings[flow->sequence]++;
	if (flow->slot > census->highest_slot)
		census->highest_slot = flow->slot;
}

/* A flood of distinct SYNs: all are taken in, all are reported, once each. */
static void
test_flood_ends_each_flow_once_within_its_slots(void **state)
{
	static const struct hash_key secret = {{7, 8}};
	const uint32_t capacity = 50,
		       flood = sizeof(((struct census *)0)->endings) - 1;
	struct census *census = calloc(1, sizeof(*census));
	struct packet packet = {.number = 0};
	struct flowtable *table;

	(void)state;
	assert_non_null(census);
	table = flowtable_new(
	    capacity, &secret, &flow_timeouts_default, count_ending, census);
	assert_non_null(table);
	for (uint32_t i = 0; i < flood; i++) {
		struct frame frame = made_tcp(
		    made_key(PROTOCOL_TCP, 1, (uint16_t)i, 2, 80), TCP_SYN, i);
		struct heard heard;

		packet.number++;
		packet.at.ns += NS_PER_US;
		assert_non_null(flowtable_track(
		    table, &packet, &frame, NULL, packet.at, &heard));
	}
	assert_int_equal(flowtable_counts(table).live, capacity);
	assert_int_equal(flowtable_counts(table).evicted, flood - capacity);
	flowtable_end_all(table);
	for (uint32_t i = 1; i <= flood; i++)
		assert_int_equal(census->endings[i], 1);
	assert_int_equal(census->highest_slot, capacity - 1);
	flowtable_free(table);
	free(census);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_small_tables_evict_alike),
	    cmocka_unit_test(test_roomy_tables_expire_alike),
	    cmocka_unit_test(test_flood_ends_each_flow_once_within_its_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
