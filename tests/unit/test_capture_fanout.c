/*
 * The kernel's program that shares packets among workers, run by a small
 * machine of ours on every packet of the shipped captures and on packets made
 * here, against what the decoder says: packets of one innermost pair of
 * addresses, whatever is around them and whichever way they go, are one
 * worker's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/if_packet.h>

#include "sensor/capture_fanout.h"
#include "sensor/decode/decode.h"
#include "sensor/frame.h"
#include "sensor/packet.h"
#include "sensor/replay.h"

#define ETHERNET 1 /* LINKTYPE_ETHERNET */
#define FAILED   UINT32_MAX

struct machine {
	uint32_t a, x, cells[BPF_MEMWORDS];
	const uint8_t *octets; /* as the kernel has them: after Ethernet */
	size_t size;
	uint32_t protocol, kind;
};

static bool
load(struct machine *m, const struct sock_filter *one, uint32_t at)
{
	size_t size = BPF_SIZE(one->code) == BPF_W   ? 4
		      : BPF_SIZE(one->code) == BPF_H ? 2
						     : 1;

	if (at == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)) {
		m->a = m->protocol;
		return true;
	}
	if (at == (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)) {
		m->a = m->kind;
		return true;
	}
	if (at > m->size || m->size - at < size)
		return false;
	m->a = 0;
	for (size_t i = 0; i < size; i++)
		m->a = m->a << 8 | m->octets[at + i];
	return true;
}

static void
compute(struct machine *m, const struct sock_filter *one)
{
	uint32_t operand = BPF_SRC(one->code) == BPF_X ? m->x : one->k;

	switch (BPF_OP(one->code)) {
	case BPF_ADD:
		m->a += operand;
		break;
	case BPF_MUL:
		m->a *= operand;
		break;
	case BPF_AND:
		m->a &= operand;
		break;
	case BPF_XOR:
		m->a ^= operand;
		break;
	case BPF_LSH:
		m->a <<= operand;
		break;
	case BPF_RSH:
		m->a >>= operand;
		break;
	case BPF_MOD:
		m->a %= operand;
		break;
	default:
		fail_msg("an operation that is not in any program");
	}
}

static size_t
jump(const struct machine *m, const struct sock_filter *one)
{
	bool holds = BPF_OP(one->code) == BPF_JEQ ? m->a == one->k
						  : (m->a & one->k) != 0;

	if (BPF_OP(one->code) == BPF_JA)
		return one->k;
	return holds ? one->jt : one->jf;
}

