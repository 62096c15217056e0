#include "models/policy.h"

#include <assert.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/inventory/network_policy.h"
#include "classifiers/outside.h"
#include "models/example.h"
#include "models/external.h"
#include "models/library.h"
#include "models/network_model.h"
#include "models/resolve.h"
#include "models/statement.h"
#include "models/table.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

#define IDENTITIES_MAXIMUM ((size_t)1 << 22)
#define SERVED_MAXIMUM     8

/* Kinds of outside ends; networks, countries and numbers alone make few. */
#define CLASSES_MAXIMUM ((size_t)4096)

/* Characters of an outside class's name. */
#define CLASS_NAME_MAXIMUM ((size_t)4096)

/*
 * Looking who lives costs a key for every workload.  So many kinds have to be
 * new since the last look (or as many as lived then, if that is more) that each
 * pays for its part of the next one.
 */
#define LOOK_AFTER ((size_t)512)

/*
 * Pairs whose statements are kept.  A cluster of 100 000 workloads and 10 000
 * statements was asked about 200 000 (docs/performance.md); a workload has few
 * peers.
 */
#define STATED_KEPT     (UINT64_C(1) << 18)
#define STATED_FOR_EACH 16

/* Imported policies are kept until the policy is made anew; so often they may
 * change before that. */
#define EPOCHS_KEPT 64

/* An identity with what only the policy needs to know of it. */
struct known {
	struct identity identity;
	enum application served[SERVED_MAXIMUM];
	size_t served_count;
	uint32_t revision; /* grows when models were decided anew */
	uint32_t epoch;    /* of the policy, when they were last decided */
	uint32_t look;     /* at who lives, in which it was last found */
};

struct known_pair {
	uint32_t client_revision, server_revision;
	struct pair pair;
};

/* The services in front of one workload, in the order of the inventory. */
struct fronts {
	const struct service **at;
	size_t count, capacity;
};

struct policy {
	const struct library *library;
	const struct inventory *inventory;
	struct arena *arena;
	struct report *report; /* of declarations, while they are checked */
	struct map *by_key;    /* identity key -> struct known */
	struct map *outside;   /* class -> struct known */
	struct table *pairs;   /* pair_number() -> struct known_pair */
	uint32_t identities;
	struct network_models imported;
	struct external_criteria *criteria; /* that divide the outside */
	bool asked[APPLICATION_COUNT];      /* by some `serves:` */
	uint32_t epoch; /* grows when imported policies change */
	struct text key;
	struct policy_counts counts;

	size_t kinds, kinds_looked; /* of workloads; at the last look */
	uint32_t look;              /* at who lives */

	/* Of this inventory alone. */
	struct arena *generation;
	struct table *by_end;  /* end_number() -> struct known */
	struct table *fronts;  /* end_number() -> struct fronts */
	struct map *fronts_of; /* namespaces whose services were looked at */
};

/* An end of the inventory as a number. */
static uint64_t
end_number(const void *end)
{
	return (uint64_t)(uintptr_t)end;
}

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

/* --- life ----------------------------------------------------------------- */

/* Octets of one identity's key. */
#define KEY_MAXIMUM ((size_t)16 * 1024 * 1024)

static void
import_policies(struct policy *policy)
{
	policy->outside = map_new(IDENTITIES_MAXIMUM);
	policy->criteria = external_criteria_new();
	external_each_peer(policy->library, add_criteria, policy);
	policy->imported =
	    network_models_make(policy->arena, policy->inventory);
	for (size_t i = 0; i < policy->imported.count; i++)
		external_each_peer_of(
		    policy->imported.at[i].model, add_criteria, policy);
}

static void
note_asked(struct policy *policy)
{
	for (size_t i = 0; i < library_model_count(policy->library); i++) {
		const struct model *model = library_model(policy->library, i);

		for (size_t s = 0; s < model->selector_count; s++)
			policy->asked[model->selectors[s].serves] = true;
	}
}

static void
begin_generation(struct policy *policy, const struct inventory *inventory)
{
	policy->inventory = inventory;
	policy->generation = arena_new();
	policy->by_end = table_new();
	policy->fronts = table_new();
	policy->fronts_of = map_new(IDENTITIES_MAXIMUM);
}

