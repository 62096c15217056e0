/* Capture files from memory: both formats in every dress, cut and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/byte_source.h"
#include "sensor/capture_file.h"
#include "sensor/packet.h"
#include "unit/capture_builder.h"

#define MAGIC_US      0xa1b2c3d4
#define MAGIC_NS      0xa1b23c4d
#define MAGIC_PATCHED 0xa1b2cd34

static struct capture_file *
open_octets(const void *octets, size_t size, size_t most,
    char fault[CAPTURE_FILE_FAULT_SIZE])
{
	struct byte_source *source =
	    byte_source_memory(octets, size, most, fault);

	assert_non_null(source);
	return capture_file_open(source, fault);
}

static struct capture_file *
open_capture(const struct capture *c)
{
	char fault[CAPTURE_FILE_FAULT_SIZE] = "";
	struct capture_file *file = open_octets(c->octets, c->size, 0, fault);

	if (file == NULL)
		fail_msg("refused: %s", fault);
	return file;
}

/* Expects the next packet, with the pattern of `seed` as octets. */
static void
expect_packet(struct capture_file *file, uint32_t captured, uint32_t length,
    unsigned seed, int64_t ns, int link_type)
{
	struct packet packet;

	if (capture_file_next(file, &packet) != CAPTURE_PACKET)
		fail_msg("no packet: %s", capture_file_fault(file));
	assert_int_equal(packet.captured, captured);
	assert_int_equal(packet.length, length);
	for (uint32_t i = 0; i < captured; i++)
		assert_int_equal(packet.octets[i], (uint8_t)(seed + i));
	if (packet.at.ns != ns)
		fail_msg("time %lld, not %lld", (long long)packet.at.ns,
		    (long long)ns);
	assert_int_equal(packet.link_type, link_type);
}

/* Expects the end, twice, and closes the file. */
static void
expect_end(struct capture_file *file)
{
	struct packet packet;

	for (int i = 0; i < 2; i++)
		if (capture_file_next(file, &packet) != CAPTURE_END)
			fail_msg("no end: %s", capture_file_fault(file));
	capture_file_close(file);
}

/* Expects a fault that holds the text, twice, and closes the file. */
static void
expect_fault(struct capture_file *file, const char *what)
{
	struct packet packet;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    capture_file_next(file, &packet), CAPTURE_FAULT);
	if (strstr(capture_file_fault(file), what) == NULL)
		fail_msg("`%s` lacks `%s`", capture_file_fault(file), what);
	capture_file_close(file);
}

static void
expect_refused(const struct capture *c, const char *what)
{
	char fault[CAPTURE_FILE_FAULT_SIZE] = "";

	assert_null(open_octets(c->octets, c->size, 0, fault));
	if (strstr(fault, what) == NULL)
		fail_msg("`%s` lacks `%s`", fault, what);
}

/* --- pcap ----------------------------------------------------------------- */

/* Two packets of 7 and 0 octets. */
static void
put_two(struct capture *c, uint32_t magic)
{
	put_pcap_header(c, magic, 113);
	put_pcap_record(c, 1700000000, 999999, 7, 2000);
	if (magic == MAGIC_PATCHED)
		put64(c, 3);
	put_pattern(c, 7, 40);
	put_pcap_record(c, UINT32_MAX, 5, 0, 0);
	if (magic == MAGIC_PATCHED)
		put64(c, 3);
}

static void
test_pcap_in_every_order_and_resolution(void **state)
{
	static const uint32_t magics[] = {MAGIC_US, MAGIC_NS, MAGIC_PATCHED};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct capture c = {.big = i % 2 != 0};
		int64_t tick = magics[i / 2] == MAGIC_NS ? 1 : 1000;
		struct capture_file *file;
		int link_type = 0;

		put_two(&c, magics[i / 2]);
		file = open_capture(&c);
		assert_true(capture_file_link_type(file, &link_type));
		assert_int_equal(link_type, 113);
		expect_packet(file, 7, 2000, 40,
		    INT64_C(1700000000000000000) + 999999 * tick, 113);
		expect_packet(file, 0, 0, 0,
		    INT64_C(4294967295000000000) + 5 * tick, 113);
		expect_end(file);
	}
}