/* One instruction; false when the program ends here, as on a short packet. */
static bool
step(struct machine *m, const struct sock_filter *one, size_t *at)
{
	switch (BPF_CLASS(one->code)) {
	case BPF_LD:
		if (BPF_MODE(one->code) == BPF_IMM)
			m->a = one->k;
		else if (BPF_MODE(one->code) == BPF_MEM)
			m->a = m->cells[one->k];
		else if (!load(m, one,
			     BPF_MODE(one->code) == BPF_IND ? m->x + one->k
							    : one->k)) {
			m->a = FAILED;
			return false;
		}
		break;
	case BPF_LDX:
		m->x =
		    BPF_MODE(one->code) == BPF_IMM ? one->k : m->cells[one->k];
		break;
	case BPF_ST:
		m->cells[one->k] = m->a;
		break;
	case BPF_STX:
		m->cells[one->k] = m->x;
		break;
	case BPF_ALU:
		compute(m, one);
		break;
	case BPF_JMP:
		*at += jump(m, one);
		break;
	case BPF_RET:
		return false;
	default:
		if (BPF_MISCOP(one->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
	}
	return true;
}

/* Which of so many captures gets the frame; FAILED when it is too short. */
static uint32_t
run(const struct sock_filter *code, size_t count, const uint8_t *frame,
    size_t size, bool outgoing)
{
	struct machine m = {
	    .octets = outgoing ? frame : frame + 14,
	    .size = outgoing ? size : size - 14,
	    .protocol = (uint32_t)frame[12] << 8 | frame[13],
	    .kind = outgoing ? PACKET_OUTGOING : PACKET_HOST,
	};

	for (size_t at = 0; at < count; at++)
		if (!step(&m, &code[at], &at))
			break;
	return m.a;
}

/* --- captures ------------------------------------------------------------- */

#define PAIRS 65536

struct pairs {
	struct {
		struct address a, b;
		uint32_t member;
		bool used;
	} seen[PAIRS];
	size_t packets, pairs, tunnelled;
	size_t of_member[4];
};

static void
note_pair(struct pairs *pairs, const struct frame_key *key, uint32_t member)
{
	struct address a = key->source, b = key->destination;
	uint32_t at = 0;

	if (address_compare(&a, &b) > 0) {
		a = key->destination;
		b = key->source;
	}
	for (size_t i = 0; i < sizeof(a.octets); i++)
		at = at * 31 + a.octets[i] + 7U * b.octets[i];
	for (at %= PAIRS; pairs->seen[at].used; at = (at + 1) % PAIRS)
		if (address_equal(&pairs->seen[at].a, &a) &&
		    address_equal(&pairs->seen[at].b, &b)) {
			assert_int_equal(pairs->seen[at].member, member);
			return;
		}
	pairs->seen[at].a = a;
	pairs->seen[at].b = b;
	pairs->seen[at].member = member;
	pairs->seen[at].used = true;
	pairs->pairs++;
	pairs->of_member[member]++;
}

static void
check_packet(struct pairs *pairs, const struct sock_filter *code, size_t count,
    const struct packet *packet)
{
	struct frame frame;
	uint32_t member;

	if (packet->link_type != ETHERNET || packet->captured < 34 ||
	    decode_packet(packet, &frame) != FRAME_OK)
		return;
	member = run(code, count, packet->octets, packet->captured, false);
	if (member == FAILED)
		return;
	assert_int_equal(
	    member, run(code, count, packet->octets, packet->captured, true));
	assert_in_range(member, 0, 3);
	pairs->packets++;
	pairs->tunnelled += frame.tunnel.kind != TUNNEL_NONE;
	note_pair(pairs, frame.icmp_error ? &frame.quoted : &frame.key, member);
}

static void
check_capture(struct pairs *pairs, const char *path)
{
	struct sock_filter code[CAPTURE_FANOUT_CODE];
	size_t count = capture_fanout_program(code, 14, 4);
	char fault[REPLAY_FAULT_SIZE];
	struct replay *replay = replay_open(path, NULL, fault);
	struct packet packet;

	assert_non_null(replay);
	while (replay_next(replay, &packet) == REPLAY_PACKET)
		check_packet(pairs, code, count, &packet);
	replay_close(replay);
}

static void
test_as_the_decoder_says(void **state)
{
	struct pairs *pairs = test_calloc(1, sizeof(*pairs));

	(void)state;
	check_capture(pairs, "pcaps/demo/capture.pcap");
	assert_true(pairs->packets > 1000);
	assert_true(pairs->pairs > 50);
	/* Shared, and not all one's. */
	for (size_t i = 0; i < 4; i++)
		assert_true(pairs->of_member[i] > pairs->pairs / 12);
	test_free(pairs);
}

/* --- one pod's packet in every wrapping ----------------------------------- */

struct wire {
	uint8_t octets[512];
	size_t size;
};

static void
add(struct wire *wire, const char *hex)
{
	for (; *hex != '\0'; hex++) {
		unsigned value;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &value), 1);
		wire->octets[wire->size++] = (uint8_t)value;
		hex++;
	}
}

#define MACS  "020000000001 020000000002 "
#define IPV4  "45000078 00010000 40"
#define PODS  "0000 0a010203 0a010407 "
#define BACK  "0000 0a010407 0a010203 "
#define NODES "0000 c0a80001 c0a80002 "
#define TCP   "9c40 1f90 00000001 00000000 50022000 00000000 "
#define INNER MACS "0800 " IPV4 "06" PODS TCP

static uint32_t
member_of(const char *hex)
{
	struct sock_filter code[CAPTURE_FANOUT_CODE];
	size_t count = capture_fanout_program(code, 14, 1U << 16);
	struct wire wire = {.size = 0};

	add(&wire, hex);
	wire.size = sizeof(wire.octets);
	return run(code, count, wire.octets, wire.size, false);
}