static void
end_generation(struct policy *policy)
{
	table_free(policy->by_end);
	table_free(policy->fronts);
	map_free(policy->fronts_of);
	arena_free(policy->generation);
}

struct policy *
policy_new(const struct library *library, const struct inventory *inventory)
{
	struct policy *policy = allocate(1, sizeof(*policy));

	policy->library = library;
	policy->arena = arena_new();
	policy->by_key = map_new(IDENTITIES_MAXIMUM);
	policy->pairs = table_new();
	text_init(&policy->key, KEY_MAXIMUM);
	note_asked(policy);
	begin_generation(policy, inventory);
	import_policies(policy);
	return policy;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	end_generation(policy);
	map_free(policy->by_key);
	map_free(policy->outside);
	table_free(policy->pairs);
	text_release(&policy->key);
	arena_free(policy->arena);
	external_criteria_free(policy->criteria);
	free(policy);
}

/*
 * Kubernetes gives an object another resourceVersion with every change; one
 * without is from a source that cannot say, and so is taken for changed.
 */
static bool
has_same_policies(
    const struct policy *policy, const struct inventory *inventory)
{
	size_t count = inventory_network_policy_count(inventory);

	if (count != policy->imported.count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct network_policy *old =
		    policy->imported.at[i].policy;
		const struct network_policy *new =
		    inventory_network_policy(inventory, i);

		if (new->version == 0 || new->version != old->version ||
		    strcmp(new->cluster, old->cluster) != 0 ||
		    strcmp(new->namespace, old->namespace) != 0 ||
		    strcmp(new->name, old->name) != 0)
			return false;
	}
	return true;
}

void
policy_follow(struct policy *policy, const struct inventory *inventory)
{
	bool same = has_same_policies(policy, inventory);

	end_generation(policy);
	begin_generation(policy, inventory);
	if (same)
		return;
	map_free(policy->outside);
	external_criteria_free(policy->criteria);
	policy->epoch++;
	import_policies(policy);
}

struct policy_counts
policy_counts(const struct policy *policy)
{
	struct policy_counts counts = policy->counts;

	counts.identities = policy->identities;
	counts.pairs = table_count(policy->pairs);
	counts.octets = arena_size(policy->arena) +
			arena_size(policy->generation) +
			table_size(policy->pairs) + table_size(policy->by_end) +
			table_size(policy->fronts);
	return counts;
}

/* --- identities ----------------------------------------------------------- */

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
	known->epoch = policy->epoch;
	policy->counts.resolved++;
}

/* --- services in front ---------------------------------------------------- */

static void
add_front(struct policy *policy, const struct workload *workload,
    const struct service *service)
{
	struct fronts *fronts = table_get(policy->fronts, end_number(workload));

	if (fronts == NULL) {
		fronts = arena_take(policy->generation, sizeof(*fronts));
		table_add(policy->fronts, end_number(workload), fronts);
	}
	if (fronts->count == fronts->capacity) {
		size_t capacity =
		    fronts->capacity == 0 ? 1 : fronts->capacity * 2;
		const struct service **grown =
		    arena_array(policy->generation, capacity, sizeof(*grown));

		if (fronts->count > 0)
			memcpy(
			    grown, fronts->at, fronts->count * sizeof(*grown));
		fronts->at = grown;
		fronts->capacity = capacity;
	}
	if (fronts->count == 0 || fronts->at[fronts->count - 1] != service)
		fronts->at[fronts->count++] = service;
}

/*
 * Services know their backends; this is the way back, made for one namespace
 * when somebody of it is first seen, for an event there must not cost the
 * whole cluster.  A service and its backends are of one namespace.
 */
static void
find_fronts(struct policy *policy, const char *namespace)
{
	size_t count = inventory_service_count(policy->inventory);

	if (map_get_text(policy->fronts_of, namespace) != NULL)
		return;
	map_put_text(policy->fronts_of, namespace, policy);
	for (size_t s = 0; s < count; s++) {
		const struct service *service =
		    inventory_service(policy->inventory, s);

		if (strcmp(service->namespace, namespace) != 0)
			continue;
		for (size_t i = 0; i < service->backend_count; i++)
			add_front(policy, service->backends[i], service);
	}
}

/* Ports of the services in front of the workload; an array of `*count`. */
static const struct port_alias *
aliases_of(
    struct policy *policy, const struct workload *workload, size_t *count)
{
	const struct fronts *fronts;
	struct port_alias *aliases;
	size_t most = 0;

