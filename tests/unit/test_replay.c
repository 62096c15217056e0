/* Capture files through filters, and what is said when they fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "sensor/packet.h"
#include "sensor/replay.h"
#include "unit/capture_builder.h"

#define PATH_SIZE 64

/* Writes the file into a temporary directory. */
static void
capture_write(const struct capture *c, char path[PATH_SIZE])
{
	int fd;

	snprintf(path, PATH_SIZE, "/tmp/test_replay.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->octets, c->size), (ssize_t)c->size);
	close(fd);
}

static struct replay *
capture_open(const struct capture *c, const char *filter)
{
	char fault[REPLAY_FAULT_SIZE] = "", path[PATH_SIZE];
	struct replay *replay;

	capture_write(c, path);
	replay = replay_open(path, filter, fault);
	assert_int_equal(unlink(path), 0);
	if (replay == NULL)
		fail_msg("refused: %s", fault);
	return replay;
}

/* Expects that the file cannot be opened, and both texts in the fault. */
static void
expect_refused(const struct capture *c, const char *filter, const char *what,
    const char *remedy)
{
	char fault[REPLAY_FAULT_SIZE] = "", path[PATH_SIZE];

	capture_write(c, path);
	assert_null(replay_open(path, filter, fault));
	assert_int_equal(unlink(path), 0);
	assert_memory_equal(fault, path, strlen(path));
	if (strstr(fault, what) == NULL || strstr(fault, remedy) == NULL)
		fail_msg("`%s` lacks `%s` or `%s`", fault, what, remedy);
}

/* Expects packets of these numbers and link types, and then `status`. */
static void
expect_packets(struct replay *replay, const unsigned (*packets)[2],
    size_t count, enum replay_status status)
{
	struct packet packet;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
		assert_int_equal(packet.number, packets[i][0]);
		assert_int_equal(packet.link_type, packets[i][1]);
	}
	assert_int_equal(replay_next(replay, &packet), status);
	assert_int_equal(replay_next(replay, &packet), status);
}

/* Three packets to ports 53, 80 and 53. */
static void
put_three(struct capture *c, uint32_t link_type)
{
	put_pcap_header(c, 0xa1b2c3d4, link_type);
	put_pcap_packet(c, 1700000000, 123456, 53);
	put_pcap_packet(c, 1700000001, 0, 80);
	put_pcap_packet(c, 1700000002, 999999, 53);
}

static void
test_pcap(void **state)
{
	static const unsigned rest[][2] = {{2, 1}, {3, 1}};
	struct capture c = {0};
	struct replay *replay;
	struct packet packet;
	uint64_t done, total;

	(void)state;
	put_three(&c, 1);
	replay = capture_open(&c, NULL);
	assert_int_equal(replay_next(replay, &packet), REPLAY_PACKET);
	assert_int_equal(packet.number, 1);
	assert_int_equal(packet.captured, 60);
	assert_int_equal(packet.length, 1500);
	assert_int_equal(packet.link_type, 1);
	assert_true(packet.at.ns == INT64_C(1700000000123456000));
	assert_memory_equal(packet.octets, c.octets + 24 + 16, 60);
	expect_packets(replay, rest, 2, REPLAY_END);
	replay_progress(replay, &done, &total);
	assert_int_equal(done, c.size);
	assert_int_equal(total, c.size);
	replay_close(replay);
}

static void
test_filter_keeps_the_numbers(void **state)
{
	static const unsigned dns[][2] = {{1, 1}, {3, 1}};
	struct capture c = {0};
	struct replay *replay;

	(void)state;
	put_three(&c, 1);
	replay = capture_open(&c, "udp port 53");
	expect_packets(replay, dns, 2, REPLAY_END);
	replay_close(replay);
	replay = capture_open(&c, "udp port 54");
	expect_packets(replay, dns, 0, REPLAY_END);
	replay_close(replay);
}

static void
test_filter_sees_both_lengths(void **state)
{
	static const unsigned all[][2] = {{1, 1}, {2, 1}, {3, 1}};
	struct capture c = {0};
	struct replay *replay;

	(void)state;
	put_three(&c, 1);
	replay = capture_open(&c, "greater 1500");
	expect_packets(replay, all, 3, REPLAY_END);
	replay_close(replay);
	/* Beyond what was captured nothing matches. */
	replay = capture_open(&c, "ether[60] = 0");
	expect_packets(replay, all, 0, REPLAY_END);
	replay_close(replay);
}

static void
test_filter_that_is_wrong(void **state)
{
	struct capture pcap = {0}, pcapng = {0};

	(void)state;
	put_three(&pcap, 1);
	expect_refused(&pcap, "port http and", "`port http and`",
	    "syntax error; see pcap-filter(7)");
	/* Before a packet is read, and without an interface. */
	put_section(&pcapng);
	expect_refused(&pcapng, "port http and", "link type EN10MB (1)",
	    "syntax error; see pcap-filter(7)");
}

