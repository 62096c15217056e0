/* Facts that are random and yet keep to what a fact may say. */
#ifndef TESTS_RANDOM_FACT_H
#define TESTS_RANDOM_FACT_H

#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/image.h"
#include "sensor/base/arena.h"
#include "tests/bench/random.h"

static inline bool
random_coin(struct random *random)
{
	return random_below(random, 2) == 0;
}

/* Everything that JSON must quote, UTF-8 of every length, and nothing. */
static inline const char *
random_text(struct random *random, struct arena *arena)
{
	static const char *const pieces[] = {"a", "web", "-", ".", "/", "\"",
	    "\\", "\n", "\x01", "\x7f", " ", "\xc3\xa9", "\xe2\x82\xac",
	    "\xf0\x9f\x98\x80", "{", "}", "[", ",", ":", "$1", "\r\n", "0"};
	const char *text = "";

	for (uint32_t i = random_below(random, 6); i > 0; i--)
		text = arena_format(arena, "%s%s", text,
		    pieces[random_below(
			random, sizeof(pieces) / sizeof(pieces[0]))]);
	return text;
}

static inline const char *
random_name(struct random *random, struct arena *arena)
{
	return arena_format(arena, "n%u\xc3\xa9", random_below(random, 1000));
}

static inline struct address
random_address(struct random *random)
{
	uint8_t octets[16];

	random_fill(random, octets, sizeof(octets));
	octets[0] |= 0x20;
	return random_coin(random) ? address_from_ipv4(octets)
				   : address_from_ipv6(octets);
}

static inline struct prefix
random_prefix(struct random *random)
{
	struct prefix prefix = {.base = random_address(random)};
	unsigned first = address_is_ipv4(&prefix.base) ? 96 : 0;

	prefix.length = (uint8_t)random_between(random, first, 128);
	for (unsigned bit = prefix.length; bit < 128; bit++)
		prefix.base.octets[bit / 8] &= (uint8_t) ~(0x80U >> (bit % 8));
	return prefix;
}

static inline struct instant
random_instant(struct random *random, struct instant otherwise)
{
	int64_t year = INT64_C(366) * 86400 * NS_PER_SECOND;
	struct instant at = {(int64_t)(random_next(random) >> 2) - 200 * year};

	switch (random_below(random, 4)) {
	case 0:
		return otherwise;
	case 1:
		return (struct instant){at.ns / NS_PER_SECOND * NS_PER_SECOND};
	default:
		return at;
	}
}

static inline const struct address *
random_addresses(struct random *random, struct arena *arena, size_t *count)
{
	struct address *addresses;

	*count = random_below(random, 4);
	addresses = arena_array(arena, *count, sizeof(*addresses));
	for (size_t i = 0; i < *count; i++)
		addresses[i] = random_address(random);
	return addresses;
}

static inline const struct prefix *
random_prefixes(struct random *random, struct arena *arena, size_t *count)
{
	struct prefix *prefixes;

	*count = random_below(random, 4);
	prefixes = arena_array(arena, *count, sizeof(*prefixes));
	for (size_t i = 0; i < *count; i++)
		prefixes[i] = random_prefix(random);
	return prefixes;
}

static inline struct labels
random_labels(struct random *random, struct arena *arena)
{
	size_t count = random_below(random, 5);
	struct label *labels = arena_array(arena, count, sizeof(*labels));

	for (size_t i = 0; i < count; i++) {
		labels[i].key = arena_format(
		    arena, "k%zu.example/%s", i, random_name(random, arena));
		labels[i].value = random_text(random, arena);
	}
	return (struct labels){labels, count};
}

static inline uint8_t
random_protocol(struct random *random)
{
	static const uint8_t protocols[] = {6, 17, 132, 1, 255};

	return protocols[random_below(random, sizeof(protocols))];
}

static inline uint16_t
random_port(struct random *random)
{
	return (uint16_t)random_below(random, 65536);
}

