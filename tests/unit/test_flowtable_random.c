/*
 * The flow table beside a naive one: a plain array of flows, searched from end
 * to end for everything, with the rules written out a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "made_frame.h"
#include "sensor/flowtable.h"
#include "sensor/packet.h"

#define NAIVE_MAXIMUM 64
#define LOG_MAXIMUM   4096

#define RECENT 4

/* A packet that was counted, and how often it was seen again. */
struct naive_packet {
	struct frame frame;
	int64_t at;
	int copies;
};

/* A flow as its client and server know it; hosts are as in made_host(). */
struct naive_flow {
	uint64_t sequence;
	struct frame_key asked; /* source is who the client is thought to be */
	struct frame_key first_key;
	struct naive_packet recent[2][RECENT]; /* newest first */
	size_t recent_count[2];
	uint64_t duplicates;
	bool certain; /* a handshake or an echo said so */
	bool midstream, answered, refused, syn_seen, reset;
	bool fin_client, fin_server;
	bool client_spoke, server_spoke;
	uint32_t syn_sequence;
	uint64_t packets, octets;
	int64_t first, last;
	uint64_t touched; /* number of the packet */
};

struct ending {
	uint64_t sequence;
	enum flow_reason reason;
};

/* Endings since the last look. */
struct endings {
	struct ending at[LOG_MAXIMUM];
	size_t count;
};

struct naive {
	struct naive_flow flows[NAIVE_MAXIMUM];
	size_t count, capacity;
	uint64_t created, matched, orphaned;
	int64_t now;
	struct endings endings;
};

static bool
same_key(const struct frame_key *a, const struct frame_key *b)
{
	return a->protocol == b->protocol && a->source_port == b->source_port &&
	       a->destination_port == b->destination_port &&
	       address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination);
}

static struct naive_flow *
naive_find(struct naive *naive, const struct frame_key *key)
{
	struct frame_key back = made_reverse(*key);

	for (size_t i = 0; i < naive->count; i++) {
		const struct frame_key *asked = &naive->flows[i].asked;

		if (same_key(asked, key) || same_key(asked, &back))
			return &naive->flows[i];
	}
	return NULL;
}

static enum flow_state
naive_state(const struct naive_flow *flow)
{
	if (flow->reset || (flow->fin_client && flow->fin_server))
		return FLOW_FINISHED;
	return flow->client_spoke && flow->server_spoke ? FLOW_ESTABLISHED
							: FLOW_ATTEMPT;
}

static int64_t
naive_timeout(const struct naive_flow *flow)
{
	enum flow_state state = naive_state(flow);

	if (flow->asked.protocol == PROTOCOL_TCP)
		return NS_PER_SECOND * (state == FLOW_ATTEMPT       ? 30
					   : state == FLOW_FINISHED ? 10
								    : 600);
	if (flow->asked.protocol == PROTOCOL_UDP)
		return NS_PER_SECOND * (state == FLOW_ATTEMPT ? 30 : 180);
	return NS_PER_SECOND * 30;
}

/* Breaks ties between flows of different kinds. */
static int
naive_class(const struct naive_flow *flow)
{
	int protocol = flow->asked.protocol == PROTOCOL_TCP   ? 0
		       : flow->asked.protocol == PROTOCOL_UDP ? 1
							      : 2;
	enum flow_state state = naive_state(flow);

	return protocol + (state == FLOW_ATTEMPT       ? 0
			      : state == FLOW_FINISHED ? 10
						       : 20);
}

static void
naive_end(struct naive *naive, struct naive_flow *flow, enum flow_reason reason)
{
	struct endings *endings = &naive->endings;
	size_t i = (size_t)(flow - naive->flows);

	assert_true(endings->count < LOG_MAXIMUM);
	endings->at[endings->count++] = (struct ending){flow->sequence, reason};
	naive->count--;
	memmove(flow, flow + 1, (naive->count - i) * sizeof(*flow));
}

