/* GRE, ERSPAN, VXLAN, Geneve and IP in IP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "tests/unit/packet_builder.h"

/* The inner packet, 1 to 2: 40 octets, or 54 with its Ethernet header. */
static void
build_inner(struct packet_builder *b)
{
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(b, 4000, 80, TCP_SYN);
}

static void
build_inner_ethernet(struct packet_builder *b)
{
	build_ethernet(b, 0x0800);
	build_inner(b);
}

/* Expects the inner packet, carried from 101 to 102. */
static void
expect_tunnel(
    const struct packet_builder *b, enum tunnel_kind kind, uint32_t id)
{
	struct frame frame;
	struct frame_key carrier = {0};

	assert_int_equal(build_decode(b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, PROTOCOL_TCP);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.ip_length, 40);
	assert_int_equal(frame.transport_offset, 20);
	assert_int_equal(frame.payload_length, 0);
	assert_int_equal(frame.tunnel.kind, kind);
	assert_int_equal(frame.tunnel.id, id);
	carrier.source = frame.tunnel.source;
	carrier.destination = frame.tunnel.destination;
	assert_true(key_is(&carrier, 101, 102, 0, 0));
}

/* Expects the carrying packet itself, from 101 to 102. */
static void
expect_carrier(const struct packet_builder *b, uint8_t protocol,
    unsigned destination_port, uint32_t payload)
{
	struct frame frame;

	assert_int_equal(build_decode(b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, protocol);
	assert_true(key_is(&frame.key, 101, 102,
	    destination_port == 0 ? 0 : 50000, destination_port));
	assert_int_equal(frame.payload_length, payload);
	assert_int_equal(frame.tunnel.kind, TUNNEL_NONE);
}

static void
expect_status(const struct packet_builder *b, enum frame_status status)
{
	struct frame frame;

	assert_int_equal(build_decode(b, 228, &frame), status);
}

/* The outer headers of GRE around `inside` octets. */
static void
build_gre(
    struct packet_builder *b, unsigned flags, unsigned type, size_t inside)
{
	build_ipv4(b, 101, 102, 47, 4 + inside);
	build_be16(b, flags);
	build_be16(b, type);
}

static void
test_gre_plain(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_gre(&b, 0, 0x0800, 40);
	build_inner(&b);
	expect_tunnel(&b, TUNNEL_GRE, 0);
}

static void
test_gre_with_every_field(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_gre(&b, 0xb000, 0x0800, 12 + 40);
	build_be32(&b, 0xabcd0000); /* checksum */
	build_be32(&b, 0x00001234); /* key */
	build_be32(&b, 7);          /* sequence number */
	build_inner(&b);
	expect_tunnel(&b, TUNNEL_GRE, 0x1234);
	b.size = 24 + 11;
	b.octets[3] = (uint8_t)b.size;
	expect_status(&b, FRAME_BAD_TRANSPORT);
}

static void
test_gre_ethernet(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_gre(&b, 0x2000, 0x6558, 4 + 54);
	build_be32(&b, 0x00138900);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_GRE, 0x138900);
}

/* PPTP with a sequence number, around the PPP of `protocol`. */
static void
build_pptp(struct packet_builder *b, unsigned protocol)
{
	build_gre(b, 0x3001, 0x880b, 8 + 4 + 40);
	build_be32(b, 0x002c0007); /* payload length, call */
	build_be32(b, 1);          /* sequence number */
	build_be16(b, 0xff03);
	build_be16(b, protocol);
	build_inner(b);
}

static void
test_gre_around_ppp(void **state)
{
	struct packet_builder b = {0}, both = {0}, old = {0}, hidden = {0};
	struct packet_builder only = {0};

	(void)state;
	build_pptp(&b, 0x0021);
	expect_tunnel(&b, TUNNEL_GRE, 0);
	build_gre(&both, 0x3081, 0x880b, 12 + 1 + 40);
	build_be32(&both, 0x00290007);
	build_be32(&both, 1);
	build_be32(&both, 9); /* acknowledgement */
	build_u8(&both, 0x21);
	build_inner(&both);
	expect_tunnel(&both, TUNNEL_GRE, 0);
	build_gre(&old, 0, 0x880b, 2 + 40);
	build_be16(&old, 0x0021);
	build_inner(&old);
	expect_tunnel(&old, TUNNEL_GRE, 0);
	build_pptp(&hidden, 0x00fd); /* compressed */
	expect_carrier(&hidden, 47, 0, 56);
	build_gre(&only, 0x2081, 0x880b, 8);
	build_be32(&only, 7);
	build_be32(&only, 9);
	expect_carrier(&only, 47, 0, 12);
}

