/* Time goes on where no packet comes, and by nobody else's word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "alerts/sink.h"
#include "packet_builder.h"
#include "sensor/packet.h"
#include "sensor/run/exit.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/setup.h"

#define LINK_RAW 101 /* LINKTYPE_RAW */
#define START    (INT64_C(1795244400) * NS_PER_SECOND)

struct run {
	struct setup setup;
	struct sink *nowhere;
	struct pipeline *pipeline;
	struct packet_builder packets[2];
	uint64_t number;
};

static int
set_up(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));
	const struct setup_paths paths = {.no_library = true};
	struct pipeline_parts parts = {.flow_capacity = 4096, .workers = 1};
	const char *fault = NULL;
	int error;

	assert_int_equal(setup_load(&paths, &run->setup), EXIT_DONE);
	run->nowhere = sink_open(NULL, &error);
	parts.key.words[0] = 12345;
	parts.assessment = (struct assessment_parts){
	    .inventory = run->setup.inventory,
	    .policy = run->setup.policy,
	    .source = {.host = "test"},
	    .alerts = run->nowhere,
	    .flows = run->nowhere,
	};
	run->pipeline = pipeline_new(&parts, &fault);
	assert_non_null(run->pipeline);
	*state = run;
	return 0;
}

static int
tear_down(void **state)
{
	struct run *run = *state;

	pipeline_free(run->pipeline);
	setup_release(&run->setup);
	(void)sink_close(run->nowhere);
	test_free(run);
	return 0;
}

/* A datagram that nobody answers. */
static void
send_datagram(struct run *run, int64_t at, unsigned port)
{
	struct packet_builder *b = &run->packets[run->number++ % 2];
	struct packet packet = {
	    .octets = b->octets,
	    .at = {at},
	    .number = run->number,
	    .link_type = LINK_RAW,
	};

	b->size = 0;
	build_ipv4(b, 1, 2, 17, 8);
	build_be16(b, port);
	build_be16(b, 9999);
	build_be16(b, 8);
	build_be16(b, 0);
	packet.captured = packet.length = (uint32_t)b->size;
	assert_int_equal(pipeline_packet(run->pipeline, &packet), FRAME_OK);
}

static uint64_t
ended(const struct run *run)
{
	return pipeline_counts(run->pipeline).shards.flows.ended;
}

/* As the sensor does, four times a second. */
static void
tick(struct run *run, int64_t from, int64_t to)
{
	for (int64_t at = from; at <= to; at += 250 * NS_PER_MS)
		pipeline_clock(run->pipeline, (struct instant){at});
}

static void
a_flow_ends_without_packets(void **state)
{
	struct run *run = *state;

	send_datagram(run, START, 1000);
	tick(run, START, START + NS_PER_SECOND);
	assert_int_equal(ended(run), 0);
	tick(run, START + NS_PER_SECOND, START + 600 * NS_PER_SECOND);
	assert_int_equal(ended(run), 1);
	send_datagram(run, START + 601 * NS_PER_SECOND, 1001);
	pipeline_finish(run->pipeline);
	assert_int_equal(ended(run), 2);
	assert_int_equal(pipeline_counts(run->pipeline).packets, 2);
}

static void
a_clock_behind_the_packets_does_nothing(void **state)
{
	struct run *run = *state;
	struct packet_clock_counts clock;

	send_datagram(run, START, 1000);
	tick(run, START - 1000 * NS_PER_SECOND, START - NS_PER_SECOND);
	send_datagram(run, START + NS_PER_MS, 1001);
	clock = pipeline_counts(run->pipeline).clock;
	assert_int_equal(clock.late + clock.doubted + clock.back, 0);
	assert_int_equal(ended(run), 0);
}

/* A packet that the kernel kept a while is no step of the clock. */
static void
a_packet_may_be_later_than_the_clock(void **state)
{
	struct run *run = *state;

	send_datagram(run, START, 1000);
	tick(run, START, START + 2 * NS_PER_SECOND);
	send_datagram(run, START + NS_PER_SECOND, 1000);
	pipeline_finish(run->pipeline);
	assert_int_equal(pipeline_counts(run->pipeline).clock.back, 0);
	assert_int_equal(ended(run), 1);
}

static void
begins_before_the_first_packet(void **state)
{
	struct run *run = *state;

	tick(run, START, START + NS_PER_SECOND);
	send_datagram(run, START + 2 * NS_PER_SECOND, 1000);
	pipeline_finish(run->pipeline);
	assert_int_equal(ended(run), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_flow_ends_without_packets, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_clock_behind_the_packets_does_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_packet_may_be_later_than_the_clock, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		begins_before_the_first_packet, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
