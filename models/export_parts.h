/*
 * export_parts -- what the files of the exporter share with each other.
 *
 * export.c leads and collects losses.  For targets that see addresses:
 * export_ends.c divides all addresses among those who hold them, and
 * export_reach.c says what one may open at another; export_nftables.c,
 * export_iptables.c and export_json.c write that.  For targets that see
 * labels: export_labels.c finds labels that choose pods, export_rules.c says
 * who may come in and go out; export_networkpolicy.c, export_cilium.c and
 * export_calico.c write that.  Nobody else includes this.
 */
#ifndef MODELS_EXPORT_PARTS_H
#define MODELS_EXPORT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/export.h"
#include "models/model.h"
#include "sensor/base/address.h"

struct arena;
struct identity;
struct json_writer;
struct label;
struct map;
struct pair;
struct service;
struct statement;
struct workload;

/* One export under way. */
struct export
{
	struct policy *policy;
	const struct library *library;
	const struct inventory *inventory;
	enum export_format format;
	struct export_options options;
	struct instant at; /* a real time, or just before the end of time */
	struct arena *arena;
	struct map *losses;      /* by their own octets */
	struct text *body;       /* what the writer writes */
	const struct ends *ends; /* of address targets */
};

/*
 * The target cannot say something: `what` is lost because of `why`, which are
 * constant texts.
 *
 * about      the statement or the boundary as text, or NULL for a loss of the
 *            whole export
 */
void export_lose(struct export *export, const char *what, const char *why,
    const char *about);

/* All losses so far, as an array. */
void export_write_losses(
    const struct export *export, struct json_writer *json, const char *key);

/* Loses that nothing is thought of it, where that is so. */
void export_lose_unjudged(
    struct export *export, const struct statement *statement);

/* What a statement asks of an outside end that no address shows. */
void export_lose_names(
    struct export *export, const struct statement *statement);

/* That, and the application: what shows in no header of a packet. */
void export_lose_unseen(
    struct export *export, const struct statement *statement);

/* `model.provides.entry + model.needs.entry`, or what the metadata promises. */
void export_origin(struct text *out, const struct statement *statement);

/*
 * A copy of a text that others wrote, for a comment or a quoted word: what is
 * not printable ASCII, and both kinds of quoting, become `?`.
 */
const char *export_harmless(struct arena *arena, const char *text);

/* --- export_ports.c: ports in one canonical form --- */

/* Ranges of tcp, udp and sctp, sorted and disjoint; icmp has no numbers. */
struct port_set {
	bool any; /* of every protocol; then there are no ranges */
	struct port_range *at;
	size_t count;
};

struct port_set port_set_of(
    struct arena *arena, const struct port_range *ranges, size_t count);

bool port_sets_equal(const struct port_set *a, const struct port_set *b);

/* `tcp` and the like; `icmp` and `icmpv6` too. */
const char *protocol_word(uint8_t protocol);

bool protocol_has_ports(uint8_t protocol);

/* --- export_ends.c --- */

/* Addresses from first to last, of one family. */
struct span {
	struct address first, last;
};

struct spans {
	struct span *at;
	size_t count, capacity;
};

/* One of those that an end may be, as the judge weighs them. */
struct standin {
	const struct identity *identity;
	const char
	    *node; /* NULL: the node of the address itself; "" for none */
	/* Set when the end is a service's address and this a backend. */
	const struct service *service;
	const struct workload *backend;
};

struct on_node {
	const char *node;
	const char *safe; /* as in struct end */
	struct spans spans;
};

/* Addresses that policy cannot tell apart. */
struct end {
	const char *name; /* unique */
	const char *safe; /* unique too: letters, digits, `/`, `-`, `_`, `.` */
	struct standin *standins;
	size_t standin_count;
	struct spans spans;
	/* Where its addresses are, when its only stand-in asks for that. */
	struct on_node *nodes;
	size_t node_count;
};

/* Every address there is belongs to one end, or to nobody. */
struct ends {
	struct end **at;
	size_t count;
	struct spans nobody; /* never judged: unattributed, multicast, ... */
	struct end *outside; /* every address that nobody spoke of; or NULL */
	struct spans known;  /* every address that is not outside */
	struct spans held;   /* the same without multicast and its like */
};

const struct ends *export_ends(struct export *export);

/* Whether some address is of that family. */
bool spans_have(const struct spans *spans, bool ipv4);

/* The fewest networks that together are the spans. */
struct prefixes {
	struct prefix *at;
	size_t count, capacity;
};

