/*
 * flow_tcp -- what the segments of one TCP flow say together.
 *
 * Follows both sequence spaces just as far as it takes to tell a segment of
 * this connection from one that somebody else made up, and writes the history
 * of the connection as Zeek does.  Does not know direction, time or the table.
 *
 * Belief.  A receiver takes a FIN or RST only where it expects the next octet
 * (RFC 9293, 3.10.7.4; RFC 5961, 3), so only one within FLOW_TCP_WINDOW of
 * that ends a flow.  As long as nothing is known of the sender's sequence, an
 * RST to a SYN must acknowledge it, and everything else is believed.  Segments
 * outside the window move nothing, unless three of one end follow one another
 * that go together and neither end contradicts: then the capture has lost more
 * than a window, and the sequence goes on from there.  What an end acknowledges
 * it has received, be it a FIN that was not believed.
 *
 * A SYN with a new sequence number on a connection that is open is not
 * believed either: a host that still has the connection answers with an ACK
 * (RFC 9293, 3.10.7.4; RFC 5961, 4) and goes on, so a forged one would split
 * the flow.  Only what the other end answers to that very SYN, with SYN-ACK or
 * RST, shows that the old connection is gone (sensor/flow_rules.h).
 *
 * History.  One letter for each kind of segment, in order of first appearance,
 * upper case from the client: S SYN, H SYN-ACK, A bare ACK, D payload, F FIN,
 * R RST, I FIN with RST, Q SYN with one of these; A, D, I and Q once for each
 * end, S, H, F and R again when the sequence differs from the last of its
 * kind.  T payload that does not go beyond what was seen of its end, W a
 * window of zero (not after the other end's FIN or an RST), G an end that
 * acknowledged what was not seen of the other: the 1st, 10th, 100th time and
 * so on, under the end that sent (T, W) or was not seen (G).  `^` in front:
 * the flow was opened by the server's packet.  `x` at the end: there was no
 * more room.  Not carried: C, for checksums are not trusted here.  R and F are
 * what was seen, believed or not.  UDP has D alone.
 */
#ifndef SENSOR_FLOW_TCP_H
#define SENSOR_FLOW_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct frame;

/*
 * How far a segment may lie from where its end goes on, in octets either way:
 * the largest window without scaling.  The exact place, as RFC 5961 has it,
 * would not do where the capture loses packets; one forged segment in 32768
 * is believed.
 */
#define FLOW_TCP_WINDOW UINT32_C(65535)

/* Segments outside the window after which the sequence goes on from there. */
#define FLOW_TCP_STRAYS 3

/* A SYN with a new sequence number on an open connection, and its repeats. */
struct flow_tcp_reopening {
	uint32_t sequence; /* of the SYN */
	uint32_t packets, octets;
	struct instant at;     /* of the first */
	uint64_t first_packet; /* its number */
};

/*
 * What is seldom looked at, beside the flow.  Of a new flow nothing but
 * `initial_known` is looked at before it is written: struct flow_tcp says so.
 */
struct flow_tcp_notes {
	uint32_t initial_sequence; /* of the client's SYN, if initial_known */
	bool initial_known;
	struct flow_tcp_reopening reopening; /* if flow->tcp.reopening */
	uint32_t stray[2];   /* behind what end 0, 1 sent outside the window */
	uint32_t last[2][3]; /* sequence of S or H, F, R */
	uint32_t repeats[2][3]; /* how often T, W, G */
};

/* What a segment comes to. */
enum flow_tcp_belief {
	FLOW_TCP_BELIEVED,
	FLOW_TCP_STRAY,       /* outside the window; moves nothing */
	FLOW_TCP_DISBELIEVED, /* the same, and it would have ended the flow */
};

/* What a segment says of the connection that the flow is. */
enum flow_tcp_identity {
	FLOW_TCP_SAME,
	FLOW_TCP_ANOTHER,  /* begins, or belongs to, another connection */
	FLOW_TCP_REOPENED, /* answers the SYN of another connection */
};

/*
 * Takes one segment, that is no copy.
 *
 * sender     0 or 1: the end that sent it
 */
enum flow_tcp_belief flow_tcp_hear(struct flow *flow,
    struct flow_tcp_notes *notes, const struct frame *frame, int sender);

/*
 * Notes a SYN that may open another connection, as the flow's newest packet.
 *
 * number     of the packet
 */
void flow_tcp_note_reopening(struct flow *flow, struct flow_tcp_notes *notes,
    const struct frame *frame, int sender, struct instant at, uint64_t number);

/*
 * Whether a segment is where its end is, as far as that is known.  As long as
 * only one end has spoken its latest SYN is, wherever it is: a port that is
 * tried again has a new sequence.
 */
bool flow_tcp_is_in_place(
    const struct flow *flow, const struct frame *frame, int sender);

/* Which connection a segment is of, before it is taken. */
enum flow_tcp_identity flow_tcp_identify(const struct flow *flow,
    const struct flow_tcp_notes *notes, const struct frame *frame, int sender);

#endif
