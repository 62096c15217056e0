/* What stands between the link layer and IP: VLAN, MPLS, PPPoE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packet_builder.h"

static void
build_segment(struct packet_builder *b)
{
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(b, 4000, 80, TCP_SYN);
}

static void
test_every_vlan_type(void **state)
{
	static const unsigned types[] = {0x8100, 0x88a8, 0x9100, 0x9200};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct packet_builder b = {0};
		struct frame frame;

		build_ethernet(&b, types[i]);
		build_vlan(&b, 0xe064, 0x0800); /* priority 7, VLAN 100 */
		build_segment(&b);
		assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
		assert_true(key_is(&frame.key, 1, 2, 4000, 80));
		assert_int_equal(frame.vlan_count, 1);
		assert_int_equal(frame.vlans[0], 100);
	}
}

static void
test_vlans_beyond_the_third_are_read_and_not_kept(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 0x88a8);
	for (unsigned i = 1; i <= 3; i++)
		build_vlan(&b, i, 0x8100);
	build_vlan(&b, 4, 0x0800);
	build_segment(&b);
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.vlan_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(frame.vlans[i], i + 1);
}

static void
test_vlan_cut(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 0x8100);
	build_fill(&b, 3, 0);
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_SHORT);
	assert_int_equal(frame.vlan_count, 0);
}

static void
test_mpls_labels(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 0x8847);
	build_be32(&b, 17U << 12 | 255);
	build_be32(&b, 18U << 12 | 0x100 | 255);
	build_segment(&b);
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
}

/* Decodes what follows one label at the bottom of the stack. */
static enum frame_status
decode_under_label(const struct packet_builder *inside, struct frame *frame)
{
	struct packet_builder b = {0};

	build_ethernet(&b, 0x8848);
	build_be32(&b, 99U << 12 | 0x100 | 64);
	for (size_t i = 0; i < inside->size; i++)
		build_u8(&b, inside->octets[i]);
	return build_decode(&b, 1, frame);
}

static void
test_mpls_contents(void **state)
{
	struct packet_builder ipv6 = {0}, word = {0}, bare = {0};
	struct packet_builder oam = {0}, none = {0}, zero = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&ipv6, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(&ipv6, 4000, 80, TCP_SYN);
	assert_int_equal(decode_under_label(&ipv6, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 4000, 80));

	build_be32(&word, 0); /* control word, then Ethernet */
	build_ethernet(&word, 0x0800);
	build_segment(&word);
	assert_int_equal(decode_under_label(&word, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));

	build_ethernet(&zero, 0x0800); /* no control word, but an address */
	zero.octets[0] = 0x00;
	build_segment(&zero);
	assert_int_equal(decode_under_label(&zero, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));

	build_ethernet(&bare, 0x0800);
	bare.octets[0] = 0xe2; /* a locally administered address */
	build_segment(&bare);
	assert_int_equal(decode_under_label(&bare, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));

	build_be32(&oam, 0x10000021);
	assert_int_equal(decode_under_label(&oam, &frame), FRAME_NOT_IP);
	assert_int_equal(decode_under_label(&none, &frame), FRAME_SHORT);
}

static void
test_pppoe(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 0x8864);
	build_be16(&b, 0x1100);
	build_be16(&b, 0x0042);
	build_be16(&b, 2 + 40);
	build_be16(&b, 0x0021);
	build_segment(&b);
	build_fill(&b, 9, 0xee); /* Ethernet padding */
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.payload_captured, 0);

	b.octets[14 + 5] = 200; /* longer than what was on the wire */
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_BAD_LENGTH);
	b.octets[14 + 1] = 0xa7; /* a discovery code */
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_NOT_IP);
	b.size = 14 + 5;
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_SHORT);
}

static void
test_pppoe_discovery_is_not_ip(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ethernet(&b, 0x8863);
	build_fill(&b, 46, 0);
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_NOT_IP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_vlan_type),
	    cmocka_unit_test(test_vlans_beyond_the_third_are_read_and_not_kept),
	    cmocka_unit_test(test_vlan_cut),
	    cmocka_unit_test(test_mpls_labels),
	    cmocka_unit_test(test_mpls_contents),
	    cmocka_unit_test(test_pppoe),
	    cmocka_unit_test(test_pppoe_discovery_is_not_ip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
