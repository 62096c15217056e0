/* Fragments put together: what comes out, when, and what is counted. */
#include "sensor/decode/decode.h"
#include "tests/unit/reassembly_scene.h"

static void
test_ipv4_in_any_order(void **state)
{
	static const size_t cuts[] = {0, 800, 1600, 2000};
	static const unsigned orders[][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	struct whole whole = whole_udp(9, 2000 - 8);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	for (unsigned i = 0; i < 6; i++) {
		whole.identification = i;
		for (unsigned j = 0; j < 3; j++) {
			size_t at = orders[i][j];

			assert_int_equal(scene.count, i);
			send4(&scene, &whole, cuts[at], cuts[at + 1]);
		}
		assert_int_equal(scene.count, i + 1);
		expect_udp(&scene, &whole, 1992);
		assert_true(key_is(&scene.outs[i].frame.key, 1, 2, 1000, 53));
		assert_int_equal(scene.outs[i].frame.packets, 3);
		assert_int_equal(scene.outs[i].frame.ip_length, 2000 + 60);
		assert_int_equal(scene.outs[i].frame.payload_length, 1992);
	}
	assert_int_equal(scene_counts(&scene).whole, 6);
	assert_int_equal(scene_counts(&scene).fragments, 18);
	scene_close(&scene);
	assert_int_equal(scene.count, 6);
}

static void
test_ipv6(void **state)
{
	struct whole whole = whole_udp(0x12345678, 3000);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send6(&scene, &whole, 1448, 2896);
	send6(&scene, &whole, 0, 1448);
	assert_int_equal(scene.count, 0);
	send6(&scene, &whole, 2896, 3008);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 3000);
	assert_true(key6_is(&scene.outs[0].frame.key, 1, 2, 1000, 53));
	assert_int_equal(scene.outs[0].frame.packets, 3);
	assert_int_equal(scene.outs[0].frame.ip_length, 3008 + 3 * 48);
	scene_close(&scene);
}

/* Options of IPv4, extension headers of IPv6: they are only left out. */
static void
test_headers_with_more_in_them(void **state)
{
	struct packet_builder options = {0}, extended = {0};
	struct whole whole = whole_udp(0x1234, 8);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	build_ipv4_fragment(&options, 1, 2, PROTOCOL_UDP, 4 + 8, 0x2000);
	options.octets[0] = 0x46;
	build_be32(&options, 0x01010101);
	build_octets(&options, whole.carried.octets, 8);
	scene_send(&scene, &options);
	send4(&scene, &whole, 8, 16);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 8);

	build_ipv6(&extended, 1, 2, 60, 8 + 8 + 8);
	build_be32(&extended, 44U << 24);
	build_be32(&extended, 0);
	build_be32(&extended, (uint32_t)PROTOCOL_UDP << 24 | 1);
	build_be32(&extended, 0x1234);
	build_octets(&extended, whole.carried.octets, 8);
	scene_send(&scene, &extended);
	send6(&scene, &whole, 8, 16);
	assert_int_equal(scene.count, 2);
	expect_udp(&scene, &whole, 8);
	assert_int_equal(scene.outs[1].frame.transport_offset, 40);
	scene_close(&scene);
}

/* Only the first fragment says what an IPv6 datagram carries. */
static void
test_ipv6_next_header_is_of_the_first_fragment(void **state)
{
	struct whole whole = whole_udp(7, 16), other = whole;
	struct scene scene;

	(void)state;
	other.protocol = PROTOCOL_TCP;
	scene_open(&scene, MANY, LARGE);
	send6(&scene, &other, 8, 24);
	send6(&scene, &whole, 0, 8);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 16);
	scene_close(&scene);
}

static void
test_what_tells_datagrams_apart(void **state)
{
	struct whole base = whole_udp(1, 16);
	struct whole others[4] = {base, base, base, base};
	struct packet_builder tagged = {0}, inner = part4(&base, 8, 24);
	struct packet packet;
	struct frame frame;
	struct scene scene;

	(void)state;
	others[0].identification = 2;
	others[1].from = 3;
	others[2].to = 4;
	others[3].protocol = PROTOCOL_TCP;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &base, 0, 8);
	for (unsigned i = 0; i < 4; i++)
		send4(&scene, &others[i], 8, 24);
	build_ethernet(&tagged, 0x8100);
	build_vlan(&tagged, 5, 0x0800);
	build_octets(&tagged, inner.octets, inner.size);
	packet = build_packet(&tagged, 1);
	packet.at = scene.now;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_FRAGMENT);
	reassembly_add(scene.reassembly, &packet, &frame, packet.at);
	assert_int_equal(scene.count, 0);
	assert_int_equal(scene_counts(&scene).live, 6);
	send4(&scene, &base, 8, 24);
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	scene_close(&scene);
	assert_int_equal(scene.count, 1);
}

