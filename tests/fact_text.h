/*
 * A fact told in full by the plainest code there is: the oracle that records
 * are compared with.
 */
#ifndef TESTS_FACT_TEXT_H
#define TESTS_FACT_TEXT_H

#include <inttypes.h>

#include "classifiers/inventory/fact.h"
#include "sensor/base/text.h"

static inline void
tell_text(struct text *out, const char *text)
{
	text_format(out, "<%s>", text == NULL ? "" : text);
}

static inline void
tell_labels(struct text *out, const struct labels *labels)
{
	for (size_t i = 0; i < labels->count; i++) {
		tell_text(out, labels->at[i].key);
		tell_text(out, labels->at[i].value);
	}
	text_add(out, "; ");
}

static inline void
tell_addresses(struct text *out, const struct address *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < 16; k++)
			text_format(out, "%02x", addresses[i].octets[k]);
	text_format(out, " %zu; ", count);
}

static inline void
tell_prefixes(struct text *out, const struct prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tell_addresses(out, &prefixes[i].base, 1);
		text_format(out, "/%u ", prefixes[i].length);
	}
	text_format(out, "%zu; ", count);
}

static inline void
tell_workload(struct text *out, const struct fact_workload *fact)
{
	const struct workload *workload = &fact->workload;

	tell_text(out, workload->id);
	tell_text(out, workload->cluster);
	tell_text(out, workload->orchestrator);
	tell_text(out, workload->namespace);
	tell_text(out, workload->name);
	tell_text(out, workload->kind);
	tell_text(out, workload->node);
	tell_labels(out, &workload->labels);
	tell_text(out, workload->provides);
	tell_text(out, workload->needs);
	text_format(out, "%d %" PRId64 " %" PRId64 " %" PRIu64,
	    workload->host_network, workload->since.ns, workload->until.ns,
	    workload->version);
	tell_addresses(out, workload->addresses, workload->address_count);
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct container *container = &workload->containers[i];

		tell_text(out, container->name);
		tell_text(out, container->image.name);
		tell_text(out, container->image.base);
		tell_text(out, container->image.digest);
		for (size_t k = 0; k < container->port_count; k++) {
			text_format(out, "%u/%u", container->ports[k].number,
			    container->ports[k].protocol);
			tell_text(out, container->ports[k].name);
		}
	}
	for (size_t i = 0; i < workload->probe_count; i++)
		text_format(out, "%u %s,", workload->probes[i].port,
		    workload->probes[i].scheme);
	tell_text(out, fact->annotation);
	tell_text(out, fact->owner_kind);
	tell_text(out, fact->owner_name);
}

static inline void
tell_service(struct text *out, const struct fact_service *fact)
{
	const struct service *service = &fact->service;

	tell_text(out, service->namespace);
	tell_text(out, service->name);
	text_format(
	    out, "%" PRId64 " %" PRId64, service->since.ns, service->until.ns);
	tell_addresses(out, service->addresses, service->address_count);
	for (size_t i = 0; i < service->port_count; i++) {
		const struct service_port *port = &service->ports[i];

		text_format(out, "%u/%u %u %u", port->port, port->protocol,
		    port->target, port->node_port);
		tell_text(out, port->name);
		tell_text(out, port->target_name);
	}
	tell_labels(out, &fact->selector);
}

static inline void
tell_selector(struct text *out, const struct label_selector *selector)
{
	for (size_t i = 0; i < selector->count; i++) {
		const struct label_rule *rule = &selector->at[i];

		tell_text(out, rule->key);
		text_format(out, "%d", (int)rule->test);
		for (size_t k = 0; k < rule->value_count; k++)
			tell_text(out, rule->values[k]);
	}
	text_format(out, "%zu. ", selector->count);
}

static inline void
tell_rules(struct text *out, const struct network_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < rules[i].peer_count; k++) {
			const struct network_peer *peer = &rules[i].peers[k];

			tell_text(out, peer->namespace);
			text_format(out, "%d%d%d%d", peer->has_pods,
			    peer->has_namespaces, peer->has_block,
			    peer->block_is_faulty);
			tell_selector(out, &peer->pods);
			tell_selector(out, &peer->namespaces);
			tell_prefixes(out, &peer->block, 1);
			tell_prefixes(out, peer->excepts, peer->except_count);
		}
		for (size_t k = 0; k < rules[i].port_count; k++) {
			const struct network_port *port = &rules[i].ports[k];

			text_format(out, "%u %u %u", port->protocol,
			    port->first, port->last);
			tell_text(out, port->name);
		}
		text_format(
		    out, "%zu %zu. ", rules[i].peer_count, rules[i].port_count);
	}
}

static inline void
tell_policy(struct text *out, const struct network_policy *policy)
{
	tell_text(out, policy->namespace);
	tell_text(out, policy->name);
	text_format(out, "%d%d %" PRIu64, policy->ingress, policy->egress,
	    policy->version);
	tell_selector(out, &policy->selector);
	tell_rules(out, policy->ingress_rules, policy->ingress_count);
	text_add(out, "out ");
	tell_rules(out, policy->egress_rules, policy->egress_count);
}

static inline void
tell_content(struct text *out, const struct fact *fact)
{
	switch (fact->kind) {
	case FACT_WORKLOAD:
		tell_workload(out, &fact->workload);
		break;
	case FACT_OWNER:
		tell_text(out, fact->owner.namespace);
		tell_text(out, fact->owner.kind);
		tell_text(out, fact->owner.name);
		tell_text(out, fact->owner.owner_kind);
		tell_text(out, fact->owner.owner_name);
		break;
	case FACT_SERVICE:
		tell_service(out, &fact->service);
		break;
	case FACT_BACKENDS:
		tell_text(out, fact->backends.namespace);
		tell_text(out, fact->backends.service);
		tell_addresses(out, fact->backends.addresses,
		    fact->backends.address_count);
		break;
	case FACT_NODE:
		tell_text(out, fact->node.node.name);
		tell_labels(out, &fact->node.node.labels);
		tell_addresses(
		    out, fact->node.addresses, fact->node.address_count);
		tell_prefixes(
		    out, fact->node.pod_networks, fact->node.pod_network_count);
		break;
	case FACT_NODE_ADDRESS:
		tell_text(out, fact->node_address.node);
		tell_addresses(out, &fact->node_address.address, 1);
		break;
	case FACT_NAMESPACE:
		tell_text(out, fact->namespace.name);
		tell_labels(out, &fact->namespace.labels);
		break;
	case FACT_ZONE:
		tell_text(out, fact->zone.name);
		tell_labels(out, &fact->zone.labels);
		tell_prefixes(
		    out, fact->zone.prefixes, fact->zone.prefix_count);
		break;
	case FACT_POLICY:
		tell_policy(out, &fact->policy);
		break;
	case FACT_SEEN:
		break;
	}
}

static inline void
tell_fact(struct text *out, const struct fact *fact)
{
	text_format(out, "%d %d ", (int)fact->kind, fact->gone);
	tell_text(out, fact->cluster);
	tell_text(out, fact->id);
	text_format(
	    out, "%" PRIu64 " %" PRId64 " ", fact->version, fact->at.ns);
	if (!fact->gone)
		tell_content(out, fact);
}

#endif
