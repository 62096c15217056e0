#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/base/json_salvage.h"
#include "sensor/base/text.h"
#include "tests/bench/random.h"

/* What is left of a text: its values in short, a 0 for what was left out. */
static void tell(struct text *out, const struct json *value);

static void
tell_member(const char *key, const struct json *value, void *context)
{
	text_format(context, "%s:", key);
	tell(context, value);
}

static void
tell(struct text *out, const struct json *value)
{
	if (json_is_array(value)) {
		text_add_char(out, '[');
		for (size_t i = 0; i < json_count(value); i++) {
			if (i > 0)
				text_add_char(out, ',');
			tell(out, json_at(value, i));
		}
		text_add_char(out, ']');
	} else if (json_is_object(value)) {
		text_add_char(out, '{');
		json_each(value, tell_member, out);
		text_add_char(out, '}');
	} else if (json_is_string(value)) {
		text_add(out, json_text(value));
	} else {
		text_format(out, "%lld", (long long)json_number(value, -1));
	}
}

static void
expect(const char *octets, const char *expected, size_t left_out, unsigned line)
{
	struct json_losses losses;
	struct json_fault fault;
	struct json *document =
	    json_salvage(octets, strlen(octets), &losses, &fault);
	struct text out;

	text_init(&out, 1 << 16);
	if (document == NULL)
		fail_msg("%s: %s", octets, fault.message);
	tell(&out, document);
	assert_string_equal(out.at, expected);
	assert_int_equal(losses.left_out, left_out);
	if (left_out > 0) {
		assert_int_equal(losses.fault.line, line);
		assert_true(losses.fault.message[0] != '\0');
	}
	text_release(&out);
	json_free(document);
}

static void
what_is_fine_is_left_alone(void **state)
{
	(void)state;
	expect("[{\"a\":1},{\"b\":[{\"c\":2}]}]", "[{a:1},{b:[{c:2}]}]", 0, 0);
	expect("7", "7", 0, 0);
}

static void
a_faulty_element_costs_itself(void **state)
{
	(void)state;
	/* A key twice, as in `docker inspect` of a hostile image. */
	expect("[{\"a\":1},\n{\"Id\":2,\"Id\":3},\n{\"a\":4}]",
	    "[{a:1},0,{a:4}]", 1, 2);
	/* A number beyond all bounds, as in a task of Mesos. */
	expect("{\"frameworks\":[{\"tasks\":[{\"a\":1},"
	       "{\"a\":99999999999999999999999}]}],\"slaves\":[]}",
	    "{frameworks:[{tasks:[{a:1},0]}]slaves:[]}", 1, 1);
	expect("[{\"a\":1e999},{\"b\":2},{x},{}]", "[0,{b:2},0,{}]", 2, 1);
	/* The smallest one that is at fault. */
	expect("[{\"a\":[{\"b\":1,\"b\":1}]}]", "[{a:[0]}]", 1, 1);
	/* Brackets in strings are none. */
	expect("[{\"a\":\"]}\\\"{[\"},{\"a\":1,\"a\":\"}]\"}]",
	    "[{a:]}\"{[},0]", 1, 1);
}

static void
refused(const char *octets)
{
	struct json_losses losses;
	struct json_fault fault = {0};

	assert_null(json_salvage(octets, strlen(octets), &losses, &fault));
	assert_true(fault.message[0] != '\0');
}

/* Nobody knows what else is missing then. */
static void
what_is_wrong_around_them_is_wrong(void **state)
{
	(void)state;
	refused("");
	refused("{\"a\":1,\"a\":2}");
	refused("[{\"a\":1,\"a\":2}");
	refused("[{\"a\":1,\"a\":2}}");
	refused("[{\"a\":1,\"a\":2},]");
	refused("{\"b\":[{\"a\":1,\"a\":2}],\"b\":1}");
	refused("[{\"a\":1,\"a\":2},\"");
	refused("[{\"a\":1,\"a\":2},\"\\");
}

static void
text_is_mended_too(void **state)
{
	struct json_losses losses;
	struct json_fault fault;
	static const char octets[] = "[{\"a\":\"\xff\"},{\"a\":1,\"a\":2}]";
	struct json *document =
	    json_salvage(octets, sizeof(octets) - 1, &losses, &fault);

	(void)state;
	assert_non_null(document);
	assert_int_equal(losses.mended, 1);
	assert_int_equal(losses.left_out, 1);
	assert_string_equal(json_get_text(json_at(document, 0), "a"), "?");
	json_free(document);
}

/* Deeper than anybody's lists nothing is looked for; deep texts end. */
static void
depth_has_bounds(void **state)
{
	struct text text;

	(void)state;
	refused("[[[[[{\"a\":1,\"a\":2}]]]]]");
	expect("[[[[{\"a\":1,\"a\":2}]]]]", "[[[[0]]]]", 1, 1);
	text_init(&text, 1 << 20);
	for (int i = 0; i < 200000; i++)
		text_add_char(&text, '[');
	refused(text.at);
	text_release(&text);
}

/* Elements of a list that are as they were made: fine or not. */
static void
any_list_keeps_what_is_fine(void **state)
{
	static const char *const faulty[] = {"{\"k\":1,\"k\":2}",
	    "{\"k\":99999999999999999999}", "{\"k\"}", "{\"k\":{\"l\":tru}}"};
	struct random random = {.state = 11};

	(void)state;
	for (int round = 0; round < 500; round++) {
		uint32_t count = random_below(&random, 12);
		struct text octets, expected;
		size_t left_out = 0;

		text_init(&octets, 1 << 12);
		text_init(&expected, 1 << 12);
		text_add(&octets, "{\"items\": [");
		text_add(&expected, "{items:[");
		for (uint32_t i = 0; i < count; i++) {

			uint32_t which = random_below(&random, 8);

			text_add(&octets, i == 0 ? "\n" : ",\n");
			text_add(&expected, i == 0 ? "" : ",");
			left_out += which < 4;
			text_add(&octets,
			    which < 4 ? faulty[which] : "{\"k\": [{}]}");
			text_add(&expected, which < 4 ? "0" : "{k:[{}]}");
		}
		text_add(&octets, "]}");
		text_add(&expected, "]}");
		if (left_out == 0)
			expect(octets.at, expected.at, 0, 0);
		else {
			struct json_losses losses;
			struct json_fault fault;
			struct json *document = json_salvage(
			    octets.at, octets.length, &losses, &fault);
			struct text told;

			text_init(&told, 1 << 12);
			tell(&told, document);
			assert_string_equal(told.at, expected.at);
			assert_int_equal(losses.left_out, left_out);
			text_release(&told);
			json_free(document);
		}
		text_release(&octets);
		text_release(&expected);
	}
	refused("[{\"k\":[1,2}]},{\"a\":1}]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_fine_is_left_alone),
	    cmocka_unit_test(a_faulty_element_costs_itself),
	    cmocka_unit_test(what_is_wrong_around_them_is_wrong),
	    cmocka_unit_test(text_is_mended_too),
	    cmocka_unit_test(depth_has_bounds),
	    cmocka_unit_test(any_list_keeps_what_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
