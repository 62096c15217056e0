#include "classifiers/detectors/attempt.h"

#include <string.h>

#include "classifiers/detectors/memory.h"
#include "sensor/base/address.h"

/*
 * A datagram that was repeated more often than any scanner repeats (nmap: 10
 * at most) is a stream that nobody answers, such as syslog or statsd.
 */
#define DATAGRAM_PROBES 10

/*
 * Who watches whether hosts are there asks the same ones for as long as it
 * runs; a sweep (nmap -sn, fping -g) asks each once or a few times.
 */
#define WATCHED_ECHOES 5
#define WATCHED_TIME   (60 * NS_PER_SECOND)

/* Segments without payload, with all options: 20 + 60, IPv6 40 + 60. */
#define BARE_SEGMENT 60

/* RFC 9293, 3.1; nothing else here asks for it. */
#define FLAG_URG 0x20

/* traceroute's ports, RFC 1393 and its manual: one path, no ports. */
#define TRACEROUTE_FIRST 33434
#define TRACEROUTE_LAST  33534

const char *
technique_name(enum technique technique)
{
	static const char *const names[] = {
#define X(identifier, name) name,
	    TECHNIQUES(X)
#undef X
	};

	return names[technique];
}

bool
attempt_has_payload(const struct flow *flow, int end)
{
	if (flow->protocol != PROTOCOL_TCP)
		return flow->packets[end] > 0;
	if (flow->tcp.letter_count > 0)
		return memchr(flow->letters, end == 0 ? 'D' : 'd',
			   flow->tcp.letter_count) != NULL;
	return flow->octets[end] > flow->packets[end] * BARE_SEGMENT;
}

/*
 * Which odd segments the opener sent; a RST alone is an answer to something
 * that somebody else has sent in its name, and SYN and ACK are ordinary.
 */
static bool
is_odd(const struct flow *flow, enum technique *technique)
{
	uint8_t flags = flow->tcp_flags[flow->opener] &
			(uint8_t)(TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH |
				  TCP_ACK | FLAG_URG);

	if (!flow->midstream || flow->packets[flow->opener] > 3)
		return false;
	if (flags == 0)
		*technique = TECHNIQUE_NONE;
	else if (flags == TCP_FIN)
		*technique = TECHNIQUE_FIN;
	else if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) == 0)
		*technique = TECHNIQUE_XMAS;
	else if ((flags == TCP_ACK || flags == (TCP_FIN | TCP_ACK)) &&
		 flow->octets[flow->opener] <=
		     flow->packets[flow->opener] * 60 &&
		 flow->tcp_flags[!flow->opener] == TCP_RST)
		*technique = flags == TCP_ACK ? TECHNIQUE_ACK : TECHNIQUE_FIN;
	else
		return false;
	return true;
}

static struct attempt
tcp_attempt(const struct flow *flow)
{
	struct attempt made = {
	    .prober = flow->client,
	    .technique = TECHNIQUE_SYN,
	    .port = flow_server(flow)->port,
	};
	bool finished_handshake =
	    (flow->tcp_flags[flow->client] & TCP_ACK) != 0;

	if (is_odd(flow, &made.technique)) {
		made.outcome = OUTCOME_ODD;
		made.prober = flow->opener;
		made.port = flow->ends[!flow->opener].port;
	} else if (flow->midstream || flow_direction_is_guess(flow) ||
		   flow->packets[flow->client] == 0) {
		/* What the capture has of one end alone is none of it. */
		made.outcome = OUTCOME_NEITHER;
	} else if (!flow_was_accepted(flow)) {
		/* What an evicted flow might have become nobody knows, but
		 * the SYN of it was there. */
		made.outcome = OUTCOME_FAILED;
	} else if (attempt_has_payload(flow, flow->client)) {
		made.outcome = OUTCOME_SERVED;
		made.proven = finished_handshake;
	} else {
		made.outcome = OUTCOME_EMPTY;
		made.proven = finished_handshake &&
			      (flow->tcp_flags[flow->client] & TCP_SYN) != 0;
		/* The RST of a half-open scan acknowledges nothing. */
		if (made.proven)
			made.technique = TECHNIQUE_CONNECT;
	}
	return made;
}

static bool
is_traceroute(const struct flow *flow)
{
	uint16_t port = flow_server(flow)->port;

	return port >= TRACEROUTE_FIRST && port <= TRACEROUTE_LAST;
}

static struct attempt
datagram_attempt(const struct flow *flow)
{
	const struct flow_end *server = flow_server(flow);
	struct attempt made = {
	    .prober = flow->client,
	    .technique = flow->protocol == PROTOCOL_SCTP ? TECHNIQUE_SCTP
							 : TECHNIQUE_UDP,
	    .port = server->port,
	    .outcome = OUTCOME_FAILED,
	};

	/* An answer that nobody asked for is the other's doing. */
	if (flow->packets[flow->client] == 0)
		made.outcome = OUTCOME_NEITHER;
	else if (flow->answered)
		made.outcome = OUTCOME_SERVED;
	else if (flow->packets[flow->client] > DATAGRAM_PROBES ||
		 is_traceroute(flow) || flow_direction_is_guess(flow))
		made.outcome = OUTCOME_NEITHER;
	return made;
}

/* Echo, timestamp, address mask (RFC 792, 950), echo (RFC 4443). */
static bool
is_question(const struct flow *flow)
{
	if (flow->protocol == PROTOCOL_ICMPV6)
		return flow->icmp_type == 128;
	return flow->icmp_type == 8 || flow->icmp_type == 13 ||
	       flow->icmp_type == 17;
}

/* A monitor's: one host, asked many times or for long. */
static bool
is_watch(const struct flow *flow)
{
	uint64_t asked = flow->packets[flow->client];

	return asked > DATAGRAM_PROBES ||
	       (asked >= WATCHED_ECHOES &&
		   instant_since(flow->last, flow->first) >= WATCHED_TIME);
}

struct attempt
attempt_of(const struct flow *flow)
{
	struct attempt made = {.prober = flow->client};
	const struct address *to = &flow_server(flow)->address;

	if (address_is_multicast(to) || address_is_broadcast_or_unspecified(to))
		return made;
	switch (flow->protocol) {
	case PROTOCOL_TCP:
		return tcp_attempt(flow);
	case PROTOCOL_UDP:
	case PROTOCOL_SCTP:
		return datagram_attempt(flow);
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		made.technique = TECHNIQUE_ICMP;
		/* Who is there is all that it asks, answered or not. */
		if (is_question(flow) && !is_watch(flow))
			made.outcome = OUTCOME_EMPTY;
		return made;
	default:
		return made;
	}
}

/* Of IP and UDP (RFC 791, 8200, 768). */
#define DATAGRAM_HEADERS_IPV4 28
#define DATAGRAM_HEADERS_IPV6 48
#define LOAD_LEAST            16

uint32_t
attempt_load(const struct flow *flow)
{
	uint32_t headers = address_is_ipv4(&flow_client(flow)->address)
			       ? DATAGRAM_HEADERS_IPV4
			       : DATAGRAM_HEADERS_IPV6;
	uint64_t packets = flow->packets[flow->client], mean;

	if (flow->protocol != PROTOCOL_UDP || packets == 0)
		return 0;
	mean = flow->octets[flow->client] / packets;
	return mean < headers + LOAD_LEAST ? 0 : (uint32_t)mean - headers;
}

uint64_t
attempt_identity(const struct flow *flow)
{
	return memory_key((uint64_t)flow->first.ns,
	    (uint64_t)flow_client(flow)->port << 16 | flow_server(flow)->port);
}
