/* IPv4, IPv6 and extension headers: lengths, fragments, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "tests/unit/packet_builder.h"

/* A TCP segment of `payload` octets in IPv4, without a link layer. */
static void
build_segment(struct packet_builder *b, size_t payload)
{
	build_ipv4(b, 1, 2, PROTOCOL_TCP, 20 + payload);
	build_tcp(b, 4000, 80, TCP_ACK);
	build_fill(b, payload, 'p');
}

static void
test_ipv4_fields(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_segment(&b, 10);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_ptr_equal(frame.ip, b.octets);
	assert_int_equal(frame.ip_length, 50);
	assert_int_equal(frame.ip_captured, 50);
	assert_int_equal(frame.transport_offset, 20);
	assert_ptr_equal(frame.payload, b.octets + 40);
	assert_int_equal(frame.payload_captured, 10);
	assert_int_equal(frame.payload_length, 10);
}

static void
test_ipv4_options(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, PROTOCOL_TCP, 8 + 20);
	b.octets[0] = 0x47;
	build_fill(&b, 8, 1);
	build_tcp(&b, 4000, 80, TCP_ACK);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.transport_offset, 28);
}

static void
test_ipv4_padding_is_no_payload(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_segment(&b, 2);
	build_fill(&b, 20, 0);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.ip_captured, 42);
	assert_int_equal(frame.payload_captured, 2);
	assert_int_equal(frame.payload_length, 2);
}

static void
test_ipv4_padding_that_was_cut_is_no_payload(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_segment(&b, 2);
	packet = build_packet(&b, 228);
	packet.length += 100;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	assert_int_equal(frame.ip_length, 42);
	assert_int_equal(frame.payload_captured, 2);
	assert_int_equal(frame.payload_length, 2);
}

static void
test_ipv4_length_zero_is_what_was_captured(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_segment(&b, 1000);
	b.octets[2] = b.octets[3] = 0;
	packet = build_packet(&b, 228);
	packet.length = 70000;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	assert_int_equal(frame.ip_length, 70000);
	assert_int_equal(frame.ip_captured, 1040);
	assert_int_equal(frame.payload_captured, 1000);
	assert_int_equal(frame.payload_length, 70000 - 40);
}

static void
test_ipv4_snap_length_cut_the_payload(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_segment(&b, 100);
	packet = build_packet(&b, 228);
	packet.captured = 60;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	assert_int_equal(frame.ip_length, 140);
	assert_int_equal(frame.ip_captured, 60);
	assert_int_equal(frame.payload_captured, 20);
	assert_int_equal(frame.payload_length, 100);
	packet.captured = 40;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_OK);
	assert_int_equal(frame.payload_captured, 0);
	assert_int_equal(frame.payload_length, 100);
	packet.captured = 39;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_SHORT);
}

static void
test_ipv4_bad_lengths(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_segment(&b, 0);
	b.octets[3] = 41; /* more than there was on the wire */
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_LENGTH);
	b.octets[3] = 19; /* less than a header */
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_LENGTH);
	b.octets[3] = 40;
	b.octets[0] = 0x44;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_LENGTH);
	b.octets[0] = 0x4b; /* 44 octets of header in 40 */
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_LENGTH);
	b.octets[0] = 0x55;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_BAD_VERSION);
	b.size = 19;
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_SHORT);
}

