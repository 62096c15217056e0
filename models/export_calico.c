#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/*
 * projectcalico.org/v3.  A StagedNetworkPolicy is evaluated and its verdicts
 * are logged, but it drops nothing; with --enforce the same is written as a
 * NetworkPolicy.  Rules are read in order, so denials stand first.
 */

#define SELECTOR_MAXIMUM ((size_t)64 * 1024)

/* Before the policies that carry no order or Kubernetes' own, which is 1000. */
#define ORDER 100

/* What the API server takes of each (the CRDs of Calico 3.34): ports and
 * networks of one rule, rules of one policy each way. */
#define PORTS_MAXIMUM    50
#define NETWORKS_MAXIMUM 256
#define RULES_MAXIMUM    1024

/* --- selectors ------------------------------------------------------------ */

static const char *
selector_of(struct arena *arena, const struct group *group)
{
	const char *separator = "";
	const char *quoted;
	struct text out;

	text_init(&out, SELECTOR_MAXIMUM);
	for (size_t i = 0; i < group->with_count; i++) {
		text_format(&out, "%s%s == '%s'", separator,
		    export_harmless(arena, group->with[i]->key),
		    export_harmless(arena, group->with[i]->value));
		separator = " && ";
	}
	for (size_t i = 0; i < group->without_count; i++) {
		text_format(&out, "%s!has(%s)", separator,
		    export_harmless(arena, group->without[i]));
		separator = " && ";
	}
	quoted = yaml_quoted(arena, out.length == 0 ? "all()" : out.at);
	text_release(&out);
	return quoted;
}

/* --- rules ---------------------------------------------------------------- */

/* One rule under way: for one peer and one protocol. */
struct writing {
	struct export *export;
	const char *action, *side; /* `Allow`; `source` or `destination` */
	const struct port_range *ports;
	size_t port_count; /* 0: any protocol */
	size_t *rules;     /* written so far, this way */
};

static void
print_port_list(struct text *out, const struct port_range *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		if (at[i].first == at[i].last)
			text_format(out, "%u", at[i].first);
		else
			text_format(out, "\"%u:%u\"", at[i].first, at[i].last);
	}
}

static void
open_rule(const struct writing *writing)
{
	struct text *out = writing->export->body;

	++*writing->rules;
	text_format(out, "    - action: %s\n", writing->action);
	if (writing->port_count > 0)
		text_format(out, "      protocol: %s\n",
		    yaml_protocol(writing->ports[0].protocol));
	text_format(out, "      %s:\n", writing->side);
}

/* Ports are the destination's, whichever side the peer is on. */
static void
close_rule(const struct writing *writing)
{
	struct text *out = writing->export->body;

	if (writing->port_count == 0 ||
	    !protocol_has_ports(writing->ports[0].protocol))
		return;
	if (strcmp(writing->side, "source") == 0)
		text_add(out, "      destination:\n");
	text_add(out, "        ports: [");
	print_port_list(out, writing->ports, writing->port_count);
	text_add(out, "]\n");
}

static void
print_group_rule(const struct writing *writing, const struct group *group)
{
	struct arena *arena = writing->export->arena;
	const char *namespace =
	    arena_format(arena, "projectcalico.org/name == '%s'",
		export_harmless(arena, group->namespace));

	open_rule(writing);
	text_format(writing->export->body,
	    "        namespaceSelector: %s\n        selector: %s\n",
	    yaml_quoted(arena, namespace), selector_of(arena, group));
	close_rule(writing);
}

static void
print_networks(const struct writing *writing, const char *key,
    const struct prefixes *networks, bool ipv4)
{
	struct text *out = writing->export->body;
	const char *separator = "";

	text_format(out, "        %s: [", key);
	for (size_t i = 0; i < networks->count; i++) {
		if (address_is_ipv4(&networks->at[i].base) != ipv4)
			continue;
		text_format(out, "%s%s", separator,
		    yaml_network(writing->export->arena, &networks->at[i]));
		separator = ", ";
	}
	text_add(out, "]\n");
}

/* Networks of one IP version, as many to a rule as it may have. */
static void
print_network_rules(
    const struct writing *writing, const struct prefixes *networks, bool ipv4)
{
	size_t at = 0;

	while (at < networks->count) {
		struct prefixes part = {&networks->at[at], 0, 0};
		size_t fitting = 0;

		while (at + part.count < networks->count &&
		       fitting < NETWORKS_MAXIMUM)
			fitting += address_is_ipv4(
				       &part.at[part.count++].base) == ipv4;
		at += part.count;
		if (fitting == 0)
			continue;
		open_rule(writing);
		print_networks(writing, "nets", &part, ipv4);
		close_rule(writing);
	}
}

