#include "sensor/capture_fanout.h"

#include <assert.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

/* Wrappings within each other that are looked through; ERSPAN around VXLAN
 * around a pod's packet is two. */
#define LEVELS 3
#define LAST   (LEVELS - 1)

/* VLAN tags of a frame; the network card may have taken one more off. */
#define FRAME_TAGS 3

/* Places of a program that are jumped to: of each level, and the end. */
enum place {
	AT_ETHERNET,
	AT_TYPE, /* A is the type of what X is at */
	AT_VLAN,
	AT_IPV4,
	AT_IPV6,
	AT_UDP,
	AT_VXLAN,
	AT_GENEVE,
	AT_GRE,
	AT_ERSPAN,
	AT_ERSPAN3,
	AT_ICMP,
	AT_ICMP_ERROR,
	AT_ICMP6,
	PLACES,
};
#define DONE (PLACES * LEVELS)

/* The program's memory. */
enum cell {
	CELL_X,
	CELL_A,
	CELL_B,
	CELL_TYPE,
	CELL_FLAGS,
	CELL_SUM,
	CELL_HASH
};

/* Odd numbers with bits all over: 2^32 by the golden ratio, and primes of
 * xxHash's (Collet) for words. */
#define MIX_1 0x9e3779b1U
#define MIX_2 0x85ebca77U
#define MIX_3 0xc2b2ae3dU

struct program {
	struct sock_filter *code;
	size_t count;
	uint16_t labels[DONE + 1];       /* where each place is */
	bool jumps[CAPTURE_FANOUT_CODE]; /* `k` is a place */
};

static void
emit(struct program *p, int code, uint32_t k)
{
	assert(p->count < CAPTURE_FANOUT_CODE);
	p->code[p->count++] =
	    (struct sock_filter){.code = (uint16_t)code, .k = k};
}

static void
place(struct program *p, int level, enum place at)
{
	p->labels[level * PLACES + (int)at] = (uint16_t)p->count;
}

static void
go(struct program *p, int target)
{
	p->jumps[p->count] = true;
	emit(p, BPF_JMP | BPF_JA, (uint32_t)target);
}

static void
go_to(struct program *p, int level, enum place at)
{
	go(p, level * PLACES + (int)at);
}

/* If A is that, or (`test` BPF_JSET) has one of those bits. */
static void
go_if(struct program *p, int test, uint32_t k, int target)
{
	emit(p, BPF_JMP | test | BPF_K, k);
	p->code[p->count - 1].jf = 1;
	go(p, target);
}

static void
go_if_is(struct program *p, uint32_t k, int level, enum place at)
{
	go_if(p, BPF_JEQ, k, level * PLACES + (int)at);
}

static void
alu(struct program *p, int operation, uint32_t k)
{
	emit(p, BPF_ALU | operation | BPF_K, k);
}

static void
alu_x(struct program *p, int operation)
{
	emit(p, BPF_ALU | operation | BPF_X, 0);
}

/* A becomes what is `k` octets after X. */
static void
load(struct program *p, int size, uint32_t k)
{
	emit(p, BPF_LD | size | BPF_IND, k);
}

static void
store(struct program *p, enum cell cell)
{
	emit(p, BPF_ST, cell);
}

static void
recall(struct program *p, enum cell cell)
{
	emit(p, BPF_LD | BPF_MEM, cell);
}

static void
recall_x(struct program *p, enum cell cell)
{
	emit(p, BPF_LDX | BPF_MEM, cell);
}

/* X moves on by A and `k`. */
static void
advance_by_a(struct program *p, uint32_t k)
{
	alu_x(p, BPF_ADD);
	alu(p, BPF_ADD, k);
	emit(p, BPF_MISC | BPF_TAX, 0);
}

static void
advance(struct program *p, uint32_t k)
{
	emit(p, BPF_MISC | BPF_TXA, 0);
	alu(p, BPF_ADD, k);
	emit(p, BPF_MISC | BPF_TAX, 0);
}

/* --- addresses ------------------------------------------------------------ */

/*
 * Takes a word of each address into the hash: their sum and their difference
 * bit by bit are the same whichever comes first.
 */
