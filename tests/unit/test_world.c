/*
 * The world of a running sensor without Redis: what it reads, what it tells,
 * what a reload of models changes; and the two lists behind it, flows that wait
 * and what was saved.  With Redis: tests/live/churn.sh.
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
#include "models/policy.h"
#include "sensor/base/loop.h"
#include "sensor/run/exit.h"
#include "sensor/run/recollection.h"
#include "sensor/run/setup.h"
#include "sensor/run/waiting.h"
#include "sensor/run/world.h"

struct place_of_test {
	char directory[32], models[64], file[64];
	struct setup_paths paths;
	struct loop *loop;
	struct world *world;
	unsigned told;
	char zone[64]; /* of 192.0.2.1 when the user was told */
	bool both;     /* old and new could be asked then */
};

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const char *
zone_of(const struct inventory *inventory, const char *text)
{
	struct address address;
	struct party party;

	assert_true(address_parse(text, &address));
	party = inventory_who(
	    inventory, INVENTORY_ANY, &address, (struct instant){1});
	return party.zone == NULL ? "" : party.zone->name;
}

static void
on_changed(const struct world_view *now, const struct world_view *before,
    void *context)
{
	struct place_of_test *test = context;

	test->told++;
	assert_int_equal(now->generation, before->generation + 1);
	(void)snprintf(test->zone, sizeof(test->zone), "%s",
	    zone_of(now->inventory, "192.0.2.1"));
	test->both = inventory_workload_count(before->inventory) == 1 &&
		     inventory_workload_count(now->inventory) == 1 &&
		     policy_workload(before->policy,
			 inventory_workload(before->inventory, 0)) != NULL &&
		     policy_workload(now->policy,
			 inventory_workload(now->inventory, 0)) != NULL;
}

static int
begin(void **state)
{
	struct place_of_test *test = calloc(1, sizeof(*test));

	assert_non_null(test);
	(void)snprintf(test->directory, sizeof(test->directory), "%s",
	    "/tmp/hedgerow-world-XXXXXX");
	assert_non_null(mkdtemp(test->directory));
	(void)snprintf(
	    test->models, sizeof(test->models), "%s/own.yaml", test->directory);
	(void)snprintf(
	    test->file, sizeof(test->file), "%s/legacy.json", test->directory);
	write_text(test->models,
	    "zone: lan\ncidr: [192.0.2.0/24]\n---\n"
	    "model: own\nmatch: [{application: ledger}]\n");
	write_text(test->file,
	    "{\"v\":1,\"fact\":\"workload\",\"cluster\":\"lab\","
	    "\"id\":\"static:lab:ledger-1\",\"orchestrator\":\"static\","
	    "\"name\":\"ledger-1\",\"application\":\"ledger\","
	    "\"addresses\":[\"10.0.0.7\"]}\n");
	test->paths.no_library = true;
	assert_true(setup_add_models(&test->paths, test->models));
	assert_true(setup_add_inventory(&test->paths, test->file));
	test->loop = loop_new();
	assert_non_null(test->loop);
	*state = test;
	return 0;
}

static int
end(void **state)
{
	struct place_of_test *test = *state;

	world_free(test->world);
	loop_free(test->loop);
	(void)unlink(test->models);
	(void)unlink(test->file);
	(void)rmdir(test->directory);
	free(test);
	return 0;
}

static int
open_world(struct place_of_test *test)
{
	const struct world_settings settings = {
	    .paths = &test->paths,
	    .changed = on_changed,
	    .context = test,
	};
	int code = -1;

	test->world = world_new(test->loop, &settings, &code);
	return code;
}

static void
test_files_alone_are_all_there_is(void **state)
{
	struct place_of_test *test = *state;
	struct world_view view;
	struct world_state now;

	assert_int_equal(open_world(test), EXIT_DONE);
	assert_true(world_wait(test->world, NS_PER_SECOND));
	view = world_view(test->world);
	assert_int_equal(view.generation, 1);
	assert_string_equal(zone_of(view.inventory, "192.0.2.1"), "lan");
	assert_int_equal(world_grace(test->world), 0);
	now = world_state(test->world);
	assert_false(now.live);
	assert_int_equal(now.workloads, 1);
	assert_int_equal(test->told, 0);
}

static void
test_reload_changes_zones_too(void **state)
{
	struct place_of_test *test = *state;

	assert_int_equal(open_world(test), EXIT_DONE);
	write_text(test->models,
	    "zone: wan\ncidr: [192.0.2.0/25]\n---\n"
	    "model: own\nmatch: [{application: ledger}]\n");
	assert_true(world_reload_models(test->world));
	assert_int_equal(test->told, 1);
	assert_true(test->both);
	assert_string_equal(test->zone, "wan");
	assert_string_equal(
	    zone_of(world_view(test->world).inventory, "192.0.2.200"), "");
	assert_int_equal(world_state(test->world).reloads, 1);
}

static void
test_broken_models_change_nothing(void **state)
{
	struct place_of_test *test = *state;
	struct world_view before;

	assert_int_equal(open_world(test), EXIT_DONE);
	before = world_view(test->world);
	write_text(test->models, "model: own\nmatch: [{aplication: x}]\n");
	assert_false(world_reload_models(test->world));
	assert_int_equal(test->told, 0);
	assert_ptr_equal(world_view(test->world).policy, before.policy);
	assert_ptr_equal(world_view(test->world).inventory, before.inventory);
	assert_int_equal(world_state(test->world).reloads_lost, 1);
}