static void
test_a_vlan_is_kept(void **state)
{
	struct whole whole = whole_udp(1, 16);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	for (size_t from = 0; from < 24; from += 8) {
		struct packet_builder b = {0},
				      part = part4(&whole, from, from + 8);
		struct packet packet;
		struct frame frame;

		build_ethernet(&b, 0x8100);
		build_vlan(&b, 5, 0x0800);
		build_octets(&b, part.octets, part.size);
		packet = build_packet(&b, 1);
		assert_int_equal(
		    decode_packet(&packet, &frame), FRAME_FRAGMENT);
		reassembly_add(scene.reassembly, &packet, &frame, packet.at);
	}
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].frame.vlan_count, 1);
	assert_int_equal(scene.outs[0].frame.vlans[0], 5);
	scene_close(&scene);
}

/* --- overlaps and the like ------------------------------------------------ */

static void
test_repeated_fragments_change_nothing(void **state)
{
	struct whole whole = whole_udp(1, 24), forged = whole;
	struct scene scene;

	(void)state;
	memset(forged.carried.octets, 'x', 32);
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 24);
	send4(&scene, &whole, 0, 24);
	send4(&scene, &forged, 8, 16);
	send4(&scene, &whole, 24, 32);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 24);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	assert_int_equal(scene.outs[0].frame.ip_length, 32 + 40);
	send6(&scene, &whole, 0, 24);
	send6(&scene, &forged, 8, 16);
	send6(&scene, &whole, 24, 32);
	assert_int_equal(scene.count, 2);
	expect_udp(&scene, &whole, 24);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).overlapping, 0);
	scene_close(&scene);
}

/* As where packets are seen at two places. */
static void
test_copies_of_every_fragment(void **state)
{
	struct whole whole = whole_udp(1, 24), next = whole;
	struct scene scene;

	(void)state;
	next.carried.octets[31] ^= 1;
	scene_open(&scene, 1, LARGE);
	for (size_t from = 0; from < 32; from += 16) {
		send4(&scene, &whole, from, from + 16);
		send4(&scene, &whole, from, from + 16);
	}
	scene.now.ns += 19 * NS_PER_MS;
	send4(&scene, &whole, 0, 16);
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	assert_int_equal(scene.outs[0].frame.ip_length, 32 + 40);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).begun, 1);
	assert_int_equal(scene_counts(&scene).live, 0);

	/* Another datagram may take the identification at once. */
	send4(&scene, &next, 16, 32);
	send4(&scene, &next, 0, 16);
	assert_int_equal(scene.count, 2);
	expect_udp(&scene, &next, 24);

	/* After a while the same is no copy. */
	scene.now.ns += 20 * NS_PER_MS;
	send4(&scene, &next, 0, 16);
	send4(&scene, &next, 16, 32);
	assert_int_equal(scene.count, 3);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).evicted, 0);
	scene_close(&scene);
}

static void
test_copies_that_are_cut_or_shorter(void **state)
{
	struct whole whole = whole_udp(1, 24), shorter = whole, longer = whole;
	struct packet_builder last = part4(&whole, 16, 32);
	struct scene scene;

	(void)state;
	shorter.carried.size = 24;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 16);
	scene_send_cut(&scene, &last, 20 + 5);
	assert_int_equal(scene.count, 1);
	send4(&scene, &whole, 16, 32);
	scene_send_cut(&scene, &last, 20);
	assert_int_equal(scene_counts(&scene).repeated, 2);
	last.octets[20 + 5] ^= 1; /* which was not there to compare */
	scene_send(&scene, &last);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	send4(&scene, &shorter, 16, 24); /* the same octets, another end */
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).live, 1);

	whole.identification = longer.identification = 2;
	send4(&scene, &whole, 0, 16);
	send4(&scene, &whole, 16, 32);
	assert_int_equal(scene.count, 2);
	build_fill(&longer.carried, 8, 0);
	send4(&scene, &longer, 24, 40);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).live, 2);
	scene_close(&scene);
}

