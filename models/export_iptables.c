#include "models/export_parts.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/*
 * For iptables-restore and ip6tables-restore both: each reads the lines that
 * are marked with its own family (iptables(8), -4 and -6).  What is expected
 * returns to the chain that jumped here, so other rules keep their say.
 */

/* xt_comment keeps 256 octets. */
#define COMMENT_MAXIMUM 200

struct iptables {
	struct export *export;
	struct text *out;
};

static void
print_side(struct text *out, char letter, const struct prefix *prefix)
{
	char printed[ADDRESS_TEXT_SIZE];

	if (prefix == NULL)
		return;
	prefix_print(prefix, printed);
	text_format(out, " -%c %s", letter, printed);
}

static void
print_rule(struct text *out, const char *chain, const struct prefix *client,
    const struct prefix *server, const char *rest)
{
	const struct prefix *one = client != NULL ? client : server;

	if (client != NULL && server != NULL &&
	    address_is_ipv4(&client->base) != address_is_ipv4(&server->base))
		return;
	if (one != NULL)
		text_format(
		    out, "-%c ", address_is_ipv4(&one->base) ? '4' : '6');
	text_format(out, "-A %s", chain);
	print_side(out, 's', client);
	print_side(out, 'd', server);
	text_format(out, "%s\n", rest);
}

/* A rule for each network of both; NULL is anybody. */
static void
print_rules(struct iptables *tables, const char *chain,
    const struct spans *clients, const struct spans *servers, const char *rest)
{
	struct arena *arena = tables->export->arena;
	struct prefixes from = {.count = 1}, to = {.count = 1};

	if (clients != NULL)
		from = export_prefixes(arena, clients);
	if (servers != NULL)
		to = export_prefixes(arena, servers);
	for (size_t c = 0; c < from.count; c++)
		for (size_t s = 0; s < to.count; s++)
			print_rule(tables->out, chain,
			    clients == NULL ? NULL : &from.at[c],
			    servers == NULL ? NULL : &to.at[s], rest);
}

/* --- one server ----------------------------------------------------------- */

static const char *
match_of(struct arena *arena, const struct port_range *range)
{
	if (!protocol_has_ports(range->protocol))
		return arena_format(arena, " -p %u", range->protocol);
	if (range->first == range->last)
		return arena_format(arena, " -p %s --dport %u",
		    protocol_word(range->protocol), range->first);
	return arena_format(arena, " -p %s --dport %u:%u",
	    protocol_word(range->protocol), range->first, range->last);
}

static const char *
verdict_of(struct arena *arena, const struct statement *statement)
{
	struct text origin;
	const char *verdict;

	text_init(&origin, COMMENT_MAXIMUM);
	export_origin(&origin, statement);
	verdict = arena_format(arena, " -m comment --comment \"%s\" -j RETURN",
	    export_harmless(arena,
		origin.overflow ? "see hedgerow policy show" : origin.at));
	text_release(&origin);
	return verdict;
}

static void
print_reach(struct iptables *tables, const char *chain,
    const struct spans *clients, const struct spans *servers,
    const struct reach *reach)
{
	struct arena *arena = tables->export->arena;

	if (reach->free)
		print_rules(tables, chain, clients, servers, " -j RETURN");
	for (size_t i = 0; i < reach->count; i++) {
		const struct grant *grant = &reach->at[i];
		const char *verdict = verdict_of(arena, grant->statement);

		if (grant->ports.any)
			print_rules(tables, chain, clients, servers, verdict);
		for (size_t p = 0; p < grant->ports.count; p++)
			print_rules(tables, chain, clients, servers,
			    arena_format(arena, "%s%s",
				match_of(arena, &grant->ports.at[p]), verdict));
		export_lose_unseen(tables->export, grant->statement);
	}
}

static void
print_link(struct iptables *tables, const char *chain,
    const struct links *links, const struct link *link)
{
	const struct spans *clients = &link->client->spans;
	const struct spans *servers = NULL;

	if (links->open && link->reach.free && link->node == NULL)
		return;
	if (link->node != NULL) {
		servers = &link->server->spans;
		if (link->client_spans != NULL)
			clients = link->client_spans;
		if (link->server_spans != NULL)
			servers = link->server_spans;
	}
	print_reach(tables, chain, clients, servers, &link->reach);
	if (link_ends(links, link))
		print_rules(
		    tables, chain, clients, servers, " -g hedgerow-unexpected");
}

/* An outside address is whatever is not known: nothing to match. */
static void
print_from_outside(
    struct iptables *tables, const char *chain, const struct link *link)
{
	if (link->reach.count == 0)
		return;
	print_rules(tables, chain, &tables->export->ends->known, NULL,
	    " -g hedgerow-unexpected");
	print_reach(tables, chain, NULL, NULL, &link->reach);
}

