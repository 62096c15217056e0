#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "models/judge.h"
#include "models/policy.h"
#include "sensor/base/arena.h"

/* --- ports behind a service's address ------------------------------------- */

static bool
set_holds(const struct port_set *set, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].protocol == protocol &&
		    port >= set->at[i].first && port <= set->at[i].last)
			return true;
	return set->any;
}

/* Takes one port out of the ranges; there is room for one more. */
static size_t
take_out(struct port_range *at, size_t count, uint8_t protocol, uint16_t port)
{
	size_t kept = 0, all = count;

	for (size_t i = 0; i < count; i++)
		if (at[i].protocol == protocol && at[i].first < port &&
		    at[i].last > port) {
			at[all] = at[i];
			at[all++].first = (uint16_t)(port + 1);
			at[i].last = (uint16_t)(port - 1);
		}
	for (size_t i = 0; i < all; i++) {
		struct port_range *one = &at[i];

		if (one->protocol == protocol && one->first == port) {
			if (one->last == port)
				continue;
			one->first++;
		} else if (one->protocol == protocol && one->last == port) {
			one->last--;
		}
		at[kept++] = *one;
	}
	return kept;
}

/*
 * What a client writes on its packets to a service's address: the service's
 * own ports where they lead to a granted one, any other as it is.
 */
static struct port_set
through_service(struct arena *arena, const struct port_set *set,
    const struct standin *standin)
{
	const struct service *service = standin->service;
	struct port_range *at = arena_array(
	    arena, set->count + 2 * service->port_count + 1, sizeof(*at));
	size_t count = set->count;

	if (set->any)
		return *set;
	memcpy(at, set->at, count * sizeof(*at));
	for (size_t i = 0; i < service->port_count; i++)
		count = take_out(at, count, service->ports[i].protocol,
		    service->ports[i].port);
	for (size_t i = 0; i < service->port_count; i++) {
		const struct service_port *one = &service->ports[i];
		uint16_t target = judge_target_port(
		    service, standin->backend, one->protocol, one->port);

		if (set_holds(set, one->protocol, target))
			at[count++] = (struct port_range){
			    .protocol = one->protocol,
			    .first = one->port,
			    .last = one->port,
			};
	}
	if (count == 0)
		return (struct port_set){0};
	return port_set_of(arena, at, count);
}

/* --- one client, one server ----------------------------------------------- */

bool
port_sets_equal(const struct port_set *a, const struct port_set *b)
{
	if (a->any != b->any || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->at[i].protocol != b->at[i].protocol ||
		    a->at[i].first != b->at[i].first ||
		    a->at[i].last != b->at[i].last)
			return false;
	return true;
}

static bool
same_statement(const struct statement *a, const struct statement *b)
{
	return a->origin == b->origin && a->provides == b->provides &&
	       a->needs == b->needs;
}

static void
add_grant(struct arena *arena, struct reach *reach, const struct grant *grant)
{
	if (!grant->ports.any && grant->ports.count == 0)
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (same_statement(reach->at[i].statement, grant->statement) &&
		    port_sets_equal(&reach->at[i].ports, &grant->ports))
			return;
	if (reach->count == reach->capacity) {
		size_t capacity =
		    reach->capacity == 0 ? 4 : reach->capacity * 2;
		struct grant *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (reach->count > 0)
			memcpy(grown, reach->at, reach->count * sizeof(*grown));
		reach->at = grown;
		reach->capacity = capacity;
	}
	reach->at[reach->count++] = *grant;
}

static void
add_pair(struct export *export, struct reach *reach, const struct pair *pair,
    const struct standin *server)
{
	if (pair->boundary != NULL)
		return;
	if (!pair->server_modelled && !pair->client_modelled) {
		reach->free = true;
		return;
	}
	for (size_t i = 0; i < pair->count; i++) {
		const struct statement *one = &pair->statements[i];
		struct grant grant = {
		    .statement = one,
		    .ports =
			port_set_of(export->arena, one->ports, one->port_count),
		};

		export_lose_unjudged(export, one);
		if (server->service != NULL)
			grant.ports = through_service(
			    export->arena, &grant.ports, server);
		add_grant(export->arena, reach, &grant);
	}
}

