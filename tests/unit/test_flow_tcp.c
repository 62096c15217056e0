/*
 * Connections as their segments, and the state and the history that Zeek's
 * conn.log has for them: the states as its documentation describes them, and
 * connections like those of its own test captures.
 *
 * A segment is written as its sender (`>` client to server, `<` back), the
 * first letters of its flags, and after `:` what differs from the usual, which
 * is that each end goes on where it was and acknowledges what it got:
 *
 *   +N  payload    @N  sequence from where the end goes on, may be negative
 *   ^N  acknowledges N octets more than it got    w  a window of zero
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "made_frame.h"
#include "sensor/flow_key.h"
#include "sensor/flow_rules.h"

#define CLIENT_START UINT32_C(1000)
#define SERVER_START UINT32_C(4000000000)

struct talk {
	struct flow flow;
	struct flow_tcp_notes notes;
	uint32_t next[2]; /* of the client, of the server */
	uint64_t number;
	bool begun;
};

static uint8_t
flag_of(char letter)
{
	switch (letter) {
	case 'S':
		return TCP_SYN;
	case 'A':
		return TCP_ACK;
	case 'F':
		return TCP_FIN;
	case 'R':
		return TCP_RST;
	default:
		fail_msg("no flag: %c", letter);
		return 0;
	}
}

static void
give(struct talk *talk, const struct frame *frame)
{
	struct flow_key key;
	struct sighting sighting = {
	    .frame = frame,
	    .sender = flow_key_of(&frame->key, &key),
	    .at = {(int64_t)talk->number * NS_PER_MS},
	    .number = ++talk->number,
	};

	if (!talk->begun)
		flow_start(&talk->flow, &talk->notes, &key, &sighting);
	talk->begun = true;
	(void)flow_hear(&talk->flow, &talk->notes, &sighting);
}

/* Takes one word; leaves `*text` behind it. */
static void
say(struct talk *talk, const char **text)
{
	int from = **text == '<';
	struct frame_key key = made_key(PROTOCOL_TCP, 9, 40000, 1, 443);
	struct frame frame;
	int32_t shift = 0, extra = 0, payload = 0;
	char *end;
	uint8_t flags = 0;

	for (++*text; **text != ' ' && **text != ':' && **text != '\0';)
		flags |= flag_of(*(*text)++);
	frame = made_tcp(from == 1 ? made_reverse(key) : key, flags, 0);
	while (**text != ' ' && **text != '\0') {
		char what = *(*text)++;

		if (what == ':')
			continue;
		if (what == 'w') {
			frame.tcp_window = 0;
			continue;
		}
		*(what == '+'     ? &payload
		    : what == '@' ? &shift
				  : &extra) = (int32_t)strtol(*text, &end, 10);
		*text = end;
	}
	while (**text == ' ')
		++*text;
	frame.payload_length = (uint32_t)payload;
	frame.ip_length += frame.payload_length;
	frame.tcp_sequence = talk->next[from] + (uint32_t)shift;
	if ((flags & TCP_ACK) != 0)
		frame.tcp_acknowledgement = talk->next[!from] + (uint32_t)extra;
	if (shift >= 0)
		talk->next[from] = frame.tcp_sequence + frame.payload_length +
				   ((flags & (TCP_SYN | TCP_FIN)) != 0);
	give(talk, &frame);
}

static void
assert_connection(const char *segments, const char *state, const char *history)
{
	struct talk talk = {.next = {CLIENT_START, SERVER_START}};
	char written[FLOW_HISTORY_SIZE];
	const char *at = segments;

	while (*at != '\0')
		say(&talk, &at);
	flow_history(&talk.flow, written);
	if (strcmp(written, history) != 0 ||
	    strcmp(flow_connection_state(&talk.flow), state) != 0)
		fail_msg("%s: %s %s, not %s %s", segments,
		    flow_connection_state(&talk.flow), written, state, history);
}

