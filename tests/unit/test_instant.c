#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "sensor/base/instant.h"

static int64_t
parsed(const char *text)
{
	struct instant at = {42};

	if (!instant_parse(text, &at))
		fail_msg("refused: %s", text);
	return at.ns;
}

static void
refused(const char *text)
{
	struct instant at = {42};

	if (instant_parse(text, &at))
		fail_msg("accepted: %s", text);
	assert_int_equal(at.ns, 42);
}

static void
reads_rfc_3339(void **state)
{
	(void)state;
	assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(parsed("1970-01-01t00:00:01z"), NS_PER_SECOND);
	assert_int_equal(parsed("1969-12-31T23:59:59.999999999Z"), -1);
	assert_int_equal(parsed("2026-11-21T06:27:31.663229Z"),
	    INT64_C(1795242451663229000));
	/* Finer than nanoseconds is cut off, as container engines may write. */
	assert_int_equal(parsed("1970-01-01T00:00:00.0000000019Z"), 1);
	assert_int_equal(parsed("1970-01-01T00:00:00.5Z"), NS_PER_SECOND / 2);
	/* A leap second counts as the second after it. */
	assert_int_equal(
	    parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
}

static void
reads_zones(void **state)
{
	int64_t noon;

	(void)state;
	noon = parsed("2026-02-28T12:00:00Z");
	assert_int_equal(parsed("2026-02-28T14:00:00+02:00"), noon);
	assert_int_equal(parsed("2026-02-28T06:30:00-05:30"), noon);
	assert_int_equal(parsed("2026-02-28T12:00:00-00:00"), noon);
	assert_int_equal(parsed("2026-03-01T01:00:00+13:00"), noon);
}

static void
refuses_what_is_no_time(void **state)
{
	static const char *const texts[] = {"", "now", "2026-11-21",
	    "2026-11-21T06:27:31", "2026-11-21 06:27:31Z", "2026-11-21T06:27Z",
	    "2026-11-21T06:27:31.Z", "2026-11-21T06:27:31,5Z",
	    "2026-11-21T24:00:00Z", "2026-11-21T06:60:00Z",
	    "2026-11-21T06:00:61Z", "2026-13-01T00:00:00Z",
	    "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
	    "2026-04-31T00:00:00Z", "2026-04-00T00:00:00Z",
	    "1900-02-29T00:00:00Z", "2026-11-21T06:27:31+0000",
	    "2026-11-21T06:27:31+24:00", "2026-11-21T06:27:31+02:60",
	    "2026-11-21T06:27:31Zx", " 2026-11-21T06:27:31Z",
	    "+026-11-21T06:27:31Z", "2026-11-21T-1:27:31Z", "20261121T062731Z",
	    "0001-01-01T00:00:00Z", "1677-12-31T00:00:00Z",
	    "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused(texts[i]);
}

static void
reads_leap_days(void **state)
{
	(void)state;
	assert_int_equal(
	    parsed("2024-03-01T00:00:00Z") - parsed("2024-02-29T00:00:00Z"),
	    86400 * NS_PER_SECOND);
	assert_int_equal(
	    parsed("2000-03-01T00:00:00Z") - parsed("2000-02-29T00:00:00Z"),
	    86400 * NS_PER_SECOND);
}

static void
prints_both_forms(void **state)
{
	char text[INSTANT_TEXT_SIZE];
	struct instant at = {INT64_C(1795242451663229999)};

	(void)state;
	instant_print_eve(at, text);
	assert_string_equal(text, "2026-11-21T06:27:31.663229+0000");
	instant_print(at, text);
	assert_string_equal(text, "2026-11-21T06:27:31.663229Z");
	instant_print(INSTANT_PAST, text);
	assert_string_equal(text, "1677-09-21T00:12:43.145224Z");
	instant_print(INSTANT_FUTURE, text);
	assert_string_equal(text, "2262-04-11T23:47:16.854775Z");
}

/* The C library's calendar is the oracle for every day that is ever printed. */
static void
agrees_with_the_calendar(void **state)
{
	char text[INSTANT_TEXT_SIZE], expected[64];
	struct instant again;

	(void)state;
	for (int64_t day = -106650; day < 106650; day++) {
		time_t seconds = (time_t)(day * 86400 + (day & 0xffff));
		struct instant at = {seconds * NS_PER_SECOND + 1000};
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		assert_int_not_equal(strftime(expected, sizeof(expected),
					 "%Y-%m-%dT%H:%M:%S.000001Z", &tm),
		    0);
		instant_print(at, text);
		assert_string_equal(text, expected);
		if (tm.tm_year + 1900 < 1678 || tm.tm_year + 1900 > 2261)
			continue;
		assert_true(instant_parse(text, &again));
		assert_int_equal(again.ns, at.ns);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_rfc_3339),
	    cmocka_unit_test(reads_zones),
	    cmocka_unit_test(refuses_what_is_no_time),
	    cmocka_unit_test(reads_leap_days),
	    cmocka_unit_test(prints_both_forms),
	    cmocka_unit_test(agrees_with_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
