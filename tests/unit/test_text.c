#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "sensor/base/text.h"

static void
appends_in_order(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 1000);
	assert_string_equal(text.at, "");
	text_add(&text, "flow ");
	text_add_n(&text, "fromage", 4);
	text_add_char(&text, ' ');
	text_add_int(&text, -17);
	text_format(&text, " %s=%u", "port", 443u);
	assert_string_equal(text.at, "flow from -17 port=443");
	assert_int_equal(text.length, strlen(text.at));
	assert_false(text.overflow);
	text_clear(&text);
	assert_string_equal(text.at, "");
	assert_int_equal(text.length, 0);
	text_release(&text);
}

static void
writes_integers_as_printf_does(void **state)
{
	static const long long values[] = {0, 9, 10, -1, -10, 99, 100, 12345,
	    1000000, INT_MIN, INT_MAX, LLONG_MIN, LLONG_MAX};
	struct text text;
	char expected[32];

	(void)state;
	text_init(&text, 1000);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		text_clear(&text);
		text_add_int(&text, values[i]);
		(void)snprintf(expected, sizeof(expected), "%lld", values[i]);
		assert_string_equal(text.at, expected);
	}
	text_release(&text);
}

static void
grows_to_its_maximum_and_no_further(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 5000);
	for (unsigned i = 0; i < 5000; i++)
		text_add_char(&text, (char)('a' + i % 26));
	assert_false(text.overflow);
	assert_int_equal(text.length, 5000);
	assert_int_equal(text.at[4999], 'a' + 4999 % 26);
	text_add_char(&text, 'x');
	assert_true(text.overflow);
	assert_int_equal(text.length, 5000);
	assert_int_equal(strlen(text.at), 5000);
	assert_true(text.capacity <= 5001);
	text_release(&text);
}

static void
leaves_no_hole(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 10);
	text_add(&text, "12345678");
	text_add(&text, "abc");
	assert_true(text.overflow);
	text_add(&text, "9");
	text_add_int(&text, 9);
	text_format(&text, "%d", 9);
	assert_string_equal(text.at, "12345678");
	text_clear(&text);
	assert_false(text.overflow);
	text_format(&text, "%010d", 7);
	assert_string_equal(text.at, "0000000007");
	assert_false(text.overflow);
	text_add(&text, "");
	text_add_n(&text, NULL, 0);
	assert_false(text.overflow);
	text_release(&text);
}

static void
formats_whole_or_not_at_all(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 1000);
	text_format(&text, "%*d", 900, 1);
	assert_int_equal(text.length, 900);
	text_format(&text, "%*d", 101, 1);
	assert_int_equal(text.length, 900);
	assert_int_equal(strlen(text.at), 900);
	assert_true(text.overflow);
	text_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends_in_order),
	    cmocka_unit_test(writes_integers_as_printf_does),
	    cmocka_unit_test(grows_to_its_maximum_and_no_further),
	    cmocka_unit_test(leaves_no_hole),
	    cmocka_unit_test(formats_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
