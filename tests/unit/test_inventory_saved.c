#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifiers/sources/inventory_saved.h"
#include "fact_text.h"
#include "random_fact.h"
#include "sensor/base/file.h"

#define COUNT 200

static const char *
path_of(void **state)
{
	return *state;
}

static int
set_up(void **state)
{
	char directory[] = "/tmp/hedgerow-saved-XXXXXX";
	char *path;

	assert_non_null(mkdtemp(directory));
	assert_true(asprintf(&path, "%s/inventory.ndjson", directory) > 0);
	*state = path;
	return 0;
}

static int
tear_down(void **state)
{
	char *path = *state;

	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
	free(path);
	return 0;
}

static void
give_random(struct fact_taker taker, uint64_t seed, size_t count)
{
	struct random random = {seed};

	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct fact fact = random_fact(
		    &random, arena, (enum fact_kind)(i % FACT_KINDS), 100);

		assert_true(fact_give(&taker, &fact));
		arena_free(arena);
	}
}

static bool
take_text(const struct fact *fact, void *context)
{
	tell_fact(context, fact);
	return true;
}

static void
save(const char *path, uint64_t seed, size_t count)
{
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct inventory_saving *saving = inventory_saving_begin(path, fault);

	assert_non_null(saving);
	give_random(inventory_saving_taker(saving), seed, count);
	assert_true(inventory_saving_end(saving, fault));
}

static void
comes_back_as_it_was(void **state)
{
	struct text want, got;
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct stat found;

	text_init(&want, (size_t)1 << 24);
	text_init(&got, (size_t)1 << 24);
	give_random((struct fact_taker){take_text, &want}, 3, COUNT);
	save(path_of(state), 3, COUNT);
	assert_int_equal(inventory_saved_read(path_of(state),
			     (struct fact_taker){take_text, &got}, fault),
	    COUNT);
	assert_string_equal(got.at, want.at);
	assert_int_equal(stat(path_of(state), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	/* Over it, and empty. */
	save(path_of(state), 4, 0);
	assert_int_equal(inventory_saved_read(path_of(state),
			     (struct fact_taker){take_text, &got}, fault),
	    0);
	text_release(&got);
	text_release(&want);
}

static void
write_octets(const char *path, const char *octets, size_t size)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

/* Wherever it ends, and whichever octet is another: all or nothing. */
static void
a_torn_file_is_refused(void **state)
{
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct fact_taker taker;
	struct text got;
	char *octets;
	size_t size;

	text_init(&got, (size_t)1 << 24);
	taker = (struct fact_taker){take_text, &got};
	save(path_of(state), 5, 20);
	assert_int_equal(
	    file_read(path_of(state), (size_t)1 << 24, &octets, &size), 0);
	for (size_t length = 0; length < size; length += 1 + length / 37) {
		write_octets(path_of(state), octets, length);
		fault[0] = '\0';
		assert_int_equal(
		    inventory_saved_read(path_of(state), taker, fault), -1);
		assert_non_null(strstr(fault, "torn"));
	}
	for (size_t at = 0; at < size; at += 1 + at / 37) {
		octets[at] ^= 1;
		write_octets(path_of(state), octets, size);
		assert_int_equal(
		    inventory_saved_read(path_of(state), taker, fault), -1);
		octets[at] ^= 1;
	}
	assert_int_equal(got.length, 0);
	free(octets);
	text_release(&got);
}

static void
what_is_abandoned_changes_nothing(void **state)
{
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct inventory_saving *saving;
	struct text got;

	text_init(&got, (size_t)1 << 24);
	save(path_of(state), 6, 10);
	saving = inventory_saving_begin(path_of(state), fault);
	give_random(inventory_saving_taker(saving), 7, 30);
	inventory_saving_abandon(saving);
	assert_int_equal(inventory_saved_read(path_of(state),
			     (struct fact_taker){take_text, &got}, fault),
	    10);
	text_release(&got);
}

static void
faults_are_said(void **state)
{
	char fault[INVENTORY_SAVED_FAULT_SIZE];
	struct fact_taker taker = {take_text, NULL};

	(void)state;
	assert_null(inventory_saving_begin("/nowhere/inventory", fault));
	assert_non_null(strstr(fault, "No such file"));
	assert_int_equal(
	    inventory_saved_read("/nowhere/inventory", taker, fault), -1);
	assert_non_null(strstr(fault, "No such file"));
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(comes_back_as_it_was),
	    TEST(a_torn_file_is_refused),
	    TEST(what_is_abandoned_changes_nothing),
	    TEST(faults_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