static void
test_pcap_before_version_2_4(void **state)
{
	(void)state;
	for (unsigned minor = 1; minor <= 3; minor++) {
		struct capture c = {0};
		struct capture_file *file;

		put_pcap_header(&c, MAGIC_US, 1);
		c.octets[6] = (uint8_t)minor;
		put_pcap_record(&c, 1, 0, 100, 6);
		put_pattern(&c, 6, 9);
		put_pcap_record(&c, 2, 0, 3, 3);
		put_pattern(&c, 3, 77);
		file = open_capture(&c);
		expect_packet(file, 6, 100, 9, 1000000000, 1);
		expect_packet(file, 3, 3, 77, 2000000000, 1);
		expect_end(file);
	}
}

static void
test_pcap_whose_wire_length_is_too_small(void **state)
{
	struct capture c = {0};
	struct capture_file *file;

	(void)state;
	put_pcap_header(&c, MAGIC_US, 1);
	put_pcap_record(&c, 1, 0, 6, 2);
	put_pattern(&c, 6, 9);
	file = open_capture(&c);
	expect_packet(file, 6, 6, 9, 1000000000, 1);
	expect_end(file);
}

/* The draft keeps the length of the frame check sequence beside it. */
static void
test_pcap_link_type_is_16_bits(void **state)
{
	struct capture c = {0};
	struct capture_file *file;

	(void)state;
	put_pcap_header(&c, MAGIC_US, 0x24000000 | 1);
	put_pcap_record(&c, 1, 0, 1, 1);
	put_pattern(&c, 1, 9);
	file = open_capture(&c);
	expect_packet(file, 1, 1, 9, 1000000000, 1);
	expect_end(file);
}

static void
test_pcap_of_other_versions(void **state)
{
	struct capture later = {0}, other = {0};

	(void)state;
	put_pcap_header(&later, MAGIC_US, 1);
	later.octets[6] = 5;
	expect_refused(&later, "version 2.5");
	put_pcap_header(&other, MAGIC_US, 1);
	other.octets[4] = 3;
	expect_refused(&other, "editcap -F pcapng");
}

/* The one before it is large enough that both are read at once. */
static void
test_pcap_largest_packet(void **state)
{
	uint32_t first = 140000, largest = CAPTURE_FILE_PACKET_MAXIMUM;

	(void)state;
	for (uint32_t more = 0; more < 2; more++) {
		size_t size = 24 + 32 + (size_t)first + largest + more;
		uint8_t *octets = calloc(1, size);
		struct capture c = {0};
		char fault[CAPTURE_FILE_FAULT_SIZE];
		struct capture_file *file;
		struct packet packet;

		assert_non_null(octets);
		put_pcap_header(&c, MAGIC_US, 1);
		put_pcap_record(&c, 1, 0, first, first);
		put_pcap_record(&c, 1, 0, largest + more, largest + more);
		memcpy(octets, c.octets, 40);
		memcpy(octets + 40 + first, c.octets + 40, 16);
		octets[size - 1] = 99;
		file = open_octets(octets, size, 0, fault);
		assert_int_equal(
		    capture_file_next(file, &packet), CAPTURE_PACKET);
		if (more == 0) {
			assert_int_equal(
			    capture_file_next(file, &packet), CAPTURE_PACKET);
			assert_int_equal(packet.captured, largest);
			assert_int_equal(packet.octets[largest - 1], 99);
			expect_end(file);
		} else {
			expect_fault(file,
			    "packet 2 at octet 140040: the file is damaged: a "
			    "packet of 262145 octets; copy it again");
		}
		free(octets);
	}
}

/* --- pcapng --------------------------------------------------------------- */

