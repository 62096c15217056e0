/* The loop over the layers: depth, cuts at every octet, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "tests/unit/packet_builder.h"

/* VLAN, VXLAN, IPv4 with options, TCP with options and payload. */
static void
build_deep(struct packet_builder *b)
{
	build_ethernet(b, 0x8100);
	build_vlan(b, 12, 0x86dd);
	build_ipv6(b, 101, 102, PROTOCOL_UDP, 8 + 8 + 14 + 24 + 32 + 10);
	build_udp(b, 50000, 4789, 8 + 14 + 24 + 32 + 10);
	build_be32(b, 0x08000000);
	build_be32(b, 0x00000500);
	build_ethernet(b, 0x0800);
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 4 + 32 + 10);
	b->octets[b->size - 20] = 0x46;
	build_be32(b, 0x01010101);
	build_tcp(b, 4000, 80, TCP_ACK);
	b->octets[b->size - 8] = 0x80;
	build_fill(b, 12, 1);
	build_fill(b, 10, 'z');
}

/* Decodes the first `captured` octets from memory that ends just there. */
static enum frame_status
decode_prefix(
    const struct packet_builder *b, size_t captured, struct frame *frame)
{
	uint8_t *octets = malloc(captured == 0 ? 1 : captured);
	struct packet packet = build_packet(b, 1);
	enum frame_status status;

	assert_non_null(octets);
	memcpy(octets, b->octets, captured);
	packet.octets = octets;
	packet.captured = (uint32_t)captured;
	status = decode_packet(&packet, frame);
	if (status == FRAME_OK)
		assert_ptr_equal(frame->payload + frame->payload_captured,
		    octets + captured);
	free(octets);
	return status;
}

static void
test_a_cut_anywhere_is_short_until_the_payload(void **state)
{
	struct packet_builder b = {0};

	(void)state;
	build_deep(&b);
	for (size_t captured = 0; captured <= b.size; captured++) {
		struct frame frame;
		enum frame_status status = decode_prefix(&b, captured, &frame);
		size_t headers = b.size - 10;

		/* With less than 8 octets behind the UDP header nothing says
		 * that it is VXLAN. */
		if (captured >= 18 + 48 && captured < 18 + 56) {
			assert_int_equal(status, FRAME_OK);
			assert_int_equal(frame.tunnel.kind, TUNNEL_NONE);
			continue;
		}
		assert_int_equal(
		    status, captured < headers ? FRAME_SHORT : FRAME_OK);
		if (status != FRAME_OK)
			continue;
		assert_true(key_is(&frame.key, 1, 2, 4000, 80));
		assert_int_equal(frame.payload_length, 10);
		assert_int_equal(frame.payload_captured, captured - headers);
		assert_int_equal(frame.ip_length, 24 + 32 + 10);
		assert_int_equal(frame.tunnel.id, 5);
		assert_int_equal(frame.vlans[0], 12);
	}
}

/* Ethernet, `tags` VLAN tags, IPv4 and UDP: tags + 3 layers. */
static enum frame_status
decode_tags(unsigned tags, struct frame *frame)
{
	struct packet_builder b = {0};

	build_ethernet(&b, 0x8100);
	for (unsigned i = 1; i < tags; i++)
		build_vlan(&b, i, 0x8100);
	build_vlan(&b, tags, 0x0800);
	build_ipv4(&b, 1, 2, PROTOCOL_UDP, 8);
	build_udp(&b, 1000, 53, 0);
	return build_decode(&b, 1, frame);
}

static void
test_layers_are_limited(void **state)
{
	struct frame frame;

	(void)state;
	assert_int_equal(
	    decode_tags(FRAME_LAYERS_MAXIMUM - 3, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 1000, 53));
	assert_int_equal(
	    decode_tags(FRAME_LAYERS_MAXIMUM - 2, &frame), FRAME_TOO_DEEP);
}

static void
test_nesting_of_one_kind_is_limited(void **state)
{
	struct packet_builder ipip = {0}, chain = {0}, labels = {0};
	struct frame frame;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		build_ipv4(&ipip, 1, 2, 4, 20U * (59 - i));
	assert_int_equal(build_decode(&ipip, 101, &frame), FRAME_TOO_DEEP);
	build_ipv6(&chain, 1, 2, 60, 400);
	for (unsigned i = 0; i < 50; i++) {
		build_be32(&chain, 60U << 24);
		build_be32(&chain, 0);
	}
	assert_int_equal(build_decode(&chain, 101, &frame), FRAME_TOO_DEEP);
	build_ethernet(&labels, 0x8847);
	build_fill(&labels, 400, 0);
	assert_int_equal(build_decode(&labels, 1, &frame), FRAME_TOO_DEEP);
}

static void
test_nothing_is_left_of_the_last_packet(void **state)
{
	struct packet_builder b = {0}, plain = {0};
	struct frame frame;

	(void)state;
	build_deep(&b);
	assert_int_equal(build_decode(&b, 1, &frame), FRAME_OK);
	build_ipv4(&plain, 1, 2, PROTOCOL_UDP, 8);
	build_udp(&plain, 1000, 53, 0);
	assert_int_equal(build_decode(&plain, 101, &frame), FRAME_OK);
	assert_int_equal(frame.vlan_count, 0);
	assert_int_equal(frame.tunnel.kind, TUNNEL_NONE);
	assert_int_equal(frame.tcp_flags, 0);
	assert_false(frame.icmp_error);
}

static void
test_wire_length_below_the_captured_one(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_UDP, 8);
	build_udp(&b, 1000, 53, 0);
	packet = build_packet(&b, 101);
	packet.length = 1; /* a lie of the file's */
	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 1000, 53));
}

static void
test_names(void **state)
{
	(void)state;
	for (int s = 0; s < FRAME_STATUS_COUNT; s++) {
		const char *name = frame_status_name((enum frame_status)s);

		assert_non_null(name);
		for (int t = 0; t < s; t++)
			assert_string_not_equal(
			    name, frame_status_name((enum frame_status)t));
	}
	assert_string_equal(frame_status_name(FRAME_SHORT), "truncated");
	assert_null(tunnel_kind_name(TUNNEL_NONE));
	assert_string_equal(tunnel_kind_name(TUNNEL_VXLAN), "vxlan");
	assert_string_equal(tunnel_kind_name(TUNNEL_IPIP), "ipip");
	assert_string_equal(protocol_name(PROTOCOL_TCP), "TCP");
	assert_string_equal(protocol_name(PROTOCOL_ICMPV6), "IPv6-ICMP");
	assert_null(protocol_name(253)); /* RFC 3692: for experiments */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_cut_anywhere_is_short_until_the_payload),
	    cmocka_unit_test(test_layers_are_limited),
	    cmocka_unit_test(test_nesting_of_one_kind_is_limited),
	    cmocka_unit_test(test_nothing_is_left_of_the_last_packet),
	    cmocka_unit_test(test_wire_length_below_the_captured_one),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
