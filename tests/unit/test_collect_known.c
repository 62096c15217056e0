#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_known.h"
#include "sensor/base/text.h"

/* What went away, as `kind:id ` one after the other. */
static bool
take(const struct fact *fact, void *context)
{
	struct text *text = context;

	assert_true(fact->gone);
	text_format(text, "%s:%s@%llu ", fact_kind_name(fact->kind), fact->id,
	    (unsigned long long)fact->version);
	return true;
}

static bool
note(struct collect_known *known, enum fact_kind kind, const char *id,
    uint64_t version)
{
	struct fact fact = {.kind = kind, .id = id, .version = version};

	return collect_known_note(known, &fact);
}

static bool
note_gone(struct collect_known *known, enum fact_kind kind, const char *id)
{
	struct fact fact = {.kind = kind, .id = id, .gone = true};

	return collect_known_note(known, &fact);
}

static void
news(void **state)
{
	struct collect_known *known = collect_known_new(100);

	(void)state;
	assert_true(note(known, FACT_WORKLOAD, "a", 1));
	assert_false(note(known, FACT_WORKLOAD, "a", 1));
	assert_true(note(known, FACT_WORKLOAD, "a", 2));
	/* The same id of another kind is another object. */
	assert_true(note(known, FACT_NODE, "a", 2));
	/* Without a version nobody can know. */
	assert_true(note(known, FACT_SERVICE, "s", 0));
	assert_true(note(known, FACT_SERVICE, "s", 0));
	/* Of a node's address the id says it all. */
	assert_true(note(known, FACT_NODE_ADDRESS, "n/192.0.2.1", 0));
	assert_false(note(known, FACT_NODE_ADDRESS, "n/192.0.2.1", 0));
	assert_int_equal(collect_known_count(known), 4);
	/* What is gone and comes back is news, though nothing else changed. */
	assert_true(note_gone(known, FACT_WORKLOAD, "a"));
	assert_int_equal(collect_known_count(known), 3);
	assert_true(note(known, FACT_WORKLOAD, "a", 2));
	assert_true(note_gone(known, FACT_WORKLOAD, "never seen"));
	collect_known_free(known);
}

static void
lists(void **state)
{
	struct collect_known *known = collect_known_new(100);
	struct text gone;
	struct fact_taker taker = {take, &gone};

	(void)state;
	text_init(&gone, 4096);
	note(known, FACT_WORKLOAD, "stays", 1);
	note(known, FACT_WORKLOAD, "goes", 2);
	note(known, FACT_WORKLOAD, "went", 3);
	note_gone(known, FACT_WORKLOAD, "went");
	note(known, FACT_NODE, "other", 4);
	/* Nothing began, so nothing ends. */
	assert_int_equal(collect_known_listed(known, COLLECT_KINDS_ALL, "c", 9,
			     INSTANT_PAST, &taker),
	    0);
	collect_known_list(known, COLLECT_KIND(FACT_WORKLOAD));
	assert_false(note(known, FACT_WORKLOAD, "stays", 1));
	assert_true(note(known, FACT_WORKLOAD, "comes", 5));
	/* Another kind's list, in the middle of it, is no matter. */
	collect_known_list(known, COLLECT_KIND(FACT_SERVICE));
	assert_int_equal(collect_known_listed(known, COLLECT_KINDS_ALL, "c", 9,
			     INSTANT_PAST, &taker),
	    1);
	assert_string_equal(gone.at, "workload:goes@9 ");
	assert_int_equal(collect_known_count(known), 3);
	/* A list that was begun twice is as good as one. */
	text_clear(&gone);
	collect_known_list(known, COLLECT_KIND(FACT_WORKLOAD));
	note(known, FACT_WORKLOAD, "stays", 1);
	collect_known_list(known, COLLECT_KIND(FACT_WORKLOAD));
	note(known, FACT_WORKLOAD, "comes", 5);
	assert_int_equal(
	    collect_known_listed(known, COLLECT_KIND(FACT_WORKLOAD), "c", 0,
		INSTANT_PAST, &taker),
	    1);
	assert_string_equal(gone.at, "workload:stays@0 ");
	text_release(&gone);
	collect_known_free(known);
}

#define NAMES 4000

/* A long random life, against an array that knows everything. */
static void
random_life(void **state)
{
	struct collect_known *known = collect_known_new(1 << 20);
	uint64_t *versions = calloc(NAMES, sizeof(*versions));
	uint64_t living = 0, random = 42;

	(void)state;
	assert_non_null(versions);
	for (uint64_t step = 1; step < 60000; step++) {
		char id[32];
		size_t name;

		random = random * 6364136223846793005U + 1442695040888963407U;
		name = (size_t)(random >> 33) % NAMES;
		(void)snprintf(id, sizeof(id), "pod-%zu", name);
		if ((random >> 20 & 3) == 0 && versions[name] != 0) {
			assert_false(
			    note(known, FACT_WORKLOAD, id, versions[name]));
		} else if ((random >> 20 & 3) == 1) {
			assert_true(note(known, FACT_WORKLOAD, id, step));
			living += versions[name] == 0 ? 1 : 0;
			versions[name] = step;
		} else {
			assert_true(note_gone(known, FACT_WORKLOAD, id));
			living -= versions[name] == 0 ? 0 : 1;
			versions[name] = 0;
		}
		assert_int_equal(collect_known_count(known), living);
	}
	free(versions);
	collect_known_free(known);
}

/* Beyond the maximum everything is news, and nothing breaks. */
static void
full(void **state)
{
	struct collect_known *known = collect_known_new(2);
	char *long_id = calloc(1, 10000);

	(void)state;
	assert_non_null(long_id);
	memset(long_id, 'x', 9999);
	assert_true(note(known, FACT_NODE, "a", 1));
	assert_true(note(known, FACT_NODE, long_id, 1));
	assert_true(note(known, FACT_NODE, long_id, 1));
	assert_true(note(known, FACT_NODE, "b", 1));
	assert_true(note(known, FACT_NODE, "c", 1));
	assert_true(note(known, FACT_NODE, "c", 1));
	assert_false(note(known, FACT_NODE, "b", 1));
	assert_int_equal(collect_known_count(known), 2);
	free(long_id);
	collect_known_free(known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(news),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(random_life),
	    cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
