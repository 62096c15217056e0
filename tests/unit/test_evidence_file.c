#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/evidence.h"
#include "sensor/evidence_file.h"
#include "sensor/packet.h"
#include "sensor/replay.h"

struct place {
	char directory[64], path[80];
};

static struct place
new_place(void)
{
	struct place place = {"/tmp/hedgerow-evidence-XXXXXX", ""};

	assert_non_null(mkdtemp(place.directory));
	(void)snprintf(
	    place.path, sizeof(place.path), "%s/alerts.pcap", place.directory);
	return place;
}

static void
numbered(const struct place *place, unsigned number, char path[96])
{
	if (number == 0)
		(void)snprintf(path, 96, "%s", place->path);
	else
		(void)snprintf(path, 96, "%s.%u", place->path, number);
}

static void
remove_place(const struct place *place)
{
	char path[96];

	for (unsigned i = 0; i < 10; i++) {
		numbered(place, i, path);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(place->directory), 0);
}

static struct evidence_file *
open_in(const struct place *place, uint64_t size, uint32_t count, bool keeps)
{
	const struct evidence_file_settings settings = {
	    .path = place->path,
	    .size = size,
	    .count = count,
	    .keeps = keeps,
	    .program = "test",
	};
	int error = 1;
	struct evidence_file *file = evidence_file_open(&settings, &error);

	assert_non_null(file);
	assert_int_equal(error, 0);
	return file;
}

static struct evidence_packet *
packet_of(uint64_t number, uint32_t size, const char *interface)
{
	struct evidence_packet *packet = calloc(1, sizeof(*packet));

	packet->at.ns = INT64_C(1700000000123456000) + (int64_t)number;
	packet->number = number;
	packet->captured = size;
	packet->length = size + 100;
	packet->link_type = 1;
	(void)snprintf(
	    packet->interface, sizeof(packet->interface), "%s", interface);
	memset(packet->octets, (int)(number & 0xff), size);
	return packet;
}

static void
add(struct evidence_file *file, uint64_t number, uint32_t size,
    const char *interface, const char *comment)
{
	struct evidence_packet *packet = packet_of(number, size, interface);

	evidence_file_packet(file, packet, comment);
	free(packet);
}

/* Reads a file with our own reader; faults are none. */
static uint64_t
count_packets(const char *path, uint64_t *first, struct packet *last,
    char name[EVIDENCE_NAME_SIZE])
{
	char fault[REPLAY_FAULT_SIZE];
	struct replay *replay = replay_open(path, NULL, fault);
	struct packet packet;
	enum replay_status status;
	uint64_t count = 0;

	assert_non_null(replay);
	while ((status = replay_next(replay, &packet)) == REPLAY_PACKET) {
		if (count++ == 0)
			*first = packet.octets[0];
		*last = packet;
		(void)snprintf(name, EVIDENCE_NAME_SIZE, "%s",
		    replay_interface_name(replay, packet.interface));
	}
	assert_int_equal(status, REPLAY_END);
	replay_close(replay);
	return count;
}

static void
says_what_it_was_told(void **state)
{
	struct place place = new_place();
	struct evidence_file *file =
	    open_in(&place, EVIDENCE_FILE_SIZE_DEFAULT, 2, false);
	char octets[4096], name[EVIDENCE_NAME_SIZE];
	struct packet last;
	uint64_t first;
	ssize_t size;
	int descriptor;

	(void)state;
	add(file, 1, 61, "eth0", "finding aa: a sentence");
	add(file, 2, 0, "", "finding bb");
	add(file, 3, 7, "eth1", "finding aa: a sentence");
	evidence_file_flush(file);
	assert_int_equal(evidence_file_counts(file).packets, 3);
	assert_int_equal(count_packets(place.path, &first, &last, name), 3);
	assert_int_equal(first, 1);
	assert_int_equal(last.at.ns, INT64_C(1700000000123456003));
	assert_int_equal(last.captured, 7);
	assert_int_equal(last.length, 107);
	assert_string_equal(name, "eth1");
	descriptor = open(place.path, O_RDONLY);
	size = read(descriptor, octets, sizeof(octets));
	assert_true(size > 0);
	assert_non_null(
	    memmem(octets, (size_t)size, "finding aa: a sentence", 22));
	assert_non_null(memmem(octets, (size_t)size, "finding bb", 10));
	(void)close(descriptor);
	evidence_file_close(file);
	remove_place(&place);
}

