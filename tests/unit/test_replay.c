/* Capture files written octet by octet: good ones, and broken in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sensor/packet.h"
#include "sensor/replay.h"

/* A capture file being written, little-endian. */
struct capture {
	uint8_t octets[4096];
	size_t size;
	char path[64];
};

static void
put16(struct capture *c, unsigned value)
{
	assert_true(c->size + 2 <= sizeof(c->octets));
	c->octets[c->size++] = (uint8_t)(value & 0xff);
	c->octets[c->size++] = (uint8_t)(value >> 8 & 0xff);
}

static void
put32(struct capture *c, uint32_t value)
{
	put16(c, value & 0xffff);
	put16(c, value >> 16);
}

static void
put_pcap_header(struct capture *c, uint32_t magic, uint32_t link_type)
{
	put32(c, magic);
	put16(c, 2);
	put16(c, 4);
	put32(c, 0);
	put32(c, 0);
	put32(c, 65535);
	put32(c, link_type);
}

/* An Ethernet frame of 60 octets, UDP from 10.0.0.1 to port `port`. */
static void
put_octets(struct capture *c, unsigned port)
{
	static const uint8_t start[] = {2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 8,
	    0, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0,
	    2, 3, 232};

	memcpy(c->octets + c->size, start, sizeof(start));
	memset(c->octets + c->size + sizeof(start), 0, 60 - sizeof(start));
	c->octets[c->size + 36] = (uint8_t)(port >> 8);
	c->octets[c->size + 37] = (uint8_t)(port & 0xff);
	c->octets[c->size + 39] = 26;
	c->size += 60;
}

static void
put_pcap_packet(
    struct capture *c, uint32_t seconds, uint32_t fraction, unsigned port)
{
	put32(c, seconds);
	put32(c, fraction);
	put32(c, 60);
	put32(c, 1500);
	put_octets(c, port);
}

static void
put_section(struct capture *c)
{
	put32(c, 0x0a0d0d0a);
	put32(c, 28);
	put32(c, 0x1a2b3c4d);
	put16(c, 1);
	put16(c, 0);
	put32(c, 0xffffffff);
	put32(c, 0xffffffff);
	put32(c, 28);
}

/* An interface whose times count nanoseconds. */
static void
put_interface(struct capture *c, unsigned link_type, uint32_t snap_length)
{
	put32(c, 1);
	put32(c, 32);
	put16(c, link_type);
	put16(c, 0);
	put32(c, snap_length);
	put16(c, 9); /* if_tsresol */
	put16(c, 1);
	put32(c, 9);
	put32(c, 0);
	put32(c, 32);
}

static void
put_enhanced_packet(
    struct capture *c, uint32_t interface, uint64_t ns, unsigned port)
{
	put32(c, 6);
	put32(c, 32 + 60);
	put32(c, interface);
	put32(c, (uint32_t)(ns >> 32));
	put32(c, (uint32_t)ns);
	put32(c, 60);
	put32(c, 60);
	put_octets(c, port);
	put32(c, 32 + 60);
}

/* Writes the file into a temporary directory. */
static const char *
capture_write(struct capture *c)
{
	int fd;

	snprintf(c->path, sizeof(c->path), "/tmp/test_replay.XXXXXX");
	fd = mkstemp(c->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->octets, c->size), (ssize_t)c->size);
	close(fd);
	return c->path;
}

static struct replay *
capture_open(struct capture *c, const char *filter)
{
	char fault[REPLAY_FAULT_SIZE] = "";
	struct replay *replay = replay_open(capture_write(c), filter, fault);

	if (replay == NULL)
		print_error("%s\n", fault);
	assert_non_null(replay);
	assert_int_equal(unlink(c->path), 0);
	return replay;
}

/* Expects that the file cannot be opened, and both texts in the fault. */
static void
expect_refused(
    struct capture *c, const char *filter, const char *what, const char *remedy)
{
	char fault[REPLAY_FAULT_SIZE] = "";
	struct replay *replay = replay_open(capture_write(c), filter, fault);

	assert_int_equal(unlink(c->path), 0);
	assert_null(replay);
	assert_non_null(strstr(fault, c->path));
	if (strstr(fault, what) == NULL || strstr(fault, remedy) == NULL)
		fail_msg("`%s` lacks `%s` or `%s`", fault, what, remedy);
}

/* Expects the fault after `before` packets, twice. */
static void
expect_fault(
    struct capture *c, unsigned before, const char *number, const char *remedy)
{
	struct replay *replay = capture_open(c, NULL);
	struct packet packet;

