#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/flowtable_scene.h"

static void
test_handshake(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 100));
	assert_int_equal(flow->direction, DIRECTION_HANDSHAKE);
	assert_int_equal(flow_client(flow)->port, 40000);
	assert_int_equal(flow_server(flow)->port, 443);
	assert_int_equal(flow->state, FLOW_ATTEMPT);
	assert_false(flow->midstream);
	assert_false(flow->answered);
	flow = hear(&bench, 2, made_tcp(to_client(), TCP_SYN | TCP_ACK, 900));
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_true(flow->answered);
	assert_false(flow->refused);
	assert_int_equal(flow->packets[0], 1);
	assert_int_equal(flow->packets[1], 1);
	assert_int_equal(flow->octets[0], 40);
	assert_int_equal(flow->first_packet, 1);
	assert_int_equal(flow->first.ns, at_second(1).ns);
	assert_int_equal(flow->last.ns, at_second(2).ns);
	assert_int_equal(flow->tcp_flags[1], TCP_SYN);
	assert_int_equal(flow->tcp_flags[0], TCP_SYN | TCP_ACK);
	bench_close(&bench);
}

/* Both from high to low and from low to high port: flags outrank ports. */
static void
test_syn_ack_first_makes_its_sender_the_server(void **state)
{
	const uint16_t ports[][2] = {{443, 40000}, {40000, 443}};
	struct bench bench;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct frame_key key =
		    made_key(PROTOCOL_TCP, 1, ports[i][0], 2, ports[i][1]);
		struct flow *flow;

		bench_open(&bench, 4);
		flow = hear(&bench, 1, made_tcp(key, TCP_SYN | TCP_ACK, 7));
		assert_int_equal(flow->direction, DIRECTION_HANDSHAKE);
		assert_int_equal(flow_server(flow)->port, ports[i][0]);
		assert_true(flow->answered);
		assert_false(flow->midstream);
		bench_close(&bench);
	}
}

static void
test_ports_tell_the_direction(void **state)
{
	static const struct {
		uint16_t from, to;
		bool sender_is_server;
	} cases[] = {
	    {443, 40000, true},
	    {443, 1024, true},
	    {443, 1023, false},
	    {40000, 443, false},
	    {6379, 32768, true},
	    {6379, 32767, false},
	    {32768, 40000, false},
	    {53, 53, false},
	    {0, 40000, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame_key key =
		    made_key(PROTOCOL_UDP, 3, cases[i].from, 4, cases[i].to);
		struct bench bench;
		struct flow *flow;
		uint8_t server;

		bench_open(&bench, 4);
		flow = hear(&bench, 1, made_frame(key, 5));
		server = flow_server(flow)->address.octets[15];
		assert_int_equal(server, cases[i].sender_is_server ? 3 : 4);
		assert_int_equal(flow->direction, DIRECTION_HEURISTIC);
		assert_int_equal(flow->answered, cases[i].sender_is_server);
		assert_false(flow->midstream);
		bench_close(&bench);
	}
}

static void
test_midstream(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_tcp(to_server(), TCP_ACK, 5));
	assert_true(flow->midstream);
	assert_int_equal(flow->direction, DIRECTION_HEURISTIC);
	assert_false(flow->answered);
	flow = hear(&bench, 1, made_tcp(to_client(), TCP_ACK, 5));
	assert_true(flow->answered);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	bench_close(&bench);
}

/* RFC 9293, 3.5.1, figure 9: an ACK in reply to a SYN is no acceptance. */
static void
test_bare_ack_accepts_nothing(void **state)
{
	struct bench bench;
	struct frame data = made_frame(to_client(), 10);
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 1, made_tcp(to_client(), TCP_ACK, 700));
	assert_false(flow->answered);
	data.tcp_flags = TCP_ACK | TCP_PSH;
	flow = hear(&bench, 1, data);
	assert_true(flow->answered);
	bench_close(&bench);
}

static void
test_refused_by_reset(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 1, made_tcp(to_client(), TCP_RST | TCP_ACK, 0));
	assert_true(flow->refused);
	assert_false(flow->answered);
	assert_int_equal(flow->state, FLOW_FINISHED);
	flowtable_expire(bench.table, at_second(11));
	assert_ended(&bench, 0, 1, FLOW_CLOSED);
	bench_close(&bench);
}

