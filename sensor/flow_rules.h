/*
 * flow_rules -- what one frame says about the flow it belongs to.
 *
 * The rules of direction, state, answer and refusal, for TCP, ICMP and the
 * rest.  Does not know the table, its slots or its timeouts.
 */
#ifndef SENSOR_FLOW_RULES_H
#define SENSOR_FLOW_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct flow_key;
struct frame;

/* The client's SYN, by which a new connection is told from a repeated one. */
struct flow_opening {
	uint32_t initial_sequence;
	bool known; /* the SYN was seen */
};

/*
 * Starts a flow from its first frame, which flow_hear() is given next.  Sets
 * all but `sequence`, `slot` and `first_packet`, which are the table's.
 *
 * sender     the end that sent the frame
 */
void flow_start(struct flow *flow, struct flow_opening *opening,
    const struct flow_key *key, const struct frame *frame, int sender,
    struct instant now);

/* Counts a frame and draws its consequences. */
void flow_hear(struct flow *flow, struct flow_opening *opening,
    const struct frame *frame, int sender, struct instant now);

/* Takes note of an ICMP error about the flow. */
void flow_hear_error(struct flow *flow, const struct frame *error);

/* Whether the frame opens another connection between the same ends. */
bool flow_is_reopened(const struct flow *flow,
    const struct flow_opening *opening, const struct frame *frame, int sender);

#endif