static inline struct container
random_container(struct random *random, struct arena *arena)
{
	size_t count = random_below(random, 3);
	struct container_port *ports =
	    arena_array(arena, count, sizeof(*ports));

	for (size_t i = 0; i < count; i++)
		ports[i] = (struct container_port){random_port(random),
		    random_protocol(random), random_text(random, arena)};
	struct container container = {
	    .name = random_text(random, arena),
	    .image =
		image_split(arena, arena_format(arena, "registry.example/%s:1",
				       random_name(random, arena))),
	    .ports = ports,
	    .port_count = count,
	};

	if (random_coin(random))
		container.image.digest = arena_format(
		    arena, "sha256:%08x", (unsigned)random_next(random));
	return container;
}

static inline struct fact_workload
random_workload(struct random *random, struct arena *arena)
{
	static const char *const schemes[] = {"http", "https", "tcp", "grpc"};
	size_t containers = random_below(random, 3);
	size_t probes = random_below(random, 3);
	struct container *container =
	    arena_array(arena, containers, sizeof(*container));
	struct probe *probe = arena_array(arena, probes, sizeof(*probe));
	struct workload workload = {
	    .orchestrator = "static",
	    .namespace = random_text(random, arena),
	    .name = random_name(random, arena),
	    .kind = random_text(random, arena),
	    .node = random_text(random, arena),
	    .labels = random_labels(random, arena),
	    .containers = container,
	    .container_count = containers,
	    .probes = probe,
	    .probe_count = probes,
	    .provides = random_text(random, arena),
	    .needs = random_text(random, arena),
	    .host_network = random_coin(random),
	    .since = random_instant(random, INSTANT_PAST),
	    .until = random_instant(random, INSTANT_FUTURE),
	};

	for (size_t i = 0; i < containers; i++)
		container[i] = random_container(random, arena);
	for (size_t i = 0; i < probes; i++)
		probe[i] = (struct probe){
		    random_port(random), schemes[random_below(random, 4)]};
	workload.addresses =
	    random_addresses(random, arena, &workload.address_count);
	return (struct fact_workload){
	    .workload = workload,
	    .owner_kind = random_text(random, arena),
	    .owner_name = random_text(random, arena),
	    .annotation = random_text(random, arena),
	};
}

static inline struct fact_service
random_service(struct random *random, struct arena *arena)
{
	size_t count = random_below(random, 3);
	struct service_port *ports = arena_array(arena, count, sizeof(*ports));
	struct service service = {
	    .namespace = random_text(random, arena),
	    .name = random_name(random, arena),
	    .ports = ports,
	    .port_count = count,
	    .since = random_instant(random, INSTANT_PAST),
	    .until = INSTANT_FUTURE,
	};

	for (size_t i = 0; i < count; i++)
		ports[i] = (struct service_port){
		    .port = random_port(random),
		    .protocol = random_protocol(random),
		    .name = random_text(random, arena),
		    .target = random_port(random),
		    .target_name = random_text(random, arena),
		    .node_port = random_port(random),
		};
	service.addresses =
	    random_addresses(random, arena, &service.address_count);
	return (struct fact_service){service, random_labels(random, arena)};
}

static inline struct label_selector
random_selector(struct random *random, struct arena *arena)
{
	size_t count = random_below(random, 3);
	struct label_rule *rules = arena_array(arena, count, sizeof(*rules));

	for (size_t i = 0; i < count; i++) {
		size_t values = random_below(random, 3);
		const char **value = arena_array(arena, values, sizeof(*value));

		for (size_t k = 0; k < values; k++)
			value[k] = random_text(random, arena);
		rules[i] = (struct label_rule){
		    .key = random_text(random, arena),
		    .test = (enum label_rule_test)random_below(random, 5),
		    .values = value,
		    .value_count = values,
		};
	}
	return (struct label_selector){rules, count};
}

static inline struct network_peer
random_peer(struct random *random, struct arena *arena, const char *namespace)
{
	struct network_peer peer = {
	    .namespace = namespace,
	    .has_pods = random_coin(random),
	    .has_namespaces = random_coin(random),
	    .has_block = random_coin(random),
	};

	if (peer.has_pods)
		peer.pods = random_selector(random, arena);
	if (peer.has_namespaces)
		peer.namespaces = random_selector(random, arena);
	if (!peer.has_block)
		return peer;
	peer.block_is_faulty = random_below(random, 4) == 0;
	if (!peer.block_is_faulty)
		peer.block = random_prefix(random);
	peer.excepts = random_prefixes(random, arena, &peer.except_count);
	return peer;
}

