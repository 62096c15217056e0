/*
 * An observer is done with a packet's octets when it has taken the next one,
 * whatever that is: what it observes of a capture in two buffers that are
 * written over in turn is what it observes of one in which every packet stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/service_set.h"
#include "sensor/base/hash.h"
#include "sensor/packet.h"
#include "sensor/replay.h"
#include "sensor/run/observer.h"

#define CAPTURE "pcaps/demo/capture.pcap"
#define PACKETS 20000
#define ROOM    65536

/* What was observed, in few words. */
struct observed {
	uint64_t hash;
	uint64_t count, ends;
	uint64_t kinds[OBSERVED_CLOCK + 1];
};

static void
mix(struct observed *observed, const void *octets, size_t size)
{
	const struct hash_key key = {{observed->hash, 7}};

	observed->hash = hash_octets(&key, octets, size);
}

static void
observe(const struct observation *one, void *context)
{
	struct observed *observed = context;

	observed->count++;
	observed->kinds[one->kind]++;
	mix(observed, &one->kind, sizeof(one->kind));
	mix(observed, &one->order, sizeof(one->order));
	if (one->kind == OBSERVED_CLOCK)
		return;
	mix(observed, &one->conversation, sizeof(one->conversation));
	mix(observed, &one->appid->result, sizeof(one->appid->result));
	mix(observed, one->flow->packets, sizeof(one->flow->packets));
	if (one->asked.text != NULL)
		mix(observed, one->asked.text, strlen(one->asked.text));
	if (one->payload_size > 0)
		mix(observed, one->payload, one->payload_size);
	observed->ends += one->kind == OBSERVED_END;
}

/* Where the next packet's octets are to be. */
static uint8_t *
place_of(uint8_t *buffers[2], uint64_t number, bool stays)
{
	if (stays)
		return test_malloc(ROOM);
	memset(buffers[number % 2], 0xee, ROOM);
	return buffers[number % 2];
}

static struct observed
observe_capture(bool stays, struct observer_counts *counts)
{
	static struct service_set services; /* none */
	struct observed observed = {.hash = 1};
	const struct observer_parts parts = {
	    .key = {{1, 2}},
	    .flow_capacity = 16384,
	    .threads = 1,
	    .whole = true,
	    .services = &services,
	    .messages = UINT32_MAX,
	    .take = observe,
	    .context = &observed,
	};
	char fault[REPLAY_FAULT_SIZE];
	const char *why;
	uint8_t *buffers[2] = {test_malloc(ROOM), test_malloc(ROOM)};
	uint8_t **kept = test_calloc(PACKETS, sizeof(*kept));
	struct replay *replay = replay_open(CAPTURE, NULL, fault);
	struct observer *observer = observer_new(&parts, &why);
	struct packet packet;
	uint64_t number = 0;

	assert_non_null(replay);
	assert_non_null(observer);
	for (;
	     number < PACKETS && replay_next(replay, &packet) == REPLAY_PACKET;
	     number++) {
		uint8_t *octets = place_of(buffers, number, stays);

		assert_true(packet.captured <= ROOM);
		memcpy(octets, packet.octets, packet.captured);
		packet.octets = octets;
		kept[number] = octets;
		(void)observer_packet(observer, &packet);
	}
	observer_finish(observer);
	*counts = observer_counts(observer);
	observer_free(observer);
	replay_close(replay);
	for (uint64_t i = 0; stays && i < number; i++)
		test_free(kept[i]);
	test_free(kept);
	test_free(buffers[0]);
	test_free(buffers[1]);
	return observed;
}

static void
test_octets_for_one_more_packet(void **state)
{
	struct observer_counts counts[2];
	struct observed stays = observe_capture(true, &counts[0]);
	struct observed moves = observe_capture(false, &counts[1]);

	(void)state;
	assert_true(stays.kinds[OBSERVED_MESSAGE] > 100);
	assert_true(counts[0].frames[FRAME_NOT_IP] > 10);
	assert_int_equal(stays.ends, counts[0].shards.flows.created);
	assert_int_equal(stays.count, moves.count);
	assert_true(stays.hash == moves.hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_octets_for_one_more_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