/* Packets go to the newest; no more than that many files are kept. */
static void
rotates(void **state)
{
	struct place place = new_place();
	struct evidence_file *file =
	    open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 3, false);
	struct evidence_file_counts counts;
	uint64_t first, inside = 0;
	struct packet last;
	char path[96], name[EVIDENCE_NAME_SIZE];

	(void)state;
	for (uint64_t i = 0; i < 4000; i++) {
		add(file, i, 1000, "eth0", "x");
		if (i % 10 == 0)
			evidence_file_flush(file);
	}
	evidence_file_flush(file);
	counts = evidence_file_counts(file);
	assert_int_equal(counts.packets, 4000);
	assert_int_equal(counts.lost, 0);
	assert_true(counts.rotations >= 3);
	for (unsigned i = 0; i < 3; i++) {
		struct stat status;

		numbered(&place, i, path);
		assert_int_equal(stat(path, &status), 0);
		assert_true(
		    (uint64_t)status.st_size <= EVIDENCE_FILE_SIZE_LEAST);
		inside += count_packets(path, &first, &last, name);
	}
	assert_true(inside > 1500 && inside < 4000);
	numbered(&place, 3, path);
	assert_int_equal(access(path, F_OK), -1);
	evidence_file_close(file);
	remove_place(&place);
}

/* A sensor that starts anew keeps what an earlier one wrote. */
static void
keeps_what_is_there(void **state)
{
	struct place place = new_place();
	char path[96], name[EVIDENCE_NAME_SIZE];
	struct packet last;
	uint64_t first;
	struct evidence_file *file =
	    open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 2, true);

	(void)state;
	add(file, 5, 10, "eth0", "x");
	evidence_file_close(file);
	file = open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 2, true);
	numbered(&place, 1, path);
	assert_int_equal(count_packets(path, &first, &last, name), 1);
	assert_int_equal(count_packets(place.path, &first, &last, name), 0);
	/* Somebody else rotates. */
	assert_int_equal(rename(place.path, path), 0);
	add(file, 6, 10, "eth0", "x");
	assert_int_equal(evidence_file_reopen(file), 0);
	add(file, 7, 10, "eth0", "x");
	evidence_file_close(file);
	assert_int_equal(count_packets(path, &first, &last, name), 1);
	assert_int_equal(first, 6);
	assert_int_equal(count_packets(place.path, &first, &last, name), 1);
	assert_int_equal(first, 7);
	remove_place(&place);
}

/* Starts that come to nothing, an interface being away, say. */
static void
outlives_starts_without_packets(void **state)
{
	struct place place = new_place();
	char path[96], name[EVIDENCE_NAME_SIZE];
	struct packet last;
	uint64_t first;
	struct evidence_file *file =
	    open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 3, true);

	(void)state;
	add(file, 5, 10, "eth0", "x");
	evidence_file_close(file);
	for (int i = 0; i < 10; i++)
		evidence_file_close(
		    open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 3, true));
	file = open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 3, true);
	add(file, 6, 10, "eth0", "x");
	evidence_file_close(file);
	assert_int_equal(count_packets(place.path, &first, &last, name), 1);
	assert_int_equal(first, 6);
	numbered(&place, 1, path);
	assert_int_equal(count_packets(path, &first, &last, name), 1);
	assert_int_equal(first, 5);
	remove_place(&place);
}

/* What a full disk took of a block is no part of the file. */
static void
stays_whole_on_a_full_disk(void **state)
{
	struct place place = new_place();
	struct evidence_file *file =
	    open_in(&place, EVIDENCE_FILE_SIZE_LEAST, 2, false);
	struct rlimit before, full;
	struct evidence_file_counts counts;
	struct packet last;
	uint64_t first;
	char name[EVIDENCE_NAME_SIZE];

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = (struct rlimit){3000, before.rlim_max};
	add(file, 1, 1000, "eth0", "x");
	evidence_file_flush(file);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	add(file, 2, 1000, "eth0", "x");
	add(file, 3, 1000, "eth0", "x");
	evidence_file_flush(file);
	counts = evidence_file_counts(file);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(counts.packets, 1);
	assert_int_equal(counts.lost, 2);
	assert_int_equal(counts.error, -EFBIG);
	assert_int_equal(count_packets(place.path, &first, &last, name), 1);
	/* There is room again. */
	add(file, 4, 1000, "eth0", "x");
	evidence_file_close(file);
	assert_int_equal(count_packets(place.path, &first, &last, name), 2);
	assert_int_equal(last.at.ns, INT64_C(1700000000123456004));
	remove_place(&place);
}

static void
says_why_it_cannot_open(void **state)
{
	const struct evidence_file_settings settings = {
	    .path = "/nosuchdirectory/alerts.pcap",
	    .size = EVIDENCE_FILE_SIZE_LEAST,
	    .count = 1,
	    .program = "test",
	};
	int error = 0;

	(void)state;
	assert_null(evidence_file_open(&settings, &error));
	assert_int_equal(error, -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_it_was_told),
	    cmocka_unit_test(rotates),
	    cmocka_unit_test(keeps_what_is_there),
	    cmocka_unit_test(outlives_starts_without_packets),
	    cmocka_unit_test(stays_whole_on_a_full_disk),
	    cmocka_unit_test(says_why_it_cannot_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
