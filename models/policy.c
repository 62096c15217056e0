#include "models/policy.h"

#include "classifiers/inventory.h"
#include "models/library.h"
#include "models/statement.h"
#include "sensor/base/address.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

#define IDENTITIES_MAXIMUM ((size_t)1 << 22)
#define PAIRS_MAXIMUM      ((size_t)1 << 26)
#define SERVED_MAXIMUM     8

/* An identity with what only the policy needs to know of it. */
struct known {
	struct identity identity;
	enum application served[SERVED_MAXIMUM];
	size_t served_count;
	uint32_t revision; /* grows when models were decided anew */
};

/* A pair under the key it is found by. */
struct known_pair {
	struct {
		uint32_t client, server, same_node;
	} key;
	uint32_t client_revision, server_revision;
	struct pair pair;
};

struct policy {
	const struct library *library;
	const struct inventory *inventory;
	struct arena *arena;
	struct map *by_key;  /* identity key -> struct known */
	struct map *by_end;  /* workload, node, zone pointer -> struct known */
	struct map *outside; /* set of networks it is in -> struct known */
	struct map *pairs;   /* -> struct known_pair */
	uint32_t identities;
	struct prefix *networks; /* every one that a model names */
	size_t network_count;
};

/* --- the networks that models divide the outside by ----------------------- */

static void
add_network(struct policy *policy, const struct prefix *prefix)
{
	for (size_t i = 0; i < policy->network_count; i++)
		if (memcmp(&policy->networks[i], prefix, sizeof(*prefix)) == 0)
			return;
	policy->networks = reallocate(policy->networks,
	    policy->network_count + 1, sizeof(*policy->networks));
	policy->networks[policy->network_count++] = *prefix;
}

static void
add_networks(struct policy *policy, const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		const struct external *external = peers->at[i].external;

		if (external == NULL)
			continue;
		for (size_t p = 0; p < external->prefix_count; p++)
			add_network(policy, &external->prefixes[p]);
	}
}

static void
add_entry_networks(struct policy *policy, const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		add_networks(policy, &entries->at[i].peers);
}

static void
collect_networks(struct policy *policy)
{
	for (size_t i = 0; i < library_model_count(policy->library); i++) {
		const struct model *model = library_model(policy->library, i);

		add_entry_networks(policy, &model->provides);
		add_entry_networks(policy, &model->needs);
	}
	for (size_t i = 0; i < library_segment_count(policy->library); i++) {
		const struct segment *segment =
		    library_segment(policy->library, i);

		for (size_t b = 0; b < segment->boundary_count; b++) {
			add_networks(policy, &segment->boundaries[b].peers);
			add_networks(policy, &segment->boundaries[b].except);
		}
	}
}

/* --- identities ----------------------------------------------------------- */

struct policy *
policy_new(const struct library *library, const struct inventory *inventory)
{
	struct policy *policy = allocate(1, sizeof(*policy));

	policy->library = library;
	policy->inventory = inventory;
	policy->arena = arena_new();
	policy->by_key = map_new(IDENTITIES_MAXIMUM);
	policy->by_end = map_new(IDENTITIES_MAXIMUM);
	policy->outside = map_new(IDENTITIES_MAXIMUM);
	policy->pairs = map_new(PAIRS_MAXIMUM);
	collect_networks(policy);
	return policy;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	map_free(policy->by_key);
	map_free(policy->by_end);
	map_free(policy->outside);
	map_free(policy->pairs);
	arena_free(policy->arena);
	free(policy->networks);
	free(policy);
}

static struct known *
new_identity(struct policy *policy, enum identity_kind kind, const char *name)
{
	struct known *known = arena_take(policy->arena, sizeof(*known));

	known->identity.kind = kind;
	known->identity.name = name;
	known->identity.number = policy->identities++;
	return known;
}

static void
resolve(struct policy *policy, struct known *known)
{
	identity_resolve(policy->arena, policy->library, &known->identity,
	    known->served, known->served_count);
	known->revision++;
}

static bool
is_backend(const struct service *service, const struct workload *workload)
{
	for (size_t i = 0; i < service->backend_count; i++)
		if (service->backends[i] == workload)
			return true;
	return false;
}

static uint16_t
target_of(const struct service_port *port, const struct workload *workload)
{
	if (port->target_name[0] == '\0')
		return port->target != 0 ? port->target : port->port;
	for (size_t c = 0; c < workload->container_count; c++)
		for (size_t p = 0; p < workload->containers[c].port_count; p++)
			if (strcmp(workload->containers[c].ports[p].name,
				port->target_name) == 0)
				return workload->containers[c].ports[p].number;
	return 0;
}

/* Service ports that lead somewhere else than their own number. */
static size_t
aliases_of(const struct policy *policy, const struct workload *workload,
    struct port_alias *out)
{
	size_t count = 0;

	for (size_t s = 0; s < inventory_service_count(policy->inventory);
	     s++) {
		const struct service *service =
		    inventory_service(policy->inventory, s);

		if (!is_backend(service, workload))
			continue;
		for (size_t p = 0; p < service->port_count; p++) {
			const struct service_port *port = &service->ports[p];
			uint16_t target = target_of(port, workload);

			if (target == 0 || target == port->port)
				continue;
			if (out != NULL)
				out[count] = (struct port_alias){
				    port->protocol, port->port, target};
			count++;
		}
	}
	return count;
}

