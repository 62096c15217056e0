/*
 * Every way that a packet may be wrapped, as a table: whatever is around it,
 * the innermost segment comes out, with the tunnel and the VLANs around it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/packet_builder.h"

/* The segment, and its size with the headers that it may have in a tunnel. */
#define SEGMENT  40
#define SEGMENT6 60
#define ETHERNET 14

static void
build_segment(struct packet_builder *b)
{
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(b, 4000, 80, TCP_SYN);
}

static void
build_segment6(struct packet_builder *b)
{
	build_ipv6(b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(b, 4000, 80, TCP_SYN);
}

static void
build_framed_segment(struct packet_builder *b)
{
	build_ethernet(b, 0x0800);
	build_segment(b);
}

/* --- link layers -------------------------------------------------------- */

static void
wrap_raw(struct packet_builder *b)
{
	build_segment(b);
}

static void
wrap_snap(struct packet_builder *b)
{
	build_ethernet(b, 8 + SEGMENT);
	build_be32(b, 0xaaaa0300);
	build_be32(b, 0x00000800);
	build_segment(b);
}

static void
wrap_sll(struct packet_builder *b)
{
	build_be32(b, 0x00040001);
	build_fill(b, 10, 0);
	build_be16(b, 0x0800);
	build_segment(b);
}

static void
wrap_sll2(struct packet_builder *b)
{
	build_be32(b, 0x08000000);
	build_be32(b, 3);
	build_be32(b, 0x00010006);
	build_fill(b, 8, 0);
	build_segment(b);
}

static void
wrap_null(struct packet_builder *b)
{
	build_be32(b, 2);
	build_segment(b);
}

static void
wrap_nflog(struct packet_builder *b)
{
	const uint16_t attribute[] = {
	    4 + SEGMENT, 9}; /* this machine's order */

	build_be32(b, 0x02000000);
	memcpy(b->octets + b->size, attribute, sizeof(attribute));
	b->size += sizeof(attribute);
	build_segment(b);
}

static void
wrap_ppp(struct packet_builder *b)
{
	build_be32(b, 0xff030021);
	build_segment(b);
}

/* --- tags --------------------------------------------------------------- */

static void
wrap_vlan(struct packet_builder *b)
{
	build_ethernet(b, 0x8100);
	build_vlan(b, 11, 0x0800);
	build_segment(b);
}

static void
wrap_qinq(struct packet_builder *b)
{
	build_ethernet(b, 0x88a8);
	build_vlan(b, 11, 0x8100);
	build_vlan(b, 12, 0x0800);
	build_segment(b);
}

static void
wrap_three_vlans(struct packet_builder *b)
{
	build_ethernet(b, 0x9100);
	build_vlan(b, 11, 0x88a8);
	build_vlan(b, 12, 0x8100);
	build_vlan(b, 13, 0x0800);
	build_segment(b);
}

static void
wrap_mpls(struct packet_builder *b)
{
	build_ethernet(b, 0x8847);
	build_be32(b, 17U << 12 | 255);
	build_be32(b, 18U << 12 | 0x100 | 255);
	build_segment(b);
}

static void
wrap_pseudowire(struct packet_builder *b)
{
	build_ethernet(b, 0x8847);
	build_be32(b, 18U << 12 | 0x100 | 255);
	build_framed_segment(b);
}

static void
wrap_pseudowire_with_control_word(struct packet_builder *b)
{
	build_ethernet(b, 0x8847);
	build_be32(b, 18U << 12 | 0x100 | 255);
	build_be32(b, 0x00000007);
	build_framed_segment(b);
}

static void
wrap_pppoe(struct packet_builder *b)
{
	build_ethernet(b, 0x8864);
	build_be32(b, 0x11000042);
	build_be16(b, 2 + SEGMENT);
	build_be16(b, 0x0021);
	build_segment(b);
}

/* --- tunnels ------------------------------------------------------------ */

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
wrap_gre(struct packet_builder *b)
{
	build_gre(b, 0, 0x0800, SEGMENT);
	build_segment(b);
}

static void
wrap_nvgre(struct packet_builder *b)
{
	build_gre(b, 0x2000, 0x6558, 4 + ETHERNET + SEGMENT);
	build_be32(b, 0x00138901); /* subnet and flow */
	build_framed_segment(b);
}

static void
wrap_pptp(struct packet_builder *b)
{
	build_gre(b, 0x3001, 0x880b, 8 + 2 + SEGMENT);
	build_be32(b, (2 + SEGMENT) << 16 | 7);
	build_be32(b, 1);
	build_be16(b, 0x0021);
	build_segment(b);
}

static void
wrap_erspan_1(struct packet_builder *b)
{
	build_gre(b, 0, 0x88be, ETHERNET + SEGMENT);
	build_framed_segment(b);
}

static void
wrap_erspan_2(struct packet_builder *b)
{
	build_gre(b, 0x1000, 0x88be, 4 + 8 + ETHERNET + SEGMENT);
	build_be32(b, 1);
	build_be32(b, 0x10000000 | 0x155);
	build_be32(b, 3);
	build_framed_segment(b);
}

static void
wrap_erspan_3(struct packet_builder *b)
{
	build_gre(b, 0x1000, 0x22eb, 4 + 12 + 8 + ETHERNET + SEGMENT);
	build_be32(b, 1);
	build_be32(b, 0x20000000 | 0x155);
	build_be32(b, 0x12345678); /* timestamp */
	build_be32(b, 1);          /* a subheader follows */
	build_fill(b, 8, 0x99);
	build_framed_segment(b);
}

/* The outer headers of a UDP tunnel around `inside` octets. */
static void
build_udp_tunnel(struct packet_builder *b, unsigned port, size_t inside)
{
	build_ipv4(b, 101, 102, PROTOCOL_UDP, 8 + inside);
	build_udp(b, 50000, port, inside);
}

static void
build_vxlan(
    struct packet_builder *b, unsigned port, uint32_t flags, size_t inside)
{
	build_udp_tunnel(b, port, 8 + inside);
	build_be32(b, flags);
	build_be32(b, 0x00123400);
}

static void
wrap_vxlan(struct packet_builder *b)
{
	build_vxlan(b, 4789, 0x08000000, ETHERNET + SEGMENT);
	build_framed_segment(b);
}

static void
wrap_vxlan_of_linux(struct packet_builder *b)
{
	build_vxlan(b, 8472, 0x08000000, ETHERNET + SEGMENT);
	build_framed_segment(b);
}

static void
wrap_vxlan_with_group_policy(struct packet_builder *b)
{
	build_vxlan(b, 4789, 0x88480007, ETHERNET + SEGMENT);
	build_framed_segment(b);
}

static void
wrap_vxlan_gpe(struct packet_builder *b)
{
	build_vxlan(b, 4790, 0x0c000001, SEGMENT);
	build_segment(b);
}

/* The mirror had no room for the payload. */
static void
wrap_aws_mirror(struct packet_builder *b)
{
	build_vxlan(b, 4789, 0x08000000, ETHERNET + SEGMENT);
	build_ethernet(b, 0x0800);
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 20 + 1400);
	build_tcp(b, 4000, 80, TCP_ACK);
}