static void
test_ipv4_fragments(void **state)
{
	struct packet_builder first = {0}, later = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_ipv4_fragment(&first, 1, 2, PROTOCOL_UDP, 8 + 16, 0x2000);
	build_udp(&first, 1000, 2049, 5000);
	build_fill(&first, 16, 'f');
	assert_int_equal(build_decode(&first, 228, &frame), FRAME_FRAGMENT);
	assert_true(key_is(&frame.key, 1, 2, 0, 0));
	assert_int_equal(frame.key.protocol, PROTOCOL_UDP);
	assert_int_equal(frame.fragment.identification, 0x1234);
	assert_int_equal(frame.fragment.offset, 0);
	assert_true(frame.fragment.more);
	assert_ptr_equal(frame.payload, first.octets + 20);
	assert_int_equal(frame.payload_length, 24);
	assert_int_equal(frame.ip_length, 44);
	assert_int_equal(frame.packets, 1);

	build_ipv4_fragment(&later, 1, 2, PROTOCOL_UDP, 24, 0x2003);
	build_fill(&later, 24, 0);
	assert_int_equal(build_decode(&later, 228, &frame), FRAME_FRAGMENT);
	assert_int_equal(frame.fragment.offset, 24);

	later.octets[6] = 0x10; /* the highest bit of the offset alone */
	later.octets[7] = 0;
	packet = build_packet(&later, 228);
	packet.captured = 25;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_FRAGMENT);
	assert_int_equal(frame.fragment.offset, 32768);
	assert_false(frame.fragment.more);
	assert_int_equal(frame.payload_captured, 5);
	assert_int_equal(frame.payload_length, 24);
}

static void
test_ipv4_other_protocols(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	/* 0 and 43 are extension headers in IPv6 only. */
	build_ipv4(&b, 1, 2, 43, 12);
	build_fill(&b, 12, 0);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, 43);
	assert_true(key_is(&frame.key, 1, 2, 0, 0));
	assert_int_equal(frame.payload_length, 12);
}

static void
test_ipv4_authentication_header(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv4(&b, 1, 2, 51, 24 + 20);
	build_u8(&b, PROTOCOL_TCP);
	build_u8(&b, 4); /* 24 octets, RFC 4302's example */
	build_fill(&b, 22, 0xaa);
	build_tcp(&b, 4000, 80, TCP_ACK);
	assert_int_equal(build_decode(&b, 228, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, PROTOCOL_TCP);
	assert_true(key_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.transport_offset, 44);
}

static void
test_ipv6_fields(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 1, 2, PROTOCOL_TCP, 20 + 4);
	build_tcp(&b, 4000, 80, TCP_ACK);
	build_fill(&b, 4 + 9, 0); /* with padding */
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_true(key6_is(&frame.key, 1, 2, 4000, 80));
	assert_int_equal(frame.ip_length, 64);
	assert_int_equal(frame.ip_captured, 64);
	assert_int_equal(frame.transport_offset, 40);
	assert_int_equal(frame.payload_length, 4);
	b.octets[5] = 200;
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_BAD_LENGTH);
	b.octets[5] = 0; /* a jumbogram, or an offload's */
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_int_equal(frame.ip_length, b.size);
	assert_int_equal(frame.payload_length, 13);
	b.size = 39;
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_SHORT);
}

static void
test_ipv6_mapped_addresses_are_refused(void **state)
{
	(void)state;
	for (size_t field = 8; field <= 24; field += 16) {
		struct packet_builder b = {0};
		struct frame frame;

		build_ipv6(&b, 1, 2, PROTOCOL_TCP, 20);
		build_tcp(&b, 4000, 80, TCP_ACK);
		memset(b.octets + field, 0, 10);
		memset(b.octets + field + 10, 0xff, 2);
		assert_int_equal(
		    build_decode(&b, 229, &frame), FRAME_BAD_ADDRESS);
	}
}

/* An extension header of 8 x (1 + more) octets. */
static void
build_extension(struct packet_builder *b, unsigned next, unsigned more)
{
	build_u8(b, next);
	build_u8(b, more);
	build_fill(b, 6 + 8 * more, 0);
}