	for (unsigned i = 0; i < before; i++)
		assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(replay_next(replay, &packet), REPLAY_FAULT);
	assert_int_equal(replay_next(replay, &packet), REPLAY_FAULT);
	if (strstr(replay_fault(replay), number) == NULL ||
	    strstr(replay_fault(replay), remedy) == NULL)
		fail_msg("`%s` lacks `%s` or `%s`", replay_fault(replay),
		    number, remedy);
	replay_close(replay);
}

/* Three packets to ports 53, 80 and 53. */
static void
put_three(struct capture *c, uint32_t magic)
{
	put_pcap_header(c, magic, 1);
	put_pcap_packet(c, 1700000000, 123456, 53);
	put_pcap_packet(c, 1700000001, 0, 80);
	put_pcap_packet(c, 1700000002, 999999, 53);
}

static void
test_pcap(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;
	uint64_t done, total;

	(void)state;
	put_three(&c, 0xa1b2c3d4);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.number, 1);
	assert_int_equal(packet.captured, 60);
	assert_int_equal(packet.length, 1500);
	assert_int_equal(packet.link_type, 1);
	assert_true(packet.at.ns == INT64_C(1700000000123456000));
	assert_memory_equal(packet.octets, c.octets + 24 + 16, 60);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.number, 3);
	assert_int_equal(replay_next(replay, &packet), REPLAY_END);
	assert_int_equal(replay_next(replay, &packet), REPLAY_END);
	replay_progress(replay, &done, &total);
	assert_int_equal(done, c.size);
	assert_int_equal(total, c.size);
	replay_close(replay);
}

static void
test_pcap_in_nanoseconds(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;

	(void)state;
	put_three(&c, 0xa1b23c4d);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_true(packet.at.ns == INT64_C(1700000000000123456));
	replay_close(replay);
}

static void
test_filter_keeps_the_numbers(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;

	(void)state;
	put_three(&c, 0xa1b2c3d4);
	replay = capture_open(&c, "udp port 53");
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.number, 1);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.number, 3);
	assert_int_equal(replay_next(replay, &packet), REPLAY_END);
	replay_close(replay);
}

static void
test_filter_that_is_wrong(void **state)
{
	struct capture c = {0};

	(void)state;
	put_three(&c, 0xa1b2c3d4);
	expect_refused(
	    &c, "port http and", "`port http and`", "pcap-filter(7)");
}

static void
test_raw_ip_has_its_public_number(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;

	(void)state;
	put_pcap_header(&c, 0xa1b2c3d4, 101);
	put_pcap_packet(&c, 0, 0, 53);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.link_type, 101);
	replay_close(replay);
	assert_string_equal(replay_link_name(101), "RAW");
	assert_string_equal(replay_link_name(1), "EN10MB");
	assert_string_equal(replay_link_name(-5), "unknown");
}

static void
test_pcapng(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;

	(void)state;
	put_section(&c);
	put_interface(&c, 1, 65535);
	put_interface(&c, 1, 65535);
	put_enhanced_packet(&c, 0, UINT64_C(1700000000123456789), 53);
	put_enhanced_packet(&c, 1, UINT64_C(1700000001000000001), 80);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_true(packet.at.ns == INT64_C(1700000000123456789));
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_true(packet.at.ns == INT64_C(1700000001000000001));
	assert_int_equal(packet.number, 2);
	assert_int_equal(replay_next(replay, &packet), REPLAY_END);
	replay_close(replay);
}

static void
test_pcapng_of_mixed_link_types(void **state)
{
	struct capture early = {0}, late = {0};

	(void)state;
	put_section(&early);
	put_interface(&early, 1, 65535);
	put_interface(&early, 101, 65535);
	put_enhanced_packet(&early, 0, 1, 53);
	expect_fault(&early, 0, "packet 1:", "editcap");
	put_section(&late);
	put_interface(&late, 1, 65535);
	put_enhanced_packet(&late, 0, 1, 53);
	put_interface(&late, 113, 65535);
	put_enhanced_packet(&late, 1, 2, 53);
	expect_fault(&late, 1, "packet 2:", "editcap -F pcap -T ether");
}

static void
test_pcapng_of_mixed_snap_lengths(void **state)
{
	struct capture c = {0};

	(void)state;
	put_section(&c);
	put_interface(&c, 1, 65535);
	put_interface(&c, 1, 128);
	put_enhanced_packet(&c, 0, 1, 53);
	expect_fault(&c, 0, "packet 1:", "`editcap -F pcap IN OUT`");
}