static inline const struct network_rule *
random_rules(struct random *random, struct arena *arena, size_t *count,
    const char *namespace)
{
	struct network_rule *rules;

	*count = random_below(random, 3);
	rules = arena_array(arena, *count, sizeof(*rules));
	for (size_t i = 0; i < *count; i++) {
		size_t peers = random_below(random, 3);
		size_t ports = random_below(random, 3);
		struct network_peer *peer =
		    arena_array(arena, peers, sizeof(*peer));
		struct network_port *port =
		    arena_array(arena, ports, sizeof(*port));

		for (size_t k = 0; k < peers; k++)
			peer[k] = random_peer(random, arena, namespace);
		for (size_t k = 0; k < ports; k++)
			port[k] = (struct network_port){random_protocol(random),
			    random_port(random), random_port(random),
			    random_text(random, arena)};
		rules[i] = (struct network_rule){peer, peers, port, ports};
	}
	return rules;
}

static inline struct network_policy
random_policy(struct random *random, struct arena *arena, uint64_t version)
{
	struct network_policy policy = {
	    .namespace = random_text(random, arena),
	    .name = random_name(random, arena),
	    .selector = random_selector(random, arena),
	    .ingress = random_coin(random),
	    .version = version,
	};

	policy.egress = !policy.ingress || random_coin(random);
	policy.ingress_rules = random_rules(
	    random, arena, &policy.ingress_count, policy.namespace);
	policy.egress_rules =
	    random_rules(random, arena, &policy.egress_count, policy.namespace);
	return policy;
}

static inline void
random_content(struct random *random, struct arena *arena, struct fact *fact)
{
	const char *name = random_name(random, arena);

	switch (fact->kind) {
	case FACT_WORKLOAD:
		fact->workload = random_workload(random, arena);
		fact->workload.workload.id = fact->id;
		fact->workload.workload.cluster = fact->cluster;
		fact->workload.workload.version = fact->version;
		break;
	case FACT_OWNER:
		fact->owner = (struct fact_owner){random_text(random, arena),
		    name, random_name(random, arena),
		    random_text(random, arena), random_text(random, arena)};
		break;
	case FACT_SERVICE:
		fact->service = random_service(random, arena);
		break;
	case FACT_BACKENDS:
		fact->backends = (struct fact_backends){
		    .namespace = random_text(random, arena), .service = name};
		fact->backends.addresses = random_addresses(
		    random, arena, &fact->backends.address_count);
		break;
	case FACT_NODE:
		fact->node = (struct fact_node){
		    .node = {
			.name = name, .labels = random_labels(random, arena)}};
		fact->node.addresses =
		    random_addresses(random, arena, &fact->node.address_count);
		fact->node.pod_networks = random_prefixes(
		    random, arena, &fact->node.pod_network_count);
		break;
	case FACT_NODE_ADDRESS:
		fact->node_address =
		    (struct fact_node_address){name, random_address(random)};
		break;
	case FACT_NAMESPACE:
		fact->namespace =
		    (struct namespace){name, random_labels(random, arena)};
		break;
	case FACT_ZONE:
		fact->zone = (struct zone){
		    .name = name, .labels = random_labels(random, arena)};
		fact->zone.prefixes =
		    random_prefixes(random, arena, &fact->zone.prefix_count);
		break;
	case FACT_POLICY:
		fact->policy = random_policy(random, arena, fact->version);
		break;
	case FACT_SEEN:
		break;
	}
}

/* One of `ids` objects of the kind; few ids make many changes of each. */
static inline struct fact
random_fact(struct random *random, struct arena *arena, enum fact_kind kind,
    uint32_t ids)
{
	struct fact fact = {
	    .kind = kind,
	    .gone = random_below(random, 8) == 0,
	    .cluster = random_coin(random) ? "" : "lab",
	    .id = arena_format(arena, "id:%u", random_below(random, ids)),
	    .version = random_next(random) >> random_below(random, 64),
	    .at = random_instant(random, INSTANT_PAST),
	};

	if (!fact.gone)
		random_content(random, arena, &fact);
	return fact;
}

#endif
