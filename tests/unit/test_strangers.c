/*
 * Attempts of strangers, beside a list that forgets nothing: what may be kept
 * back, what never is, and who is forgotten when there is no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/beside.h"
#include "classifiers/detectors/strangers.h"
#include "sensor/base/hash.h"

#define START (INT64_C(1795244400) * NS_PER_SECOND)

static const struct hash_key secret = {{11, 12}};

static struct address
address_of(uint32_t number)
{
	uint8_t octets[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number};

	return address_from_ipv4(octets);
}

/* A SYN of that number, `at` ns after the start. */
static struct lone_attempt
attempt_of(uint32_t client, uint32_t server, uint16_t port, int64_t at)
{
	return (struct lone_attempt){
	    .first_ns = START + at,
	    .ends = {{address_of(client), 40000}, {address_of(server), port}},
	    .protocol = PROTOCOL_TCP,
	    .packets = {1, 0},
	    .tcp_flags = {TCP_SYN, 0},
	};
}

/* Takes it, and writes it where it is to be kept. */
static struct strangers_told
take_one(struct strangers *strangers, const struct lone_attempt *one,
    uint64_t target)
{
	struct strangers_told told;
	struct lone_attempt *kept = strangers_take(strangers, &one->ends[0],
	    &one->ends[1], target, (struct instant){one->first_ns}, &told);

	if (kept != NULL) {
		struct lone_attempt own = *kept;

		*kept = *one;
		kept->target = own.target;
		kept->first_ns = own.first_ns;
		kept->told = own.told;
	}
	return told;
}

/* Small and repeatable: a linear congruential generator (Knuth's MMIX). */
static uint32_t
draw(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 33) % below);
}

/* --- beside a list that forgets nothing ----------------------------------- */

#define ATTEMPTS 3000
#define CLIENTS  1200
#define TARGETS  40

/* What was told of each attempt, by its number. */
struct naive {
	uint32_t client[ATTEMPTS], target[ATTEMPTS];
	uint32_t in_full[ATTEMPTS], of_target[ATTEMPTS];
	uint64_t lone[TARGETS]; /* as those that it stood for */
};

static void
note_full(struct naive *naive, const struct lone_attempt *one, bool counted)
{
	naive->in_full[one->packet]++;
	naive->of_target[one->packet] += !counted;
}

static void
note_lone(struct naive *naive, const struct lone_attempt *one, uint32_t count)
{
	naive->lone[naive->target[one->packet]] += count;
	naive->of_target[one->packet]++;
}

static void
take(struct strangers *strangers, struct naive *naive,
    const struct lone_attempt *one)
{
	struct strangers_told told = take_one(strangers, one, 0);

	if (told.before != NULL) {
		assert_true(address_equal(
		    &told.before->ends[0].address, &one->ends[0].address));
		note_full(naive, told.before, told.before_counted);
	}
	for (size_t i = 0; i < told.beside_count; i++) {
		assert_true(address_equal(
		    &told.beside[i]->ends[1].address, &one->ends[1].address));
		note_lone(naive, told.beside[i], 1);
	}
	if (told.in_full)
		note_full(naive, one, false);
	else if (told.stands_for > 0)
		note_lone(naive, one, told.stands_for);
}

/* What is wrong with one client, whose attempts came within the ring. */
static void
check_client(const struct naive *naive, uint32_t client)
{
	uint32_t count = 0, full = 0;

	for (uint32_t i = 0; i < ATTEMPTS; i++)
		if (naive->client[i] == client) {
			count++;
			full += naive->in_full[i];
			assert_true(naive->in_full[i] <= 1);
			assert_true(naive->of_target[i] <= 1);
		}
	/* Who came twice has nothing kept back; who came once is not told. */
	assert_int_equal(full, count > 1 ? count : 0);
}

static void
check_target(const struct naive *naive, uint32_t target)
{
	uint64_t count = 0, told = 0, strangers = 0;

	for (uint32_t i = 0; i < ATTEMPTS; i++)
		if (naive->target[i] == target) {
			count++;
			told += naive->of_target[i];
			strangers += naive->of_target[i] == 0;
		}
	/* Nothing is told of it twice, and fewer than that not at all. */
	assert_true(told <= count);
	assert_true(strangers < STRANGERS_STANDS_OUT);
}