static void
test_times_that_do_not_fit(void **state)
{
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;

	(void)state;
	put_section(&c);
	put_interface(&c, 1, 65535);
	c.octets[28 + 20] = 0; /* whole seconds */
	put_enhanced_packet(&c, 0, UINT64_C(0x7fffffffffffffff), 53);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_true(packet.at.ns > INT64_C(9000000000000000000));
	replay_close(replay);
}

static void
test_cut_anywhere(void **state)
{
	struct capture whole = {0};

	(void)state;
	put_three(&whole, 0xa1b2c3d4);
	for (size_t size = 25; size < whole.size; size++) {
		struct capture c = whole;
		unsigned packets = (unsigned)((size - 24) / 76);
		char number[32];

		if ((size - 24) % 76 == 0)
			continue;
		c.size = size;
		snprintf(number, sizeof(number), "packet %u:", packets + 1);
		expect_fault(&c, packets, number, "cut short: copy it again");
	}
}

static void
test_corrupt_record(void **state)
{
	struct capture c = {0};

	(void)state;
	put_three(&c, 0xa1b2c3d4);
	memset(c.octets + 24 + 76 + 8, 0xff, 4); /* the second one's length */
	expect_fault(&c, 1, "packet 2:", "damaged");
}

static void
test_files_that_are_no_captures(void **state)
{
	struct capture empty = {0}, header = {0}, gzip = {0}, text = {0};

	(void)state;
	expect_refused(&empty, NULL, "is empty", "capture again");
	put_pcap_header(&header, 0xa1b2c3d4, 1);
	header.size = 10;
	expect_refused(&header, NULL, "truncated", "copy it again");
	put32(&gzip, 0x00088b1f);
	put32(&gzip, 0);
	expect_refused(&gzip, NULL, "compressed with gzip", "gunzip");
	memcpy(text.octets, "10:00:01.000 IP 10.0.0.1 > 10.0.0.2", 35);
	text.size = 35;
	expect_refused(&text, NULL, "unknown file format", "pcap and pcapng");
}

static void
test_paths_that_do_not_open(void **state)
{
	char fault[REPLAY_FAULT_SIZE] = "";

	(void)state;
	assert_null(replay_open("/nowhere/x.pcap", NULL, fault));
	assert_non_null(strstr(fault, "/nowhere/x.pcap"));
	assert_non_null(strstr(fault, "No such file"));
	assert_null(replay_open("/tmp", NULL, fault));
	assert_non_null(strstr(fault, "directory"));
	replay_close(NULL);
}

/* Puts the file on standard input through a pipe; returns the old one. */
static int
pipe_to_stdin(const struct capture *c)
{
	int ends[2], saved = dup(STDIN_FILENO);

	assert_true(saved >= 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], c->octets, c->size), (ssize_t)c->size);
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return saved;
}

static void
test_standard_input(void **state)
{
	struct capture c = {0}, empty = {0};
	char fault[REPLAY_FAULT_SIZE] = "";
	struct replay *replay;
	struct packet packet;
	uint64_t done, total;
	int saved;

	(void)state;
	put_three(&c, 0xa1b2c3d4);
	saved = pipe_to_stdin(&c);
	replay = replay_open("-", NULL, fault);
	assert_non_null(replay);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(replay_next(replay, &packet), REPLAY_END);
	replay_progress(replay, &done, &total);
	assert_int_equal(done, 180);
	assert_int_equal(total, 0);
	replay_close(replay);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);

	saved = pipe_to_stdin(&empty);
	assert_null(replay_open("-", NULL, fault));
	assert_non_null(strstr(fault, "the input is empty"));
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pcap),
	    cmocka_unit_test(test_pcap_in_nanoseconds),
	    cmocka_unit_test(test_filter_keeps_the_numbers),
	    cmocka_unit_test(test_filter_that_is_wrong),
	    cmocka_unit_test(test_raw_ip_has_its_public_number),
	    cmocka_unit_test(test_pcapng),
	    cmocka_unit_test(test_pcapng_of_mixed_link_types),
	    cmocka_unit_test(test_pcapng_of_mixed_snap_lengths),
	    cmocka_unit_test(test_times_that_do_not_fit),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_corrupt_record),
	    cmocka_unit_test(test_files_that_are_no_captures),
	    cmocka_unit_test(test_paths_that_do_not_open),
	    cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
