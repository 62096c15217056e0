#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

static struct json *
parsed(const char *text)
{
	struct json_fault fault;
	struct json *document = json_parse(text, strlen(text), &fault);

	if (document == NULL)
		fail_msg("%s: %s", text, fault.message);
	return document;
}

static void
refused_n(const char *octets, size_t size, unsigned line)
{
	struct json_fault fault = {.line = 0};
	struct json *document = json_parse(octets, size, &fault);

	if (document != NULL)
		fail_msg("accepted: %s", octets);
	assert_int_equal(fault.line, line);
	assert_true(fault.column >= 1);
	assert_true(fault.message[0] != '\0');
}

#define REFUSED(octets, line) refused_n(octets, sizeof(octets) - 1, line)

static void
walks_a_document(void **state)
{
	struct json *document =
	    parsed("{\"Name\": \"/web\", \"Pid\": -7, \"Up\": true,"
		   " \"Down\": false, \"Real\": 1.5,"
		   " \"Ports\": [80, {\"a\": \"b\"}], \"Nil\": null}");
	const struct json *ports = json_get(document, "Ports");

	(void)state;
	assert_true(json_is_object(document));
	assert_string_equal(json_get_text(document, "Name"), "/web");
	assert_true(json_is_string(json_get(document, "Name")));
	assert_int_equal(json_get_integer(document, "Pid", 0), -7);
	assert_int_equal(json_get_integer(document, "Real", 9), 9);
	assert_true(json_is_true(json_get(document, "Up")));
	assert_false(json_is_true(json_get(document, "Down")));
	assert_true(json_is_array(ports));
	assert_int_equal(json_count(ports), 2);
	assert_int_equal(json_number(json_at(ports, 0), 0), 80);
	assert_string_equal(json_get_text(json_at(ports, 1), "a"), "b");
	assert_null(json_at(ports, 2));
	json_free(document);
	json_free(NULL);
}

static void
walk_nothing(const struct json *value)
{
	assert_null(json_get(value, "x"));
	assert_null(json_get_text(value, "x"));
	assert_int_equal(json_get_integer(value, "x", 5), 5);
	assert_null(json_at(value, 0));
	assert_int_equal(json_count(value), 0);
	assert_false(json_is_true(value));
	assert_false(json_is_array(value));
}

static void
fail_each(const char *key, const struct json *value, void *context)
{
	(void)value;
	(void)context;
	fail_msg("called for %s", key);
}

static void
answers_nothing_for_the_wrong_kind(void **state)
{
	struct json *text = parsed("\"x\""), *number = parsed("12");
	struct json *array = parsed("[1]"), *empty = parsed("{}");

	(void)state;
	walk_nothing(NULL);
	walk_nothing(text);
	walk_nothing(number);
	walk_nothing(empty);
	assert_null(json_get(array, "x"));
	assert_null(json_text(number));
	assert_null(json_text(NULL));
	assert_int_equal(json_number(text, 3), 3);
	assert_int_equal(json_number(NULL, 3), 3);
	assert_false(json_is_object(NULL));
	assert_false(json_is_object(array));
	assert_false(json_is_string(NULL));
	assert_false(json_is_string(array));
	json_each(NULL, fail_each, NULL);
	json_each(array, fail_each, NULL);
	json_each(empty, fail_each, NULL);
	json_free(text);
	json_free(number);
	json_free(array);
	json_free(empty);
}

static void
note(const char *key, const struct json *value, void *context)
{
	struct text *seen = context;

	text_format(seen, "%s=%d;", key, (int)json_number(value, -1));
}

static void
calls_each_member_in_order(void **state)
{
	struct json *document =
	    parsed("{\"z\":1,\"a\":2,\"m\":{\"q\":4},\"b\":3}");
	struct text seen;

	(void)state;
	text_init(&seen, 100);
	json_each(document, note, &seen);
	assert_string_equal(seen.at, "z=1;a=2;m=-1;b=3;");
	text_release(&seen);
	json_free(document);
}

