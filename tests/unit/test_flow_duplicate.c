/*
 * What is a copy and what is a repetition, on packets as they are on the wire;
 * and the memory of copies beside one that keeps whole packets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packet_builder.h"
#include "sensor/base/hash.h"
#include "sensor/decode/decode.h"
#include "sensor/flow_duplicate.h"
#include "sensor/flowtable.h"

#define ETHERNET 1

/* Places in an Ethernet frame with IPv4 and no options. */
enum {
	AT_TOS = 15,
	AT_ID = 18,
	AT_TTL = 22,
	AT_IP_CHECKSUM = 24,
	AT_SOURCE = 26,
	AT_DESTINATION = 30,
	AT_TRANSPORT = 34,
};

static const struct hash_key secret = {{3, 4}};

struct bench {
	struct flowtable *table;
	struct packet packet;
	struct flow flow; /* as it was when it ended */
	size_t ended;
};

static void
record(struct flow *flow, enum flow_reason reason, void *context)
{
	struct bench *bench = context;

	(void)reason;
	bench->flow = *flow;
	bench->ended++;
}

static void
bench_open(struct bench *bench)
{
	*bench = (struct bench){.packet = {.at = {NS_PER_SECOND}}};
	bench->table =
	    flowtable_new(8, &secret, &flow_timeouts_default, record, bench);
	assert_non_null(bench->table);
}

/* Ends the one flow that there was. */
static void
bench_close(struct bench *bench)
{
	flowtable_end_all(bench->table);
	assert_int_equal(bench->ended, 1);
	assert_int_equal(
	    flowtable_counts(bench->table).duplicates, bench->flow.duplicates);
	flowtable_free(bench->table);
}

/* The packet comes `after` microseconds; returns whether it is a copy. */
static bool
see(struct bench *bench, const struct packet_builder *b, int64_t after)
{
	struct packet packet = build_packet(b, ETHERNET);
	struct heard heard;
	struct frame frame;
	const struct flow *flow;

	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	bench->packet.at.ns += after * NS_PER_US;
	bench->packet.number++;
	flow = flowtable_track(bench->table, &bench->packet, &frame, NULL,
	    bench->packet.at, &heard);
	assert_non_null(flow);
	return heard.duplicate;
}

static void
assert_counted(struct bench *bench, uint64_t packets, uint64_t duplicates)
{
	bench_close(bench);
	assert_int_equal(
	    bench->flow.packets[0] + bench->flow.packets[1], packets);
	assert_int_equal(bench->flow.duplicates, duplicates);
}

static void
put_be16(struct packet_builder *b, size_t at, unsigned value)
{
	b->octets[at] = (uint8_t)(value >> 8);
	b->octets[at + 1] = (uint8_t)value;
}

/* A TCP header with `options` octets, which are all `filler`. */
static void
build_tcp_options(
    struct packet_builder *b, unsigned flags, size_t options, unsigned filler)
{
	size_t start = b->size;

	build_tcp(b, 40000, 80, flags);
	b->octets[start + 12] = (uint8_t)((20 + options) / 4 << 4);
	build_fill(b, options, filler);
}

static struct packet_builder
tcp4(unsigned id, unsigned flags, size_t payload)
{
	struct packet_builder b = {.size = 0};

	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 20 + 12 + payload);
	put_be16(&b, AT_ID, id);
	build_tcp_options(&b, flags, 12, 1);
	build_fill(&b, payload, 'x');
	return b;
}

static struct packet_builder
tcp6(size_t options, unsigned filler)
{
	struct packet_builder b = {.size = 0};

	build_ethernet(&b, 0x86dd);
	build_ipv6(&b, 1, 2, PROTOCOL_TCP, 20 + options);
	build_tcp_options(&b, TCP_ACK, options, filler);
	return b;
}

static struct packet_builder
udp4(unsigned id, size_t payload)
{
	struct packet_builder b = {.size = 0};

	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_UDP, 8 + payload);
	put_be16(&b, AT_ID, id);
	build_udp(&b, 40000, 53, payload);
	build_fill(&b, payload, 'x');
	return b;
}

