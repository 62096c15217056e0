#include "models/statement.h"

#include "classifiers/inventory/workload.h"
#include "models/peer.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/*
 * Statements of one pair: a bound on what one model set can make of two
 * identities, so that hostile models cannot multiply without end.
 */
#define STATEMENTS_MAXIMUM 4096

/* One side's entry that speaks of the other end. */
struct opinion {
	enum statement_origin origin;
	const struct model *model;
	const struct entry *entry;
	struct port_range *ports;
	size_t port_count; /* 0: any */
};

struct opinions {
	struct opinion *at;
	size_t count, capacity;
};

/* Ports under construction. */
struct port_list {
	struct port_range *at;
	size_t count, capacity;
};

static void
port_list_add(struct arena *arena, struct port_list *list, uint8_t protocol,
    uint16_t first, uint16_t last)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].protocol == protocol &&
		    list->at[i].first == first && list->at[i].last == last)
			return;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		struct port_range *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (list->count > 0)
			memcpy(grown, list->at, list->count * sizeof(*grown));
		list->at = grown;
		list->capacity = capacity;
	}
	list->at[list->count++] = (struct port_range){
	    .protocol = protocol, .first = first, .last = last};
}

static bool
range_holds(const struct port_range *range, uint8_t protocol, uint16_t port)
{
	return (range->protocol == 0 || range->protocol == protocol) &&
	       port >= range->first && port <= range->last;
}

/* A named port is whatever the server's containers call so. */
static void
add_named_ports(struct arena *arena, struct port_list *list,
    const struct port_range *named, const struct workload *server)
{
	if (server == NULL)
		return;
	for (size_t c = 0; c < server->container_count; c++)
		for (size_t p = 0; p < server->containers[c].port_count; p++) {
			const struct container_port *port =
			    &server->containers[c].ports[p];

			if (strcmp(port->name, named->name) != 0 ||
			    (named->protocol != 0 &&
				named->protocol != port->protocol))
				continue;
			port_list_add(arena, list, port->protocol, port->number,
			    port->number);
		}
}

/*
 * A service's port and its target name the same entry: a model written with
 * either allows the flow before and after translation.
 */
static void
add_aliases(
    struct arena *arena, struct port_list *list, const struct identity *server)
{
	size_t stated = list->count;

	for (size_t i = 0; i < server->alias_count; i++) {
		const struct port_alias *alias = &server->aliases[i];

		if (alias->service == alias->target)
			continue;
		for (size_t r = 0; r < stated; r++) {
			struct port_range range = list->at[r];

			if (range_holds(
				&range, alias->protocol, alias->service))
				port_list_add(arena, list, alias->protocol,
				    alias->target, alias->target);
			if (range_holds(&range, alias->protocol, alias->target))
				port_list_add(arena, list, alias->protocol,
				    alias->service, alias->service);
		}
	}
}

/*
 * Numbers for an entry's ports as they are on this server.
 *
 * returns    false when it names only ports that the server does not have
 */
static bool
resolve_ports(struct arena *arena, const struct ports *ports,
    const struct identity *server, struct opinion *opinion)
{
	struct port_list list = {0};

	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *range = &ports->at[i];

		if (range->name != NULL)
			add_named_ports(arena, &list, range, server->workload);
		else
			port_list_add(arena, &list, range->protocol,
			    range->first, range->last);
	}
	add_aliases(arena, &list, server);
	opinion->ports = list.at;
	opinion->port_count = list.count;
	return ports->count == 0 || list.count > 0;
}

static struct opinion *
opinions_next(struct arena *arena, struct opinions *opinions)
{
	if (opinions->count == opinions->capacity) {
		size_t capacity =
		    opinions->capacity == 0 ? 8 : opinions->capacity * 2;
		struct opinion *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (opinions->count > 0)
			memcpy(grown, opinions->at,
			    opinions->count * sizeof(*grown));
		opinions->at = grown;
		opinions->capacity = capacity;
	}
	opinions->at[opinions->count] = (struct opinion){0};
	return &opinions->at[opinions->count];
}