static bool
has_too_many_excepts(const struct networks_without *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].except.count > NETWORKS_MAXIMUM)
			return true;
	return false;
}

/* The outside is all but some; where those are too many, what remains. */
static void
print_outside_rules(const struct writing *writing)
{
	struct export *export = writing->export;
	struct networks_without all = yaml_outside(export);

	for (size_t i = 0; i < all.count; i++) {
		struct network_without *one = &all.at[i];
		struct prefixes whole = {&one->network, 1, 1};
		bool ipv4 = address_is_ipv4(&one->network.base);

		open_rule(writing);
		print_networks(writing, "nets", &whole, ipv4);
		if (one->except.count > 0)
			print_networks(writing, "notNets", &one->except, ipv4);
		close_rule(writing);
	}
}

static void
print_end_rules(const struct writing *writing, const struct end *end)
{
	struct export *export = writing->export;
	struct networks_without all = yaml_outside(export);
	struct prefixes networks;

	if (end == export->ends->outside && !has_too_many_excepts(&all)) {
		print_outside_rules(writing);
		return;
	}
	networks = export_prefixes(export->arena, &end->spans);
	for (int ipv4 = 1; ipv4 >= 0; ipv4--)
		print_network_rules(writing, &networks, ipv4 == 1);
}

static void
print_peers(const struct writing *writing, const struct rule *rule)
{
	for (size_t i = 0; i < rule->peer_count; i++) {
		const struct rule_peer *peer = &rule->peers[i];

		if (peer->group != NULL)
			print_group_rule(writing, peer->group);
		else
			print_end_rules(writing, peer->end);
	}
}

/* A rule of ours is one of Calico's for each protocol and each peer. */
static void
print_rule(struct export *export, const struct rule *rule, const char *action,
    const char *side, size_t *rules)
{
	struct writing writing = {export, action, side, NULL, 0, rules};
	const struct port_set *ports = &rule->ports;

	yaml_because(export, rule, 4);
	if (ports->any)
		print_peers(&writing, rule);
	for (size_t i = 0; i < ports->count; i += writing.port_count) {
		size_t end = i + 1;

		while (end < ports->count && end - i < PORTS_MAXIMUM &&
		       ports->at[end].protocol == ports->at[i].protocol)
			end++;
		writing.ports = &ports->at[i];
		writing.port_count = end - i;
		print_peers(&writing, rule);
	}
}

static bool
is_said(const struct side *side)
{
	return side->stated || side->deny.peer_count > 0;
}

static void
print_side(struct export *export, const struct subject *subject,
    const struct side *side, const char *key, const char *peers)
{
	struct rule deny = side->deny;
	struct text *out = export->body;
	size_t rules = 0;

	if (!is_said(side))
		return;
	text_format(out, "  %s:%s\n", key,
	    side->deny.peer_count + side->allow.count == 0 && side->stated
		? " []"
		: "");
	deny.ports.any = true;
	print_rule(export, &deny, "Deny", peers, &rules);
	for (size_t i = 0; i < side->allow.count; i++)
		print_rule(export, &side->allow.at[i], "Allow", peers, &rules);
	if (rules > RULES_MAXIMUM)
		export_lose(export, "the whole policy",
		    "it has more than 1024 rules one way, which the API server "
		    "refuses",
		    subject->group->end.name);
	if (side->stated)
		return;
	text_add(out, "    - action: Pass\n");
	export_lose(export, "policies that come after",
	    "where there is a boundary and no model, the rest ends in Pass, "
	    "which skips later policies of the tier",
	    subject->group->end.name);
}

static void
print_subject(struct export *export, const struct subject *subject)
{
	struct text *out = export->body;

	yaml_head(export, subject, "projectcalico.org/v3",
	    export->options.enforce ? "NetworkPolicy" : "StagedNetworkPolicy");
	if (!export->options.enforce)
		text_add(out, "  stagedAction: Set\n");
	text_format(out,
	    "  order: %d\n"
	    "  selector: %s\n"
	    "  types: [%s%s%s]\n",
	    ORDER, selector_of(export->arena, subject->group),
	    is_said(&subject->in) ? "Ingress" : "",
	    is_said(&subject->in) && is_said(&subject->out) ? ", " : "",
	    is_said(&subject->out) ? "Egress" : "");
	print_side(export, subject, &subject->in, "ingress", "source");
	print_side(export, subject, &subject->out, "egress", "destination");
}

void
export_calico(struct export *export)
{
	static const struct abilities abilities = {.deny = true, .icmp = true};

	export_subjects(export, &abilities, print_subject);
}