typedef void send_part(
    struct scene *scene, const struct whole *whole, size_t from, size_t to);

/* Another port in the first fragment than the receiver believes. */
static void
overlap_drops(send_part *send)
{
	struct whole whole = whole_udp(1, 40), forged = whole;
	struct scene scene;

	forged.carried.octets[3] = 80;
	scene_open(&scene, MANY, LARGE);
	send(&scene, &forged, 0, 16);
	send(&scene, &whole, 8, 24);
	assert_int_equal(scene_counts(&scene).overlapping, 1);
	assert_int_equal(scene_counts(&scene).overlapped, 1);
	assert_int_equal(scene_counts(&scene).live, 0);
	send(&scene, &whole, 24, 48);
	assert_int_equal(scene.count, 0);
	/* What comes now begins it anew, for the receiver as for us. */
	send(&scene, &whole, 0, 24);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 40);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	scene_close(&scene);
}

static void
test_overlap_drops_the_datagram(void **state)
{
	(void)state;
	overlap_drops(send4);
	overlap_drops(send6);
}

/* Overlaps at its beginning, at its end, and at both. */
static void
test_every_way_to_overlap(void **state)
{
	static const size_t parts[][2] = {{8, 24}, {24, 40}, {8, 40}};
	struct whole whole = whole_udp(1, 40);
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		scene_open(&scene, MANY, LARGE);
		send4(&scene, &whole, 40, 48);
		send4(&scene, &whole, 16, 32);
		send4(&scene, &whole, parts[i][0], parts[i][1]);
		assert_int_equal(scene_counts(&scene).overlapping, 1);
		assert_int_equal(scene_counts(&scene).overlapped, 1);
		assert_int_equal(scene_counts(&scene).live, 0);
		scene_close(&scene);
	}
}

/*
 * Linux takes a fragment for a repetition within one run only.  Of those that
 * came one behind the other it is one, and over a seam it is not.
 */
static void
test_repetition_over_a_seam_is_an_overlap(void **state)
{
	struct whole whole = whole_udp(1, 40);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 8);
	send4(&scene, &whole, 8, 16);
	send4(&scene, &whole, 16, 32);
	send4(&scene, &whole, 0, 32);
	send4(&scene, &whole, 8, 24);
	assert_int_equal(scene_counts(&scene).repeated, 2);
	assert_int_equal(scene_counts(&scene).overlapping, 0);

	whole.identification = 2;
	send4(&scene, &whole, 16, 32); /* one run */
	send4(&scene, &whole, 8, 16);  /* and one before it */
	send4(&scene, &whole, 16, 24);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	send4(&scene, &whole, 8, 24);
	assert_int_equal(scene_counts(&scene).repeated, 3);
	assert_int_equal(scene_counts(&scene).overlapping, 1);
	assert_int_equal(scene_counts(&scene).overlapped, 1);
	scene_close(&scene);
}

static void
test_a_disputed_end_drops_the_datagram(void **state)
{
	struct whole whole = whole_udp(1, 40), shorter = whole;
	struct scene scene;

	(void)state;
	shorter.carried.size = 24;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &shorter, 16, 24); /* says: ends at 24 */
	send4(&scene, &whole, 24, 40);   /* octets behind the end */
	assert_int_equal(scene_counts(&scene).contradicted, 1);
	assert_int_equal(scene_counts(&scene).overlapped, 1);
	assert_int_equal(scene_counts(&scene).live, 0);
	send4(&scene, &whole, 24, 40);
	send4(&scene, &shorter, 16, 24); /* an end before them */
	assert_int_equal(scene_counts(&scene).contradicted, 2);
	assert_int_equal(scene_counts(&scene).overlapped, 2);
	assert_int_equal(scene_counts(&scene).live, 0);
	send4(&scene, &whole, 0, 40);
	send4(&scene, &whole, 40, 48);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 40);
	assert_int_equal(scene_counts(&scene).overlapping, 0);
	scene_close(&scene);
}