static const char *
workload_identity_name(struct policy *policy, const struct workload *workload)
{
	if (workload->namespace[0] == '\0')
		return arena_text(policy->arena, workload->application);
	return arena_format(
	    policy->arena, "%s/%s", workload->namespace, workload->application);
}

static struct known *
known_workload(struct policy *policy, const struct workload *workload)
{
	struct known *known =
	    map_get(policy->by_end, &workload, sizeof(workload));
	const struct workload **end;
	struct port_alias *aliases;
	const char *key;
	size_t size;

	if (known != NULL)
		return known;
	key = identity_key(policy->arena, workload, &size);
	known = map_get(policy->by_key, key, size);
	if (known == NULL) {
		known = new_identity(policy, IDENTITY_WORKLOAD,
		    workload_identity_name(policy, workload));
		known->identity.workload = workload;
		known->identity.alias_count =
		    aliases_of(policy, workload, NULL);
		aliases = arena_array(policy->arena,
		    known->identity.alias_count, sizeof(*aliases));
		aliases_of(policy, workload, aliases);
		known->identity.aliases = aliases;
		resolve(policy, known);
		map_put(policy->by_key, key, size, known);
	}
	end = arena_take(policy->arena, sizeof(workload));
	*end = workload;
	map_put(policy->by_end, end, sizeof(workload), known);
	return known;
}

const struct identity *
policy_workload(struct policy *policy, const struct workload *workload)
{
	return &known_workload(policy, workload)->identity;
}

/* Nodes and zones are few: one identity each, found by their address. */
static struct known *
known_end(struct policy *policy, const void *end, enum identity_kind kind,
    const char *name)
{
	struct known *known = map_get(policy->by_end, &end, sizeof(end));
	const void **key;

	if (known != NULL)
		return known;
	known = new_identity(policy, kind,
	    arena_format(policy->arena, "%s/%s",
		kind == IDENTITY_NODE ? "node" : "zone", name));
	key = arena_take(policy->arena, sizeof(end));
	*key = end;
	map_put(policy->by_end, key, sizeof(end), known);
	return known;
}

const struct identity *
policy_node(struct policy *policy, const struct node *node)
{
	struct known *known =
	    known_end(policy, node, IDENTITY_NODE, node->name);

	if (known->identity.node == NULL) {
		known->identity.node = node;
		resolve(policy, known);
	}
	return &known->identity;
}

const struct identity *
policy_zone(struct policy *policy, const struct zone *zone)
{
	struct known *known =
	    known_end(policy, zone, IDENTITY_ZONE, zone->name);

	if (known->identity.zone == NULL) {
		known->identity.zone = zone;
		resolve(policy, known);
	}
	return &known->identity;
}

/*
 * Two outside addresses are one identity when they are in the same networks
 * that models name: so there are at most twice as many as networks, whoever
 * sends from where.
 */
const struct identity *
policy_external(struct policy *policy, const struct address *address)
{
	size_t size = policy->network_count + 1;
	char *set;
	struct address *example;
	struct known *known;
	char small[256];

	set = size <= sizeof(small) ? small : allocate(size, 1);
	set[size - 1] = 'x';
	for (size_t i = 0; i < policy->network_count; i++)
		set[i] = prefix_contains(&policy->networks[i], address);
	known = map_get(policy->outside, set, size);
	if (known == NULL) {
		example = arena_take(policy->arena, sizeof(*example));
		*example = *address;
		known = new_identity(policy, IDENTITY_EXTERNAL, "external");
		known->identity.address = example;
		resolve(policy, known);
		map_put(policy->outside,
		    memcpy(arena_take(policy->arena, size), set, size), size,
		    known);
	}
	if (set != small)
		free(set);
	return &known->identity;
}

void
policy_serves(struct policy *policy, const struct workload *workload,
    enum application application)
{
	struct known *known = known_workload(policy, workload);

	if (known->identity.model_count > 0 ||
	    known->served_count == SERVED_MAXIMUM)
		return;
	for (size_t i = 0; i < known->served_count; i++)
		if (known->served[i] == application)
			return;
	known->served[known->served_count++] = application;
	resolve(policy, known);
}

/* --- pairs ---------------------------------------------------------------- */

/* The policy made every identity as part of a struct known. */
static uint32_t
revision_of(const struct identity *identity)
{
	const struct known *known =
	    (const void *)((const char *)identity -
			   offsetof(struct known, identity));

	return known->revision;
}

const struct pair *
policy_pair(struct policy *policy, const struct identity *client,
    const struct identity *server, bool same_node)
{
	struct known_pair wanted = {
	    .key = {client->number, server->number, same_node},
	    .client_revision = revision_of(client),
	    .server_revision = revision_of(server),
	    .pair = {.client = client, .server = server},
	};
	struct known_pair *known =
	    map_get(policy->pairs, &wanted.key, sizeof(wanted.key));

	if (known != NULL && known->client_revision == wanted.client_revision &&
	    known->server_revision == wanted.server_revision)
		return &known->pair;
	statements_make(policy->arena, &wanted.pair, same_node);
	if (known == NULL) {
		known = arena_take(policy->arena, sizeof(*known));
		*known = wanted;
		map_put(policy->pairs, &known->key, sizeof(known->key), known);
	}
	*known = wanted;
	return &known->pair;
}