static void
test_filter_that_the_link_type_lacks(void **state)
{
	struct capture raw = {0}, unknown = {0};

	(void)state;
	put_three(&raw, 101);
	expect_refused(&raw, "ether host 2:2:2:2:2:2", "link type RAW",
	    "ethernet addresses supported only on");
	put_three(&unknown, 147);
	expect_refused(
	    &unknown, "udp", "link type unknown (147)", "pcap-filter(7)");
}

/* Interfaces of Ethernet, cooked and raw IP; their snap lengths differ. */
static void
put_interfaces(struct capture *c)
{
	put_section(c);
	put_interface(c, 1, 65535);
	put_interface(c, 276, 128);
	put_interface(c, 101, 262144);
}

/* An IPv4 packet to UDP port `port`, with `before` octets in front. */
static void
put_enhanced_ip(
    struct capture *c, uint32_t interface, uint32_t before, unsigned port)
{
	struct capture frame = {0};

	put_frame(&frame, port);
	put_enhanced_start(c, interface, 0, before + 44, before + 44);
	/* The protocol of Linux's cooked header comes first, IPv4. */
	for (uint32_t i = 0; i < before; i++)
		put8(c, i == 0 ? 8 : 0);
	for (size_t i = 14; i < 58; i++)
		put8(c, frame.octets[i]);
	put32(c, 32 + before + 44);
}

static void
test_filter_on_several_link_types(void **state)
{
	static const unsigned all[][2] = {
	    {1, 1}, {2, 276}, {3, 101}, {4, 1}, {5, 276}, {6, 101}};
	static const unsigned dns[][2] = {{1, 1}, {2, 276}, {6, 101}};
	struct capture c = {0};
	struct replay *replay;

	(void)state;
	put_interfaces(&c);
	put_enhanced_packet(&c, 0, 0, 53);
	put_enhanced_ip(&c, 1, 20, 53);
	put_enhanced_ip(&c, 2, 0, 80);
	put_enhanced_packet(&c, 0, 0, 80);
	put_enhanced_ip(&c, 1, 20, 80);
	put_enhanced_ip(&c, 2, 0, 53);
	replay = capture_open(&c, NULL);
	expect_packets(replay, all, 6, REPLAY_END);
	replay_close(replay);
	replay = capture_open(&c, "udp dst port 53");
	expect_packets(replay, dns, 3, REPLAY_END);
	replay_close(replay);
}

/* It can pass none of these packets, which must not go unsaid. */
static void
test_filter_that_one_link_type_lacks(void **state)
{
	static const unsigned ethernet[][2] = {{1, 1}, {3, 1}};
	static const unsigned cooked[][2] = {{2, 276}};
	struct capture c = {0};
	struct replay *replay;

	(void)state;
	put_interfaces(&c);
	put_enhanced_packet(&c, 0, 0, 53);
	put_enhanced_ip(&c, 1, 20, 53);
	put_enhanced_packet(&c, 0, 0, 80);
	replay = capture_open(&c, "ether dst 2:2:2:2:2:2");
	expect_packets(replay, ethernet, 2, REPLAY_FAULT);
	assert_non_null(strstr(replay_fault(replay),
	    "means nothing on link type LINUX_SLL2 (276), and 1 packets"));
	replay_close(replay);
	replay = capture_open(&c, "inbound");
	expect_packets(replay, cooked, 1, REPLAY_FAULT);
	assert_non_null(strstr(replay_fault(replay),
	    "means nothing on link type EN10MB (1), and 2 packets"));
	replay_close(replay);
}

static void
test_filter_on_very_many_link_types(void **state)
{
	enum { COUNT = 40 };

	struct capture c = {0};
	struct replay *replay;
	struct packet packet;
	unsigned count = 0;

	(void)state;
	put_section(&c);
	for (unsigned i = 0; i < COUNT; i++)
		put_plain_interface(&c, 60000 + i, 0);
	put_plain_interface(&c, 1, 0);
	for (unsigned i = 0; i <= COUNT; i++)
		put_enhanced_packet(&c, COUNT - i, 0, 53);
	replay = capture_open(&c, "udp");
	while (replay_next(replay, &packet) == REPLAY_PACKET)
		count++;
	assert_int_equal(count, 1);
	assert_non_null(
	    strstr(replay_fault(replay), "40 packets of such interfaces"));
	replay_close(replay);
}

