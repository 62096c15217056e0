#include "sensor/icmp_pair.h"

#include <stddef.h>

#include "sensor/frame.h"

struct icmp_pair {
	uint8_t protocol, request, reply;
};

/*
 * The pairs are those that Community ID version 1 takes together (its
 * README, "ICMP"), so one table serves the identifier and the direction.
 */
static const struct icmp_pair pairs[] = {
    {PROTOCOL_ICMP, 8, 0},       /* echo: RFC 792 */
    {PROTOCOL_ICMP, 10, 9},      /* router discovery: RFC 1256 */
    {PROTOCOL_ICMP, 13, 14},     /* timestamp: RFC 792 */
    {PROTOCOL_ICMP, 15, 16},     /* information: RFC 792 */
    {PROTOCOL_ICMP, 17, 18},     /* address mask: RFC 950 */
    {PROTOCOL_ICMPV6, 128, 129}, /* echo: RFC 4443 */
    {PROTOCOL_ICMPV6, 130, 131}, /* listener query, report: RFC 2710 */
    {PROTOCOL_ICMPV6, 133, 134}, /* router discovery: RFC 4861 */
    {PROTOCOL_ICMPV6, 135, 136}, /* neighbour discovery: RFC 4861 */
    {PROTOCOL_ICMPV6, 139, 140}, /* node information: RFC 4620 */
    {PROTOCOL_ICMPV6, 144, 145}, /* home agents: RFC 6275 */
};

enum icmp_role
icmp_role_of(uint8_t protocol, uint8_t type, uint8_t *counterpart)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct icmp_pair *pair = &pairs[i];

		if (pair->protocol != protocol)
			continue;
		if (pair->request == type) {
			*counterpart = pair->reply;
			return ICMP_REQUEST;
		}
		if (pair->reply == type) {
			*counterpart = pair->request;
			return ICMP_REPLY;
		}
	}
	return ICMP_ONE_WAY;
}
