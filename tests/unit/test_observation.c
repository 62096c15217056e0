/*
 * Journals of several workers: what comes back is what was added, in the order
 * of the run, whoever wrote it down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/run/observation_store.h"

#define WORKERS 3
#define COUNT   5000

struct seen {
	uint64_t orders[COUNT];
	uint32_t shards[COUNT];
	size_t count;
};

/* Everything about an observation follows from its order. */
static void
check(const struct observation *one, void *context)
{
	struct seen *seen = context;
	char name[32];

	seen->orders[seen->count] = one->order;
	seen->shards[seen->count++] = one->shard;
	if (one->kind == OBSERVED_CLOCK)
		return;
	assert_int_equal(one->flow->first_packet, one->order);
	assert_int_equal(one->appid->payloads[0], one->order % 200);
	(void)snprintf(
	    name, sizeof(name), "host-%u", (unsigned)(one->order % 1000));
	if (one->order % 3 == 0)
		assert_null(one->asked.text);
	else
		assert_string_equal(one->asked.text, name);
	for (uint32_t i = 0; i < one->payload_size; i++)
		assert_int_equal(one->payload[i], (uint8_t)(one->order + i));
}

static void
add(struct backlog *backlog, uint64_t order, uint32_t shard)
{
	struct flow flow = {.first_packet = order};
	struct appid_flow appid = {.payloads = {(uint8_t)(order % 200), 0}};
	uint8_t payload[600];
	char name[32];
	struct observation one = {
	    .kind = order % 7 == 0 ? OBSERVED_CLOCK : OBSERVED_ANSWER,
	    .order = order,
	    .shard = shard,
	    .flow = &flow,
	    .appid = &appid,
	    .payload = payload,
	    .payload_size = (uint32_t)(order % sizeof(payload)),
	};

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(order + i);
	(void)snprintf(name, sizeof(name), "host-%u", (unsigned)(order % 1000));
	if (order % 3 != 0)
		one.asked.text = name;
	backlog_add(backlog, &one);
	/* Nothing of it may be borrowed. */
	memset(payload, 0xee, sizeof(payload));
	memset(name, 0xee, sizeof(name));
	memset(&flow, 0xee, sizeof(flow));
}

static void
test_order_of_the_run(void **state)
{
	struct backlog backlogs[WORKERS] = {0};
	static struct seen seen;

	(void)state;
	srand(1);
	for (int round = 0; round < 2; round++) {
		uint64_t order = 1;

		seen.count = 0;
		for (size_t i = 0; i < COUNT; i++) {
			uint32_t shard = (uint32_t)rand() % (4 * WORKERS);

			order += (uint64_t)rand() % 3 + 1;
			add(&backlogs[shard % WORKERS], order, shard);
		}
		backlogs_drain(backlogs, WORKERS, check, &seen);
		assert_int_equal(seen.count, COUNT);
		for (size_t i = 1; i < COUNT; i++)
			assert_true(seen.orders[i - 1] < seen.orders[i]);
	}
	seen.count = 0;
	backlogs_drain(backlogs, WORKERS, check, &seen);
	assert_int_equal(seen.count, 0);
	for (size_t i = 0; i < WORKERS; i++)
		backlog_release(&backlogs[i]);
}

/* The clock makes several shards speak at one moment. */
static void
test_one_moment_goes_by_shard(void **state)
{
	struct backlog backlogs[WORKERS] = {0};
	static struct seen seen;

	(void)state;
	seen.count = 0;
	for (uint32_t shard = 0; shard < 4 * WORKERS; shard++)
		for (size_t i = 0; i < 2; i++)
			add(&backlogs[shard % WORKERS], 8, shard);
	backlogs_drain(backlogs, WORKERS, check, &seen);
	assert_int_equal(seen.count, 8 * WORKERS);
	for (size_t i = 0; i < seen.count; i++)
		assert_int_equal(seen.shards[i], i / 2);
	for (size_t i = 0; i < WORKERS; i++)
		backlog_release(&backlogs[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_of_the_run),
	    cmocka_unit_test(test_one_moment_goes_by_shard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