static void
test_gre_that_is_not_opened(void **state)
{
	struct packet_builder version = {0}, keepalive = {0}, routed = {0};

	(void)state;
	build_gre(&version, 0x2002, 0x0800, 44);
	build_be32(&version, 0x00280001);
	build_inner(&version);
	expect_carrier(&version, 47, 0, 48);
	build_gre(&keepalive, 0, 0, 0);
	expect_carrier(&keepalive, 47, 0, 4);
	build_gre(&routed, 0x4000, 0x0800, 40);
	build_inner(&routed);
	expect_carrier(&routed, 47, 0, 44);
}

static void
test_erspan_type_1(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_gre(&b, 0, 0x88be, 54);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_ERSPAN, 0);
}

static void
test_erspan_type_2(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_gre(&b, 0x1000, 0x88be, 4 + 8 + 54);
	build_be32(&b, 1); /* sequence number */
	build_be16(&b, 0x1064);
	build_be16(&b, 0xfc00 | 0x155);
	build_be32(&b, 3);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_ERSPAN, 0x155);
	b.octets[28] = 0x20; /* a version that type II does not have */
	expect_status(&b, FRAME_NOT_IP);
}

/* ERSPAN type III around the inner packet. */
static void
build_erspan3(struct packet_builder *b, unsigned frame_type, bool subheader)
{
	build_gre(b, 0x1000, 0x22eb, 4 + 12 + (subheader ? 8 : 0) + 54);
	build_be32(b, 1);
	build_be16(b, 0x2064);
	build_be16(b, 0x0155);
	build_be32(b, 0x12345678); /* timestamp */
	build_be16(b, 0);
	build_be16(b, frame_type << 10 | subheader);
	if (subheader)
		build_fill(b, 8, 0x99);
}

static void
test_erspan_type_3(void **state)
{
	struct packet_builder b = {0}, longer = {0}, ip = {0}, fibre = {0};

	(void)state;
	build_erspan3(&b, 0, false);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_ERSPAN, 0x155);
	build_erspan3(&longer, 0, true);
	build_inner_ethernet(&longer);
	expect_tunnel(&longer, TUNNEL_ERSPAN, 0x155);
	build_erspan3(&ip, 2, false);
	build_inner(&ip);
	build_fill(&ip, 14, 0);
	expect_tunnel(&ip, TUNNEL_ERSPAN, 0x155);
	build_erspan3(&fibre, 3, false);
	build_inner_ethernet(&fibre);
	expect_status(&fibre, FRAME_NOT_IP);
}

/* The outer headers of a UDP tunnel around `inside` octets. */
static void
build_udp_tunnel(struct packet_builder *b, unsigned port, size_t inside)
{
	build_ipv4(b, 101, 102, PROTOCOL_UDP, 8 + inside);
	build_udp(b, 50000, port, inside);
}

static void
test_vxlan(void **state)
{
	static const unsigned ports[] = {4789, 8472};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct packet_builder b = {0};

		build_udp_tunnel(&b, ports[i], 8 + 54);
		build_be32(&b, 0x08000000);
		build_be32(&b, 0x00123400);
		build_inner_ethernet(&b);
		expect_tunnel(&b, TUNNEL_VXLAN, 0x1234);
		b.octets[28] = 0x88; /* with a group policy */
		b.octets[31] = 0x07;
		expect_tunnel(&b, TUNNEL_VXLAN, 0x1234);
	}
}