static void
test_an_end_that_is_said_late(void **state)
{
	struct whole whole = whole_udp(1, 16), longer = whole;
	struct scene scene;

	(void)state;
	longer.carried.size = 100;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &longer, 0, 24); /* says: there is more */
	assert_int_equal(scene.count, 0);
	send4(&scene, &whole, 8, 24);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 16);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	assert_int_equal(scene_counts(&scene).contradicted, 0);
	assert_int_equal(scene_counts(&scene).repeated, 0);
	scene_close(&scene);
}

static void
test_what_is_no_part_of_anything(void **state)
{
	struct packet_builder b = {0};
	struct whole whole = whole_udp(1, 100);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 8, 8);
	assert_int_equal(scene_counts(&scene).empty, 1);
	send6(&scene, &whole, 0, 12);
	assert_int_equal(scene_counts(&scene).misaligned, 1);
	/* 65512 + 3 is the end of the longest IPv4 datagram. */
	build_ipv4_fragment(&b, 1, 2, PROTOCOL_UDP, 4, 65512 / 8);
	build_fill(&b, 4, 0);
	scene_send(&scene, &b);
	assert_int_equal(scene_counts(&scene).too_long, 1);
	assert_int_equal(scene_counts(&scene).begun, 0);
	b.octets[3]--;
	scene_send(&scene, &b);
	assert_int_equal(scene_counts(&scene).too_long, 1);
	assert_int_equal(scene_counts(&scene).begun, 1);
	/* Less than a unit, and not the last: nothing is left of it. */
	send4(&scene, &whole, 8, 12);
	assert_int_equal(scene_counts(&scene).trimmed, 1);
	assert_int_equal(scene_counts(&scene).empty, 2);
	scene_close(&scene);
	assert_int_equal(scene.count, 0);
}

static void
test_ipv4_odd_octets_are_trimmed(void **state)
{
	struct whole whole = whole_udp(1, 40), forged = whole;
	struct scene scene;

	(void)state;
	memset(forged.carried.octets + 24, 'x', 24);
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &forged, 0, 29);
	assert_int_equal(scene_counts(&scene).trimmed, 1);
	send4(&scene, &whole, 24, 48);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 40);
	assert_int_equal(scene_counts(&scene).overlapping, 0);
	scene_close(&scene);
}

static void
test_the_longest(void **state)
{
	struct packet_builder b = {0};
	struct scene scene;

	(void)state;
	scene_open(&scene, 1, DATAGRAM_MAXIMUM + 1);
	for (unsigned at = 0; at < 65528; at += 2048) {
		unsigned size = at + 2048 < 65528 ? 2048 : 65535 - at;

		b.size = 0;
		build_ipv6(&b, 1, 2, 44, 8 + size);
		build_be32(&b, 253U << 24 | at | (size == 2048));
		build_be32(&b, 1);
		build_fill(&b, size, at >> 8);
		scene_send(&scene, &b);
	}
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].frame.payload_captured, 65535);
	assert_int_equal(scene.outs[0].frame.packets, 32);
	assert_int_equal(scene.outs[0].payload[65534], 65535 >> 11 << 3);
	assert_int_equal(scene_counts(&scene).evicted, 0);
	scene_close(&scene);
}

/* --- what is not whole ---------------------------------------------------- */

static void
test_time_hands_out_the_beginning(void **state)
{
	struct whole whole = whole_udp(1, 3000);
	struct instant last;
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 1480);
	scene.now.ns += 29 * NS_PER_SECOND;
	send4(&scene, &whole, 2960, 3008);
	last = scene.now;
	scene.now.ns += NS_PER_SECOND - 1;
	reassembly_expire(scene.reassembly, scene.now);
	assert_int_equal(scene.count, 0);
	/* Time does not go back. */
	reassembly_expire(scene.reassembly, (struct instant){0});
	scene.now.ns += 1;
	reassembly_expire(scene.reassembly, scene.now);
	assert_int_equal(scene.count, 1);
	scene.now = last;
	expect_udp(&scene, &whole, 1472);
	assert_int_equal(scene.outs[0].frame.payload_length, 1472);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	assert_int_equal(scene.outs[0].frame.ip_length, 1480 + 48 + 40);
	assert_int_equal(scene_counts(&scene).timed_out, 1);
	assert_int_equal(scene_counts(&scene).unreadable, 0);
	scene_close(&scene);
	assert_int_equal(scene.count, 1);
}

