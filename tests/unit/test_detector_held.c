/*
 * Connections that are held: requests that go on after their answer, answers
 * that are not read, and silence; and what looks like each of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/detector_stage.h"

#define HELD 2014
#define MANY 300

/* What a connection does in each of its rounds, which are 12 s apart. */
struct habit {
	enum application application;
	uint64_t asked;    /* octets of its request */
	uint64_t first;    /* and of the answer's beginning */
	uint64_t goes_on;  /* octets that the server sends in a round */
	uint8_t closed;    /* windows of zero in a round */
	bool narrow;       /* from the SYN on */
	uint64_t asks;     /* payloads of the client in a round, 20 octets */
	uint64_t answered; /* and of the server */
};

static const char *
client_of(const char *stem, int number, char text[64])
{
	if (stem[strlen(stem) - 1] == '.')
		snprintf(text, 64, "%s%d", stem, number % 250);
	else
		snprintf(text, 64, "%s", stem);
	return text;
}

static void
begin(struct stage *stage, struct stage_flow *flow, const char *client,
    const struct habit *habit)
{
	*flow = stage_flow(stage, client, "shop/web", PROTOCOL_TCP, 80);
	flow->narrow[0] = habit->narrow;
	stage_answer(flow, habit->application);
	stage_send(stage, flow, true, 1, 40 + habit->asked);
	if (habit->first > 0)
		stage_send(stage, flow, false, 1, 40 + habit->first);
}

/* `count` connections at once of one client, or of as many with `1.2.3.`. */
static struct stage *
hold(int count, const char *stem, const struct habit *habit)
{
	static struct stage_flow flows[MANY];
	struct stage *stage = stage_new(&detector_http_flood);
	char text[64];

	for (int i = 0; i < count; i++) {
		stage_at(stage, 10 + i * 0.01);
		begin(stage, &flows[i], client_of(stem, i, text), habit);
	}
	for (int round = 1; round < 6; round++)
		for (int i = 0; i < count; i++) {
			stage_at(stage, 10 + round * 12 + i * 0.01);
			flows[i].closed[0] = habit->closed;
			flows[i].flow.last = stage->now;
			flows[i].flow.octets[1] += habit->goes_on;
			for (uint64_t n = 0; n < habit->asks; n++)
				stage_send(stage, &flows[i], true, 1, 60);
			flows[i].begun[0] = (uint32_t)habit->asks;
			for (uint64_t n = 0; n < habit->answered; n++)
				stage_send(stage, &flows[i], false, 1, 300);
			stage_progress(stage, &flows[i]);
		}
	return stage;
}