static void
test_link_types_have_names(void **state)
{
	(void)state;
	assert_string_equal(replay_link_name(1), "EN10MB");
	assert_string_equal(replay_link_name(12), "RAW");
	assert_string_equal(replay_link_name(14), "RAW");
	assert_string_equal(replay_link_name(101), "RAW");
	assert_string_equal(replay_link_name(276), "LINUX_SLL2");
	assert_string_equal(replay_link_name(-5), "unknown");
}

/* The fault names the file, the packet and the octet. */
static void
test_fault_in_a_file(void **state)
{
	static const unsigned first[][2] = {{1, 1}};
	struct capture c = {0};
	char path[PATH_SIZE], fault[REPLAY_FAULT_SIZE];
	char expected[REPLAY_FAULT_SIZE];
	struct replay *replay;

	(void)state;
	put_three(&c, 1);
	memset(c.octets + 24 + 76 + 8, 0xff, 4); /* the second one's length */
	capture_write(&c, path);
	replay = replay_open(path, NULL, fault);
	assert_int_equal(unlink(path), 0);
	assert_non_null(replay);
	expect_packets(replay, first, 1, REPLAY_FAULT);
	snprintf(expected, sizeof(expected),
	    "%s: packet 2 at octet 100: the file is damaged: a packet of "
	    "4294967295 octets; copy it again from its source; what came "
	    "before it has been read",
	    path);
	assert_string_equal(replay_fault(replay), expected);
	replay_close(replay);
}

static void
test_files_that_do_not_begin_well(void **state)
{
	struct capture empty = {0}, header = {0}, text = {0};

	(void)state;
	expect_refused(&empty, NULL, "is empty", "capture again");
	put_pcap_header(&header, 0xa1b2c3d4, 1);
	header.size = 15;
	expect_refused(&header, NULL, "cut short", "copy it again");
	memcpy(text.octets, "10:00:01.000 IP 10.0.0.1 > 10.0.0.2", 35);
	text.size = 35;
	expect_refused(&text, NULL, "no capture that is known", "editcap");
}

static void
test_compressed_and_cut(void **state)
{
	static const unsigned all[][2] = {{1, 1}, {2, 1}, {3, 1}};
	struct capture c = {0}, packed = {0};
	z_stream stream = {0};
	struct replay *replay;
	uint64_t done, total;

	(void)state;
	put_three(&c, 1);
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	stream.next_in = c.octets;
	stream.avail_in = (unsigned)c.size;
	stream.next_out = packed.octets;
	stream.avail_out = sizeof(packed.octets);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.size = stream.total_out;
	deflateEnd(&stream);
	replay = capture_open(&packed, NULL);
	expect_packets(replay, all, 3, REPLAY_END);
	replay_progress(replay, &done, &total);
	assert_int_equal(done, packed.size);
	assert_int_equal(total, packed.size);
	replay_close(replay);
	packed.size -= 8;
	replay = capture_open(&packed, NULL);
	expect_packets(replay, all, 3, REPLAY_FAULT);
	assert_non_null(strstr(replay_fault(replay),
	    "packet 4 at octet 252 of what is unpacked: the gzip stream is "
	    "cut short"));
	replay_close(replay);
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
	static const unsigned all[][2] = {{1, 1}, {2, 1}, {3, 1}};
	struct capture c = {0}, empty = {0};
	char fault[REPLAY_FAULT_SIZE] = "";
	struct replay *replay;
	uint64_t done, total;
	int saved;

	(void)state;
	put_three(&c, 1);
	saved = pipe_to_stdin(&c);
	replay = replay_open("-", NULL, fault);
	assert_non_null(replay);
	expect_packets(replay, all, 3, REPLAY_END);
	replay_progress(replay, &done, &total);
	assert_int_equal(done, c.size);
	assert_int_equal(total, 0);
	replay_close(replay);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);

	saved = pipe_to_stdin(&empty);
	assert_null(replay_open("-", NULL, fault));
	assert_non_null(strstr(fault, "-: it is empty"));
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pcap),
	    cmocka_unit_test(test_filter_keeps_the_numbers),
	    cmocka_unit_test(test_filter_sees_both_lengths),
	    cmocka_unit_test(test_filter_that_is_wrong),
	    cmocka_unit_test(test_filter_that_the_link_type_lacks),
	    cmocka_unit_test(test_filter_on_several_link_types),
	    cmocka_unit_test(test_filter_that_one_link_type_lacks),
	    cmocka_unit_test(test_filter_on_very_many_link_types),
	    cmocka_unit_test(test_link_types_have_names),
	    cmocka_unit_test(test_fault_in_a_file),
	    cmocka_unit_test(test_files_that_do_not_begin_well),
	    cmocka_unit_test(test_compressed_and_cut),
	    cmocka_unit_test(test_paths_that_do_not_open),
	    cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
