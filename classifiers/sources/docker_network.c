#include <string.h>

#include "classifiers/sources/docker_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

/* The bridge on which a Swarm's containers reach the world outside. */
#define GATEWAY_BRIDGE "docker_gwbridge"

/* An endpoint of the engine's own, not a container's, in a Swarm network. */
static bool
is_engines(const char *endpoint)
{
	return strcmp(endpoint, "ingress-sbox") == 0 ||
	       strncmp(endpoint, "lb-", 3) == 0;
}

struct learning {
	struct docker *docker;
	struct arena *arena;
	struct address_set addresses;
	bool gateway_bridge;
};

static void
learn_endpoint(const char *key, const struct json *value, void *context)
{
	struct learning *learning = context;
	const char *text = json_get_text(value, "IPv4Address");
	struct address_set one = {0};
	struct docker_gateway *gateway;

	if (is_engines(key)) {
		address_set_add(learning->arena, &learning->addresses, text);
		return;
	}
	if (!learning->gateway_bridge)
		return;
	address_set_add(learning->arena, &one, text);
	if (one.count == 0)
		return;
	gateway = allocate(1, sizeof(*gateway));
	gateway->address = one.at[0];
	rack_put(learning->docker->gateways, key, gateway);
}

/*
 * A bridge's gateway is the host itself: the stated one or, when the engine
 * chose it and does not say so, the first of the subnet.  The gateway of an
 * overlay is nobody's address.
 */
static void
learn_subnet(struct learning *learning, struct prefix_set *prefixes,
    const struct json *config, bool bridge)
{
	const char *gateway = json_get_text(config, "Gateway");
	size_t known = prefixes->count;
	char printed[ADDRESS_TEXT_SIZE];
	struct address first;

	prefix_set_add(
	    learning->arena, prefixes, json_get_text(config, "Subnet"));
	if (!bridge)
		return;
	if (gateway == NULL && prefixes->count > known) {
		first = prefix_first_host(&prefixes->at[known]);
		address_print(&first, printed);
		gateway = printed;
	}
	address_set_add(learning->arena, &learning->addresses, gateway);
}

static void
keep(struct docker *docker, const char *id, const struct address_set *addresses,
    const struct prefix_set *prefixes)
{
	struct docker_network *network = allocate(1, sizeof(*network));

	while (network->address_count < addresses->count &&
	       network->address_count < DOCKER_NETWORK_ADDRESSES) {
		network->addresses[network->address_count] =
		    addresses->at[network->address_count];
		network->address_count++;
	}
	while (network->prefix_count < prefixes->count &&
	       network->prefix_count < DOCKER_NETWORK_ADDRESSES) {
		network->prefixes[network->prefix_count] =
		    prefixes->at[network->prefix_count];
		network->prefix_count++;
	}
	rack_put(docker->networks, id, network);
}

/*
 * Of other drivers the engine has no address of its own (host, none), or the
 * network is not the engine's alone (macvlan and ipvlan: whoever else is in
 * the subnet is no container).
 */
void
docker_learn_network(struct docker *docker, const struct json *object)
{
	const char *driver = field_text(object, "Driver");
	const struct json *configs =
	    json_get(json_get(object, "IPAM"), "Config");
	bool bridge = strcmp(driver, "bridge") == 0;
	struct prefix_set prefixes = {0};
	struct learning learning = {
	    .docker = docker,
	    .gateway_bridge =
		strcmp(field_text(object, "Name"), GATEWAY_BRIDGE) == 0,
	};

	if (!bridge && strcmp(driver, "overlay") != 0)
		return;
	learning.arena = arena_new();
	if (learning.gateway_bridge) {
		rack_free(docker->gateways);
		docker->gateways = rack_new(DOCKER_OBJECTS_MAXIMUM);
	}
	for (size_t i = 0; i < json_count(configs); i++)
		learn_subnet(&learning, &prefixes, json_at(configs, i), bridge);
	json_each(json_get(object, "Containers"), learn_endpoint, &learning);
	keep(docker, field_text(object, "Id"), &learning.addresses, &prefixes);
	arena_free(learning.arena);
}

void
docker_add_networks(const struct docker *docker, struct arena *arena,
    struct address_set *addresses, struct prefix_set *prefixes)
{
	char printed[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < rack_places(docker->networks); i++) {
		const struct docker_network *network =
		    rack_at(docker->networks, i);

		if (network == NULL)
			continue;
		for (size_t a = 0; a < network->address_count; a++) {
			address_print(&network->addresses[a], printed);
			address_set_add(arena, addresses, printed);
		}
		for (size_t p = 0; p < network->prefix_count; p++) {
			prefix_print(&network->prefixes[p], printed);
			prefix_set_add(arena, prefixes, printed);
		}
	}
}