static void
test_what_cannot_be_read_is_no_world(void **state)
{
	struct place_of_test *test = *state;

	write_text(test->models, "model: [\n");
	assert_int_equal(open_world(test), EXIT_USAGE);
	assert_null(test->world);
	write_text(test->models, "model: own\nmatch: [{application: x}]\n");
	test->paths.redis = "rediss://nowhere";
	assert_int_equal(open_world(test), EXIT_USAGE);
	assert_null(test->world);
}

/* Redis that is away is no reason: flows wait, and it is said. */
static void
test_redis_may_be_away(void **state)
{
	struct place_of_test *test = *state;
	struct world_state now;
	char url[96];

	(void)snprintf(url, sizeof(url), "unix://%s/none", test->directory);
	test->paths.redis = url;
	assert_int_equal(open_world(test), EXIT_DONE);
	assert_false(world_wait(test->world, 20 * NS_PER_MS));
	now = world_state(test->world);
	assert_true(now.live);
	assert_false(now.loaded);
	assert_false(now.redis.connected);
	assert_int_equal(now.workloads, 1);
	assert_int_equal(world_grace(test->world), WORLD_GRACE);
}

/* --- what was saved ------------------------------------------------------- */

static bool
count_gone(const struct fact *fact, void *context)
{
	assert_true(fact->gone);
	assert_int_equal(fact->at.ns, 7);
	assert_string_equal(fact->id, "c");
	(*(unsigned *)context)++;
	return true;
}

static void
test_only_what_nobody_names_is_over(void **state)
{
	struct recollection *saved = recollection_new();
	unsigned gone = 0;
	const struct fact_taker taker = {count_gone, &gone};
	struct fact fact = {.kind = FACT_NODE, .cluster = "lab", .id = "a"};

	(void)state;
	recollection_note(saved, &fact);
	fact.id = "b";
	fact.gone = true; /* it was over when it was saved */
	recollection_note(saved, &fact);
	fact.id = "c";
	fact.gone = false;
	recollection_note(saved, &fact);
	fact.id = "a";
	recollection_confirm(saved, &fact);
	fact.id = "c"; /* another's */
	fact.cluster = "east";
	recollection_confirm(saved, &fact);
	fact.cluster = "lab";
	fact.kind = FACT_ZONE;
	recollection_confirm(saved, &fact);
	assert_int_equal(
	    recollection_end(saved, (struct instant){7}, &taker), 1);
	assert_int_equal(gone, 1);
	recollection_free(saved);
}

/* --- flows that wait ------------------------------------------------------ */

static struct instant
second(int64_t s)
{
	return (struct instant){s * NS_PER_SECOND};
}

static void
test_waiting_is_bounded(void **state)
{
	struct waiting *waiting = waiting_new(WAITING_MAXIMUM + 9, 5);

	(void)state;
	for (uint32_t i = 0; i < WAITING_MAXIMUM; i++)
		assert_non_null(waiting_add(waiting, i, second(1)));
	assert_null(waiting_add(waiting, WAITING_MAXIMUM, second(1)));
	assert_int_equal(waiting_counts(waiting).waited, WAITING_MAXIMUM);
	assert_int_equal(waiting_counts(waiting).no_room, 1);
	for (uint32_t i = 0; i < WAITING_MAXIMUM; i++)
		assert_int_equal(waiting_find(waiting, i)->conversation, i);
	waiting_free(waiting);
}

static void
test_waiting_goes_by_age(void **state)
{
	struct waiting *waiting = waiting_new(8, 10 * NS_PER_SECOND);
	struct waiting_flow *a = waiting_add(waiting, 3, second(1));
	struct waiting_flow *b = waiting_add(waiting, 4, second(2));

	(void)state;
	assert_null(waiting_due(waiting, second(11)));
	assert_ptr_equal(waiting_due(waiting, second(12)), a);
	a->said = true;
	assert_null(waiting_due(waiting, second(12)));
	waiting_end(waiting, a); /* its conversation is free for another */
	assert_null(waiting_find(waiting, 3));
	assert_ptr_not_equal(waiting_add(waiting, 3, second(12)), a);
	waiting_let_go(waiting, b);
	assert_null(waiting_find(waiting, 4));
	assert_null(waiting_expired(waiting, second(151)));
	assert_ptr_equal(waiting_expired(waiting, second(152)), a);
	waiting_let_go(waiting, a);
	assert_ptr_equal(
	    waiting_due(waiting, second(152)), waiting_find(waiting, 3));
	assert_ptr_equal(waiting_oldest(waiting), waiting_find(waiting, 3));
	waiting_free(waiting);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_files_alone_are_all_there_is, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_reload_changes_zones_too, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_broken_models_change_nothing, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_what_cannot_be_read_is_no_world, begin, end),
	    cmocka_unit_test_setup_teardown(test_redis_may_be_away, begin, end),
	    cmocka_unit_test(test_only_what_nobody_names_is_over),
	    cmocka_unit_test(test_waiting_is_bounded),
	    cmocka_unit_test(test_waiting_goes_by_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
