/*
 * Failed logins that are no guesses: of replicas whose password was rotated,
 * and of who reads no more of SSH than its keys; and who has many addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/detector_stage.h"

#define GUESSING 2020

static struct stage_flow
connection(struct stage *stage, const char *client, const char *server,
    uint16_t port, enum application application)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, port);

	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, application);
	return flow;
}

/* A monitor's banner, or six turns until the server's key: of ever other
 * servers, and of one again and again. */
static void
reading_the_keys_of_ssh_is_no_try(void **state)
{
	for (int turns = 2; turns <= 7; turns += turns == 2 ? 4 : 1) {
		struct stage *stage = stage_new(&detector_brute_force);

		for (int i = 0; i < 60; i++) {
			char server[32];
			struct stage_flow flow;

			stage_at(stage, i * 0.5);
			snprintf(server, sizeof(server), "ops/host%d", i % 12);
			flow = connection(
			    stage, "ops/monitor", server, 22, APPLICATION_SSH);
			for (int turn = 0; turn < turns; turn++)
				stage_send(stage, &flow, turn % 2 == 1, 1, 300);
			stage_finish(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0) > 0, turns == 7);
		stage_free(stage);
	}
	(void)state;
}

/* Connections at once under `name`, all refused 5 ms after they began. */
static void
refuse(struct stage *stage, const char *client, int count, double at,
    uint32_t name, enum verdict_kind verdict)
{
	struct stage_flow flows[2];

	stage_at(stage, at);
	for (int i = 0; i < count; i++) {
		flows[i] = connection(
		    stage, client, "shop/db", 3306, APPLICATION_MYSQL);
		flows[i].sighting.verdict = verdict;
	}
	stage_at(stage, at + 0.005);
	for (int i = 0; i < count; i++) {
		flows[i].sighting.message = (struct message){
		    .kind = MESSAGE_AUTHENTICATION, .code = 1, .name = name};
		stage->packet++;
		stage_tell(stage, &flows[i], SIGHTED_MESSAGE);
		stage_finish(stage, &flows[i]);
	}
}

/* The right password at last. */
static void
mend(struct stage *stage, const char *client, enum verdict_kind verdict)
{
	struct stage_flow flow =
	    connection(stage, client, "shop/db", 3306, APPLICATION_MYSQL);

	flow.sighting.verdict = verdict;
	stage_message(stage, &flow, MESSAGE_AUTHENTICATION, false, 0, "\0", 1);
	stage_finish(stage, &flow);
}

/* Two tries at once, each pair `pause` after the one before, give or take half
 * of it; and then it is let in.  How many findings that is. */
static size_t
rotate(const char *client, double pause, uint32_t name, uint32_t names,
    enum verdict_kind verdict)
{
	struct stage *stage = stage_new(&detector_brute_force);
	uint64_t random = 5;
	double at = 1;
	size_t found;

	for (uint32_t i = 0; i < 200; i++) {
		refuse(stage, client, 2, at, name + i % names, verdict);
		random = random * 6364136223846793005 + 1442695040888963407;
		at += pause * (0.5 + (double)(random >> 40) / (1 << 24));
	}
	if (stage_findings(stage, GUESSING) > 0)
		assert_int_equal(stage_found(stage, GUESSING)->confidence <= 60,
		    verdict == VERDICT_ALLOWED && names == 1 && *client == 's');
	mend(stage, client, verdict);
	found = stage_findings(stage, 0);
	stage_free(stage);
	return found;
}

static void
rotated_passwords_at_home_are_none_nor_is_their_success(void **state)
{
	const uint32_t own = 7777, root = messages_name("root");

	(void)state;
	assert_int_equal(rotate("shop/web", 0.4, own, 1, VERDICT_ALLOWED), 0);
	assert_int_equal(
	    rotate("shop/web", 0.4, own, 1, VERDICT_UNMODELLED), 0);
	/* Whom no model lets there, who comes from outside, an administrator's
	 * name, several names, and who does not rest. */
	assert_true(rotate("shop/web", 0.4, own, 1, VERDICT_DEVIATION) > 0);
	assert_true(rotate("203.0.113.9", 0.4, own, 1, VERDICT_ALLOWED) > 0);
	assert_true(rotate("shop/web", 0.4, root, 1, VERDICT_ALLOWED) > 0);
	assert_true(rotate("shop/web", 0.4, own, 20, VERDICT_ALLOWED) > 0);
	assert_true(rotate("shop/web", 0.03, own, 1, VERDICT_ALLOWED) > 0);
}

/* Addresses of one /64, three tries each. */
static void
a_network_of_six_is_one_guesser(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 60; i++) {
		char client[48];

		snprintf(client, sizeof(client), "2001:db8:7::%x", 1 + i % 20);
		refuse(stage, client, 1, i * 0.2, 7777, VERDICT_DEVIATION);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reading_the_keys_of_ssh_is_no_try),
	    cmocka_unit_test(
		rotated_passwords_at_home_are_none_nor_is_their_success),
	    cmocka_unit_test(a_network_of_six_is_one_guesser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
