/*
 * flow -- one conversation: its key, its direction and its counts.
 *
 * A flow has two ends, 0 and 1, ordered by address and port so that both
 * directions meet in one record; which end is the client is a separate,
 * revisable fact with its evidence.  Knows frames and time.  Does not know
 * workloads, applications or verdicts.
 */
#ifndef SENSOR_FLOW_H
#define SENSOR_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/address.h"
#include "sensor/base/instant.h"
#include "sensor/frame.h"

struct flow_end {
	struct address address;
	uint16_t port; /* 0 where the protocol has none; ICMP: see frame_key */
};

/* Why we believe that the client is the client, weakest first. */
enum direction_confidence {
	DIRECTION_HEURISTIC, /* first packet seen, or the lower port */
	DIRECTION_METADATA,  /* one end is known to serve that port */
	DIRECTION_HANDSHAKE, /* SYN, SYN-ACK, or a request seen as such */
};

/* Why a flow's record was closed. */
enum flow_reason {
	FLOW_TIMEOUT,  /* nothing came for the time its state allows */
	FLOW_CLOSED,   /* TCP said goodbye, and then nothing came */
	FLOW_REUSED,   /* a new SYN took the same addresses and ports */
	FLOW_EVICTED,  /* the table was full and this was the least useful */
	FLOW_SHUTDOWN, /* the capture ended */
};

enum flow_state {
	FLOW_ATTEMPT,     /* only one end has spoken */
	FLOW_ESTABLISHED, /* both ends have spoken, or `inferred` says so */
	FLOW_FINISHED,    /* TCP: RST, or FIN from both ends that were seen */
	FLOW_STATE_COUNT,
};

/* What one end of a TCP connection has come to, as Zeek tells it. */
enum tcp_end {
	TCP_END_SILENT,  /* has sent nothing, or but an ACK of the SYN */
	TCP_END_ASKED,   /* a SYN */
	TCP_END_PARTIAL, /* segments without a handshake */
	TCP_END_OPEN,
	TCP_END_CLOSED, /* a FIN */
	TCP_END_RESET,  /* an RST */
	TCP_END_RESET_AFTER_FIN,
};

/* Letters of a history, with the mark where there is no room for more. */
#define FLOW_LETTERS 24

/* TCP's part of a flow; its rules stand in flow_tcp.h. */
struct flow_tcp {
	uint32_t next[2];  /* the sequence that end 0, 1 goes on with */
	uint32_t told;     /* letters that stand in the history */
	uint8_t known;     /* bits 0 and 1: next[0], next[1] is known */
	uint8_t doubted;   /* bits 0 and 1: a FIN outside the window waits */
	uint8_t strays[2]; /* segments of end 0, 1 outside the window */
	uint8_t ends[2];   /* enum tcp_end */
	uint8_t letter_count;
	uint8_t reopening; /* 1 + the end whose SYN waits for an answer */
};

/* What a packet looks at comes first: two cache lines. */
struct flow {
	struct flow_end ends[2];
	uint32_t slot;       /* 0 to capacity-1; stable for the flow's life */
	uint64_t packets[2]; /* sent by end 0, end 1 */
	uint64_t octets[2];  /* of IP, sent by end 0, end 1 */
	struct instant last;
	enum direction_confidence direction;
	enum flow_state state;
	uint16_t domain; /* of both ends; 0 when none is declared */
	uint8_t protocol;
	uint8_t opener;       /* 0 or 1: the end that sent the first packet */
	uint8_t client;       /* 0 or 1: which end */
	uint8_t tcp_flags[2]; /* every flag that end 0, end 1 has sent */
	bool answered; /* the server accepted: SYN-ACK, or any reply but RST */
	bool refused;  /* RST to the SYN, or an ICMP error, before any answer */
	bool midstream; /* TCP whose handshake was not seen */
	/* TCP of which one end was not captured: what the other acknowledges
	 * shows that it speaks. */
	bool inferred;
	uint8_t vlan_count;
	uint16_t vlans[FRAME_VLANS_MAXIMUM];
	struct flow_tcp tcp;