static struct packet_builder
echo4(unsigned id, unsigned sequence)
{
	struct packet_builder b = {.size = 0};

	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_ICMP, 8 + 56);
	put_be16(&b, AT_ID, id);
	build_be16(&b, 0x0800);
	build_be16(&b, 0);
	build_be16(&b, 77);
	build_be16(&b, sequence);
	build_fill(&b, 56, 'x');
	return b;
}

/* --- the same packet, seen again ------------------------------------------ */

static void
test_copy_changes_nothing_but_duplicates(void **state)
{
	struct packet_builder syn = tcp4(7, TCP_SYN, 0);
	struct packet_builder fin = tcp4(8, TCP_FIN | TCP_ACK, 100);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_false(see(&bench, &syn, 0));
	assert_true(see(&bench, &syn, 5));
	assert_false(see(&bench, &fin, 1000));
	assert_true(see(&bench, &fin, 5));
	assert_true(see(&bench, &fin, 5));
	assert_counted(&bench, 2, 3);
	assert_int_equal(bench.flow.octets[0], 52 + 152);
	assert_int_equal(bench.flow.state, FLOW_ATTEMPT);
	assert_int_equal(bench.flow.last.ns, NS_PER_SECOND + 1005 * NS_PER_US);
}

/* Other MAC addresses, a hop less, another checksum, another class. */
static void
test_after_a_router(void **state)
{
	struct packet_builder before = tcp4(7, TCP_ACK, 100), after = before;
	struct bench bench;

	(void)state;
	memset(after.octets, 0x06, 12);
	after.octets[AT_TTL]--;
	after.octets[AT_TOS] = 0x2e << 2;
	put_be16(&after, AT_IP_CHECKSUM, 0xbeef);
	bench_open(&bench);
	assert_false(see(&bench, &before, 0));
	assert_true(see(&bench, &after, 10));
	assert_counted(&bench, 1, 1);
}

/* Puts 4 octets of tag, or 50 of VXLAN, before what follows `keep`. */
static struct packet_builder
inside(const struct packet_builder *outer, const struct packet_builder *b,
    size_t skip)
{
	struct packet_builder out = *outer;

	memcpy(out.octets + out.size, b->octets + skip, b->size - skip);
	out.size += b->size - skip;
	return out;
}

static void
test_tagged_and_in_a_tunnel(void **state)
{
	struct packet_builder bare = udp4(7, 40), outer = {.size = 0};
	struct packet_builder tagged, tunnelled;
	struct bench bench;

	(void)state;
	build_ethernet(&outer, 0x8100);
	build_vlan(&outer, 12, 0x0800);
	tagged = inside(&outer, &bare, 14);
	outer.size = 0;
	build_ethernet(&outer, 0x0800);
	build_ipv4(&outer, 8, 9, PROTOCOL_UDP, 8 + 8 + bare.size);
	build_udp(&outer, 50000, 4789, 8 + bare.size);
	build_be32(&outer, 0x08000000);
	build_be32(&outer, 42 << 8);
	tunnelled = inside(&outer, &bare, 0);
	bench_open(&bench);
	assert_false(see(&bench, &tunnelled, 0));
	assert_true(see(&bench, &bare, 10));
	assert_true(see(&bench, &tagged, 10));
	assert_counted(&bench, 1, 2);
	assert_int_equal(bench.flow.tunnel.kind, TUNNEL_VXLAN);
}

/* Each direction has its own memory: a loop of one packet is two packets. */
static void
test_directions_are_apart(void **state)
{
	struct packet_builder there = udp4(7, 4), back = there;
	struct bench bench;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		back.octets[AT_SOURCE + i] = there.octets[AT_DESTINATION + i];
		back.octets[AT_DESTINATION + i] = there.octets[AT_SOURCE + i];
	}
	put_be16(&back, AT_TRANSPORT, 53);
	put_be16(&back, AT_TRANSPORT + 2, 40000);
	bench_open(&bench);
	assert_false(see(&bench, &there, 0));
	assert_false(see(&bench, &back, 10));
	assert_counted(&bench, 2, 0);
}

