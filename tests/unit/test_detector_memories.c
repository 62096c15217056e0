/*
 * What every detector remembers: it is saved and restored, and neither
 * strangers who do the same nor answers that are forged push it out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/detectors_state.h"
#include "sensor/base/text.h"
#include "tests/unit/detector_acts.h"

/* More than twice as many as any table has room for: each is spared once. */
#define STRANGERS 20000

/* So many of what is enough, of which some are done already. */
static void
go_on(struct stage *stage, const struct act *act, int from, int until)
{
	for (int i = from; i < until; i++) {
		stage_at(stage, 0.48 * act->within * i / act->enough);
		act->act(stage, act->who, i);
	}
}

/* With nothing but what was saved. */
static void
restart(struct stage *stage)
{
	const struct detectors_parts parts = {
	    .table = stage->table,
	    .count = 1,
	    .loss_bound = DETECTORS_LOSS_BOUND,
	    .raise = stage_raise,
	    .context = stage,
	};
	struct text left_out;
	size_t size;
	uint8_t *octets = detectors_save(stage->row, &size);

	detectors_free(stage->row);
	stage->row = detectors_new(&parts);
	text_init(&left_out, 1000);
	assert_true(detectors_restore(stage->row, octets, size, &left_out) > 0);
	assert_int_equal(left_out.length, 0);
	text_release(&left_out);
	free(octets);
}

/* Of each the last act is needed, or what comes between would not matter. */
static struct stage *
all_but_one(const struct act *act, int *needed)
{
	struct stage *stage = stage_new(act->detector);

	*needed = 0;
	while (!act_is_found(stage, act)) {
		if (*needed == act->enough)
			fail_msg("%u is not found", act->signature);
		go_on(stage, act, *needed, *needed + 1);
		++*needed;
	}
	stage_free(stage);
	stage = stage_new(act->detector);
	go_on(stage, act, 0, *needed - 1);
	assert_false(act_is_found(stage, act));
	return stage;
}

static void
what_is_saved_goes_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < ACTS; i++) {
		int needed;
		struct stage *stage = all_but_one(&acts[i], &needed);

		restart(stage);
		go_on(stage, &acts[i], needed - 1, acts[i].enough);
		if (!act_is_found(stage, &acts[i]))
			fail_msg("%u in row %zu is not restored",
			    acts[i].signature, i);
		stage_free(stage);
	}
}

static const char *
stranger(int number, char text[32])
{
	snprintf(text, 32, "100.%d.%d.%d", 64 + number / 65536,
	    number / 256 % 256, number % 256);
	return text;
}

/* They do the same to the same, each of them a little of it. */
static void
strangers_push_out_no_workload(void **state)
{
	char who[32];

	(void)state;
	for (size_t i = 0; i < ACTS; i++) {
		int needed;
		struct stage *stage = all_but_one(&acts[i], &needed);
		bool ours = acts[i].who != NULL &&
			    stage_end_of(stage, acts[i].who)->end.inside;

		for (int n = 0; ours && n < 2 * STRANGERS; n++)
			acts[i].act(
			    stage, stranger(n % STRANGERS, who), n / STRANGERS);
		go_on(stage, &acts[i], needed - 1, acts[i].enough);
		if (!act_is_found(stage, &acts[i]))
			fail_msg("%u in row %zu is pushed out",
			    acts[i].signature, i);
		stage_free(stage);
	}
}

/* Datagrams and SYN-ACKs from everywhere to whom it is about, which no
 * handshake stands against. */
static void
forge_answers(struct stage *stage, const char *who, int number)
{
	static const uint16_t ports[] = {53, 123, 443, 80};
	bool udp = number % 4 < 2;
	char from[32];
	struct stage_flow flow = stage_flow(stage, who, stranger(number, from),
	    udp ? PROTOCOL_UDP : PROTOCOL_TCP, ports[number % 4]);

	flow.sighting.verdict = VERDICT_UNMODELLED;
	flow.sighting.direction_known = false;
	flow.flow.opener = 1;
	flow.flow.direction = DIRECTION_HEURISTIC;
	flow.flow.packets[0] = flow.flow.octets[0] = 0;
	flow.flow.tcp_flags[0] = 0;
	flow.flow.tcp_flags[1] = udp ? 0 : TCP_SYN | TCP_ACK;
	stage_send(stage, &flow, false, 1, 200);
	flow.flow.answered = udp;
	stage_over(stage, &flow);
}

static void
forged_answers_push_out_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < ACTS; i++) {
		int needed;
		struct stage *stage = all_but_one(&acts[i], &needed);

		for (int n = 0; n < STRANGERS; n++)
			forge_answers(
			    stage, acts[i].who == NULL ? CART : acts[i].who, n);
		go_on(stage, &acts[i], needed - 1, acts[i].enough);
		if (!act_is_found(stage, &acts[i]))
			fail_msg("%u in row %zu is pushed out",
			    acts[i].signature, i);
		stage_free(stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_saved_goes_on),
	    cmocka_unit_test(strangers_push_out_no_workload),
	    cmocka_unit_test(forged_answers_push_out_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
