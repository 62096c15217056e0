#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/sink.h"
#include "sensor/base/file.h"
#include "sensor/base/text.h"

static void
write_line(struct sink *sink, const char *words)
{
	struct text line;

	text_init(&line, 1000);
	text_add(&line, words);
	sink_line(sink, &line);
	text_release(&line);
}

static void
assert_holds(const char *path, const char *expected)
{
	char *octets;
	size_t size;

	assert_int_equal(file_read(path, 1 << 20, &octets, &size), 0);
	assert_string_equal(octets, expected);
	free(octets);
}

static void
put(const char *path, const char *octets)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(octets, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
make_directory(char path[40])
{
	memcpy(path, "/tmp/hedgerow-sink-XXXXXX", 26);
	assert_non_null(mkdtemp(path));
}

/* A pipe that somebody else reads, or does not. */
static struct sink *
open_pipe(const char *path, int *reader)
{
	struct sink *sink;
	int error;

	assert_int_equal(mkfifo(path, 0600), 0);
	*reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(*reader >= 0);
	sink = sink_open_live(path, &error);
	assert_non_null(sink);
	return sink;
}

static void
goes_on_at_the_end_of_a_file(void **state)
{
	char directory[40], path[64];
	struct sink *sink;
	int error;

	(void)state;
	make_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/log", directory);
	for (int i = 0; i < 2; i++) {
		sink = sink_open_live(path, &error);
		assert_non_null(sink);
		write_line(sink, i == 0 ? "first" : "second");
		assert_int_equal(sink_close(sink), 0);
	}
	assert_holds(path, "first\nsecond\n");
	(void)unlink(path);
	(void)rmdir(directory);
}

/* What was killed amid a line must not cost the first record after it. */
static void
ends_the_half_line_of_before(void **state)
{
	char directory[40], path[64], other[64];
	struct sink *sink;
	int error;

	(void)state;
	make_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/log", directory);
	(void)snprintf(other, sizeof(other), "%s/other", directory);
	put(path, "whole\nhal");
	put(other, "anoth");
	sink = sink_open_live(path, &error);
	assert_non_null(sink);
	assert_int_equal(sink_written(sink), 0);
	assert_holds(path, "whole\nhal"); /* nothing, for no record */
	write_line(sink, "first");
	assert_int_equal(sink_reopen(sink, path), 0);
	write_line(sink, "second");
	assert_int_equal(sink_reopen(sink, other), 0);
	write_line(sink, "third");
	assert_int_equal(sink_written(sink), 3);
	assert_int_equal(sink_close(sink), 0);
	assert_holds(path, "whole\nhal\nfirst\nsecond\n");
	assert_holds(other, "anoth\nthird\n");
	(void)unlink(path);
	(void)unlink(other);
	(void)rmdir(directory);
}

static void
follows_a_rotation(void **state)
{
	char directory[40], path[64], old[64];
	struct sink *sink;
	int error;

	(void)state;
	make_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/log", directory);
	(void)snprintf(old, sizeof(old), "%s/old", directory);
	sink = sink_open_live(path, &error);
	assert_non_null(sink);
	write_line(sink, "before");
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(sink_reopen(sink, path), 0);
	write_line(sink, "after");
	assert_int_equal(sink_reopen(sink, "/nonexistent/log"), -2);
	write_line(sink, "and still there");
	assert_int_equal(sink_written(sink), 3);
	assert_int_equal(sink_close(sink), 0);
	assert_holds(old, "before\n");
	assert_holds(path, "after\nand still there\n");
	(void)unlink(path);
	(void)unlink(old);
	(void)rmdir(directory);
}

/* Reads what there is; returns octets and counts the lines. */
static size_t
drain(int reader, uint64_t *lines)
{
	char octets[4096];
	size_t total = 0;
	ssize_t size;

	while ((size = read(reader, octets, sizeof(octets))) > 0) {
		total += (size_t)size;
		for (ssize_t i = 0; i < size; i++)
			*lines += octets[i] == '\n';
	}
	return total;
}

static void
never_waits_and_counts_what_is_lost(void **state)
{
	char directory[40], path[64], words[400];
	uint64_t lines = 0, offered = 10000, octets = 0;
	struct sink *sink;
	int reader;

	(void)state;
	make_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/pipe", directory);
	sink = open_pipe(path, &reader);
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	/* More than pipe and buffer hold together. */
	for (uint64_t i = 0; i < offered; i++)
		write_line(sink, words);
	assert_true(sink_lost(sink) > 0);
	assert_true(sink_waiting(sink) > 0);
	assert_int_equal(
	    sink_written(sink) + sink_waiting(sink) + sink_lost(sink), offered);
	while (sink_waiting(sink) > 0)
		octets += drain(reader, &lines);
	octets += drain(reader, &lines);
	assert_int_equal(sink_written(sink) + sink_lost(sink), offered);
	assert_int_equal(lines, sink_written(sink));
	assert_int_equal(octets, lines * sizeof(words));
	assert_int_equal(sink_close(sink), 0);
	(void)close(reader);
	(void)unlink(path);
	(void)rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_on_at_the_end_of_a_file),
	    cmocka_unit_test(ends_the_half_line_of_before),
	    cmocka_unit_test(follows_a_rotation),
	    cmocka_unit_test(never_waits_and_counts_what_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