/* Each one 50 octets around the next. */
static void
wrap_three_vxlans(struct packet_builder *b)
{
	build_ethernet(b, 0x0800);
	build_vxlan(b, 4789, 0x08000000, 100 + ETHERNET + SEGMENT);
	build_ethernet(b, 0x0800);
	build_vxlan(b, 4789, 0x08000000, 50 + ETHERNET + SEGMENT);
	build_ethernet(b, 0x0800);
	build_vxlan(b, 4789, 0x08000000, ETHERNET + SEGMENT);
	build_framed_segment(b);
}

static void
wrap_geneve(struct packet_builder *b)
{
	build_udp_tunnel(b, 6081, 8 + ETHERNET + SEGMENT);
	build_be32(b, 0x00006558);
	build_be32(b, 0x00567800);
	build_framed_segment(b);
}

static void
wrap_geneve_with_options(struct packet_builder *b)
{
	build_udp_tunnel(b, 6081, 8 + 8 + SEGMENT);
	build_be32(b, 0x02400800); /* 8 octets, one of them critical */
	build_be32(b, 0x00567800);
	build_be32(b, 0x01028001);
	build_be32(b, 0);
	build_segment(b);
}

static void
wrap_ip_in_ip(struct packet_builder *b)
{
	build_ipv4(b, 101, 102, 4, SEGMENT);
	build_segment(b);
}

