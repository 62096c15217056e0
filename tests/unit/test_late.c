#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/late.h"

static struct instant
second(int64_t s)
{
	return (struct instant){s * NS_PER_SECOND};
}

struct asked {
	uint32_t slots[8];
	size_t count;
	uint32_t named; /* the slot that has its names now */
};

static bool
again(const struct late_flow *flow, void *context)
{
	struct asked *asked = context;

	assert_true(asked->count < 8);
	assert_int_equal(flow->sequence, flow->slot + 100);
	asked->slots[asked->count++] = flow->slot;
	return flow->slot == asked->named;
}

static bool
wait(struct late *late, uint32_t slot, int64_t at)
{
	struct late_flow flow = {slot, slot + 100, second(at)};

	return late_wait(late, &flow);
}

static void
asks_in_order_until_named(void **state)
{
	struct late *late = late_new(3, LATE_PATIENCE);
	struct asked asked = {.named = 2};

	(void)state;
	assert_true(wait(late, 1, 10));
	assert_true(wait(late, 2, 11));
	assert_true(wait(late, 3, 12));
	assert_int_equal(late_ask(late, second(20), again, &asked), 2);
	assert_int_equal(asked.count, 3);
	assert_int_equal(asked.slots[0], 1);
	assert_int_equal(asked.slots[2], 3);
	asked = (struct asked){.named = 3};
	assert_int_equal(late_ask(late, second(21), again, &asked), 1);
	assert_int_equal(asked.count, 2);
	assert_int_equal(asked.slots[1], 3);
	assert_int_equal(late_counts(late).settled, 2);
	late_free(late);
}

static void
nobody_waits_for_ever(void **state)
{
	struct late *late = late_new(4, LATE_PATIENCE);
	struct asked asked = {.named = 1};

	(void)state;
	assert_true(wait(late, 1, 0));
	assert_true(wait(late, 2, 1));
	assert_int_equal(late_expire(late, second(150)), 2);
	assert_int_equal(late_ask(late, second(151), again, &asked), 1);
	assert_int_equal(asked.count, 1);
	assert_int_equal(asked.slots[0], 2);
	assert_int_equal(late_expire(late, second(152)), 0);
	assert_int_equal(late_counts(late).expired, 2);
	assert_int_equal(late_counts(late).settled, 0);
	late_free(late);
}

static void
what_finds_no_room_is_counted(void **state)
{
	struct late *late = late_new(2, LATE_PATIENCE);

	(void)state;
	assert_true(wait(late, 1, 0));
	assert_true(wait(late, 2, 1));
	assert_false(wait(late, 3, 2));
	assert_int_equal(late_counts(late).no_room, 1);
	/* The first waited long enough by then. */
	assert_true(wait(late, 4, 151));
	assert_int_equal(late_counts(late).waited, 3);
	late_free(late);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_in_order_until_named),
	    cmocka_unit_test(nobody_waits_for_ever),
	    cmocka_unit_test(what_finds_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