static void
test_reset_later_or_by_the_client_refuses_nothing(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 1, made_tcp(to_server(), TCP_RST, 6));
	assert_false(flow->refused);
	assert_int_equal(flow->state, FLOW_FINISHED);
	(void)hear(&bench, 2, made_tcp(to_server(), TCP_SYN, 50));
	(void)hear(&bench, 2, made_tcp(to_client(), TCP_SYN | TCP_ACK, 5));
	flow = hear(&bench, 2, made_tcp(to_client(), TCP_RST, 6));
	assert_int_equal(flow->sequence, 2);
	assert_false(flow->refused);
	assert_true(flow->answered);
	bench_close(&bench);
}

static void
test_both_fins_finish(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	(void)hear(&bench, 1, made_tcp(to_client(), TCP_SYN | TCP_ACK, 9));
	flow = hear(&bench, 1, made_tcp(to_server(), TCP_FIN | TCP_ACK, 6));
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	flow = hear(&bench, 2, made_tcp(to_client(), TCP_FIN | TCP_ACK, 10));
	assert_int_equal(flow->state, FLOW_FINISHED);
	flow = hear(&bench, 3, made_tcp(to_server(), TCP_ACK, 7));
	assert_int_equal(flow->state, FLOW_FINISHED);
	flowtable_expire(bench.table, at_second(12));
	assert_int_equal(bench.count, 0);
	flowtable_expire(bench.table, at_second(13));
	assert_ended(&bench, 0, 1, FLOW_CLOSED);
	bench_close(&bench);
}

static void
test_repeated_syn_is_the_same_connection(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	(void)hear(&bench, 2, made_tcp(to_server(), TCP_SYN, 5));
	(void)hear(&bench, 4, made_tcp(to_client(), TCP_RST | TCP_ACK, 0));
	flow = hear(&bench, 5, made_tcp(to_server(), TCP_SYN, 5));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->packets[1], 3);
	bench_close(&bench);
}

/* A silent failure, then a new try from the same port that is closed. */
static void
test_latest_syn_of_an_attempt_counts(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	flow = hear(&bench, 2, made_tcp(to_server(), TCP_SYN, 6));
	assert_int_equal(flow->sequence, 1);
	(void)hear(&bench, 2, made_tcp(to_client(), TCP_RST | TCP_ACK, 0));
	flow = hear(&bench, 3, made_tcp(to_server(), TCP_SYN, 6));
	assert_int_equal(flow->sequence, 1);
	flow = hear(&bench, 3, made_tcp(to_server(), TCP_SYN, 5));
	assert_int_equal(flow->sequence, 2);
	bench_close(&bench);
}

static void
test_new_syn_after_the_end_is_a_new_flow(void **state)
{
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 1); /* the old one's slot is all there is */
	(void)hear(&bench, 1, made_tcp(to_server(), TCP_SYN, 5));
	(void)hear(&bench, 1, made_tcp(to_client(), TCP_RST | TCP_ACK, 0));
	flow = hear(&bench, 2, made_tcp(to_server(), TCP_SYN, 6));
	assert_int_equal(flow->sequence, 2);
	assert_int_equal(flow->packets[0], 0);
	assert_int_equal(flow->packets[1], 1);
	assert_false(flow->refused);
	assert_int_equal(flow->state, FLOW_ATTEMPT);
	assert_ended(&bench, 0, 1, FLOW_REUSED);
	assert_int_equal(bench.ended[0].packets[0], 1);
	bench_close(&bench);
}

static void
test_udp_answer(void **state)
{
	struct frame_key ask = made_key(PROTOCOL_UDP, 9, 40000, 1, 53);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_frame(ask, 30));
	assert_false(flow->answered);
	assert_int_equal(flow->octets[1], 70);
	flow = hear(&bench, 1, made_frame(made_reverse(ask), 60));
	assert_true(flow->answered);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_int_equal(flow->octets[0], 100);
	bench_close(&bench);
}

static struct frame
made_sctp(struct frame_key key, const uint8_t *chunk)
{
	struct frame frame = made_frame(key, 1);

	frame.payload = chunk;
	frame.payload_captured = 1;
	return frame;
}

/* RFC 9260, 3.3: INIT, INIT ACK and ABORT; the ports tell otherwise. */
static void
test_sctp_handshake(void **state)
{
	static const uint8_t init = 1, init_ack = 2, abort_chunk = 6;
	struct frame_key ask = made_key(PROTOCOL_SCTP, 9, 1000, 1, 40000);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_sctp(ask, &init));
	assert_int_equal(flow->direction, DIRECTION_HANDSHAKE);
	assert_int_equal(flow_client(flow)->address.octets[15], 9);
	flow = hear(&bench, 1, made_sctp(made_reverse(ask), &init_ack));
	assert_true(flow->answered);
	assert_false(flow->refused);
	ask.source_port = 1001;
	flow = hear(&bench, 2, made_sctp(made_reverse(ask), &init_ack));
	assert_int_equal(flow->direction, DIRECTION_HANDSHAKE);
	assert_int_equal(flow_client(flow)->address.octets[15], 9);
	ask.source_port = 1002;
	flow = hear(&bench, 3, made_sctp(ask, &init));
	flow = hear(&bench, 3, made_sctp(made_reverse(ask), &abort_chunk));
	assert_false(flow->answered);
	assert_true(flow->refused);
	bench_close(&bench);
}

