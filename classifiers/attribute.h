/*
 * attribute -- names both ends of a flow, as of the flow's start.
 *
 * Where no handshake said who is the client, what the metadata and the payload
 * know decides before a port number does.  Does not know models.
 */
#ifndef CLASSIFIERS_ATTRIBUTE_H
#define CLASSIFIERS_ATTRIBUTE_H

#include <stdbool.h>

#include "classifiers/inventory/inventory.h"

struct appid_flow;
struct flow;
struct known_servers;

/*
 * Finds who both ends were, and turns the flow round where the evidence that
 * is better than its own says so.
 *
 * cluster    whose addresses they are, or INVENTORY_ANY
 * known      who accepted connections lately, or NULL
 * returns    false when nothing but a guess says who is the client of a flow
 *            whose beginning was not seen
 */
bool attribute_flow(const struct inventory *inventory, uint32_t cluster,
    const struct known_servers *known, struct flow *flow,
    const struct appid_flow *appid, struct party *client, struct party *server);

/*
 * Whether the flow is what networks themselves need: neighbour discovery,
 * multicast, link-local.  Counted, never judged.  The cloud metadata service
 * at 169.254.169.254 is no infrastructure: reaching for it is worth a verdict.
 */
bool flow_is_infrastructure(const struct flow *flow);

#endif
