/*
 * NetworkPolicy of networking.k8s.io/v1, as the API reference has it.
 */
#include <string.h>

#include "classifiers/inventory/network_policy.h"
#include "classifiers/sources/kubernetes_parts.h"
#include "sensor/base/arena.h"

/* --- selectors ------------------------------------------------------------ */

static void
read_expression(
    struct arena *arena, const struct json *object, struct label_rule *out)
{
	static const char *const operators[] = {
	    "In", "NotIn", "Exists", "DoesNotExist"};
	const char *operator= kubernetes_text(object, "operator");
	const struct json *list = json_get(object, "values");
	const char **values =
	    arena_array(arena, json_count(list), sizeof(*values));

	out->key = kubernetes_text(object, "key");
	out->test = LABEL_RULE_NEVER;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(operator, operators[i]) == 0)
			out->test = (enum label_rule_test)i;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *text = json_text(json_at(list, i));

		if (text != NULL)
			values[out->value_count++] = text;
	}
	out->values = values;
}

static struct label_selector
read_selector(struct arena *arena, const struct json *object)
{
	struct labels labels = kubernetes_labels(arena, object, "matchLabels");
	const struct json *list = json_get(object, "matchExpressions");
	struct label_rule *rules =
	    arena_array(arena, labels.count + json_count(list), sizeof(*rules));
	struct label_selector selector = {rules, 0};

	for (size_t i = 0; i < labels.count; i++) {
		const char **value = arena_take(arena, sizeof(*value));

		*value = labels.at[i].value;
		rules[selector.count++] = (struct label_rule){
		    labels.at[i].key, LABEL_RULE_IN, value, 1};
	}
	for (size_t i = 0; i < json_count(list); i++)
		read_expression(
		    arena, json_at(list, i), &rules[selector.count++]);
	return selector;
}

/* --- rules ---------------------------------------------------------------- */

static void
read_block(
    struct arena *arena, const struct json *object, struct network_peer *peer)
{
	const struct json *list = json_get(object, "except");
	struct prefix *excepts =
	    arena_array(arena, json_count(list), sizeof(*excepts));
	const char *cidr = json_get_text(object, "cidr");

	peer->has_block = true;
	if (cidr == NULL || prefix_parse(cidr, &peer->block) != NULL)
		peer->block_is_faulty = true;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *text = json_text(json_at(list, i));

		if (text == NULL ||
		    prefix_parse(text, &excepts[peer->except_count++]) != NULL)
			peer->block_is_faulty = true;
	}
	peer->excepts = excepts;
}

static void
read_peer(const struct kubernetes_reading *reading, const struct json *object,
    struct network_peer *peer)
{
	const struct json *pods = json_get(object, "podSelector");
	const struct json *namespaces = json_get(object, "namespaceSelector");
	const struct json *block = json_get(object, "ipBlock");

	peer->namespace = reading->namespace;
	peer->has_pods = json_is_object(pods);
	peer->has_namespaces = json_is_object(namespaces);
	if (peer->has_pods)
		peer->pods = read_selector(reading->arena, pods);
	if (peer->has_namespaces)
		peer->namespaces = read_selector(reading->arena, namespaces);
	if (json_is_object(block))
		read_block(reading->arena, block, peer);
}

/* `port` is a number or a name; `endPort` makes a range of a number. */
static struct network_port
read_port(const struct json *object)
{
	struct network_port port = {
	    .protocol = kubernetes_protocol(object),
	    .first = kubernetes_port(object, "port"),
	    .name = kubernetes_text(object, "port"),
	};

	port.last = kubernetes_port(object, "endPort");
	if (port.last < port.first)
		port.last = port.first;
	if (json_get(object, "port") == NULL)
		port.last = UINT16_MAX;
	return port;
}

static void
read_rule(const struct kubernetes_reading *reading, const struct json *object,
    const char *peers_key, struct network_rule *rule)
{
	const struct json *peers = json_get(object, peers_key);
	const struct json *ports = json_get(object, "ports");
	struct network_peer *peer_room =
	    arena_array(reading->arena, json_count(peers), sizeof(*peer_room));
	struct network_port *port_room =
	    arena_array(reading->arena, json_count(ports), sizeof(*port_room));

	for (size_t i = 0; i < json_count(peers); i++)
		read_peer(
		    reading, json_at(peers, i), &peer_room[rule->peer_count++]);
	for (size_t i = 0; i < json_count(ports); i++)
		port_room[rule->port_count++] = read_port(json_at(ports, i));
	rule->peers = peer_room;
	rule->ports = port_room;
}

static const struct network_rule *
read_rules(const struct kubernetes_reading *reading, const char *key,
    const char *peers_key, size_t *count)
{
	const struct json *list = json_get(reading->spec, key);
	struct network_rule *rules =
	    arena_array(reading->arena, json_count(list), sizeof(*rules));

	*count = json_count(list);
	for (size_t i = 0; i < *count; i++)
		read_rule(reading, json_at(list, i), peers_key, &rules[i]);
	return rules;
}

/* --- the policy ----------------------------------------------------------- */

/* Without `policyTypes`: always ingress, and egress if it has such rules. */
static void
read_types(
    const struct kubernetes_reading *reading, struct network_policy *policy)
{
	const struct json *types = json_get(reading->spec, "policyTypes");

	policy->ingress = json_count(types) == 0;
	policy->egress = json_count(types) == 0 && policy->egress_count > 0;
	for (size_t i = 0; i < json_count(types); i++) {
		const char *type = json_text(json_at(types, i));

		if (type != NULL && strcmp(type, "Ingress") == 0)
			policy->ingress = true;
		if (type != NULL && strcmp(type, "Egress") == 0)
			policy->egress = true;
	}
}

/* Calico has an object of the same kind that says other things. */
static bool
is_ours(const struct kubernetes_reading *reading)
{
	const char *version = kubernetes_text(reading->object, "apiVersion");

	return version[0] == '\0' ||
	       strncmp(version, "networking.k8s.io/", 18) == 0;
}

void
kubernetes_read_policy(const struct kubernetes_reading *reading)
{
	struct fact fact = kubernetes_fact(reading, FACT_POLICY,
	    fact_id(reading->arena, reading->namespace, reading->name));
	struct network_policy *policy = &fact.policy;

	if (!is_ours(reading))
		return;
	*policy = (struct network_policy){
	    .namespace = reading->namespace,
	    .name = reading->name,
	    .selector = read_selector(
		reading->arena, json_get(reading->spec, "podSelector")),
	    .version = reading->version,
	};
	policy->ingress_rules =
	    read_rules(reading, "ingress", "from", &policy->ingress_count);
	policy->egress_rules =
	    read_rules(reading, "egress", "to", &policy->egress_count);
	read_types(reading, policy);
	kubernetes_give(reading, &fact);
}