/* One stamp from far away says not when a flow ended, unless it is the last;
 * late packets do not make it shorter. */
static void
test_wild_stamp(void **state)
{
	static const int64_t stamps[][2] = {/* seconds, and the end then */
	    {100, 100}, {4000000000, 4000000000}, {102, 102}, {101, 102},
	    {3, 100}, {INT64_MIN / NS_PER_SECOND, 100}, {103, 103}};
	struct bench bench;

	(void)state;
	bench_open(&bench, 4);
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		struct frame frame = made_frame(
		    made_key(PROTOCOL_UDP, 9, 40000, 1, 53), (uint32_t)i);
		struct packet packet = {
		    .at = at_second(stamps[i][0]), .number = i + 1};
		struct heard heard;
		struct flow *flow = flowtable_track(
		    bench.table, &packet, &frame, NULL, at_second(100), &heard);

		assert_int_equal(flow->sequence, 1);
		assert_int_equal(flow->first.ns, at_second(100).ns);
		assert_int_equal(flow->last.ns, at_second(stamps[i][1]).ns);
	}
	bench_close(&bench);
}

static void
test_icmp_echo_direction(void **state)
{
	struct frame_key ask = made_key(PROTOCOL_ICMP, 9, 77, 1, 77);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_icmp(made_reverse(ask), 0, 0));
	assert_int_equal(flow->direction, DIRECTION_HANDSHAKE);
	assert_int_equal(flow_client(flow)->address.octets[15], 9);
	assert_true(flow->answered);
	assert_int_equal(flow->icmp_type, 0);
	flow = hear(&bench, 2, made_icmp(ask, 8, 0));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	ask.source_port = ask.destination_port = 78;
	flow = hear(&bench, 2, made_icmp(ask, 8, 0));
	assert_int_equal(flow->sequence, 2);
	assert_int_equal(flow_client(flow)->address.octets[15], 9);
	assert_false(flow->answered);
	bench_close(&bench);
}

static void
test_icmp_error_marks_the_quoted_flow(void **state)
{
	struct frame_key ask = made_key(PROTOCOL_UDP, 9, 40000, 1, 53);
	struct frame_key other = made_key(PROTOCOL_UDP, 9, 40000, 1, 54);
	struct flowtable_counts counts;
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	flow = hear(&bench, 1, made_frame(ask, 30));
	assert_null(hear(&bench, 2, made_error(1, other, 3, 3)));
	assert_false(flow->refused);
	assert_null(hear(&bench, 2, made_error(7, ask, 3, 4)));
	assert_false(flow->refused); /* too big: only advice */
	assert_null(hear(&bench, 2, made_error(1, ask, 3, 3)));
	assert_true(flow->refused);
	assert_int_equal(flow->packets[0] + flow->packets[1], 1);
	assert_int_equal(flow->last.ns, at_second(1).ns);
	counts = flowtable_counts(bench.table);
	assert_int_equal(counts.created, 1);
	assert_int_equal(counts.errors_matched, 2);
	assert_int_equal(counts.errors_orphaned, 1);
	bench_close(&bench);
}

/* The client closed its port, and the late second answer is sent back. */
static void
test_icmp_error_after_an_answer(void **state)
{
	struct frame_key ask = made_key(PROTOCOL_UDP, 9, 40000, 1, 53);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_frame(ask, 30));
	flow = hear(&bench, 1, made_frame(made_reverse(ask), 30));
	(void)hear(&bench, 1, made_error(9, made_reverse(ask), 3, 3));
	assert_false(flow->refused);
	assert_int_equal(flowtable_counts(bench.table).errors_matched, 1);
	bench_close(&bench);
}

