#include "classifiers/inventory/inventory.h"
#include "classifiers/outside.h"
#include "models/export_parts.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

#define ENDS_MAXIMUM ((size_t)1 << 22)
#define BITS         128
#define SAFE_MAXIMUM 100

/* Traffic of these is never judged (see attribute.h), whoever holds them. */
static const char *const infrastructure[] = {"0.0.0.0", "169.254.0.0/16",
    "224.0.0.0/4", "255.255.255.255", "::", "fe80::/10", "ff00::/8",
    "169.254.169.254"};

/* Except this: the instance metadata of clouds is worth guarding. */
static const uint8_t cloud_metadata[4] = {169, 254, 169, 254};

/* An address says nothing of names, countries and whose network it is. */
static const struct outside unseen = {
    .names_unseen = true,
    .server_name_unseen = true,
};

/* The ends under construction. */
struct dividing {
	struct export *export;
	struct ends *ends;
	struct map *by_holder; /* what the end is about -> struct end */
	struct map *by_name;
	const struct identity *outside;
	struct address *starts; /* where who holds an address may change */
	size_t start_count, start_capacity;
};

/* --- addresses as numbers ------------------------------------------------- */

/* The next address; false after the last of all. */
static bool
address_next(struct address *address)
{
	for (size_t i = sizeof(address->octets); i-- > 0;)
		if (++address->octets[i] != 0)
			return true;
	return false;
}

static void
address_previous(struct address *address)
{
	for (size_t i = sizeof(address->octets); i-- > 0;)
		if (address->octets[i]-- != 0)
			return;
}

static struct address
prefix_last(const struct prefix *prefix)
{
	struct address last = prefix->base;

	for (unsigned bit = prefix->length; bit < BITS; bit++)
		last.octets[bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
	return last;
}

static int
compare_addresses(const void *a, const void *b)
{
	return address_compare(a, b);
}

/* The largest network that begins at `first` and does not pass `last`. */
static struct prefix
largest_prefix(const struct address *first, const struct address *last)
{
	unsigned shortest = address_is_ipv4(first) ? 96 : 0;
	struct prefix best = {*first, BITS};

	while (best.length > shortest) {
		struct prefix wider = {*first, (uint8_t)(best.length - 1)};
		struct address end = prefix_last(&wider);
		unsigned bit = wider.length;

		if ((first->octets[bit / 8] & (0x80u >> (bit % 8))) != 0 ||
		    address_compare(&end, last) > 0)
			break;
		best = wider;
	}
	return best;
}

static void
add_prefix(
    struct arena *arena, struct prefixes *list, const struct prefix *prefix)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		struct prefix *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (list->count > 0)
			memcpy(grown, list->at, list->count * sizeof(*grown));
		list->at = grown;
		list->capacity = capacity;
	}
	list->at[list->count++] = *prefix;
}

struct prefixes
export_prefixes(struct arena *arena, const struct spans *spans)
{
	struct prefixes list = {0};

	for (size_t i = 0; i < spans->count; i++) {
		struct address at = spans->at[i].first;
		const struct address *last = &spans->at[i].last;
		bool more = true;

		while (more) {
			struct prefix prefix = largest_prefix(&at, last);

			add_prefix(arena, &list, &prefix);
			at = prefix_last(&prefix);
			more =
			    address_compare(&at, last) < 0 && address_next(&at);
		}
	}
	return list;
}

/* --- spans ---------------------------------------------------------------- */

/* Whether the span goes on where the last of the spans ends. */
static bool
is_continued(const struct spans *spans, const struct span *span)
{
	struct address next;

	if (spans->count == 0)
		return false;
	next = spans->at[spans->count - 1].last;
	return address_is_ipv4(&next) == address_is_ipv4(&span->first) &&
	       address_next(&next) && address_equal(&next, &span->first);
}

