#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/json_split.h"
#include "sensor/base/text.h"

/* What was handed out, one after the other, each in brackets. */
struct taken {
	struct text text;
	size_t count, stop_after;
};

static bool
take(const char *octets, size_t size, void *context)
{
	struct taken *taken = context;

	text_add_char(&taken->text, '<');
	text_add_n(&taken->text, octets, size);
	text_add_char(&taken->text, '>');
	return ++taken->count != taken->stop_after;
}

/* Feeds a text `step` octets at a time, each in a copy of its size. */
static enum json_split_status
feed(struct json_split *split, const char *text, size_t step)
{
	enum json_split_status status = JSON_SPLIT_ON;

	for (size_t i = 0; text[i] != '\0' && status == JSON_SPLIT_ON;) {
		size_t size = strnlen(text + i, step);
		char *copy = malloc(size);

		assert_non_null(copy);
		memcpy(copy, text + i, size);
		status = json_split_feed(split, copy, size);
		free(copy);
		i += size;
	}
	return status;
}

/* However the stream is cut, the same comes of it. */
static void
check(enum json_split_shape shape, const char *text, const char *expected,
    enum json_split_status status, bool whole, const char *around)
{
	for (size_t step = 1; step <= strlen(text) + 1; step++) {
		struct taken taken = {0};
		struct json_split *split;
		size_t size;

		text_init(&taken.text, 4096);
		split = json_split_new(
		    shape, 64, (struct json_split_taker){take, &taken});
		assert_int_equal(feed(split, text, step), status);
		assert_string_equal(taken.text.at, expected);
		assert_int_equal(json_split_is_whole(split), whole);
		if (around != NULL)
			assert_string_equal(
			    json_split_around(split, &size), around);
		json_split_free(split);
		text_release(&taken.text);
	}
}

static void
objects_one_after_the_other(void **state)
{
	(void)state;
	check(JSON_SPLIT_OBJECTS, "", "", JSON_SPLIT_ON, true, NULL);
	check(JSON_SPLIT_OBJECTS, "{\"a\":1}\n{\"b\":{\"c\":[]}}{}\r\n",
	    "<{\"a\":1}><{\"b\":{\"c\":[]}}><{}>", JSON_SPLIT_ON, true, NULL);
	/* What is half written is not handed out. */
	check(JSON_SPLIT_OBJECTS, "{}\n{\"a\":", "<{}>", JSON_SPLIT_ON, false,
	    NULL);
	check(JSON_SPLIT_OBJECTS, "{\"a\":\"", "", JSON_SPLIT_ON, false, NULL);
}

static void
brackets_and_quotes_in_strings(void **state)
{
	(void)state;
	check(JSON_SPLIT_OBJECTS, "{\"}\":\"]{\"}{\"\\\"}\":\"\\\\\"}",
	    "<{\"}\":\"]{\"}><{\"\\\"}\":\"\\\\\"}>", JSON_SPLIT_ON, true,
	    NULL);
}

static void
items_and_what_is_around(void **state)
{
	(void)state;
	check(JSON_SPLIT_ITEMS,
	    "{\"kind\":\"items\",\"items\":[{\"a\":1}, {\"items\":[{}]}],"
	    "\"m\":{\"v\":\"7\"}}\n",
	    "<{\"a\":1}><{\"items\":[{}]}>", JSON_SPLIT_ON, true,
	    "{\"kind\":\"items\",\"items\":[],\"m\":{\"v\":\"7\"}}");
	check(JSON_SPLIT_ITEMS, "{\"m\":{\"items\":[{\"a\":1}]},\"items\":[]}",
	    "", JSON_SPLIT_ON, true,
	    "{\"m\":{\"items\":[{\"a\":1}]},\"items\":[]}");
	check(JSON_SPLIT_ITEMS, "{\"items\":null}", "", JSON_SPLIT_ON, true,
	    "{\"items\":null}");
	/* Keys that only begin or end like it. */
	check(JSON_SPLIT_ITEMS, "{\"itemsx\":[{}],\"item\":[{}]}", "",
	    JSON_SPLIT_ON, true, "{\"itemsx\":[{}],\"item\":[{}]}");
	check(JSON_SPLIT_ITEMS, "{\"items\":[{\"a\":1},{\"b\"", "<{\"a\":1}>",
	    JSON_SPLIT_ON, false, NULL);
	check(JSON_SPLIT_ITEMS, "{\"items\":[{}]", "<{}>", JSON_SPLIT_ON, false,
	    NULL);
}

