/*
 * What workers tell, as the sensor gathers it: in the order of time, without
 * anybody who holds others up for long, every flow accounted for whatever
 * happens to rings and workers, and nothing believed that no worker would say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/live/gathering.h"

#define WORKERS 2
#define FLOWS   1024 /* of each */

struct stage {
	struct crew *crew;
	struct worker_teller tellers[WORKERS];
	struct gathering *gathering;
	int64_t times[100000], firsts[100000];
	size_t count, ends, forgotten;
	uint64_t last_order;
	uint32_t last_forgotten;
	int64_t now;
};

static void
take(const struct observation *one, void *context)
{
	struct stage *stage = context;

	assert_true(one->order > stage->last_order);
	stage->last_order = one->order;
	if (stage->count < 100000) {
		stage->times[stage->count] = one->at.ns;
		stage->firsts[stage->count] = one->flow->first.ns;
	}
	stage->count++;
	stage->ends += one->kind == OBSERVED_END;
}

static void
forget(uint32_t conversation, void *context)
{
	struct stage *stage = context;

	stage->forgotten++;
	stage->last_forgotten = conversation;
}

static void
begin(struct stage *stage, uint32_t worker)
{
	worker_teller_begin(&stage->tellers[worker],
	    &stage->crew->links[worker], worker * FLOWS, FLOWS);
	worker_publish(&stage->tellers[worker], INSTANT_PAST);
}

static int
set_up(void **state)
{
	struct stage *stage = test_calloc(1, sizeof(*stage));
	struct gathering_parts parts = {
	    .take = take, .forget = forget, .context = stage};
	const char *fault;

	stage->crew = crew_new(WORKERS, WORKERS * FLOWS, NULL, &fault);
	assert_non_null(stage->crew);
	parts.crew = stage->crew;
	stage->gathering = gathering_new(&parts);
	for (uint32_t i = 0; i < WORKERS; i++)
		begin(stage, i);
	*state = stage;
	return 0;
}

static int
tear_down(void **state)
{
	struct stage *stage = *state;

	gathering_free(stage->gathering);
	for (uint32_t i = 0; i < WORKERS; i++)
		worker_teller_release(&stage->tellers[i]);
	crew_free(stage->crew);
	test_free(stage);
	return 0;
}

static void
tell_of(struct stage *stage, uint32_t worker, enum observation_kind kind,
    uint32_t flow, int64_t first, int64_t at)
{
	const struct flow about = {.first = {first}};
	const struct appid_flow appid = {.final = true};

	worker_tell(
	    &(struct observation){
		.kind = kind,
		.reason = kind == OBSERVED_END ? FLOW_SHUTDOWN : FLOW_TIMEOUT,
		.at = {at},
		.conversation = worker * FLOWS + flow,
		.flow = &about,
		.appid = &appid,
	    },
	    &stage->tellers[worker]);
}

static void
tell(struct stage *stage, uint32_t worker, enum observation_kind kind,
    uint32_t flow, int64_t at)
{
	tell_of(stage, worker, kind, flow, at, at);
}

/* It has told everything up to then. */
static void
progress(struct stage *stage, uint32_t worker, int64_t at)
{
	worker_publish(&stage->tellers[worker], (struct instant){at});
}

/* Counts that the worker would show. */
static void
count_flows(
    struct stage *stage, uint32_t worker, uint64_t created, uint64_t ended)
{
	struct flowtable_counts *flows =
	    &stage->tellers[worker].counts.observer.shards.flows;

	flows->created = created;
	flows->ended = ended;
	flows->live = created - ended;
}

static int64_t
gather(struct stage *stage)
{
	return gathering_take(
	    stage->gathering, (struct instant){stage->now}, 1000000);
}

static void
test_order_of_time(void **state)
{
	struct stage *stage = *state;

	for (int64_t at = 1; at <= 9; at += 2)
		tell(stage, 0, OBSERVED_READY, 1, at);
	progress(stage, 0, 9);
	assert_true(gather(stage) > 0);
	assert_int_equal(stage->count, 0); /* the other may have earlier ones */
	for (int64_t at = 2; at <= 6; at += 2)
		tell(stage, 1, OBSERVED_READY, 1, at);
	progress(stage, 1, 6);
	assert_true(gather(stage) > 0);
	assert_int_equal(stage->count, 6);
	progress(stage, 1, 20);
	assert_int_equal(gather(stage), -1);
	assert_int_equal(stage->count, 8);
	for (size_t i = 1; i < stage->count; i++)
		assert_true(stage->times[i - 1] < stage->times[i]);
	assert_int_equal(gathering_counts(stage->gathering).late, 0);
}