/* Everything that pcapng has: 6 packets, of 2 interfaces in 2 sections. */
static void
put_everything(struct capture *c)
{
	put_section(c);
	put_plain_interface(c, 1, 262144);
	put_block(c, 5, 24); /* statistics */
	put_enhanced_pattern(c, 0, UINT64_C(1700000000000001), 5, 10);
	put_full_interface(c, 101, 6, 9, 100);
	put_enhanced_pattern(c, 1, UINT64_C(1700000000000000002), 6, 20);
	put_simple_packet(c, 9, 9, 30);
	put_block(c, 0x80000bad, 52);
	c->big = !c->big;
	put_section(c);
	put_full_interface(c, 276, 6, 0x80 | 10, -100);
	put_simple_packet(c, 6, 70, 50);
	put_old_packet(c, 0, (UINT64_C(1700000000) << 10) + 512, 60);
	put_enhanced_pattern(c, 0, UINT64_C(1700000001) << 10, 0, 0);
}

static void
expect_everything(struct capture_file *file)
{
	int link_type;

	assert_false(capture_file_link_type(file, &link_type));
	expect_packet(file, 5, 5, 10, INT64_C(1700000000000001000), 1);
	expect_packet(file, 6, 6, 20, INT64_C(1700000100000000002), 101);
	expect_packet(file, 9, 9, 30, INT64_C(1700000100000000002), 1);
	expect_packet(file, 6, 70, 50, INT64_C(1700000100000000002), 276);
	expect_packet(file, 5, 1000, 60, INT64_C(1699999900500000000), 276);
	expect_packet(file, 0, 0, 0, INT64_C(1699999901000000000), 276);
	expect_end(file);
}

static void
test_pcapng_of_everything(void **state)
{
	static const size_t mosts[] = {0, 1, 7, 1000};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct capture c = {.big = i % 2 != 0};
		char fault[CAPTURE_FILE_FAULT_SIZE];

		put_everything(&c);
		expect_everything(
		    open_octets(c.octets, c.size, mosts[i / 2], fault));
	}
}

static void
test_pcapng_without_packets(void **state)
{
	struct capture c = {0};

	(void)state;
	put_section(&c);
	expect_end(open_capture(&c));
	put_section(&c);
	put_plain_interface(&c, 1, 0);
	expect_end(open_capture(&c));
}

static void
test_pcapng_sections_forget_interfaces(void **state)
{
	struct capture c = {0};
	struct capture_file *file;

	(void)state;
	put_section(&c);
	put_plain_interface(&c, 1, 0);
	put_plain_interface(&c, 113, 0);
	put_enhanced_pattern(&c, 1, 1000, 4, 1);
	put_section(&c);
	put_plain_interface(&c, 101, 0);
	put_enhanced_pattern(&c, 0, 2000, 4, 2);
	put_enhanced_pattern(&c, 1, 3000, 4, 3);
	file = open_capture(&c);
	expect_packet(file, 4, 4, 1, 1000000, 113);
	expect_packet(file, 4, 4, 2, 2000000, 101);
	expect_fault(file, "packet 3 at octet 188: the file is damaged: "
			   "interface 1 of 1");
}

/* Each interface of a file has a number of its own, in whatever section. */
static void
test_pcapng_interfaces_have_names(void **state)
{
	static const char *const names[] = {"", "", "abcde", ""};
	struct capture c = {0};
	struct capture_file *file;
	struct packet packet;

	(void)state;
	put_section(&c);
	put_plain_interface(&c, 1, 0);
	put_plain_interface(&c, 1, 0);
	put_enhanced_pattern(&c, 0, 1000, 4, 1);
	put_enhanced_pattern(&c, 1, 1000, 4, 1);
	put_section(&c);
	put_full_interface(&c, 1, 0, 6, 0);
	put_plain_interface(&c, 1, 0);
	put_enhanced_pattern(&c, 0, 1000, 4, 1);
	put_enhanced_pattern(&c, 1, 1000, 4, 1);
	file = open_capture(&c);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(
		    capture_file_next(file, &packet), CAPTURE_PACKET);
		assert_int_equal(packet.interface, i);
		assert_string_equal(
		    capture_file_interface_name(file, i), names[i]);
	}
	assert_string_equal(capture_file_interface_name(file, 4), "");
	assert_string_equal(capture_file_interface_name(file, 0), "");
	assert_int_equal(capture_file_next(file, &packet), CAPTURE_END);
	capture_file_close(file);
}