static void
wrap_6in4(struct packet_builder *b)
{
	build_ipv4(b, 101, 102, 41, SEGMENT6);
	build_segment6(b);
}

static void
wrap_4in6(struct packet_builder *b)
{
	build_ipv6(b, 101, 102, 4, SEGMENT);
	build_segment(b);
}

/* Hop-by-hop and destination options of 8 octets, then a routing header. */
static void
wrap_extensions(struct packet_builder *b)
{
	build_ipv6(b, 1, 2, 0, 24 + 20);
	build_be32(b, 60U << 24);
	build_be32(b, 0);
	build_be32(b, 43U << 24);
	build_be32(b, 0);
	build_be32(b, (uint32_t)PROTOCOL_TCP << 24);
	build_be32(b, 0);
	build_tcp(b, 4000, 80, TCP_SYN);
}

/* --- the table ---------------------------------------------------------- */

struct wrapping {
	const char *name;
	int link_type;
	void (*build)(struct packet_builder *b);
	enum tunnel_kind tunnel;
	uint32_t id;
	unsigned vlans;
	bool ipv6; /* inside */
};

static const struct wrapping wrappings[] = {
    {"Ethernet", 1, build_framed_segment, TUNNEL_NONE, 0, 0, false},
    {"LLC/SNAP", 1, wrap_snap, TUNNEL_NONE, 0, 0, false},
    {"raw IP", 101, wrap_raw, TUNNEL_NONE, 0, 0, false},
    {"raw IPv4", 228, wrap_raw, TUNNEL_NONE, 0, 0, false},
    {"raw IPv6", 229, build_segment6, TUNNEL_NONE, 0, 0, true},
    {"SLL", 113, wrap_sll, TUNNEL_NONE, 0, 0, false},
    {"SLL2", 276, wrap_sll2, TUNNEL_NONE, 0, 0, false},
    {"loopback", 0, wrap_null, TUNNEL_NONE, 0, 0, false},
    {"loopback of OpenBSD", 108, wrap_null, TUNNEL_NONE, 0, 0, false},
    {"NFLOG", 239, wrap_nflog, TUNNEL_NONE, 0, 0, false},
    {"PPP", 9, wrap_ppp, TUNNEL_NONE, 0, 0, false},
    {"VLAN", 1, wrap_vlan, TUNNEL_NONE, 0, 1, false},
    {"QinQ", 1, wrap_qinq, TUNNEL_NONE, 0, 2, false},
    {"three VLANs", 1, wrap_three_vlans, TUNNEL_NONE, 0, 3, false},
    {"MPLS", 1, wrap_mpls, TUNNEL_NONE, 0, 0, false},
    {"pseudowire", 1, wrap_pseudowire, TUNNEL_NONE, 0, 0, false},
    {"pseudowire with control word", 1, wrap_pseudowire_with_control_word,
	TUNNEL_NONE, 0, 0, false},
    {"PPPoE", 1, wrap_pppoe, TUNNEL_NONE, 0, 0, false},
    {"GRE", 101, wrap_gre, TUNNEL_GRE, 0, 0, false},
    {"NVGRE", 101, wrap_nvgre, TUNNEL_GRE, 0x138901, 0, false},
    {"PPTP", 101, wrap_pptp, TUNNEL_GRE, 0, 0, false},
    {"ERSPAN I", 101, wrap_erspan_1, TUNNEL_ERSPAN, 0, 0, false},
    {"ERSPAN II", 101, wrap_erspan_2, TUNNEL_ERSPAN, 0x155, 0, false},
    {"ERSPAN III", 101, wrap_erspan_3, TUNNEL_ERSPAN, 0x155, 0, false},
    {"VXLAN", 101, wrap_vxlan, TUNNEL_VXLAN, 0x1234, 0, false},
    {"VXLAN of Linux", 101, wrap_vxlan_of_linux, TUNNEL_VXLAN, 0x1234, 0,
	false},
    {"VXLAN with group policy", 101, wrap_vxlan_with_group_policy, TUNNEL_VXLAN,
	0x1234, 0, false},
    {"VXLAN-GPE", 101, wrap_vxlan_gpe, TUNNEL_VXLAN, 0x1234, 0, false},
    {"AWS mirroring", 101, wrap_aws_mirror, TUNNEL_VXLAN, 0x1234, 0, false},
    {"three VXLANs", 1, wrap_three_vxlans, TUNNEL_VXLAN, 0x1234, 0, false},
    {"Geneve", 101, wrap_geneve, TUNNEL_GENEVE, 0x5678, 0, false},
    {"Geneve with options", 101, wrap_geneve_with_options, TUNNEL_GENEVE,
	0x5678, 0, false},
    {"IP in IP", 101, wrap_ip_in_ip, TUNNEL_IPIP, 0, 0, false},
    {"6in4", 101, wrap_6in4, TUNNEL_IPIP, 0, 0, true},
    {"4in6", 101, wrap_4in6, TUNNEL_IPIP, 0, 0, false},
    {"IPv6 extension headers", 101, wrap_extensions, TUNNEL_NONE, 0, 0, true},
};

