/* Octets from memory, files and pipes: plain, packed, cut and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "sensor/byte_source.h"

#define PLAIN_SIZE     3000
#define PACKED_MAXIMUM 8192

/* Octets that are worth packing, and not all the same. */
static void
make_plain(uint8_t plain[PLAIN_SIZE])
{
	for (size_t i = 0; i < PLAIN_SIZE; i++)
		plain[i] = (uint8_t)(i % 7 == 0 ? i * i >> 5 : i % 50);
}

/* Appends a gzip member with these octets; returns the new size. */
static size_t
add_gzip(uint8_t *out, size_t at, const uint8_t *octets, size_t size)
{
	z_stream stream = {0};

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)octets;
	stream.avail_in = (unsigned)size;
	stream.next_out = out + at;
	stream.avail_out = (unsigned)(PACKED_MAXIMUM - at);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	at += stream.total_out;
	deflateEnd(&stream);
	return at;
}

/* Appends a zstd frame. */
static size_t
add_zstd(uint8_t *out, size_t at, const uint8_t *octets, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t result;

	assert_non_null(context);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	result = ZSTD_compress2(
	    context, out + at, PACKED_MAXIMUM - at, octets, size);
	assert_false(ZSTD_isError(result));
	ZSTD_freeCCtx(context);
	return at + result;
}

typedef size_t add_function(
    uint8_t *out, size_t at, const uint8_t *octets, size_t size);

static add_function *const adds[] = {add_gzip, add_zstd};
static const char *const names[] = {"gzip", "zstd"};

/*
 * Reads all that comes, in pieces of `piece`; expects it to be how `expected`
 * begins.
 *
 * result     gets the last value of byte_source_read()
 * returns    how many octets
 */
static size_t
read_all(struct byte_source *source, size_t piece, const uint8_t *expected,
    size_t size, long *result)
{
	uint8_t out[PLAIN_SIZE + 1];
	size_t count = 0;

	assert_true(piece <= sizeof(out));
	while ((*result = byte_source_read(source, out, piece)) > 0) {
		assert_true((size_t)*result <= piece);
		assert_true(count + (size_t)*result <= size);
		assert_memory_equal(out, expected + count, (size_t)*result);
		count += (size_t)*result;
	}
	assert_int_equal(byte_source_read(source, out, piece), *result);
	return count;
}

/* Opens memory and reads all of it. */
static size_t
read_memory(const uint8_t *octets, size_t octet_count, size_t most,
    size_t piece, const uint8_t *expected, size_t size, long *result)
{
	char fault[BYTE_SOURCE_FAULT_SIZE];
	struct byte_source *source =
	    byte_source_memory(octets, octet_count, most, fault);
	uint64_t done, total;
	size_t count;

	assert_non_null(source);
	count = read_all(source, piece, expected, size, result);
	byte_source_progress(source, &done, &total);
	assert_int_equal(total, octet_count);
	if (*result == 0)
		assert_int_equal(done, octet_count);
	else
		assert_true(byte_source_fault(source)[0] != '\0');
	byte_source_close(source);
	return count;
}

static void
test_plain(void **state)
{
	static const size_t pieces[] = {1, 3, 100, PLAIN_SIZE};
	uint8_t plain[PLAIN_SIZE];
	long result;

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(read_memory(plain, PLAIN_SIZE, i / 4 * 5,
				     pieces[i % 4], plain, PLAIN_SIZE, &result),
		    PLAIN_SIZE);
		assert_int_equal(result, 0);
	}
	for (size_t size = 1; size < 6; size++) {
		assert_int_equal(
		    read_memory(plain, size, 1, 2, plain, size, &result), size);
		assert_int_equal(result, 0);
	}
	assert_int_equal(read_memory(plain, 0, 0, 1, plain, 0, &result), 0);
	assert_int_equal(result, 0);
}

/* So that tests of readers reach what they say they do. */
static void
test_memory_comes_in_pieces(void **state)
{
	uint8_t plain[PLAIN_SIZE], out[PLAIN_SIZE];
	char fault[BYTE_SOURCE_FAULT_SIZE];
	struct byte_source *source;

	(void)state;
	make_plain(plain);
	source = byte_source_memory(plain, PLAIN_SIZE, 5, fault);
	assert_int_equal(byte_source_read(source, out, sizeof(out)), 5);
	assert_int_equal(byte_source_read(source, out, sizeof(out)), 5);
	assert_int_equal(byte_source_read(source, out, 3), 3);
	byte_source_close(source);
}

static void
test_packed_in_several_parts(void **state)
{
	static const size_t pieces[] = {1, 3, 100, PLAIN_SIZE};
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 32; i++) {
		add_function *add = adds[i % 2];
		size_t size = add(packed, 0, plain, 1000);
		long result;

		/* one without anything in it, too */
		size = add(packed, size, plain, 0);
		size = add(packed, size, plain + 1000, PLAIN_SIZE - 1000);
		assert_int_equal(
		    read_memory(packed, size, i / 8 * 5, pieces[i / 2 % 4],
			plain, PLAIN_SIZE, &result),
		    PLAIN_SIZE);
		assert_int_equal(result, 0);
	}
}