/* Spans come in order of address, so only the last may be continued. */
static void
spans_add(struct arena *arena, struct spans *spans, const struct span *span)
{
	if (is_continued(spans, span)) {
		spans->at[spans->count - 1].last = span->last;
		return;
	}
	if (spans->count == spans->capacity) {
		size_t capacity =
		    spans->capacity == 0 ? 4 : spans->capacity * 2;
		struct span *grown =
		    arena_array(arena, capacity, sizeof(*grown));

		if (spans->count > 0)
			memcpy(grown, spans->at, spans->count * sizeof(*grown));
		spans->at = grown;
		spans->capacity = capacity;
	}
	spans->at[spans->count++] = *span;
}

/* Letters of an identifier in nft; longer ones than its 255 are cut. */
static const char *
safe_name(struct arena *arena, const char *name)
{
	size_t length = strnlen(name, SAFE_MAXIMUM);
	char *safe = arena_text_n(arena, name, length);

	for (size_t i = 0; i < length; i++)
		if (!(safe[i] >= 'a' && safe[i] <= 'z') &&
		    !(safe[i] >= 'A' && safe[i] <= 'Z') &&
		    !(safe[i] >= '0' && safe[i] <= '9') &&
		    strchr("/-_.", safe[i]) == NULL)
			safe[i] = '_';
	return safe;
}

bool
spans_have(const struct spans *spans, bool ipv4)
{
	for (size_t i = 0; i < spans->count; i++)
		if (address_is_ipv4(&spans->at[i].first) == ipv4)
			return true;
	return false;
}

static void
spans_add_on_node(struct arena *arena, struct end *end, const char *node,
    const struct span *span)
{
	struct on_node *grown;

	for (size_t i = 0; i < end->node_count; i++)
		if (strcmp(end->nodes[i].node, node) == 0) {
			spans_add(arena, &end->nodes[i].spans, span);
			return;
		}
	grown = arena_array(arena, end->node_count + 1, sizeof(*grown));
	if (end->node_count > 0)
		memcpy(grown, end->nodes, end->node_count * sizeof(*grown));
	grown[end->node_count] =
	    (struct on_node){.node = node, .safe = safe_name(arena, node)};
	for (size_t i = 0; i < end->node_count; i++)
		if (strcmp(grown[i].safe, grown[end->node_count].safe) == 0)
			grown[end->node_count].safe =
			    arena_format(arena, "%zu", end->node_count);
	spans_add(arena, &grown[end->node_count].spans, span);
	end->nodes = grown;
	end->node_count++;
}

/* --- who an address is ---------------------------------------------------- */

/* Kinds of one application differ in labels, image or ports; number them. */
static void
name_end(struct dividing *dividing, struct end *end, const char *name)
{
	struct arena *arena = dividing->export->arena;

	end->name = name;
	end->safe = safe_name(arena, name);
	for (unsigned n = 2; map_get_text(dividing->by_name, end->safe) != NULL;
	     n++) {
		end->name = arena_format(arena, "%s:%u", name, n);
		end->safe =
		    arena_format(arena, "%s_%u", safe_name(arena, name), n);
	}
	map_put_text(dividing->by_name, end->safe, end);
}

static struct end *
new_end(struct dividing *dividing, const char *name, size_t standins)
{
	struct arena *arena = dividing->export->arena;
	struct ends *ends = dividing->ends;
	struct end *end = arena_take(arena, sizeof(*end));
	struct end **grown;

	end->standins = arena_array(arena, standins, sizeof(*end->standins));
	name_end(dividing, end, name);
	if ((ends->count & (ends->count - 1)) == 0) {
		grown = arena_array(
		    arena, ends->count * 2 + 1, sizeof(struct end *));
		if (ends->count > 0)
			memcpy(grown, ends->at,
			    ends->count * sizeof(struct end *));
		ends->at = grown;
	}
	ends->at[ends->count++] = end;
	return end;
}

static void
add_standin(struct end *end, const struct identity *identity, const char *node)
{
	end->standins[end->standin_count++] =
	    (struct standin){.identity = identity, .node = node};
}