static void
test_vxlan_port_with_something_else(void **state)
{
	struct packet_builder b = {0}, tiny = {0}, reply = {0};
	struct frame frame;

	(void)state;
	build_udp_tunnel(&b, 8472, 8 + 54);
	build_be32(&b, 0); /* no valid VNI */
	build_be32(&b, 0x00123400);
	build_inner_ethernet(&b);
	expect_carrier(&b, PROTOCOL_UDP, 8472, 62);
	b.octets[28] = 0x09;          /* a bit that is no bit of VXLAN, */
	b.octets[28 + 8 + 12] = 0x12; /* and not Ethernet to our knowledge */
	expect_carrier(&b, PROTOCOL_UDP, 8472, 62);
	b.octets[28] = 0x08;
	b.octets[35] = 1;
	expect_carrier(&b, PROTOCOL_UDP, 8472, 62);
	build_udp_tunnel(&tiny, 4789, 7);
	build_fill(&tiny, 7, 8);
	expect_carrier(&tiny, PROTOCOL_UDP, 4789, 7);
	/* Only the destination port counts. */
	build_ipv4(&reply, 101, 102, PROTOCOL_UDP, 8 + 8 + 54);
	build_udp(&reply, 4789, 50000, 8 + 54);
	build_be32(&reply, 0x08000000);
	build_be32(&reply, 0x00123400);
	build_inner_ethernet(&reply);
	assert_int_equal(build_decode(&reply, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 101, 102, 4789, 50000));
}

static void
test_vxlan_reserved_bits_are_ignored(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_udp_tunnel(&b, 4789, 8 + 54);
	build_be32(&b, 0xffffffff);
	build_be32(&b, 0x001234ff);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_VXLAN, 0x1234);
	b.octets[28 + 8 + 12] = 0x12; /* an EtherType that nobody knows */
	expect_carrier(&b, PROTOCOL_UDP, 4789, 62);
	b.size = 28 + 8 + 13;
	b.octets[3] = (uint8_t)b.size;
	b.octets[25] = 8 + 8 + 13;
	expect_carrier(&b, PROTOCOL_UDP, 4789, 21);
}

static void
test_vxlan_next_protocol(void **state)
{
	struct packet_builder ip = {0}, ethernet = {0}, wrong = {0};

	(void)state;
	build_udp_tunnel(&ip, 4790, 8 + 40);
	build_be32(&ip, 0x0c000001);
	build_be32(&ip, 0x00123400);
	build_inner(&ip);
	expect_tunnel(&ip, TUNNEL_VXLAN, 0x1234);
	build_udp_tunnel(&ethernet, 4789, 8 + 54);
	build_be32(&ethernet, 0x0c000003);
	build_be32(&ethernet, 0x00123400);
	build_inner_ethernet(&ethernet);
	expect_tunnel(&ethernet, TUNNEL_VXLAN, 0x1234);
	/* It says IPv6, and is none. */
	build_udp_tunnel(&wrong, 4790, 8 + 40);
	build_be32(&wrong, 0x0c000002);
	build_be32(&wrong, 0x00123400);
	build_inner(&wrong);
	expect_carrier(&wrong, PROTOCOL_UDP, 4790, 48);
}

/* As mirrors do that have no room for the whole. */
static void
test_a_mirrored_packet_may_be_cut(void **state)
{
	struct packet_builder b = {0}, erspan = {0}, inside = {0};
	struct frame frame;

	(void)state;
	build_udp_tunnel(&b, 4789, 8 + 54 + 10);
	build_be32(&b, 0x08000000);
	build_be32(&b, 0x00123400);
	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 20 + 1000);
	build_tcp(&b, 4000, 80, TCP_ACK);
	build_fill(&b, 10, 'v');
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.payload_captured, 10);
	assert_int_equal(frame.payload_length, 1000);
	build_gre(&erspan, 0, 0x88be, 54);
	build_ethernet(&erspan, 0x0800);
	build_ipv4(&erspan, 1, 2, PROTOCOL_TCP, 20 + 1000);
	build_tcp(&erspan, 4000, 80, TCP_ACK);
	assert_int_equal(build_decode(&erspan, 228, &frame), FRAME_OK);
	assert_int_equal(frame.payload_length, 1000);
	/* A packet that is whole limits what is inside. */
	build_udp_tunnel(&inside, 4789, 8 + 14 + 20 + 40);
	build_be32(&inside, 0x08000000);
	build_be32(&inside, 0x00123400);
	build_ethernet(&inside, 0x0800);
	build_ipv4(&inside, 11, 12, 4, 40);
	build_ipv4(&inside, 1, 2, PROTOCOL_TCP, 20 + 1000);
	build_tcp(&inside, 4000, 80, TCP_ACK);
	expect_status(&inside, FRAME_BAD_LENGTH);
}

