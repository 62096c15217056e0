/*
 * Which segments the flow table takes for this connection's, which for
 * another's and which for nobody's; and connections of which only one end is
 * captured.
 */
#include "tests/unit/flowtable_scene.h"

/* Far from everything else here. */
#define ELSEWHERE UINT32_C(0x40000000)

static struct frame
acknowledging(struct frame frame, uint32_t acknowledgement)
{
	frame.tcp_acknowledgement = acknowledgement;
	return frame;
}

/* Opens the usual connection: the client goes on with 6, the server with 10. */
static void
open_connection(struct bench *bench)
{
	(void)hear(bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	(void)hear(bench, 1,
	    acknowledging(made_tcp(to_client(), TCP_SYN | TCP_ACK, 9), 6));
	(void)hear(
	    bench, 1, acknowledging(made_tcp(to_server(), TCP_ACK, 6), 10));
}

static struct frame
answer_to(uint32_t sequence, uint8_t flags)
{
	return acknowledging(
	    made_tcp(to_client(), flags | TCP_ACK, 7), sequence + 1);
}

/* RFC 9293, 3.10.7.4: who has the connection answers with an ACK. */
static void
test_forged_syn_splits_nothing(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	for (uint32_t i = 0; i < 3; i++)
		(void)hear(&bench, 2 + i * 200,
		    made_tcp(to_server(), TCP_SYN, ELSEWHERE * i));
	(void)hear(
	    &bench, 500, acknowledging(made_tcp(to_client(), TCP_ACK, 10), 6));
	flow = hear(&bench, 500, made_tcp(to_client(), TCP_FIN | TCP_ACK, 10));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->packets[1], 5);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	bench_close(&bench);
}

/* The FINs were not captured; the server has forgotten the connection. */
static void
test_answered_syn_opens_a_new_flow(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	(void)hear(&bench, 50, made_tcp(to_server(), TCP_SYN, ELSEWHERE));
	flow = hear(&bench, 51, made_tcp(to_server(), TCP_SYN, ELSEWHERE));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->packets[1], 4);
	flow = hear(&bench, 52, answer_to(ELSEWHERE, TCP_SYN));
	assert_int_equal(flow->sequence, 2);
	assert_int_equal(flow->packets[1], 2);
	assert_int_equal(flow->packets[0], 1);
	assert_int_equal(flow->octets[1], 80);
	assert_int_equal(flow->first.ns, at_second(50).ns);
	assert_int_equal(flow->first_packet, 4);
	assert_int_equal(flow->opener, flow->client);
	assert_int_equal(flow_server(flow)->port, 443);
	assert_true(flow->answered);
	assert_false(flow->midstream);
	assert_string_equal(flow_connection_state(flow), "S1");
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	assert_int_equal(bench.ended[0].packets[1], 2);
	assert_int_equal(bench.ended[0].octets[1], 80);
	bench_close(&bench);
}

static void
test_refused_syn_opens_a_new_flow(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 1);
	open_connection(&bench);
	(void)hear(&bench, 50, made_tcp(to_server(), TCP_SYN, ELSEWHERE));
	flow = hear(&bench, 50, answer_to(ELSEWHERE + 1, TCP_RST));
	assert_int_equal(flow->sequence, 1);
	flow = hear(&bench, 51, answer_to(ELSEWHERE, TCP_RST));
	assert_int_equal(flow->sequence, 2);
	assert_true(flow->refused);
	assert_string_equal(flow_connection_state(flow), "REJ");
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	bench_close(&bench);
}

/* One FIN is no end: the SYN waits for its answer all the same. */
static void
test_new_syn_after_one_fin(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	(void)hear(&bench, 2, made_tcp(to_client(), TCP_FIN | TCP_ACK, 10));
	flow = hear(&bench, 2, made_tcp(to_server(), TCP_SYN, ELSEWHERE));
	assert_int_equal(flow->sequence, 1);
	flow = hear(&bench, 2, answer_to(ELSEWHERE, TCP_SYN));
	assert_int_equal(flow->sequence, 2);
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	assert_string_equal(flow_connection_state(&bench.ended[0]), "S3");
	bench_close(&bench);
}