static void
nothing_is_lost_beside_a_list(void **state)
{
	struct naive *naive = calloc(1, sizeof(*naive));
	uint64_t seed = 1;

	(void)state;
	assert_non_null(naive);
	for (int round = 0; round < 20; round++) {
		struct strangers *strangers = strangers_new(&secret);
		struct strangers_counts counts;

		memset(naive, 0, sizeof(*naive));
		for (uint32_t i = 0; i < ATTEMPTS; i++) {
			struct lone_attempt one;

			/* Most come once, some often. */
			naive->client[i] = draw(&seed, 2) == 0
					       ? draw(&seed, CLIENTS)
					       : 100000 + i;
			naive->target[i] =
			    draw(&seed, 1 + draw(&seed, TARGETS));
			one = attempt_of(naive->client[i], naive->target[i],
			    (uint16_t)draw(&seed, 1000), i * NS_PER_MS);
			one.packet = i;
			take(strangers, naive, &one);
		}
		/* One target has more than are told one by one. */
		for (uint32_t i = 0; i < CLIENTS; i++)
			check_client(naive, i);
		for (uint32_t i = 1; i < TARGETS; i++)
			check_target(naive, i);
		counts = strangers_counts(strangers);
		assert_int_equal(counts.taken, ATTEMPTS);
		assert_int_equal(
		    counts.taken, counts.known + counts.kept + counts.lone);
		assert_int_equal(counts.lost, 0);
		strangers_free(strangers);
	}
	free(naive);
}

/* Each stands for those before it, and the last of them for the rest. */
static void
shares_of_a_flood_come_to_all_of_it(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	uint64_t told = 0, sightings = 0;
	struct strangers_told rest;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct lone_attempt one =
		    attempt_of(0x20000000 + i, 1, 80, i * 1000);
		struct strangers_told now = take_one(strangers, &one, 77);

		told += now.beside_count + now.stands_for;
		sightings += now.beside_count + (now.stands_for > 0);
		assert_false(now.in_full);
		if (i + 1 >= STRANGERS_STANDS_OUT && i < STRANGERS_EACH)
			assert_int_equal(told, i + 1);
	}
	assert_true(told > 10000 - 20 * STRANGERS_SHARE);
	while (strangers_waiting(strangers, &rest) != NULL) {
		assert_false(rest.in_full);
		told += rest.stands_for;
	}
	assert_int_equal(told, 10000);
	/* A sixteenth of them, about, besides the first. */
	assert_in_range(sightings, STRANGERS_EACH + 500, STRANGERS_EACH + 760);
	strangers_free(strangers);
}

/* One who is known is told of the same way, and in full. */
static void
shares_of_a_scan_come_to_all_of_it(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	uint64_t told = 0, sightings = 0;
	struct strangers_told rest;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct lone_attempt one = attempt_of(7, 100 + i, 22, i * 1000);
		struct strangers_told now = take_one(strangers, &one, 0);

		assert_true(now.in_full == (i > 0));
		told += now.stands_for + (now.before != NULL);
		sightings += now.stands_for > 0;
		if (i > 0 && i <= STRANGERS_BUSY)
			assert_int_equal(told, i + 1);
	}
	assert_true(told > 10000 - 20 * STRANGERS_SHARE);
	while (strangers_waiting(strangers, &rest) != NULL) {
		assert_true(rest.in_full);
		told += rest.stands_for;
	}
	assert_int_equal(told, 10000);
	assert_in_range(sightings, STRANGERS_BUSY + 450, STRANGERS_BUSY + 710);
	strangers_free(strangers);
}

/* --- a slow one ----------------------------------------------------------- */

/* Once an hour, of a client that was never heard of: each is told. */
static void
a_slow_scan_is_not_forgotten(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	int in_full = 0;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		struct lone_attempt one = attempt_of(
		    7, 100 + i, 22, (int64_t)i * 3600 * NS_PER_SECOND);
		struct strangers_told told = take_one(strangers, &one, 0);

		in_full += told.in_full + (told.before != NULL);
	}
	assert_int_equal(in_full, 20);
	strangers_free(strangers);
}