static void
test_vxlan_inner_failures_stand(void **state)
{
	struct packet_builder arp = {0}, bad = {0};

	(void)state;
	build_udp_tunnel(&arp, 4789, 8 + 14 + 28);
	build_be32(&arp, 0x08000000);
	build_be32(&arp, 0x00000100);
	build_ethernet(&arp, 0x0806);
	build_fill(&arp, 28, 0);
	expect_status(&arp, FRAME_NOT_IP);
	build_udp_tunnel(&bad, 4789, 8 + 54);
	build_be32(&bad, 0x08000000);
	build_be32(&bad, 0x00000100);
	build_inner_ethernet(&bad);
	bad.octets[28 + 8 + 14] = 0x95;
	expect_status(&bad, FRAME_BAD_VERSION);
}

static void
test_vxlan_of_which_the_beginning_came(void **state)
{
	struct packet_builder b = {0};
	struct frame frame = {.layers = 3, .vlan_count = 1, .vlans = {12}};

	(void)state;
	/* The inner packet is longer than what came of the carrier. */
	build_ipv4(&b, 101, 102, PROTOCOL_UDP, 8 + 8 + 14 + 40 + 10);
	build_udp(&b, 50000, 4789, 8 + 14 + 40 + 1000);
	build_be32(&b, 0x08000000);
	build_be32(&b, 0x00000100);
	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 20 + 1000);
	build_tcp(&b, 4000, 80, TCP_ACK);
	build_fill(&b, 10, 'v');
	assert_int_equal(decode_datagram(b.octets, (uint32_t)b.size,
			     (uint32_t)b.size, false, &frame),
	    FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.payload_captured, 10);
	assert_int_equal(frame.payload_length, 1000);
	assert_int_equal(frame.vlans[0], 12);
	assert_int_equal(frame.packets, 1);
	/* raw IP, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP */
	assert_int_equal(frame.layers, 3 + 7);
}

/* A Geneve header of two options' words. */
static void
build_geneve(struct packet_builder *b, unsigned type, size_t inside)
{
	build_udp_tunnel(b, 6081, 8 + 8 + inside);
	build_be16(b, 0x0240);
	build_be16(b, type);
	build_be32(b, 0x00567800);
	build_fill(b, 8, 0x01);
}

static void
test_geneve(void **state)
{
	struct packet_builder b = {0}, ip = {0};

	(void)state;
	build_geneve(&b, 0x6558, 54);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_GENEVE, 0x5678);
	build_geneve(&ip, 0x0800, 40);
	build_inner(&ip);
	expect_tunnel(&ip, TUNNEL_GENEVE, 0x5678);
}

static void
test_geneve_port_with_something_else(void **state)
{
	struct packet_builder b = {0}, cut = {0};

	(void)state;
	build_geneve(&b, 0x6558, 54);
	build_inner_ethernet(&b);
	b.octets[28] = 0x42; /* version 1 */
	expect_carrier(&b, PROTOCOL_UDP, 6081, 70);
	b.octets[28] = 0x02;
	b.octets[29] = 0x41; /* reserved bits */
	expect_carrier(&b, PROTOCOL_UDP, 6081, 70);
	b.octets[29] = 0;
	b.octets[30] = 0x12; /* no such protocol type */
	expect_carrier(&b, PROTOCOL_UDP, 6081, 70);
	/* It does look like Geneve, but its options end behind the packet. */
	build_geneve(&cut, 0x6558, 0);
	cut.octets[28] = 0x3f;
	expect_status(&cut, FRAME_BAD_TRANSPORT);
}

