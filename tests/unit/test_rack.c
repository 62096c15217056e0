#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/fact_keep.h"
#include "classifiers/sources/rack.h"
#include "fact_lines.h"
#include "sensor/base/arena.h"

static int *
make(int value)
{
	int *thing = malloc(sizeof(*thing));

	assert_non_null(thing);
	*thing = value;
	return thing;
}

static void
things_come_and_go(void **state)
{
	struct rack *rack = rack_new(2);

	(void)state;
	assert_null(rack_get(rack, "a"));
	assert_true(rack_put(rack, "a", make(1)));
	assert_true(rack_put(rack, "b", make(2)));
	assert_false(rack_put(rack, "c", make(3)));
	assert_true(rack_put(rack, "a", make(4)));
	assert_int_equal(*(int *)rack_get(rack, "a"), 4);
	assert_int_equal(rack_count(rack), 2);
	rack_remove(rack, "a");
	rack_remove(rack, "a");
	rack_remove(rack, "nobody");
	assert_null(rack_get(rack, "a"));
	assert_int_equal(rack_count(rack), 1);
	assert_true(rack_put(rack, "c", make(5)));
	assert_int_equal(*(int *)rack_get(rack, "c"), 5);
	assert_int_equal(rack_places(rack), 3);
	assert_null(rack_at(rack, 0));
	assert_string_equal(rack_name(rack, 1), "b");
	rack_free(rack);
	rack_free(NULL);
}

/* Against the plainest of stores, over far more names than fit at once. */
static void
churn_takes_no_room(void **state)
{
	int *live[64] = {0};
	struct rack *rack = rack_new(64);
	unsigned random = 1;
	char name[16];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		unsigned slot, old;

		random = random * 1103515245 + 12345;
		slot = (random >> 16) % 64;
		old = (unsigned)i;
		if (live[slot] != NULL) {
			snprintf(name, sizeof(name), "%d", *live[slot]);
			assert_int_equal(
			    *(int *)rack_get(rack, name), *live[slot]);
			rack_remove(rack, name);
			free(live[slot]);
		}
		live[slot] = make((int)old);
		snprintf(name, sizeof(name), "%d", (int)old);
		assert_true(rack_put(rack, name, make((int)old)));
		assert_true(rack_places(rack) <= 2 * 64 + 256);
	}
	assert_int_equal(rack_count(rack), 64);
	for (size_t i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "%d", *live[i]);
		assert_int_equal(*(int *)rack_get(rack, name), *live[i]);
		free(live[i]);
	}
	rack_free(rack);
}

static struct fact *
keep_borrowed(void)
{
	struct arena *arena = arena_new();
	struct address *address = arena_take(arena, sizeof(*address));
	struct label *labels = arena_array(arena, 300, sizeof(*labels));
	struct container_port *ports = arena_array(arena, 2, sizeof(*ports));
	struct container *container = arena_take(arena, sizeof(*container));
	struct fact fact = {.kind = FACT_WORKLOAD,
	    .id = arena_text(arena, "id"),
	    .workload.owner_name = arena_text(arena, "owner"),
	    .workload.workload = {.namespace = arena_text(arena, "ns"),
		.name = arena_text(arena, "name"),
		.addresses = address,
		.address_count = 1,
		.labels = {labels, 300},
		.containers = container,
		.container_count = 1,
		.since = INSTANT_PAST,
		.until = INSTANT_FUTURE}};
	struct fact *kept;

	assert_true(address_parse("10.1.2.3", address));
	for (size_t i = 0; i < 300; i++)
		labels[i] = (struct label){
		    arena_format(arena, "k%zu", i), arena_text(arena, "v")};
	ports[0] = (struct container_port){80, 6, arena_text(arena, "http")};
	ports[1] = (struct container_port){53, 17, NULL};
	container->ports = ports;
	container->port_count = 2;
	container->image.repository = arena_text(arena, "nginx");
	container->image.tag = arena_text(arena, "1");
	kept = fact_keep(&fact);
	arena_free(arena);
	return kept;
}

static void
kept_facts_are_whole(void **state)
{
	struct fact *kept = keep_borrowed();
	struct text out;

	(void)state;
	text_init(&out, 4096);
	fact_lines_take(kept, &out);
	assert_string_equal(out.at,
	    "workload id ns/name kind= owner=owner node= at 10.1.2.3 ports "
	    "80/6=http 53/17 image=nginx:1 labels=256 past..future\n");
	assert_int_equal(
	    kept->workload.workload.labels.count, INVENTORY_LABELS_MAXIMUM);
	assert_string_equal(kept->workload.workload.labels.at[255].key, "k255");
	text_release(&out);
	free(kept);
}

static void
empty_facts_are_kept(void **state)
{
	struct fact fact = {.kind = FACT_WORKLOAD};
	struct fact *kept = fact_keep(&fact);

	(void)state;
	assert_string_equal(kept->id, "");
	assert_string_equal(kept->workload.workload.name, "");
	assert_int_equal(kept->workload.workload.container_count, 0);
	free(kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(things_come_and_go),
	    cmocka_unit_test(churn_takes_no_room),
	    cmocka_unit_test(kept_facts_are_whole),
	    cmocka_unit_test(empty_facts_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
