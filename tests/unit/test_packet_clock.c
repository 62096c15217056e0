#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sensor/packet_clock.h"

#define START INT64_C(1700000000)
#define YEAR  INT64_C(31536000)

static int64_t
take(struct packet_clock *clock, int64_t second)
{
	struct instant now = packet_clock_take(
	    clock, (struct instant){(START + second) * NS_PER_SECOND});

	return now.ns / NS_PER_SECOND - START;
}

static void
test_time_is_that_of_the_packets(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	assert_int_equal(take(&clock, 0), 0);
	assert_int_equal(take(&clock, 1), 1);
	assert_int_equal(take(&clock, 601), 601);
	assert_int_equal(clock.wall.ns, (START + 601) * NS_PER_SECOND);
	assert_int_equal(clock.counts.doubted, 0);
}

static void
test_late_packets_change_nothing(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 100);
	for (int i = 0; i < 20; i++)
		assert_int_equal(take(&clock, 90), 100);
	assert_int_equal(take(&clock, 101), 101);
	assert_int_equal(clock.counts.late, 20);
	assert_int_equal(clock.counts.doubted, 0);
}

/* One stamp from the year 2050, or from 1970. */
static void
test_one_wrong_stamp_moves_nothing(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	for (int i = 1; i <= 10; i++) {
		assert_int_equal(take(&clock, 30 * YEAR), i - 1);
		assert_int_equal(take(&clock, i), i);
		assert_int_equal(take(&clock, -START), i);
		assert_int_equal(take(&clock, i - 9), i); /* late */
	}
	assert_int_equal(clock.counts.doubted, 20);
	assert_int_equal(clock.counts.late, 10);
	assert_int_equal(clock.counts.forward + clock.counts.back, 0);
}

static void
test_several_packets_make_a_step(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(take(&clock, 2000), 0);
	assert_int_equal(take(&clock, 2000), 2000);
	assert_int_equal(clock.counts.forward, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(take(&clock, 500), 2000);
	assert_int_equal(take(&clock, 500), 2000);
	assert_int_equal(clock.counts.back, 1);
	assert_int_equal(clock.wall.ns, (START + 500) * NS_PER_SECOND);
	/* Time goes on from there. */
	assert_int_equal(take(&clock, 507), 2007);
	assert_int_equal(take(&clock, 506), 2007);
	assert_int_equal(clock.counts.late, 1);
}

/* So little traffic that each packet is far from the last. */
static void
test_a_second_makes_a_step(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	assert_int_equal(take(&clock, 1000), 0);
	assert_int_equal(take(&clock, 2000), 2000);
	assert_int_equal(take(&clock, 3000), 2000);
	assert_int_equal(take(&clock, 4000), 4000);
	assert_int_equal(take(&clock, 100), 4000);
	assert_int_equal(take(&clock, 101), 4000);
	assert_int_equal(clock.counts.back, 1);
	assert_int_equal(take(&clock, 102), 4001);
}

/* Captures of several days, one after the other. */
static void
test_no_more_than_a_day_passes_in_a_step(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	(void)take(&clock, 5 * YEAR);
	assert_int_equal(take(&clock, 5 * YEAR + 1), 86400);
	assert_int_equal(take(&clock, 5 * YEAR + 2), 86401);
}

/* Two interfaces whose clocks differ: the earlier one is doubted for ever. */
static void
test_clocks_that_differ(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(take(&clock, i), i);
		assert_int_equal(take(&clock, i - 50), i);
	}
	assert_int_equal(clock.counts.back, 0);
}

static void
test_ends_of_time(void **state)
{
	struct packet_clock clock = {.doubts = 0};
	struct instant before = INSTANT_PAST;

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct instant now = packet_clock_take(
		    &clock, i / 8 % 2 == 0 ? INSTANT_PAST : INSTANT_FUTURE);

		assert_false(instant_before(now, before));
		assert_true(now.ns >= 0);
		before = now;
	}
	assert_int_equal(clock.counts.forward, 2);
	assert_int_equal(clock.counts.back, 2);
	assert_int_equal(clock.now.ns, 2 * PACKET_CLOCK_STEP);
}