struct prefixes export_prefixes(struct arena *arena, const struct spans *spans);

/* --- export_reach.c --- */

/* What one statement opens. */
struct grant {
	const struct statement *statement;
	struct port_set ports;
};

struct reach {
	bool free; /* nobody has an opinion: anything goes */
	struct grant *at;
	size_t count, capacity;
};

/*
 * What one end may open at another, as the judge weighs it: whoever of those
 * that an end may be fits, will do.
 *
 * node       where the addresses of both are, when they share one; or NULL
 */
struct reach export_reach(struct export *export, const struct end *client,
    const struct end *server, const char *node);

bool reach_equal(const struct reach *a, const struct reach *b);

/* What a client may open at one server. */
struct link {
	const struct end *client, *server;
	/* Only where these addresses of both are; NULL: everywhere else. */
	const struct spans *client_spans, *server_spans;
	const char *node; /* that they share, or NULL */
	struct reach reach;
	bool alone; /* where they share no node, nothing is allowed */
};

struct links {
	struct link *at;
	size_t count, capacity;
	bool all_free; /* no client is kept from anything */
	bool open; /* the outside is not; then free links go without saying */
};

/* Whether a rule must end what the rest of a link's client may not do. */
bool link_ends(const struct links *links, const struct link *link);

/* Links to a server, those that are about one node before the others. */
struct links export_links(struct export *export, const struct end *server);

/* --- export_labels.c --- */

/*
 * Pods that labels cannot tell apart: one kind, or several that differ only in
 * what labels do not show.  `end` has them as stand-ins, and no addresses.
 */
struct group {
	struct end end;
	const char *cluster, *namespace;
	const char *object; /* a name for objects, unique in the namespace */
	/* Labels that choose exactly these pods of the namespace. */
	const struct label **with;
	size_t with_count;
	const char **without;
	size_t without_count;
	bool provides; /* every one of them states who may call it */
	bool needs;    /* every one of them states needs */
	bool mixed_provides, mixed_needs; /* some have, some have not */
};

struct groups {
	struct group **at;
	size_t count;
};

struct groups export_groups(struct export *export);

/* --- export_rules.c --- */

/* A peer: pods by their labels, or addresses. */
struct rule_peer {
	const struct group *group; /* or NULL */
	const struct end *end;
};

/* Peers that may do the same. */
struct rule {
	struct rule_peer *peers;
	size_t peer_count;
	struct port_set ports;
	const char **because; /* the statements' origins, each once */
	size_t because_count;
	size_t peer_capacity, because_capacity;
};

struct rules {
	struct rule *at;
	size_t count;
};

/* What holds for the pods of one group, in one direction. */
struct side {
	bool stated; /* only what the rules say is allowed */
	struct rules allow;
	struct rule deny; /* peers beyond a boundary, on all ports */
};

struct subject {
	const struct group *group;
	struct side in, out;
};

/* What a target of labels can say. */
struct abilities {
	bool deny; /* peers can be denied, whatever else allows them */
	bool icmp; /* a rule can be about icmp */
};

/* Calls `each` for every group that something is said of. */
void export_subjects(struct export *export, const struct abilities *abilities,
    void (*each)(struct export *export, const struct subject *subject));

/* --- export_yaml.c: words that the three Kubernetes targets share --- */

/* Somebody's text, in quotes. */
const char *yaml_quoted(struct arena *arena, const char *word);

/* A document's `apiVersion`, `kind` and `metadata`, up to `spec:`. */
void yaml_head(struct export *export, const struct subject *subject,
    const char *version, const char *kind);

/* Where a rule comes from, as comments with `indent` spaces before. */
void yaml_because(struct export *export, const struct rule *rule, int indent);

/* `TCP` and the like, as Kubernetes writes protocols. */
const char *yaml_protocol(uint8_t protocol);

/* A network in quotes, always with its length. */
const char *yaml_network(struct arena *arena, const struct prefix *prefix);

/* Whether the end is a node, with or without pods on its network. */
bool end_is_node(const struct end *end);

/* A network, and the parts of it that are meant not. */
struct network_without {
	struct prefix network;
	struct prefixes except;
};

struct networks_without {
	struct network_without at[2];
	size_t count;
};

/* The outside: everything, without what somebody holds. */
struct networks_without yaml_outside(struct export *export);

/* --- writers --- */

void export_nftables(struct export *export);
void export_iptables(struct export *export);
void export_json(struct export *export);
void export_networkpolicy(struct export *export);
void export_cilium(struct export *export);
void export_calico(struct export *export);

#endif
