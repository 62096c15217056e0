#include "models/policy.h"

#include "classifiers/inventory.h"
#include "classifiers/outside.h"
#include "models/external.h"
#include "models/library.h"
#include "models/network_model.h"
#include "models/statement.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

#define IDENTITIES_MAXIMUM ((size_t)1 << 22)
#define PAIRS_MAXIMUM      ((size_t)1 << 26)
#define SERVED_MAXIMUM     8

/* Kinds of outside ends; networks, countries and numbers alone make few. */
#define CLASSES_MAXIMUM ((size_t)4096)

/* Characters of an outside class's name. */
#define CLASS_NAME_MAXIMUM ((size_t)4096)

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
	struct report *report; /* of declarations, while they are checked */
	struct map *by_key;    /* identity key -> struct known */
	struct map *by_end;  /* workload, node, zone pointer -> struct known */
	struct map *outside; /* class -> struct known */
	struct map *pairs;   /* -> struct known_pair */
	uint32_t identities;
	struct network_models imported;
	struct external_criteria *criteria; /* that divide the outside */
};

/* --- what models divide the outside by ------------------------------------ */

static void
add_criteria(const struct peer *peer, void *context)
{
	struct policy *policy = context;

	struct external block;

	if (peer->imported != NULL &&
	    network_peer_block(peer->imported, &block))
		external_criteria_add(policy->criteria, &block);
	else if (peer->external != NULL)
		external_criteria_add(policy->criteria, peer->external);
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
	policy->criteria = external_criteria_new();
	external_each_peer(library, add_criteria, policy);
	policy->imported = network_models_make(policy->arena, inventory);
	for (size_t i = 0; i < policy->imported.count; i++)
		external_each_peer_of(
		    policy->imported.at[i].model, add_criteria, policy);
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
	external_criteria_free(policy->criteria);
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
	struct resolution resolution = {
	    .arena = policy->arena,
	    .library = policy->library,
	    .imported = &policy->imported,
	    .served = known->served,
	    .served_count = known->served_count,
	    .report = policy->report,
	};

	identity_resolve(&resolution, &known->identity);
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
			uint16_t target = service_target(port, workload);

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

void
policy_check_declarations(struct policy *policy, struct report *report)
{
	size_t count = inventory_workload_count(policy->inventory);

	policy->report = report;
	for (size_t i = 0; i < count; i++) {
		const struct workload *workload =
		    inventory_workload(policy->inventory, i);

		if (workload->provides[0] != '\0' || workload->needs[0] != '\0')
			(void)known_workload(policy, workload);
	}
	policy->report = NULL;
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

/* The class lives as long as the policy, the end only as long as its flow. */
static const struct outside *
copy_outside(struct policy *policy, const struct outside *outside)
{
	struct outside *copy;

	if (outside == NULL)
		return NULL;
	copy = arena_take(policy->arena, sizeof(*copy));
	*copy = *outside;
	for (size_t i = 0; i < copy->name_count; i++)
		copy->names[i] = arena_text(policy->arena, outside->names[i]);
	copy->server_name = arena_text(policy->arena, outside->server_name);
	return copy;
}

static struct known *
new_class(
    struct policy *policy, const struct external_end *end, const char *class)
{
	size_t size = external_class_size(policy->criteria) + 1;
	struct address *example = arena_take(policy->arena, sizeof(*example));
	struct known *known;
	struct text name;

	text_init(&name, CLASS_NAME_MAXIMUM);
	external_class_print(policy->criteria, class, &name);
	known = new_identity(
	    policy, IDENTITY_EXTERNAL, arena_text(policy->arena, name.at));
	text_release(&name);
	*example = *end->address;
	known->identity.address = example;
	known->identity.outside = copy_outside(policy, end->outside);
	known->identity.generous = end->generous;
	resolve(policy, known);
	map_put(policy->outside,
	    memcpy(arena_take(policy->arena, size), class, size), size, known);
	return known;
}

/* The class of an end; a new one only where there is room, else NULL. */
static struct known *
known_class(struct policy *policy, const struct external_end *end, char *class,
    bool room)
{
	size_t size = external_class_size(policy->criteria) + 1;
	struct known *known;

	class[size - 1] = 'x';
	external_class(policy->criteria, end, class);
	known = map_get(policy->outside, class, size);
	return known != NULL || !room ? known : new_class(policy, end, class);
}

/*
 * Names are what outsiders choose, and with many patterns they could choose
 * combinations without end: beyond so many, names are left out.
 */
const struct identity *
policy_external(struct policy *policy, const struct address *address,
    const struct outside *outside, bool generous)
{
	struct external_end end = {address, outside, generous};
	size_t size = external_class_size(policy->criteria) + 1;
	char small[256];
	char *class = size <= sizeof(small) ? small : allocate(size, 1);
	struct known *known = known_class(policy, &end, class,
	    map_count(policy->outside) < CLASSES_MAXIMUM || outside == NULL);

	if (known == NULL) {
		struct outside nameless = {.where = outside->where};

		end.outside = &nameless;
		known = known_class(policy, &end, class, true);
	}
	if (class != small)
		free(class);
	return &known->identity;
}

size_t
policy_network_count(const struct policy *policy)
{
	return external_network_count(policy->criteria);
}

const struct prefix *
policy_network(const struct policy *policy, size_t index)
{
	return external_network(policy->criteria, index);
}

void
policy_serves(struct policy *policy, const struct workload *workload,
    enum application application)
{
	struct known *known = known_workload(policy, workload);

	if (known->identity.matched_count > 0 ||
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