/* At the very end the clock stands, and does not wrap. */
static void
test_no_time_left(void **state)
{
	struct packet_clock clock = {.started = true,
	    .now = {INT64_MAX - NS_PER_SECOND},
	    .wall = {START * NS_PER_SECOND}};

	(void)state;
	for (int i = 1; i < 5; i++)
		(void)take(&clock, i * 500);
	assert_int_equal(clock.now.ns, INT64_MAX);
	assert_int_equal(clock.wall.ns, (START + 2000) * NS_PER_SECOND);
}

/* --- random stamps -------------------------------------------------------- */

#define STAMPS 3000

/*
 * The rules from the whole list of stamps, in seconds: for every packet the
 * run of doubted ones that ends with it is looked for anew.
 */
struct naive {
	int64_t stamps[STAMPS];
	bool doubted[STAMPS]; /* and in the run of the packet before it */
	bool goes_on[STAMPS];
	int64_t now, wall;
	uint64_t late, doubts, forward, back;
};

static void
naive_step(struct naive *naive, int64_t to)
{
	if (to > naive->wall) {
		naive->forward++;
		naive->now +=
		    to - naive->wall > 86400 ? 86400 : to - naive->wall;
	} else {
		naive->back++;
	}
	naive->wall = to;
}

/* The first of the run that ends with packet `i`. */
static int
run_start(const struct naive *naive, int i)
{
	while (naive->goes_on[i])
		i--;
	return i;
}

static int64_t
latest_of(const struct naive *naive, int from, int to)
{
	int64_t latest = naive->stamps[from];

	for (int i = from; i <= to; i++)
		if (naive->stamps[i] > latest)
			latest = naive->stamps[i];
	return latest;
}

static void
naive_doubt(struct naive *naive, int i)
{
	int64_t stamp = naive->stamps[i], latest;
	int from;

	naive->doubts++;
	naive->doubted[i] = true;
	if (naive->doubted[i - 1]) {
		latest = latest_of(naive, run_start(naive, i - 1), i - 1);
		naive->goes_on[i] =
		    (latest > naive->wall) == (stamp > naive->wall) &&
		    stamp >= latest - 10;
	}
	from = run_start(naive, i);
	latest = latest_of(naive, from, i);
	if (i - from + 1 < 4 && latest - naive->stamps[from] < 1)
		return;
	naive_step(naive, latest);
	naive->doubted[i] = false;
}

static void
naive_take(struct naive *naive, int i)
{
	int64_t ahead = naive->stamps[i] - naive->wall;

	if (i == 0) {
		naive->now = naive->wall = naive->stamps[0];
	} else if (ahead >= 0 && ahead <= 600) {
		naive->now += ahead;
		naive->wall = naive->stamps[i];
	} else if (ahead < 0 && ahead >= -10) {
		naive->late++;
	} else {
		naive_doubt(naive, i);
	}
}

static int64_t
random_below(uint64_t *random, int64_t limit)
{
	/* Numbers of Knuth's MMIX. */
	*random = *random * UINT64_C(6364136223846793005) +
		  UINT64_C(1442695040888963407);
	return (int64_t)(*random >> 33) % limit;
}

static int64_t
random_stamp(uint64_t *random, int64_t last, int64_t wall)
{
	switch (random_below(random, 12)) {
	case 0:
		return wall + random_below(random, 1300);
	case 1:
		return wall - random_below(random, 22);
	case 2:
		return 1000000 + random_below(random, 4) * 100000;
	case 3:
	case 4:
		return wall + random_below(random, 2);
	default:
		return last + random_below(random, 2) * random_below(random, 2);
	}
}

