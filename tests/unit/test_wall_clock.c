#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sensor/live/wall_clock.h"

#define HOUR (3600 * NS_PER_SECOND)

/* Nothing here sets a clock; what was seen last is changed instead. */
static int64_t
set_by(int64_t by)
{
	struct wall_clock clock = wall_clock_new();
	int64_t set, again;

	clock.ahead -= by;
	if (by != NS_PER_SECOND / 2 && by != -NS_PER_SECOND / 2)
		assert_true(wall_clock_is_other(&clock) == (by != 0));
	(void)wall_clock_look(&clock, &set);
	(void)wall_clock_look(&clock, &again);
	assert_int_equal(again, 0);
	return set;
}

static bool
is_about(int64_t value, int64_t expected)
{
	return value > expected - NS_PER_SECOND / 10 &&
	       value < expected + NS_PER_SECOND / 10;
}

static void
test_a_clock_that_goes_is_not_set(void **state)
{
	(void)state;
	assert_int_equal(set_by(0), 0);
	assert_int_equal(set_by(NS_PER_SECOND / 2), 0);
	assert_int_equal(set_by(-NS_PER_SECOND / 2), 0);
}

static void
test_it_says_by_how_much(void **state)
{
	(void)state;
	assert_true(is_about(set_by(HOUR), HOUR));
	assert_true(is_about(set_by(-HOUR), -HOUR));
	assert_true(is_about(set_by(2 * NS_PER_SECOND), 2 * NS_PER_SECOND));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_clock_that_goes_is_not_set),
	    cmocka_unit_test(test_it_says_by_how_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