static void
test_every_state(void **state)
{
	(void)state;
	assert_connection(">S", "S0", "S");
	assert_connection(">S <SA", "S1", "Sh");
	assert_connection(">S <SA >A", "S1", "ShA");
	assert_connection(
	    ">S <SA >A >A:+9 <A <A:+9 >A >FA <FA >A", "SF", "ShADadFf");
	assert_connection(">S <RA", "REJ", "Sr");
	assert_connection(">S <SA >A >FA <A", "S2", "ShAFa");
	assert_connection(">S <SA >A <FA >A", "S3", "ShAf");
	assert_connection(">S <SA >A >A:+5 >R", "RSTO", "ShADR");
	assert_connection(">S <SA >A >A:+5 <RA", "RSTR", "ShADr");
	assert_connection(">S >R", "RSTOS0", "SR");
	assert_connection("<SA <R", "RSTRH", "^hr");
	assert_connection(">S >FA", "SH", "SF");
	assert_connection("<SA <FA", "SHR", "^hf");
	assert_connection(">A:+5 <A:+5 >A", "OTH", "DdA");
}

static void
test_scans(void **state)
{
	(void)state;
	assert_connection(">S <SA >R", "RSTO", "ShR");
	assert_connection(">S <RA >R", "REJ", "SrR");
	assert_connection(">F", "SH", "F");
	assert_connection(">F <RA", "RSTR", "Fr");
	assert_connection(">A <R", "RSTRH", "Ar");
}

/* As in Zeek's captures syn-then-ack-then-rst and syn-then-stuff-then-rst. */
static void
test_half_open_scan_has_nothing_between(void **state)
{
	(void)state;
	assert_connection(">S >A >R", "OTH", "SAR");
	assert_connection(">S >A >A:+5 >FA >R", "OTH", "SADFR");
	assert_connection(">S >S:@-1 >R", "RSTOS0", "SR");
}

static void
test_ends_in_their_order(void **state)
{
	(void)state;
	/* An RST after both FINs changes nothing. */
	assert_connection(">S <SA >A >FA <FA >A >R", "SF", "ShAFfR");
	/* A FIN, then an RST, and then the FIN of the other. */
	assert_connection(">S <SA >A >FA >R <FA", "SF", "ShAFRf");
	assert_connection(">S <SA >A >FA >R", "RSTO", "ShAFR");
	assert_connection(">S <SA >A >FA <R", "RSTR", "ShAFr");
	assert_connection(">S <SA >A >R <R", "REJ", "ShARr");
	assert_connection(">S <SA >A >A:+1 >R <R", "RSTR", "ShADRr");
	/* A server that acknowledges the SYN first. */
	assert_connection(">S <A <SA >A", "S1", "SahA");
	/* Nothing but the SYN is missing. */
	assert_connection("<SA >A >A:+5 <A >FA <FA >A", "SF", "^hADaFf");
	/* Both open at once (RFC 9293, 3.5, figure 8). */
	assert_connection(">S <S >SA <SA >A", "S1", "SsHhA");
}

static void
test_letters_that_come_again(void **state)
{
	(void)state;
	/* The same SYN, another SYN, the same FIN, another FIN. */
	assert_connection(">S >S:@-1", "S0", "S");
	assert_connection(">S >S", "S0", "SS");
	assert_connection(">S <SA >A >FA >FA:@-1", "S2", "ShAF");
	assert_connection(">S <SA >A >FA >FA", "S2", "ShAFF");
	assert_connection(">S <SA >A >R >R:@0 >R:@1", "RSTO", "ShARR");
	assert_connection(">S <SA <SA:@-1 >A", "S1", "ShA");
	/* Inconsistent and multiple flags, once for each end. */
	assert_connection(">FS >FS <FSA", "SF", "Qq");
	assert_connection(">S <FRA <FRA", "REJ", "Si");
}

