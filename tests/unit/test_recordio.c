#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/sources/recordio.h"
#include "sensor/base/text.h"

/* Reads the stream in pieces of that size; writes `[record]` for each. */
static enum recordio_status
read_in_pieces(struct recordio *reader, const char *stream, size_t size,
    size_t piece, struct text *out)
{
	enum recordio_status status = RECORDIO_MORE;

	text_clear(out);
	for (size_t at = 0; at < size && status != RECORDIO_BROKEN;
	     at += piece) {
		const char *octets = stream + at;
		size_t left = size - at < piece ? size - at : piece;

		while ((status = recordio_take(reader, &octets, &left)) ==
		       RECORDIO_RECORD) {
			assert_int_equal(
			    strlen(reader->record), reader->length);
			text_format(out, "[%s]", reader->record);
		}
	}
	return status;
}

static void
assert_reads(const char *stream, enum recordio_status status, bool between,
    const char *records)
{
	struct recordio reader;
	struct text out;

	text_init(&out, 4096);
	for (size_t piece = 1; piece <= strlen(stream) + 1; piece++) {
		recordio_init(&reader, 1000);
		assert_int_equal(read_in_pieces(&reader, stream, strlen(stream),
				     piece, &out),
		    status);
		assert_string_equal(out.at, records);
		assert_int_equal(recordio_between(&reader), between);
		recordio_release(&reader);
	}
	text_release(&out);
}

static void
records_in_any_pieces(void **state)
{
	(void)state;
	assert_reads(
	    "5\nhello3\n{\n}1\n1", RECORDIO_MORE, true, "[hello][{\n}][1]");
	assert_reads("\n\n2\nab\n\n1\nc\n", RECORDIO_MORE, true, "[ab][c]");
	assert_reads("007\nsevens!", RECORDIO_MORE, true, "[sevens!]");
}

static void
half_a_record_is_none(void **state)
{
	(void)state;
	assert_reads("5\nhell", RECORDIO_MORE, false, "");
	assert_reads("2\nab12", RECORDIO_MORE, false, "[ab]");
	assert_reads("2\nab12\n", RECORDIO_MORE, false, "[ab]");
}

static void
what_is_no_stream_is_refused(void **state)
{
	static const char *const streams[] = {"{\"a\":1}", "-1\na", "+1\na",
	    " 1\na", "1 \na", "0\n", "00\n", "0x1\na", "1001\na",
	    "99999999999999999999\na", "18446744073709551617\na",
	    "000000000000000000001\na", "1\r\na"};

	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
		assert_reads(streams[i], RECORDIO_BROKEN, false, "");
	assert_reads("2\nabx", RECORDIO_BROKEN, false, "[ab]");
}

static void
a_promise_takes_no_memory(void **state)
{
	static const char stream[] = "1000000000000\nab";
	const char *octets = stream;
	size_t size = sizeof(stream) - 1;
	struct recordio reader;

	(void)state;
	recordio_init(&reader, SIZE_MAX / 2);
	assert_int_equal(recordio_take(&reader, &octets, &size), RECORDIO_MORE);
	assert_int_equal(reader.length, 2);
	assert_true(reader.capacity <= 8192);
	recordio_release(&reader);
}

static void
the_maximum_is_allowed(void **state)
{
	struct recordio reader;
	struct text out;

	(void)state;
	text_init(&out, 4096);
	recordio_init(&reader, 4);
	assert_int_equal(
	    read_in_pieces(&reader, "4\nabcd5\n", 8, 3, &out), RECORDIO_BROKEN);
	assert_string_equal(out.at, "[abcd]");
	recordio_release(&reader);
	text_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_in_any_pieces),
	    cmocka_unit_test(half_a_record_is_none),
	    cmocka_unit_test(what_is_no_stream_is_refused),
	    cmocka_unit_test(a_promise_takes_no_memory),
	    cmocka_unit_test(the_maximum_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
