#include "classifiers/attribute.h"

#include "classifiers/appid.h"
#include "classifiers/known_servers.h"
#include "sensor/flow.h"

/* The instance metadata service of the large clouds (EC2, GCE, Azure docs) */
static const uint8_t cloud_metadata[4] = {169, 254, 169, 254};

static bool
address_is_infrastructure(const struct address *address)
{
	struct address metadata = address_from_ipv4(cloud_metadata);

	if (address_equal(address, &metadata))
		return false;
	return address_is_multicast(address) ||
	       address_is_link_local(address) ||
	       address_is_broadcast_or_unspecified(address);
}

/*
 * Neighbour discovery (RFC 4861: 133 to 137) and multicast listeners (RFC 2710,
 * RFC 3810: 130 to 132, 143), which use global addresses too.
 */
static bool
icmp_is_infrastructure(const struct flow *flow)
{
	return flow->protocol == PROTOCOL_ICMPV6 &&
	       ((flow->icmp_type >= 130 && flow->icmp_type <= 137) ||
		   flow->icmp_type == 143);
}

bool
flow_is_infrastructure(const struct flow *flow)
{
	return icmp_is_infrastructure(flow) ||
	       address_is_infrastructure(&flow->ends[0].address) ||
	       address_is_infrastructure(&flow->ends[1].address);
}

static bool
workload_serves(
    const struct workload *workload, uint8_t protocol, uint16_t port)
{
	for (size_t c = 0; c < workload->container_count; c++)
		for (size_t p = 0; p < workload->containers[c].port_count; p++)
			if (workload->containers[c].ports[p].number == port &&
			    workload->containers[c].ports[p].protocol ==
				protocol)
				return true;
	return false;
}

static bool
service_serves(const struct service *service, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < service->port_count; i++)
		if (service->ports[i].port == port &&
		    service->ports[i].protocol == protocol)
			return true;
	return false;
}

/* Whether the metadata says that this end listens there. */
static bool
party_serves(const struct party *party, uint8_t protocol, uint16_t port)
{
	if (party->workload != NULL)
		return workload_serves(party->workload, protocol, port);
	if (party->service != NULL)
		return service_serves(party->service, protocol, port);
	return false;
}

/*
 * The end that the payload shows to be the client, or -1.  appid counted
 * directions by the client that the flow had then, which is the flow's still:
 * nothing else turns a flow round.
 */
static int
payload_client(const struct flow *flow, const struct appid_flow *appid)
{
	int first;

	if (appid->role == 0)
		return -1;
	first = appid->server_first ? !flow->client : flow->client;
	return appid->role == 1 ? first : !first;
}

/*
 * Whether whoever has the end's address now accepted a connection on its port:
 * an older answer was somebody else's.
 */
static bool
was_seen_to_serve(const struct known_servers *known, const struct flow *flow,
    int end, const struct party *party)
{
	struct instant seen = known_servers_seen(known, flow, end);

	return seen.ns != INSTANT_PAST.ns &&
	       (party->workload == NULL ||
		   !instant_before(seen, party->workload->since));
}

/* The client is the end across from the only one that serves; -1: neither. */
static int
client_of(const bool serves[2])
{
	return serves[0] == serves[1] ? -1 : serves[0] ? 1 : 0;
}

/* The best evidence there is: metadata, then the past, then the payload. */
static void
improve_direction(const struct known_servers *known, struct flow *flow,
    const struct appid_flow *appid, const struct party parties[2])
{
	bool serves[2];
	int client;

	for (int end = 0; end < 2; end++)
		serves[end] = party_serves(
		    &parties[end], flow->protocol, flow->ends[end].port);
	client = client_of(serves);
	if (client < 0 && known != NULL) {
		for (int end = 0; end < 2; end++)
			serves[end] =
			    was_seen_to_serve(known, flow, end, &parties[end]);
		client = client_of(serves);
	}
	if (client < 0)
		client = payload_client(flow, appid);
	if (client >= 0)
		flow_set_client(flow, client, DIRECTION_METADATA);
}

bool
attribute_flow(const struct inventory *inventory, uint32_t cluster,
    const struct known_servers *known, struct flow *flow,
    const struct appid_flow *appid, struct party *client, struct party *server)
{
	struct party parties[2];

	for (int end = 0; end < 2; end++)
		parties[end] = inventory_who(
		    inventory, cluster, &flow->ends[end].address, flow->first);
	if (flow->direction == DIRECTION_HEURISTIC)
		improve_direction(known, flow, appid, parties);
	*client = parties[flow->client];
	*server = parties[!flow->client];
	return !flow_direction_is_guess(flow);
}