/* What a time should be at least and at most, reckoned in 128 bits: its exact
 * nanosecond, or the second at either end of what can be kept. */
static void
oracle_time(uint64_t ticks, unsigned resolution, int64_t offset, int64_t *least,
    int64_t *most)
{
	__extension__ typedef __int128 wide;
	wide second = 1, billion = 1000000000, last, ns;

	for (unsigned i = 0; i < (resolution & 0x7f); i++)
		second *= (resolution & 0x80) != 0 ? 2 : 10;
	ns = ticks / second * billion + ticks % second * billion / second +
	     offset * billion;
	last = INT64_MAX / billion * billion - billion;
	if (ns >= 0 && ns < last) {
		*least = *most = (int64_t)ns;
		return;
	}
	*least = (int64_t)(ns < 0 ? 0 : last);
	*most = *least + 999999999;
}

static void
expect_time(uint64_t ticks, unsigned resolution, int64_t offset)
{
	struct capture c = {0};
	int64_t least, most;
	struct capture_file *file;
	struct packet packet;

	oracle_time(ticks, resolution, offset, &least, &most);
	put_section(&c);
	put_full_interface(&c, 1, 0, resolution, offset);
	put_enhanced_pattern(&c, 0, ticks, 0, 0);
	file = open_capture(&c);
	assert_int_equal(capture_file_next(file, &packet), CAPTURE_PACKET);
	if (packet.at.ns < least || packet.at.ns > most)
		fail_msg("%llu ticks of %#x and %lld s are %lld ns, not %lld",
		    (unsigned long long)ticks, resolution, (long long)offset,
		    (long long)packet.at.ns, (long long)least);
	capture_file_close(file);
}

static void
test_times_of_every_resolution(void **state)
{
	static const int64_t offsets[] = {
	    0, 1, -1, 3600, -1700000000, INT64_MAX, INT64_MIN};
	uint64_t ticks = 88172645463325252;

	(void)state;
	for (unsigned resolution = 0; resolution < 256; resolution++) {
		if ((resolution & 0x7f) > (resolution < 128 ? 19 : 63))
			continue;
		for (unsigned i = 0; i < 30; i++) {
			/* xorshift64 (Marsaglia, 2003) */
			ticks ^= ticks << 13;
			ticks ^= ticks >> 7;
			ticks ^= ticks << 17;
			expect_time(
			    ticks >> (i % 3) * 21, resolution, offsets[i % 7]);
		}
		expect_time(0, resolution, 0);
		expect_time(UINT64_MAX, resolution, 0);
	}
}

static void
test_resolutions_that_cannot_be(void **state)
{
	static const unsigned resolutions[] = {20, 127, 0x80 | 64, 255};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct capture c = {0};

		put_section(&c);
		put_full_interface(&c, 1, 0, resolutions[i], 0);
		expect_fault(open_capture(&c), "interface 0 has an option");
	}
}

/* Expects a fault when 4 octets at `at` of the good file become `value`. */
static void
expect_fault_when(size_t at, uint32_t value, const char *what)
{
	struct capture c = {0}, change = {0};
	struct capture_file *file;
	struct packet packet;

	put_section(&c);                      /* 0 to 28 */
	put_full_interface(&c, 1, 64, 6, 0);  /* to 80 */
	put_block(&c, 5, 24);                 /* to 104 */
	put_enhanced_pattern(&c, 0, 1, 8, 1); /* to 144 */
	put_simple_packet(&c, 8, 8, 1);       /* to 168 */
	put32(&change, value);
	memcpy(c.octets + at, change.octets, 4);
	file = open_capture(&c);
	while (capture_file_next(file, &packet) == CAPTURE_PACKET)
		;
	expect_fault(file, what);
}

