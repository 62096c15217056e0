/*
 * Which shard a frame belongs to: one for both directions of a flow and for
 * the errors about it, and about as many flows in each.  And when a shard says
 * that a flow is ready although it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "classifiers/inventory/service_set.h"
#include "made_frame.h"
#include "sensor/run/shard.h"

#define SHARDS 16

static const struct hash_key secret = {{11, 12}};

static uint32_t
shard_of_key(struct frame_key key)
{
	struct frame frame = made_frame(key, 0);
	struct flow_place place = flow_place_of(&frame, &secret);

	return shard_of(&place, SHARDS);
}

static void
test_both_directions_meet(void **state)
{
	(void)state;
	srand(2);
	for (int i = 0; i < 10000; i++) {
		struct frame_key key = made_key(PROTOCOL_TCP, (uint8_t)rand(),
		    (uint16_t)rand(), (uint8_t)rand(), (uint16_t)rand());
		struct flow_place place;
		struct frame error =
		    made_frame(made_key(PROTOCOL_ICMP, 1, 0, 2, 0), 0);

		assert_true(shard_of_key(key) < SHARDS);
		assert_int_equal(
		    shard_of_key(key), shard_of_key(made_reverse(key)));
		error.icmp_error = true;
		error.quoted = key;
		place = flow_place_of(&error, &secret);
		assert_int_equal(shard_of(&place, SHARDS), shard_of_key(key));
	}
}

/* One client's ports, one server's clients, a scan of ports, a sweep. */
static void
test_flows_are_spread(void **state)
{
	static const struct {
		int client, client_port, server, server_port;
	} steps[] = {{0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0},
	    {1, 7, 0, 0}};

	(void)state;
	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		uint32_t counts[SHARDS] = {0};

		for (int i = 0; i < 256; i++)
			counts[shard_of_key(made_key(PROTOCOL_TCP,
			    (uint8_t)(1 + i * steps[s].client),
			    (uint16_t)(40000 + i * steps[s].client_port),
			    (uint8_t)(9 + i * steps[s].server),
			    (uint16_t)(80 + i * steps[s].server_port)))]++;
		for (size_t i = 0; i < SHARDS; i++)
			assert_in_range(counts[i], 1, 256 / 4);
	}
}

/* --- flows that are not ready for long ------------------------------------ */

#define PATIENCE (5 * NS_PER_SECOND)

/* A shard, and what it has said. */
struct stage {
	struct shard_pool *pool;
	struct shard *shard;
	uint64_t order;
	unsigned readies, ends;    /* so far */
	unsigned revised, differ;  /* of the readies */
	bool accepted;             /* of the last ready */
	uint16_t port;             /* the same: its server's */
	struct flow_amount amount; /* of the last progress or end */
};

static void
hear(const struct observation *one, void *context)
{
	struct stage *stage = context;

	stage->ends += one->kind == OBSERVED_END;
	if (one->kind == OBSERVED_END || one->kind == OBSERVED_PROGRESS)
		stage->amount = one->amount;
	if (one->kind != OBSERVED_READY)
		return;
	stage->readies++;
	stage->revised += one->revised;
	stage->differ += one->revised && one->differs;
	stage->accepted = flow_was_accepted(one->flow);
	stage->port = flow_port(one->flow);
}

static struct stage *
open_stage(uint32_t flows, int64_t patience)
{
	static const struct service_set none;
	struct stage *stage = test_calloc(1, sizeof(*stage));
	const char *fault = NULL;
	struct shard_parts parts = {
	    .flow_capacity = flows,
	    .ndpi_sessions = 4,
	    .services = &none,
	    .key = &secret,
	    .patience = patience,
	    .progress = true,
	    .take = hear,
	    .context = stage,
	};

	stage->pool = shard_pool_new(flows, 4, 0, &fault);
	assert_non_null(stage->pool);
	parts.pool = stage->pool;
	stage->shard = shard_new(&parts);
	assert_non_null(stage->shard);
	return stage;
}

static void
close_stage(struct stage *stage)
{
	shard_free(stage->shard);
	shard_pool_free(stage->pool);
	test_free(stage);
}