/* Adds the entries of one model that speak of the meeting's other end. */
static void
add_entries(struct arena *arena, struct opinions *opinions,
    const struct model *model, const struct entries *entries,
    const struct meeting *meeting, const struct identity *server)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->at[i];
		struct opinion *next;

		if (!peers_fit(&entry->peers, meeting))
			continue;
		next = opinions_next(arena, opinions);
		next->model = model;
		next->entry = entry;
		if (resolve_ports(arena, &entry->ports, server, next))
			opinions->count++;
	}
}

static void
add_derived(struct arena *arena, struct opinions *opinions,
    enum statement_origin origin, uint8_t protocol, uint16_t port)
{
	struct opinion *next = opinions_next(arena, opinions);
	struct port_list list = {0};

	port_list_add(arena, &list, protocol, port, port);
	next->origin = origin;
	next->ports = list.at;
	next->port_count = 1;
	opinions->count++;
}

/*
 * What the metadata promises: a node's kubelet opens the probe ports of its
 * own pods and, where a pod declares no probe, its declared ports.
 */
static void
add_promised(
    struct arena *arena, struct opinions *opinions, const struct pair *pair)
{
	const struct workload *server = pair->server->workload;

	if (pair->client->kind != IDENTITY_NODE || server == NULL)
		return;
	for (size_t i = 0; i < server->probe_count; i++)
		add_derived(arena, opinions, STATEMENT_PROBE, PROTOCOL_TCP,
		    server->probes[i].port);
	if (server->probe_count > 0)
		return;
	for (size_t c = 0; c < server->container_count; c++)
		for (size_t p = 0; p < server->containers[c].port_count; p++)
			add_derived(arena, opinions, STATEMENT_PORT,
			    server->containers[c].ports[p].protocol,
			    server->containers[c].ports[p].number);
}

/*
 * A general model guesses: it gives way where the client's own model says what
 * that needs.  Models that add to it only say more of what is allowed.
 */
static bool
gives_way(const struct pair *pair)
{
	const struct identity *server = pair->server;

	for (size_t i = 0; i < server->matched_count; i++)
		if (server->models[i]->layer == LAYER_GENERAL &&
		    !server->has_stranger)
			return pair->client->states_needs &&
			       !server->imported_provides;
	return false;
}

static struct opinions
inbound(struct arena *arena, const struct pair *pair, bool same_node)
{
	struct opinions opinions = {0};
	struct meeting meeting = {pair->server, pair->client, same_node};

	for (size_t i = 0; i < pair->server->model_count; i++)
		if (!gives_way(pair) &&
		    identity_heeds(pair->server, pair->server->models[i], true))
			add_entries(arena, &opinions, pair->server->models[i],
			    &pair->server->models[i]->provides, &meeting,
			    pair->server);
	if (same_node)
		add_promised(arena, &opinions, pair);
	return opinions;
}

static struct opinions
outbound(struct arena *arena, const struct pair *pair, bool same_node)
{
	struct opinions opinions = {0};
	struct meeting meeting = {pair->client, pair->server, same_node};

	for (size_t i = 0; i < pair->client->model_count; i++)
		if (identity_heeds(
			pair->client, pair->client->models[i], false))
			add_entries(arena, &opinions, pair->client->models[i],
			    &pair->client->models[i]->needs, &meeting,
			    pair->server);
	return opinions;
}

