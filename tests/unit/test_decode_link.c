/* Link layers: each leads to the same IP packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packet_builder.h"

static void
build_datagram(struct packet_builder *b)
{
	build_ipv4(b, 1, 2, PROTOCOL_UDP, 8 + 3);
	build_udp(b, 1000, 53, 3);
	build_fill(b, 3, 'x');
}

static void
build_datagram6(struct packet_builder *b)
{
	build_ipv6(b, 1, 2, PROTOCOL_UDP, 8 + 3);
	build_udp(b, 1000, 53, 3);
	build_fill(b, 3, 'x');
}

/* Decodes and expects the datagram of build_datagram(). */
static void
expect_datagram(const struct packet_builder *b, int link_type)
{
	struct frame frame;

	assert_int_equal(build_decode(b, link_type, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, PROTOCOL_UDP);
	assert_true(key_is(&frame.key, 1, 2, 1000, 53));
	assert_int_equal(frame.payload_captured, 3);
	assert_int_equal(frame.payload[2], 'x');
	assert_int_equal(frame.tunnel.kind, TUNNEL_NONE);
}

static void
expect_datagram6(const struct packet_builder *b, int link_type)
{
	struct frame frame;

	assert_int_equal(build_decode(b, link_type, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 1000, 53));
	assert_int_equal(frame.payload_captured, 3);
}

static void
expect_status(
    const struct packet_builder *b, int link_type, enum frame_status status)
{
	struct frame frame;

	assert_int_equal(build_decode(b, link_type, &frame), status);
	assert_int_equal(frame.status, status);
}

static void
test_ethernet(void **state)
{
	struct packet_builder b = {0}, b6 = {0}, arp = {0}, short_one = {0};

	(void)state;
	build_ethernet(&b, 0x0800);
	build_datagram(&b);
	build_fill(&b, 15, 0); /* padding to 60 octets */
	expect_datagram(&b, 1);
	build_ethernet(&b6, 0x86dd);
	build_datagram6(&b6);
	expect_datagram6(&b6, 1);
	build_ethernet(&arp, 0x0806);
	build_fill(&arp, 28, 0);
	expect_status(&arp, 1, FRAME_NOT_IP);
	build_fill(&short_one, 13, 0);
	expect_status(&short_one, 1, FRAME_SHORT);
}

static void
test_ethernet_802_3_length_is_not_ip(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_ethernet(&b, 0x0026);
	build_fill(&b, 0x26, 0x42);
	expect_status(&b, 1, FRAME_NOT_IP);
}

static void
test_ethernet_802_3_snap(void **state)
{
	struct packet_builder b = {0}, tagged = {0}, other = {0}, cooked = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 8 + 31);
	build_be32(&b, 0xaaaa0300);
	build_be32(&b, 0x00000800);
	build_datagram(&b);
	build_fill(&b, 7, 0xee); /* padding */
	expect_datagram(&b, 1);
	b.octets[14 + 5] = 0xf8; /* bridged */
	expect_datagram(&b, 1);
	b.octets[14 + 5] = 0x0c; /* somebody's own protocols */
	expect_status(&b, 1, FRAME_NOT_IP);
	b.octets[14 + 5] = 0;
	b.octets[14 + 2] = 0x3f; /* no unnumbered information */
	expect_status(&b, 1, FRAME_NOT_IP);
	build_ethernet(&tagged, 0x8100);
	build_vlan(&tagged, 7, 8 + 31);
	build_be32(&tagged, 0xaaaa0300);
	build_be32(&tagged, 0x00000800);
	build_datagram(&tagged);
	expect_datagram(&tagged, 1);
	build_ethernet(&other, 8 + 28);
	build_be32(&other, 0xaaaa0300);
	build_be32(&other, 0x00000806);
	build_fill(&other, 28, 0);
	expect_status(&other, 1, FRAME_NOT_IP);
	build_be16(&cooked, 0);
	build_be16(&cooked, 1);
	build_fill(&cooked, 10, 0);
	build_be16(&cooked, 4);
	build_be32(&cooked, 0xaaaa0300);
	build_be32(&cooked, 0x00000800);
	build_datagram(&cooked);
	expect_datagram(&cooked, 113);
	b.size = 14 + 7;
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_NOT_IP);
}

static void
test_raw_ip(void **state)
{
	static const int link_types[] = {12, 14, 101};
	struct packet_builder b = {0}, b6 = {0}, other = {0}, empty = {0};

	(void)state;
	build_datagram(&b);
	build_datagram6(&b6);
	build_fill(&other, 60, 0x55);
	for (size_t i = 0; i < 3; i++) {
		expect_datagram(&b, link_types[i]);
		expect_datagram6(&b6, link_types[i]);
		expect_status(&other, link_types[i], FRAME_BAD_VERSION);
		expect_status(&empty, link_types[i], FRAME_SHORT);
	}
	expect_datagram(&b, 228);
	expect_datagram6(&b6, 229);
	build_fill(&b, 20, 0); /* room for either header */
	expect_status(&b, 229, FRAME_BAD_VERSION);
	expect_status(&b6, 228, FRAME_BAD_VERSION);
}

static void
test_linux_sll(void **state)
{
	struct packet_builder b = {0}, netlink = {0};

	(void)state;
	build_be16(&b, 4); /* sent by us */
	build_be16(&b, 1); /* ARPHRD_ETHER */
	build_be16(&b, 6);
	build_fill(&b, 8, 0);
	build_be16(&b, 0x0800);
	build_datagram(&b);
	expect_datagram(&b, 113);
	b.size = 15;
	expect_status(&b, 113, FRAME_SHORT);

	build_be16(&netlink, 4);
	build_be16(&netlink, 824);
	build_fill(&netlink, 10, 0);
	build_be16(&netlink, 0x0800);
	build_datagram(&netlink);
	expect_status(&netlink, 113, FRAME_NOT_IP);
}

