/*
 * packet -- captured octets, their lengths, their time and their link type.
 *
 * What every source of packets hands to the decoder.  Knows no protocol.
 */
#ifndef SENSOR_PACKET_H
#define SENSOR_PACKET_H

#include <stdint.h>

#include "sensor/base/instant.h"

struct packet {
	const uint8_t *octets; /* borrowed from the source */
	uint32_t captured;     /* octets that are there */
	uint32_t length;       /* octets that were on the wire */
	struct instant at;     /* as stamped by the capture */
	uint64_t number;       /* from 1, as Wireshark counts in this source */
	uint32_t interface;    /* number in its source; replay.h has names */
	int link_type;         /* a LINKTYPE_ value (tcpdump.org/linktypes) */
};

#endif
