#include "classifiers/inventory/network_policy.h"

#include <string.h>

#include "classifiers/inventory/bounded_copy.h"
#include "sensor/base/arena.h"

static bool
rule_fits(const struct label_rule *rule, const char *value)
{
	bool listed = false;

	for (size_t i = 0; value != NULL && i < rule->value_count; i++)
		if (strcmp(rule->values[i], value) == 0)
			listed = true;
	switch (rule->test) {
	case LABEL_RULE_IN:
		return listed;
	case LABEL_RULE_NOT_IN: /* holds without the label too */
		return !listed;
	case LABEL_RULE_EXISTS:
		return value != NULL;
	case LABEL_RULE_DOES_NOT_EXIST:
		return value == NULL;
	case LABEL_RULE_NEVER:
		return false;
	}
	return false;
}

bool
label_selector_fits(const struct label_selector *selector,
    const char *(*value)(const char *key, const void *context),
    const void *context)
{
	for (size_t i = 0; i < selector->count; i++)
		if (!rule_fits(
			&selector->at[i], value(selector->at[i].key, context)))
			return false;
	return true;
}

/* --- copies --------------------------------------------------------------- */

/*
 * A selector that is cut would select more than was meant; with a test that
 * nothing passes it selects less.
 */
static struct label_selector
copy_selector(
    struct arena *arena, const struct label_selector *selector, uint64_t *cut)
{
	struct label_selector copy = *selector;
	struct label_rule *at = copy_array(arena, selector->at, &copy.count,
	    sizeof(*at), NETWORK_LABELS_MAXIMUM, cut);

	if (copy.count < selector->count)
		at[copy.count - 1].test = LABEL_RULE_NEVER;
	for (size_t i = 0; i < copy.count; i++) {
		const char **values =
		    copy_array(arena, at[i].values, &at[i].value_count,
			sizeof(*values), NETWORK_LABELS_MAXIMUM, cut);

		at[i].key = copy_text(arena, at[i].key, cut);
		for (size_t v = 0; v < at[i].value_count; v++)
			values[v] = copy_text(arena, values[v], cut);
		at[i].values = values;
	}
	copy.at = at;
	return copy;
}

static void
copy_peers(struct arena *arena, struct network_rule *rule, uint64_t *cut)
{
	struct network_peer *peers = copy_array(arena, rule->peers,
	    &rule->peer_count, sizeof(*peers), NETWORK_PEERS_MAXIMUM, cut);

	for (size_t i = 0; i < rule->peer_count; i++) {
		struct network_peer *peer = &peers[i];

		peer->namespace = copy_text(arena, peer->namespace, cut);
		peer->pods = copy_selector(arena, &peer->pods, cut);
		peer->namespaces = copy_selector(arena, &peer->namespaces, cut);
		peer->excepts =
		    copy_array(arena, peer->excepts, &peer->except_count,
			sizeof(struct prefix), NETWORK_PEERS_MAXIMUM, cut);
	}
	rule->peers = peers;
}

static const struct network_rule *
copy_rules(struct arena *arena, const struct network_rule *rules, size_t *count,
    uint64_t *cut)
{
	struct network_rule *copy = copy_array(
	    arena, rules, count, sizeof(*copy), NETWORK_RULES_MAXIMUM, cut);

	for (size_t i = 0; i < *count; i++) {
		struct network_port *ports =
		    copy_array(arena, copy[i].ports, &copy[i].port_count,
			sizeof(*ports), NETWORK_PEERS_MAXIMUM, cut);

		for (size_t p = 0; p < copy[i].port_count; p++)
			ports[p].name = copy_text(arena, ports[p].name, cut);
		copy[i].ports = ports;
		copy_peers(arena, &copy[i], cut);
	}
	return copy;
}

struct network_policy
network_policy_copy(
    struct arena *arena, const struct network_policy *policy, uint64_t *cut)
{
	struct network_policy copy = *policy;

	copy.cluster = copy_text(arena, policy->cluster, cut);
	copy.namespace = copy_text(arena, policy->namespace, cut);
	copy.name = copy_text(arena, policy->name, cut);
	copy.selector = copy_selector(arena, &policy->selector, cut);
	copy.ingress_rules =
	    copy_rules(arena, policy->ingress_rules, &copy.ingress_count, cut);
	copy.egress_rules =
	    copy_rules(arena, policy->egress_rules, &copy.egress_count, cut);
	return copy;
}