static void
mix_words(struct program *p, uint32_t source, uint32_t destination)
{
	emit(p, BPF_STX, CELL_X);
	load(p, BPF_W, source);
	store(p, CELL_A);
	load(p, BPF_W, destination);
	store(p, CELL_B);
	recall(p, CELL_HASH);
	alu(p, BPF_MUL, MIX_3);
	store(p, CELL_HASH);
	recall(p, CELL_A);
	recall_x(p, CELL_B);
	alu_x(p, BPF_XOR);
	alu(p, BPF_MUL, MIX_1);
	recall_x(p, CELL_HASH);
	alu_x(p, BPF_ADD);
	store(p, CELL_HASH);
	recall(p, CELL_A);
	recall_x(p, CELL_B);
	alu_x(p, BPF_ADD);
	alu(p, BPF_MUL, MIX_2);
	recall_x(p, CELL_HASH);
	alu_x(p, BPF_XOR);
	store(p, CELL_HASH);
	recall_x(p, CELL_X);
}

static void
forget_hash(struct program *p)
{
	emit(p, BPF_LD | BPF_IMM, 0);
	store(p, CELL_HASH);
}

/* A is the protocol of what X is at. */
static void
choose_protocol(struct program *p, int level, uint32_t icmp, enum place at)
{
	go_if_is(p, 17, level, AT_UDP);
	go_if_is(p, 47, level, AT_GRE);
	go_if_is(p, 4, level + 1, AT_IPV4);
	go_if_is(p, 41, level + 1, AT_IPV6);
	go_if_is(p, icmp, level, at);
	go(p, DONE);
}

/* Of a fragment the addresses are all that every one has. */
static void
ipv4(struct program *p, int level)
{
	place(p, level, AT_IPV4);
	forget_hash(p);
	mix_words(p, 12, 16);
	if (level == LAST) {
		go(p, DONE);
		return;
	}
	load(p, BPF_H, 6);
	go_if(p, BPF_JSET, 0x3fff, DONE);
	load(p, BPF_B, 9);
	store(p, CELL_TYPE);
	load(p, BPF_B, 0);
	alu(p, BPF_AND, 0x0f);
	alu(p, BPF_LSH, 2);
	advance_by_a(p, 0);
	recall(p, CELL_TYPE);
	choose_protocol(p, level, 1, AT_ICMP);
}

/* Extension headers are not gone through: what is behind them is no tunnel as
 * a rule. */
static void
ipv6(struct program *p, int level)
{
	place(p, level, AT_IPV6);
	forget_hash(p);
	for (uint32_t word = 0; word < 16; word += 4)
		mix_words(p, 8 + word, 24 + word);
	if (level == LAST) {
		go(p, DONE);
		return;
	}
	load(p, BPF_B, 6);
	store(p, CELL_TYPE);
	advance(p, 40);
	recall(p, CELL_TYPE);
	choose_protocol(p, level, 58, AT_ICMP6);
}

/* Destination unreachable, source quench, redirect, time exceeded, parameter
 * problem (RFC 792), and all of ICMPv6 below 128 (RFC 4443, 2.1). */
static void
icmp(struct program *p, int level)
{
	static const uint32_t errors[] = {3, 4, 5, 11, 12};

	place(p, level, AT_ICMP);
	load(p, BPF_B, 0);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		go_if_is(p, errors[i], level, AT_ICMP_ERROR);
	go(p, DONE);
	place(p, level, AT_ICMP_ERROR);
	advance(p, 8);
	go_to(p, LAST, AT_IPV4);
	place(p, level, AT_ICMP6);
	load(p, BPF_B, 0);
	go_if(p, BPF_JSET, 0x80, DONE);
	advance(p, 8);
	go_to(p, LAST, AT_IPV6);
}

/* --- wrappings ------------------------------------------------------------ */

/* Of VLANs, as in sensor/decode/next.c. */
static const uint32_t tag_types[] = {0x8100, 0x88a8, 0x9100, 0x9200};
#define TAG_TYPES (sizeof(tag_types) / sizeof(tag_types[0]))