/* As at the end of a replay, whosever last packet came first. */
static void
test_order_of_flows_at_the_end(void **state)
{
	struct stage *stage = *state;
	atomic_store(&stage->crew->board->stopping, true);
	for (uint32_t i = 0; i < 6; i += 2)
		tell_of(stage, 0, OBSERVED_END, i, i, 100);
	progress(stage, 0, 100);
	progress(stage, 1, 200);
	assert_true(gather(stage) > 0);
	assert_int_equal(stage->count, 0); /* the other's may be older */
	tell(stage, 1, OBSERVED_READY, 7, 150);
	for (uint32_t i = 1; i < 6; i += 2)
		tell_of(stage, 1, OBSERVED_END, i, i, 200);
	worker_teller_end(&stage->tellers[0], 0);
	worker_teller_end(&stage->tellers[1], 0);
	(void)gather(stage);
	assert_int_equal(stage->count, 7);
	assert_int_equal(stage->firsts[0], 150);
	for (int i = 0; i < 6; i++)
		assert_int_equal(stage->firsts[1 + i], i);
	assert_int_equal(gathering_counts(stage->gathering).late, 0);
}

static void
test_nobody_is_waited_for_long(void **state)
{
	struct stage *stage = *state;

	tell(stage, 0, OBSERVED_READY, 1, 100);
	progress(stage, 0, 100);
	assert_true(gather(stage) > 0);
	stage->now += GATHERING_PATIENCE;
	(void)gather(stage);
	assert_int_equal(stage->count, 1);
	/* Nor again, until it has caught up; what it tells late is of now. */
	tell(stage, 0, OBSERVED_READY, 1, 200);
	progress(stage, 0, 200);
	(void)gather(stage);
	assert_int_equal(stage->count, 2);
	tell(stage, 1, OBSERVED_READY, 1, 50);
	progress(stage, 1, 200);
	assert_int_equal(gather(stage), -1);
	assert_int_equal(stage->count, 3);
	assert_int_equal(stage->times[2], 200);
	assert_int_equal(gathering_counts(stage->gathering).late, 1);
	tell(stage, 0, OBSERVED_READY, 1, 300);
	progress(stage, 0, 300);
	assert_true(gather(stage) > 0); /* it is waited for again */
}

/* Flows that come and go while nobody reads, and then one round more. */
static void
test_full_ring(void **state)
{
	struct stage *stage = *state;
	const uint32_t rounds = 80;
	struct gathering_counts counts;
	uint64_t created = 0;

	progress(stage, 1, INT64_MAX);
	for (uint32_t round = 0; round < rounds; round++)
		for (uint32_t flow = 0; flow < FLOWS; flow++, created++) {
			tell(stage, 0, OBSERVED_READY, flow, round);
			tell(stage, 0, OBSERVED_END, flow, round);
		}
	assert_true(worker_is_crowded(&stage->tellers[0]));
	count_flows(stage, 0, created, created);
	progress(stage, 0, rounds);
	(void)gather(stage);
	counts = gathering_counts(stage->gathering);
	assert_true(counts.unsaid[OBSERVED_READY] > 1000);
	assert_true(counts.unsaid[OBSERVED_END] > 1000);
	assert_true(
	    counts.unsaid[OBSERVED_END] < counts.unsaid[OBSERVED_READY]);
	assert_int_equal(stage->ends + counts.lost_flows, created);
	assert_int_equal(counts.observer.shards.flows.ended, stage->ends);
	assert_int_equal(stage->forgotten, 0);
	/* Whose end was owed is forgotten before its number's next flow. */
	for (uint32_t flow = 0; flow < FLOWS; flow++, created++)
		tell(stage, 0, OBSERVED_READY, flow, rounds);
	count_flows(stage, 0, created, created - FLOWS);
	progress(stage, 0, rounds);
	(void)gather(stage);
	counts = gathering_counts(stage->gathering);
	assert_int_equal(stage->tellers[0].untold_count, 0);
	assert_int_equal(counts.observer.shards.flows.created,
	    counts.observer.shards.flows.ended +
		counts.observer.shards.flows.live + counts.lost_flows);
}

