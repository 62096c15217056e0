#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/catalog.h"

/*
 * A promise to everybody who has rules on these numbers: lines are added here,
 * never changed and never taken away.
 */
static const struct promise {
	uint32_t gid, id;
	enum deviation deviation;
	const char *title;
} promises[] = {
    {100, 1001, DEVIATION_RELATIONSHIP, "unexpected relationship"},
    {100, 1002, DEVIATION_PORT, "unexpected port"},
    {100, 1003, DEVIATION_APPLICATION, "unexpected application protocol"},
    {100, 1004, DEVIATION_DIRECTION, "unexpected direction"},
    {100, 1005, DEVIATION_SEGMENT, "segment boundary crossed"},
    {100, 1006, DEVIATION_EXTERNAL, "unexpected outside peer"},
};

static void
numbers_are_as_promised(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		const struct promise *one = &promises[i];
		const struct signature *found = catalog_find(one->gid, one->id);

		assert_non_null(found);
		assert_string_equal(found->title, one->title);
		assert_ptr_equal(catalog_deviation(one->deviation), found);
	}
}

static void
every_deviation_has_a_signature(void **state)
{
	(void)state;
	assert_null(catalog_deviation(DEVIATION_NONE));
	for (int i = DEVIATION_NONE + 1; i <= DEVIATION_RELATIONSHIP; i++) {
		const struct signature *signature =
		    catalog_deviation((enum deviation)i);

		assert_non_null(signature);
		assert_int_equal(signature->deviation, i);
	}
}

static void
ids_are_unique_and_ascending(void **state)
{
	(void)state;
	assert_true(
	    catalog_signature_count >= sizeof(promises) / sizeof(promises[0]));
	for (size_t i = 1; i < catalog_signature_count; i++)
		assert_true(
		    catalog_signatures[i - 1].id < catalog_signatures[i].id);
}

static void
every_signature_says_everything(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalog_signature_count; i++) {
		const struct signature *one = &catalog_signatures[i];

		assert_true(one->revision >= 1);
		assert_true(strlen(one->category) > 0);
		assert_true(strlen(one->title) > 0);
		assert_true(strlen(one->meaning) > 0);
		assert_true(strlen(one->remedy) > 0);
	}
}

static void
kept_and_unknown_ids_are_not_found(void **state)
{
	(void)state;
	assert_null(catalog_find(100, 1007));
	assert_null(catalog_find(101, 1001));
	assert_null(catalog_find(-1, -1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_as_promised),
	    cmocka_unit_test(every_deviation_has_a_signature),
	    cmocka_unit_test(ids_are_unique_and_ascending),
	    cmocka_unit_test(every_signature_says_everything),
	    cmocka_unit_test(kept_and_unknown_ids_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
