#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/record.h"
#include "alerts/sink.h"
#include "sensor/base/file.h"
#include "sensor/base/text.h"

static void
write_lines(struct sink *sink, size_t count, size_t length)
{
	struct text line;

	text_init(&line, length);
	for (size_t i = 0; i < length; i++)
		text_add_char(&line, (char)('a' + i % 26));
	for (size_t i = 0; i < count; i++)
		sink_line(sink, &line);
	text_release(&line);
}

static void
make_path(char path[32])
{
	int file;

	memcpy(path, "/tmp/hedgerow-sink-XXXXXX", 26);
	file = mkstemp(path);
	assert_true(file >= 0);
	close(file);
}

/* The file consists of lines of `length` characters; returns how many. */
static size_t
count_lines(const char *path, size_t length)
{
	char *octets;
	size_t size, lines = 0;

	assert_int_equal(file_read(path, 1 << 24, &octets, &size), 0);
	assert_int_equal(size % (length + 1), 0);
	for (size_t at = length; at < size; at += length + 1, lines++)
		assert_int_equal(octets[at], '\n');
	free(octets);
	return lines;
}

static void
lines_arrive_whole(void **state)
{
	char path[32];
	int error = 1;
	struct sink *sink;

	(void)state;
	make_path(path);
	sink = sink_open(path, &error);
	assert_non_null(sink);
	assert_int_equal(error, 0);
	assert_true(sink_wants(sink));
	write_lines(sink, 20000, 100); /* many buffers full */
	assert_int_equal(sink_written(sink), 20000);
	assert_int_equal(count_lines(path, 100), 20000);
	write_lines(sink, 1, 100);
	assert_int_equal(sink_lost(sink), 0);
	assert_int_equal(sink_close(sink), 0);
	assert_int_equal(count_lines(path, 100), 20001);
	unlink(path);
}

static void
an_old_file_is_replaced(void **state)
{
	char path[32];
	int error;
	struct sink *sink;

	(void)state;
	make_path(path);
	for (int i = 0; i < 2; i++) {
		sink = sink_open(path, &error);
		write_lines(sink, 3, 10);
		assert_int_equal(sink_close(sink), 0);
	}
	assert_int_equal(count_lines(path, 10), 3);
	unlink(path);
}

static void
a_full_disk_is_a_counted_loss(void **state)
{
	int error;
	struct sink *sink = sink_open("/dev/full", &error);

	(void)state;
	assert_non_null(sink);
	write_lines(sink, 10000, 100);
	assert_int_equal(sink_lost(sink), 10000);
	assert_int_equal(sink_written(sink), 0);
	write_lines(sink, 5, 100);
	assert_int_equal(sink_lost(sink), 10005);
	assert_int_equal(sink_close(sink), -ENOSPC);
}

static void
the_last_lines_can_fail_too(void **state)
{
	int error;
	struct sink *sink = sink_open("/dev/full", &error);

	(void)state;
	write_lines(sink, 1, 10);
	assert_int_equal(sink_close(sink), -ENOSPC);
}

/* A disk that fills up in the middle of a line, by way of a size limit. */
static void
a_torn_line_is_cut_off(void **state)
{
	struct rlimit before, limit;
	char path[32];
	int error;
	size_t lines;
	struct sink *sink;

	(void)state;
	make_path(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 300050;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	sink = sink_open(path, &error);
	write_lines(sink, 5000, 100);
	assert_int_equal(sink_written(sink) + sink_lost(sink), 5000);
	lines = (size_t)sink_written(sink);
	assert_int_equal(sink_close(sink), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(lines, 300050 / 101);
	assert_int_equal(count_lines(path, 100), lines);
	unlink(path);
}

static void
half_a_record_is_lost_not_written(void **state)
{
	char path[32];
	int error;
	struct text line;
	struct sink *sink;

	(void)state;
	make_path(path);
	sink = sink_open(path, &error);
	text_init(&line, 4);
	text_add(&line, "1234");
	text_add(&line, "5");
	sink_line(sink, &line);
	text_clear(&line);
	text_add(&line, "good");
	sink_line(sink, &line);
	text_release(&line);
	assert_int_equal(sink_lost(sink), 1);
	assert_int_equal(sink_written(sink), 1);
	assert_int_equal(sink_close(sink), 0);
	assert_int_equal(count_lines(path, 4), 1);
	unlink(path);
}

static void
the_longest_record_fits(void **state)
{
	char path[32];
	int error;
	struct sink *sink;

	(void)state;
	make_path(path);
	sink = sink_open(path, &error);
	write_lines(sink, 9, RECORD_MAXIMUM);
	assert_int_equal(sink_close(sink), 0);
	assert_int_equal(count_lines(path, RECORD_MAXIMUM), 9);
	unlink(path);
}

static void
no_path_takes_nothing(void **state)
{
	int error = 1;
	struct sink *sink = sink_open(NULL, &error);

	(void)state;
	assert_non_null(sink);
	assert_int_equal(error, 0);
	assert_false(sink_wants(sink));
	write_lines(sink, 3, 10);
	assert_int_equal(sink_written(sink), 0);
	assert_int_equal(sink_lost(sink), 0);
	assert_int_equal(sink_close(sink), 0);
	assert_int_equal(sink_close(NULL), 0);
}

static void
a_path_that_cannot_be_opened_says_why(void **state)
{
	int error = 0;

	(void)state;
	assert_null(sink_open("/nonexistent/directory/file", &error));
	assert_int_equal(error, -ENOENT);
}

static void
a_dash_is_standard_output(void **state)
{
	char path[32];
	int error, saved, file;
	struct sink *sink;

	(void)state;
	make_path(path);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0);
	file = open(path, O_WRONLY);
	assert_true(file >= 0);
	dup2(file, STDOUT_FILENO);
	sink = sink_open("-", &error);
	write_lines(sink, 2, 10);
	error = sink_close(sink);
	/* Standard output is the caller's and still open. */
	file = dup2(saved, STDOUT_FILENO);
	assert_int_equal(file, STDOUT_FILENO);
	assert_int_equal(error, 0);
	assert_int_equal(count_lines(path, 10), 2);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_arrive_whole),
	    cmocka_unit_test(an_old_file_is_replaced),
	    cmocka_unit_test(a_full_disk_is_a_counted_loss),
	    cmocka_unit_test(the_last_lines_can_fail_too),
	    cmocka_unit_test(a_torn_line_is_cut_off),
	    cmocka_unit_test(half_a_record_is_lost_not_written),
	    cmocka_unit_test(the_longest_record_fits),
	    cmocka_unit_test(no_path_takes_nothing),
	    cmocka_unit_test(a_path_that_cannot_be_opened_says_why),
	    cmocka_unit_test(a_dash_is_standard_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
