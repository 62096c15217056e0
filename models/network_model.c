#include "models/network_model.h"

#include <assert.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/inventory/network_policy.h"
#include "models/external.h"
#include "models/identity.h"
#include "sensor/base/arena.h"

/* The API server gives it to every namespace (Kubernetes 1.22 and later). */
#define NAMESPACE_NAME_LABEL "kubernetes.io/metadata.name"

/* --- who is meant --------------------------------------------------------- */

/* Of the pod alone: selectors do not see its namespace's labels. */
static const char *
pod_label(const char *key, const void *context)
{
	const struct workload *workload = context;

	return labels_get(&workload->labels, key);
}

static const char *
namespace_label(const char *key, const void *context)
{
	const struct workload *workload = context;
	const char *value = labels_get(&workload->namespace_labels, key);

	/* Also where the inventory came without its namespaces. */
	if (value == NULL && strcmp(key, NAMESPACE_NAME_LABEL) == 0)
		return workload->namespace;
	return value;
}

bool
network_model_selects(
    const struct network_model *model, const struct identity *identity)
{
	const struct workload *workload = identity->workload;

	return workload != NULL &&
	       strcmp(workload->cluster, model->policy->cluster) == 0 &&
	       strcmp(workload->namespace, model->policy->namespace) == 0 &&
	       label_selector_fits(
		   &model->policy->selector, pod_label, workload);
}

static bool
is_everything(const struct prefix *prefix)
{
	return prefix->length == 0 ||
	       (prefix->length == 96 && address_is_ipv4(&prefix->base));
}

static bool
holds_zone(const struct external *block, const struct zone *zone)
{
	for (size_t i = 0; i < zone->prefix_count; i++) {
		struct external_end end = {
		    &zone->prefixes[i].base, NULL, false};

		if (zone->prefixes[i].length >= block->prefixes[0].length &&
		    external_fits(block, &end))
			return true;
	}
	return false;
}

static bool
block_fits(const struct external *block, const struct identity *other)
{
	struct external_end end = {other->address, NULL, false};

	switch (other->kind) {
	case IDENTITY_EXTERNAL:
		return external_fits(block, &end);
	case IDENTITY_ZONE:
		return holds_zone(block, other->zone);
	case IDENTITY_WORKLOAD:
	case IDENTITY_NODE:
		return is_everything(&block->prefixes[0]);
	}
	return false;
}

bool
network_peer_block(const struct network_peer *peer, struct external *block)
{
	*block = (struct external){
	    .prefixes = &peer->block,
	    .prefix_count = 1,
	    .excepts = peer->excepts,
	    .except_count = peer->except_count,
	};
	return peer->has_block && !peer->block_is_faulty;
}

bool
network_peer_fits(const struct network_peer *peer, const struct identity *self,
    const struct identity *other)
{
	const struct workload *workload = other->workload;
	struct external block;

	if (peer->has_block)
		return network_peer_block(peer, &block) &&
		       block_fits(&block, other);
	if (workload == NULL || (!peer->has_pods && !peer->has_namespaces))
		return false;
	assert(self->workload != NULL);
	if (strcmp(workload->cluster, self->workload->cluster) != 0)
		return false;
	if (peer->has_namespaces
		? !label_selector_fits(
		      &peer->namespaces, namespace_label, workload)
		: strcmp(workload->namespace, peer->namespace) != 0)
		return false;
	return !peer->has_pods ||
	       label_selector_fits(&peer->pods, pod_label, workload);
}

/* --- peers for people ----------------------------------------------------- */

/* The tests that the model language has words for. */
static struct label_tests
show_labels(struct arena *arena, const struct label_selector *selector)
{
	struct label_test *at =
	    arena_array(arena, selector->count, sizeof(*at));
	size_t count = 0;

	for (size_t i = 0; i < selector->count; i++) {
		const struct label_rule *rule = &selector->at[i];

		if (rule->test == LABEL_RULE_IN)
			at[count++] = (struct label_test){rule->key,
			    LABEL_ONE_OF, {rule->values, rule->value_count}};
		else if (rule->test == LABEL_RULE_EXISTS)
			at[count++] = (struct label_test){
			    .key = rule->key, .test = LABEL_PRESENT};
		else if (rule->test == LABEL_RULE_DOES_NOT_EXIST)
			at[count++] = (struct label_test){
			    .key = rule->key, .test = LABEL_ABSENT};
	}
	return (struct label_tests){at, count};
}

static struct words
one_word(struct arena *arena, const char *word)
{
	const char **at = arena_take(arena, sizeof(*at));

	*at = word;
	return (struct words){at, 1};
}

