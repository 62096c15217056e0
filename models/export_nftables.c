#include "models/export_parts.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

/*
 * One table of our own: what it accepts, other tables may still drop, and to
 * delete it is to undo everything.  Each statement is a rule with a counter,
 * in the chain of its server, so that `nft list ruleset` shows which are used.
 * One large set of concatenations would look up faster and count nothing.
 */

#define SETS_MAXIMUM ((size_t)1 << 22)
/* The kernel keeps 128 octets of a rule's comment, with its NUL (libnftnl). */
#define COMMENT_MAXIMUM 120

/* A set that some rule names. */
struct address_set {
	const char *name;
	const struct spans *spans;
	bool ipv4;
};

struct nftables {
	struct export *export;
	struct map *sets;   /* by name, in order of first use */
	struct text chains; /* of servers */
};

static const bool families[] = {true, false};

/* --- sets ----------------------------------------------------------------- */

static void
print_span(struct text *out, const struct span *span)
{
	char first[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE];

	address_print(&span->first, first);
	address_print(&span->last, last);
	text_add(out, first);
	if (!address_equal(&span->first, &span->last))
		text_format(out, "-%s", last);
}

/* Remembers that a set is used; NULL when it would be empty. */
static const char *
use_set(struct nftables *nft, const char *name, const struct spans *spans,
    bool ipv4)
{
	struct arena *arena = nft->export->arena;
	const char *full =
	    arena_format(arena, "ip%c%s", ipv4 ? '4' : '6', name);
	struct address_set *set;

	if (!spans_have(spans, ipv4))
		return NULL;
	if (map_get_text(nft->sets, full) != NULL)
		return full;
	set = arena_take(arena, sizeof(*set));
	*set = (struct address_set){full, spans, ipv4};
	map_put_text(nft->sets, full, set);
	return full;
}

static const char *
end_set(struct nftables *nft, const struct end *end, const struct spans *spans,
    bool ipv4)
{
	struct arena *arena = nft->export->arena;

	for (size_t i = 0; i < end->node_count; i++)
		if (&end->nodes[i].spans == spans)
			return use_set(nft,
			    arena_format(arena, ".on/%s/%s", end->nodes[i].safe,
				end->safe),
			    spans, ipv4);
	return use_set(
	    nft, arena_format(arena, "/%s", end->safe), &end->spans, ipv4);
}

static void
print_set(struct text *out, const struct address_set *set)
{
	const char *separator = "\n\t\t\t";

	text_format(out,
	    "\tset %s {\n\t\ttype %s\n\t\tflags interval\n\t\telements = {",
	    set->name, set->ipv4 ? "ipv4_addr" : "ipv6_addr");
	for (size_t i = 0; i < set->spans->count; i++) {
		if (address_is_ipv4(&set->spans->at[i].first) != set->ipv4)
			continue;
		text_add(out, separator);
		print_span(out, &set->spans->at[i]);
		separator = ",\n\t\t\t";
	}
	text_add(out, "\n\t\t}\n\t}\n");
}

/* --- rules ---------------------------------------------------------------- */

static void
print_port_range(struct text *out, const struct port_range *range)
{
	text_format(out, "%u", range->first);
	if (range->last != range->first)
		text_format(out, "-%u", range->last);
}

/* `tcp dport { 80, 8000-8010 }`, for the ranges of one protocol. */
static void
print_ports(struct text *out, const struct port_range *at, size_t count)
{
	if (!protocol_has_ports(at[0].protocol)) {
		text_format(out, "meta l4proto %u ", at[0].protocol);
		return;
	}
	text_format(out, "%s dport ", protocol_word(at[0].protocol));
	text_add(out, count > 1 ? "{ " : "");
	for (size_t i = 0; i < count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		print_port_range(out, &at[i]);
	}
	text_add(out, count > 1 ? " } " : " ");
}

/* How many ranges from `start` on are of the same protocol. */
static size_t
run_length(const struct port_set *ports, size_t start)
{
	size_t end = start + 1;

	while (end < ports->count &&
	       ports->at[end].protocol == ports->at[start].protocol)
		end++;
	return end - start;
}

static void
print_accept(struct nftables *nft, const struct statement *statement)
{
	struct text origin;

	text_init(&origin, COMMENT_MAXIMUM);
	export_origin(&origin, statement);
	text_format(&nft->chains, "counter accept comment \"%s\"\n",
	    export_harmless(nft->export->arena,
		origin.overflow ? "see hedgerow policy show" : origin.at));
	text_release(&origin);
}