static void
test_wrappings(void **state)
{
	static const char *const same[] = {
	    /* the other way, other ports, another protocol, a fragment */
	    MACS "0800 " IPV4 "06" BACK TCP,
	    MACS "0800 " IPV4 "11" PODS "0035 9999 0040 0000",
	    MACS "0800 45000078 000120b9 4006" PODS TCP,
	    /* VLAN tags, one and two */
	    MACS "8100 0064 0800 " IPV4 "06" PODS TCP,
	    MACS "88a8 0064 8100 0065 0800 " IPV4 "06" BACK TCP,
	    /* VXLAN, on both ports, with a tag inside */
	    MACS "0800 " IPV4 "11" NODES
		 "1234 12b5 0060 0000 0800000000002a00 " INNER,
	    MACS "0800 " IPV4 "11" NODES
		 "4321 2118 0060 0000 0800000000002a00 " MACS
		 "8100 0064 0800 " IPV4 "06" BACK TCP,
	    /* Geneve with 8 octets of options; around IP alone */
	    MACS "0800 " IPV4 "11" NODES "1234 17c1 0060 0000 0200655800002a00 "
		 "0102030405060708 " INNER,
	    MACS "0800 " IPV4 "11" NODES
		 "1234 17c1 0060 0000 0000080000002a00 " IPV4 "06" BACK TCP,
	    /* GRE, plain and with key and sequence number */
	    MACS "0800 " IPV4 "2f" NODES "00000800 " IPV4 "06" PODS TCP,
	    MACS "0800 " IPV4 "2f" NODES "30006558 00000001 00000002 " INNER,
	    /* ERSPAN types I, II and III with its subheader */
	    MACS "0800 " IPV4 "2f" NODES "000088be " INNER,
	    MACS "0800 " IPV4 "2f" NODES
		 "100088be 00000001 1000000000000000 " INNER,
	    MACS "0800 " IPV4 "2f" NODES "100022eb 00000001 "
		 "200000000000000000000001 0000000000000000 " INNER,
	    /* IP in IP; ERSPAN around VXLAN */
	    MACS "0800 " IPV4 "04" NODES IPV4 "06" PODS TCP,
	    MACS "0800 " IPV4 "2f" NODES "000088be " MACS "0800 " IPV4
		 "11" NODES "1234 12b5 0060 0000 0800000000002a00 " INNER,
	    /* an ICMP error about it, from a router */
	    MACS "0800 " IPV4 "01 0000 0a0101fe 0a010203 0301000000000000 " IPV4
		 "06" PODS TCP,
	};
	uint32_t member = member_of(INNER);

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (member_of(same[i]) != member)
			fail_msg("wrapping %zu goes astray", i);
	/* And others go elsewhere: what is around it, and its neighbour. */
	assert_int_not_equal(member,
	    member_of(MACS "0800 " IPV4 "11" NODES "1234 0035 0060 0000"));
	assert_int_not_equal(member,
	    member_of(MACS "0800 " IPV4 "06 0000 0a010203 0a010408 " TCP));
}

static void
test_ipv6(void **state)
{
#define ONE "fd000000000000000000000000000001 "
#define TWO "fd000000000000000000000000000002 "
	uint32_t member = member_of(MACS "86dd 6000000000200640 " ONE TWO TCP);

	(void)state;
	assert_int_equal(
	    member, member_of(MACS "86dd 6000000000201140 " TWO ONE "00"));
	assert_int_equal(member,
	    member_of(
		MACS "0800 " IPV4 "29" NODES "6000000000200640 " TWO ONE TCP));
	assert_int_equal(member,
	    member_of(MACS "86dd 6000000000203a40 fd0000000000000000000000"
			   "000000ff " ONE "0100000000000000 "
			   "6000000000200640 " ONE TWO TCP));
	assert_int_not_equal(
	    member, member_of(MACS "86dd 6000000000200640 " ONE
				   "fd000000000000000000000000000003 " TCP));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_the_decoder_says),
	    cmocka_unit_test(test_wrappings),
	    cmocka_unit_test(test_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
