/*
 * What detectors are told of losses: those of the time in which a flow went
 * on, however late it is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/run/detection.h"

#define LOSSES_KEPT 16

/* Where a detector notes what it is told. */
static uint32_t noted;

static void *
note_open(struct detector_host *host)
{
	(void)host;
	return &noted;
}

static void
note_close(void *state)
{
	(void)state;
}

static void
note_see(void *state, const struct sighting *sighting)
{
	*(uint32_t *)state = sighting->lost_ppm;
}

static const struct detector note = {
    .name = "-note",
    .kinds = 1 << SIGHTED_END,
    .open = note_open,
    .close = note_close,
    .see = note_see,
};

static struct detection *
detection_of_one(void)
{
	static const struct detector *const table[] = {&note};

	return detection_new(
	    &(struct detectors_parts){
		.table = table, .count = 1, .loss_bound = DETECTORS_LOSS_BOUND},
	    4);
}

static struct instant
second(int64_t seconds)
{
	return (struct instant){seconds * NS_PER_SECOND};
}

/* What a flow from `first` on is told to have met, when it ends. */
static uint32_t
lost_with(struct detection *detection, int64_t first)
{
	const struct flow flow = {.protocol = PROTOCOL_TCP,
	    .first = second(first),
	    .last = second(first)};
	const struct party nobody = {.attribution = ATTRIBUTION_EXTERNAL};
	struct known_flow known = {
	    .sighting = {.flow = &flow,
		.client = {.key = 1, .party = &nobody},
		.server = {.key = 2, .party = &nobody}},
	};

	detection_end(detection, &known, &(struct flow_amount){.turns = 0},
	    FLOW_TIMEOUT, &(struct told_at){.packet = 1});
	return noted;
}

/* As the sensor says it: every ten seconds, of the ten seconds before. */
static void
say(struct detection *detection, int64_t now, uint32_t ppm)
{
	detection_clock(detection, second(now));
	detection_set_loss(detection, ppm);
}

static void
a_flow_has_met_the_losses_of_its_time(void **state)
{
	struct detection *detection = detection_of_one();

	(void)state;
	say(detection, 10, 0);
	assert_int_equal(lost_with(detection, 5), 0);
	say(detection, 20, 30000);
	assert_int_equal(lost_with(detection, 15), 30000);
	say(detection, 30, 500);
	assert_int_equal(lost_with(detection, 15), 30000);
	assert_int_equal(lost_with(detection, 20), 30000);
	assert_int_equal(lost_with(detection, 21), 500);
	say(detection, 40, 0);
	assert_int_equal(lost_with(detection, 15), 30000);
	assert_int_equal(lost_with(detection, 25), 500);
	assert_int_equal(lost_with(detection, 31), 0);
	/* As long as a SYN is repeated, and then it is forgotten. */
	for (int i = 2; i < LOSSES_KEPT; i++)
		say(detection, 30 + 10 * i, 100);
	assert_int_equal(lost_with(detection, 15), 30000);
	say(detection, 30 + 10 * LOSSES_KEPT, 100);
	assert_int_equal(lost_with(detection, 15), 500);
	detection_free(detection);
}

/* A replay is told once, before its first packet. */
static void
a_loss_that_is_said_once_holds(void **state)
{
	struct detection *detection = detection_of_one();

	(void)state;
	detection_set_loss(detection, 20000);
	detection_clock(detection, second(1000));
	assert_int_equal(lost_with(detection, 900), 20000);
	detection_free(detection);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_has_met_the_losses_of_its_time),
	    cmocka_unit_test(a_loss_that_is_said_once_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