static void
print_grant(struct nftables *nft, const char *match, const struct grant *grant)
{
	const struct port_set *ports = &grant->ports;
	size_t length;

	if (ports->any) {
		text_format(&nft->chains, "\t\t%s", match);
		print_accept(nft, grant->statement);
	}
	for (size_t i = 0; i < ports->count; i += length) {
		length = run_length(ports, i);
		text_format(&nft->chains, "\t\t%s", match);
		print_ports(&nft->chains, &ports->at[i], length);
		print_accept(nft, grant->statement);
	}
	export_lose_unseen(nft->export, grant->statement);
}

static void
print_reach(struct nftables *nft, const char *match, const struct reach *reach)
{
	if (reach->free)
		text_format(&nft->chains, "\t\t%saccept\n", match);
	for (size_t i = 0; i < reach->count; i++)
		print_grant(nft, match, &reach->at[i]);
}

/* Rules of one link in one family. */
static void
print_link(struct nftables *nft, const struct links *links,
    const struct link *link, bool ipv4)
{
	const char *ip = ipv4 ? "ip" : "ip6";
	const char *from, *to;
	char *match;

	if (links->open && link->reach.free && link->node == NULL)
		return;
	if (!link->reach.free && link->reach.count == 0 &&
	    !link_ends(links, link))
		return;
	if (!spans_have(&link->server->spans, ipv4))
		return;
	from = end_set(nft, link->client, link->client_spans, ipv4);
	if (from == NULL)
		return;
	match = arena_format(nft->export->arena, "%s saddr @%s ", ip, from);
	if (link->node != NULL) {
		to = end_set(nft, link->server, link->server_spans, ipv4);
		if (to == NULL)
			return;
		match = arena_format(
		    nft->export->arena, "%s%s daddr @%s ", match, ip, to);
	}
	print_reach(nft, match, &link->reach);
	if (link_ends(links, link))
		text_format(&nft->chains, "\t\t%sgoto unexpected\n", match);
}

/* --- chains --------------------------------------------------------------- */

static void
print_from_outside(struct nftables *nft, const struct link *link)
{
	const struct spans *known = &nft->export->ends->known;

	if (link->reach.count == 0)
		return;
	for (size_t f = 0; f < 2; f++) {
		const char *set = use_set(nft, ".known", known, families[f]);

		if (set != NULL)
			text_format(&nft->chains,
			    "\t\t%s saddr @%s goto unexpected\n",
			    families[f] ? "ip" : "ip6", set);
	}
	/* An outside address is whatever is not known: nothing to match. */
	print_reach(nft, "", &link->reach);
}

/* The chain of one server; false when nobody is kept from anything there. */
static bool
print_server(struct nftables *nft, const struct end *server)
{
	const struct links links = export_links(nft->export, server);
	const struct end *outside = nft->export->ends->outside;

	if (links.all_free)
		return false;
	text_format(&nft->chains, "\tchain to/%s {\n", server->safe);
	for (size_t i = 0; i < links.count; i++)
		for (size_t f = 0; f < 2; f++)
			if (links.at[i].client != outside)
				print_link(
				    nft, &links, &links.at[i], families[f]);
	for (size_t i = 0; i < links.count; i++)
		if (links.at[i].client == outside)
			print_from_outside(nft, &links.at[i]);
	text_format(&nft->chains, "\t\t%s\n\t}\n",
	    links.open ? "accept" : "goto unexpected");
	return true;
}

static void
add_targets(
    struct text *maps, const struct end *server, bool ipv4, bool constrained)
{
	for (size_t i = 0; i < server->spans.count; i++) {
		const struct span *span = &server->spans.at[i];

		if (address_is_ipv4(&span->first) != ipv4)
			continue;
		text_add(maps, maps->length == 0 ? "\n\t\t\t" : ",\n\t\t\t");
		print_span(maps, span);
		if (constrained)
			text_format(maps, " : goto to/%s", server->safe);
		else
			text_add(maps, " : accept");
	}
}