static void
what_is_no_such_stream(void **state)
{
	(void)state;
	check(JSON_SPLIT_OBJECTS, "<html>", "", JSON_SPLIT_BROKEN, false, NULL);
	check(
	    JSON_SPLIT_OBJECTS, "{}]", "<{}>", JSON_SPLIT_BROKEN, false, NULL);
	check(JSON_SPLIT_OBJECTS, "{},{}", "<{}>", JSON_SPLIT_BROKEN, false,
	    NULL);
	check(JSON_SPLIT_ITEMS, "[{}]", "", JSON_SPLIT_BROKEN, false, NULL);
	check(JSON_SPLIT_ITEMS, "{\"items\":[1]}", "", JSON_SPLIT_BROKEN, false,
	    NULL);
	check(JSON_SPLIT_ITEMS, "{\"items\":[[]]}", "", JSON_SPLIT_BROKEN,
	    false, NULL);
	check(JSON_SPLIT_ITEMS, "{}{}", "", JSON_SPLIT_BROKEN, false, NULL);
}

/* The one that is too large is left out, and the others are not. */
static void
large_objects(void **state)
{
	char text[400], large[101];
	struct taken taken = {0};
	struct json_split *split;

	(void)state;
	memset(large, 'x', 100);
	large[100] = '\0';
	(void)snprintf(
	    text, sizeof(text), "{\"a\":1}{\"b\":\"%s\"}{\"c\":2}", large);
	text_init(&taken.text, 4096);
	split = json_split_new(
	    JSON_SPLIT_OBJECTS, 64, (struct json_split_taker){take, &taken});
	assert_int_equal(feed(split, text, 7), JSON_SPLIT_ON);
	assert_string_equal(taken.text.at, "<{\"a\":1}><{\"c\":2}>");
	assert_int_equal(json_split_oversized(split), 1);
	json_split_free(split);
	text_release(&taken.text);
}

static void
takers_that_stop_and_new_streams(void **state)
{
	struct taken taken = {.stop_after = 2};
	struct json_split *split;

	(void)state;
	text_init(&taken.text, 4096);
	split = json_split_new(
	    JSON_SPLIT_OBJECTS, 64, (struct json_split_taker){take, &taken});
	assert_int_equal(feed(split, "{}{}{}", 99), JSON_SPLIT_STOPPED);
	assert_int_equal(taken.count, 2);
	/* Nothing of a stream is left in the next. */
	assert_int_equal(feed(split, "{\"a\":\"", 99), JSON_SPLIT_ON);
	json_split_restart(split, JSON_SPLIT_ITEMS);
	text_clear(&taken.text);
	assert_int_equal(
	    feed(split, "{\"items\":[{\"b\":1}]}", 99), JSON_SPLIT_ON);
	assert_string_equal(taken.text.at, "<{\"b\":1}>");
	assert_true(json_split_is_whole(split));
	json_split_free(split);
	text_release(&taken.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_one_after_the_other),
	    cmocka_unit_test(brackets_and_quotes_in_strings),
	    cmocka_unit_test(items_and_what_is_around),
	    cmocka_unit_test(what_is_no_such_stream),
	    cmocka_unit_test(large_objects),
	    cmocka_unit_test(takers_that_stop_and_new_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
