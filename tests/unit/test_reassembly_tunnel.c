/* Tunnels in fragments, fragments in tunnels, and both at once. */
#include "tests/unit/reassembly_scene.h"

/* VXLAN 0x42 from host 101 to host 102 around an IP packet. */
static struct whole
vxlan_around(const struct packet_builder *inner, uint32_t identification)
{
	struct whole whole = {
	    .protocol = PROTOCOL_UDP,
	    .identification = identification,
	    .from = 101,
	    .to = 102,
	};

	build_udp(&whole.carried, 50000, 4789, 8 + 14 + inner->size);
	build_be32(&whole.carried, 0x08000000);
	build_be32(&whole.carried, 0x00004200);
	build_ethernet(&whole.carried, 0x0800);
	build_octets(&whole.carried, inner->octets, inner->size);
	return whole;
}

/* Gives the carrier in one piece. */
static void
send_tunnel(struct scene *scene, const struct whole *outer)
{
	struct packet_builder b = {0};

	build_ipv4(
	    &b, outer->from, outer->to, outer->protocol, outer->carried.size);
	build_octets(&b, outer->carried.octets, outer->carried.size);
	scene_send(scene, &b);
}

static void
test_a_tunnel_in_fragments(void **state)
{
	struct packet_builder inner = {0};
	struct whole whole;
	struct scene scene;

	(void)state;
	build_ipv4(&inner, 1, 2, PROTOCOL_TCP, 20 + 1000);
	build_tcp(&inner, 4000, 80, TCP_ACK);
	build_fill(&inner, 1000, 'v');
	whole = vxlan_around(&inner, 1);
	scene_open(&scene, MANY, LARGE);
	send4(&scene, &whole, 800, whole.carried.size);
	send4(&scene, &whole, 0, 800);
	assert_int_equal(scene.count, 1);
	assert_true(key_is(&scene.outs[0].frame.key, 1, 2, 4000, 80));
	assert_int_equal(scene.outs[0].frame.tunnel.kind, TUNNEL_VXLAN);
	assert_int_equal(scene.outs[0].frame.tunnel.id, 0x42);
	assert_int_equal(scene.outs[0].frame.payload_captured, 1000);
	/* The tunnel carried one packet, in however many it was carried. */
	assert_int_equal(scene.outs[0].frame.packets, 1);
	assert_int_equal(scene.outs[0].frame.ip_length, 1040);

	/* Half of it says who speaks, and how much it says. */
	scene.now.ns += NS_PER_SECOND;
	send4(&scene, &whole, 0, 800);
	reassembly_end_all(scene.reassembly);
	assert_int_equal(scene.count, 2);
	assert_true(key_is(&scene.outs[1].frame.key, 1, 2, 4000, 80));
	assert_int_equal(scene.outs[1].frame.payload_captured, 800 - 30 - 40);
	assert_int_equal(scene.outs[1].frame.payload_length, 1000);
	assert_int_equal(scene.outs[1].frame.tunnel.id, 0x42);
	scene_close(&scene);
}

static void
test_fragments_in_a_tunnel_in_fragments(void **state)
{
	struct whole inner = whole_udp(1, 92);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	for (size_t from = 0; from < 96; from += 48) {
		struct packet_builder part =
		    part4(&inner, from, from == 0 ? 48 : 100);
		struct whole outer = vxlan_around(&part, (uint32_t)from);

		assert_int_equal(scene.count, 0);
		send4(&scene, &outer, 64, outer.carried.size);
		send4(&scene, &outer, 0, 64);
	}
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &inner, 92);
	assert_int_equal(scene.outs[0].frame.tunnel.id, 0x42);
	assert_int_equal(scene.outs[0].frame.packets, 2);
	assert_int_equal(scene.outs[0].frame.ip_length, 100 + 40);
	assert_int_equal(scene_counts(&scene).whole, 3);
	assert_int_equal(scene_counts(&scene).fragments, 6);
	scene_close(&scene);
}

/*
 * The octets of a fragment in a tunnel are still in the datagram that was just
 * put together when others are given up to make room for them.
 */
