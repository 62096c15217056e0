/*
 * Messages that wait: beside a naive list, with little room and many flows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/run/held_messages.h"

#define FLOWS 50

/* Each message is known by its code; its octets follow from that. */
static void
fill(uint8_t *octets, uint32_t size, uint32_t code)
{
	for (uint32_t i = 0; i < size; i++)
		octets[i] = (uint8_t)(code * 7 + i);
}

static bool
add(struct held_messages *held, uint32_t flow, uint32_t code)
{
	static uint8_t octets[MESSAGE_MAXIMUM];
	struct message message = {
	    .kind = MESSAGE_OPENING,
	    .code = code,
	    .octets = octets,
	    .size = code * 37 % MESSAGE_MAXIMUM,
	};
	struct told_at told = {.packet = code};

	message.length = message.size;
	fill(octets, message.size, code);
	return held_messages_add(held, flow,
	    &(struct held_client){.began = {code}}, &message, code & 1, &told);
}

static void
check(const struct held_message *one, uint32_t code)
{
	uint8_t expected[MESSAGE_MAXIMUM];

	assert_non_null(one);
	assert_int_equal(one->message.code, code);
	assert_int_equal(one->told.packet, code);
	assert_int_equal(one->sender, code & 1);
	fill(expected, one->message.size, code);
	assert_memory_equal(one->message.octets, expected, one->message.size);
}

static void
they_come_in_order_and_once(void **state)
{
	struct held_messages *held =
	    held_messages_new(FLOWS, HELD_MESSAGES_SIZE);

	(void)state;
	for (uint32_t code = 1; code <= 10; code++)
		assert_true(add(held, code % 2, code));
	for (uint32_t code = 2; code <= 10; code += 2)
		check(held_messages_next(held, 0), code);
	assert_null(held_messages_next(held, 0));
	for (uint32_t code = 1; code <= 9; code += 2)
		check(held_messages_next(held, 1), code);
	assert_null(held_messages_next(held, 1));
	assert_null(held_messages_next(held, UINT32_MAX));
	assert_int_equal(held_messages_lost(held), 0);
	held_messages_free(held);
}

static void
a_flow_has_so_many(void **state)
{
	struct held_messages *held =
	    held_messages_new(FLOWS, HELD_MESSAGES_SIZE);

	(void)state;
	for (uint32_t code = 0; code < HELD_MESSAGES_EACH; code++)
		assert_true(add(held, 3, code));
	assert_false(add(held, 3, 99));
	assert_true(add(held, 4, 99));
	check(held_messages_next(held, 3), 0);
	assert_true(add(held, 3, HELD_MESSAGES_EACH));
	held_messages_free(held);
}

/* What was added and not taken, oldest first. */
struct naive {
	struct {
		uint32_t flow, code;
	} at[100000];
	size_t count, first;
};

static void
random_ones_beside_a_naive_list(void **state)
{
	struct held_messages *held =
	    held_messages_new(FLOWS, HELD_MESSAGES_SIZE);
	struct naive *naive = calloc(1, sizeof(*naive));
	uint32_t taken = 0, refused = 0;
	uint64_t lost = 0;

	(void)state;
	assert_non_null(naive);
	srand(8);
	for (uint32_t code = 1; code < 60000; code++) {
		uint32_t flow = (uint32_t)rand() % FLOWS;
		const struct held_message *one;

		if (add(held, flow, code)) {
			naive->at[naive->count].flow = flow;
			naive->at[naive->count++].code = code;
		} else {
			refused++;
		}
		/* What made room was the oldest of all that wait. */
		for (; lost < held_messages_lost(held); lost++) {
			while (naive->at[naive->first].code == 0)
				naive->first++;
			naive->at[naive->first++].code = 0;
		}
		assert_int_equal(held_messages_count(held),
		    naive->count - lost - taken);
		if (rand() % 3 != 0)
			continue;
		one = held_messages_next(held, flow);
		for (size_t i = naive->first; i < naive->count; i++)
			if (naive->at[i].flow == flow &&
			    naive->at[i].code != 0) {
				check(one, naive->at[i].code);
				naive->at[i].code = 0;
				taken++;
				break;
			}
	}
	assert_true(taken > 10000 && refused > 1000);
	free(naive);
	held_messages_free(held);
}

static void
a_flood_makes_room_for_itself(void **state)
{
	uint32_t flows = 20000;
	struct held_messages *held =
	    held_messages_new(flows, HELD_MESSAGES_SIZE);

	(void)state;
	for (uint32_t code = 0; code < flows; code++)
		assert_true(add(held, code, code));
	assert_true(held_messages_lost(held) > flows / 2);
	assert_null(held_messages_next(held, 0));
	check(held_messages_next(held, flows - 1), flows - 1);
	held_messages_free(held);
}

/* Every tenth is somebody's whose words are kept elsewhere. */
static bool
keep_tenth(uint32_t flow, const struct held_message *one, void *context)
{
	assert_int_equal(one->client.began.ns, one->message.code);
	return flow % 10 == 0 && held_messages_add(context, flow, &one->client,
				     &one->message, one->sender, &one->told);
}

static void
what_makes_room_may_be_spared(void **state)
{
	uint32_t flows = 20000;
	struct held_messages *held = held_messages_new(flows, 1 << 20);
	struct held_messages *spared =
	    held_messages_new(flows, HELD_MESSAGES_SIZE);

	(void)state;
	held_messages_set_spare(held, keep_tenth, spared);
	for (uint32_t code = 0; code < flows; code++)
		assert_true(add(held, code, code));
	assert_true(held_messages_lost(held) > flows / 2);
	for (uint32_t flow = 0; flow < 10000; flow++)
		if (flow % 10 == 0)
			check(held_messages_next(spared, flow), flow);
		else
			assert_null(held_messages_next(spared, flow));
	held_messages_free(held);
	held_messages_free(spared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(they_come_in_order_and_once),
	    cmocka_unit_test(a_flow_has_so_many),
	    cmocka_unit_test(random_ones_beside_a_naive_list),
	    cmocka_unit_test(a_flood_makes_room_for_itself),
	    cmocka_unit_test(what_makes_room_may_be_spared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