	find_fronts(policy, workload->namespace);
	*count = 0;
	fronts = table_get(policy->fronts, end_number(workload));
	if (fronts == NULL)
		return NULL;
	for (size_t s = 0; s < fronts->count; s++)
		most += fronts->at[s]->port_count;
	aliases = arena_array(policy->generation, most, sizeof(*aliases));
	for (size_t s = 0; s < fronts->count; s++)
		for (size_t p = 0; p < fronts->at[s]->port_count; p++) {
			const struct service_port *port =
			    &fronts->at[s]->ports[p];
			uint16_t target = service_target(port, workload);

			if (target != 0)
				aliases[(*count)++] =
				    (struct port_alias){port->protocol,
					port->port, target, port->name};
		}
	return aliases;
}

/* --- workloads, nodes and zones ------------------------------------------- */

static const char *
workload_identity_name(struct policy *policy, const struct workload *workload)
{
	if (workload->namespace[0] == '\0')
		return arena_text(policy->arena, workload->application);
	return arena_format(
	    policy->arena, "%s/%s", workload->namespace, workload->application);
}

static void
keep_aliases(struct policy *policy, struct identity *identity,
    const struct port_alias *aliases, size_t count)
{
	struct port_alias *kept =
	    arena_array(policy->arena, count, sizeof(*kept));

	for (size_t i = 0; i < count; i++) {
		kept[i] = aliases[i];
		kept[i].name = arena_text(policy->arena, aliases[i].name);
	}
	identity->aliases = kept;
	identity->alias_count = count;
}

/* An end of this inventory is that identity from now on. */
static void
remember_end(struct policy *policy, const void *end, struct known *known)
{
	table_add(policy->by_end, end_number(end), known);
}

/* What is known under the key that was just written, or NULL. */
static struct known *
known_key(const struct policy *policy)
{
	return map_get(policy->by_key, policy->key.at, policy->key.length);
}

static void
remember_key(struct policy *policy, struct known *known)
{
	char *copy =
	    arena_text_n(policy->arena, policy->key.at, policy->key.length);

	map_put(policy->by_key, copy, policy->key.length, known);
}

static struct known *
new_workload(struct policy *policy, const struct workload *workload,
    const struct port_alias *aliases, size_t count)
{
	struct known *known = new_identity(policy, IDENTITY_WORKLOAD,
	    workload_identity_name(policy, workload));

	known->identity.workload = example_workload(policy->arena, workload);
	keep_aliases(policy, &known->identity, aliases, count);
	resolve(policy, known);
	remember_key(policy, known);
	policy->kinds++;
	return known;
}

/* The ports of its services, too; an array of `*count`. */
static const struct port_alias *
write_key(struct policy *policy, const struct workload *workload, size_t *count)
{
	const struct port_alias *aliases = aliases_of(policy, workload, count);

	policy->counts.keyed++;
	text_clear(&policy->key);
	identity_key(&policy->key, workload, aliases, *count);
	return aliases;
}

