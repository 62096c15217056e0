/* Times and days as people say them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/commands/span.h"

/* 2026-11-21 is a Saturday. */
static struct instant
at(const char *text)
{
	struct instant instant;

	assert_true(instant_parse(text, &instant));
	return instant;
}

static void
assert_time(const char *text, const char *expected)
{
	struct instant out;

	assert_true(span_time(text, at("2026-11-21T10:20:30Z"), &out));
	assert_int_equal(out.ns, at(expected).ns);
}

static void
test_times(void **state)
{
	(void)state;
	assert_time("2026-11-17T08:30:00Z", "2026-11-17T08:30:00Z");
	assert_time("2026-11-17", "2026-11-17T00:00:00Z");
	assert_time("90m", "2026-11-21T08:50:30Z");
	assert_time("30s", "2026-11-21T10:20:00Z");
	assert_time("2d", "2026-11-19T10:20:30Z");
	assert_time("1w", "2026-11-14T10:20:30Z");
	assert_time("today", "2026-11-21T00:00:00Z");
	assert_time("yesterday", "2026-11-20T00:00:00Z");
	assert_time("tuesday", "2026-11-17T00:00:00Z");
	assert_time("Tue", "2026-11-17T00:00:00Z");
	assert_time("friday", "2026-11-20T00:00:00Z");
	assert_time("saturday", "2026-11-14T00:00:00Z");
	assert_time("sunday", "2026-11-15T00:00:00Z");
}

static void
test_days(void **state)
{
	struct instant from, to;

	(void)state;
	assert_true(
	    span_day("tuesday", at("2026-11-21T10:20:30Z"), &from, &to));
	assert_int_equal(from.ns, at("2026-11-17T00:00:00Z").ns);
	assert_int_equal(to.ns, at("2026-11-18T00:00:00Z").ns);
}

static void
test_mistakes(void **state)
{
	static const char *const wrong[] = {"", "t", "tu", "tuesdays", "5",
	    "5x", "m", "-5m", "5mm", "2026-13-01", "2026-11-31", "2026-11-17T",
	    "99999999999999999999d", "tomorrow"};
	struct instant out = {7}, to = {8};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(
		    span_time(wrong[i], at("2026-11-21T10:20:30Z"), &out));
		assert_false(
		    span_day(wrong[i], at("2026-11-21T10:20:30Z"), &out, &to));
	}
	assert_false(span_day("90m", at("2026-11-21T10:20:30Z"), &out, &to));
	assert_int_equal(out.ns, 7);
	assert_int_equal(to.ns, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