static void
test_pcapng_that_is_damaged(void **state)
{
	(void)state;
	expect_fault_when(4, 24, "28 to");
	expect_fault_when(12, 2, "pcapng of version 2.0");
	expect_fault_when(12, 1 | 1 << 16, "version 1.1, and 1.0 is read");
	expect_fault_when(24, 32, "begins with 28 octets and ends with 32");
	expect_fault_when(32, 16, "16 octets, and 20 to");
	expect_fault_when(32, 600000, "block of type 1 with 600000 octets");
	expect_fault_when(44, 0xffff0002, "interface 0 has an option");
	expect_fault_when(56, 0x00020009, "interface 0 has an option");
	expect_fault_when(64, 0x0004000e, "interface 0 has an option");
	expect_fault_when(84, 0, "block of type 5 and 0 octets");
	expect_fault_when(84, 25, "block of type 5 and 25 octets");
	expect_fault_when(84, 16777220, "block of type 5 and 16777220");
	expect_fault_when(84, 16777216, "cut short");
	expect_fault_when(84, 28, "begins with 28 octets and ends with 6");
	expect_fault_when(108, 28, "block of type 6 with 28 octets");
	expect_fault_when(112, 1,
	    "packet 1 at octet 104: the file is "
	    "damaged: interface 1 of 1");
	expect_fault_when(124, 9, "of 9 octets in a block with room for 8");
	expect_fault_when(124, UINT32_MAX, "of 4294967295 octets");
	expect_fault_when(140, 44, "begins with 40 octets and ends with 44");
	expect_fault_when(152, 9,
	    "packet 2 at octet 144: the file is damaged: "
	    "a packet of 9 octets");
	expect_fault_when(152, 100, "a packet of 64 octets in a block");
}

static void
test_pcapng_packets_without_interfaces(void **state)
{
	struct capture simple = {0}, old = {0}, section = {0};

	(void)state;
	put_section(&simple);
	put_simple_packet(&simple, 4, 4, 0);
	expect_fault(open_capture(&simple), "interface 0 of 0");
	put_section(&old);
	put_old_packet(&old, 65535, 0, 0);
	expect_fault(open_capture(&old), "interface 65535 of 0");
	put_section(&section);
	put_section(&section);
	section.octets[28 + 8] = 0;
	expect_fault(open_capture(&section), "has no byte order");
}

/* An unused block may be far larger than what is held of the file. */
static void
test_pcapng_large_blocks_are_passed_over(void **state)
{
	uint32_t large = 3000000;
	struct capture c = {0};
	uint8_t *octets = calloc(1, 4096 + (size_t)large);
	char fault[CAPTURE_FILE_FAULT_SIZE];
	struct capture_file *file;

	(void)state;
	assert_non_null(octets);
	put_section(&c);
	put_plain_interface(&c, 1, 0);
	put32(&c, 0xbad);
	put32(&c, large);
	memcpy(octets, c.octets, 56);
	c.size = 0;
	put32(&c, large);
	put_enhanced_pattern(&c, 0, 1, 8, 5);
	memcpy(octets + 48 + large - 4, c.octets, c.size);
	file = open_octets(octets, 48 + (size_t)large + c.size - 4, 0, fault);
	expect_packet(file, 8, 8, 5, 1000, 1);
	expect_end(file);
	file = open_octets(octets, 48 + (size_t)large - 1, 0, fault);
	expect_fault(file, "cut short");
	free(octets);
}