/* After a finished connection the SYN of the next may have been lost. */
static void
test_syn_ack_of_another_connection(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	(void)hear(&bench, 2, made_tcp(to_client(), TCP_RST, 10));
	flow = hear(&bench, 3, made_tcp(to_client(), TCP_SYN | TCP_ACK, 9));
	assert_int_equal(flow->sequence, 1);
	flow = hear(
	    &bench, 3, made_tcp(to_client(), TCP_SYN | TCP_ACK, ELSEWHERE));
	assert_int_equal(flow->sequence, 2);
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	bench_close(&bench);
}

/* RFC 5961, 3: only where the receiver expects it. */
static void
test_forged_end_ends_nothing(void **state)
{
	static const uint8_t flags[] = {
	    TCP_RST, TCP_RST | TCP_ACK, TCP_FIN | TCP_ACK, TCP_FIN | TCP_RST};
	struct bench bench;
	struct flow *flow = NULL;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	for (size_t i = 0; i < sizeof(flags); i++) {
		(void)hear(
		    &bench, 2, made_tcp(to_client(), flags[i], ELSEWHERE));
		flow =
		    hear(&bench, 2, made_tcp(to_server(), flags[i], 6 + 65536));
	}
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_string_equal(flow_connection_state(flow), "S1");
	assert_int_equal(flowtable_counts(bench.table).disbelieved, 8);
	assert_int_equal(flowtable_counts(bench.table).strays, 8);
	flow = hear(&bench, 3, made_tcp(to_server(), TCP_RST, 6 + 65535));
	assert_int_equal(flow->state, FLOW_FINISHED);
	assert_string_equal(flow_connection_state(flow), "RSTO");
	bench_close(&bench);
}

/* RFC 9293, 3.10.7.3: an RST must acknowledge the SYN. */
static void
test_reset_of_another_syn_refuses_nothing(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 1, answer_to(ELSEWHERE, TCP_RST));
	assert_false(flow->refused);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	flow = hear(&bench, 1, answer_to(5, TCP_RST));
	assert_true(flow->refused);
	assert_int_equal(flow->state, FLOW_FINISHED);
	bench_close(&bench);
}

static struct frame
segment(struct frame_key key, uint32_t sequence, uint32_t payload)
{
	struct frame frame = made_frame(key, payload);

	frame.tcp_flags = TCP_ACK;
	frame.tcp_window = 65535;
	frame.tcp_sequence = sequence;
	return frame;
}

/* More was lost than a window, in both directions. */
static void
test_sequence_goes_on_after_a_loss(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	for (uint32_t i = 0; i < 3; i++)
		(void)hear(&bench, 2,
		    acknowledging(
			segment(to_client(), ELSEWHERE + i * 1000, 1000), 6));
	flow =
	    hear(&bench, 3, made_tcp(to_client(), TCP_RST, ELSEWHERE + 3000));
	assert_int_equal(flow->state, FLOW_FINISHED);
	assert_int_equal(flowtable_counts(bench.table).strays, 2);
	bench_close(&bench);
}

/* Forged segments, while the real ends go on. */
static void
test_strays_that_are_contradicted_move_nothing(void **state)
{
	struct bench bench;
	struct flow *flow = NULL;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	for (uint32_t i = 0; i < 8; i++) {
		(void)hear(&bench, 2 + i,
		    segment(to_client(), ELSEWHERE + i * 1000, 1000));
		(void)hear(&bench, 2 + i,
		    i % 2 == 0 ? acknowledging(segment(to_server(), 6, 0), 10)
			       : acknowledging(segment(to_client(), 10, 0), 6));
	}
	flow =
	    hear(&bench, 30, made_tcp(to_client(), TCP_RST, ELSEWHERE + 8000));
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	flow = hear(&bench, 30, made_tcp(to_client(), TCP_RST, 10));
	assert_int_equal(flow->state, FLOW_FINISHED);
	bench_close(&bench);
}