static void
test_random_stamps(void **state)
{
	static struct naive naive;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct packet_clock clock = {.doubts = 0};
		uint64_t random = seed;

		naive = (struct naive){.now = 0};
		for (int i = 0; i < STAMPS; i++) {
			naive.stamps[i] =
			    i == 0 ? 1000000
				   : random_stamp(&random, naive.stamps[i - 1],
					 naive.wall);
			naive_take(&naive, i);
			(void)packet_clock_take(&clock,
			    (struct instant){naive.stamps[i] * NS_PER_SECOND});
			assert_int_equal(
			    clock.now.ns, naive.now * NS_PER_SECOND);
			assert_int_equal(
			    clock.wall.ns, naive.wall * NS_PER_SECOND);
		}
		assert_int_equal(clock.counts.late, naive.late);
		assert_int_equal(clock.counts.doubted, naive.doubts);
		assert_int_equal(clock.counts.forward, naive.forward);
		assert_int_equal(clock.counts.back, naive.back);
		assert_true(naive.forward > 20 && naive.back > 20);
	}
}

/* Captures come in any order, and each is believed about when it was. */
static void
test_another_capture_begins_when_it_says(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	assert_int_equal(take(&clock, 9), 9);
	packet_clock_new_capture(&clock);
	assert_int_equal(take(&clock, -YEAR), 9); /* nothing passes */
	assert_int_equal(clock.wall.ns, (START - YEAR) * NS_PER_SECOND);
	assert_int_equal(take(&clock, 5 - YEAR), 14);
	packet_clock_new_capture(&clock);
	assert_int_equal(take(&clock, 1005 - YEAR), 1014);
	packet_clock_new_capture(&clock);
	assert_int_equal(take(&clock, YEAR), 1014 + 86400);
	assert_int_equal(clock.counts.doubted, 0);
	assert_int_equal(clock.counts.forward + clock.counts.back, 0);
}

static void
test_the_end_of_a_capture_ends_doubts(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	packet_clock_end_capture(&clock);
	assert_int_equal(clock.now.ns, START * NS_PER_SECOND);
	assert_int_equal(take(&clock, 3600), 0);
	packet_clock_end_capture(&clock);
	assert_int_equal(clock.now.ns, (START + 3600) * NS_PER_SECOND);
	assert_int_equal(clock.wall.ns, clock.now.ns);
	assert_int_equal(clock.counts.forward, 1);
	assert_int_equal(take(&clock, -3600), 3600);
	packet_clock_end_capture(&clock);
	assert_int_equal(clock.now.ns, (START + 3600) * NS_PER_SECOND);
	assert_int_equal(clock.wall.ns, (START - 3600) * NS_PER_SECOND);
	assert_int_equal(clock.counts.back, 1);
}

/* --- a clock that was set ------------------------------------------------- */

#define HOUR 3600

static void
set(struct packet_clock *clock, int64_t seconds)
{
	packet_clock_set(clock, seconds * NS_PER_SECOND);
}

static int64_t
wall_of(const struct packet_clock *clock)
{
	return clock->wall.ns / NS_PER_SECOND - START;
}

static void
test_no_time_passes_by_a_clock_that_was_set(void **state)
{
	static const int64_t steps[] = {
	    HOUR, -HOUR, 300, -300, 86400, -86400, 2, -20, 5 * YEAR};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct packet_clock clock = {.doubts = 0};
		int64_t by = steps[i];

		(void)take(&clock, 0);
		set(&clock, by);
		assert_int_equal(take(&clock, by), 0);
		assert_int_equal(wall_of(&clock), by);
		for (int second = 1; second <= 30; second++)
			assert_int_equal(take(&clock, by + second), second);
		assert_int_equal(clock.counts.forward, by > 0);
		assert_int_equal(clock.counts.back, by < 0);
		assert_int_equal(clock.counts.doubted + clock.counts.late, 0);
		assert_true(clock.usual); /* the quick way again */
	}
}

/* It was set, and a ring still has packets of before. */
static void
test_packets_of_before_come_first(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	set(&clock, HOUR);
	assert_int_equal(take(&clock, 1), 1);
	assert_int_equal(take(&clock, 2), 2);
	assert_int_equal(clock.counts.forward, 0);
	assert_int_equal(take(&clock, HOUR + 3), 3);
	assert_int_equal(clock.counts.forward, 1);
}

