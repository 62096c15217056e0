#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "models/identity.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/*
 * cilium.io/v2 CiliumNetworkPolicy.  Deny rules outrank every allow rule, of
 * other policies too, so boundaries need no allow rules around them:
 * enableDefaultDeny keeps a policy of denials from denying the rest.  Rules
 * about HTTP and DNS exist, but send the traffic through a proxy, and refuse
 * what the proxy cannot read, such as TLS; a model's `app` does not ask for
 * that.
 */

/* The API refuses more ports in one list. */
#define PORTS_MAXIMUM 40

/* --- peers ---------------------------------------------------------------- */

static void
print_selector(
    struct export *export, const struct group *group, bool as_peer, int indent)
{
	struct text *out = export->body;
	struct arena *arena = export->arena;

	if (group->with_count == 0 && !as_peer && group->without_count == 0) {
		text_add(out, " {}\n");
		return;
	}
	if (!as_peer)
		text_add_char(out, '\n');
	if (group->with_count > 0 || as_peer)
		text_format(out, "%*smatchLabels:\n", as_peer ? 0 : indent, "");
	if (as_peer)
		text_format(out, "%*sk8s:io.kubernetes.pod.namespace: %s\n",
		    indent + 2, "", yaml_quoted(arena, group->namespace));
	for (size_t i = 0; i < group->with_count; i++)
		text_format(out, "%*s%s: %s\n", indent + 2, "",
		    yaml_quoted(arena,
			arena_format(arena, "k8s:%s", group->with[i]->key)),
		    yaml_quoted(arena, group->with[i]->value));
	if (group->without_count > 0)
		text_format(out, "%*smatchExpressions:\n", indent, "");
	for (size_t i = 0; i < group->without_count; i++)
		text_format(out, "%*s- {key: %s, operator: DoesNotExist}\n",
		    indent + 2, "",
		    yaml_quoted(arena,
			arena_format(arena, "k8s:%s", group->without[i])));
}

static void
print_networks(struct export *export, const struct end *end)
{
	struct text *out = export->body;
	struct arena *arena = export->arena;
	struct networks_without all = yaml_outside(export);
	struct prefixes prefixes;

	if (end != export->ends->outside) {
		prefixes = export_prefixes(arena, &end->spans);
		for (size_t i = 0; i < prefixes.count; i++)
			text_format(out, "        - cidr: %s\n",
			    yaml_network(arena, &prefixes.at[i]));
		return;
	}
	for (size_t i = 0; i < all.count; i++) {
		const struct prefixes *except = &all.at[i].except;

		text_format(out, "        - cidr: %s\n",
		    yaml_network(arena, &all.at[i].network));
		if (except->count > 0)
			text_add(out, "          except:\n");
		for (size_t p = 0; p < except->count; p++)
			text_format(out, "            - %s\n",
			    yaml_network(arena, &except->at[p]));
	}
}

/* --- rules ---------------------------------------------------------------- */

/* Cilium knows this node and other nodes, and no node by its name. */
static void
lose_which_node(struct export *export, const struct rule *rule)
{
	const struct ends *ends = export->ends;
	size_t all = 0, meant = 0;

	for (size_t i = 0; i < ends->count; i++)
		if (ends->at[i]->spans.count > 0)
			all += end_is_node(ends->at[i]);
	for (size_t i = 0; i < rule->peer_count; i++)
		if (rule->peers[i].group == NULL)
			meant += end_is_node(rule->peers[i].end);
	if (meant == all)
		return;
	for (size_t i = 0; i < rule->peer_count; i++)
		if (rule->peers[i].group == NULL &&
		    end_is_node(rule->peers[i].end))
			export_lose(export, "which node",
			    "a rule about some nodes is about all nodes",
			    rule->peers[i].end->name);
}

static void
print_ports(struct export *export, const struct port_set *ports)
{
	struct text *out = export->body;

	if (ports->any)
		return;
	text_add(out, "      toPorts:\n");
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *one = &ports->at[i];

		if (i % PORTS_MAXIMUM == 0)
			text_add(out, "        - ports:\n");
		text_format(out, "            - {port: \"%u\"", one->first);
		if (one->last != one->first) {
			text_format(out, ", endPort: %u", one->last);
			export_lose(export, "Cilium before 1.16",
			    "it does not know endPort, and so no port ranges",
			    NULL);
		}
		text_format(
		    out, ", protocol: %s}\n", yaml_protocol(one->protocol));
	}
}

/* Peers of different kinds may not stand in one rule. */
enum peer_kind { PEER_PODS, PEER_NODES, PEER_NETWORKS, PEER_KINDS };

static const char *const peer_words[PEER_KINDS] = {
    "Endpoints", "Entities", "CIDRSet"};

static enum peer_kind
kind_of(const struct rule_peer *peer)
{
	if (peer->group != NULL)
		return PEER_PODS;
	return end_is_node(peer->end) ? PEER_NODES : PEER_NETWORKS;
}

static void
print_peer(struct export *export, const struct rule_peer *peer)
{
	switch (kind_of(peer)) {
	case PEER_PODS:
		text_add(export->body, "        - ");
		print_selector(export, peer->group, true, 10);
		break;
	case PEER_NETWORKS:
		print_networks(export, peer->end);
		break;
	case PEER_NODES:
	case PEER_KINDS:
		break;
	}
}

static void
print_rule(struct export *export, const struct rule *rule, const char *word)
{
	struct text *out = export->body;

	lose_which_node(export, rule);
	for (int kind = 0; kind < PEER_KINDS; kind++) {
		bool first = true;

		for (size_t i = 0; i < rule->peer_count; i++) {
			if ((int)kind_of(&rule->peers[i]) != kind)
				continue;
			if (first) {
				yaml_because(export, rule, 4);
				text_format(out, "    - %s%s:\n", word,
				    peer_words[kind]);
				if (kind == PEER_NODES)
					text_add(out,
					    "        - host\n"
					    "        - remote-node\n");
			}
			first = false;
			print_peer(export, &rule->peers[i]);
		}
		if (!first)
			print_ports(export, &rule->ports);
	}
}

static void
print_side(struct export *export, const struct side *side, const char *key,
    const char *word)
{
	struct text *out = export->body;
	struct rule deny = side->deny;

	if (side->deny.peer_count > 0) {
		deny.ports.any = true;
		text_format(out, "  %sDeny:\n", key);
		print_rule(export, &deny, word);
	}
	if (!side->stated)
		return;
	/* A rule about nobody: it selects, and so all else is denied. */
	text_format(
	    out, "  %s:%s\n", key, side->allow.count == 0 ? "\n    - {}" : "");
	for (size_t i = 0; i < side->allow.count; i++)
		print_rule(export, &side->allow.at[i], word);
}

static void
print_subject(struct export *export, const struct subject *subject)
{
	struct text *out = export->body;

	yaml_head(export, subject, "cilium.io/v2", "CiliumNetworkPolicy");
	text_add(out, "  endpointSelector:");
	print_selector(export, subject->group, false, 4);
	text_format(out, "  enableDefaultDeny: {ingress: %s, egress: %s}\n",
	    subject->in.stated ? "true" : "false",
	    subject->out.stated ? "true" : "false");
	print_side(export, &subject->in, "ingress", "from");
	print_side(export, &subject->out, "egress", "to");
}

void
export_cilium(struct export *export)
{
	static const struct abilities abilities = {.deny = true};

	export_lose(export, "log only",
	    "a policy has no such mode; set PolicyAuditMode on the endpoints "
	    "before you apply these",
	    NULL);
	export_subjects(export, &abilities, print_subject);
}