static void
test_vlans_and_tunnels_are_kept_but_no_key(void **state)
{
	struct frame tagged = made_tcp(to_server(), TCP_SYN, 5);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	tagged.vlan_count = 2;
	tagged.vlans[0] = 100;
	tagged.vlans[1] = 200;
	tagged.tunnel = (struct tunnel){.kind = TUNNEL_VXLAN, .id = 42};
	(void)hear(&bench, 1, tagged);
	flow = hear(&bench, 1, made_tcp(to_client(), TCP_SYN | TCP_ACK, 9));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->vlan_count, 2);
	assert_int_equal(flow->vlans[1], 200);
	assert_int_equal(flow->tunnel.kind, TUNNEL_VXLAN);
	assert_int_equal(flow->tunnel.id, 42);
	bench_close(&bench);
}

/* Of protocol, own timeout in seconds, and reply or none. */
static void
assert_times_out(uint8_t protocol, bool reply, int64_t seconds)
{
	struct frame_key ask = made_key(protocol, 9, 40000, 1, 5000);
	struct bench bench;

	bench_open(&bench, 4);
	(void)hear(&bench, 100, made_frame(ask, 1));
	if (reply)
		(void)hear(&bench, 100, made_frame(made_reverse(ask), 1));
	flowtable_expire(
	    bench.table, (struct instant){at_second(100 + seconds).ns - 1});
	assert_int_equal(bench.count, 0);
	flowtable_expire(bench.table, at_second(100 + seconds));
	assert_ended(&bench, 0, 1, FLOW_TIMEOUT);
	bench_close(&bench);
}

static void
test_timeouts_are_exact(void **state)
{
	(void)state;
	assert_times_out(PROTOCOL_TCP, false, 30);
	assert_times_out(PROTOCOL_TCP, true, 600);
	assert_times_out(PROTOCOL_UDP, false, 30);
	assert_times_out(PROTOCOL_UDP, true, 180);
	assert_times_out(PROTOCOL_SCTP, false, 30);
	assert_times_out(PROTOCOL_SCTP, true, 30);
}

/* Deadlines 40 (TCP attempt), 35 and 30 (both UDP), 12 (reset). */
static void
test_expiry_goes_by_deadline(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, 8);
	(void)hear(&bench, 0, made_frame(made_key(17, 3, 1, 4, 2), 1));
	(void)hear(&bench, 2, made_tcp(to_server(), TCP_RST, 1));
	(void)hear(&bench, 5, made_frame(made_key(17, 3, 1, 4, 3), 1));
	(void)hear(
	    &bench, 10, made_tcp(made_key(6, 3, 50000, 4, 80), TCP_SYN, 1));
	flowtable_expire(bench.table, at_second(1000));
	assert_int_equal(bench.count, 4);
	assert_ended(&bench, 0, 2, FLOW_CLOSED);
	assert_ended(&bench, 1, 1, FLOW_TIMEOUT);
	assert_ended(&bench, 2, 3, FLOW_TIMEOUT);
	assert_ended(&bench, 3, 4, FLOW_TIMEOUT);
	bench_close(&bench);
}

static void
test_time_never_goes_back(void **state)
{
	struct frame_key ask = made_key(PROTOCOL_UDP, 9, 40000, 1, 53);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 100, made_frame(ask, 1));
	flow = hear(&bench, 50, made_frame(ask, 1));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->last.ns, at_second(100).ns);
	flowtable_expire(bench.table, at_second(20));
	assert_int_equal(bench.count, 0);
	flowtable_expire(bench.table, at_second(130));
	assert_int_equal(bench.count, 1);
	bench_close(&bench);
}

/* Stamps from a hostile file must not overflow the arithmetic. */
static void
test_ends_of_time(void **state)
{
	struct frame frame = made_frame(made_key(17, 3, 1, 4, 2), 1);
	struct packet packet = {.at = INSTANT_PAST, .number = 1};
	struct bench bench;
	struct heard heard;

	(void)state;
	bench_open(&bench, 4);
	(void)flowtable_track(
	    bench.table, &packet, &frame, NULL, packet.at, &heard);
	packet.at.ns = INT64_MAX - 1;
	(void)flowtable_track(
	    bench.table, &packet, &frame, NULL, packet.at, &heard);
	assert_ended(&bench, 0, 1, FLOW_TIMEOUT);
	assert_int_equal(bench.count, 1);
	flowtable_expire(bench.table, INSTANT_FUTURE);
	assert_ended(&bench, 1, 2, FLOW_TIMEOUT);
	bench_close(&bench);
}