/* --- how late, how far, how often ----------------------------------------- */

static void
test_window(void **state)
{
	struct packet_builder b = tcp4(7, TCP_ACK, 10);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_false(see(&bench, &b, 0));
	assert_true(see(&bench, &b, 18000));
	assert_false(see(&bench, &b, 4000)); /* 22 ms after the first */
	assert_true(see(&bench, &b, 18000));
	assert_false(see(&bench, &b, 200000));
	assert_counted(&bench, 3, 2);
}

/* Copies of a burst come behind it: four packets are remembered. */
static void
test_bursts_of_four(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned id = 0; id < 4; id++) {
			struct packet_builder b = udp4(id, 10);

			assert_int_equal(see(&bench, &b, 1), round == 1);
		}
	for (unsigned round = 0; round < 2; round++)
		for (unsigned id = 10; id < 15; id++) {
			struct packet_builder b = udp4(id, 10);

			assert_false(see(&bench, &b, 1));
		}
	assert_counted(&bench, 4 + 10, 4);
}

/*
 * Decision: who sends the very same datagram again and again, identification
 * and all, shows one packet of eight.  A flood of a tool with a fixed
 * identification is 8 times smaller than it was, and in duplicates for the
 * rest; one that counts it up, as systems do, is whole.
 */
static void
test_floods_of_datagrams(void **state)
{
	struct packet_builder fixed = udp4(7, 0);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	for (int i = 0; i < 800; i++)
		(void)see(&bench, &fixed, 1);
	assert_counted(&bench, 100, 700);

	bench_open(&bench);
	for (unsigned i = 0; i < 800; i++) {
		struct packet_builder b = udp4(i, 0);

		(void)see(&bench, &b, 1);
	}
	assert_counted(&bench, 800, 0);
}

/*
 * Decision: a flood of SYNs on one pair of ports is whole when either the
 * sequence or the identification changes; if nothing does, it is an eighth.
 */
static void
test_floods_of_syns(void **state)
{
	struct packet_builder b = tcp4(0, TCP_SYN, 0);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	for (unsigned i = 0; i < 400; i++) {
		put_be16(&b, AT_TRANSPORT + 6, i); /* sequence */
		(void)see(&bench, &b, 1);
	}
	for (unsigned i = 1; i <= 400; i++) {
		put_be16(&b, AT_ID, i);
		(void)see(&bench, &b, 1);
	}
	assert_counted(&bench, 800, 0);

	bench_open(&bench);
	for (int i = 0; i < 400; i++)
		(void)see(&bench, &b, 1);
	assert_counted(&bench, 50, 350);
}

/* ping -f counts its sequence up, so no reply is needed between. */
static void
test_floods_of_echoes(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	for (unsigned i = 0; i < 300; i++) {
		struct packet_builder b = echo4(0, i);

		assert_false(see(&bench, &b, 10));
		assert_true(see(&bench, &b, 3));
	}
	assert_counted(&bench, 300, 300);
}

/* --- repetitions ---------------------------------------------------------- */

/* A retransmission is a packet: IP numbers it anew. */
static void
test_retransmission_at_once(void **state)
{
	struct packet_builder first = tcp4(7, TCP_ACK, 1000);
	struct packet_builder again = tcp4(8, TCP_ACK, 1000);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_false(see(&bench, &first, 0));
	assert_false(see(&bench, &again, 2000));
	assert_counted(&bench, 2, 0);
}

/*
 * Decision: SYN-ACKs and RSTs of Linux have no identification.  Two that are
 * equal and at once count as one: several RSTs to several segments in flight
 * say no more than the first.  A SYN-ACK that is sent again comes a second
 * later.
 */
