#include "sensor/flow_tcp.h"

#include "sensor/frame.h"

/* Bits of flow_tcp.told for end 0; those of end 1 are TOLD_BITS higher. */
enum {
	TOLD_SYN = 1U << 0,
	TOLD_FIN = 1U << 1,
	TOLD_RESET = 1U << 2,
	TOLD_ACK = 1U << 3,
	TOLD_DATA = 1U << 4,
	TOLD_FIN_RESET = 1U << 5,
	TOLD_FLAGS = 1U << 6,
	TOLD_AGAIN = 1U << 7,
	TOLD_WINDOW = 1U << 8,
	TOLD_GAP = 1U << 9,
};
#define TOLD_BITS 10

/* Flags that change something. */
#define TCP_MARKS (TCP_SYN | TCP_FIN | TCP_RST)

static inline bool
near(uint32_t a, uint32_t b)
{
	return a - b + FLOW_TCP_WINDOW <= 2 * FLOW_TCP_WINDOW;
}

static bool
is_syn(const struct frame *frame)
{
	return (frame->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static bool
is_syn_ack(const struct frame *frame)
{
	return (frame->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) ==
	       (TCP_SYN | TCP_ACK);
}

/* Whether where this end goes on is known. */
static bool
is_known(const struct flow_tcp *tcp, int end)
{
	return (tcp->known >> end & 1) != 0;
}

static void
go_on_from(struct flow_tcp *tcp, int end, uint32_t sequence)
{
	tcp->next[end] = sequence;
	tcp->known |= (uint8_t)(1U << end);
}

/* --- history -------------------------------------------------------------- */

static void
add_letter(struct flow *flow, int sender, char letter)
{
	struct flow_tcp *tcp = &flow->tcp;

	if (tcp->letter_count == FLOW_LETTERS)
		return;
	if (tcp->letter_count == FLOW_LETTERS - 1)
		letter = 'X';
	if (sender == 1)
		letter = (char)(letter - 'A' + 'a');
	flow->letters[tcp->letter_count++] = letter;
}

/* Whether this is the first of its kind from this end. */
static inline bool
tell(struct flow *flow, int sender, uint32_t kind)
{
	uint32_t bit = kind << (sender * TOLD_BITS);

	if ((flow->tcp.told & bit) != 0)
		return false;
	flow->tcp.told |= bit;
	return true;
}

static inline void
tell_once(struct flow *flow, int sender, uint32_t kind, char letter)
{
	if (tell(flow, sender, kind))
		add_letter(flow, sender, letter);
}

/* SYN, FIN and RST: again when the sequence is another than the last time. */
static void
tell_new(struct flow *flow, struct flow_tcp_notes *notes, int sender,
    uint32_t kind, uint32_t sequence, char letter)
{
	static const uint8_t places[] = {
	    [TOLD_SYN] = 0, [TOLD_FIN] = 1, [TOLD_RESET] = 2};
	uint32_t *last = &notes->last[sender][places[kind]];

	if (tell(flow, sender, kind) || *last != sequence)
		add_letter(flow, sender, letter);
	*last = sequence;
}

static bool
is_power_of_ten(uint32_t number)
{
	while (number % 10 == 0)
		number /= 10;
	return number == 1;
}

static void
tell_scaled(struct flow *flow, struct flow_tcp_notes *notes, int sender,
    uint32_t kind, char letter)
{
	uint32_t *count = &notes->repeats[sender][kind == TOLD_AGAIN    ? 0
						  : kind == TOLD_WINDOW ? 1
									: 2];

	if (tell(flow, sender, kind))
		*count = 0;
	if (*count < UINT32_MAX && is_power_of_ten(++*count))
		add_letter(flow, sender, letter);
}

static void
tell_marks(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	uint32_t sequence = frame->tcp_sequence;

	switch (frame->tcp_flags & TCP_MARKS) {
	case TCP_SYN:
		tell_new(flow, notes, sender, TOLD_SYN, sequence,
		    (frame->tcp_flags & TCP_ACK) != 0 ? 'H' : 'S');
		break;
	case TCP_FIN:
		tell_new(flow, notes, sender, TOLD_FIN,
		    sequence + frame->payload_length, 'F');
		break;
	case TCP_RST:
		tell_new(flow, notes, sender, TOLD_RESET, sequence, 'R');
		break;
	default:
		if ((frame->tcp_flags & TCP_FIN) != 0 &&
		    (frame->tcp_flags & TCP_RST) != 0)
			tell_once(flow, sender, TOLD_FIN_RESET, 'I');
		else
			tell_once(flow, sender, TOLD_FLAGS, 'Q');
	}
}

static bool
is_reset(const struct flow_tcp *tcp, int end)
{
	return tcp->ends[end] >= TCP_END_RESET;
}

static void
tell_no_window(
    struct flow *flow, struct flow_tcp_notes *notes, int sender, uint8_t flags)
{
	const struct flow_tcp *tcp = &flow->tcp;

	if ((flags & TCP_RST) == 0 && tcp->ends[!sender] != TCP_END_CLOSED &&
	    !is_reset(tcp, sender))
		tell_scaled(flow, notes, sender, TOLD_WINDOW, 'W');
}

/* --- ends ----------------------------------------------------------------- */

/* A first segment without any mark. */
static void
enter(struct flow *flow, const struct frame *frame, int sender)
{
	uint8_t *ends = flow->tcp.ends;
	bool ack = (frame->tcp_flags & TCP_ACK) != 0;

	/* A server that remembers another connection acknowledges a SYN. */
	if (sender != flow->client && frame->payload_length == 0 &&
	    ends[!sender] == TCP_END_ASKED)
		return;
	ends[sender] = ack && ends[!sender] == TCP_END_OPEN ? TCP_END_OPEN
							    : TCP_END_PARTIAL;
}

static void
enter_with_syn(struct flow *flow, const struct frame *frame, int sender)
{
	uint8_t *ends = flow->tcp.ends;
	bool both = ends[!sender] == TCP_END_ASKED;

	ends[sender] = TCP_END_ASKED;
	if ((frame->tcp_flags & TCP_ACK) != 0 || both)
		ends[sender] = TCP_END_OPEN;
	if (both)
		ends[!sender] = TCP_END_OPEN;
}

static void
leave_with_fin(struct flow *flow, int sender)
{
	uint8_t *ends = flow->tcp.ends;

	if (ends[sender] >= TCP_END_CLOSED)
		return;
	ends[sender] = TCP_END_CLOSED;
	/* A FIN followed by an RST is a usual end after all. */
	if (ends[!sender] == TCP_END_RESET_AFTER_FIN)
		ends[!sender] = TCP_END_CLOSED;
}

static void
leave_with_reset(struct flow *flow, int sender)
{
	uint8_t *ends = flow->tcp.ends;

	if (ends[sender] < TCP_END_CLOSED)
		ends[sender] = TCP_END_RESET;
	else if (ends[sender] == TCP_END_CLOSED &&
		 ends[!sender] != TCP_END_CLOSED)
		ends[sender] = TCP_END_RESET_AFTER_FIN;
}

/* What a segment that is believed makes of its end. */
static void
advance_end(struct flow *flow, const struct frame *frame, int sender)
{
	uint8_t *ends = flow->tcp.ends;
	uint8_t marks = frame->tcp_flags & TCP_MARKS;

	if (ends[sender] == TCP_END_SILENT && marks == 0)
		enter(flow, frame, sender);
	if ((marks & TCP_SYN) != 0 && ends[sender] == TCP_END_SILENT)
		enter_with_syn(flow, frame, sender);
	else if (is_syn(frame) && ends[sender] == TCP_END_PARTIAL &&
		 ends[!sender] == TCP_END_SILENT)
		ends[sender] = TCP_END_ASKED;
	if ((marks & TCP_FIN) != 0 && (marks & TCP_RST) == 0)
		leave_with_fin(flow, sender);
	if ((marks & TCP_RST) != 0)
		leave_with_reset(flow, sender);
}

/* --- sequence ------------------------------------------------------------- */

static uint32_t
end_of(const struct frame *frame)
{
	return frame->tcp_sequence + frame->payload_length +
	       ((frame->tcp_flags & TCP_SYN) != 0) +
	       ((frame->tcp_flags & TCP_FIN) != 0);
}

/*
 * The other end is not captured, so this is all that is heard of it: a SYN
 * followed by anything but a SYN, or acknowledgements that go on.  A FIN or RST
 * behind a SYN is a way to scan.
 */
static void
infer(struct flow *flow, const struct frame *frame, int sender)
{
	struct flow_tcp *tcp = &flow->tcp;
	uint32_t expected = frame->tcp_acknowledgement;
	bool shaken = (frame->tcp_flags & TCP_FIN) == 0 &&
		      (tcp->ends[sender] == TCP_END_ASKED ||
			  tcp->ends[sender] == TCP_END_OPEN);

	if ((frame->tcp_flags & (TCP_SYN | TCP_RST)) != 0)
		return;
	if (shaken || (is_known(tcp, !sender) &&
			  (int32_t)(expected - tcp->next[!sender]) > 0))
		flow->inferred = true;
	go_on_from(tcp, !sender, expected);
}

/*
 * A receiver says what it expects.  It knows better than the capture what was
 * sent, which moves `next`; the FIN or RST of an end that is in a hurry to
 * close counts as no gap, as in Zeek.
 */
static void
hear_acknowledgement(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	struct flow_tcp *tcp = &flow->tcp;
	uint32_t expected = frame->tcp_acknowledgement;

	if (flow->packets[!sender] == 0) {
		infer(flow, frame, sender);
		return;
	}
	if (near(expected, tcp->next[!sender]))
		tcp->strays[!sender] = 0;
	if (is_known(tcp, !sender) &&
	    (int32_t)(expected - tcp->next[!sender]) <= 0)
		return;
	if (is_known(tcp, !sender) &&
	    (frame->tcp_flags & (TCP_FIN | TCP_RST)) == 0)
		tell_scaled(flow, notes, !sender, TOLD_GAP, 'G');
	go_on_from(tcp, !sender, expected);
	if ((tcp->doubted >> !sender & 1) != 0 &&
	    expected == notes->stray[!sender])
		leave_with_fin(flow, !sender);
}

/* Takes a segment outside the window; it may be where the sender is now. */
static enum flow_tcp_belief
hear_stray(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	struct flow_tcp *tcp = &flow->tcp;
	uint32_t end = end_of(frame);

	if ((frame->tcp_flags & TCP_FIN) != 0) {
		notes->stray[sender] = end;
		tcp->strays[sender] = 0;
		tcp->doubted |= (uint8_t)(1U << sender);
	}
	if ((frame->tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		return FLOW_TCP_DISBELIEVED;
	tcp->doubted &= (uint8_t) ~(1U << sender);
	if ((frame->tcp_flags & TCP_SYN) != 0)
		return FLOW_TCP_STRAY;
	if (tcp->strays[sender] > 0 &&
	    !near(frame->tcp_sequence, notes->stray[sender]))
		tcp->strays[sender] = 0;
	notes->stray[sender] = end;
	if (++tcp->strays[sender] < FLOW_TCP_STRAYS)
		return FLOW_TCP_STRAY;
	tcp->strays[sender] = 0;
	go_on_from(tcp, sender, end);
	return FLOW_TCP_BELIEVED;
}

/* Whether an RST from an end of which nothing is known is in its place. */
static bool
is_expected_reset(
    const struct flow_tcp *tcp, const struct frame *frame, int sender)
{
	return (frame->tcp_flags & TCP_ACK) == 0 || !is_known(tcp, !sender) ||
	       near(frame->tcp_acknowledgement, tcp->next[!sender]);
}

bool
flow_tcp_is_in_place(
    const struct flow *flow, const struct frame *frame, int sender)
{
	const struct flow_tcp *tcp = &flow->tcp;
	uint32_t sequence = frame->tcp_sequence;

	if (!is_known(tcp, sender))
		return (frame->tcp_flags & TCP_RST) == 0 ||
		       is_expected_reset(tcp, frame, sender);
	if ((frame->tcp_flags & TCP_SYN) != 0 && flow->state == FLOW_ATTEMPT)
		return true;
	if ((frame->tcp_flags & TCP_FIN) != 0)
		sequence += frame->payload_length;
	return near(sequence, tcp->next[sender]);
}

static inline void
move_on(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	struct flow_tcp *tcp = &flow->tcp;
	uint32_t end = end_of(frame);
	bool anew =
	    (frame->tcp_flags & TCP_SYN) != 0 && flow->state == FLOW_ATTEMPT;

	tcp->strays[sender] = 0;
	if (!is_known(tcp, sender) || anew)
		go_on_from(tcp, sender, end);
	else if ((int32_t)(end - tcp->next[sender]) > 0)
		tcp->next[sender] = end;
	else if (frame->payload_length > 0 && !is_reset(tcp, sender))
		tell_scaled(flow, notes, sender, TOLD_AGAIN, 'T');
}

static enum flow_tcp_belief
hear_marks(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	tell_marks(flow, notes, frame, sender);
	if (frame->tcp_window == 0)
		tell_no_window(flow, notes, sender, frame->tcp_flags);
	if (!flow_tcp_is_in_place(flow, frame, sender))
		return hear_stray(flow, notes, frame, sender);
	/* After an RST, and in it, neither number is to be trusted. */
	if ((frame->tcp_flags & TCP_RST) == 0) {
		move_on(flow, notes, frame, sender);
		if ((frame->tcp_flags & TCP_ACK) != 0)
			hear_acknowledgement(flow, notes, frame, sender);
	}
	advance_end(flow, frame, sender);
	return FLOW_TCP_BELIEVED;
}

enum flow_tcp_belief
flow_tcp_hear(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	struct flow_tcp *tcp = &flow->tcp;
	bool data = frame->payload_length > 0;

	if ((frame->tcp_flags & TCP_MARKS) != 0)
		return hear_marks(flow, notes, frame, sender);
	if (data)
		tell_once(flow, sender, TOLD_DATA, 'D');
	else if ((frame->tcp_flags & TCP_ACK) != 0)
		tell_once(flow, sender, TOLD_ACK, 'A');
	if (frame->tcp_window == 0)
		tell_no_window(flow, notes, sender, frame->tcp_flags);
	if (is_known(tcp, sender) &&
	    !near(frame->tcp_sequence, tcp->next[sender]) &&
	    hear_stray(flow, notes, frame, sender) != FLOW_TCP_BELIEVED)
		return FLOW_TCP_STRAY;
	move_on(flow, notes, frame, sender);
	if ((frame->tcp_flags & TCP_ACK) != 0 &&
	    (frame->tcp_acknowledgement != tcp->next[!sender] ||
		!is_known(tcp, !sender) || tcp->strays[!sender] != 0))
		hear_acknowledgement(flow, notes, frame, sender);
	if (tcp->ends[sender] == TCP_END_SILENT)
		enter(flow, frame, sender);
	return FLOW_TCP_BELIEVED;
}

/* --- another connection --------------------------------------------------- */

/* Whether a SYN is this connection's own, that came before or comes late. */
static bool
is_own_syn(const struct flow *flow, const struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	if (sender == flow->client && notes->initial_known)
		return notes->initial_sequence == frame->tcp_sequence;
	return flow->state != FLOW_FINISHED && is_known(&flow->tcp, sender) &&
	       near(frame->tcp_sequence, flow->tcp.next[sender]);
}

/* Whether a segment answers the SYN that waits for it. */
static bool
is_answer(const struct flow *flow, const struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	return flow->tcp.reopening == 1 + !sender &&
	       (frame->tcp_flags & TCP_ACK) != 0 &&
	       frame->tcp_acknowledgement == notes->reopening.sequence + 1;
}

enum flow_tcp_identity
flow_tcp_identify(const struct flow *flow, const struct flow_tcp_notes *notes,
    const struct frame *frame, int sender)
{
	const struct flow_tcp *tcp = &flow->tcp;
	bool finished = flow->state == FLOW_FINISHED;
	/* Nobody there can confirm anything. */
	bool alone = flow->packets[!sender] == 0;

	if ((frame->tcp_flags & (TCP_SYN | TCP_RST)) == 0 ||
	    flow->state == FLOW_ATTEMPT)
		return FLOW_TCP_SAME;
	if (is_answer(flow, notes, frame, sender))
		return FLOW_TCP_REOPENED;
	if (is_syn(frame) && (finished || alone))
		return is_own_syn(flow, notes, frame, sender)
			   ? FLOW_TCP_SAME
			   : FLOW_TCP_ANOTHER;
	/* The SYN before it was not captured. */
	if (is_syn_ack(frame) && (finished || alone) && is_known(tcp, sender) &&
	    !near(frame->tcp_sequence, tcp->next[sender]))
		return FLOW_TCP_ANOTHER;
	return FLOW_TCP_SAME;
}

void
flow_tcp_note_reopening(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender, struct instant at, uint64_t number)
{
	struct flow_tcp_reopening *waiting = &notes->reopening;

	if (flow->state != FLOW_ESTABLISHED ||
	    is_own_syn(flow, notes, frame, sender))
		return;
	if (flow->tcp.reopening != 1 + sender ||
	    waiting->sequence != frame->tcp_sequence)
		*waiting = (struct flow_tcp_reopening){
		    .sequence = frame->tcp_sequence,
		    .at = at,
		    .first_packet = number,
		};
	flow->tcp.reopening = (uint8_t)(1 + sender);
	waiting->packets += frame->packets;
	waiting->octets += frame->ip_length;
}