static void
test_ip_in_ip(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_ipv4(&b, 101, 102, 4, 40);
	build_inner(&b);
	expect_tunnel(&b, TUNNEL_IPIP, 0);
}

static void
test_6in4_and_4in6(void **state)
{
	struct packet_builder b = {0}, b6 = {0};
	struct frame frame;
	struct frame_key carrier = {0};

	(void)state;
	build_ipv4(&b, 101, 102, 41, 60);
	build_ipv6(&b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(&b, 4000, 80, TCP_SYN);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.tunnel.kind, TUNNEL_IPIP);
	carrier.source = frame.tunnel.source;
	carrier.destination = frame.tunnel.destination;
	assert_true(key_is(&carrier, 101, 102, 0, 0));

	build_ipv6(&b6, 101, 102, 4, 40);
	build_inner(&b6);
	assert_int_equal(build_decode(&b6, 229, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	carrier.source = frame.tunnel.source;
	carrier.destination = frame.tunnel.destination;
	assert_true(key6_is(&carrier, 101, 102, 0, 0));
}

static void
test_a_whole_packet_in_a_beginning_is_not_partial(void **state)
{
	struct packet_builder b = {0};
	struct frame frame = {.layers = 0};

	(void)state;
	build_ipv4(&b, 101, 102, 41, 40 + 8 + 8);
	build_ipv6(&b, 1, 2, PROTOCOL_UDP, 8);
	build_udp(&b, 1000, 53, 8); /* more than the inner packet holds */
	build_fill(&b, 8, 0);
	assert_int_equal(decode_datagram(b.octets, (uint32_t)b.size,
			     (uint32_t)b.size, false, &frame),
	    FRAME_BAD_TRANSPORT);
}

static void
test_the_innermost_tunnel_counts(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_ipv4(&b, 201, 202, 47, 4 + 14 + 20 + 16 + 54);
	build_be32(&b, 0x00006558);
	build_ethernet(&b, 0x0800);
	build_udp_tunnel(&b, 4789, 8 + 54);
	build_be32(&b, 0x08000000);
	build_be32(&b, 0x00004200);
	build_inner_ethernet(&b);
	expect_tunnel(&b, TUNNEL_VXLAN, 0x42);
}

static void
test_inner_echo_forgets_the_outer_ports(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_udp_tunnel(&b, 4789, 8 + 14 + 20 + 8);
	build_be32(&b, 0x08000000);
	build_be32(&b, 0x00004200);
	build_ethernet(&b, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_ICMP, 8);
	build_be32(&b, 0x0d000000); /* timestamp */
	build_be32(&b, 0);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 0, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gre_plain),
	    cmocka_unit_test(test_gre_with_every_field),
	    cmocka_unit_test(test_gre_ethernet),
	    cmocka_unit_test(test_gre_around_ppp),
	    cmocka_unit_test(test_gre_that_is_not_opened),
	    cmocka_unit_test(test_erspan_type_1),
	    cmocka_unit_test(test_erspan_type_2),
	    cmocka_unit_test(test_erspan_type_3),
	    cmocka_unit_test(test_vxlan),
	    cmocka_unit_test(test_vxlan_port_with_something_else),
	    cmocka_unit_test(test_vxlan_reserved_bits_are_ignored),
	    cmocka_unit_test(test_vxlan_next_protocol),
	    cmocka_unit_test(test_a_mirrored_packet_may_be_cut),
	    cmocka_unit_test(test_vxlan_inner_failures_stand),
	    cmocka_unit_test(test_vxlan_of_which_the_beginning_came),
	    cmocka_unit_test(test_geneve),
	    cmocka_unit_test(test_geneve_port_with_something_else),
	    cmocka_unit_test(test_ip_in_ip),
	    cmocka_unit_test(test_6in4_and_4in6),
	    cmocka_unit_test(test_a_whole_packet_in_a_beginning_is_not_partial),
	    cmocka_unit_test(test_the_innermost_tunnel_counts),
	    cmocka_unit_test(test_inner_echo_forgets_the_outer_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
