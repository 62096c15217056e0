#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/evidence.h"
#include "sensor/packet.h"

#define PACKETS 6
#define OCTETS  4096

static const struct evidence_settings settings = {
    EVIDENCE_MEMORY_LEAST, PACKETS, OCTETS};

/* A packet whose octets all follow from its number. */
static struct packet
packet_of(uint64_t number, uint32_t size, uint8_t octets[EVIDENCE_SNAPLEN * 2])
{
	for (uint32_t i = 0; i < size; i++)
		octets[i] = (uint8_t)(number * 7 + i);
	return (struct packet){
	    .octets = octets,
	    .captured = size,
	    .length = size + 3,
	    .at = {(int64_t)number * 1000},
	    .number = number,
	    .link_type = 1,
	};
}

static void
keep(struct evidence *evidence, uint32_t tag, uint64_t number, uint32_t size)
{
	uint8_t octets[EVIDENCE_SNAPLEN * 2];
	struct packet packet = packet_of(number, size, octets);

	evidence_packet(evidence, tag, &packet);
}

struct got {
	uint64_t numbers[EVIDENCE_PACKETS_MOST];
	size_t count;
	bool whole; /* every octet is as it was */
	struct evidence_packet last;
};

static void
take(const struct evidence_packet *packet, void *context)
{
	struct got *got = context;

	for (uint32_t i = 0; i < packet->captured; i++)
		if (packet->octets[i] != (uint8_t)(packet->number * 7 + i))
			got->whole = false;
	if (packet->at.ns != (int64_t)packet->number * 1000)
		got->whole = false;
	got->numbers[got->count++] = packet->number;
	got->last = *packet;
}

static struct got
read_flow(
    const struct evidence *evidence, uint32_t tag, uint64_t *from, bool *missed)
{
	struct got got = {.whole = true};
	size_t count =
	    evidence_read(evidence, &settings, tag, from, take, &got, missed);

	assert_int_equal(count, got.count);
	assert_true(got.whole);
	return got;
}

static void
keeps_the_first_packets_of_a_flow(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	struct evidence_counts counts;
	uint64_t from = 0;
	bool missed = false;
	struct got got;

	(void)state;
	evidence_set_interface(evidence, "eth7");
	for (uint64_t i = 1; i <= PACKETS + 2; i++) {
		keep(evidence, 5, i, 60);
		keep(evidence, 6, 100 + i, 60);
	}
	got = read_flow(evidence, 5, &from, &missed);
	assert_int_equal(got.count, PACKETS);
	for (size_t i = 0; i < PACKETS; i++)
		assert_int_equal(got.numbers[i], i + 1);
	assert_false(missed);
	assert_string_equal(got.last.interface, "eth7");
	assert_int_equal(got.last.length, 63);
	assert_int_equal(got.last.captured, 60);
	assert_int_equal(got.last.link_type, 1);
	counts = evidence_counts(evidence);
	assert_int_equal(counts.offered, 2 * (PACKETS + 2));
	assert_int_equal(counts.kept, 2 * PACKETS);
	assert_int_equal(counts.beyond, 4);
	assert_int_equal(counts.forgotten, 0);
	evidence_free(evidence, &settings);
}

static void
hands_over_what_follows(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	uint64_t from = 0;
	bool missed = false;
	struct got got;

	(void)state;
	keep(evidence, 9, 1, 40);
	keep(evidence, 9, 2, 40);
	assert_int_equal(read_flow(evidence, 9, &from, &missed).count, 2);
	assert_int_equal(read_flow(evidence, 9, &from, &missed).count, 0);
	evidence_set_interface(evidence, NULL);
	keep(evidence, 9, 3, 40);
	got = read_flow(evidence, 9, &from, &missed);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.numbers[0], 3);
	assert_string_equal(got.last.interface, "");
	assert_int_equal(read_flow(evidence, 10, &from, &missed).count, 0);
	assert_false(missed);
	evidence_free(evidence, &settings);
}

static void
bounds_octets_too(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	uint64_t from = 0;
	bool missed = false;
	struct got got;

	(void)state;
	for (uint64_t i = 1; i <= PACKETS; i++)
		keep(evidence, 1, i, EVIDENCE_SNAPLEN * 2);
	got = read_flow(evidence, 1, &from, &missed);
	assert_int_equal(got.count, OCTETS / EVIDENCE_SNAPLEN);
	assert_int_equal(got.last.captured, EVIDENCE_SNAPLEN);
	assert_int_equal(got.last.length, EVIDENCE_SNAPLEN * 2 + 3);
	evidence_free(evidence, &settings);
}

