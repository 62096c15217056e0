/*
 * flow_key -- the same key for both directions of one conversation.
 *
 * The ends are ordered by address, then port.  VLANs and tunnels are no part
 * of it but for the domain that they may say (domain.h): the same packet is
 * often seen tagged at one place and bare at another, and the two must meet.
 */
#ifndef SENSOR_FLOW_KEY_H
#define SENSOR_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/flow.h"
#include "sensor/frame.h"

struct hash_key;

struct flow_key {
	struct flow_end ends[2];
	uint16_t domain;
	uint8_t protocol;
};

/*
 * Orders a packet's addressing.
 *
 * returns    0 or 1: the end that sent it (0 when both ends are the same)
 */
int flow_key_of(const struct frame_key *stated, struct flow_key *key);

/* Where a frame belongs: its flow's key, and where tables look for that. */
struct flow_place {
	struct flow_key key;
	uint32_t tag;   /* flow_key_tag() of the key */
	uint8_t sender; /* 0 or 1: the end of the key that sent the frame */
};

/* The place of a decoded frame; of an ICMP error's, that of what it quotes. */
struct flow_place flow_place_of(
    const struct frame *frame, const struct hash_key *secret);

/* Whether the flow has this key. */
bool flow_key_is(const struct flow_key *key, const struct flow *flow);

/* 32 bits of the key's hash under a secret. */
uint32_t flow_key_tag(
    const struct flow_key *key, const struct hash_key *secret);

#endif