static void
test_pcapng_interfaces_are_bounded(void **state)
{
	enum { COUNT = 65537 };

	struct capture c = {0};
	uint8_t *octets = malloc(28 + COUNT * 20);
	char fault[CAPTURE_FILE_FAULT_SIZE];

	(void)state;
	assert_non_null(octets);
	put_section(&c);
	put_plain_interface(&c, 1, 0);
	memcpy(octets, c.octets, 28);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(octets + 28 + i * 20, c.octets + 28, 20);
	expect_end(open_octets(octets, 28 + (COUNT - 1) * 20, 0, fault));
	expect_fault(open_octets(octets, 28 + COUNT * 20, 0, fault),
	    "more than 65536 interfaces");
	free(octets);
}

/* --- both ----------------------------------------------------------------- */

/* Counts the packets of the first `size` octets, read `most` at once. */
static unsigned
count_packets(const struct capture *c, size_t size, size_t most,
    enum capture_status *status)
{
	char fault[CAPTURE_FILE_FAULT_SIZE] = "";
	struct capture_file *file = open_octets(c->octets, size, most, fault);
	struct packet packet;
	unsigned count = 0;

	*status = CAPTURE_FAULT;
	if (file == NULL) {
		assert_true(fault[0] != '\0');
		return 0;
	}
	while ((*status = capture_file_next(file, &packet)) == CAPTURE_PACKET)
		assert_int_equal(packet.number, ++count);
	if (*status == CAPTURE_FAULT &&
	    strstr(capture_file_fault(file), "cut short; copy it") == NULL)
		fail_msg("cut at %zu: %s", size, capture_file_fault(file));
	capture_file_close(file);
	return count;
}

/*
 * Cuts at every octet: a cut between packets is an end, any other a fault, and
 * whatever lies before it comes.
 *
 * ends       where records or blocks end, and after how many packets
 */
static void
expect_cuts(const struct capture *c, const size_t ends[][2], size_t count)
{
	for (size_t size = 0; size <= c->size; size++) {
		size_t packets = 0;
		bool between = false;
		enum capture_status status;

		for (size_t i = 0; i < count; i++) {
			if (ends[i][0] <= size)
				packets = ends[i][1];
			between |= ends[i][0] == size;
		}
		assert_int_equal(
		    count_packets(c, size, size % 5, &status), packets);
		assert_int_equal(status, between ? CAPTURE_END : CAPTURE_FAULT);
	}
}

static void
test_cut_at_every_octet(void **state)
{
	static const size_t pcap_ends[][2] = {{24, 0}, {47, 1}, {63, 2}};
	static const size_t pcapng_ends[][2] = {{28, 0}, {48, 0}, {72, 0},
	    {112, 1}, {164, 1}, {204, 2}, {232, 3}, {284, 3}, {312, 3},
	    {364, 3}, {388, 4}, {428, 5}, {460, 6}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct capture pcap = {.big = i != 0}, pcapng = {.big = i != 0};

		put_two(&pcap, MAGIC_US);
		expect_cuts(&pcap, pcap_ends, 3);
		put_everything(&pcapng);
		assert_int_equal(pcapng.size, 460);
		expect_cuts(&pcapng, pcapng_ends, 13);
	}
}

/* Any octet may be anything: packets end, and all they name is there. */
static void
test_any_octet_changed(void **state)
{
	static const uint8_t values[] = {0, 1, 3, 4, 0x7f, 0x80, 0xff};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct capture good = {0};

		if (i == 0)
			put_two(&good, MAGIC_US);
		else
			put_everything(&good);
		for (size_t at = 0; at < good.size * sizeof(values); at++) {
			struct capture c = good;
			char fault[CAPTURE_FILE_FAULT_SIZE];
			struct capture_file *file;
			struct packet packet;
			unsigned count = 0, sum = 0;

			c.octets[at / sizeof(values)] =
			    values[at % sizeof(values)];
			file = open_octets(c.octets, c.size, 0, fault);
			while (file != NULL && capture_file_next(file,
						   &packet) == CAPTURE_PACKET) {
				assert_true(packet.captured <= packet.length);
				for (uint32_t o = 0; o < packet.captured; o++)
					sum += packet.octets[o];
				count++;
			}
			assert_true(count <= 6 && sum <= 256 * c.size);
			capture_file_close(file);
		}
	}
}