/* A flow that outlives its share brings another; what was missed is said. */
static void
forgets_and_begins_anew(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	uint64_t from = 0, number = 1000;
	bool missed = false;
	struct got got;

	(void)state;
	keep(evidence, 3, 1, 100);
	keep(evidence, 3, 2, 100);
	for (uint32_t i = 0; i < EVIDENCE_MEMORY_LEAST / 1000 + 2; i++)
		keep(evidence, 100 + i, ++number, 1000);
	assert_int_equal(read_flow(evidence, 3, &from, &missed).count, 0);
	for (uint64_t i = 1; i <= PACKETS + 1; i++)
		keep(evidence, 3, 10 + i, 100);
	missed = false;
	got = read_flow(evidence, 3, &from, &missed);
	assert_int_equal(got.count, PACKETS);
	assert_int_equal(got.numbers[0], 11);
	assert_true(missed);
	evidence_free(evidence, &settings);
}

/* --- an oracle ------------------------------------------------------------ */

#define TAGS    64
#define HISTORY 40000

/* Remembers everything that was ever kept, and where it came to lie. */
struct oracle {
	uint32_t tag[HISTORY];
	uint64_t start[HISTORY], number[HISTORY];
	size_t count;
	uint64_t position;
	size_t share[TAGS];   /* packets of the flow at hand */
	uint32_t units[TAGS]; /* their octets, in pieces of 32 */
};

static bool
oracle_has(const struct oracle *oracle, size_t at)
{
	return oracle->position - oracle->start[at] <= EVIDENCE_MEMORY_LEAST;
}

static bool
oracle_has_newest(const struct oracle *oracle, uint32_t tag)
{
	for (size_t i = oracle->count; i-- > 0 && oracle_has(oracle, i);)
		if (oracle->tag[i] == tag)
			return true;
	return false;
}

static void
oracle_keep(struct oracle *oracle, uint32_t tag, uint64_t number, uint32_t size)
{
	uint64_t room = (40 + size + 7) / 8 * 8;
	uint64_t left =
	    EVIDENCE_MEMORY_LEAST - oracle->position % EVIDENCE_MEMORY_LEAST;

	if (tag < TAGS) {
		if (!oracle_has_newest(oracle, tag))
			oracle->share[tag] = oracle->units[tag] = 0;
		if (oracle->share[tag] >= PACKETS ||
		    oracle->units[tag] >= OCTETS / 32)
			return;
		oracle->share[tag]++;
		oracle->units[tag] += (size + 31) / 32;
	}
	if (left < room)
		oracle->position += left;
	oracle->tag[oracle->count] = tag;
	oracle->number[oracle->count] = number;
	oracle->start[oracle->count++] = oracle->position;
	oracle->position += room;
}

static void
compare(const struct oracle *oracle, const struct evidence *evidence,
    uint32_t tag, size_t *compared)
{
	uint64_t from = 0;
	bool missed = false;
	struct got got = read_flow(evidence, tag, &from, &missed);
	size_t at = 0;

	for (size_t i = 0; i < oracle->count; i++)
		if (oracle->tag[i] == tag && oracle_has(oracle, i)) {
			assert_true(at < got.count);
			assert_int_equal(got.numbers[at++], oracle->number[i]);
		}
	assert_int_equal(at, got.count);
	*compared += at;
}

static void
agrees_with_an_oracle(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	struct oracle *oracle = calloc(1, sizeof(*oracle));
	size_t compared = 0;
	unsigned seed = 4711;

	(void)state;
	for (uint32_t i = 1; i < HISTORY; i++) {
		uint32_t tag = (uint32_t)rand_r(&seed) % TAGS;
		uint32_t size = (uint32_t)rand_r(&seed) % 600;

		/* Others, of one packet each, move the ring on; they keep to
		 * other sets of the index. */
		if (i % 3 != 0)
			tag = i << 10 | (TAGS + i % (1024 - TAGS));
		keep(evidence, tag, i, size);
		oracle_keep(oracle, tag, i, size);
		for (uint32_t t = 0; i % 500 == 0 && t < TAGS; t++)
			compare(oracle, evidence, t, &compared);
	}
	assert_true(compared > 10000);
	free(oracle);
	evidence_free(evidence, &settings);
}