static void
print_map(struct text *out, const struct text *elements, bool ipv4)
{
	if (elements->length == 0)
		return;
	text_format(out,
	    "\tmap servers%c {\n\t\ttype %s : verdict\n\t\tflags interval\n"
	    "\t\telements = {",
	    ipv4 ? '4' : '6', ipv4 ? "ipv4_addr" : "ipv6_addr");
	text_add_n(out, elements->at, elements->length);
	text_add(out, "\n\t\t}\n\t}\n");
}

static void
print_unexpected(struct text *out, bool enforce)
{
	text_add(out,
	    "\tcounter unexpected {\n\t\tcomment \"what no statement allows\"\n"
	    "\t}\n");
	text_add(out, "\tchain unexpected {\n"
		      "\t\tcounter name unexpected\n"
		      /* A scan must not fill the kernel's log. */
		      "\t\tlimit rate 10/second burst 100 packets log prefix "
		      "\"hedgerow: \"\n");
	text_format(out, "\t\t%s\n\t}\n", enforce ? "drop" : "accept");
}

/* What is not a beginning, or never judged, passes before anything else. */
static void
print_judged(struct nftables *nft, const struct text maps[2], bool outside)
{
	struct text *out = nft->export->body;
	const struct spans *nobody = &nft->export->ends->nobody;

	text_add(out, "\tchain judged {\n"
		      "\t\tiifname \"lo\" accept\n"
		      "\t\toifname \"lo\" accept\n"
		      "\t\tct state established,related accept\n"
		      "\t\ttcp flags & (fin|syn|rst|ack) != syn accept\n"
		      "\t\ticmpv6 type { 130-137, 143 } accept\n");
	for (size_t f = 0; f < 2; f++) {
		const char *ip = families[f] ? "ip" : "ip6";
		char digit = families[f] ? '4' : '6';

		if (spans_have(nobody, families[f]))
			text_format(out,
			    "\t\t%s saddr @ip%c.nobody accept\n"
			    "\t\t%s daddr @ip%c.nobody accept\n",
			    ip, digit, ip, digit);
		if (maps[f].length > 0)
			text_format(
			    out, "\t\t%s daddr vmap @servers%c\n", ip, digit);
	}
	if (outside)
		text_format(
		    out, "\t\tgoto to/%s\n", nft->export->ends->outside->safe);
	text_add(out, "\t}\n");
}

static void
print_hooks(struct text *out)
{
	static const char *const hooks[] = {"input", "forward", "output"};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		text_format(out,
		    "\tchain %s {\n"
		    "\t\ttype filter hook %s priority filter; policy accept;\n"
		    "\t\tjump judged\n\t}\n",
		    hooks[i], hooks[i]);
}

static void
print_table(struct nftables *nft, const struct text maps[2], bool outside)
{
	struct text *out = nft->export->body;

	text_add(out, "table inet hedgerow\n"
		      "delete table inet hedgerow\n"
		      "table inet hedgerow {\n");
	for (size_t i = 0; i < map_count(nft->sets); i++)
		print_set(out, map_at(nft->sets, i));
	print_unexpected(out, nft->export->options.enforce);
	text_add_n(out, nft->chains.at, nft->chains.length);
	for (size_t f = 0; f < 2; f++)
		print_map(out, &maps[f], families[f]);
	print_judged(nft, maps, outside);
	print_hooks(out);
	text_add(out, "}\n");
}

void
export_nftables(struct export *export)
{
	const struct ends *ends = export->ends;
	struct nftables nft = {
	    .export = export,
	    .sets = map_new(SETS_MAXIMUM),
	};
	struct text maps[2];
	bool outside = false;

	export_lose(export, "pods that come later",
	    "their addresses are not here; compile again when pods change",
	    NULL);
	text_init(&nft.chains, EXPORT_MAXIMUM);
	for (size_t f = 0; f < 2; f++) {
		text_init(&maps[f], EXPORT_MAXIMUM);
		use_set(&nft, ".nobody", &ends->nobody, families[f]);
	}
	for (size_t i = 0; i < ends->count; i++) {
		const struct end *server = ends->at[i];
		bool constrained =
		    server->spans.count > 0 && print_server(&nft, server);

		if (server == ends->outside)
			outside = constrained;
		else
			for (size_t f = 0; f < 2; f++)
				add_targets(
				    &maps[f], server, families[f], constrained);
	}
	print_table(&nft, maps, outside);
	for (size_t f = 0; f < 2; f++)
		text_release(&maps[f]);
	text_release(&nft.chains);
	map_free(nft.sets);
}