static void
choose_type(struct program *p, int level, bool tags)
{
	go_if_is(p, 0x0800, level, AT_IPV4);
	go_if_is(p, 0x86dd, level, AT_IPV6);
	for (size_t i = 0; tags && i < TAG_TYPES; i++)
		go_if_is(p, tag_types[i], level, AT_VLAN);
}

/* X moves on behind a type that is `at` octets away; A is that. */
static void
next_type(struct program *p, uint32_t at)
{
	load(p, BPF_H, at);
	store(p, CELL_TYPE);
	advance(p, at + 2);
	recall(p, CELL_TYPE);
}

static void
ethernet(struct program *p, int level)
{
	place(p, level, AT_ETHERNET);
	next_type(p, 12);
	place(p, level, AT_TYPE);
	choose_type(p, level, true);
	go(p, DONE);
	place(p, level, AT_VLAN);
	for (int tags = 0; tags < FRAME_TAGS; tags++) {
		next_type(p, 2);
		choose_type(p, level, false);
		for (size_t i = 0; i < TAG_TYPES; i++) {
			emit(p, BPF_JMP | BPF_JEQ | BPF_K, tag_types[i]);
			p->code[p->count - 1].jt = (uint8_t)(TAG_TYPES - i);
		}
		go(p, DONE);
	}
	go(p, DONE);
}

/* The same ports as sensor/decode/udp.c. */
static void
udp(struct program *p, int level)
{
	place(p, level, AT_UDP);
	load(p, BPF_H, 2);
	go_if_is(p, 4789, level, AT_VXLAN);
	go_if_is(p, 4790, level, AT_VXLAN);
	go_if_is(p, 8472, level, AT_VXLAN);
	go_if_is(p, 6081, level, AT_GENEVE);
	go(p, DONE);
	place(p, level, AT_VXLAN);
	load(p, BPF_B, 8);
	alu(p, BPF_AND, 0x08);
	go_if(p, BPF_JEQ, 0, DONE);
	advance(p, 16);
	go_to(p, level + 1, AT_ETHERNET);
	place(p, level, AT_GENEVE);
	load(p, BPF_H, 10);
	store(p, CELL_TYPE);
	load(p, BPF_B, 8);
	alu(p, BPF_AND, 0x3f);
	alu(p, BPF_LSH, 2);
	advance_by_a(p, 16);
	recall(p, CELL_TYPE);
	go_if_is(p, 0x6558, level + 1, AT_ETHERNET);
	go_to(p, level + 1, AT_TYPE);
}

/* Adds 4 octets to CELL_SUM for a flag. */
static void
add_field(struct program *p, uint32_t shift)
{
	recall(p, CELL_FLAGS);
	alu(p, BPF_RSH, shift);
	alu(p, BPF_AND, 1);
	alu(p, BPF_LSH, 2);
	recall_x(p, CELL_SUM);
	alu_x(p, BPF_ADD);
	store(p, CELL_SUM);
}

/* RFC 2784, RFC 2890: checksum, key and sequence number are 4 octets each. */
static void
gre(struct program *p, int level)
{
	place(p, level, AT_GRE);
	load(p, BPF_H, 0);
	go_if(p, BPF_JSET, 0x4007, DONE);
	store(p, CELL_FLAGS);
	load(p, BPF_H, 2);
	store(p, CELL_TYPE);
	emit(p, BPF_STX, CELL_SUM);
	add_field(p, 15);
	add_field(p, 13);
	add_field(p, 12);
	recall_x(p, CELL_SUM);
	advance(p, 4);
	recall(p, CELL_TYPE);
	go_if_is(p, 0x6558, level + 1, AT_ETHERNET);
	go_if_is(p, 0x88be, level, AT_ERSPAN);
	go_if_is(p, 0x22eb, level, AT_ERSPAN3);
	go_to(p, level + 1, AT_TYPE);
	/* 8 octets, where there is a sequence number. */
	place(p, level, AT_ERSPAN);
	recall(p, CELL_FLAGS);
	alu(p, BPF_AND, 0x1000);
	alu(p, BPF_RSH, 9);
	advance_by_a(p, 0);
	go_to(p, level + 1, AT_ETHERNET);
	/* 12, and 8 more where bit O says so. */
	place(p, level, AT_ERSPAN3);
	load(p, BPF_H, 10);
	alu(p, BPF_AND, 1);
	alu(p, BPF_LSH, 3);
	advance_by_a(p, 12);
	go_to(p, level + 1, AT_ETHERNET);
}