static void
test_packing_is_said(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];
	char fault[BYTE_SOURCE_FAULT_SIZE];
	struct byte_source *source;

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 2; i++) {
		size_t size = adds[i](packed, 0, plain, PLAIN_SIZE);

		source = byte_source_memory(packed, size, 0, fault);
		assert_string_equal(byte_source_packing(source), names[i]);
		byte_source_close(source);
	}
	source = byte_source_memory(plain, PLAIN_SIZE, 0, fault);
	assert_null(byte_source_packing(source));
	byte_source_close(source);
	byte_source_close(NULL);
}

/* As pzstd writes (RFC 8878, 3.1.2). */
static void
test_zstd_after_a_skippable_frame(void **state)
{
	uint8_t plain[PLAIN_SIZE],
	    packed[PACKED_MAXIMUM] = {0x5e, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9};
	size_t size;
	long result;

	(void)state;
	make_plain(plain);
	size = add_zstd(packed, 10, plain, PLAIN_SIZE);
	assert_int_equal(
	    read_memory(packed, size, 0, 64, plain, PLAIN_SIZE, &result),
	    PLAIN_SIZE);
	assert_int_equal(result, 0);
}

/* What can be unpacked comes, and then the fault that says why no more. */
static void
test_packed_and_cut(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 2; i++) {
		size_t first = adds[i](packed, 0, plain, 2000);
		size_t size =
		    adds[i](packed, first, plain + 2000, PLAIN_SIZE - 2000);

		for (size_t cut = 4; cut < size; cut++) {
			char fault[BYTE_SOURCE_FAULT_SIZE];
			struct byte_source *source =
			    byte_source_memory(packed, cut, cut % 3, fault);
			long result;
			size_t count =
			    read_all(source, 700, plain, PLAIN_SIZE, &result);

			assert_int_equal(result, cut == first ? 0 : -1);
			assert_true(cut < first || count >= 2000);
			if (result < 0 && (strstr(byte_source_fault(source),
					       "stream is cut short") == NULL ||
					      strstr(byte_source_fault(source),
						  names[i]) == NULL))
				fail_msg("%s", byte_source_fault(source));
			byte_source_close(source);
		}
	}
}

/* Reads whatever comes; whether it ends well and is what was packed. */
static bool
reads_well(struct byte_source *source, const uint8_t *plain)
{
	uint8_t out[512];
	size_t count = 0;
	bool same = true;
	long got;

	while ((got = byte_source_read(source, out, sizeof(out))) > 0) {
		same &= count + (size_t)got <= PLAIN_SIZE &&
			memcmp(out, plain + count, (size_t)got) == 0;
		count += (size_t)got;
		assert_true(count < 100 * (size_t)PLAIN_SIZE);
	}
	assert_true(got < 0 || (same && count == PLAIN_SIZE));
	return got == 0;
}

static void
test_packed_and_damaged(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];
	char fault[BYTE_SOURCE_FAULT_SIZE];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 2; i++) {
		size_t size = adds[i](packed, 0, plain, PLAIN_SIZE);

		unsigned harmless = 0;

		for (size_t bit = 32; bit < size * 8; bit++) {
			struct byte_source *source;

			packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			source = byte_source_memory(packed, size, 0, fault);
			harmless += reads_well(source, plain);
			byte_source_close(source);
			packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		/* gzip's time and system, and what pads the last octet */
		assert_true(harmless < 60);
	}
}

/* The checksum comes last: all that it covers has been given out. */
static void
test_packed_with_a_wrong_checksum(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];
	char fault[BYTE_SOURCE_FAULT_SIZE];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 4; i++) {
		size_t size = adds[i % 2](packed, 0, plain, PLAIN_SIZE);
		size_t piece = i < 2 ? 100 : PLAIN_SIZE + 1;
		struct byte_source *source;
		long result;

		packed[size - (i % 2 == 0 ? 8 : 1)] ^= 1;
		source = byte_source_memory(packed, size, 0, fault);
		assert_int_equal(
		    read_all(source, piece, plain, PLAIN_SIZE, &result),
		    PLAIN_SIZE);
		assert_int_equal(result, -1);
		assert_non_null(
		    strstr(byte_source_fault(source), "stream is damaged: "));
		assert_non_null(
		    strstr(byte_source_fault(source), "; copy it again"));
		byte_source_close(source);
	}
}

static void
test_packed_with_rubbish_behind(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 2; i++) {
		size_t size = adds[i](packed, 0, plain, PLAIN_SIZE);
		long result;

		memset(packed + size, 'x', 20);
		assert_int_equal(read_memory(packed, size + 20, 0, 100, plain,
				     PLAIN_SIZE, &result),
		    PLAIN_SIZE);
		assert_int_equal(result, -1);
	}
}