/* Another ring's packets of before come after the first of after. */
static void
test_packets_of_before_come_later(void **state)
{
	static const int64_t steps[] = {HOUR, -HOUR, 300, -300, -86400};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct packet_clock clock = {.doubts = 0};
		int64_t by = steps[i];

		(void)take(&clock, 100);
		set(&clock, by);
		assert_int_equal(take(&clock, by + 100), 100);
		for (int n = 0; n < 20; n++)
			assert_int_equal(take(&clock, 95 + n % 6), 100);
		assert_int_equal(clock.counts.late, 20);
		assert_int_equal(take(&clock, by + 101), 101);
		assert_int_equal(clock.counts.forward + clock.counts.back, 1);
		assert_int_equal(clock.counts.doubted, 0);
	}
}

static void
test_a_clock_that_is_set_again(void **state)
{
	struct packet_clock clock = {.doubts = 0};

	(void)state;
	(void)take(&clock, 0);
	set(&clock, HOUR);
	set(&clock, -HOUR); /* before anything came */
	assert_int_equal(take(&clock, 1), 1);
	assert_int_equal(clock.counts.forward + clock.counts.back, 0);
	for (int i = 0; i < 10; i++) {
		set(&clock, i % 2 == 0 ? HOUR : -HOUR);
		assert_int_equal(
		    take(&clock, 2 + i + (i % 2 == 0 ? HOUR : 0)), 2 + i);
	}
	assert_int_equal(clock.counts.forward, 5);
	assert_int_equal(clock.counts.back, 5);
}

/* One that begins later counts the time that passes as the others do. */
static void
test_a_later_beginning_is_on_the_same_time(void **state)
{
	struct packet_clock first = {.doubts = 0}, second = {.doubts = 0};

	(void)state;
	(void)take(&first, 0);
	set(&first, -HOUR);
	assert_int_equal(take(&first, 10 - HOUR), 10);
	set(&second, -HOUR);
	assert_int_equal(take(&second, 11 - HOUR), 11);
	assert_int_equal(take(&first, 11 - HOUR), 11);
	assert_int_equal(second.counts.back, 0);
}

/* What is no clock's is bounded all the same. */
static void
test_a_clock_that_is_set_beyond_time(void **state)
{
	static const int64_t odd[] = {INT64_MAX, INT64_MIN, INT64_MIN, 1};
	struct packet_clock clock = {.doubts = 0};
	int64_t before = 0;

	(void)state;
	(void)take(&clock, 0);
	for (size_t i = 0; i < 64; i++) {
		packet_clock_set(&clock, odd[i % 4]);
		before = clock.now.ns;
		(void)packet_clock_take(
		    &clock, i % 3 == 0 ? INSTANT_PAST
				       : (struct instant){odd[i % 5 % 4]});
		assert_true(clock.now.ns >= before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_time_is_that_of_the_packets),
	    cmocka_unit_test(test_late_packets_change_nothing),
	    cmocka_unit_test(test_one_wrong_stamp_moves_nothing),
	    cmocka_unit_test(test_several_packets_make_a_step),
	    cmocka_unit_test(test_a_second_makes_a_step),
	    cmocka_unit_test(test_no_more_than_a_day_passes_in_a_step),
	    cmocka_unit_test(test_clocks_that_differ),
	    cmocka_unit_test(test_ends_of_time),
	    cmocka_unit_test(test_no_time_left),
	    cmocka_unit_test(test_random_stamps),
	    cmocka_unit_test(test_another_capture_begins_when_it_says),
	    cmocka_unit_test(test_the_end_of_a_capture_ends_doubts),
	    cmocka_unit_test(test_no_time_passes_by_a_clock_that_was_set),
	    cmocka_unit_test(test_packets_of_before_come_first),
	    cmocka_unit_test(test_packets_of_before_come_later),
	    cmocka_unit_test(test_a_clock_that_is_set_again),
	    cmocka_unit_test(test_a_later_beginning_is_on_the_same_time),
	    cmocka_unit_test(test_a_clock_that_is_set_beyond_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
