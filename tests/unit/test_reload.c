/*
 * Models read anew while somebody judges by the old ones: a set with a mistake
 * changes nothing, a good one takes over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/inventory/inventory.h"
#include "models/judge.h"
#include "models/library.h"
#include "sensor/run/exit.h"
#include "sensor/run/setup.h"

#define DEMO "pcaps/demo/"

struct place_of_test {
	char directory[32], models[64];
	struct setup_paths paths;
	struct setup setup;
};

static void
write_models(const struct place_of_test *test, const char *text)
{
	FILE *file = fopen(test->models, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Whether the shop's front end may speak Redis to its carts' database. */
static enum verdict_kind
ask(const struct place_of_test *test)
{
	struct instant at;
	struct address client, server;
	struct question question = {
	    .protocol = 6,
	    .port = 6379,
	    .appid = {APPLICATION_REDIS, APPLICATION_UNKNOWN, APP_DPI},
	};

	assert_true(instant_parse("2026-11-21T06:28:00Z", &at));
	assert_true(address_parse("10.245.2.213", &client));
	assert_true(address_parse("10.245.3.43", &server));
	question.start = at;
	question.client =
	    inventory_who(test->setup.inventory, INVENTORY_ANY, &client, at);
	question.server =
	    inventory_who(test->setup.inventory, INVENTORY_ANY, &server, at);
	return judge(test->setup.policy, &question).kind;
}

static int
begin(void **state)
{
	struct place_of_test *test = calloc(1, sizeof(*test));

	assert_non_null(test);
	assert_int_equal(setenv("HEDGEROW_DATA", "models", 1), 0);
	(void)snprintf(test->directory, sizeof(test->directory), "%s",
	    "/tmp/hedgerow-reload-XXXXXX");
	assert_non_null(mkdtemp(test->directory));
	(void)snprintf(
	    test->models, sizeof(test->models), "%s/own.yaml", test->directory);
	write_models(test, "model: own\nmatch: [{application: nobody}]\n");
	test->paths.judges = true;
	assert_true(setup_add_inventory(&test->paths, DEMO "metadata.json"));
	assert_true(setup_add_inventory(&test->paths, DEMO "watch.jsonl"));
	assert_true(setup_add_models(&test->paths, test->directory));
	assert_int_equal(setup_load(&test->paths, &test->setup), EXIT_DONE);
	*state = test;
	return 0;
}

static int
end(void **state)
{
	struct place_of_test *test = *state;

	setup_release(&test->setup);
	(void)unlink(test->models);
	(void)rmdir(test->directory);
	free(test);
	return 0;
}

static void
test_broken_set_keeps_the_running_one(void **state)
{
	static const char *const broken[] = {
	    "model: own\nmatch: [{aplication: carts-db}]\n",
	    "model: own\nextends: own\n",
	    "model: own\nmatch: [{application: x}]\nprovides: [{port: 9-1}]\n",
	    "model: [unclosed\n",
	    "model: own\nmatch: [{application: x}]\n"
	    "needs: [{to: {external: {country: NO}}}]\n",
	    "",
	};
	struct place_of_test *test = *state;
	struct library *library = test->setup.library;
	struct policy *policy = test->setup.policy;

	assert_int_equal(ask(test), VERDICT_DEVIATION);
	for (size_t i = 0; broken[i][0] != '\0'; i++) {
		write_models(test, broken[i]);
		assert_false(setup_reload_models(&test->paths, &test->setup));
		assert_ptr_equal(test->setup.library, library);
		assert_ptr_equal(test->setup.policy, policy);
		assert_int_equal(ask(test), VERDICT_DEVIATION);
	}
}

static void
test_good_set_takes_over(void **state)
{
	struct place_of_test *test = *state;

	assert_int_equal(ask(test), VERDICT_DEVIATION);
	write_models(test,
	    "model: own\nadds: true\nmatch: [{application: carts-db}]\n"
	    "provides: [{app: redis, from: {application: front-end}}]\n"
	    "---\n"
	    "model: front\nadds: true\nmatch: [{application: front-end}]\n"
	    "needs: [{app: redis, to: {application: carts-db}}]\n");
	assert_true(setup_reload_models(&test->paths, &test->setup));
	assert_int_equal(ask(test), VERDICT_ALLOWED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_broken_set_keeps_the_running_one, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_good_set_takes_over, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