static void
test_without_identification(void **state)
{
	struct packet_builder reset = tcp4(0, TCP_RST, 0);
	struct packet_builder accept = tcp4(0, TCP_SYN | TCP_ACK, 0);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_false(see(&bench, &accept, 0));
	assert_false(see(&bench, &accept, 1000000));
	assert_false(see(&bench, &reset, 10));
	assert_true(see(&bench, &reset, 10));
	put_be16(&reset, AT_TRANSPORT + 6, 9); /* to another segment */
	assert_false(see(&bench, &reset, 10));
	assert_counted(&bench, 4, 1);
}

/*
 * Decision: duplicate ACKs of IPv6 that differ in nothing within a tick of the
 * timestamps count as copies; they have no payload and change no state.  With
 * selective acknowledgement each says something new and is counted.
 */
static void
test_duplicate_acks_of_ipv6(void **state)
{
	struct packet_builder plain = tcp6(12, 1);
	struct packet_builder later = tcp6(12, 2);
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_false(see(&bench, &plain, 0));
	assert_true(see(&bench, &plain, 10));
	assert_false(see(&bench, &later, 10)); /* another timestamp */
	for (unsigned i = 0; i < 3; i++) {
		struct packet_builder block = tcp6(24, 1);

		block.octets[block.size - 1] = (uint8_t)i;
		assert_false(see(&bench, &block, 10));
	}
	assert_counted(&bench, 5, 1);
}

/* A packet that is never delivered must not hide one that is. */
static void
test_other_payload_is_another_packet(void **state)
{
	struct packet_builder decoy = tcp4(7, TCP_ACK, 100), real = decoy;
	struct bench bench;

	(void)state;
	real.octets[AT_TRANSPORT + 32] = '*';
	bench_open(&bench);
	assert_false(see(&bench, &decoy, 0));
	assert_false(see(&bench, &real, 10));
	assert_counted(&bench, 2, 0);
}

/* --- fingerprints --------------------------------------------------------- */

static uint32_t
fingerprint_of(const struct packet_builder *b)
{
	struct frame frame;

	assert_int_equal(build_decode(b, ETHERNET, &frame), FRAME_OK);
	return flow_fingerprint(&frame, &secret);
}

/* Octets [from, to) after the link layer, and whether they matter. */
struct run {
	size_t from, to;
	bool matters;
};

static void
check_runs(const struct packet_builder *original, const struct run *runs)
{
	uint32_t fingerprint = fingerprint_of(original);

	for (; runs->to > 0; runs++)
		for (size_t at = runs->from; at < runs->to; at++) {
			struct packet_builder changed = *original;

			changed.octets[14 + at] ^= 0x21;
			assert_int_equal(
			    fingerprint_of(&changed) != fingerprint,
			    runs->matters);
		}
}

/* Whatever a router or a translation changes is left out, all else is in. */
static void
test_what_the_fingerprint_covers(void **state)
{
	static const struct run tcp[] = {{1, 2, false}, {4, 6, true},
	    {8, 9, false}, {10, 24, false}, /* TTL, checksum, ends */
	    {24, 32, true}, {34, 36, true}, /* sequences; window */
	    {36, 38, false}, {40, 72, true}, {72, 100, false}, {0, 0, false}};
	static const struct run udp[] = {{1, 2, false}, {4, 6, true},
	    {10, 22, false}, {26, 28, false}, {28, 44, true}, {44, 52, false},
	    {52, 68, true}, {0, 0, false}};
	static const struct run icmp[] = {{4, 6, true}, {12, 20, false},
	    {22, 24, false}, {24, 44, true}, {0, 0, false}};
	struct packet_builder b = tcp4(7, TCP_ACK, 48);

	(void)state;
	check_runs(&b, tcp);
	b = udp4(7, 40);
	check_runs(&b, udp);
	b = echo4(7, 1);
	check_runs(&b, icmp);
}

