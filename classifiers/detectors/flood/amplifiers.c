#include "classifiers/detectors/flood/amplifiers.h"

#include <stddef.h>

#include "classifiers/detectors/sighting.h"

/*
 * Ports of UDP whose services answer anybody with more than they were asked, by
 * TA14-017A and the advisories that followed it (memcached 2018, CLDAP,
 * WS-Discovery, ARD, CoAP, DVRIP, Plex, SLP).  Not TFTP, whose data waits for
 * acknowledgements, nor SIP and STUN, which carry media.
 */
bool
amplifiers_has(uint16_t port)
{
	static const uint16_t ports[] = {17, 19, 53, 111, 123, 137, 161, 177,
	    389, 427, 520, 623, 1434, 1900, 3283, 3389, 3702, 5093, 5351, 5353,
	    5683, 10001, 11211, 27015, 32414, 37810};
	size_t low = 0, high = sizeof(ports) / sizeof(ports[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ports[middle] == port)
			return true;
		if (ports[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/*
 * Who asks has a port of its own choice; NTP's and DNS's servers ask one
 * another from port to port.
 */
bool
amplifiers_turned(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	return flow->protocol == PROTOCOL_UDP &&
	       flow->packets[!flow->client] == 0 &&
	       flow->packets[flow->client] > 0 && !sighting->client.inside &&
	       sighting->server.inside &&
	       amplifiers_has(flow_client(flow)->port) &&
	       !amplifiers_has(sighting->port);
}