static struct end *
node_end(struct dividing *dividing, const struct node *node)
{
	struct export *export = dividing->export;
	const struct identity *self = policy_node(export->policy, node);
	struct end *end =
	    new_end(dividing, self->name, node->host_workload_count + 1);

	for (size_t i = 0; i < node->host_workload_count; i++) {
		const struct workload *one = node->host_workloads[i];

		if (workload_alive(one, export->at))
			add_standin(end, policy_workload(export->policy, one),
			    one->node);
	}
	add_standin(end, self, node->name);
	return end;
}

/* A service's address may be each of its backends; without any, nobody. */
static struct end *
service_end(struct dividing *dividing, const struct service *service)
{
	struct export *export = dividing->export;
	struct end *end = new_end(dividing,
	    arena_format(export->arena, "service/%s/%s", service->namespace,
		service->name),
	    service->backend_count);

	for (size_t i = 0; i < service->backend_count; i++) {
		const struct workload *one = service->backends[i];

		if (!workload_alive(one, export->at))
			continue;
		add_standin(
		    end, policy_workload(export->policy, one), one->node);
		end->standins[end->standin_count - 1].service = service;
		end->standins[end->standin_count - 1].backend = one;
	}
	return end;
}

static struct end *
single_end(struct dividing *dividing, const struct identity *identity,
    const char *name, const char *node)
{
	struct end *end = new_end(dividing, name, 1);

	add_standin(end, identity, node);
	return end;
}

/* What a model asks for besides the address may be so, or may not. */
static struct end *
external_end(struct dividing *dividing, const struct address *address)
{
	struct policy *policy = dividing->export->policy;
	const struct identity *strict =
	    policy_external(policy, address, &unseen, false);
	const struct identity *generous =
	    policy_external(policy, address, &unseen, true);
	struct end *end = new_end(dividing, strict->name, 2);

	add_standin(end, strict, "");
	if (generous != strict)
		add_standin(end, generous, "");
	return end;
}

static struct end *
make_end(struct dividing *dividing, const struct party *party)
{
	struct policy *policy = dividing->export->policy;
	const struct identity *identity;

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		identity = policy_workload(policy, party->workload);
		return single_end(dividing, identity, identity->name, NULL);
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		return node_end(dividing, party->node);
	case ATTRIBUTION_SERVICE:
		return service_end(dividing, party->service);
	case ATTRIBUTION_ZONE:
		identity = policy_zone(policy, party->zone);
		return single_end(dividing, identity, identity->name, "");
	case ATTRIBUTION_EXTERNAL:
		return external_end(dividing, &party->address);
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		break;
	}
	return NULL;
}

/* What makes two addresses the same end. */
static const void *
holder_of(struct dividing *dividing, const struct party *party)
{
	struct policy *policy = dividing->export->policy;

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		return policy_workload(policy, party->workload);
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		return party->node;
	case ATTRIBUTION_SERVICE:
		return party->service;
	case ATTRIBUTION_ZONE:
		return policy_zone(policy, party->zone);
	case ATTRIBUTION_EXTERNAL:
		return policy_external(policy, &party->address, &unseen, false);
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		break;
	}
	return NULL;
}

static bool
is_infrastructure(const struct address *address)
{
	struct address metadata = address_from_ipv4(cloud_metadata);

	return !address_equal(address, &metadata) &&
	       (address_is_multicast(address) ||
		   address_is_link_local(address) ||
		   address_is_broadcast_or_unspecified(address));
}

static struct end *
end_of(struct dividing *dividing, const struct party *party)
{
	const void *holder = holder_of(dividing, party);
	const void **key;
	struct end *end;

	if (holder == NULL || is_infrastructure(&party->address))
		return NULL;
	end = map_get(dividing->by_holder, &holder, sizeof(holder));
	if (end == NULL) {
		end = make_end(dividing, party);
		key = arena_take(dividing->export->arena, sizeof(holder));
		*key = holder;
		map_put(dividing->by_holder, key, sizeof(holder), end);
	}
	return end->standin_count == 0 ? NULL : end;
}

/* --- all addresses -------------------------------------------------------- */