static void
test_payload_again(void **state)
{
	struct talk talk = {.next = {CLIENT_START, SERVER_START}};
	char history[FLOW_HISTORY_SIZE];
	const char *again = ">A:@-1+1";
	static const char *const after[] = {
	    [1] = "ShDT", [9] = "ShDT", [10] = "ShDTT", [100] = "ShDTTT"};

	(void)state;
	for (const char *at = ">S <SA >A:+5"; *at != '\0';)
		say(&talk, &at);
	for (size_t i = 1; i <= 100; i++) {
		const char *at = again;

		say(&talk, &at);
		flow_history(&talk.flow, history);
		if (after[i] != NULL)
			assert_string_equal(history, after[i]);
	}
}

static void
test_window_and_gap(void **state)
{
	(void)state;
	assert_connection(">S <SA >A <A:w", "S1", "ShAaw");
	assert_connection(">S <SA >A <A:w <A:w", "S1", "ShAaw");
	/* Nothing more is to be received, or was before. */
	assert_connection(">S <SA >A >FA <A:w", "S2", "ShAFa");
	assert_connection(">S <SA >A >R:w", "RSTO", "ShAR");
	/* The server has received what was not captured of the client. */
	assert_connection(">S <SA >A <A:^700", "S1", "ShAaG");
	assert_connection(">S <SA >A <FA:^700", "S3", "ShAf");
}

static void
test_no_room_for_more(void **state)
{
	(void)state;
	assert_connection(">S >S >S >S >S >S >S >S >S >S >S >S "
			  ">S >S >S >S >S >S >S >S >S >S >S >S <RA",
	    "REJ", "SSSSSSSSSSSSSSSSSSSSSSSX");
}

/* What is not believed is written, and changes no state. */
static void
test_doubtful_ends(void **state)
{
	(void)state;
	assert_connection(">S <SA >A <R:@-100000", "S1", "ShAr");
	assert_connection(">S <SA >A >FA:@-100000", "S1", "ShAF");
	/* What was lost is as large as it is; the other end has received it. */
	assert_connection(">S <SA >A <FA:@900000", "S1", "ShAf");
	assert_connection(">S <SA >A <FA:@900000 >A", "S3", "ShAfg");
}

static void
test_datagrams(void **state)
{
	struct frame_key key = made_key(PROTOCOL_UDP, 9, 40000, 1, 53);
	struct talk talk = {.number = 0};
	char history[FLOW_HISTORY_SIZE];
	struct frame frame = made_frame(key, 5);

	(void)state;
	give(&talk, &frame);
	flow_history(&talk.flow, history);
	assert_string_equal(history, "D");
	assert_string_equal(flow_connection_state(&talk.flow), "S0");
	frame = made_frame(made_reverse(key), 5);
	give(&talk, &frame);
	flow_history(&talk.flow, history);
	assert_string_equal(history, "Dd");
	assert_string_equal(flow_connection_state(&talk.flow), "SF");

	talk = (struct talk){.number = 0};
	give(&talk, &frame); /* the server's first, as its port says */
	flow_history(&talk.flow, history);
	assert_string_equal(history, "^d");
	assert_string_equal(flow_connection_state(&talk.flow), "SHR");
	frame = made_frame(key, 5);
	give(&talk, &frame);
	flow_history(&talk.flow, history);
	assert_string_equal(history, "^dD");
}

static void
test_others_have_none(void **state)
{
	struct frame frame =
	    made_frame(made_key(PROTOCOL_SCTP, 9, 40000, 1, 53), 5);
	struct talk talk = {.number = 0};
	char history[FLOW_HISTORY_SIZE];

	(void)state;
	give(&talk, &frame);
	flow_history(&talk.flow, history);
	assert_string_equal(history, "");
	assert_null(flow_connection_state(&talk.flow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_state),
	    cmocka_unit_test(test_scans),
	    cmocka_unit_test(test_half_open_scan_has_nothing_between),
	    cmocka_unit_test(test_ends_in_their_order),
	    cmocka_unit_test(test_letters_that_come_again),
	    cmocka_unit_test(test_payload_again),
	    cmocka_unit_test(test_window_and_gap),
	    cmocka_unit_test(test_no_room_for_more),
	    cmocka_unit_test(test_doubtful_ends),
	    cmocka_unit_test(test_datagrams),
	    cmocka_unit_test(test_others_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