static void
assert_nobody(int count, const char *stem, const struct habit *habit)
{
	struct stage *stage = hold(count, stem, habit);

	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* slowhttptest -X: a buffer of 1152 octets, and an answer that does not fit. */
static const struct habit unread = {.application = APPLICATION_HTTP,
    .asked = 235,
    .first = 1152,
    .goes_on = 120,
    .closed = 2};

static void
answers_that_are_not_read_are_found(void **state)
{
	struct habit in_tls = unread, small = unread;
	struct stage *stage = hold(50, "203.0.113.7", &unread);

	(void)state;
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_non_null(
	    strstr(stage_found(stage, HELD)->sentence, "does not read"));
	stage_free(stage);
	in_tls.application = APPLICATION_TLS;
	stage = hold(50, "shop/bad", &in_tls);
	assert_string_equal(stage_found(stage, HELD)->subject, "shop/bad");
	stage_free(stage);
	stage = hold(200, "203.0.113.", &unread);
	assert_string_equal(stage_found(stage, HELD)->subject, "shop/web");
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_free(stage);
	/* The whole answer fits into the window, small as it is. */
	small.first = 150;
	small.closed = 0;
	small.narrow = true;
	stage = hold(50, "shop/bad", &small);
	assert_int_equal(stage_findings(stage, HELD), 1);
	stage_free(stage);
}

static void
downloads_that_pause_are_none(void **state)
{
	struct habit paused = unread, throttled = unread, slow = unread;
	struct habit logs = unread, idle = unread, database = unread;

	(void)state;
	assert_nobody(9, "203.0.113.7", &unread);
	/* A video in ten tabs: it has read before, and reads at times. */
	paused.first = 900000;
	assert_nobody(50, "203.0.113.7", &paused);
	/* A backup at 1 KB/s, its window closed most of the time. */
	throttled.goes_on = 12000;
	assert_nobody(50, "shop/backup", &throttled);
	/* A phone with a bad link: it takes little, and would take more. */
	slow.closed = 0;
	assert_nobody(50, "203.0.113.7", &slow);
	/* Logs that are followed, events that are waited for. */
	logs.closed = 0;
	logs.goes_on = 200;
	assert_nobody(50, "shop/watcher", &logs);
	/* Devices with buffers of one small segment, that ask and ask. */
	idle.closed = 0;
	idle.narrow = true;
	idle.asks = idle.answered = 4;
	assert_nobody(50, "203.0.113.7", &idle);
	/* A cursor that is read when the program comes to it. */
	database.application = APPLICATION_POSTGRESQL;
	assert_nobody(50, "shop/report", &database);
}

static void
bodies_that_go_on_after_the_answer_are_found(void **state)
{
	struct habit body = {.application = APPLICATION_HTTP,
	    .asked = 480,
	    .first = 148,
	    .asks = 3};
	struct stage *stage = hold(50, "shop/bad", &body);

	(void)state;
	assert_int_equal(stage_findings(stage, HELD), 1);
	stage_free(stage);
	/* Requests on one connection: each is answered. */
	body.answered = 3;
	assert_nobody(50, "shop/poller", &body);
	/* One that was sent, and whose answer is on its way. */
	body.answered = 2;
	assert_nobody(50, "shop/poller", &body);
}

/* --- silence -------------------------------------------------------------- */

/*
 * Connections that say nothing, a hundredth of a second apart, which end after
 * `life` seconds.
 */
static struct stage *
keep(int count, const char *stem, enum verdict_kind verdict, double life,
    uint64_t said)
{
	struct stage *stage = stage_new(&detector_http_flood);
	struct stage_flow *flows = calloc((size_t)count, sizeof(*flows));
	char text[64];

	assert_non_null(flows);
	for (int i = 0; i < count; i++) {
		stage_at(stage, 10 + i * 0.01);
		flows[i] = stage_flow(stage, client_of(stem, i, text),
		    "shop/web", PROTOCOL_TCP, 80);
		flows[i].sighting.verdict = verdict;
		stage_answer(&flows[i], APPLICATION_UNKNOWN);
		if (said > 0)
			stage_send(stage, &flows[i], true, 1, 40 + said);
		flows[i].flow.last.ns += (int64_t)(life * 1e9);
		flows[i].flow.state = FLOW_FINISHED;
	}
	stage_at(stage, 700);
	for (int i = 0; i < count; i++)
		stage_over(stage, &flows[i]);
	free(flows);
	return stage;
}

static void
connections_without_a_word_are_found(void **state)
{
	struct stage *stage = keep(1000, "203.0.113.7", VERDICT_ALLOWED, 60, 0);

	(void)state;
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, HELD)->subject, "203.0.113.7");
	stage_free(stage);
	stage = keep(1000, "shop/bad", VERDICT_DEVIATION, 60, 0);
	assert_string_equal(stage_found(stage, HELD)->subject, "shop/bad");
	stage_free(stage);
	stage = keep(4000, "203.0.113.", VERDICT_ALLOWED, 60, 0);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, HELD)->subject, "shop/web");
	stage_free(stage);
}

/* Of minutes that are over nothing is left. */
static void
few_or_short_silences_are_none(void **state)
{
	static const struct {
		const char *what, *stem;
		int count;
		enum verdict_kind verdict;
		double life;
		uint64_t said;
	} rows[] = {
	    {"few", "203.0.113.7", 100, VERDICT_ALLOWED, 60, 0},
	    {"a monitor's", "203.0.113.7", 1000, VERDICT_ALLOWED, 0.1, 0},
	    {"a pool's", "shop/pool", 1000, VERDICT_ALLOWED, 60, 0},
	    {"asked", "203.0.113.7", 1000, VERDICT_ALLOWED, 60, 200},
	    {"visitors'", "203.0.113.", 900, VERDICT_ALLOWED, 10, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage *stage = keep(rows[i].count, rows[i].stem,
		    rows[i].verdict, rows[i].life, rows[i].said);

		if (stage_findings(stage, HELD) != 0)
			fail_msg("%s", rows[i].what);
		stage_free(stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_that_are_not_read_are_found),
	    cmocka_unit_test(downloads_that_pause_are_none),
	    cmocka_unit_test(bodies_that_go_on_after_the_answer_are_found),
	    cmocka_unit_test(connections_without_a_word_are_found),
	    cmocka_unit_test(few_or_short_silences_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
