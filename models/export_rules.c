#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "models/identity.h"
#include "models/policy.h"
#include "models/policy_print.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

#define ABOUT_MAXIMUM ((size_t)16 * 1024)

/* Everything under way while one group's subject is made. */
struct making {
	struct export *export;
	const struct abilities *abilities;
	const struct groups *groups;
	const struct group *self;
	bool inward; /* the side that is being made */
};

/* --- what two may do ------------------------------------------------------ */

static const struct end *
peer_end(const struct rule_peer *peer)
{
	return peer->group != NULL ? &peer->group->end : peer->end;
}

static const struct end *
client_of(const struct making *making, const struct rule_peer *peer)
{
	return making->inward ? peer_end(peer) : &making->self->end;
}

static const struct end *
server_of(const struct making *making, const struct rule_peer *peer)
{
	return making->inward ? &making->self->end : peer_end(peer);
}

/* A node that pod and peer share: the peer's own, if it is a node. */
static const char *
shared_node(const struct rule_peer *peer)
{
	const struct end *end = peer_end(peer);

	for (size_t i = 0; i < end->standin_count; i++)
		if (end->standins[i].node != NULL)
			return end->standins[i].node;
	return "one and the same";
}

/* The kubelet's own traffic always passes, so no target has to be told. */
static struct reach
without_probes(struct arena *arena, const struct reach *reach)
{
	struct reach kept = {
	    .free = reach->free,
	    .at = arena_array(arena, reach->count, sizeof(*kept.at)),
	};

	for (size_t i = 0; i < reach->count; i++)
		if (reach->at[i].statement->origin == STATEMENT_MODEL)
			kept.at[kept.count++] = reach->at[i];
	return kept;
}

static const char *
pair_text(
    struct arena *arena, const struct end *client, const struct end *server)
{
	return arena_format(arena, "%s -> %s", client->name, server->name);
}

/* What is allowed on some node; labels do not say on which. */
static struct reach
reach_anywhere(struct making *making, const struct rule_peer *peer)
{
	struct export *export = making->export;
	struct arena *arena = export->arena;
	const struct end *client = client_of(making, peer);
	const struct end *server = server_of(making, peer);
	struct reach apart = export_reach(export, client, server, NULL);
	struct reach together =
	    export_reach(export, client, server, shared_node(peer));
	struct reach both;

	apart = without_probes(arena, &apart);
	together = without_probes(arena, &together);
	if (reach_equal(&apart, &together))
		return apart;
	export_lose(export, "same: node",
	    "what is allowed on one node only is allowed on all",
	    pair_text(arena, client, server));
	both = (struct reach){
	    .free = apart.free || together.free,
	    .at = arena_array(
		arena, apart.count + together.count, sizeof(*both.at)),
	};
	for (size_t i = 0; i < apart.count; i++)
		both.at[both.count++] = apart.at[i];
	for (size_t i = 0; i < together.count; i++)
		both.at[both.count++] = together.at[i];
	return both;
}

/* --- ports ---------------------------------------------------------------- */

static void
lose_icmp(struct export *export, const struct statement *statement)
{
	struct text about;

	text_init(&about, ABOUT_MAXIMUM);
	statement_print(&about, statement);
	export_lose(
	    export, "icmp", "it has no words for icmp as a whole", about.at);
	text_release(&about);
}

/* All ports of a reach in one set. */
static struct port_set
ports_of(struct making *making, const struct reach *reach)
{
	struct export *export = making->export;
	struct port_range *all;
	size_t count = 0;

	for (size_t i = 0; i < reach->count; i++)
		count += reach->at[i].ports.count;
	all = arena_array(export->arena, count, sizeof(*all));
	count = 0;
	for (size_t i = 0; i < reach->count; i++) {
		const struct grant *grant = &reach->at[i];

		export_lose_unseen(export, grant->statement);
		if (grant->ports.any)
			return grant->ports;
		for (size_t p = 0; p < grant->ports.count; p++) {
			struct port_range one = grant->ports.at[p];

			if (protocol_has_ports(one.protocol) ||
			    making->abilities->icmp)
				all[count++] = one;
			else
				lose_icmp(export, grant->statement);
		}
	}
	if (count == 0)
		return (struct port_set){0};
	return port_set_of(export->arena, all, count);
}