static void
test_eviction_takes_the_least_useful(void **state)
{
	struct frame_key talk = made_key(PROTOCOL_UDP, 3, 50000, 4, 53);
	struct frame_key scan = made_key(PROTOCOL_TCP, 3, 50000, 4, 80);
	struct bench bench;

	(void)state;
	bench_open(&bench, 3);
	(void)hear(&bench, 1, made_frame(talk, 1)); /* 1: answered */
	(void)hear(&bench, 1, made_frame(made_reverse(talk), 1));
	(void)hear(&bench, 2, made_tcp(scan, TCP_SYN, 1));        /* 2 */
	(void)hear(&bench, 3, made_tcp(to_server(), TCP_RST, 1)); /* 3 */
	scan.destination_port = 81;
	(void)hear(&bench, 3, made_tcp(scan, TCP_SYN, 1)); /* 4 for 2 */
	assert_ended(&bench, 0, 2, FLOW_EVICTED);
	(void)hear(&bench, 3, made_tcp(made_reverse(scan), 0x12, 1));
	scan.destination_port = 82;
	/* The answered one is idle 2 s longer than the finished: not enough. */
	(void)hear(&bench, 4, made_tcp(scan, TCP_SYN, 1)); /* 5 for 3 */
	assert_ended(&bench, 1, 3, FLOW_EVICTED);
	scan.destination_port = 83;
	(void)hear(&bench, 5, made_tcp(scan, TCP_SYN, 1)); /* 6 for 1 */
	assert_ended(&bench, 2, 1, FLOW_EVICTED);
	/* Established TCP stays as long as there is anything else. */
	scan.destination_port = 84;
	(void)hear(&bench, 5, made_tcp(scan, TCP_SYN, 1)); /* 7 for 5 */
	assert_ended(&bench, 3, 5, FLOW_EVICTED);
	assert_int_equal(flowtable_counts(bench.table).evicted, 4);
	assert_int_equal(flowtable_counts(bench.table).live, 3);
	bench_close(&bench);
}

static void
test_end_all_is_in_order_of_creation(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, 8);
	for (uint16_t i = 0; i < 6; i++)
		(void)hear(&bench, i, made_frame(made_key(17, 3, 1, 4, i), 1));
	(void)hear(&bench, 9, made_frame(made_key(17, 3, 1, 4, 0), 1));
	(void)hear(&bench, 9, made_frame(made_key(17, 4, 3, 3, 1), 1));
	bench_close(&bench);
	assert_int_equal(bench.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_ended(&bench, i, i + 1, FLOW_SHUTDOWN);
}

/* Both ends the same address and port, as in an old attack. */
static void
test_packet_to_itself(void **state)
{
	struct frame_key self = made_key(PROTOCOL_TCP, 3, 139, 3, 139);
	struct bench bench;
	struct flow *flow;

	(void)state;
	bench_open(&bench, 4);
	(void)hear(&bench, 1, made_tcp(self, TCP_SYN, 1));
	flow = hear(&bench, 1, made_tcp(self, TCP_SYN | TCP_ACK, 1));
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->packets[0], 2);
	assert_int_equal(flow->packets[1], 0);
	bench_close(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_handshake),
	    cmocka_unit_test(test_syn_ack_first_makes_its_sender_the_server),
	    cmocka_unit_test(test_ports_tell_the_direction),
	    cmocka_unit_test(test_midstream),
	    cmocka_unit_test(test_bare_ack_accepts_nothing),
	    cmocka_unit_test(test_refused_by_reset),
	    cmocka_unit_test(test_reset_later_or_by_the_client_refuses_nothing),
	    cmocka_unit_test(test_both_fins_finish),
	    cmocka_unit_test(test_repeated_syn_is_the_same_connection),
	    cmocka_unit_test(test_latest_syn_of_an_attempt_counts),
	    cmocka_unit_test(test_new_syn_after_the_end_is_a_new_flow),
	    cmocka_unit_test(test_udp_answer),
	    cmocka_unit_test(test_sctp_handshake),
	    cmocka_unit_test(test_wild_stamp),
	    cmocka_unit_test(test_icmp_echo_direction),
	    cmocka_unit_test(test_icmp_error_marks_the_quoted_flow),
	    cmocka_unit_test(test_icmp_error_after_an_answer),
	    cmocka_unit_test(test_vlans_and_tunnels_are_kept_but_no_key),
	    cmocka_unit_test(test_timeouts_are_exact),
	    cmocka_unit_test(test_expiry_goes_by_deadline),
	    cmocka_unit_test(test_time_never_goes_back),
	    cmocka_unit_test(test_ends_of_time),
	    cmocka_unit_test(test_eviction_takes_the_least_useful),
	    cmocka_unit_test(test_end_all_is_in_order_of_creation),
	    cmocka_unit_test(test_packet_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