#define WRAPPINGS (sizeof(wrappings) / sizeof(wrappings[0]))

/* What is wrong with how one is decoded, or NULL. */
static const char *
fault_of(const struct wrapping *one, const struct frame *frame)
{
	if (frame->status != FRAME_OK)
		return frame_status_name(frame->status);
	if (frame->key.protocol != PROTOCOL_TCP ||
	    !(one->ipv6 ? key6_is : key_is)(&frame->key, 1, 2, 4000, 80))
		return "another key";
	if (frame->tunnel.kind != one->tunnel || frame->tunnel.id != one->id)
		return "another tunnel";
	if (frame->vlan_count != one->vlans)
		return "another number of VLANs";
	for (unsigned i = 0; i < one->vlans; i++)
		if (frame->vlans[i] != 11 + i)
			return "another VLAN";
	return NULL;
}

static void
test_every_wrapping(void **state)
{
	unsigned faults = 0;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		struct packet_builder b = {0};
		struct frame frame;
		const char *fault;

		wrappings[i].build(&b);
		build_decode(&b, wrappings[i].link_type, &frame);
		fault = fault_of(&wrappings[i], &frame);
		if (fault != NULL)
			printf("%s: %s\n", wrappings[i].name, fault);
		faults += fault != NULL;
	}
	assert_int_equal(faults, 0);
}

/* Offloads leave checksums unset: nothing may depend on one. */
static void
test_every_wrapping_with_wrong_checksums(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		struct packet_builder b = {0};
		struct frame frame;

		wrappings[i].build(&b);
		if (wrappings[i].ipv6)
			continue;
		/* Of the innermost IPv4 header and of its segment. */
		b.octets[b.size - 30] ^= 0xa5;
		b.octets[b.size - 4] ^= 0xa5;
		build_decode(&b, wrappings[i].link_type, &frame);
		assert_null(fault_of(&wrappings[i], &frame));
	}
}

/* In mirrored traffic VLANs come before the tunnel and in it. */
static void
test_every_tunnel_in_every_tunnel(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		struct packet_builder b = {0}, inner = {0};
		struct frame frame;

		if (wrappings[i].tunnel == TUNNEL_NONE ||
		    wrappings[i].link_type != 101)
			continue;
		wrappings[i].build(&inner);
		build_ethernet(&b, 0x8100);
		build_vlan(&b, 99, 0x0800);
		build_ipv4(&b, 201, 202, 47, 4 + ETHERNET + inner.size);
		build_be32(&b, 0x00006558);
		build_ethernet(&b, inner.octets[0] >> 4 == 6 ? 0x86dd : 0x0800);
		memcpy(b.octets + b.size, inner.octets, inner.size);
		b.size += inner.size;
		assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
		assert_int_equal(frame.vlan_count, 1);
		frame.vlan_count = 0;
		assert_null(fault_of(&wrappings[i], &frame));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_wrapping),
	    cmocka_unit_test(test_every_wrapping_with_wrong_checksums),
	    cmocka_unit_test(test_every_tunnel_in_every_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