static void
add_start(struct dividing *dividing, const struct address *start)
{
	if (dividing->start_count == dividing->start_capacity) {
		dividing->start_capacity = 2 * dividing->start_capacity + 64;
		dividing->starts = reallocate(dividing->starts,
		    dividing->start_capacity, sizeof(*dividing->starts));
	}
	dividing->starts[dividing->start_count++] = *start;
}

static void
add_starts(struct dividing *dividing, const struct prefix *prefix)
{
	struct address after = prefix_last(prefix);

	add_start(dividing, &prefix->base);
	if (address_next(&after))
		add_start(dividing, &after);
}

/*
 * Between two neighbouring starts nothing changes: no address has a holder
 * there that its neighbour has not, and no network begins or ends.
 */
static void
find_starts(struct dividing *dividing)
{
	static const uint8_t zeros[4];
	const struct inventory *inventory = dividing->export->inventory;
	const struct policy *policy = dividing->export->policy;
	struct prefix all_ipv6 = {.length = 0};
	struct prefix all_ipv4 = {address_from_ipv4(zeros), 96};

	add_starts(dividing, &all_ipv6);
	add_starts(dividing, &all_ipv4);
	for (size_t i = 0;
	     i < sizeof(infrastructure) / sizeof(infrastructure[0]); i++) {
		struct prefix prefix;

		if (prefix_parse(infrastructure[i], &prefix) == NULL)
			add_starts(dividing, &prefix);
	}
	for (size_t i = 0; i < inventory_network_count(inventory); i++)
		add_starts(dividing, inventory_network(inventory, i));
	for (size_t i = 0; i < policy_network_count(policy); i++)
		add_starts(dividing, policy_network(policy, i));
	for (size_t i = 0; i < inventory_address_count(inventory); i++) {
		struct prefix one = {*inventory_address(inventory, i), BITS};

		add_starts(dividing, &one);
	}
	qsort(dividing->starts, dividing->start_count,
	    sizeof(*dividing->starts), compare_addresses);
}

static void
add_span(struct dividing *dividing, const struct span *span)
{
	struct export *export = dividing->export;
	struct ends *ends = dividing->ends;
	struct party party = inventory_who(
	    export->inventory, INVENTORY_ANY, &span->first, export->at);
	struct end *end = end_of(dividing, &party);
	bool outside =
	    end != NULL && end->standins[0].identity == dividing->outside;

	if (outside)
		ends->outside = end;
	else
		spans_add(export->arena, &ends->known, span);
	if (!outside && !is_infrastructure(&span->first))
		spans_add(export->arena, &ends->held, span);
	if (end == NULL) {
		spans_add(export->arena, &ends->nobody, span);
		return;
	}
	spans_add(export->arena, &end->spans, span);
	if (party.attribution == ATTRIBUTION_EXACT &&
	    party.workload->node[0] != '\0')
		spans_add_on_node(
		    export->arena, end, party.workload->node, span);
}

static int
compare_ends(const void *a, const void *b)
{
	const struct end *const *left = a;
	const struct end *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

const struct ends *
export_ends(struct export *export)
{
	struct address nowhere = {{0}};
	struct dividing dividing = {
	    .export = export,
	    .outside =
		policy_external(export->policy, &nowhere, &unseen, false),
	    .ends = arena_take(export->arena, sizeof(struct ends)),
	    .by_holder = map_new(ENDS_MAXIMUM),
	    .by_name = map_new(ENDS_MAXIMUM),
	};

	find_starts(&dividing);
	for (size_t i = 0; i < dividing.start_count; i++) {
		struct span span = {.first = dividing.starts[i]};

		memset(&span.last, 0xff, sizeof(span.last));
		if (i + 1 < dividing.start_count) {
			span.last = dividing.starts[i + 1];
			if (address_equal(&span.first, &span.last))
				continue;
			address_previous(&span.last);
		}
		add_span(&dividing, &span);
	}
	if (dividing.ends->count > 0)
		qsort(dividing.ends->at, dividing.ends->count,
		    sizeof(struct end *), compare_ends);
	map_free(dividing.by_holder);
	map_free(dividing.by_name);
	free(dividing.starts);
	return dividing.ends;
}
