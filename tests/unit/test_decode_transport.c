/* TCP, UDP, SCTP, ICMP and ICMPv6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "tests/unit/packet_builder.h"

static void
test_tcp_fields(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 20 + 12 + 5);
	build_tcp(&b, 40000, 443, TCP_PSH | TCP_ACK);
	b.octets[20 + 12] = 0x80; /* with 12 octets of options */
	build_fill(&b, 12, 1);
	build_fill(&b, 5, 'd');
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, PROTOCOL_TCP);
	assert_true(key_is(&frame.key, 1, 2, 40000, 443));
	assert_int_equal(frame.tcp_sequence, 0x11223344);
	assert_int_equal(frame.tcp_acknowledgement, 0x55667788);
	assert_int_equal(frame.tcp_flags, TCP_PSH | TCP_ACK);
	assert_ptr_equal(frame.payload, b.octets + 52);
	assert_int_equal(frame.payload_captured, 5);
}

static void
test_tcp_bad_offset(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 20);
	build_tcp(&b, 40000, 443, TCP_SYN);
	b.octets[20 + 12] = 0x40;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_TRANSPORT);
	b.octets[20 + 12] = 0x60; /* options that the packet has no room for */
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_TRANSPORT);
	b.octets[3] = 44; /* the packet has room, the capture cut them off */
	packet = build_packet(&b, 228);
	packet.length = 44;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_SHORT);
}

static void
test_transport_without_room(void **state)
{
	static const unsigned protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP,
	    PROTOCOL_SCTP, PROTOCOL_ICMP, PROTOCOL_ICMPV6};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct packet_builder b = {0};
		struct packet packet;
		struct frame frame;

		build_ipv4(&b, 1, 2, protocols[i], 7);
		build_fill(&b, 7, 0);
		assert_int_equal(
		    build_decode(&b, 228, &frame), FRAME_BAD_TRANSPORT);
		packet = build_packet(&b, 228);
		packet.captured -= 2;
		assert_int_equal(decode_packet(&packet, &frame), FRAME_SHORT);
	}
}

static void
test_udp_lengths(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_UDP, 8 + 10);
	build_udp(&b, 1000, 53, 4); /* shorter than the IP payload */
	build_fill(&b, 10, 'u');
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 1000, 53));
	assert_int_equal(frame.payload_captured, 4);
	b.octets[25] = 0;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.payload_captured, 10);
	b.octets[25] = 7;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_TRANSPORT);
	b.octets[25] = 19; /* longer than the IP payload */
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_TRANSPORT);
}

static void
test_sctp(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_SCTP, 12 + 4);
	build_be16(&b, 5000);
	build_be16(&b, 38412);
	build_fill(&b, 8, 0);
	build_be32(&b, 0x0e000004);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 5000, 38412));
	assert_int_equal(frame.payload_length, 4);
	assert_int_equal(frame.payload[0], 0x0e);
}

static void
test_icmp_echo(void **state)
{
	struct packet_builder b = {0}, b6 = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_ICMP, 8 + 3);
	build_be32(&b, 0x08000000);
	build_be32(&b, 0x77770001);
	build_fill(&b, 3, 'e');
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 0x7777, 0x7777));
	assert_int_equal(frame.icmp_type, 8);
	assert_false(frame.icmp_error);
	assert_int_equal(frame.payload_length, 3);

	build_ipv6(&b6, 1, 2, PROTOCOL_ICMPV6, 8);
	build_be32(&b6, 0x81000000);
	build_be32(&b6, 0x77770001);
	assert_int_equal(build_decode(&b6, 229, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 0x7777, 0x7777));
	assert_int_equal(frame.icmp_type, 129);
}

static void
test_icmp_without_identifier_has_no_ports(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 1, 2, PROTOCOL_ICMPV6, 8);
	build_be32(&b, 0x85000000); /* router solicitation */
	build_be32(&b, 0xffffffff);
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 0, 0));
	assert_false(frame.icmp_error);
}

/* Decodes an ICMP port unreachable from 9 to 1 that quotes `quoted`. */
static void
decode_error(const struct packet_builder *quoted, struct frame *frame)
{
	struct packet_builder b = {0};

	build_ipv4(&b, 9, 1, PROTOCOL_ICMP, 8 + quoted->size);
	build_be32(&b, 0x03030000);
	build_be32(&b, 0);
	for (size_t i = 0; i < quoted->size; i++)
		build_u8(&b, quoted->octets[i]);
	assert_int_equal(build_decode(&b, 228, frame), FRAME_OK);
	assert_int_equal(frame->key.protocol, PROTOCOL_ICMP);
	assert_true(key_is(&frame->key, 9, 1, 0, 0));
	assert_int_equal(frame->icmp_type, 3);
	assert_int_equal(frame->icmp_code, 3);
}