/* A receiver that acknowledges what was not captured knows best. */
static void
test_acknowledgement_moves_the_sequence(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	open_connection(&bench);
	(void)hear(
	    &bench, 2, acknowledging(segment(to_server(), 6, 0), 300000));
	flow = hear(&bench, 3, made_tcp(to_client(), TCP_RST, 300000));
	assert_int_equal(flow->state, FLOW_FINISHED);
	bench_close(&bench);
}

/* The span port shows the client's packets alone. */
static void
test_one_sided_client(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	assert_false(flow_was_accepted(flow));
	flow = hear(&bench, 1, acknowledging(segment(to_server(), 6, 0), 900));
	assert_true(flow->inferred);
	assert_true(flow_was_accepted(flow));
	assert_false(flow->answered);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	flowtable_expire(bench.table, at_second(600));
	assert_int_equal(bench.count, 0);
	flow = hear(&bench, 600,
	    acknowledging(made_tcp(to_server(), TCP_FIN | TCP_ACK, 6), 950));
	assert_int_equal(flow->state, FLOW_FINISHED);
	/* Nobody could confirm that the next is another. */
	flow = hear(&bench, 601, made_tcp(to_server(), TCP_SYN, 70));
	assert_int_equal(flow->sequence, 2);
	assert_false(flow_was_accepted(flow));
	bench_close(&bench);
}

static void
test_one_sided_midstream(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, acknowledging(segment(to_server(), 6, 10), 900));
	flow = hear(&bench, 1, acknowledging(segment(to_server(), 16, 9), 900));
	assert_false(flow->inferred);
	assert_int_equal(flow->state, FLOW_ATTEMPT);
	flow = hear(&bench, 1, acknowledging(segment(to_server(), 25, 9), 901));
	assert_true(flow->inferred);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	bench_close(&bench);
}

/* The server's packets alone; it goes on, so the client has acknowledged. */
static void
test_one_sided_server(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1,
	    acknowledging(made_tcp(to_client(), TCP_SYN | TCP_ACK, 9), 6));
	flow = hear(&bench, 1,
	    acknowledging(made_tcp(to_client(), TCP_SYN | TCP_ACK, 9), 6));
	assert_int_equal(flow->state, FLOW_ATTEMPT);
	flow = hear(&bench, 1, acknowledging(segment(to_client(), 10, 9), 6));
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_true(flow->answered);
	flow = hear(
	    &bench, 2, made_tcp(to_client(), TCP_SYN | TCP_ACK, ELSEWHERE));
	assert_int_equal(flow->sequence, 2);
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	bench_close(&bench);
}

/* A client that repeats its SYN and RSTs proves nothing. */
static void
test_one_sided_attempt(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 2, made_tcp(to_server(), TCP_SYN, 5));
	assert_int_equal(flow->state, FLOW_ATTEMPT);
	flow = hear(&bench, 2,
	    acknowledging(made_tcp(to_server(), TCP_RST | TCP_ACK, 6), 900));
	assert_false(flow->inferred);
	bench_close(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forged_syn_splits_nothing),
	    cmocka_unit_test(test_answered_syn_opens_a_new_flow),
	    cmocka_unit_test(test_refused_syn_opens_a_new_flow),
	    cmocka_unit_test(test_new_syn_after_one_fin),
	    cmocka_unit_test(test_syn_ack_of_another_connection),
	    cmocka_unit_test(test_forged_end_ends_nothing),
	    cmocka_unit_test(test_reset_of_another_syn_refuses_nothing),
	    cmocka_unit_test(test_sequence_goes_on_after_a_loss),
	    cmocka_unit_test(test_strays_that_are_contradicted_move_nothing),
	    cmocka_unit_test(test_acknowledgement_moves_the_sequence),
	    cmocka_unit_test(test_one_sided_client),
	    cmocka_unit_test(test_one_sided_midstream),
	    cmocka_unit_test(test_one_sided_server),
	    cmocka_unit_test(test_one_sided_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
