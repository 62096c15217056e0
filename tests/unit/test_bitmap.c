#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/measures/bitmap.h"

static uint64_t
draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *seed >> 32;
}

/* Bits are counted in parallel: against counting them one by one. */
static void
test_bitmap_counts_every_bit(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (size_t round = 0; round < 2000; round++) {
		struct bitmap one = {0}, other = {0};
		int set = 0;

		for (size_t i = 0; i < round; i++)
			bitmap_set(i % 3 == 0 ? &other : &one,
			    draw(&seed) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
		for (uint64_t bit = 0; bit < BITMAP_BITS; bit++)
			set += bitmap_has(&one, bit) || bitmap_has(&other, bit);
		assert_true(set < BITMAP_BITS);
		assert_int_equal(bitmap_count(&one, &other),
		    (uint32_t)(BITMAP_BITS * log((double)BITMAP_BITS /
						 (BITMAP_BITS - set)) +
			       0.5));
	}
	assert_int_equal(
	    bitmap_count(&(struct bitmap){{[0] = UINT64_MAX}}, NULL), 66);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bitmap_counts_every_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
