#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/sources/fact_order.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"
#include "tests/bench/random.h"

#define AT(second) ((struct instant){(second)*NS_PER_SECOND})

/* A namespace, whose name is what a test tells its states by. */
static struct fact
state(const char *id, uint64_t version, struct instant at, const char *name)
{
	return (struct fact){.kind = FACT_NAMESPACE,
	    .cluster = "c",
	    .id = id,
	    .version = version,
	    .at = at,
	    .namespace.name = name};
}

static struct fact
end(const char *id, uint64_t version, struct instant at)
{
	struct fact fact = state(id, version, at, "");

	fact.gone = true;
	return fact;
}

static bool
take(const struct fact *fact, void *context)
{
	text_format(context, "%s=%s ", fact->id,
	    fact->gone ? "gone" : fact->namespace.name);
	return true;
}

/* What comes of the facts in this order. */
static void
expect_of(const struct fact *facts, const size_t *places, size_t count,
    const char *expected)
{
	struct fact_order *order = fact_order_new(100);
	struct fact_taker taker, first = fact_order_learn(order), second;
	struct text out;

	text_init(&out, 1 << 16);
	taker = (struct fact_taker){take, &out};
	for (size_t i = 0; i < count; i++)
		assert_true(fact_give(&first, &facts[places[i]]));
	second = fact_order_sort(order, &taker);
	for (size_t i = 0; i < count; i++)
		assert_true(fact_give(&second, &facts[places[i]]));
	assert_int_equal(fact_order_end(order), 0);
	assert_string_equal(out.at, expected);
	text_release(&out);
	fact_order_free(order);
}

/* In every order in which a log may have been written. */
static void
expect_always(const struct fact *facts, size_t count, const char *expected)
{
	struct random random = {.state = 7};
	size_t places[16];

	assert_true(count <= 16);
	for (size_t i = 0; i < count; i++)
		places[i] = i;
	for (int round = 0; round < 200; round++) {
		for (size_t i = count - 1; i > 0; i--) {
			size_t j = random_below(&random, (uint32_t)i + 1);
			size_t other = places[i];

			places[i] = places[j];
			places[j] = other;
		}
		expect_of(facts, places, count, expected);
	}
}

static void
versions_decide(void **state_)
{
	/* The clock of whoever wrote the log went back in between. */
	const struct fact facts[] = {
	    state("a", 1, AT(10), "one"),
	    state("a", 2, AT(5), "two"),
	    state("a", 10, AT(20), "ten"),
	    end("a", 11, AT(21)),
	};

	(void)state_;
	expect_always(facts, 4, "a=one a=two a=ten a=gone ");
}

static void
times_decide_without_versions(void **state_)
{
	const struct fact facts[] = {
	    state("a", 0, INSTANT_PAST, "list"),
	    state("a", 7, AT(10), "ten"),
	    state("a", 0, AT(20), "twenty"),
	    end("a", 0, AT(30)),
	};

	(void)state_;
	expect_always(facts, 4, "a=list a=ten a=twenty a=gone ");
}

/* A DELETED event states what it was and that it is gone, in this order. */
static void
of_one_version_the_order_stays(void **state_)
{
	const struct fact facts[] = {
	    state("a", 3, AT(10), "last"),
	    end("a", 3, AT(10)),
	};

	(void)state_;
	expect_of(facts, (const size_t[]){0, 1}, 2, "a=last a=gone ");
}

/* What is stated once goes through at once, before what has to wait. */
static void
only_what_is_stated_twice_waits(void **state_)
{
	const struct fact facts[] = {
	    state("a", 2, AT(2), "new"),
	    state("b", 1, AT(1), "only"),
	    state("a", 1, AT(1), "old"),
	};
	struct fact other = facts[2];

	(void)state_;
	expect_of(facts, (const size_t[]){0, 1, 2}, 3, "b=only a=old a=new ");
	/* Of another cluster it is another object. */
	other.cluster = "d";
	expect_of((const struct fact[]){facts[0], other},
	    (const size_t[]){0, 1}, 2, "a=new a=old ");
}

/* A file that has more the second time than the first loses nothing of it. */
static void
what_was_not_learnt_goes_through(void **state_)
{
	struct fact_order *order = fact_order_new(1);
	struct fact_taker first = fact_order_learn(order), second, taker;
	const struct fact a = state("a", 1, AT(1), "one");
	const struct fact b = state("b", 1, AT(1), "one");
	struct text out;

	(void)state_;
	text_init(&out, 1 << 10);
	taker = (struct fact_taker){take, &out};
	assert_true(fact_give(&first, &a));
	assert_true(fact_give(&first, &a));
	assert_true(fact_give(&first, &b)); /* there is no room for it */
	second = fact_order_sort(order, &taker);
	for (int i = 0; i < 3; i++)
		assert_true(fact_give(&second, &a));
	assert_true(fact_give(&second, &b));
	assert_string_equal(out.at, "b=one ");
	(void)fact_order_end(order);
	assert_string_equal(out.at, "b=one a=one a=one a=one ");
	text_release(&out);
	/* Frees what was never given. */
	assert_true(fact_give(&second, &a));
	fact_order_free(order);
}

static void
what_is_cut_is_counted(void **state_)
{
	struct fact_order *order = fact_order_new(10);
	struct fact_taker first = fact_order_learn(order), second, taker;
	struct text out;
	char *name = allocate(5001, 1);
	struct fact fact;

	(void)state_;
	text_init(&out, 1 << 16);
	taker = (struct fact_taker){take, &out};
	memset(name, 'x', 5000);
	fact = state("a", 1, AT(1), name);
	for (int i = 0; i < 2; i++)
		assert_true(fact_give(&first, &fact));
	second = fact_order_sort(order, &taker);
	for (int i = 0; i < 2; i++)
		assert_true(fact_give(&second, &fact));
	assert_int_equal(fact_order_end(order), 2);
	free(name);
	text_release(&out);
	fact_order_free(order);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(versions_decide),
	    cmocka_unit_test(times_decide_without_versions),
	    cmocka_unit_test(of_one_version_the_order_stays),
	    cmocka_unit_test(only_what_is_stated_twice_waits),
	    cmocka_unit_test(what_was_not_learnt_goes_through),
	    cmocka_unit_test(what_is_cut_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