static const char *
server_chain(struct arena *arena, size_t number)
{
	return arena_format(arena, "hedgerow-to-%zu", number);
}

/* The chain of one server; false when nobody is kept from anything there. */
static bool
print_server(struct iptables *tables, size_t number)
{
	const struct ends *ends = tables->export->ends;
	const struct end *server = ends->at[number];
	const char *chain = server_chain(tables->export->arena, number);
	const struct links links = export_links(tables->export, server);

	if (links.all_free)
		return false;
	text_format(tables->out, "# %s is %s\n:%s - [0:0]\n", chain,
	    export_harmless(tables->export->arena, server->name), chain);
	for (size_t i = 0; i < links.count; i++)
		if (links.at[i].client != ends->outside)
			print_link(tables, chain, &links, &links.at[i]);
	for (size_t i = 0; i < links.count; i++)
		if (links.at[i].client == ends->outside)
			print_from_outside(tables, chain, &links.at[i]);
	text_format(tables->out, "-A %s -%s\n", chain,
	    links.open ? "j RETURN" : "g hedgerow-unexpected");
	return true;
}

/* --- the way there -------------------------------------------------------- */

static void
print_entrance(struct iptables *tables)
{
	struct text *out = tables->out;

	text_add(out,
	    ":hedgerow - [0:0]\n"
	    "-A hedgerow -i lo -j RETURN\n"
	    "-A hedgerow -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN\n"
	    "-A hedgerow -p tcp ! --syn -j RETURN\n");
	for (int type = 130; type <= 137; type++)
		text_format(out,
		    "-6 -A hedgerow -p icmpv6 --icmpv6-type %d -j RETURN\n",
		    type);
	text_add(out, "-6 -A hedgerow -p icmpv6 --icmpv6-type 143 -j RETURN\n");
}

/* Goes on with everybody who is somebody: known ends, and the outside. */
static void
print_clients(struct iptables *tables)
{
	const struct ends *ends = tables->export->ends;

	for (size_t i = 0; i < ends->count; i++)
		if (ends->at[i] != ends->outside)
			print_rules(tables, "hedgerow", &ends->at[i]->spans,
			    NULL, " -g hedgerow-servers");
	print_rules(tables, "hedgerow", &ends->known, NULL, " -j RETURN");
	text_add(tables->out, "-A hedgerow -g hedgerow-servers\n");
}

static void
print_servers(struct iptables *tables, const bool *constrained)
{
	const struct ends *ends = tables->export->ends;
	struct arena *arena = tables->export->arena;

	text_add(tables->out, ":hedgerow-servers - [0:0]\n");
	for (size_t i = 0; i < ends->count; i++)
		if (constrained[i] && ends->at[i] != ends->outside)
			print_rules(tables, "hedgerow-servers", NULL,
			    &ends->at[i]->spans,
			    arena_format(
				arena, " -g %s", server_chain(arena, i)));
	print_rules(
	    tables, "hedgerow-servers", NULL, &ends->known, " -j RETURN");
	for (size_t i = 0; i < ends->count; i++)
		if (constrained[i] && ends->at[i] == ends->outside)
			text_format(tables->out, "-A hedgerow-servers -g %s\n",
			    server_chain(arena, i));
}

static void
print_unexpected(struct text *out, bool enforce)
{
	text_add(out, ":hedgerow-unexpected - [0:0]\n"
		      /* A scan must not fill the kernel's log. */
		      "-A hedgerow-unexpected -m limit --limit 10/second "
		      "--limit-burst 100 -j LOG --log-prefix \"hedgerow: \"\n");
	text_format(
	    out, "-A hedgerow-unexpected -j %s\n", enforce ? "DROP" : "RETURN");
}

void
export_iptables(struct export *export)
{
	const struct ends *ends = export->ends;
	struct iptables tables = {export, export->body};
	bool *constrained =
	    arena_array(export->arena, ends->count, sizeof(*constrained));

	export_lose(export, "pods that come later",
	    "their addresses are not here; compile again when pods change",
	    NULL);
	text_add(export->body,
	    "# Load with: iptables-restore --noflush FILE;"
	    " ip6tables-restore --noflush FILE\n"
	    "# Once, for each of the two: iptables -I FORWARD -j hedgerow\n"
	    "*filter\n");
	print_unexpected(export->body, export->options.enforce);
	for (size_t i = 0; i < ends->count; i++)
		constrained[i] =
		    ends->at[i]->spans.count > 0 && print_server(&tables, i);
	print_servers(&tables, constrained);
	print_entrance(&tables);
	print_clients(&tables);
	text_add(export->body, "COMMIT\n");
}
