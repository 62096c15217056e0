#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "made_frame.h"
#include "sensor/base/hash.h"
#include "sensor/flow_index.h"
#include "sensor/flow_key.h"
#include "sensor/flow_list.h"

#define CAPACITY 16

/* What the index ought to hold: slot i is there, under tags[i]. */
struct shadow {
	struct flow flows[CAPACITY];
	struct flow_key keys[CAPACITY];
	uint32_t tags[CAPACITY];
	bool there[CAPACITY];
};

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223; /* Knuth's and Lewis's */
	return *state >> 16;
}

static void
shadow_fill(struct shadow *shadow, uint32_t tags, uint32_t *random)
{
	*shadow = (struct shadow){.there = {false}};
	for (uint16_t i = 0; i < CAPACITY; i++) {
		struct frame_key key = made_key(PROTOCOL_UDP, 1, i, 2, 80);

		(void)flow_key_of(&key, &shadow->keys[i]);
		shadow->flows[i].protocol = PROTOCOL_UDP;
		shadow->flows[i].ends[0] = shadow->keys[i].ends[0];
		shadow->flows[i].ends[1] = shadow->keys[i].ends[1];
		shadow->tags[i] = next_random(random) % tags;
	}
}

static void
assert_same(const struct flow_index *index, const struct shadow *shadow)
{
	for (uint32_t i = 0; i < CAPACITY; i++) {
		uint32_t found = flow_index_find(
		    index, shadow->flows, &shadow->keys[i], shadow->tags[i]);

		assert_int_equal(found, shadow->there[i] ? i : NO_SLOT);
	}
}

/* With a few tags only, every entry lies in one wrapped cluster with others. */
static void
walk_randomly(uint32_t tags)
{
	struct flow_index index;
	struct shadow shadow;
	uint32_t random = tags;

	assert_true(flow_index_init(&index, CAPACITY));
	shadow_fill(&shadow, tags, &random);
	for (int step = 0; step < 3000; step++) {
		uint32_t slot = next_random(&random) % CAPACITY;

		if (shadow.there[slot])
			flow_index_remove(&index, shadow.tags[slot], slot);
		else
			flow_index_add(&index, shadow.tags[slot], slot);
		shadow.there[slot] = !shadow.there[slot];
		assert_same(&index, &shadow);
	}
	flow_index_release(&index);
}

static void
test_index_against_a_plain_array(void **state)
{
	const uint32_t tags[] = {1, 2, 5, 32, 64, 4096};

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		walk_randomly(tags[i]);
}

static void
test_smallest_index(void **state)
{
	struct flow_index index;
	struct shadow shadow;
	uint32_t random = 1;

	(void)state;
	assert_true(flow_index_init(&index, 1));
	shadow_fill(&shadow, 2, &random);
	for (uint32_t i = 0; i < CAPACITY; i++) {
		flow_index_add(&index, shadow.tags[i], i);
		shadow.there[i] = true;
		assert_same(&index, &shadow);
		flow_index_remove(&index, shadow.tags[i], i);
		shadow.there[i] = false;
		assert_same(&index, &shadow);
	}
	flow_index_release(&index);
}

static void
test_key_is_the_same_in_both_directions(void **state)
{
	const struct frame_key stated[] = {
	    made_key(PROTOCOL_TCP, 1, 9, 2, 8),
	    made_key(PROTOCOL_TCP, 1, 8, 2, 9),
	    made_key(PROTOCOL_TCP, 3, 8, 3, 9),
	};
	const struct hash_key secret = {{3, 4}}, another = {{3, 5}};

	(void)state;
	for (size_t i = 0; i < sizeof(stated) / sizeof(stated[0]); i++) {
		struct frame_key reversed = made_reverse(stated[i]);
		struct flow_key there, back;

		assert_int_equal(flow_key_of(&stated[i], &there), 0);
		assert_int_equal(flow_key_of(&reversed, &back), 1);
		assert_int_equal(there.ends[0].port, stated[i].source_port);
		assert_int_equal(flow_key_tag(&there, &secret),
		    flow_key_tag(&back, &secret));
		assert_int_not_equal(flow_key_tag(&there, &secret),
		    flow_key_tag(&there, &another));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_index_against_a_plain_array),
	    cmocka_unit_test(test_smallest_index),
	    cmocka_unit_test(test_key_is_the_same_in_both_directions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
