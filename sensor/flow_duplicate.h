/*
 * flow_duplicate -- tells a packet seen again from a packet sent again.
 *
 * A span port may see one packet before and after a bridge or a router, and
 * inside and outside a tunnel.  A fingerprint covers what none of them changes:
 * IP's identification and length, and the transport header and the beginning
 * of what it carries, without addresses, ports and checksums, which translation
 * changes.  TTL, link layer, VLAN and tunnel are no part of it.  Remembers the
 * last few packets of each direction of a flow, by its slot.  Does not know
 * flows.
 *
 * Two packets that are equal in all of that and come at once cannot be told
 * apart from one that is seen twice; the second counts as a copy.  That can
 * befall packets without an identification (IPv6, and IPv4 where it is 0) and
 * senders that repeat themselves on purpose.  FLOW_COPIES_MAXIMUM keeps a
 * flood of one packet from looking like a single one.
 */
#ifndef SENSOR_FLOW_DUPLICATE_H
#define SENSOR_FLOW_DUPLICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"

struct frame;
struct hash_key;

/* Packets of one direction within which a copy is recognised. */
#define FLOW_RECENT 4

/*
 * Sightings of one packet after the first; the next is a packet of its own.
 * On its way from pod to pod through two nodes a packet passes two veths, two
 * bridges, two tunnel devices and two uplinks.
 */
#define FLOW_COPIES_MAXIMUM 7

/*
 * Time is kept in units of 2^20 ns, about a millisecond, for a shift is
 * cheaper than a division.  The window is 20 ms: see flow_duplicate.c.
 */
#define FLOW_COPY_UNIT_BITS 20
#define FLOW_COPY_WINDOW    19

/* One flow's memory; zeroed for a new flow. */
struct flow_recent {
	uint32_t fingerprints[2][FLOW_RECENT];
	uint32_t stamps[2][FLOW_RECENT]; /* units of time x 8 + copies */
};

/* The fingerprint of a decoded frame (status FRAME_OK) under a secret. */
uint32_t flow_fingerprint(
    const struct frame *frame, const struct hash_key *secret);

/*
 * Whether a packet is a copy of a recent one; remembers it when it is not.
 *
 * sender     0 or 1: the end that sent it
 * packets    that this end has sent before and that were no copies
 * now        never before an earlier one
 */
bool flow_is_duplicate(struct flow_recent *recent, int sender, uint64_t packets,
    uint32_t fingerprint, struct instant now);

/* The time of a stamp, in units. */
static inline uint32_t
flow_copy_units(struct instant at)
{
	return (uint32_t)((uint64_t)at.ns >> FLOW_COPY_UNIT_BITS);
}

#endif
