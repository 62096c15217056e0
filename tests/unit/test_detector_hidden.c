/*
 * A person inside an encrypted connection, and what looks like one: each talk
 * is made of exchanges, and told as flows are, every ten seconds at most.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "detector_stage.h"

/* Octets of IP of a packet with that much payload. */
#define IP(payload) ((uint64_t)(payload) + 52)

struct exchange {
	double pause; /* seconds before it */
	bool by_server;
	uint64_t asked, answered; /* payload; 0: nothing is answered */
};

/* A talk of `count` exchanges; `next` makes each. */
static size_t
findings_of(enum application application, enum verdict_kind verdict, int count,
    struct exchange (*next)(int index))
{
	struct stage *stage = stage_new(&detector_hidden_shells);
	struct stage_flow flow =
	    stage_flow(stage, "shop/carts", "203.0.113.9", PROTOCOL_TCP, 443);
	double at = 0, told = 0;
	size_t found;

	flow.sighting.verdict = verdict;
	stage_answer(&flow, application);
	stage_send(stage, &flow, true, 3, IP(500));
	stage_send(stage, &flow, false, 5, 4 * IP(900));
	stage_ready(stage, &flow);
	for (int i = 0; i < count; i++) {
		struct exchange one = next(i);

		at += one.pause;
		stage_at(stage, at);
		stage_send(stage, &flow, !one.by_server, 1, IP(one.asked));
		if (one.answered > 0)
			stage_send(stage, &flow, one.by_server,
			    1 + one.answered / 1400,
			    one.answered + 52 * (1 + one.answered / 1400));
		if (at - told < 10)
			continue;
		told = at;
		stage_progress(stage, &flow);
	}
	stage_finish(stage, &flow);
	found = stage_findings(stage, 0);
	assert_int_equal(stage_findings(stage, 2088), found);
	stage_free(stage);
	return found;
}

/* Without chance: the bits of a square. */
static double
spread(int index, double least, double most)
{
	return least +
	       (most - least) * ((index * index * 7919 + index * 31) % 97) / 97;
}

static struct exchange
person(int i)
{
	return (struct exchange){spread(i, 1.5, 12), true,
	    (uint64_t)spread(i + 3, 24, 60), (uint64_t)spread(i, 40, 2500)};
}

static struct exchange
ping(int i)
{
	(void)i;
	return (struct exchange){30, true, 28, 28};
}

/* A server's ping of one size, with jitter, and a status that varies a bit. */
static struct exchange
heartbeat(int i)
{
	return (struct exchange){
	    spread(i, 8, 14), true, 31, (uint64_t)spread(i, 90, 130)};
}

/* The next question follows the answer at once. */
static struct exchange
long_poll(int i)
{
	return (struct exchange){spread(i, 2, 60), true, 95, 310};
}

static struct exchange
chat(int i)
{
	return (struct exchange){
	    spread(i, 1, 40), true, (uint64_t)spread(i, 60, 900), 34};
}

static struct exchange
database(int i)
{
	return (struct exchange){spread(i, 1, 9), false,
	    (uint64_t)spread(i, 40, 90), (uint64_t)spread(i, 60, 4000)};
}

/* Jobs that a broker hands out, a second and a half each. */
static struct exchange
jobs(int i)
{
	return (struct exchange){1.5, true, 80, (uint64_t)spread(i, 60, 900)};
}

static void
test_a_person_is_seen(void **state)
{
	(void)state;
	assert_int_equal(
	    findings_of(APPLICATION_TLS, VERDICT_UNMODELLED, 60, person), 1);
	assert_int_equal(
	    findings_of(APPLICATION_SSH, VERDICT_DEVIATION, 60, person), 1);
}

static void
test_what_models_allow_is_none(void **state)
{
	(void)state;
	assert_int_equal(
	    findings_of(APPLICATION_TLS, VERDICT_ALLOWED, 60, person), 0);
}

static void
test_few_commands_are_none(void **state)
{
	(void)state;
	assert_int_equal(
	    findings_of(APPLICATION_TLS, VERDICT_UNMODELLED, 7, person), 0);
	/* Eight are enough, the first of them beside the handshake. */
	assert_int_equal(
	    findings_of(APPLICATION_TLS, VERDICT_UNMODELLED, 9, person), 1);
}

static void
test_programs_are_none(void **state)
{
	struct exchange (*const programs[])(int) = {
	    ping, heartbeat, long_poll, chat, database, jobs};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (findings_of(APPLICATION_TLS, VERDICT_UNMODELLED, 400,
			programs[i]) != 0)
			fail_msg("program %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_person_is_seen),
	    cmocka_unit_test(test_what_models_allow_is_none),
	    cmocka_unit_test(test_few_commands_are_none),
	    cmocka_unit_test(test_programs_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