/* A million strangers at random targets between each of its attempts. */
static void
a_flood_does_not_make_a_stranger_of_who_is_known(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	uint32_t stranger = 0x30000000;
	uint64_t seed = 3;

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		int64_t at = (int64_t)i * 3600 * NS_PER_SECOND;
		struct lone_attempt one = attempt_of(7, 100 + i, 22, at);

		assert_true(take_one(strangers, &one, 0).in_full == (i > 0));
		for (uint32_t n = 0; i > 0 && n < 1000000; n++) {
			one = attempt_of(stranger++,
			    0x0a000000 + draw(&seed, 1 << 24), 80,
			    at + n * 1000);
			(void)take_one(strangers, &one, 0);
		}
	}
	assert_true(strangers_counts(strangers).lost > 4000000);
	strangers_free(strangers);
}

/* Not even of who came once, when all of it goes to one target. */
static void
a_flooded_target_pushes_out_nobody(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	struct lone_attempt one = attempt_of(7, 100, 22, 0);
	struct strangers_told told;

	(void)state;
	(void)take_one(strangers, &one, 0);
	for (uint32_t n = 0; n < 1000000; n++) {
		one = attempt_of(0x30000000 + n, 1, 80, n * 1000);
		(void)take_one(strangers, &one, 0);
	}
	one = attempt_of(7, 101, 22, 2 * NS_PER_SECOND);
	told = take_one(strangers, &one, 0);
	assert_true(told.in_full);
	assert_non_null(told.before);
	assert_int_equal(told.before->ends[1].port, 22);
	strangers_free(strangers);
}

/* Targets of the inventory have places that invented ones cannot take. */
static void
invented_targets_push_out_no_known_one(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	uint64_t seed = 5;
	struct strangers_told told;

	(void)state;
	for (uint32_t i = 0; i < STRANGERS_STANDS_OUT; i++) {
		struct lone_attempt one =
		    attempt_of(10 + i, 1, 80, i * NS_PER_MS);

		told = take_one(strangers, &one, 4711);
		for (uint32_t n = 0; n < 200000; n++) {
			one = attempt_of(0x30000000 + i * 200000 + n,
			    draw(&seed, UINT32_MAX), 80, i * NS_PER_MS);
			if (i + 1 < STRANGERS_STANDS_OUT)
				(void)take_one(strangers, &one, 0);
		}
	}
	assert_int_equal(told.stands_for, 1);
	strangers_free(strangers);
}

/* --- the same in full ----------------------------------------------------- */

static void
what_was_kept_back_is_recalled_once(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	struct lone_attempt one = attempt_of(7, 100, 22, 0);
	bool counted = true;

	(void)state;
	assert_null(
	    strangers_recall(strangers, &one.ends[0].address, &counted));
	(void)take_one(strangers, &one, 0);
	assert_non_null(
	    strangers_recall(strangers, &one.ends[0].address, &counted));
	assert_false(counted);
	assert_null(
	    strangers_recall(strangers, &one.ends[0].address, &counted));
	/* And it is known from then on. */
	assert_true(take_one(strangers, &one, 0).in_full);
	strangers_free(strangers);
}

/* Its target was told already: that is not counted twice. */
static void
a_lone_one_that_comes_back_was_counted(void **state)
{
	struct strangers *strangers = strangers_new(&secret);
	struct strangers_told told;
	struct lone_attempt one;

	(void)state;
	for (uint32_t i = 0; i < STRANGERS_STANDS_OUT; i++) {
		one = attempt_of(10 + i, 1, (uint16_t)(80 + i), i);
		told = take_one(strangers, &one, 0);
	}
	assert_int_equal(told.beside_count, STRANGERS_STANDS_OUT - 1);
	assert_int_equal(told.stands_for, 1);
	one = attempt_of(10, 2, 80, NS_PER_SECOND);
	told = take_one(strangers, &one, 0);
	assert_true(told.in_full);
	assert_non_null(told.before);
	assert_true(told.before_counted);
	strangers_free(strangers);
}