/* Many packets of all sizes, so that the held octets move at every place. */
static void
test_far_more_than_is_held(void **state)
{
	static const size_t mosts[] = {0, 4097, 65536, 524287};
	enum { COUNT = 3000 };

	size_t size = 24;
	uint8_t *octets = calloc(COUNT + 1, 16 + 3000);
	struct capture c = {0};
	char fault[CAPTURE_FILE_FAULT_SIZE];

	(void)state;
	assert_non_null(octets);
	put_pcap_header(&c, MAGIC_US, 1);
	memcpy(octets, c.octets, 24);
	for (unsigned i = 0; i < COUNT; i++) {
		unsigned captured = i * 7919 % 3000;

		c.size = 0;
		put_pcap_record(&c, i, 0, captured, captured);
		put_pattern(&c, captured, i);
		memcpy(octets + size, c.octets, c.size);
		size += c.size;
	}
	for (unsigned m = 0; m < 4; m++) {
		struct capture_file *file =
		    open_octets(octets, size, mosts[m], fault);

		for (unsigned i = 0; i < COUNT; i++)
			expect_packet(file, i * 7919 % 3000, i * 7919 % 3000, i,
			    i * INT64_C(1000000000), 1);
		expect_end(file);
	}
	free(octets);
}

static void
expect_mistaken(const char *start, size_t size, const char *what)
{
	struct capture c = {0};

	put_pattern(&c, 100, 1);
	memcpy(c.octets, start, size);
	expect_refused(&c, what);
}

static void
test_files_that_are_no_captures(void **state)
{
	struct capture empty = {0}, octet = {0};

	(void)state;
	expect_refused(&empty, "is empty");
	put8(&octet, 'x');
	expect_refused(&octet, "no capture that is known");
	expect_mistaken("10:00:01 IP", 11, "`editcap -F pcapng IN OUT`");
	expect_mistaken("\n\r\r\n", 4, "no capture that is known");
	expect_mistaken("snoop\0\0", 8, "a snoop capture; convert it");
	expect_mistaken("\xfd"
			"7zXZ",
	    5, "with xz; unpack it");
	expect_mistaken("BZh9", 4, "with bzip2; unpack it");
	expect_mistaken("\x04\x22\x4d\x18", 4, "with lz4; unpack it");
	expect_mistaken("PK\x03\x04", 4, "zip archive; unpack it");
	expect_mistaken("GMBU", 4, "Network Monitor");
	expect_mistaken("RTSS", 4, "Network Monitor");
	expect_mistaken("TRSNIFF data", 12, "Sniffer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pcap_in_every_order_and_resolution),
	    cmocka_unit_test(test_pcap_before_version_2_4),
	    cmocka_unit_test(test_pcap_whose_wire_length_is_too_small),
	    cmocka_unit_test(test_pcap_link_type_is_16_bits),
	    cmocka_unit_test(test_pcap_of_other_versions),
	    cmocka_unit_test(test_pcap_largest_packet),
	    cmocka_unit_test(test_pcapng_of_everything),
	    cmocka_unit_test(test_pcapng_without_packets),
	    cmocka_unit_test(test_pcapng_sections_forget_interfaces),
	    cmocka_unit_test(test_pcapng_interfaces_have_names),
	    cmocka_unit_test(test_times_of_every_resolution),
	    cmocka_unit_test(test_resolutions_that_cannot_be),
	    cmocka_unit_test(test_pcapng_that_is_damaged),
	    cmocka_unit_test(test_pcapng_packets_without_interfaces),
	    cmocka_unit_test(test_pcapng_large_blocks_are_passed_over),
	    cmocka_unit_test(test_pcapng_interfaces_are_bounded),
	    cmocka_unit_test(test_cut_at_every_octet),
	    cmocka_unit_test(test_any_octet_changed),
	    cmocka_unit_test(test_far_more_than_is_held),
	    cmocka_unit_test(test_files_that_are_no_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