static void
refuses_what_is_not_strict(void **state)
{
	(void)state;
	REFUSED("", 1);
	REFUSED(" ", 1);
	REFUSED("{\"a\":1,\n\"a\":2}", 2);
	REFUSED("{\"a\":1} x", 1);
	REFUSED("{\"a\":1}{}", 1);
	REFUSED("{}\0", 1);
	REFUSED("\"a\\u0000b\"", 1);
	REFUSED("{\"a\\u0000b\":1}", 1);
	REFUSED("\"a\0b\"", 1);
	REFUSED("\"\xff\"", 1);
	REFUSED("\"\xc0\xaf\"", 1);
	REFUSED("\"\xed\xa0\x80\"", 1);
	REFUSED("\"\\ud800\"", 1);
	REFUSED("\n\n[1,]", 3);
	REFUSED("{'a':1}", 1);
	REFUSED("[1", 1);
	REFUSED("NaN", 1);
	REFUSED("01", 1);
	REFUSED("99999999999999999999", 1);
	REFUSED("1e999", 1);
	REFUSED("/* */ 1", 1);
	REFUSED("\xef\xbb\xbf{}", 1);
}

static void
limits_nesting(void **state)
{
	struct json_fault fault;
	struct json *document;
	char text[4 * 129];

	(void)state;
	memset(text, '[', 128);
	memset(text + 128, ']', 128);
	document = json_parse(text, 256, &fault);
	assert_non_null(document);
	json_free(document);
	memset(text, '[', 129);
	memset(text + 129, ']', 129);
	assert_null(json_parse(text, 258, &fault));
	assert_non_null(strstr(fault.message, "deep"));
	assert_int_equal(fault.line, 1);
	assert_int_equal(fault.column, 129);
}

/* Brackets in strings, and after escaped quotes, do not nest. */
static void
counts_no_brackets_in_strings(void **state)
{
	struct json_fault fault;
	struct json *document;
	struct text text;

	(void)state;
	text_init(&text, 10000);
	text_add(&text, "[\"\\\"");
	for (unsigned i = 0; i < 500; i++)
		text_add_char(&text, i % 2 == 0 ? '[' : '{');
	text_add(&text, "\\\\\"]");
	document = json_parse(text.at, text.length, &fault);
	assert_non_null(document);
	json_free(document);
	text_release(&text);
}

static void
gives_no_control_characters_to_a_terminal(void **state)
{
	struct json_fault fault;

	(void)state;
	assert_null(json_parse("[1, \x1b[2J]", 9, &fault));
	for (const char *c = fault.message; *c != '\0'; c++)
		assert_true((unsigned char)*c >= 0x20);
}

static void
assert_mended(const char *text, size_t expected, const char *becomes)
{
	struct json_fault fault;
	size_t mended;
	struct json *document =
	    json_parse_foreign(text, strlen(text), &mended, &fault);

	assert_non_null(document);
	assert_int_equal(mended, expected);
	assert_string_equal(json_text(json_at(document, 0)), becomes);
	json_free(document);
}

/* RFC 3629, section 4; RFC 8259, section 7. */
static void
mends_what_is_no_text(void **state)
{
	struct json_fault fault;
	size_t mended;

	(void)state;
	assert_mended("[\"plain \xc3\xa9\"]", 0, "plain \xc3\xa9");
	assert_mended("[\"\xff \xc0\x80 \xc3\"]", 4, "? ?? ?");
	assert_mended("[\"\xed\xa0\x80\"]", 3, "???");
	assert_mended("[\"\xf4\x90\x80\x80\"]", 4, "????");
	assert_mended("[\"\xe0\x9f\xbf\xf0\x8f\xbf\xbf\"]", 7, "???????");
	assert_mended("[\"a\\u0000b\"]", 1,
	    "a\xef\xbf\xbd"
	    "b");
	assert_mended("[\"\\ud800\\udbff\"]", 2, "\xef\xbf\xbd\xef\xbf\xbd");
	/* A whole pair, and what only looks like an escape, stay. */
	assert_mended("[\"\\ud83d\\ude00 \\\\u0000 \xff\"]", 1,
	    "\xf0\x9f\x98\x80 \\u0000 ?");
	assert_null(json_parse_foreign("[\"\xff", 3, &mended, &fault));
	assert_null(json_parse_foreign("[\"\\ud800", 8, &mended, &fault));
	assert_null(json_parse_foreign("[\"\\", 3, &mended, &fault));
	assert_null(json_parse_foreign("", 0, &mended, &fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walks_a_document),
	    cmocka_unit_test(answers_nothing_for_the_wrong_kind),
	    cmocka_unit_test(calls_each_member_in_order),
	    cmocka_unit_test(refuses_what_is_not_strict),
	    cmocka_unit_test(mends_what_is_no_text),
	    cmocka_unit_test(limits_nesting),
	    cmocka_unit_test(counts_no_brackets_in_strings),
	    cmocka_unit_test(gives_no_control_characters_to_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