static struct moment
moment_at(struct stage *stage, int64_t ms)
{
	struct instant at = {1000 * NS_PER_SECOND + ms * NS_PER_MS};

	return (struct moment){
	    .order = ++stage->order, .at = at, .wall = at, .stamp = at};
}

static void
show(struct stage *stage, int64_t ms, uint16_t port, uint8_t flags, bool back)
{
	struct frame_key key = made_key(PROTOCOL_TCP, 1, 40000, 2, port);
	struct frame frame = made_tcp(back ? made_reverse(key) : key, flags,
	    back ? 900 : 100 + ((flags & TCP_SYN) == 0));
	struct flow_place place;

	frame.tcp_acknowledgement = back ? 101 : 901;
	place = flow_place_of(&frame, &secret);
	shard_frame(stage->shard, &frame, &place, moment_at(stage, ms));
}

static void
let_pass(struct stage *stage, int64_t ms)
{
	shard_clock(stage->shard, moment_at(stage, ms));
}

static void
test_a_refusal_is_said_at_once(void **state)
{
	struct stage *stage = open_stage(16, PATIENCE);

	(void)state;
	show(stage, 0, 80, TCP_SYN, false);
	assert_int_equal(stage->readies, 0);
	show(stage, 1, 80, TCP_RST | TCP_ACK, true);
	assert_int_equal(stage->readies, 1);
	assert_false(stage->accepted);
	let_pass(stage, 60000);
	assert_int_equal(stage->readies, 1);
	assert_int_equal(stage->ends, 1);
	close_stage(stage);
}

static void
test_silence_is_said_after_a_while(void **state)
{
	struct stage *stage = open_stage(16, PATIENCE);

	(void)state;
	show(stage, 0, 80, TCP_SYN, false);
	let_pass(stage, 4999);
	assert_int_equal(stage->readies, 0);
	let_pass(stage, 5000);
	assert_int_equal(stage->readies, 1);
	assert_false(stage->accepted);
	/* It is answered after all; what it speaks nobody ever knows. */
	show(stage, 6000, 80, TCP_SYN | TCP_ACK, true);
	let_pass(stage, 20000);
	assert_int_equal(stage->readies, 1);
	let_pass(stage, 2000000);
	assert_int_equal(stage->readies, 2);
	assert_int_equal(stage->revised, 1);
	assert_int_equal(stage->differ, 1);
	assert_true(stage->accepted);
	assert_int_equal(stage->ends, 1);
	close_stage(stage);
}

static void
test_nobody_knows_what_it_speaks(void **state)
{
	struct stage *stage = open_stage(16, PATIENCE);

	(void)state;
	show(stage, 0, 80, TCP_SYN, false);
	show(stage, 1, 80, TCP_SYN | TCP_ACK, true);
	let_pass(stage, 5000);
	assert_int_equal(stage->readies, 1);
	assert_true(stage->accepted);
	let_pass(stage, 2000000);
	assert_int_equal(stage->readies, 2);
	assert_int_equal(stage->revised, 1);
	assert_int_equal(stage->differ, 0);
	close_stage(stage);
}

/* Whose slot is another's by then is over, and nothing is said of it. */
static void
test_what_is_over_is_not_awaited(void **state)
{
	struct stage *stage = open_stage(1, PATIENCE);

	(void)state;
	show(stage, 0, 80, TCP_SYN, false);
	show(stage, 2000, 81, TCP_SYN, false);
	assert_int_equal(stage->ends, 1);
	let_pass(stage, 5500);
	assert_int_equal(stage->readies, 0);
	let_pass(stage, 7000);
	assert_int_equal(stage->readies, 1);
	assert_int_equal(stage->port, 81);
	close_stage(stage);
}

/* A flood is said when it is over, but for a few. */
static void
test_a_flood_is_not_awaited(void **state)
{
	struct stage *stage = open_stage(8192, PATIENCE);

	(void)state;
	for (uint16_t port = 1; port <= 4000; port++)
		show(stage, 0, port, TCP_SYN, false);
	let_pass(stage, 5000);
	assert_in_range(stage->readies, 1, 256);
	let_pass(stage, 60000);
	assert_in_range(stage->readies, 1, 256);
	assert_int_equal(stage->ends, 4000);
	close_stage(stage);
}

