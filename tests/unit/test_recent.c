/* What happened within the last minute did, and a second later it did not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/live/recent.h"

static struct instant
at(int64_t milliseconds)
{
	return (struct instant){milliseconds * NS_PER_MS};
}

static void
is_a_minute(void **state)
{
	struct recent recent = {0};

	(void)state;
	/* A machine that began a moment ago has a clock near to nought. */
	assert_false(recent_look(&recent, 0, at(0)));
	assert_false(recent_look(&recent, 0, at(100)));
	assert_true(recent_look(&recent, 3, at(1000)));
	assert_true(recent_look(&recent, 3, at(1000)));
	assert_true(recent_look(&recent, 3, at(60999)));
	assert_false(recent_look(&recent, 3, at(61000)));
	assert_false(recent_look(&recent, 3, at(62000)));
}

static void
begins_anew_with_each(void **state)
{
	struct recent recent = {0};

	(void)state;
	assert_true(recent_look(&recent, 1, at(0)));
	assert_true(recent_look(&recent, 2, at(50000)));
	assert_true(recent_look(&recent, 2, at(109999)));
	assert_false(recent_look(&recent, 2, at(110000)));
	assert_true(recent_look(&recent, 3, at(300000)));
	/* Nothing new came of a count that somebody read half. */
	assert_true(recent_look(&recent, 1, at(310000)));
	assert_true(recent_look(&recent, 3, at(320000)));
	assert_false(recent_look(&recent, 3, at(360000)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_a_minute),
	    cmocka_unit_test(begins_anew_with_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
