#include "sensor/flow_rules.h"

#include <string.h>

#include "sensor/flow_key.h"
#include "sensor/frame.h"
#include "sensor/icmp_pair.h"
#include "sensor/packet_clock.h"

/* Ports that need privilege and belong to services (RFC 6335, 6). */
#define SYSTEM_PORTS_END 1024

/* Linux takes a client's port from here on (ip_local_port_range). */
#define EPHEMERAL_PORTS_START 32768

static bool
tcp_is_syn(const struct frame *frame)
{
	return (frame->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static bool
tcp_is_syn_ack(const struct frame *frame)
{
	const uint8_t both = TCP_SYN | TCP_ACK;

	return (frame->tcp_flags & (both | TCP_RST)) == both;
}

/*
 * Whether the first packet seen is more likely a server's.  A source port of
 * zero says that no reply is wanted (RFC 768), so it is never a service.
 */
static bool
looks_like_server(const struct frame_key *key)
{
	if (key->source_port == 0)
		return false;
	if (key->source_port < SYSTEM_PORTS_END)
		return key->destination_port >= SYSTEM_PORTS_END;
	return key->source_port < EPHEMERAL_PORTS_START &&
	       key->destination_port >= EPHEMERAL_PORTS_START;
}

/* Chunks that stand first in their packet (RFC 9260, 3.2, 3.3.2, 3.3.3). */
enum {
	SCTP_DATA = 0,
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_ABORT = 6,
};

static int
sctp_chunk(const struct frame *frame)
{
	return frame->payload_captured > 0 ? frame->payload[0] : SCTP_DATA;
}

/* Says which end the frame proves to be the client: 0, 1, or -1 for neither. */
static int
proven_client(const struct frame *frame, int sender)
{
	uint8_t counterpart;

	switch (frame->key.protocol) {
	case PROTOCOL_TCP:
		if (tcp_is_syn(frame))
			return sender;
		return tcp_is_syn_ack(frame) ? !sender : -1;
	case PROTOCOL_SCTP:
		if (sctp_chunk(frame) == SCTP_INIT)
			return sender;
		return sctp_chunk(frame) == SCTP_INIT_ACK ? !sender : -1;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		switch (icmp_role_of(
		    frame->key.protocol, frame->icmp_type, &counterpart)) {
		case ICMP_REQUEST:
			return sender;
		case ICMP_REPLY:
			return !sender;
		case ICMP_ONE_WAY:
			break;
		}
		return -1;
	}
	return -1;
}

void
flow_start(struct flow *flow, struct flow_tcp_notes *notes,
    const struct flow_key *key, const struct sighting *sighting)
{
	const struct frame *frame = sighting->frame;
	int sender = sighting->sender;
	bool reversed = looks_like_server(&frame->key);

	*flow = (struct flow){
	    .ends = {key->ends[0], key->ends[1]},
	    .first = sighting->at,
	    .last = sighting->at,
	    .first_packet = sighting->number,
	    .interface = sighting->interface,
	    .protocol = key->protocol,
	    .domain = key->domain,
	    .opener = (uint8_t)sender,
	    .client = (uint8_t)(reversed ? !sender : sender),
	    .direction = DIRECTION_HEURISTIC,
	    .state = FLOW_ATTEMPT,
	    .icmp_type = frame->icmp_type,
	    .icmp_code = frame->icmp_code,
	    .midstream = key->protocol == PROTOCOL_TCP && !tcp_is_syn(frame) &&
			 !tcp_is_syn_ack(frame),
	    .vlan_count = frame->vlan_count,
	    .tunnel = frame->tunnel,
	};
	memcpy(flow->vlans, frame->vlans, sizeof(flow->vlans));
	notes->initial_known = false;
}

/*
 * An acknowledgement alone accepts nothing: a server that still remembers an
 * older connection sends one in reply to a SYN (RFC 9293, 3.10.7.4).  In the
 * middle of a connection there is no such doubt.
 */
static bool
tcp_accepts(const struct flow *flow, const struct frame *frame)
{
	if ((frame->tcp_flags & TCP_RST) != 0)
		return false;
	if (flow->midstream || tcp_is_syn_ack(frame))
		return true;
	return (frame->tcp_flags & TCP_ACK) != 0 && frame->payload_length > 0;
}

static void
hear_tcp_server(struct flow *flow, const struct frame *frame)
{
	bool syn_seen = (flow->tcp_flags[flow->client] & TCP_SYN) != 0;
	bool reset = (frame->tcp_flags & TCP_RST) != 0;

	if (tcp_accepts(flow, frame))
		flow->answered = true;
	else if (reset && syn_seen && !flow->midstream && !flow->answered)
		flow->refused = true;
}

/*
 * The client's latest SYN counts until the server has spoken: a port that is
 * tried again after a silent failure has a new initial sequence.
 */
static void
hear_syn(struct flow *flow, struct flow_tcp_notes *notes,
    const struct sighting *sighting)
{
	if (sighting->sender == flow->client && flow->state == FLOW_ATTEMPT) {
		notes->initial_sequence = sighting->frame->tcp_sequence;
		notes->initial_known = true;
	} else {
		flow_tcp_note_reopening(flow, notes, sighting->frame,
		    sighting->sender, sighting->at, sighting->number);
	}
}

static enum flow_tcp_belief
hear_tcp(struct flow *flow, struct flow_tcp_notes *notes,
    const struct sighting *sighting)
{
	const struct frame *frame = sighting->frame;
	enum flow_tcp_belief belief;

	flow->tcp_flags[sighting->sender] |= frame->tcp_flags;
	if (tcp_is_syn(frame))
		hear_syn(flow, notes, sighting);
	belief = flow_tcp_hear(flow, notes, frame, sighting->sender);
	if (sighting->sender != flow->client && belief != FLOW_TCP_DISBELIEVED)
		hear_tcp_server(flow, frame);
	return belief;
}

/* The end that is not captured sends no FIN that could be waited for. */
static bool
tcp_is_finished(const struct flow *flow)
{
	uint8_t a = flow->tcp.ends[0], b = flow->tcp.ends[1];

	if (a >= TCP_END_RESET || b >= TCP_END_RESET)
		return true;
	if (a == TCP_END_CLOSED && b == TCP_END_CLOSED)
		return true;
	return flow->inferred && (a == TCP_END_CLOSED || b == TCP_END_CLOSED) &&
	       (flow->packets[0] == 0 || flow->packets[1] == 0);
}

/* Without TCP any reply accepts, but for SCTP's refusal. */
static void
hear_reply(struct flow *flow, const struct frame *frame)
{
	if (frame->key.protocol == PROTOCOL_SCTP &&
	    sctp_chunk(frame) == SCTP_ABORT && !flow->answered)
		flow->refused = true;
	else
		flow->answered = true;
}

/*
 * A stamp that is late by more than packets are was wrong, or the one before
 * it was: the flow goes on until the packet that came last.
 */
static void
hear_time(struct flow *flow, struct instant at)
{
	if (!instant_before(at, flow->last))
		flow->last = at;
	else if ((uint64_t)flow->last.ns - (uint64_t)at.ns >
		 (uint64_t)PACKET_CLOCK_BACK)
		flow->last = instant_before(at, flow->first) ? flow->first : at;
}

static void
advance_state(struct flow *flow)
{
	if (flow->protocol == PROTOCOL_TCP && tcp_is_finished(flow))
		flow->state = FLOW_FINISHED;
	else if ((flow->packets[0] > 0 && flow->packets[1] > 0) ||
		 flow->inferred)
		flow->state = FLOW_ESTABLISHED;
}

enum flow_tcp_belief
flow_hear(struct flow *flow, struct flow_tcp_notes *notes,
    const struct sighting *sighting)
{
	const struct frame *frame = sighting->frame;
	enum flow_tcp_belief belief = FLOW_TCP_BELIEVED;
	int sender = sighting->sender;
	int client = proven_client(frame, sender);

	hear_time(flow, sighting->at);
	flow->packets[sender] += frame->packets;
	flow->octets[sender] += frame->ip_length;
	/* One forged SYN must not turn a connection round. */
	if (client >= 0 && (flow->protocol != PROTOCOL_TCP ||
			       flow_tcp_is_in_place(flow, frame, sender)))
		(void)flow_set_client(flow, client, DIRECTION_HANDSHAKE);
	if (flow->protocol == PROTOCOL_TCP)
		belief = hear_tcp(flow, notes, sighting);
	else if (sender != flow->client)
		hear_reply(flow, frame);
	advance_state(flow);
	return belief;
}

struct sighting
flow_take_back_syn(struct flow *flow, const struct flow_tcp_notes *notes,
    const struct sighting *answer, struct frame *syn)
{
	const struct flow_tcp_reopening *waiting = &notes->reopening;
	const struct frame_key *key = &answer->frame->key;
	int sender = !answer->sender;

	*syn = *answer->frame;
	syn->key.source = key->destination;
	syn->key.destination = key->source;
	syn->key.source_port = key->destination_port;
	syn->key.destination_port = key->source_port;
	syn->tcp_flags = TCP_SYN;
	syn->tcp_sequence = waiting->sequence;
	syn->tcp_acknowledgement = 0;
	syn->payload_captured = syn->payload_length = 0;
	syn->packets = waiting->packets;
	syn->ip_length = waiting->octets;
	flow->packets[sender] -= waiting->packets;
	flow->octets[sender] -= waiting->octets;
	return (struct sighting){
	    .frame = syn,
	    .sender = sender,
	    .at = waiting->at,
	    .number = waiting->first_packet,
	    .interface = flow->interface,
	};
}

/*
 * Errors that tell a sender to send otherwise, not that nobody answers: packet
 * too big (RFC 1191, RFC 8201), source quench (RFC 6633), redirect (RFC 792).
 */
static bool
error_is_advice(const struct frame *error)
{
	if (error->key.protocol == PROTOCOL_ICMPV6)
		return error->icmp_type == 2;
	return (error->icmp_type == 3 && error->icmp_code == 4) ||
	       error->icmp_type == 4 || error->icmp_type == 5;
}

/*
 * After an answer an error no longer speaks of the server: most often it comes
 * from a client that closed its UDP port before a late reply.
 */
void
flow_hear_error(struct flow *flow, const struct frame *error)
{
	if (!flow->answered && !error_is_advice(error))
		flow->refused = true;
}