/* Of every length the beginning and the end count. */
static void
test_payloads_of_every_length(void **state)
{
	uint32_t last = 0;

	(void)state;
	for (size_t length = 0; length <= 40; length++) {
		struct packet_builder b = udp4(7, length);
		uint32_t fingerprint = fingerprint_of(&b);

		assert_int_not_equal(fingerprint, last);
		last = fingerprint;
		for (size_t i = 0; i < length; i++) {
			struct packet_builder changed = b;
			bool looked_at = i < 16 || i + 16 >= length;

			changed.octets[AT_TRANSPORT + 8 + i] ^= 0x40;
			assert_int_equal(
			    fingerprint_of(&changed) != fingerprint, looked_at);
		}
	}
}

/* --- beside a memory of whole packets ------------------------------------- */

struct memory {
	struct packet_builder packet;
	int64_t at;
	int copies;
};

static uint32_t
below(uint64_t *random, uint32_t limit)
{
	/* Numbers of Knuth's MMIX. */
	*random = *random * UINT64_C(6364136223846793005) +
		  UINT64_C(1442695040888963407);
	return (uint32_t)(*random >> 33) % limit;
}

/* Few different packets of one sender, so that equal ones meet. */
static struct packet_builder
random_packet(uint64_t *random)
{
	struct packet_builder b =
	    tcp4(below(random, 3), TCP_ACK, below(random, 2) * 40);

	b.octets[AT_TRANSPORT + 7] = (uint8_t)below(random, 2);
	b.octets[AT_TRANSPORT + 34] = (uint8_t)below(random, 2);
	return b;
}

static bool
naive_is_copy(struct memory recent[4], size_t *count,
    const struct packet_builder *b, int64_t now)
{
	for (size_t i = 0; i < *count; i++)
		if (recent[i].packet.size == b->size &&
		    memcmp(recent[i].packet.octets, b->octets, b->size) == 0 &&
		    now / (1 << 20) - recent[i].at / (1 << 20) <= 19 &&
		    recent[i].copies < 7) {
			recent[i].copies++;
			return true;
		}
	memmove(&recent[1], &recent[0], 3 * sizeof(recent[0]));
	recent[0] = (struct memory){*b, now, 0};
	if (*count < 4)
		(*count)++;
	return false;
}

static void
test_beside_whole_packets(void **state)
{
	struct memory *recent = calloc(4, sizeof(*recent));
	uint64_t random = 1;
	size_t count = 0, copies = 0;
	struct bench bench;

	(void)state;
	assert_non_null(recent);
	bench_open(&bench);
	for (int i = 0; i < 20000; i++) {
		struct packet_builder b = random_packet(&random);
		int64_t after = below(&random, 3) == 0 ? below(&random, 30000)
						       : below(&random, 300);
		bool copy = naive_is_copy(
		    recent, &count, &b, bench.packet.at.ns + after * NS_PER_US);

		b.octets[AT_TTL] = (uint8_t)below(&random, 256);
		assert_int_equal(see(&bench, &b, after), copy);
		copies += copy;
	}
	assert_in_range(copies, 1000, 19000);
	assert_counted(&bench, 20000 - copies, copies);
	free(recent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_copy_changes_nothing_but_duplicates),
	    cmocka_unit_test(test_after_a_router),
	    cmocka_unit_test(test_tagged_and_in_a_tunnel),
	    cmocka_unit_test(test_directions_are_apart),
	    cmocka_unit_test(test_window),
	    cmocka_unit_test(test_bursts_of_four),
	    cmocka_unit_test(test_floods_of_datagrams),
	    cmocka_unit_test(test_floods_of_syns),
	    cmocka_unit_test(test_floods_of_echoes),
	    cmocka_unit_test(test_retransmission_at_once),
	    cmocka_unit_test(test_without_identification),
	    cmocka_unit_test(test_duplicate_acks_of_ipv6),
	    cmocka_unit_test(test_other_payload_is_another_packet),
	    cmocka_unit_test(test_what_the_fingerprint_covers),
	    cmocka_unit_test(test_payloads_of_every_length),
	    cmocka_unit_test(test_beside_whole_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
