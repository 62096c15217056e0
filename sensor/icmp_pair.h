/*
 * icmp_pair -- which ICMP types ask, which reply, and which belong together.
 *
 * Knows the numbers only.  Does not know flows.
 */
#ifndef SENSOR_ICMP_PAIR_H
#define SENSOR_ICMP_PAIR_H

#include <stdint.h>

enum icmp_role {
	ICMP_ONE_WAY, /* errors and announcements: nothing belongs to it */
	ICMP_REQUEST,
	ICMP_REPLY,
};

/*
 * The part that a type plays.
 *
 * protocol    PROTOCOL_ICMP or PROTOCOL_ICMPV6
 * counterpart gets the other type of the pair; untouched for ICMP_ONE_WAY
 */
enum icmp_role icmp_role_of(
    uint8_t protocol, uint8_t type, uint8_t *counterpart);

#endif
