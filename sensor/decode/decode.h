/*
 * decode -- makes frames of packets, whatever they are wrapped in.
 *
 * Protocols nest as they like: Ethernet, VLANs, MPLS, tunnels and IP within IP,
 * up to FRAME_LAYERS_MAXIMUM headers.  Pure: nothing is allocated or logged,
 * and hostile octets are a status of the frame.
 */
#ifndef SENSOR_DECODE_DECODE_H
#define SENSOR_DECODE_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/frame.h"

struct packet;

/*
 * Decodes one packet.  `*frame` borrows from the packet's octets.
 *
 * returns    frame->status
 */
enum frame_status decode_packet(
    const struct packet *packet, struct frame *frame);

/*
 * Decodes a datagram that was put together from fragments, in the same way.
 *
 * ip         an IP header without options that is no fragment's, and what came
 *            of the datagram; borrowed like a packet's octets
 * captured   octets from `ip` that are there
 * length     octets that were on the wire: from `ip` to the end, or to the
 *            first hole when the datagram is not whole
 * frame      gives the VLANs, tunnel and layers around the fragments, and gets
 *            the rest
 * returns    frame->status; FRAME_FRAGMENT is a fragment within the datagram
 */
enum frame_status decode_datagram(const uint8_t *ip, uint32_t captured,
    uint32_t length, bool whole, struct frame *frame);

#endif