struct reach
export_reach(struct export *export, const struct end *client,
    const struct end *server, const char *node)
{
	struct reach reach = {0};

	for (size_t c = 0; c < client->standin_count; c++)
		for (size_t s = 0; s < server->standin_count; s++) {
			const struct standin *from = &client->standins[c];
			const struct standin *to = &server->standins[s];
			const char *a = from->node != NULL ? from->node : node;
			const char *b = to->node != NULL ? to->node : node;
			bool same = a != NULL && b != NULL && a[0] != '\0' &&
				    strcmp(a, b) == 0;

			add_pair(export, &reach,
			    policy_pair(export->policy, from->identity,
				to->identity, same),
			    to);
		}
	if (reach.free)
		reach.count = 0;
	return reach;
}

bool
reach_equal(const struct reach *a, const struct reach *b)
{
	if (a->free != b->free || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_statement(a->at[i].statement, b->at[i].statement) ||
		    !port_sets_equal(&a->at[i].ports, &b->at[i].ports))
			return false;
	return true;
}

/* --- all clients of one server -------------------------------------------- */

static void
add_link(struct arena *arena, struct links *links, const struct link *link)
{
	if (links->count == links->capacity) {
		size_t capacity =
		    links->capacity == 0 ? 16 : links->capacity * 2;
		struct link *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (links->count > 0)
			memcpy(grown, links->at, links->count * sizeof(*grown));
		links->at = grown;
		links->capacity = capacity;
	}
	links->at[links->count++] = *link;
}

static const struct spans *
spans_on(const struct end *end, const char *node)
{
	for (size_t i = 0; i < end->node_count; i++)
		if (strcmp(end->nodes[i].node, node) == 0)
			return &end->nodes[i].spans;
	return NULL;
}

/* Whether the end's node is the address's own, or one of its stand-ins'. */
static bool
may_be_on(const struct end *end, const char *node)
{
	for (size_t i = 0; i < end->standin_count; i++)
		if (end->standins[i].node != NULL &&
		    strcmp(end->standins[i].node, node) == 0)
			return true;
	return spans_on(end, node) != NULL;
}

/* Adds what differs where the two share a node, for `nodes` of `moving`. */
static void
add_links_on_nodes(struct export *export, struct links *links,
    const struct link *elsewhere, const struct end *moving)
{
	for (size_t i = 0; i < moving->node_count; i++) {
		const char *node = moving->nodes[i].node;
		struct link link = *elsewhere;

		if (!may_be_on(link.client, node) ||
		    !may_be_on(link.server, node))
			continue;
		link.reach =
		    export_reach(export, link.client, link.server, node);
		if (reach_equal(&link.reach, &elsewhere->reach))
			continue;
		link.node = node;
		link.alone =
		    !elsewhere->reach.free && elsewhere->reach.count == 0;
		link.client_spans = spans_on(link.client, node);
		link.server_spans = spans_on(link.server, node);
		add_link(export->arena, links, &link);
	}
}

struct links
export_links(struct export *export, const struct end *server)
{
	const struct ends *ends = export->ends;
	struct links links = {.all_free = true}, elsewhere = {0};

	for (size_t i = 0; i < ends->count; i++) {
		struct link link = {.client = ends->at[i], .server = server};

		if (link.client->standin_count == 0)
			continue;
		link.reach = export_reach(export, link.client, server, NULL);
		add_links_on_nodes(export, &links, &link,
		    server->node_count > 0 ? server : link.client);
		add_link(export->arena, &elsewhere, &link);
	}
	for (size_t i = 0; i < elsewhere.count; i++)
		add_link(export->arena, &links, &elsewhere.at[i]);
	for (size_t i = 0; i < links.count; i++) {
		const struct link *link = &links.at[i];

		if (!link->reach.free)
			links.all_free = false;
		if (link->client == ends->outside && link->reach.free)
			links.open = true;
	}
	return links;
}

bool
link_ends(const struct links *links, const struct link *link)
{
	if (link->reach.free || (!links->open && link->node == NULL))
		return false;
	for (size_t i = 0; i < link->reach.count; i++)
		if (link->reach.at[i].ports.any)
			return false;
	return links->open || !link->alone;
}