static void
test_ipv6_extension_chain(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 1, 2, 0, 8 + 24 + 16 + 8 + 16 + 8 + 12);
	build_extension(&b, 43, 0);  /* hop-by-hop */
	build_extension(&b, 60, 2);  /* routing */
	build_extension(&b, 135, 1); /* destination options */
	build_extension(&b, 51, 0);  /* mobility */
	build_u8(&b, 44);            /* AH of 16 octets */
	build_u8(&b, 2);
	build_fill(&b, 14, 0);
	build_be32(&b, (uint32_t)PROTOCOL_UDP << 24); /* an atomic fragment */
	build_be32(&b, 7);
	build_udp(&b, 1000, 53, 4);
	build_fill(&b, 4, 'q');
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, PROTOCOL_UDP);
	assert_true(key6_is(&frame.key, 1, 2, 1000, 53));
	assert_int_equal(frame.transport_offset, 40 + 80);
	assert_int_equal(frame.payload_length, 4);
}

static void
test_ipv6_extension_past_the_end(void **state)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	(void)state;
	build_ipv6(&b, 1, 2, 0, 8);
	build_extension(&b, PROTOCOL_TCP, 0);
	b.octets[41] = 1; /* 16 octets, where there are 8 */
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_BAD_LENGTH);
	packet = build_packet(&b, 229);
	packet.captured = 44;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_SHORT);
}

static void
test_ipv6_fragments(void **state)
{
	struct packet_builder first = {0}, later = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&first, 1, 2, 44, 8 + 8 + 8);
	build_be32(&first, (uint32_t)PROTOCOL_UDP << 24 | 1);
	build_be32(&first, 7);
	build_udp(&first, 1000, 53, 3000);
	build_fill(&first, 8, 'f');
	assert_int_equal(build_decode(&first, 229, &frame), FRAME_FRAGMENT);
	assert_true(key6_is(&frame.key, 1, 2, 0, 0));
	assert_int_equal(frame.fragment.identification, 7);
	assert_int_equal(frame.fragment.offset, 0);
	assert_true(frame.fragment.more);
	assert_ptr_equal(frame.payload, first.octets + 48);
	assert_int_equal(frame.payload_length, 16);
	assert_int_equal(frame.ip_length, 64);

	build_ipv6(&later, 1, 2, 44, 8 + 8);
	build_be32(&later, (uint32_t)PROTOCOL_UDP << 24 | 8);
	build_be32(&later, 0x12345678);
	build_fill(&later, 8, 'f');
	assert_int_equal(build_decode(&later, 229, &frame), FRAME_FRAGMENT);
	assert_int_equal(frame.key.protocol, PROTOCOL_UDP);
	assert_int_equal(frame.fragment.identification, 0x12345678);
	assert_int_equal(frame.fragment.offset, 8);
	assert_false(frame.fragment.more);
}

static void
test_ipv6_no_next_header(void **state)
{
	struct packet_builder b = {0};
	struct frame frame;

	(void)state;
	build_ipv6(&b, 1, 2, 59, 0);
	build_fill(&b, 6, 0);
	assert_int_equal(build_decode(&b, 229, &frame), FRAME_OK);
	assert_int_equal(frame.key.protocol, 59);
	assert_int_equal(frame.ip_length, 40);
	assert_int_equal(frame.payload_length, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ipv4_fields),
	    cmocka_unit_test(test_ipv4_options),
	    cmocka_unit_test(test_ipv4_padding_is_no_payload),
	    cmocka_unit_test(test_ipv4_padding_that_was_cut_is_no_payload),
	    cmocka_unit_test(test_ipv4_length_zero_is_what_was_captured),
	    cmocka_unit_test(test_ipv4_snap_length_cut_the_payload),
	    cmocka_unit_test(test_ipv4_bad_lengths),
	    cmocka_unit_test(test_ipv4_fragments),
	    cmocka_unit_test(test_ipv4_other_protocols),
	    cmocka_unit_test(test_ipv4_authentication_header),
	    cmocka_unit_test(test_ipv6_fields),
	    cmocka_unit_test(test_ipv6_mapped_addresses_are_refused),
	    cmocka_unit_test(test_ipv6_extension_chain),
	    cmocka_unit_test(test_ipv6_extension_past_the_end),
	    cmocka_unit_test(test_ipv6_fragments),
	    cmocka_unit_test(test_ipv6_no_next_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
