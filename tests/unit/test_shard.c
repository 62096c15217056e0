/*
 * Which shard a frame belongs to: one for both directions of a flow and for
 * the errors about it, and about as many flows in each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_directions_meet),
	    cmocka_unit_test(test_flows_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
