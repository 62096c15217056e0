/*
 * facts -- states single facts to a draft, for tests that make their world by
 * hand.
 */
#ifndef TESTS_FACTS_H
#define TESTS_FACTS_H

#include <stdio.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/address.h"

/* `seen` is when it became so; INSTANT_PAST in a snapshot. */
struct workload_fact {
	struct workload workload;
	const char *owner_kind, *owner_name;
	const char *annotation;
	struct instant seen;
};

static inline bool
state_workload(struct inventory_draft *draft, const struct workload_fact *fact)
{
	struct fact one = {
	    .kind = FACT_WORKLOAD,
	    .cluster = fact->workload.cluster,
	    .id = fact->workload.id,
	    .version = fact->workload.version,
	    .at = fact->seen,
	    .workload = {fact->workload, fact->owner_kind, fact->owner_name,
		fact->annotation},
	};

	return inventory_put(draft, &one);
}

static inline void
state_end(struct inventory_draft *draft, const char *id, struct instant at)
{
	struct fact one = {
	    .kind = FACT_WORKLOAD, .gone = true, .id = id, .at = at};

	(void)inventory_put(draft, &one);
}

static inline void
state_owner(struct inventory_draft *draft, const char *namespace,
    const char *kind, const char *name, const char *owner_kind,
    const char *owner_name)
{
	char id[256];
	struct fact one = {
	    .kind = FACT_OWNER,
	    .id = id,
	    .at = INSTANT_PAST,
	    .owner = {namespace, kind, name, owner_kind, owner_name},
	};

	(void)snprintf(id, sizeof(id), "%s/%s/%s", namespace, kind, name);
	(void)inventory_put(draft, &one);
}

/* selector empty: backends come from state_backend() alone. */
struct service_fact {
	struct service service;
	struct labels selector;
	uint64_t version;
};

/* A service that is made anew under its name is another. */
static inline void
state_service(struct inventory_draft *draft, const struct service_fact *fact)
{
	char id[256];
	struct fact one = {
	    .kind = FACT_SERVICE,
	    .cluster = fact->service.cluster,
	    .id = id,
	    .version = fact->version,
	    .at = INSTANT_PAST,
	    .service = {fact->service, fact->selector},
	};

	(void)snprintf(id, sizeof(id), "%s/%s/%lld", fact->service.namespace,
	    fact->service.name, (long long)fact->service.since.ns);
	(void)inventory_put(draft, &one);
	if (fact->service.until.ns == INSTANT_FUTURE.ns)
		return;
	one.gone = true;
	one.at = fact->service.until;
	(void)inventory_put(draft, &one);
}

/* One slice of one address. */
static inline void
state_backend(struct inventory_draft *draft, const char *namespace,
    const char *service, const struct address *address)
{
	char printed[ADDRESS_TEXT_SIZE], id[256];
	struct fact one = {
	    .kind = FACT_BACKENDS,
	    .id = id,
	    .at = INSTANT_PAST,
	    .backends = {namespace, service, address, 1},
	};

	address_print(address, printed);
	(void)snprintf(id, sizeof(id), "%s/%s-%s", namespace, service, printed);
	(void)inventory_put(draft, &one);
}

struct node_fact {
	struct node node;
	const struct address *addresses;
	size_t address_count;
	const struct prefix *pod_networks;
	size_t pod_network_count;
	uint64_t version;
};

static inline void
state_node(struct inventory_draft *draft, const struct node_fact *fact)
{
	struct fact one = {
	    .kind = FACT_NODE,
	    .cluster = fact->node.cluster,
	    .id = fact->node.name,
	    .version = fact->version,
	    .at = INSTANT_PAST,
	    .node = {fact->node, fact->addresses, fact->address_count,
		fact->pod_networks, fact->pod_network_count},
	};

	(void)inventory_put(draft, &one);
}

static inline void
state_node_address(struct inventory_draft *draft, const char *node,
    const struct address *address)
{
	struct fact one = {
	    .kind = FACT_NODE_ADDRESS,
	    .id = node,
	    .at = INSTANT_PAST,
	    .node_address = {node, *address},
	};

	(void)inventory_put(draft, &one);
}

static inline void
state_namespace(
    struct inventory_draft *draft, const struct namespace *namespace)
{
	struct fact one = {
	    .kind = FACT_NAMESPACE,
	    .id = namespace->name,
	    .at = INSTANT_PAST,
	    .namespace = *namespace,
	};

	(void)inventory_put(draft, &one);
}

static inline void
state_zone(struct inventory_draft *draft, const struct zone *zone)
{
	struct fact one = {
	    .kind = FACT_ZONE,
	    .id = zone->name,
	    .at = INSTANT_PAST,
	    .zone = *zone,
	};

	(void)inventory_put(draft, &one);
}

static inline void
state_seen(struct inventory_draft *draft, struct instant at)
{
	struct fact one = {.kind = FACT_SEEN, .id = "", .at = at};

	(void)inventory_put(draft, &one);
}

#endif
