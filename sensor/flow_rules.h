/*
 * flow_rules -- what one frame says about the flow it belongs to.
 *
 * The rules of direction, state, answer and refusal, for TCP, ICMP and the
 * rest.  Does not know the table, its slots or its timeouts.
 *
 * A SYN with a new sequence number opens a new flow when the old one is
 * finished, or when the other end is not captured, so that it can confirm
 * nothing.  On an open connection the SYN is counted in the old flow first and
 * taken back when the other end answers it: with SYN-ACK it has forgotten the
 * old connection, with RST it has none.  How long the old one was idle does
 * not matter, for a forged SYN may come at any time, and a host that still has
 * the connection answers with an ACK, however long it was idle.
 */
#ifndef SENSOR_FLOW_RULES_H
#define SENSOR_FLOW_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/flow.h"
#include "sensor/flow_tcp.h"

struct flow_key;
struct frame;

/* One frame, and who sent it when; `frame` is borrowed. */
struct sighting {
	const struct frame *frame;
	int sender; /* 0 or 1: the end of the flow */
	struct instant at;
	uint64_t number;    /* of its packet */
	uint32_t interface; /* that this came from */
};

/*
 * Starts a flow from its first frame, which flow_hear() is given next.  Sets
 * all but `sequence` and `slot`, which are the table's.
 */
void flow_start(struct flow *flow, struct flow_tcp_notes *notes,
    const struct flow_key *key, const struct sighting *sighting);

/* Counts a frame and draws its consequences. */
enum flow_tcp_belief flow_hear(struct flow *flow, struct flow_tcp_notes *notes,
    const struct sighting *sighting);

/* Takes note of an ICMP error about the flow. */
void flow_hear_error(struct flow *flow, const struct frame *error);

/*
 * Takes back the SYN that waited for an answer, which has come: it was the
 * first packet of the connection that reopens this one.
 *
 * answer     borrowed; what the SYN is made up from
 * syn        gets the frame, as far as the flow's rules need it
 * returns    its sighting, to start and be heard in a new flow before `answer`
 */
struct sighting flow_take_back_syn(struct flow *flow,
    const struct flow_tcp_notes *notes, const struct sighting *answer,
    struct frame *syn);

#endif
