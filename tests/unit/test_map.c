#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/map.h"

static void
finds_what_was_put(void **state)
{
	struct map *map = map_new(10);
	int one = 1, two = 2, three = 3;

	(void)state;
	assert_int_equal(map_count(map), 0);
	assert_null(map_get_text(map, "one"));
	assert_true(map_put_text(map, "one", &one));
	assert_true(map_put_text(map, "two", &two));
	assert_ptr_equal(map_get_text(map, "one"), &one);
	assert_ptr_equal(map_get(map, "two!", 3), &two);
	assert_null(map_get(map, "two!", 4));
	assert_true(map_put_text(map, "one", &three));
	assert_ptr_equal(map_get_text(map, "one"), &three);
	assert_int_equal(map_count(map), 2);
	map_free(map);
	map_free(NULL);
}

static void
tells_keys_with_nul_and_empty_apart(void **state)
{
	struct map *map = map_new(10);
	int one = 1, two = 2, three = 3;

	(void)state;
	assert_true(map_put(map, "a\0b", 3, &one));
	assert_true(map_put(map, "a\0c", 3, &two));
	assert_true(map_put(map, "", 0, &three));
	assert_ptr_equal(map_get(map, "a\0b", 3), &one);
	assert_ptr_equal(map_get(map, "a\0c", 3), &two);
	assert_ptr_equal(map_get_text(map, ""), &three);
	assert_null(map_get_text(map, "a"));
	map_free(map);
}

static void
stops_at_its_maximum(void **state)
{
	struct map *map = map_new(2);
	int value = 1, other = 2;

	(void)state;
	assert_true(map_put_text(map, "a", &value));
	assert_true(map_put_text(map, "b", &value));
	assert_false(map_put_text(map, "c", &value));
	assert_null(map_get_text(map, "c"));
	assert_true(map_put_text(map, "a", &other));
	assert_ptr_equal(map_get_text(map, "a"), &other);
	assert_int_equal(map_count(map), 2);
	map_free(map);
}

#define KEYS 700

/* An array that is searched from its start is the oracle. */
struct pairs {
	uint16_t keys[KEYS];
	void *values[KEYS];
	size_t count;
};

static size_t
index_of(const struct pairs *pairs, uint16_t key)
{
	size_t i = 0;

	while (i < pairs->count && pairs->keys[i] != key)
		i++;
	return i;
}

static void
agrees_with_a_plain_array(void **state)
{
	static uint16_t stored[20000];
	struct pairs pairs = {.count = 0};
	struct map *map = map_new(KEYS);

	(void)state;
	srandom(3);
	for (size_t step = 0; step < 20000; step++) {
		uint16_t key = (uint16_t)(random() % (2 * KEYS));
		size_t at = index_of(&pairs, key);
		bool fits = at < pairs.count || pairs.count < KEYS;

		stored[step] = key;
		assert_ptr_equal(map_get(map, &key, sizeof(key)),
		    at < pairs.count ? pairs.values[at] : NULL);
		assert_int_equal(
		    map_put(map, &stored[step], sizeof(key), &stored[step]),
		    fits);
		if (fits) {
			pairs.keys[at] = key;
			pairs.values[at] = &stored[step];
			pairs.count += at == pairs.count;
		}
		assert_int_equal(map_count(map), pairs.count);
	}
	assert_int_equal(pairs.count, KEYS);
	for (size_t i = 0; i < pairs.count; i++)
		assert_ptr_equal(map_at(map, i), pairs.values[i]);
	map_free(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_what_was_put),
	    cmocka_unit_test(tells_keys_with_nul_and_empty_apart),
	    cmocka_unit_test(stops_at_its_maximum),
	    cmocka_unit_test(agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