static struct known *
known_workload(struct policy *policy, const struct workload *workload)
{
	struct known *known = table_get(policy->by_end, end_number(workload));
	const struct port_alias *aliases;
	size_t count;

	if (known != NULL)
		return known;
	aliases = write_key(policy, workload, &count);
	known = known_key(policy);
	if (known == NULL)
		known = new_workload(policy, workload, aliases, count);
	else if (known->epoch != policy->epoch)
		resolve(policy, known);
	remember_end(policy, workload, known);
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

const struct identity *
policy_node(struct policy *policy, const struct node *node)
{
	struct known *known = table_get(policy->by_end, end_number(node));

	if (known != NULL)
		return &known->identity;
	text_clear(&policy->key);
	identity_key_node(&policy->key, node);
	known = known_key(policy);
	if (known == NULL) {
		known = new_identity(policy, IDENTITY_NODE,
		    arena_format(policy->arena, "node/%s", node->name));
		known->identity.node = example_node(policy->arena, node);
		resolve(policy, known);
		remember_key(policy, known);
	}
	remember_end(policy, node, known);
	return &known->identity;
}

/* The library's zones do not change; an inventory only repeats them. */
const struct identity *
policy_zone(struct policy *policy, const struct zone *zone)
{
	struct known *known = table_get(policy->by_end, end_number(zone));

	if (known != NULL)
		return &known->identity;
	text_clear(&policy->key);
	text_format(&policy->key, "zone/%s", zone->name);
	known = known_key(policy);
	if (known == NULL) {
		known = new_identity(policy, IDENTITY_ZONE,
		    arena_format(policy->arena, "zone/%s", zone->name));
		known->identity.zone = example_zone(policy->arena, zone);
		resolve(policy, known);
		remember_key(policy, known);
	}
	remember_end(policy, zone, known);
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

	if (!policy->asked[application] ||
	    known->served_count == SERVED_MAXIMUM)
		return;
	for (size_t i = 0; i < known->served_count; i++)
		if (known->served[i] == application)
			return;
	known->served[known->served_count++] = application;
	resolve(policy, known);
}

/* --- when to begin anew --------------------------------------------------- */

/*
 * Kinds that come back again and again never die, and each pair of them that
 * talks is kept: what talks now is stated anew within seconds.
 */
static bool
has_stated_too_much(const struct policy *policy)
{
	uint64_t most = (uint64_t)STATED_FOR_EACH * policy->identities;

	return policy->counts.stated >
	       (most > STATED_KEPT ? most : STATED_KEPT);
}

bool
policy_is_worn(struct policy *policy)
{
	size_t count = inventory_workload_count(policy->inventory), living = 0;
	size_t floor = policy->kinds_looked > LOOK_AFTER ? policy->kinds_looked
							 : LOOK_AFTER;

	if (policy->epoch > EPOCHS_KEPT || has_stated_too_much(policy))
		return true;
	if (policy->kinds - policy->kinds_looked < floor)
		return false;
	policy->look++;
	for (size_t i = 0; i < count; i++) {
		struct known *known;
		size_t aliases;

		(void)write_key(
		    policy, inventory_workload(policy->inventory, i), &aliases);
		known = known_key(policy);
		if (known == NULL || known->look == policy->look)
			continue;
		known->look = policy->look;
		living++;
	}
	policy->kinds_looked = policy->kinds;
	return living < policy->kinds / 2;
}

/* What the workload's kind was seen to serve before, it serves still. */
static void
take_served(struct policy *policy, const struct policy *old,
    const struct workload *workload)
{
	const struct known *before;
	struct known *known;
	size_t aliases;

	(void)write_key(policy, workload, &aliases);
	before = map_get(old->by_key, policy->key.at, policy->key.length);
	if (before == NULL || before->served_count == 0)
		return;
	known = known_workload(policy, workload);
	if (known->served_count > 0)
		return;
	memcpy(known->served, before->served, sizeof(known->served));
	known->served_count = before->served_count;
	resolve(policy, known);
}

struct policy *
policy_renew(struct policy *policy)
{
	size_t count = inventory_workload_count(policy->inventory);
	struct policy *next = policy_new(policy->library, policy->inventory);

	for (size_t i = 0; i < count; i++)
		take_served(
		    next, policy, inventory_workload(policy->inventory, i));
	next->kinds_looked = next->kinds;
	return next;
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

static uint64_t
pair_number(const struct identity *client, const struct identity *server,
    bool same_node)
{
	assert(server->number <= UINT32_MAX / 2);
	return ((uint64_t)client->number << 32) |
	       ((uint64_t)server->number << 1) | (same_node ? 1 : 0);
}

const struct pair *
policy_pair(struct policy *policy, const struct identity *client,
    const struct identity *server, bool same_node)
{
	uint64_t number = pair_number(client, server, same_node);
	struct known_pair *known = table_get(policy->pairs, number);
	struct known_pair wanted = {
	    .client_revision = revision_of(client),
	    .server_revision = revision_of(server),
	    .pair = {.client = client, .server = server},
	};

	if (known != NULL && known->client_revision == wanted.client_revision &&
	    known->server_revision == wanted.server_revision)
		return &known->pair;
	statements_make(policy->arena, &wanted.pair, same_node);
	policy->counts.stated++;
	if (known == NULL) {
		known = arena_take(policy->arena, sizeof(*known));
		table_add(policy->pairs, number, known);
	}
	*known = wanted;
	return &known->pair;
}