	struct instant first;
	uint64_t duplicates; /* copies of these packets; counted nowhere else */
	uint64_t sequence;   /* from 1 in order of creation; unique in a run */
	uint64_t first_packet;        /* packet number that opened it */
	uint32_t interface;           /* that this came from, in its source */
	struct tunnel tunnel;         /* of the first packet */
	uint8_t icmp_type, icmp_code; /* of the first packet */
	char letters
	    [FLOW_LETTERS]; /* upper case from end 0; see flow_history() */
};

static inline const struct flow_end *
flow_client(const struct flow *flow)
{
	return &flow->ends[flow->client];
}

static inline const struct flow_end *
flow_server(const struct flow *flow)
{
	return &flow->ends[!flow->client];
}

/* Whether the server accepted, seen or inferred; else it was an attempt. */
static inline bool
flow_was_accepted(const struct flow *flow)
{
	return flow->answered || flow->inferred;
}

/*
 * Whether that end has sent nothing but RSTs to what the other began: so does
 * every host with a segment of a connection that it knows nothing of (RFC 9293,
 * 3.10.7.1).
 */
static inline bool
flow_only_resets(const struct flow *flow, int end)
{
	uint8_t flags = flow->tcp_flags[end];

	return flow->protocol == PROTOCOL_TCP && flow->opener != end &&
	       (flags & TCP_RST) != 0 &&
	       (flags & ~(unsigned)(TCP_RST | TCP_ACK)) == 0;
}

/*
 * Whether nothing but ports says who the client is: the beginning of a TCP
 * connection was not seen, or the first packet came from the likelier server.
 * Who was answered and has not sent one packet, or nothing but that it knows of
 * no such connection, may not have asked at all: somebody else did in its name,
 * whatever the answers look like.
 */
static inline bool
flow_direction_is_guess(const struct flow *flow)
{
	if (flow->packets[flow->client] == 0 && !flow->inferred)
		return true;
	if (flow_only_resets(flow, flow->client))
		return true;
	return flow->direction == DIRECTION_HEURISTIC &&
	       (flow->midstream || flow->client != flow->opener);
}

/* The server's port; 0 for ICMP, whose ends hold an identifier there. */
static inline uint16_t
flow_port(const struct flow *flow)
{
	return flow->protocol == PROTOCOL_ICMP ||
		       flow->protocol == PROTOCOL_ICMPV6
		   ? 0
		   : flow_server(flow)->port;
}

/*
 * States which end is the client, if the evidence outranks what is known.
 * `answered` follows, for it is about the server.
 *
 * returns    whether the direction changed
 */
bool flow_set_client(
    struct flow *flow, int end, enum direction_confidence evidence);

/* Public names: `handshake`, `timeout`, `established`, and so on. */
const char *direction_confidence_name(enum direction_confidence confidence);
const char *flow_reason_name(enum flow_reason reason);
const char *flow_state_name(enum flow_state state);

/* Room for a history: `^`, the letters and a NUL. */
#define FLOW_HISTORY_SIZE (FLOW_LETTERS + 2)

/*
 * Writes the history of a TCP or UDP flow as Zeek's conn.log has it, such as
 * `ShADadFf`; flow_tcp.h says which letters there are.  Nothing for others.
 */
void flow_history(const struct flow *flow, char out[FLOW_HISTORY_SIZE]);

/*
 * The state as Zeek's conn.log has it, such as `SF`, `S0` or `REJ`: of what
 * was believed.  NULL for what is neither TCP nor UDP.
 */
const char *flow_connection_state(const struct flow *flow);

/* Room for a Community ID with its NUL: "1:" and 28 characters. */
#define COMMUNITY_ID_SIZE 32

/*
 * The Community ID, version 1, seed 0 (corelight/community-id-spec).  Hashes
 * the innermost addresses; tunnels and VLANs are no part of it.
 */
void flow_community_id(const struct flow *flow, char out[COMMUNITY_ID_SIZE]);

/*
 * An identifier below 2^53 that is the same on every run: a hash of the
 * addresses, ports, protocol and start time.
 */
uint64_t flow_id(const struct flow *flow);

#endif