static void
test_icmp_error_quotes(void **state)
{
	struct packet_builder udp = {0}, options = {0}, echo = {0}, esp = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&udp, 1, 2, PROTOCOL_UDP, 500);
	build_udp(&udp, 1000, 53, 492); /* and not a single octet more */
	decode_error(&udp, &frame);
	assert_true(frame.icmp_error);
	assert_int_equal(frame.quoted.protocol, PROTOCOL_UDP);
	assert_true(key_is(&frame.quoted, 1, 2, 1000, 53));

	build_ipv4(&options, 1, 2, PROTOCOL_TCP, 30);
	options.octets[0] = 0x46;
	build_fill(&options, 4, 1);
	build_be32(&options, 0x0fa00050);
	decode_error(&options, &frame);
	assert_true(frame.icmp_error);
	assert_true(key_is(&frame.quoted, 1, 2, 4000, 80));

	build_ipv4(&echo, 1, 2, PROTOCOL_ICMP, 8);
	build_be32(&echo, 0x08000000);
	build_be32(&echo, 0x77770001);
	decode_error(&echo, &frame);
	assert_true(frame.icmp_error);
	assert_true(key_is(&frame.quoted, 1, 2, 0x7777, 0x7777));

	build_ipv4(&esp, 1, 2, 50, 8);
	build_fill(&esp, 8, 0xee);
	decode_error(&esp, &frame);
	assert_true(frame.icmp_error);
	assert_int_equal(frame.quoted.protocol, 50);
	assert_true(key_is(&frame.quoted, 1, 2, 0, 0));
}

static void
test_icmp_error_that_quotes_too_little(void **state)
{
	struct packet_builder later = {0}, tiny = {0}, none = {0}, other = {0};
	struct frame frame;

	(void)state;
	build_ipv4_fragment(&later, 1, 2, PROTOCOL_UDP, 8, 0x0010);
	build_fill(&later, 8, 0);
	decode_error(&later, &frame);
	assert_false(frame.icmp_error);

	build_ipv4(&tiny, 1, 2, PROTOCOL_UDP, 8);
	build_fill(&tiny, 3, 0);
	decode_error(&tiny, &frame);
	assert_false(frame.icmp_error);

	decode_error(&none, &frame);
	assert_false(frame.icmp_error);

	build_ipv6(&other, 1, 2, PROTOCOL_UDP, 8);
	build_udp(&other, 1000, 53, 0);
	decode_error(&other, &frame);
	assert_false(frame.icmp_error);
}

static void
test_icmpv6_error_quotes_past_extensions(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 9, 1, PROTOCOL_ICMPV6, 8 + 40 + 8 + 8 + 8);
	build_be32(&b, 0x01040000); /* port unreachable */
	build_be32(&b, 0);
	build_ipv6(&b, 1, 2, 60, 1000);
	build_be32(&b, 0x2c000000); /* destination options, then a fragment */
	build_be32(&b, 0);
	build_be32(&b, (uint32_t)PROTOCOL_UDP << 24 | 1);
	build_be32(&b, 7);
	build_udp(&b, 1000, 53, 2000);
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_true(frame.icmp_error);
	assert_int_equal(frame.quoted.protocol, PROTOCOL_UDP);
	assert_true(key6_is(&frame.quoted, 1, 2, 1000, 53));

	b.octets[40 + 8 + 40 + 8 + 3] = 8; /* now a later fragment */
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_false(frame.icmp_error);
}

static void
test_icmpv6_error_of_endless_extensions(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 9, 1, PROTOCOL_ICMPV6, 8 + 40 + 8 * 100);
	build_be32(&b, 0x01040000);
	build_be32(&b, 0);
	build_ipv6(&b, 1, 2, 60, 1000);
	for (unsigned i = 0; i < 100; i++) {
		build_be32(&b, 60U << 24);
		build_be32(&b, 0);
	}
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_false(frame.icmp_error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tcp_fields),
	    cmocka_unit_test(test_tcp_bad_offset),
	    cmocka_unit_test(test_transport_without_room),
	    cmocka_unit_test(test_udp_lengths),
	    cmocka_unit_test(test_sctp),
	    cmocka_unit_test(test_icmp_echo),
	    cmocka_unit_test(test_icmp_without_identifier_has_no_ports),
	    cmocka_unit_test(test_icmp_error_quotes),
	    cmocka_unit_test(test_icmp_error_that_quotes_too_little),
	    cmocka_unit_test(test_icmpv6_error_quotes_past_extensions),
	    cmocka_unit_test(test_icmpv6_error_of_endless_extensions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