static void
test_an_inner_fragment_makes_room(void **state)
{
	struct whole inner = whole_udp(1, 1500), idle = whole_udp(7, 2500);
	struct packet_builder part = part4(&inner, 1000, 1096);
	struct whole outer = vxlan_around(&part, 2);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, DATAGRAM_MAXIMUM + 1);
	/* 62 blocks of idle ones and one of the outer: one is left, and the
	 * outer one's own, where the inner fragment takes two. */
	for (uint32_t i = 0; i < 31; i++) {
		idle.identification = 100 + i;
		send4(&scene, &idle, 0, 1480);
	}
	idle.identification = 99;
	send4(&scene, &idle, 0, 1024);
	send4(&scene, &outer, 0, 64);
	assert_int_equal(scene_counts(&scene).evicted, 0);
	send4(&scene, &outer, 64, outer.carried.size);
	assert_int_equal(scene_counts(&scene).evicted, 1);
	assert_int_equal(scene.count, 1);
	scene.count = 0;
	part = part4(&inner, 0, 1000);
	outer = vxlan_around(&part, 3);
	send_tunnel(&scene, &outer);
	part = part4(&inner, 1096, 1508);
	outer = vxlan_around(&part, 4);
	send_tunnel(&scene, &outer);
	expect_udp(&scene, &inner, 1500);
	assert_int_equal(scene.outs[scene.count - 1].frame.tunnel.id, 0x42);
	scene_close(&scene);
}

/* An IPv6 fragment header in an IPv6 datagram that came in fragments. */
static void
test_fragments_of_fragments(void **state)
{
	struct whole inner = whole_udp(1, 40);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	for (size_t from = 0; from < 48; from += 24) {
		struct packet_builder part = part6(&inner, from, from + 24);
		struct whole outer = {.protocol = 44, .from = 1, .to = 2};

		outer.identification = 50 + (uint32_t)from;
		build_octets(&outer.carried, part.octets + 40, part.size - 40);
		send6(&scene, &outer, 0, 16);
		send6(&scene, &outer, 16, 32);
	}
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &inner, 40);
	assert_int_equal(scene.outs[0].frame.packets, 4);
	assert_int_equal(scene.outs[0].frame.ip_length, 4 * (48 + 16));
	scene_close(&scene);
}

/*
 * Sends a packet that makes `levels` datagrams whole, each the IP-in-IP
 * carrier of the next one's last fragment; the innermost is UDP.
 */
static void
send_nested(struct scene *scene, unsigned levels, struct whole *innermost)
{
	struct whole whole = *innermost;

	for (unsigned level = levels; level > 0; level--) {
		struct packet_builder first = part4(&whole, 0, 8);
		struct packet_builder rest =
		    part4(&whole, 8, whole.carried.size);
		struct packet_builder b = {0};

		if (level > 1) {
			build_ipv4(&b, 1, 2, 4, first.size);
			build_octets(&b, first.octets, first.size);
			scene_send(scene, &b);
			whole.carried = rest;
			whole.protocol = 4;
			whole.identification++;
		} else {
			scene_send(scene, &first);
			scene_send(scene, &rest);
		}
	}
}

static void
test_nesting_is_limited(void **state)
{
	struct whole whole = whole_udp(1, 16);
	struct scene scene;

	(void)state;
	scene_open(&scene, MANY, LARGE);
	send_nested(&scene, 4, &whole);
	assert_int_equal(scene.count, 1);
	expect_udp(&scene, &whole, 16);
	assert_int_equal(scene_counts(&scene).whole, 4);
	send_nested(&scene, 20, &whole);
	assert_int_equal(scene.count, 1);
	assert_int_equal(scene_counts(&scene).unreadable, 1);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_tunnel_in_fragments),
	    cmocka_unit_test(test_fragments_in_a_tunnel_in_fragments),
	    cmocka_unit_test(test_an_inner_fragment_makes_room),
	    cmocka_unit_test(test_fragments_of_fragments),
	    cmocka_unit_test(test_nesting_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