static struct words
show_namespaces(struct arena *arena, const struct network_peer *peer)
{
	const struct label_selector *selector = &peer->namespaces;

	if (!peer->has_namespaces)
		return one_word(arena, peer->namespace);
	for (size_t i = 0; i < selector->count; i++)
		if (selector->at[i].test == LABEL_RULE_IN &&
		    strcmp(selector->at[i].key, NAMESPACE_NAME_LABEL) == 0)
			return (struct words){selector->at[i].values,
			    selector->at[i].value_count};
	return one_word(arena, "*");
}

static struct peer
peer_of(struct arena *arena, const struct network_peer *imported,
    struct place place)
{
	struct peer peer = {.place = place, .imported = imported};
	struct external *block;

	if (imported->has_block) {
		block = arena_take(arena, sizeof(*block));
		(void)network_peer_block(imported, block);
		peer.external = block;
		return peer;
	}
	peer.namespaces = show_namespaces(arena, imported);
	peer.labels = show_labels(arena, &imported->pods);
	return peer;
}

/* --- models --------------------------------------------------------------- */

static struct ports
ports_of(struct arena *arena, const struct network_rule *rule)
{
	struct port_range *at =
	    arena_array(arena, rule->port_count, sizeof(*at));

	for (size_t i = 0; i < rule->port_count; i++) {
		const struct network_port *port = &rule->ports[i];

		at[i] = (struct port_range){
		    .protocol = port->protocol,
		    .first = port->first,
		    .last = port->last,
		    .name = port->name[0] == '\0' ? NULL : port->name,
		};
	}
	return (struct ports){.at = at, .count = rule->port_count};
}

static struct entry
entry_of(struct arena *arena, const struct network_rule *rule, const char *file,
    const char *way, uint32_t number)
{
	struct place place = {file, number, 0};
	struct peer *peers =
	    arena_array(arena, rule->peer_count, sizeof(*peers));

	for (size_t i = 0; i < rule->peer_count; i++)
		peers[i] = peer_of(arena, &rule->peers[i], place);
	return (struct entry){
	    .place = place,
	    .name = arena_format(arena, "%s-%u", way, number),
	    .ports = ports_of(arena, rule),
	    .peers = {rule->peer_count > 0, peers, rule->peer_count},
	};
}

/* A pod's own node always reaches it (NetworkPolicy API, "Prerequisites"). */
static struct entry
own_node(struct arena *arena, const char *file)
{
	struct same *same = arena_take(arena, sizeof(*same));
	struct peer *peer = arena_take(arena, sizeof(*peer));

	same->kind = SAME_NODE;
	*peer = (struct peer){
	    .place.file = file, .node = true, .sames = same, .same_count = 1};
	return (struct entry){
	    .place.file = file, .name = "own-node", .peers = {true, peer, 1}};
}

static struct entries
entries_of(struct arena *arena, const struct network_rule *rules, size_t count,
    const char *file, bool ingress)
{
	struct entry *at = arena_array(arena, count + 1, sizeof(*at));
	struct entries entries = {true, at, count};

	for (size_t i = 0; i < count; i++)
		at[i] = entry_of(arena, &rules[i], file,
		    ingress ? "ingress" : "egress", (uint32_t)i + 1);
	if (ingress)
		at[entries.count++] = own_node(arena, file);
	return entries;
}

static const struct model *
model_of(struct arena *arena, const struct network_policy *policy)
{
	struct model *model = arena_take(arena, sizeof(*model));
	const char *name = arena_format(
	    arena, "networkpolicy/%s/%s", policy->namespace, policy->name);

	*model = (struct model){
	    .place.file = name,
	    .name = name,
	    .describes = "an imported NetworkPolicy",
	    .version = 1,
	    .layer = LAYER_OPERATOR,
	    .adds = true,
	    .severity = SEVERITY_MEDIUM,
	};
	if (policy->ingress)
		model->provides = entries_of(arena, policy->ingress_rules,
		    policy->ingress_count, name, true);
	if (policy->egress)
		model->needs = entries_of(arena, policy->egress_rules,
		    policy->egress_count, name, false);
	return model;
}

struct network_models
network_models_make(struct arena *arena, const struct inventory *inventory)
{
	size_t count = inventory_network_policy_count(inventory);
	struct network_model *at = arena_array(arena, count, sizeof(*at));

	for (size_t i = 0; i < count; i++) {
		struct network_policy *copy = arena_take(arena, sizeof(*copy));
		uint64_t cut = 0;

		*copy = network_policy_copy(
		    arena, inventory_network_policy(inventory, i), &cut);
		at[i].policy = copy;
		at[i].model = model_of(arena, copy);
	}
	return (struct network_models){at, count};
}