static void
test_linux_sll_with_a_vlan_tag(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_fill(&b, 14, 0);
	build_be16(&b, 0x8100);
	build_vlan(&b, 0x6007, 0x0800);
	build_datagram(&b);
	assert_int_equal(build_decode(&b, 113, &frame), FRAME_OK);
	assert_int_equal(frame.vlan_count, 1);
	assert_int_equal(frame.vlans[0], 7);
}

static void
test_linux_sll2(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_be16(&b, 0x86dd);
	build_be16(&b, 0);
	build_be32(&b, 3); /* interface */
	build_be16(&b, 1);
	build_u8(&b, 0);
	build_u8(&b, 6);
	build_fill(&b, 8, 0);
	build_datagram6(&b);
	expect_datagram6(&b, 276);
	b.size = 19;
	expect_status(&b, 276, FRAME_SHORT);
}

static void
test_bsd_loopback(void **state)
{
	static const unsigned families6[] = {10, 24, 28, 30};
	struct packet_builder b = {0}, swapped = {0}, isis = {0};

	(void)state;
	build_be32(&b, 2);
	build_datagram(&b);
	expect_datagram(&b, 0);
	expect_datagram(&b, 108);
	build_be32(&swapped, 0x02000000);
	build_datagram(&swapped);
	expect_datagram(&swapped, 0);
	expect_status(&swapped, 108, FRAME_NOT_IP);
	for (size_t i = 0; i < 4; i++) {
		struct packet_builder b6 = {0};

		build_be32(&b6, families6[i]);
		build_datagram6(&b6);
		expect_datagram6(&b6, 0);
		expect_datagram6(&b6, 108);
	}
	build_be32(&isis, 7);
	build_datagram(&isis);
	expect_status(&isis, 0, FRAME_NOT_IP);
	b.size = 3;
	expect_status(&b, 0, FRAME_SHORT);
}

/* An attribute header in this machine's byte order. */
static void
build_attribute(struct packet_builder *b, uint16_t size, uint16_t type)
{
	memcpy(b->octets + b->size, &size, 2);
	memcpy(b->octets + b->size + 2, &type, 2);
	b->size += 4;
}

static void
test_nflog(void **state)
{
	struct packet_builder b = {0};
	size_t prefix;

	(void)state;
	build_u8(&b, 2);
	build_u8(&b, 0);
	build_be16(&b, 30);
	build_attribute(&b, 4 + 5, 10); /* a log prefix, padded to 8 */
	build_fill(&b, 8, 0);
	prefix = b.size;
	build_attribute(&b, 4 + 31, 9);
	build_datagram(&b);
	expect_datagram(&b, 239);
	b.octets[0] = 7; /* a bridge */
	expect_status(&b, 239, FRAME_NOT_IP);
	b.octets[0] = 2;
	b.size = prefix;
	expect_status(&b, 239, FRAME_SHORT);
	build_attribute(&b, 3, 9); /* shorter than its own header */
	expect_status(&b, 239, FRAME_BAD_LENGTH);
}

static void
test_nflog_copies_a_part_only(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_be32(&b, 0x02000000);
	build_attribute(&b, 4 + 30, 9);
	build_datagram(&b);
	b.size--;
	assert_int_equal(build_decode(&b, 239, &frame), FRAME_OK);
	assert_int_equal(frame.payload_captured, 2);
	assert_int_equal(frame.payload_length, 3);
}

static void
test_nflog_of_endless_attributes(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_be32(&b, 0x02000000);
	for (unsigned i = 0; i < 1000; i++)
		build_attribute(&b, 4, 1);
	expect_status(&b, 239, FRAME_TOO_DEEP);
}

static void
test_ppp(void **state)
{
	struct packet_builder full = {0}, compressed = {0}, lcp = {0};

	(void)state;
	build_be32(&full, 0xff030021);
	build_datagram(&full);
	expect_datagram(&full, 9);
	expect_datagram(&full, 50);
	build_u8(&compressed, 0x57);
	build_datagram6(&compressed);
	expect_datagram6(&compressed, 9);
	build_be32(&lcp, 0xff03c021);
	build_datagram(&lcp);
	expect_status(&lcp, 9, FRAME_NOT_IP);
	full.size = 3;
	expect_status(&full, 9, FRAME_SHORT);
}

static void
test_unknown_link_type(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_datagram(&b);
	expect_status(&b, 147, FRAME_UNKNOWN_LINK);
	expect_status(&b, -1, FRAME_UNKNOWN_LINK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ethernet),
	    cmocka_unit_test(test_ethernet_802_3_length_is_not_ip),
	    cmocka_unit_test(test_ethernet_802_3_snap),
	    cmocka_unit_test(test_raw_ip),
	    cmocka_unit_test(test_linux_sll),
	    cmocka_unit_test(test_linux_sll_with_a_vlan_tag),
	    cmocka_unit_test(test_linux_sll2),
	    cmocka_unit_test(test_bsd_loopback),
	    cmocka_unit_test(test_nflog),
	    cmocka_unit_test(test_nflog_copies_a_part_only),
	    cmocka_unit_test(test_nflog_of_endless_attributes),
	    cmocka_unit_test(test_ppp),
	    cmocka_unit_test(test_unknown_link_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