/* --- rules ---------------------------------------------------------------- */

static void
add_peer(struct arena *arena, struct rule *rule, const struct rule_peer *peer)
{
	if (rule->peer_count == rule->peer_capacity) {
		struct rule_peer *grown;

		rule->peer_capacity = 2 * rule->peer_capacity + 4;
		grown = arena_array(arena, rule->peer_capacity, sizeof(*grown));
		if (rule->peer_count > 0)
			memcpy(grown, rule->peers,
			    rule->peer_count * sizeof(*grown));
		rule->peers = grown;
	}
	rule->peers[rule->peer_count++] = *peer;
}

static void
add_because(
    struct arena *arena, struct rule *rule, const struct statement *statement)
{
	struct text origin;
	const char **grown;

	text_init(&origin, ABOUT_MAXIMUM);
	export_origin(&origin, statement);
	for (size_t i = 0; i < rule->because_count; i++)
		if (strcmp(rule->because[i], origin.at) == 0) {
			text_release(&origin);
			return;
		}
	if (rule->because_count == rule->because_capacity) {
		rule->because_capacity = 2 * rule->because_capacity + 4;
		grown =
		    arena_array(arena, rule->because_capacity, sizeof(char *));
		if (rule->because_count > 0)
			memcpy(grown, rule->because,
			    rule->because_count * sizeof(char *));
		rule->because = grown;
	}
	rule->because[rule->because_count++] = arena_text(arena, origin.at);
	text_release(&origin);
}

/* The rule for these ports, so that peers with the same stand together. */
static struct rule *
rule_for(struct arena *arena, struct rules *rules, const struct port_set *ports)
{
	struct rule *grown;

	for (size_t i = 0; i < rules->count; i++)
		if (port_sets_equal(&rules->at[i].ports, ports))
			return &rules->at[i];
	grown = arena_array(arena, rules->count + 1, sizeof(*grown));
	if (rules->count > 0)
		memcpy(grown, rules->at, rules->count * sizeof(*grown));
	rules->at = grown;
	rules->at[rules->count].ports = *ports;
	return &rules->at[rules->count++];
}

/* Whether something of these ports is left in the rule. */
static bool
can_be_said(const struct making *making, const struct port_set *ports)
{
	if (ports->any || making->abilities->icmp)
		return true;
	for (size_t i = 0; i < ports->count; i++)
		if (protocol_has_ports(ports->at[i].protocol))
			return true;
	return false;
}

static void
allow_peer(
    struct making *making, struct rules *rules, const struct rule_peer *peer)
{
	struct arena *arena = making->export->arena;
	struct reach reach = reach_anywhere(making, peer);
	struct port_set ports = ports_of(making, &reach);
	struct rule *rule;

	if (reach.free)
		ports = (struct port_set){.any = true};
	if (!ports.any && ports.count == 0)
		return;
	rule = rule_for(arena, rules, &ports);
	add_peer(arena, rule, peer);
	for (size_t i = 0; i < reach.count; i++)
		if (can_be_said(making, &reach.at[i].ports))
			add_because(arena, rule, reach.at[i].statement);
}

/* --- boundaries ----------------------------------------------------------- */

struct crossing {
	const struct pair *pair; /* one that crosses, or NULL */
	bool all;                /* all of them do, in the same direction */
};

static void
cross(struct crossing *crossing, const struct pair *pair, bool inward)
{
	if (pair->boundary != NULL && pair->boundary->inward == inward)
		crossing->pair = pair;
	else
		crossing->all = false;
}

/* Which of those that the two may be cross a boundary of this side. */
static struct crossing
find_crossing(const struct making *making, const struct rule_peer *peer)
{
	const struct end *client = client_of(making, peer);
	const struct end *server = server_of(making, peer);
	struct crossing crossing = {.all = true};

	for (size_t c = 0; c < client->standin_count; c++)
		for (size_t s = 0; s < server->standin_count; s++)
			for (int same = 0; same < 2; same++)
				cross(&crossing,
				    policy_pair(making->export->policy,
					client->standins[c].identity,
					server->standins[s].identity, same),
				    making->inward);
	return crossing;
}