/* Three in one window and three in the next are no four. */
static void
a_target_begins_anew_after_its_window(void **state)
{
	struct strangers *strangers = strangers_new(&secret);

	(void)state;
	for (uint32_t i = 0; i < 2 * (STRANGERS_STANDS_OUT - 1); i++) {
		int64_t at = i < STRANGERS_STANDS_OUT - 1
				 ? i
				 : STRANGERS_WINDOW + 2 * NS_PER_SECOND + i;
		struct lone_attempt one = attempt_of(10 + i, 1, 80, at);

		assert_int_equal(take_one(strangers, &one, 0).stands_for, 0);
	}
	strangers_free(strangers);
}

/* --- across runs ---------------------------------------------------------- */

/* As a file would have them. */
static void
copy_tables(struct strangers *to, struct strangers *from, size_t count)
{
	struct beside source = strangers_beside(from),
		      target = strangers_beside(to);

	for (size_t i = 0; i < count; i++)
		memcpy(target.tables[i].at, source.tables[i].at,
		    source.tables[i].size * source.tables[i].count);
	target.restored(target.owner, count == target.table_count);
}

/* Wherever a run ends, what is told after it is what would have been. */
static void
what_was_kept_back_outlives_a_run(void **state)
{
	(void)state;
	for (int cut = 0; cut < 40; cut++) {
		struct strangers *whole = strangers_new(&secret);
		struct strangers *first = strangers_new(&secret);
		struct strangers *parts = first;

		for (int i = 0; i < 40; i++) {
			/* Few clients at few targets: each comes again. */
			struct lone_attempt one =
			    attempt_of(10 + (uint32_t)(i * 7 % 23),
				100 + (uint32_t)(i * 5 % 6), (uint16_t)i,
				i * NS_PER_SECOND);
			struct strangers_told expected, told;

			if (i == cut) {
				parts = strangers_new(&secret);
				copy_tables(parts, first, 6);
			}
			expected = take_one(whole, &one, 0);
			told = take_one(parts, &one, 0);
			assert_int_equal(told.in_full, expected.in_full);
			assert_int_equal(told.stands_for, expected.stands_for);
			assert_int_equal(
			    told.beside_count, expected.beside_count);
			assert_int_equal(
			    told.before == NULL, expected.before == NULL);
			if (told.before != NULL)
				assert_int_equal(told.before->ends[1].port,
				    expected.before->ends[1].port);
			for (size_t k = 0; k < told.beside_count; k++)
				assert_int_equal(told.beside[k]->ends[1].port,
				    expected.beside[k]->ends[1].port);
		}
		if (parts != first)
			strangers_free(parts);
		strangers_free(first);
		strangers_free(whole);
	}
}

/* A file that lacks a table, or has numbers that lead nowhere. */
static void
what_is_not_whole_begins_anew(void **state)
{
	struct strangers *before = strangers_new(&secret);
	struct strangers *after = strangers_new(&secret);
	struct lone_attempt one = attempt_of(7, 100, 22, 0);
	struct beside tables = strangers_beside(after);

	(void)state;
	(void)take_one(before, &one, 0);
	copy_tables(after, before, 3);
	assert_false(take_one(after, &one, 0).in_full);
	for (size_t i = 0; i < tables.table_count; i++)
		memset(tables.tables[i].at, 0xff,
		    tables.tables[i].size * tables.tables[i].count);
	tables.restored(tables.owner, true);
	for (uint32_t i = 0; i < 2000; i++) {
		one = attempt_of(i % 700, i % 90, (uint16_t)i, i);
		(void)take_one(after, &one, 0);
	}
	strangers_free(before);
	strangers_free(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_lost_beside_a_list),
	    cmocka_unit_test(shares_of_a_flood_come_to_all_of_it),
	    cmocka_unit_test(shares_of_a_scan_come_to_all_of_it),
	    cmocka_unit_test(a_slow_scan_is_not_forgotten),
	    cmocka_unit_test(a_flood_does_not_make_a_stranger_of_who_is_known),
	    cmocka_unit_test(a_flooded_target_pushes_out_nobody),
	    cmocka_unit_test(invented_targets_push_out_no_known_one),
	    cmocka_unit_test(what_was_kept_back_is_recalled_once),
	    cmocka_unit_test(a_lone_one_that_comes_back_was_counted),
	    cmocka_unit_test(a_target_begins_anew_after_its_window),
	    cmocka_unit_test(what_was_kept_back_outlives_a_run),
	    cmocka_unit_test(what_is_not_whole_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