/* 256 MiB of nothing, from 256 KiB: all of it comes in pieces. */
static void
test_bomb_comes_in_pieces(void **state)
{
	enum { MEMBER = 1024 * 1024, MEMBERS = 256 };

	uint8_t *zeros = calloc(1, MEMBER), *packed, *out = malloc(MEMBER);
	uint8_t member[PACKED_MAXIMUM];
	char fault[BYTE_SOURCE_FAULT_SIZE];
	struct byte_source *source;
	size_t size, count = 0;
	long got;

	(void)state;
	assert_non_null(zeros);
	assert_non_null(out);
	size = add_gzip(member, 0, zeros, MEMBER);
	packed = malloc(size * MEMBERS);
	assert_non_null(packed);
	for (size_t i = 0; i < MEMBERS; i++)
		memcpy(packed + i * size, member, size);
	source = byte_source_memory(packed, size * MEMBERS, 0, fault);
	while ((got = byte_source_read(source, out, MEMBER)) > 0) {
		assert_int_equal(out[got - 1], 0);
		count += (size_t)got;
	}
	assert_int_equal(got, 0);
	assert_int_equal(count, (size_t)MEMBER * MEMBERS);
	byte_source_close(source);
	free(packed);
	free(zeros);
	free(out);
}

/* --- files ---------------------------------------------------------------- */

static void
write_file(char path[64], const uint8_t *octets, size_t size)
{
	int fd;

	snprintf(path, 64, "/tmp/test_byte_source.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, size), (ssize_t)size);
	close(fd);
}

static void
test_files(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];
	char path[64], fault[BYTE_SOURCE_FAULT_SIZE];

	(void)state;
	make_plain(plain);
	for (size_t i = 0; i < 3; i++) {
		size_t size =
		    i == 2 ? PLAIN_SIZE : adds[i](packed, 0, plain, PLAIN_SIZE);
		struct byte_source *source;
		uint64_t done, total;
		long result;

		write_file(path, i == 2 ? plain : packed, size);
		source = byte_source_open(path, fault);
		assert_int_equal(unlink(path), 0);
		assert_non_null(source);
		assert_int_equal(
		    read_all(source, 999, plain, PLAIN_SIZE, &result),
		    PLAIN_SIZE);
		assert_int_equal(result, 0);
		byte_source_progress(source, &done, &total);
		assert_int_equal(done, size);
		assert_int_equal(total, size);
		byte_source_close(source);
	}
}

static void
expect_unopened(const char *path, const char *what)
{
	char fault[BYTE_SOURCE_FAULT_SIZE] = "";

	assert_null(byte_source_open(path, fault));
	if (strstr(fault, what) == NULL)
		fail_msg("`%s` lacks `%s`", fault, what);
}

static void
test_paths_that_do_not_open(void **state)
{
	(void)state;
	expect_unopened("/nowhere/x.pcap", "No such file");
	expect_unopened("/tmp", "Is a directory; name the capture files");
	/* Opens, and then cannot be read. */
	expect_unopened("/proc/self/mem", "cannot read it: Input/output error");
}

/* A pipe gives what it has, piece by piece. */
static void
test_standard_input(void **state)
{
	uint8_t plain[PLAIN_SIZE], packed[PACKED_MAXIMUM];
	char fault[BYTE_SOURCE_FAULT_SIZE];
	int ends[2], saved = dup(STDIN_FILENO);
	size_t size;
	struct byte_source *source;
	uint64_t done, total;
	uint8_t out[PLAIN_SIZE];
	long first, result;

	(void)state;
	make_plain(plain);
	size = add_gzip(packed, 0, plain, PLAIN_SIZE);
	assert_true(saved >= 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(write(ends[1], packed, 900), 900);
	source = byte_source_open("-", fault);
	assert_non_null(source);
	first = byte_source_read(source, out, sizeof(out));
	assert_true(first > 0);
	assert_memory_equal(out, plain, (size_t)first);
	assert_int_equal(
	    write(ends[1], packed + 900, size - 900), (ssize_t)(size - 900));
	close(ends[1]);
	assert_int_equal(read_all(source, 1000, plain + first,
			     PLAIN_SIZE - (size_t)first, &result),
	    PLAIN_SIZE - (size_t)first);
	assert_int_equal(result, 0);
	byte_source_progress(source, &done, &total);
	assert_int_equal(done, size);
	assert_int_equal(total, 0);
	byte_source_close(source);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_memory_comes_in_pieces),
	    cmocka_unit_test(test_packed_in_several_parts),
	    cmocka_unit_test(test_packing_is_said),
	    cmocka_unit_test(test_zstd_after_a_skippable_frame),
	    cmocka_unit_test(test_packed_and_cut),
	    cmocka_unit_test(test_packed_and_damaged),
	    cmocka_unit_test(test_packed_with_a_wrong_checksum),
	    cmocka_unit_test(test_packed_with_rubbish_behind),
	    cmocka_unit_test(test_bomb_comes_in_pieces),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_paths_that_do_not_open),
	    cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