/* --- a reader that is lied to --------------------------------------------- */

static void
ignore(const struct evidence_packet *packet, void *context)
{
	size_t *octets = context;

	assert_true(packet->captured <= EVIDENCE_SNAPLEN);
	assert_true(strlen(packet->interface) < EVIDENCE_NAME_SIZE);
	*octets += packet->captured;
}

/* Whatever stands in the memory, a reader stays within it and comes back. */
static void
believes_nothing(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	uint8_t *memory = (uint8_t *)evidence;
	size_t size = evidence_size(&settings), octets = 0;
	unsigned seed = 99;

	(void)state;
	for (int round = 0; round < 40; round++) {
		for (uint32_t t = 0; t < 2000; t++)
			keep(evidence, t, t, t % 300);
		/* From a few octets to everything, but for the writer's own
		 * head, which no reader uses. */
		for (size_t i = 0; i < (size_t)10 << (round % 18); i++)
			memory[(size_t)rand_r(&seed) % size] =
			    (uint8_t)rand_r(&seed);
		for (uint32_t t = 0; t < 2000; t++) {
			uint64_t from = 0;
			bool missed = false;

			assert_true(evidence_read(evidence, &settings, t, &from,
					ignore, &octets, &missed) <= PACKETS);
		}
		evidence_free(evidence, &settings);
		evidence = evidence_new(&settings);
		memory = (uint8_t *)evidence;
	}
	assert_true(octets > 0);
	evidence_free(evidence, &settings);
}

/* What a writer that died left behind is of no use to the next one. */
static void
begins_anew_after_a_death(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	uint64_t from = 0;
	bool missed = false;
	struct got got;

	(void)state;
	for (uint64_t i = 1; i < 100; i++)
		keep(evidence, 7, i, 60);
	assert_int_equal(read_flow(evidence, 7, &from, &missed).count, PACKETS);
	/* A counter never sinks. */
	evidence_restart(evidence, &settings);
	assert_int_equal(evidence_counts(evidence).offered, 99);
	assert_int_equal(evidence_counts(evidence).kept, PACKETS);
	assert_int_equal(read_flow(evidence, 7, &from, &missed).count, 0);
	/* All but where it stands. */
	memset((uint8_t *)evidence + sizeof(uint64_t), 0xa5, 4096);
	evidence_restart(evidence, &settings);
	assert_int_equal(evidence_counts(evidence).kept, 0);
	assert_int_equal(read_flow(evidence, 7, &from, &missed).count, 0);
	keep(evidence, 7, 200, 60);
	got = read_flow(evidence, 7, &from, &missed);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.numbers[0], 200);
	memset((uint8_t *)evidence, 0xff, 4096);
	evidence_restart(evidence, &settings);
	from = 0;
	keep(evidence, 7, 300, 60);
	assert_int_equal(read_flow(evidence, 7, &from, &missed).count, 1);
	evidence_free(evidence, &settings);
}

/* A process writes while another reads: what is read is whole. */
static void
is_read_while_it_is_written(void **state)
{
	struct evidence *evidence = evidence_new(&settings);
	pid_t writer;
	size_t got = 0;
	int status;

	(void)state;
	writer = fork();
	if (writer == 0) {
		(void)alarm(20); /* should the test fail */
		for (uint64_t i = 1;; i++)
			keep(evidence, (uint32_t)(i / 4 % 512), i,
			    (uint32_t)(i * 31 % 1500));
	}
	assert_true(writer > 0);
	for (int round = 0; round < 400; round++)
		for (uint32_t t = 0; t < 512; t++) {
			uint64_t from = 0;
			bool missed = false;

			got += read_flow(evidence, t, &from, &missed).count;
		}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_true(got > 1000);
	evidence_free(evidence, &settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_the_first_packets_of_a_flow),
	    cmocka_unit_test(hands_over_what_follows),
	    cmocka_unit_test(bounds_octets_too),
	    cmocka_unit_test(forgets_and_begins_anew),
	    cmocka_unit_test(agrees_with_an_oracle),
	    cmocka_unit_test(believes_nothing),
	    cmocka_unit_test(begins_anew_after_a_death),
	    cmocka_unit_test(is_read_while_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
