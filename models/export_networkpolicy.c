#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/*
 * networking.k8s.io/v1: policies only add up, so a pod that some policy
 * selects for a direction may do what any of them allows, and nothing else.
 */

static void
print_selector(struct export *export, const struct group *group, int indent)
{
	struct text *out = export->body;
	struct arena *arena = export->arena;

	if (group->with_count + group->without_count == 0) {
		text_add(out, " {}\n");
		return;
	}
	text_add_char(out, '\n');
	if (group->with_count > 0)
		text_format(out, "%*smatchLabels:\n", indent, "");
	for (size_t i = 0; i < group->with_count; i++)
		text_format(out, "%*s%s: %s\n", indent + 2, "",
		    yaml_quoted(arena, group->with[i]->key),
		    yaml_quoted(arena, group->with[i]->value));
	if (group->without_count > 0)
		text_format(out, "%*smatchExpressions:\n", indent, "");
	for (size_t i = 0; i < group->without_count; i++)
		text_format(out, "%*s- {key: %s, operator: DoesNotExist}\n",
		    indent + 2, "", yaml_quoted(arena, group->without[i]));
}

static void
print_block(struct export *export, const struct prefix *network,
    const struct prefixes *except)
{
	struct arena *arena = export->arena;

	text_format(export->body, "        - ipBlock:\n            cidr: %s\n",
	    yaml_network(arena, network));
	if (except == NULL || except->count == 0)
		return;
	text_add(export->body, "            except:\n");
	for (size_t i = 0; i < except->count; i++)
		text_format(export->body, "              - %s\n",
		    yaml_network(arena, &except->at[i]));
}

static void
print_addresses(struct export *export, const struct end *end)
{
	struct prefixes prefixes;

	if (end == export->ends->outside) {
		struct networks_without all = yaml_outside(export);

		for (size_t i = 0; i < all.count; i++)
			print_block(
			    export, &all.at[i].network, &all.at[i].except);
		return;
	}
	if (end_is_node(end))
		export_lose(export, "a node as a peer",
		    "it stands here by its addresses, and some network plugins "
		    "do not match nodes so",
		    end->name);
	prefixes = export_prefixes(export->arena, &end->spans);
	for (size_t i = 0; i < prefixes.count; i++)
		print_block(export, &prefixes.at[i], NULL);
}

static void
print_peer(struct export *export, const struct rule_peer *peer)
{
	if (peer->group == NULL) {
		print_addresses(export, peer->end);
		return;
	}
	text_format(export->body,
	    "        - namespaceSelector:\n"
	    "            matchLabels:\n"
	    "              kubernetes.io/metadata.name: %s\n"
	    "          podSelector:",
	    yaml_quoted(export->arena, peer->group->namespace));
	print_selector(export, peer->group, 12);
}

static void
print_ports(struct text *out, const struct port_set *ports)
{
	if (ports->any)
		return;
	text_add(out, "      ports:\n");
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *one = &ports->at[i];

		text_format(out, "        - {protocol: %s, port: %u",
		    yaml_protocol(one->protocol), one->first);
		if (one->last != one->first)
			text_format(out, ", endPort: %u", one->last);
		text_add(out, "}\n");
	}
}

static void
print_side(struct export *export, const struct side *side, const char *key,
    const char *peers)
{
	struct text *out = export->body;

	if (!side->stated)
		return;
	text_format(out, "  %s:%s\n", key, side->allow.count == 0 ? " []" : "");
	for (size_t i = 0; i < side->allow.count; i++) {
		const struct rule *rule = &side->allow.at[i];

		yaml_because(export, rule, 4);
		text_format(out, "    - %s:\n", peers);
		for (size_t p = 0; p < rule->peer_count; p++)
			print_peer(export, &rule->peers[p]);
		print_ports(out, &rule->ports);
	}
}

static void
print_subject(struct export *export, const struct subject *subject)
{
	yaml_head(export, subject, "networking.k8s.io/v1", "NetworkPolicy");
	text_add(export->body, "  podSelector:");
	print_selector(export, subject->group, 4);
	text_format(export->body, "  policyTypes: [%s%s%s]\n",
	    subject->in.stated ? "Ingress" : "",
	    subject->in.stated && subject->out.stated ? ", " : "",
	    subject->out.stated ? "Egress" : "");
	print_side(export, &subject->in, "ingress", "from");
	print_side(export, &subject->out, "egress", "to");
}

void
export_networkpolicy(struct export *export)
{
	static const struct abilities abilities = {.deny = false};

	export_lose(export, "log only",
	    "it drops what it does not allow, as soon as it is applied", NULL);
	export_subjects(export, &abilities, print_subject);
}
