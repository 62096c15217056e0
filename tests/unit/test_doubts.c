#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/live/delay.h"
#include "sensor/run/doubts.h"

static struct instant
at(int64_t seconds)
{
	return (struct instant){seconds * NS_PER_SECOND};
}

static void
is_about_what_it_meets(void **state)
{
	struct doubts doubts = {.counts = {0}};

	(void)state;
	assert_int_equal(doubts_about(&doubts, at(0), at(1000)), 0);
	doubts_add(&doubts, RECORD_DOUBT_LOSS, at(100), at(101));
	doubts_add(&doubts, RECORD_DOUBT_CLOCK, at(200), at(201));
	assert_int_equal(doubts_about(&doubts, at(0), at(99)), 0);
	assert_int_equal(
	    doubts_about(&doubts, at(0), at(100)), RECORD_DOUBT_LOSS);
	assert_int_equal(
	    doubts_about(&doubts, at(101), at(199)), RECORD_DOUBT_LOSS);
	assert_int_equal(doubts_about(&doubts, at(102), at(199)), 0);
	assert_int_equal(doubts_about(&doubts, at(50), at(500)),
	    RECORD_DOUBT_LOSS | RECORD_DOUBT_CLOCK);
	/* It goes on. */
	doubts_add(&doubts, RECORD_DOUBT_LOSS, at(104), at(105));
	assert_int_equal(
	    doubts_about(&doubts, at(103), at(103)), RECORD_DOUBT_LOSS);
}

static int64_t
stepped(const struct doubts *doubts, int64_t first, int64_t last)
{
	return doubts_stepped(doubts, at(first), at(last)) / NS_PER_SECOND;
}

static void
tells_what_did_not_pass(void **state)
{
	struct doubts doubts = {.counts = {0}};

	(void)state;
	assert_int_equal(stepped(&doubts, 0, 90000), 0);
	doubts_add(&doubts, RECORD_DOUBT_LOSS, at(10), at(90000));
	assert_int_equal(stepped(&doubts, 0, 90000), 0);
	/* Forward by an hour, and by ten minutes later on. */
	doubts_add(&doubts, RECORD_DOUBT_CLOCK, at(1000), at(4600));
	doubts_add(&doubts, RECORD_DOUBT_CLOCK, at(9000), at(9600));
	assert_int_equal(stepped(&doubts, 0, 90000), 4200);
	assert_int_equal(stepped(&doubts, 900, 4700), 3600);
	assert_int_equal(stepped(&doubts, 4000, 9300), 900);
	assert_int_equal(stepped(&doubts, 4600, 9000), 0);
	/* Back by three hours: the flow ends before it began. */
	doubts_add(&doubts, RECORD_DOUBT_CLOCK, at(20000), at(30800));
	assert_int_equal(stepped(&doubts, 30000, 20500), 0);
	/* To and fro, no more than there is. */
	doubts_add(&doubts, RECORD_DOUBT_CLOCK, at(900), at(5000));
	assert_int_equal(stepped(&doubts, 1000, 4600), 3600);
}

/* What is kept is what an oracle says that keeps everything. */
static void
forgets_the_oldest_alone(void **state)
{
	struct doubts doubts = {.counts = {0}};
	unsigned seed = 12;
	enum { SPANS = 200 };

	(void)state;
	for (int i = 0; i < SPANS; i++)
		doubts_add(
		    &doubts, RECORD_DOUBT_LOSS, at(100 * i), at(100 * i + 3));
	for (int i = 0; i < 5000; i++) {
		int first = rand_r(&seed) % (100 * SPANS);
		int last = first + rand_r(&seed) % 150;
		unsigned expected = 0;

		for (int s = SPANS - DOUBTS_KEPT; s < SPANS; s++)
			if (100 * s + 3 >= first && 100 * s <= last)
				expected = RECORD_DOUBT_LOSS;
		assert_int_equal(
		    doubts_about(&doubts, at(first), at(last)), expected);
	}
}

static void
is_said(void **state)
{
	struct text text;
	struct json_writer json;

	(void)state;
	text_init(&text, 256);
	json = json_to(&text);
	json_object_open(&json, NULL);
	record_put_doubts(&json, 0);
	json_object_close(&json);
	assert_string_equal(text.at, "{}");
	text_clear(&text);
	json = json_to(&text);
	json_object_open(&json, NULL);
	record_put_doubts(&json, RECORD_DOUBT_LOSS | RECORD_DOUBT_CLOCK);
	json_object_close(&json);
	assert_string_equal(
	    text.at, "{\"doubts\":[\"packet-loss\",\"clock-step\"]}");
	text_release(&text);
}

/* --- delays --------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* A quantile is never below the true one, and not a third above it. */
static void
tells_how_long_it_took(void **state)
{
	enum { COUNT = 3001 };
	static const double shares[] = {0.01, 0.5, 0.9, 0.99, 1.0};
	struct delays delays = {.count = 0};
	int64_t all[COUNT], sum = 0;
	unsigned seed = 5;

	(void)state;
	assert_int_equal(delay_quantile(&delays, 0.5), 0);
	for (int i = 0; i < COUNT; i++) {
		all[i] = NS_PER_MS * (1 + rand_r(&seed) % 5000);
		sum += all[i];
		delay_add(&delays, all[i]);
	}
	qsort(all, COUNT, sizeof(all[0]), compare);
	assert_int_equal(delays.count, COUNT);
	assert_int_equal(delays.sum, sum);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		int64_t got = delay_quantile(&delays, shares[i]);
		int64_t truth = all[(int)(shares[i] * (COUNT - 1))];

		assert_true(got >= truth);
		assert_true((double)got <= 1.34 * (double)truth);
	}
	delay_add(&delays, -5);
	assert_int_equal(delays.counts[0], 1);
	delay_add(&delays, 1000 * NS_PER_SECOND);
	assert_int_equal(delays.counts[DELAY_BOUNDS], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_about_what_it_meets),
	    cmocka_unit_test(tells_what_did_not_pass),
	    cmocka_unit_test(forgets_the_oldest_alone),
	    cmocka_unit_test(is_said),
	    cmocka_unit_test(tells_how_long_it_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
