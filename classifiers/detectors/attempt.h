/*
 * attempt -- what became of a flow that its client began, for detectors that
 * count failures: the outcome, and which way of probing it looks like.
 *
 * Does not know workloads, verdicts or what was tried before.
 */
#ifndef CLASSIFIERS_DETECTORS_ATTEMPT_H
#define CLASSIFIERS_DETECTORS_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/flow.h"

/* Segments that no connection begins with: RFC 9293, 3.10.7. */
#define TECHNIQUES(X)                                                          \
	X(SYN, "syn")         /* refused, unanswered or left half open */      \
	X(CONNECT, "connect") /* a handshake, and nothing said */              \
	X(FIN, "fin")                                                          \
	X(XMAS, "xmas") /* FIN, PSH and URG, or most of them */                \
	X(NONE, "null") /* no flag at all */                                   \
	X(ACK, "ack")   /* out of nowhere, and reset */                        \
	X(UDP, "udp")                                                          \
	X(ICMP, "icmp")                                                        \
	X(SCTP, "sctp")                                                        \
	X(SERVICE, "service-probe") /* asks in many protocols what it is */

enum technique {
#define X(identifier, name) TECHNIQUE_##identifier,
	TECHNIQUES(X)
#undef X
	    TECHNIQUE_COUNT
};

enum outcome {
	OUTCOME_NEITHER, /* begun before the capture, or says nothing */
	OUTCOME_SERVED,  /* the client asked, and was heard */
	OUTCOME_FAILED,  /* refused, or nobody answered */
	OUTCOME_EMPTY,   /* answered, and the client wanted nothing of it */
	OUTCOME_ODD,     /* no program that wants a connection begins so */
};

struct attempt {
	enum outcome outcome;
	enum technique technique; /* unless NEITHER or SERVED */
	int prober;               /* 0 or 1: the end whose doing it is */
	bool proven;   /* that end has what was sent to it: a handshake */
	uint16_t port; /* of the other end; 0 where there is none */
	/* The cluster's address, which nobody held: for who asks to say. */
	bool nobodys;
};

/* What became of it so far; final when the flow has ended. */
struct attempt attempt_of(const struct flow *flow);

/* Whether that end has sent any payload. */
bool attempt_has_payload(const struct flow *flow, int end);

/*
 * Octets that the client's datagrams hold each, or 0 where that is less than
 * anybody fills one with for nothing: scanners send empty ones to ports of
 * which they know no protocol (nmap's manual, `-sU`).
 */
uint32_t attempt_load(const struct flow *flow);

/*
 * Tells one flow from another, whatever the number of workers; `sequence` does
 * so within one table only.
 */
uint64_t attempt_identity(const struct flow *flow);

/* `syn`, `connect`, ... */
const char *technique_name(enum technique technique);

#endif