static void
test_a_late_fragment_begins_anew(void **state)
{
	struct whole whole = whole_udp(1, 16);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 8);
	scene.now.ns += 30 * NS_PER_SECOND;
	send4(&scene, &whole, 8, 24);
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].frame.payload_length, 0);
	assert_int_equal(scene_counts(&scene).timed_out, 1);
	assert_int_equal(scene_counts(&scene).live, 1);
	assert_int_equal(scene.outs[0].frame.packets, 1);
	scene_close(&scene);
	assert_int_equal(scene.count, 1);
}

static void
test_stamps_that_are_worlds_apart(void **state)
{
	struct whole whole = whole_udp(1, 16);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	scene.now = INSTANT_PAST;
	send4(&scene, &whole, 0, 8);
	reassembly_expire(scene.reassembly, INSTANT_FUTURE);
	assert_int_equal(scene.count, 1);
	scene_close(&scene);
}

static void
test_without_a_beginning_nothing_comes_out(void **state)
{
	struct whole whole = whole_udp(1, 16), tcp = whole;
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 8, 24);
	tcp.protocol = PROTOCOL_TCP;
	send4(&scene, &tcp, 0, 8); /* too little for its header */
	assert_int_equal(scene_counts(&scene).tiny, 1);
	scene_close(&scene);
	assert_int_equal(scene.count, 0);
}

static void
test_a_tiny_first_fragment_with_the_rest(void **state)
{
	struct whole tcp = {.protocol = PROTOCOL_TCP, .from = 1, .to = 2};
	struct scene scene;

	(void)state;
	build_tcp(&tcp.carried, 4000, 80, TCP_SYN);
	build_fill(&tcp.carried, 12, 'p');
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &tcp, 0, 8);
	send4(&scene, &tcp, 8, 32);
	assert_int_equal(scene.count, 1);
	assert_true(key_is(&scene.outs[0].frame.key, 1, 2, 4000, 80));
	assert_int_equal(scene.outs[0].frame.tcp_flags, TCP_SYN);
	assert_int_equal(scene.outs[0].frame.payload_length, 12);
	assert_int_equal(scene_counts(&scene).tiny, 1);
	scene_close(&scene);
}

static void
test_a_whole_datagram_that_is_nothing(void **state)
{
	struct whole whole = whole_udp(1, 16);
	struct scene scene;

	(void)state;
	whole.carried.octets[4] = 1; /* longer than what is there */
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 0, 8);
	send4(&scene, &whole, 8, 24);
	assert_int_equal(scene.count, 0);
	assert_int_equal(scene_counts(&scene).whole, 1);
	assert_int_equal(scene_counts(&scene).unreadable, 1);
	scene_close(&scene);
}

static void
test_the_oldest_makes_room(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 3, LARGE);
	for (uint32_t i = 0; i < 5; i++) {
		struct whole whole = whole_udp(i, 16 + i);

		send4(&scene, &whole, 0, 16);
	}
	assert_int_equal(scene_counts(&scene).evicted, 2);
	assert_int_equal(scene_counts(&scene).live, 3);
	assert_int_equal(scene.count, 2);
	assert_int_equal(scene.outs[0].packet.number, 1);
	assert_int_equal(scene.outs[1].packet.number, 2);
	scene_close(&scene);
	assert_int_equal(scene.count, 5);
}

static void
test_octets_are_limited(void **state)
{
	struct whole large = whole_udp(0, 2500);
	struct scene scene;

	(void)state;
	/* 64 blocks; each of these fragments takes two. */
	scene_open(&scene, MANY, DATAGRAM_MAXIMUM + 1);
	for (uint32_t i = 0; i < 33; i++) {
		large.identification = i;
		send4(&scene, &large, 0, 1480);
		assert_int_equal(scene_counts(&scene).evicted, i == 32);
	}
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene.outs[0].packet.number, 1);
	/* The oldest needs two more, and is not what makes room. */
	large.identification = 1;
	send4(&scene, &large, 1480, 2500);
	assert_int_equal(scene.count, 2);
	assert_int_equal(scene.outs[1].packet.number, 3);
	send4(&scene, &large, 2496, 2508);
	assert_int_equal(scene.count, 3);
	assert_int_equal(scene.outs[2].frame.packets, 3);
	assert_int_equal(scene_counts(&scene).live, 30);
	/* The blocks of those that went serve again. */
	for (uint32_t i = 0; i < 10; i++) {
		large.identification = 100 + i;
		send4(&scene, &large, 0, 1480);
	}
	assert_int_equal(scene_counts(&scene).evicted, 2 + 8);
	assert_int_equal(scene_counts(&scene).live, 32);
	scene_close(&scene);
}