static void
lose_boundary(struct making *making, const struct rule_peer *peer,
    const struct crossing *crossing)
{
	struct arena *arena = making->export->arena;
	const char *why =
	    making->abilities->deny
		? "pods that labels cannot tell apart are not all kept apart"
		: "it can only allow, and nothing else keeps these two apart";

	export_lose(making->export, "a segment's boundary", why,
	    arena_format(arena, "%s  (segment %s, %s:%u)",
		pair_text(
		    arena, client_of(making, peer), server_of(making, peer)),
		crossing->pair->segment->name,
		crossing->pair->boundary->place.file,
		crossing->pair->boundary->place.line));
}

static void
deny_peer(
    struct making *making, struct rule *deny, const struct rule_peer *peer)
{
	struct crossing crossing = find_crossing(making, peer);
	const struct group *client =
	    making->inward ? peer->group : making->self;
	const struct group *server =
	    making->inward ? making->self : peer->group;
	bool implied = (client != NULL && client->needs) ||
		       (server != NULL && server->provides);

	if (crossing.pair == NULL)
		return;
	if (making->abilities->deny && crossing.all)
		add_peer(making->export->arena, deny, peer);
	else if (!implied)
		lose_boundary(making, peer, &crossing);
}

/* --- subjects ------------------------------------------------------------- */

/* Ends that no label chooses: nodes, zones, the outside, other hosts. */
static bool
is_by_address(const struct end *end)
{
	const struct standin *last;
	const struct workload *workload;

	if (end->spans.count == 0)
		return false;
	last = &end->standins[end->standin_count - 1];
	workload = last->identity->workload;
	return last->service == NULL &&
	       (workload == NULL || workload->namespace[0] == '\0');
}

/* A model of a zone, a host, or a pod on its node's network. */
static void
lose_hosts(struct export *export)
{
	const struct ends *ends = export->ends;

	for (size_t i = 0; i < ends->count; i++) {
		const struct end *end = ends->at[i];

		if (!is_by_address(end))
			continue;
		for (size_t s = 0; s < end->standin_count; s++) {
			const struct identity *one = end->standins[s].identity;

			if (one->model_count > 0)
				export_lose(export, "the policy of a host",
				    "only pods with addresses of their own "
				    "have policies",
				    arena_format(export->arena, "%s at %s",
					one->name, end->name));
		}
	}
}

static void
meet(struct making *making, struct side *side, const struct rule_peer *peer)
{
	if (side->stated)
		allow_peer(making, &side->allow, peer);
	deny_peer(making, &side->deny, peer);
}

static struct side
make_side(struct making *making, bool inward)
{
	const struct ends *ends = making->export->ends;
	struct side side = {0};

	making->inward = inward;
	side.stated = inward ? making->self->provides : making->self->needs;
	for (size_t i = 0; i < making->groups->count; i++) {
		struct rule_peer peer = {.group = making->groups->at[i]};

		if (strcmp(peer.group->cluster, making->self->cluster) == 0)
			meet(making, &side, &peer);
	}
	for (size_t i = 0; i < ends->count; i++) {
		struct rule_peer peer = {.end = ends->at[i]};

		if (is_by_address(ends->at[i]))
			meet(making, &side, &peer);
	}
	return side;
}

void
export_subjects(struct export *export, const struct abilities *abilities,
    void (*each)(struct export *export, const struct subject *subject))
{
	struct groups groups = export_groups(export);

	lose_hosts(export);
	export_lose(export, "kinds of pods that come later",
	    "their labels are not here; compile again when kinds change", NULL);
	for (size_t i = 0; i < groups.count; i++) {
		struct subject subject = {.group = groups.at[i]};
		struct making making = {
		    .export = export,
		    .abilities = abilities,
		    .groups = &groups,
		    .self = groups.at[i],
		};

		subject.in = make_side(&making, true);
		subject.out = make_side(&making, false);
		if (subject.in.stated || subject.out.stated ||
		    subject.in.deny.peer_count > 0 ||
		    subject.out.deny.peer_count > 0)
			each(export, &subject);
	}
}