static void
test_nobody_is_impatient(void **state)
{
	struct stage *stage = open_stage(16, 0);

	(void)state;
	show(stage, 0, 80, TCP_SYN, false);
	show(stage, 0, 81, TCP_SYN, false);
	show(stage, 1, 81, TCP_RST | TCP_ACK, true);
	let_pass(stage, 60000);
	assert_int_equal(stage->readies, 0);
	assert_int_equal(stage->ends, 2);
	close_stage(stage);
}

/* --- windows -------------------------------------------------------------- */

static void
show_window(
    struct stage *stage, int64_t ms, uint8_t flags, uint16_t window, bool back)
{
	struct frame_key key = made_key(PROTOCOL_TCP, 1, 40000, 2, 80);
	struct frame frame = made_tcp(back ? made_reverse(key) : key, flags,
	    back ? 900 : 100 + ((flags & TCP_SYN) == 0));
	struct flow_place place;

	frame.tcp_acknowledgement = back ? 101 : 901;
	frame.tcp_window = window;
	place = flow_place_of(&frame, &secret);
	shard_frame(stage->shard, &frame, &place, moment_at(stage, ms));
}

static void
test_closed_and_narrow_windows_are_said(void **state)
{
	struct stage *stage = open_stage(16, 0);

	(void)state;
	show_window(stage, 0, TCP_SYN, 1152, false);
	show_window(stage, 1, TCP_SYN | TCP_ACK, 0, true);
	for (int i = 0; i < 3; i++)
		show_window(stage, 100 + i * 1000, TCP_ACK, 0, false);
	show_window(stage, 5000, TCP_ACK, 0, true);
	show_window(stage, 10001, TCP_ACK, 9, false);
	assert_int_equal(stage->amount.closed[0], 3);
	assert_int_equal(stage->amount.closed[1], 1);
	assert_int_equal(stage->amount.narrow, 1);
	for (int i = 0; i < 300; i++)
		show_window(stage, 10030 + i * 30, TCP_ACK, 0, false);
	show_window(stage, 19900, TCP_RST | TCP_ACK, 0, true);
	let_pass(stage, 2000000);
	assert_int_equal(stage->ends, 1);
	assert_int_equal(stage->amount.closed[0], 255);
	assert_int_equal(stage->amount.closed[1], 0);
	assert_int_equal(stage->amount.narrow, 1);
	close_stage(stage);
}

/* Datagrams have no window, and nothing is left of the slot's last flow. */
static void
test_open_windows_are_not_said(void **state)
{
	struct stage *stage = open_stage(1, 0);
	struct frame frame =
	    made_frame(made_key(PROTOCOL_UDP, 1, 40000, 2, 53), 8);
	struct flow_place place = flow_place_of(&frame, &secret);

	(void)state;
	show_window(stage, 0, TCP_SYN, 100, false);
	show_window(stage, 1, TCP_ACK, 0, false);
	shard_frame(stage->shard, &frame, &place, moment_at(stage, 2));
	assert_int_equal(stage->amount.narrow, 1);
	let_pass(stage, 2000000);
	assert_int_equal(stage->ends, 2);
	assert_int_equal(stage->amount.narrow, 0);
	assert_int_equal(stage->amount.closed[0], 0);
	show_window(stage, 2000001, TCP_SYN, 1220, false);
	let_pass(stage, 4000000);
	assert_int_equal(stage->ends, 3);
	assert_int_equal(stage->amount.narrow, 0);
	close_stage(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_directions_meet),
	    cmocka_unit_test(test_flows_are_spread),
	    cmocka_unit_test(test_a_refusal_is_said_at_once),
	    cmocka_unit_test(test_silence_is_said_after_a_while),
	    cmocka_unit_test(test_nobody_knows_what_it_speaks),
	    cmocka_unit_test(test_what_is_over_is_not_awaited),
	    cmocka_unit_test(test_a_flood_is_not_awaited),
	    cmocka_unit_test(test_nobody_is_impatient),
	    cmocka_unit_test(test_closed_and_narrow_windows_are_said),
	    cmocka_unit_test(test_open_windows_are_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