static void
test_cut_fragments_are_not_made_up(void **state)
{
	struct whole whole = whole_udp(1, 100);
	struct packet_builder first = part4(&whole, 0, 48);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	scene_send_cut(&scene, &first, 20 + 8 + 13);
	send4(&scene, &whole, 48, 108);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 13);
	assert_int_equal(scene.outs[0].frame.payload_length, 100);
	assert_int_equal(scene.outs[0].frame.ip_length, 108 + 40);

	/* A repetition may bring what was cut off. */
	scene.now.ns += NS_PER_SECOND;
	scene_send_cut(&scene, &first, 20 + 8 + 13);
	send4(&scene, &whole, 0, 48);
	send4(&scene, &whole, 48, 108);
	assert_int_equal(scene.count, 2);
	expect_udp(&scene, &whole, 100);

	/* Cut within the header of UDP. */
	scene.now.ns += NS_PER_SECOND;
	scene_send_cut(&scene, &first, 20 + 5);
	send4(&scene, &whole, 48, 108);
	assert_int_equal(scene.count, 2);
	assert_int_equal(scene_counts(&scene).unreadable, 1);
	scene_close(&scene);
}

/* Two clusters with the same addresses. */
static void
test_domains_part_datagrams(void **state)
{
	struct whole whole = whole_udp(1, 40), other = whole;
	struct packet_builder parts[] = {part4(&whole, 0, 16),
	    part4(&other, 16, 48), part4(&other, 0, 16), part4(&whole, 16, 48)};
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	for (unsigned i = 0; i < 4; i++) {
		struct packet packet = build_packet(&parts[i], 101);
		struct frame frame;

		assert_int_equal(
		    decode_packet(&packet, &frame), FRAME_FRAGMENT);
		frame.key.domain = i % 3 == 0 ? 5 : 6;
		reassembly_add(scene.reassembly, &packet, &frame, scene.now);
	}
	assert_int_equal(scene.count, 2);
	assert_int_equal(scene.outs[0].frame.key.domain, 6);
	assert_int_equal(scene.outs[1].frame.key.domain, 5);
	assert_int_equal(scene_counts(&scene).overlapping, 0);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ipv4_in_any_order),
	    cmocka_unit_test(test_ipv6),
	    cmocka_unit_test(test_headers_with_more_in_them),
	    cmocka_unit_test(test_ipv6_next_header_is_of_the_first_fragment),
	    cmocka_unit_test(test_what_tells_datagrams_apart),
	    cmocka_unit_test(test_a_vlan_is_kept),
	    cmocka_unit_test(test_repeated_fragments_change_nothing),
	    cmocka_unit_test(test_copies_of_every_fragment),
	    cmocka_unit_test(test_copies_that_are_cut_or_shorter),
	    cmocka_unit_test(test_overlap_drops_the_datagram),
	    cmocka_unit_test(test_every_way_to_overlap),
	    cmocka_unit_test(test_repetition_over_a_seam_is_an_overlap),
	    cmocka_unit_test(test_a_disputed_end_drops_the_datagram),
	    cmocka_unit_test(test_an_end_that_is_said_late),
	    cmocka_unit_test(test_what_is_no_part_of_anything),
	    cmocka_unit_test(test_ipv4_odd_octets_are_trimmed),
	    cmocka_unit_test(test_the_longest),
	    cmocka_unit_test(test_time_hands_out_the_beginning),
	    cmocka_unit_test(test_a_late_fragment_begins_anew),
	    cmocka_unit_test(test_stamps_that_are_worlds_apart),
	    cmocka_unit_test(test_without_a_beginning_nothing_comes_out),
	    cmocka_unit_test(test_a_tiny_first_fragment_with_the_rest),
	    cmocka_unit_test(test_a_whole_datagram_that_is_nothing),
	    cmocka_unit_test(test_the_oldest_makes_room),
	    cmocka_unit_test(test_octets_are_limited),
	    cmocka_unit_test(test_cut_fragments_are_not_made_up),
	    cmocka_unit_test(test_domains_part_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