/* --- the whole ------------------------------------------------------------ */

/*
 * X is where the network's header is: an arriving packet begins there when it
 * is asked about, a leaving one (PACKET_OUTGOING) with its link layer.  The
 * kernel takes no program that may read a cell before it was written.
 */
static void
begin(struct program *p, uint32_t link)
{
	emit(p, BPF_LD | BPF_IMM, 0);
	for (int cell = 0; cell <= CELL_HASH; cell++)
		store(p, (enum cell)cell);
	emit(p, BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
	emit(p, BPF_LDX | BPF_IMM, link);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING);
	p->code[p->count - 1].jt = 1;
	emit(p, BPF_LDX | BPF_IMM, 0);
	emit(p, BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	go_to(p, 0, AT_TYPE);
}

/* Every bit of the hash counts for every number of members. */
static void
end(struct program *p, uint32_t members)
{
	p->labels[DONE] = (uint16_t)p->count;
	for (int round = 0; round < 2; round++) {
		recall(p, CELL_HASH);
		alu(p, BPF_RSH, round == 0 ? 15 : 13);
		recall_x(p, CELL_HASH);
		alu_x(p, BPF_XOR);
		alu(p, BPF_MUL, round == 0 ? MIX_2 : MIX_3);
		store(p, CELL_HASH);
	}
	alu(p, BPF_RSH, 16);
	recall_x(p, CELL_HASH);
	alu_x(p, BPF_XOR);
	alu(p, BPF_MOD, members);
	emit(p, BPF_RET | BPF_A, 0);
}

static void
resolve(struct program *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->jumps[i])
			p->code[i].k =
			    (uint32_t)(p->labels[p->code[i].k] - (i + 1));
}

size_t
capture_fanout_program(
    struct sock_filter *code, uint32_t link, uint32_t members)
{
	struct program p = {.code = code};

	assert(members > 0);
	begin(&p, link);
	/* Each behind what jumps there: nothing jumps back. */
	for (int level = 0; level < LEVELS; level++) {
		ethernet(&p, level);
		ipv4(&p, level);
		ipv6(&p, level);
		if (level == LAST)
			break;
		udp(&p, level);
		gre(&p, level);
		icmp(&p, level);
	}
	end(&p, members);
	resolve(&p);
	return p.count;
}

/* Newer than many systems' headers; kernels that do not know it ignore it. */
#define FLAG_IGNORE_OUTGOING 0x4000U

/* A group takes what is going out, whatever its members want, unless told. */
static uint32_t
flags_of(int socket)
{
	int ignores = 0;
	socklen_t size = sizeof(ignores);

	return getsockopt(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignores,
		   &size) == 0 &&
		       ignores != 0
		   ? FLAG_IGNORE_OUTGOING
		   : 0;
}

bool
capture_fanout_join(
    int socket, uint32_t link, uint32_t members, uint32_t *group)
{
	struct sock_filter code[CAPTURE_FANOUT_CODE];
	struct sock_fprog program = {.filter = code};
	bool own = link != UINT32_MAX;
	uint32_t kind = own ? PACKET_FANOUT_CBPF : PACKET_FANOUT_HASH;
	uint32_t wanted = (kind | flags_of(socket)) << 16;
	socklen_t size = sizeof(wanted);
	bool first = *group == 0;

	if (first)
		wanted |= (uint32_t)PACKET_FANOUT_FLAG_UNIQUEID << 16;
	else
		wanted |= *group - 1;
	if (setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &wanted, size) != 0)
		return false;
	if (!first)
		return true;
	if (getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &wanted, &size) != 0)
		return false;
	*group = (wanted & 0xffff) + 1; /* the kernel's first is 0 */
	if (!own)
		return true;
	program.len =
	    (unsigned short)capture_fanout_program(code, link, members);
	return setsockopt(socket, SOL_PACKET, PACKET_FANOUT_DATA, &program,
		   sizeof(program)) == 0;
}