static void
test_death(void **state)
{
	struct stage *stage = *state;
	struct gathering_counts counts;

	progress(stage, 1, INT64_MAX);
	for (uint32_t flow = 0; flow < 10; flow++)
		tell(stage, 0, OBSERVED_READY, flow, 1);
	for (uint32_t flow = 0; flow < 4; flow++)
		tell(stage, 0, OBSERVED_END, flow, 2);
	/* It has shown one end less than it has told, and three flows of
	 * which nothing was told yet. */
	count_flows(stage, 0, 13, 3);
	progress(stage, 0, 2);
	worker_teller_release(&stage->tellers[0]);
	assert_int_equal(gathering_bury(stage->gathering, 0), 9);
	assert_int_equal(stage->ends, 4);
	assert_int_equal(stage->forgotten, 6);
	begin(stage, 0);
	tell(stage, 0, OBSERVED_READY, 5, 3);
	tell(stage, 0, OBSERVED_END, 5, 3);
	count_flows(stage, 0, 1, 1);
	progress(stage, 0, 3);
	worker_teller_end(&stage->tellers[0], 0);
	worker_teller_end(&stage->tellers[1], 0);
	gathering_drain(stage->gathering);
	counts = gathering_counts(stage->gathering);
	assert_true(gathering_is_over(stage->gathering));
	assert_int_equal(counts.deaths, 1);
	assert_int_equal(counts.observer.shards.flows.created, 14);
	assert_int_equal(counts.observer.shards.flows.ended, 5);
	assert_int_equal(counts.observer.shards.flows.live, 0);
	assert_int_equal(counts.lost_flows, 9);
}

/* The next one's hello may come before anybody says that the last one died. */
static void
test_death_by_hello(void **state)
{
	struct stage *stage = *state;

	progress(stage, 1, INT64_MAX);
	tell(stage, 0, OBSERVED_READY, 7, 1);
	count_flows(stage, 0, 1, 0);
	progress(stage, 0, 1);
	worker_teller_release(&stage->tellers[0]);
	begin(stage, 0);
	progress(stage, 0, 2);
	assert_int_equal(gather(stage), -1);
	assert_int_equal(stage->forgotten, 1);
	assert_int_equal(stage->last_forgotten, 7);
	assert_int_equal(gathering_bury(stage->gathering, 0), 1);
	assert_int_equal(gathering_counts(stage->gathering).deaths, 1);
	assert_int_equal(gathering_counts(stage->gathering).lost_flows, 1);
}

/* Says what the worker's own code never says. */
static void
test_lies(void **state)
{
	struct stage *stage = *state;
	struct worker_teller *teller = &stage->tellers[0];
	struct flow flow = {.first = {1}};
	struct appid_flow appid = {.final = true};
	struct observation one = {
	    .kind = OBSERVED_READY, .at = {1}, .flow = &flow, .appid = &appid};
	uint32_t far = WORKERS * FLOWS + 5;

	progress(stage, 1, INT64_MAX);
	flow.vlan_count = 200;
	worker_tell(&one, teller);
	flow.vlan_count = 0;
	flow.domain = 3; /* of none */
	worker_tell(&one, teller);
	flow.domain = 0;
	appid.result.application = (enum application)60000;
	worker_tell(&one, teller);
	appid.result.application = APPLICATION_UNKNOWN;
	memset(&flow.answered, 77, 1);
	worker_tell(&one, teller);
	memset(&flow.answered, 1, 1);
	flow.first = INSTANT_PAST; /* nothing can be subtracted from that */
	worker_tell(&one, teller);
	flow.first.ns = 1;
	one.wall = INSTANT_FUTURE;
	worker_tell(&one, teller);
	one.wall.ns = 1;
	one.conversation = FLOWS; /* the other worker's */
	teller->flows = 2 * FLOWS;
	worker_tell(&one, teller);
	teller->flows = FLOWS;
	assert_true(ring_write(&teller->ring, WORKER_LOST, &far, sizeof(far)));
	assert_true(ring_write(&teller->ring, 99, "?", 1));
	assert_true(ring_write(&teller->ring, WORKER_OBSERVATION, "??", 2));
	progress(stage, 0, 5);
	(void)gather(stage);
	assert_int_equal(stage->count, 0);
	assert_int_equal(stage->forgotten, 0);
	assert_int_equal(gathering_counts(stage->gathering).unsound, 10);
	/* And is heard when it speaks the truth again. */
	tell(stage, 0, OBSERVED_READY, 1, 6);
	progress(stage, 0, 6);
	(void)gather(stage);
	assert_int_equal(stage->count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_order_of_time, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_order_of_flows_at_the_end, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_nobody_is_waited_for_long, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full_ring, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_death, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_death_by_hello, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_lies, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