/* The ports both name; false when they name none together. */
static bool
intersect_ports(struct arena *arena, const struct opinion *a,
    const struct opinion *b, struct statement *out)
{
	struct port_list list = {0};

	if (a->port_count == 0 || b->port_count == 0) {
		const struct opinion *narrow = a->port_count == 0 ? b : a;

		out->ports = narrow->ports;
		out->port_count = narrow->port_count;
		return true;
	}
	for (size_t i = 0; i < a->port_count; i++)
		for (size_t j = 0; j < b->port_count; j++) {
			const struct port_range *x = &a->ports[i];
			const struct port_range *y = &b->ports[j];
			uint16_t first =
			    x->first > y->first ? x->first : y->first;
			uint16_t last = x->last < y->last ? x->last : y->last;

			if (first > last ||
			    (x->protocol != y->protocol && x->protocol != 0 &&
				y->protocol != 0))
				continue;
			port_list_add(arena, &list,
			    x->protocol != 0 ? x->protocol : y->protocol, first,
			    last);
		}
	out->ports = list.at;
	out->port_count = list.count;
	return list.count > 0;
}

/* Whether some application could satisfy both entries. */
static bool
applications_meet(const struct entry *a, const struct entry *b)
{
	if (a == NULL || b == NULL || a->application_count == 0 ||
	    b->application_count == 0)
		return true;
	for (size_t i = 0; i < a->application_count; i++) {
		struct appid one = {
		    .application = a->applications[i],
		    .confidence = APP_DPI,
		};

		if (entry_app_fits(b, &one) != APP_CONTRADICT)
			return true;
	}
	for (size_t i = 0; i < b->application_count; i++) {
		struct appid one = {
		    .application = b->applications[i],
		    .confidence = APP_DPI,
		};

		if (entry_app_fits(a, &one) != APP_CONTRADICT)
			return true;
	}
	return false;
}

struct statement_list {
	struct statement *at;
	size_t count, capacity;
};

static void
add_statement(struct arena *arena, struct statement_list *list,
    const struct statement *statement)
{
	if (list->count == STATEMENTS_MAXIMUM)
		return;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		struct statement *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (list->count > 0)
			memcpy(grown, list->at, list->count * sizeof(*grown));
		list->at = grown;
		list->capacity = capacity;
	}
	list->at[list->count++] = *statement;
}

/* A side without an opinion agrees to anything. */
static const struct opinion no_opinion;

static void
add_agreement(struct arena *arena, struct statement_list *list,
    const struct pair *pair, const struct opinion *in,
    const struct opinion *out)
{
	struct statement statement = {
	    .origin = in->origin,
	    .client = pair->client,
	    .server = pair->server,
	    .provider = in->model,
	    .provides = in->entry,
	    .needer = out->model,
	    .needs = out->entry,
	};

	if (applications_meet(in->entry, out->entry) &&
	    intersect_ports(arena, in, out, &statement))
		add_statement(arena, list, &statement);
}

static void
combine(struct arena *arena, struct pair *pair, const struct opinions *in,
    const struct opinions *out)
{
	struct statement_list list = {0};

	for (size_t i = 0; i < in->count; i++) {
		if (!pair->client_modelled)
			add_agreement(
			    arena, &list, pair, &in->at[i], &no_opinion);
		for (size_t j = 0; j < out->count; j++)
			add_agreement(
			    arena, &list, pair, &in->at[i], &out->at[j]);
	}
	if (!pair->server_modelled)
		for (size_t j = 0; j < out->count; j++)
			add_agreement(
			    arena, &list, pair, &no_opinion, &out->at[j]);
	pair->statements = list.at;
	pair->count = list.count;
}

/* A boundary stands between a member and somebody who is none. */
static bool
boundary_crossed(const struct segment *segment, const struct boundary *boundary,
    const struct pair *pair, bool same_node)
{
	const struct identity *member =
	    boundary->inward ? pair->server : pair->client;
	const struct identity *outsider =
	    boundary->inward ? pair->client : pair->server;
	struct meeting meeting = {member, outsider, same_node};

	return identity_in_segment(member, segment) &&
	       !identity_in_segment(outsider, segment) &&
	       peers_fit(&boundary->peers, &meeting) &&
	       !(boundary->except.given &&
		   peers_fit(&boundary->except, &meeting));
}

