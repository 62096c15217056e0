#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/collect/collect_changes.h"
#include "classifiers/collect/collect_fetch.h"
#include "fact_lines.h"

#define AT(second) ((struct instant){second * NS_PER_SECOND})

struct scene {
	struct text out;
	struct collect_changes *changes;
	struct fact_taker taker;
};

static void
begin(struct scene *scene, size_t maximum)
{
	struct fact_taker taker = {fact_lines_take, &scene->out};

	text_init(&scene->out, 1 << 16);
	scene->changes = collect_changes_new(&taker, maximum);
	scene->taker = collect_changes_taker(scene->changes);
}

static void
end(struct scene *scene)
{
	collect_changes_free(scene->changes);
	text_release(&scene->out);
}

/* What is passed on of one fact: "" or its line. */
static const char *
give(struct scene *scene, const char *id, const char *name, int64_t second)
{
	struct container container = {
	    .name = "", .image.repository = "", .image.tag = ""};
	struct fact fact = {.kind = FACT_WORKLOAD,
	    .cluster = "c",
	    .id = id,
	    .at = AT(second),
	    .workload.workload = {.id = id,
		.cluster = "c",
		.name = name,
		.containers = &container,
		.container_count = 1,
		.since = AT(1),
		.until = INSTANT_FUTURE}};

	text_clear(&scene->out);
	assert_true(fact_give(&scene->taker, &fact));
	return scene->out.at;
}

static const char *
give_gone(struct scene *scene, const char *id)
{
	struct fact fact = {.kind = FACT_WORKLOAD,
	    .gone = true,
	    .cluster = "c",
	    .id = id,
	    .at = AT(9)};

	text_clear(&scene->out);
	assert_true(fact_give(&scene->taker, &fact));
	return scene->out.at;
}

static void
only_what_is_new_passes(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, 10);
	assert_non_null(strstr(give(&scene, "a", "n", 1), "workload a"));
	/* The same, seen later. */
	assert_string_equal(give(&scene, "a", "n", 2), "");
	assert_non_null(strstr(give(&scene, "a", "m", 3), "workload a"));
	assert_string_equal(
	    give_gone(&scene, "a"), "gone workload a 00:00:09.000\n");
	assert_string_equal(give_gone(&scene, "a"), "");
	assert_string_equal(give_gone(&scene, "nobody"), "");
	assert_non_null(strstr(give(&scene, "a", "m", 4), "workload a"));
	end(&scene);
}

static bool
starts_with(enum fact_kind kind, const char *id, void *context)
{
	const char *prefix = context;

	return kind == FACT_WORKLOAD && strncmp(id, prefix, 1) == 0;
}

/* Two lists overlap, and neither ends what is the other's. */
static void
lists_end_what_they_lack(void **state)
{
	char a[] = "a", b[] = "b";
	struct scene scene;
	uint64_t first, second;

	(void)state;
	begin(&scene, 10);
	give(&scene, "a1", "n", 1);
	give(&scene, "a2", "n", 1);
	give(&scene, "b1", "n", 1);
	first = collect_changes_begin(scene.changes);
	give(&scene, "a1", "n", 2);
	second = collect_changes_begin(scene.changes);
	give(&scene, "b2", "n", 2);
	text_clear(&scene.out);
	assert_int_equal(
	    collect_changes_end(scene.changes, second, starts_with, b, AT(5)),
	    1);
	assert_string_equal(scene.out.at, "gone workload b1 00:00:05.000\n");
	text_clear(&scene.out);
	assert_int_equal(
	    collect_changes_end(scene.changes, first, starts_with, a, AT(6)),
	    1);
	assert_string_equal(scene.out.at, "gone workload a2 00:00:06.000\n");
	assert_int_equal(
	    collect_changes_end(scene.changes, first, starts_with, a, AT(6)),
	    0);
	end(&scene);
}

static void
beyond_the_maximum_all_is_new(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, 1);
	give(&scene, "a", "n", 1);
	assert_string_not_equal(give(&scene, "b", "n", 1), "");
	assert_string_not_equal(give(&scene, "b", "n", 1), "");
	assert_string_equal(give(&scene, "a", "n", 1), "");
	end(&scene);
}

static void
delays_double(void **state)
{
	uint64_t random = 7;
	int64_t seen[9] = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		unsigned failures = (unsigned)(i % 9);
		int64_t most = failures >= 6   ? 32
			       : failures == 0 ? 1
					       : INT64_C(1) << (failures - 1);
		int64_t delay = collect_delay(failures, &random);

		assert_true(delay >= most * NS_PER_SECOND / 2);
		assert_true(delay < most * NS_PER_SECOND);
		assert_true(delay != seen[failures]);
		seen[failures] = delay;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_is_new_passes),
	    cmocka_unit_test(lists_end_what_they_lack),
	    cmocka_unit_test(beyond_the_maximum_all_is_new),
	    cmocka_unit_test(delays_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
