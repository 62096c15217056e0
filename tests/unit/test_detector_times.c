/*
 * "Within so long": of every detector that counts over a sliding time.  What
 * comes within half of it is found wherever it begins; what is spread over more
 * than it never is, nor what comes in two parts that are further apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/detector_acts.h"

/* How often, in times of what is enough, and when, in times of the row's. */
struct plan {
	double times, lasts;
	double lead;  /* once so long before; 0: not */
	double pause; /* in the middle */
};

static bool
is_found(const struct act *act, const struct plan *plan)
{
	struct stage *stage = stage_new(act->detector);
	int times = (int)(plan->times * act->enough) + 1;
	bool found;

	if (plan->lead > 0)
		act->act(stage, act->who, 0);
	for (int i = 0; i < times; i++) {
		double part = plan->lead + plan->lasts * i / times;

		if (2 * i >= times)
			part += plan->pause;
		stage_at(stage, part * act->within);
		act->act(stage, act->who, i);
	}
	found = act_is_found(stage, act);
	stage_free(stage);
	return found;
}

static void
expect(bool found, const struct plan *plan)
{
	for (size_t i = 0; i < ACTS; i++)
		if (acts[i].slides && is_found(&acts[i], plan) != found)
			fail_msg("%u in row %zu, %g before", acts[i].signature,
			    i, plan->lead);
}

static void
within_half_of_its_time_it_is_found(void **state)
{
	(void)state;
	for (int sixth = 0; sixth < 12; sixth++)
		expect(true, &(struct plan){1, 0.48, sixth / 6.0, 0});
}

static void
beyond_its_time_it_is_none(void **state)
{
	(void)state;
	expect(false, &(struct plan){2, 6, 0, 0});
}

static void
in_two_parts_it_is_none(void **state)
{
	(void)state;
	expect(false, &(struct plan){1, 0.2, 0, 2.2});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(within_half_of_its_time_it_is_found),
	    cmocka_unit_test(beyond_its_time_it_is_none),
	    cmocka_unit_test(in_two_parts_it_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