static void
find_boundary(struct pair *pair, const struct identity *member, bool same_node)
{
	for (size_t i = 0; i < member->segment_count; i++)
		for (size_t b = 0; b < member->segments[i]->boundary_count;
		     b++) {
			const struct segment *segment = member->segments[i];
			const struct boundary *boundary =
			    &segment->boundaries[b];

			if (pair->boundary == NULL &&
			    boundary_crossed(
				segment, boundary, pair, same_node)) {
				pair->segment = segment;
				pair->boundary = boundary;
			}
		}
}

void
statements_make(struct arena *arena, struct pair *pair, bool same_node)
{
	struct opinions in = inbound(arena, pair, same_node);
	struct opinions out = outbound(arena, pair, same_node);

	pair->server_modelled =
	    pair->server->states_provides && !gives_way(pair);
	pair->client_modelled = pair->client->states_needs;
	combine(arena, pair, &in, &out);
	find_boundary(pair, pair->server, same_node);
	find_boundary(pair, pair->client, same_node);
}

bool
statement_port_fits(
    const struct statement *statement, uint8_t protocol, uint16_t port)
{
	if (statement->port_count == 0)
		return true;
	for (size_t i = 0; i < statement->port_count; i++)
		if (range_holds(&statement->ports[i], protocol, port))
			return true;
	return false;
}

enum app_match
entry_app_fits(const struct entry *entry, const struct appid *appid)
{
	enum app_match best = APP_CONTRADICT;

	if (entry == NULL || entry->application_count == 0)
		return APP_MATCH;
	for (size_t i = 0; i < entry->application_count; i++) {
		enum app_match one = appid_match(appid, entry->applications[i]);

		if (one < best)
			best = one;
	}
	return best;
}

static bool
named_port_fits(const char *name, const struct identity *server,
    uint8_t protocol, uint16_t port)
{
	const struct workload *workload = server->workload;

	for (size_t c = 0; workload != NULL && c < workload->container_count;
	     c++)
		for (size_t p = 0; p < workload->containers[c].port_count;
		     p++) {
			const struct container_port *one =
			    &workload->containers[c].ports[p];

			if (one->number == port && one->protocol == protocol &&
			    strcmp(one->name, name) == 0)
				return true;
		}
	return false;
}

bool
entry_port_fits(const struct entry *entry, const struct identity *server,
    uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < entry->ports.count; i++) {
		const struct port_range *range = &entry->ports.at[i];

		if (range->name == NULL
			? range_holds(range, protocol, port)
			: named_port_fits(range->name, server, protocol, port))
			return true;
	}
	return entry->ports.count == 0;
}

enum app_match
statement_app_fits(const struct statement *statement, const struct appid *appid)
{
	enum app_match provided = entry_app_fits(statement->provides, appid);
	enum app_match needed = entry_app_fits(statement->needs, appid);

	return provided > needed ? provided : needed;
}

/* --- opinions ------------------------------------------------------------- */

static bool
is_judged(const struct entry *entry)
{
	return entry != NULL && !entry->unjudged;
}

bool
statement_is_unjudged(const struct statement *statement)
{
	return statement->origin == STATEMENT_MODEL &&
	       !is_judged(statement->provides) && !is_judged(statement->needs);
}

/* `external: {}`: whoever is outside. */
static bool
is_all_outside(const struct external *external)
{
	return external != NULL &&
	       external->prefix_count + external->dns.count +
		       external->sni.count + external->countries.count +
		       external->asn_count ==
		   0;
}

static bool
names_somebody(const struct peers *peers)
{
	if (!peers->given)
		return false;
	for (size_t i = 0; i < peers->count; i++)
		if (peers->at[i].any || is_all_outside(peers->at[i].external))
			return false;
	return true;
}

static bool
is_blanket(const struct entry *entry)
{
	return entry == NULL ||
	       (entry->application_count == 0 && entry->ports.count == 0 &&
		   !names_somebody(&entry->peers));
}

bool
statement_is_blanket(const struct statement *statement)
{
	return statement->origin == STATEMENT_MODEL &&
	       is_blanket(statement->provides) && is_blanket(statement->needs);
}