/* Whether `a` comes before `b`: three numbers each, the first most. */
static bool
comes_before(const int64_t a[3], const int64_t b[3])
{
	for (int i = 0; i < 2; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return a[2] < b[2];
}

static struct naive_flow *
naive_next_due(struct naive *naive)
{
	struct naive_flow *best = NULL;
	int64_t best_order[3] = {0};

	for (size_t i = 0; i < naive->count; i++) {
		struct naive_flow *flow = &naive->flows[i];
		int64_t order[3] = {flow->last + naive_timeout(flow),
		    naive_class(flow), (int64_t)flow->touched};

		if (order[0] > naive->now)
			continue;
		if (best == NULL || comes_before(order, best_order)) {
			best = flow;
			memcpy(best_order, order, sizeof(order));
		}
	}
	return best;
}

static void
naive_expire(struct naive *naive, int64_t now)
{
	struct naive_flow *flow;

	if (now > naive->now)
		naive->now = now;
	while ((flow = naive_next_due(naive)) != NULL)
		naive_end(naive, flow,
		    naive_state(flow) == FLOW_FINISHED ? FLOW_CLOSED
						       : FLOW_TIMEOUT);
}

/* Attempts and finished flows; answered datagrams; established TCP. */
static int
naive_group(const struct naive_flow *flow)
{
	if (naive_class(flow) / 10 < 2)
		return 0;
	return flow->asked.protocol == PROTOCOL_TCP ? 2 : 1;
}

/* The longest idle of a group; of equals finished ones, then lower classes. */
static struct naive_flow *
naive_oldest(struct naive *naive, int group)
{
	struct naive_flow *best = NULL;
	int64_t best_order[3] = {0};

	for (size_t i = 0; i < naive->count; i++) {
		struct naive_flow *flow = &naive->flows[i];
		bool finished = naive_state(flow) == FLOW_FINISHED;
		int64_t order[3] = {flow->last,
		    finished ? -1 : naive_class(flow), (int64_t)flow->touched};

		if (naive_group(flow) != group)
			continue;
		if (best == NULL || comes_before(order, best_order)) {
			best = flow;
			memcpy(best_order, order, sizeof(order));
		}
	}
	return best;
}

static void
naive_evict(struct naive *naive)
{
	struct naive_flow *best = naive_oldest(naive, 0);
	struct naive_flow *datagrams = naive_oldest(naive, 1);

	if (best == NULL || (datagrams != NULL && best->last - datagrams->last >
						      2 * NS_PER_SECOND))
		best = datagrams;
	if (best == NULL)
		best = naive_oldest(naive, 2);
	naive_end(naive, best, FLOW_EVICTED);
}

static bool
has(const struct frame *frame, uint8_t flags)
{
	return (frame->tcp_flags & flags) == flags;
}

static bool
is_opening_syn(const struct frame *frame)
{
	return frame->key.protocol == PROTOCOL_TCP && has(frame, TCP_SYN) &&
	       !has(frame, TCP_ACK) && !has(frame, TCP_RST);
}

static bool
is_accepting_syn(const struct frame *frame)
{
	return frame->key.protocol == PROTOCOL_TCP &&
	       has(frame, TCP_SYN | TCP_ACK) && !has(frame, TCP_RST);
}

/* The streams below know but echo among the ICMP that makes flows. */
static bool
asks_for_certain(const struct frame *frame)
{
	return is_opening_syn(frame) ||
	       (frame->key.protocol == PROTOCOL_ICMP && frame->icmp_type == 8);
}

static bool
replies_for_certain(const struct frame *frame)
{
	return is_accepting_syn(frame) ||
	       (frame->key.protocol == PROTOCOL_ICMP && frame->icmp_type == 0);
}

static bool
guessed_reply(const struct frame_key *key)
{
	uint16_t from = key->source_port, to = key->destination_port;

	return from != 0 &&
	       ((from < 1024 && to >= 1024) || (from < 32768 && to >= 32768));
}

static bool
naive_is_new_connection(
    const struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	bool same_syn = by_client && flow->syn_seen &&
			flow->syn_sequence == frame->tcp_sequence;

	if (!is_opening_syn(frame) || same_syn)
		return false;
	if (naive_state(flow) == FLOW_FINISHED)
		return true;
	return naive_state(flow) == FLOW_ESTABLISHED && by_client &&
	       (flow->fin_client || flow->fin_server);
}

static struct naive_flow *
naive_begin(struct naive *naive, const struct frame *frame)
{
	struct naive_flow *flow;

	if (naive->count == naive->capacity)
		naive_evict(naive);
	flow = &naive->flows[naive->count++];
	*flow = (struct naive_flow){
	    .sequence = ++naive->created,
	    .asked = guessed_reply(&frame->key) ? made_reverse(frame->key)
						: frame->key,
	    .first_key = frame->key,
	    .midstream = frame->key.protocol == PROTOCOL_TCP &&
			 !is_opening_syn(frame) && !is_accepting_syn(frame),
	    .first = naive->now,
	};
	return flow;
}

static void
swap_flags(bool *a, bool *b)
{
	bool first = *a;

	*a = *b;
	*b = first;
}

/* Only what ports alone said can turn; of TCP that is midstream. */
static void
naive_turn(struct naive_flow *flow)
{
	flow->asked = made_reverse(flow->asked);
	swap_flags(&flow->fin_client, &flow->fin_server);
	swap_flags(&flow->client_spoke, &flow->server_spoke);
	flow->answered = flow->server_spoke;
}

static void
naive_hear_server(struct naive_flow *flow, const struct frame *frame)
{
	bool data = has(frame, TCP_ACK) && frame->payload_length > 0;
	bool reset = has(frame, TCP_RST);

	flow->server_spoke = true;
	if (frame->key.protocol != PROTOCOL_TCP) {
		flow->answered = true;
		return;
	}
	flow->fin_server |= has(frame, TCP_FIN);
	if (!reset && (data || flow->midstream || is_accepting_syn(frame)))
		flow->answered = true;
	if (reset && flow->syn_seen && !flow->midstream && !flow->answered)
		flow->refused = true;
}

static void
naive_hear_client(struct naive_flow *flow, const struct frame *frame)
{
	bool silent = naive_state(flow) == FLOW_ATTEMPT;

	flow->client_spoke = true;
	if (frame->key.protocol == PROTOCOL_TCP)
		flow->fin_client |= has(frame, TCP_FIN);
	if (is_opening_syn(frame) && (silent || !flow->syn_seen)) {
		flow->syn_seen = true;
		flow->syn_sequence = frame->tcp_sequence;
	}
}

/* Units of 2^20 ns, cut off, of which 19 are the window. */
static bool
seen_just_now(int64_t at, int64_t now)
{
	const int64_t unit = 1 << 20;

	return now / unit - at / unit <= 19;
}

static bool
looks_the_same(const struct frame *a, const struct frame *b)
{
	return a->ip_length == b->ip_length && a->tcp_flags == b->tcp_flags &&
	       a->tcp_sequence == b->tcp_sequence &&
	       a->icmp_type == b->icmp_type;
}

/* Every packet of one direction is kept whole and compared whole. */
static bool
naive_is_duplicate(
    struct naive_flow *flow, const struct frame *frame, int64_t now)
{
	int direction = same_key(&flow->first_key, &frame->key);
	struct naive_packet *recent = flow->recent[direction];
	size_t *count = &flow->recent_count[direction];

	for (size_t i = 0; i < *count; i++)
		if (looks_the_same(&recent[i].frame, frame) &&
		    seen_just_now(recent[i].at, now) && recent[i].copies < 7) {
			recent[i].copies++;
			return true;
		}
	memmove(&recent[1], &recent[0], (RECENT - 1) * sizeof(recent[0]));
	recent[0] = (struct naive_packet){*frame, now, 0};
	if (*count < RECENT)
		(*count)++;
	return false;
}

static struct naive_flow *
naive_track(struct naive *naive, const struct frame *frame, uint64_t number)
{
	struct naive_flow *flow = naive_find(naive, &frame->key);
	bool from_client;

	if (flow != NULL && naive_is_new_connection(flow, frame)) {
		naive_end(naive, flow, FLOW_REUSED);
		flow = NULL;
	}
	if (flow == NULL)
		flow = naive_begin(naive, frame);
	if (naive_is_duplicate(flow, frame, naive->now)) {
		flow->duplicates++;
		return flow;
	}
	flow->packets++;
	flow->octets += frame->ip_length;
	flow->last = naive->now;
	flow->touched = number;
	from_client = same_key(&flow->asked, &frame->key);
	if (!flow->certain &&
	    (asks_for_certain(frame) || replies_for_certain(frame))) {
		flow->certain = true;
		if (from_client != asks_for_certain(frame)) {
			naive_turn(flow);
			from_client = !from_client;
		}
	}
	if (from_client)
		naive_hear_client(flow, frame);
	else
		naive_hear_server(flow, frame);
	if (frame->key.protocol == PROTOCOL_TCP)
		flow->reset |= has(frame, TCP_RST);
	return flow;
}

static void
naive_error(struct naive *naive, const struct frame *frame)
{
	struct naive_flow *flow = naive_find(naive, &frame->quoted);

	if (flow == NULL) {
		naive->orphaned++;
		return;
	}
	naive->matched++;
	if (!flow->answered &&
	    !(frame->icmp_type == 3 && frame->icmp_code == 4))
		flow->refused = true;
}

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
		frame.tcp_sequence = below(random, 3);
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
	flow = flowtable_track(table, packet, &frame, &heard);
	naive_expire(naive, packet->at.ns);
	if (frame.icmp_error)
		naive_error(naive, &frame);
	else
		expected = naive_track(naive, &frame, packet->number);
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
		assert_non_null(
		    flowtable_track(table, &packet, &frame, &heard));
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
