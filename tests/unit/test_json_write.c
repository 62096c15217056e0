#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

static void
puts_commas_and_brackets(void **state)
{
	struct text text;
	struct json_writer writer;

	(void)state;
	text_init(&text, 1000);
	writer = json_to(&text);
	json_object_open(&writer, NULL);
	json_put_string(&writer, "proto", "TCP");
	json_put_string(&writer, "unknown", NULL);
	json_put_string_n(&writer, "cut", "abcdef", 3);
	json_put_string_n(&writer, "none", NULL, 0);
	json_object_open(&writer, "labels");
	json_put_member(&writer, "app\"x", "web");
	json_put_member(&writer, "gone", NULL);
	json_put_member(&writer, "tier", "");
	json_object_close(&writer);
	json_object_open(&writer, "empty");
	json_object_close(&writer);
	json_array_open(&writer, "list");
	json_put_int(&writer, NULL, -3);
	json_put_bool(&writer, NULL, true);
	json_array_open(&writer, NULL);
	json_array_close(&writer);
	json_put_string(&writer, NULL, "x");
	json_array_close(&writer);
	json_put_bool(&writer, "last", false);
	json_object_close(&writer);
	assert_string_equal(text.at,
	    "{\"proto\":\"TCP\",\"cut\":\"abc\","
	    "\"labels\":{\"app\\\"x\":\"web\",\"tier\":\"\"},\"empty\":{},"
	    "\"list\":[-3,true,[],\"x\"],\"last\":false}");
	text_release(&text);
}

static void
starts_at_the_end_of_a_text(void **state)
{
	struct text text;
	struct json_writer writer;

	(void)state;
	text_init(&text, 1000);
	text_add(&text, "1\n");
	writer = json_to(&text);
	json_put_int(&writer, NULL, INT64_MIN);
	assert_string_equal(text.at, "1\n-9223372036854775808");
	text_release(&text);
}

static void
becomes(const char *octets, size_t size, const char *expected)
{
	struct text text;
	struct json_writer writer;

	text_init(&text, 10000);
	writer = json_to(&text);
	json_put_string_n(&writer, NULL, octets, size);
	assert_string_equal(text.at, expected);
	text_release(&text);
}

#define BECOMES(octets, expected)                                              \
	becomes(octets, sizeof(octets) - 1, "\"" expected "\"")

static void
escapes_what_must_be(void **state)
{
	(void)state;
	BECOMES("", "");
	BECOMES("/a b~", "/a b~");
	BECOMES("\"\\", "\\\"\\\\");
	BECOMES("\b\t\n\f\r", "\\b\\t\\n\\f\\r");
	BECOMES("a\0b", "a\\u0000b");
	BECOMES("\x01\x1f\x7f", "\\u0001\\u001f\\u007f");
	BECOMES("\xc2\x80\xc2\x85\xc2\x9f\xc2\xa0",
	    "\\u0080\\u0085\\u009f\xc2\xa0");
	BECOMES("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
	    "\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa");
}

#define BAD "\xef\xbf\xbd"

static void
replaces_what_is_not_utf8(void **state)
{
	(void)state;
	BECOMES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3");
	/* A lone continuation, leads that never occur, and cut ends. */
	BECOMES("a\x80z", "a" BAD "z");
	BECOMES("\xc0\xaf\xc1\xbf", BAD BAD BAD BAD);
	BECOMES("\xf5\x80\xfe\xff", BAD BAD BAD BAD);
	BECOMES("a\xc3", "a" BAD);
	BECOMES("\xe2\x82", BAD);
	BECOMES("\xe2\x82z", BAD "z");
	BECOMES("\xf0\x9f\x90", BAD);
	BECOMES("\xc3\xc3\xa9", BAD "\xc3\xa9");
	/* Overlong forms, the surrogates, and what is above U+10FFFF. */
	BECOMES("\xe0\x9f\xbf", BAD BAD BAD);
	BECOMES("\xf0\x8f\xbf\xbf", BAD BAD BAD BAD);
	BECOMES("\xed\xa0\x80", BAD BAD BAD);
	BECOMES("\xed\xbf\xbf", BAD BAD BAD);
	BECOMES("\xf4\x90\x80\x80", BAD BAD BAD BAD);
	/* The outermost characters that are allowed. */
	BECOMES("\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80",
	    "\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80");
	BECOMES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

/* The UTF-8 of every character, surrogates included, from its definition. */
static size_t
encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 63));
		out[2] = (char)(0x80 | (code & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 63));
	out[2] = (char)(0x80 | (code >> 6 & 63));
	out[3] = (char)(0x80 | (code & 63));
	return 4;
}

static void
keeps_every_character(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 100);
	for (uint32_t code = 0x20; code < 0x110800; code++) {
		char octets[5] = {0};
		size_t size = encode(code, octets);
		struct json_writer writer = json_to(&text);
		bool allowed =
		    code < 0xd800 || (code > 0xdfff && code < 0x110000);
		bool escaped = code == '"' || code == '\\' ||
			       (code >= 0x7f && code < 0xa0) ||
			       code == 0x2028 || code == 0x2029;

		text_clear(&text);
		json_put_string_n(&writer, NULL, octets, size);
		if (escaped)
			assert_int_equal(text.at[1], '\\');
		else if (allowed)
			assert_memory_equal(text.at + 1, octets, size);
		else
			assert_memory_equal(text.at + 1, BAD, 3);
	}
	text_release(&text);
}

/* Whatever is written, a strict reader takes, and the line has one end. */
static void
writes_what_a_strict_reader_takes(void **state)
{
	struct text text;

	(void)state;
	srandom(4);
	text_init(&text, 1000);
	for (unsigned i = 0; i < 30000; i++) {
		char octets[24];
		size_t size = (size_t)random() % sizeof(octets);
		struct json_writer writer = json_to(&text);
		struct json_fault fault;
		struct json *document;

		for (size_t j = 0; j < size; j++)
			octets[j] =
			    (char)(random() % 3 == 0 ? 1 + random() % 127
						     : 0x80 + random() % 128);
		text_clear(&text);
		json_put_string_n(&writer, NULL, octets, size);
		assert_null(strchr(text.at, '\n'));
		document = json_parse(text.at, text.length, &fault);
		assert_non_null(document);
		json_free(document);
	}
	text_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(puts_commas_and_brackets),
	    cmocka_unit_test(starts_at_the_end_of_a_text),
	    cmocka_unit_test(escapes_what_must_be),
	    cmocka_unit_test(replaces_what_is_not_utf8),
	    cmocka_unit_test(keeps_every_character),
	    cmocka_unit_test(writes_what_a_strict_reader_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
