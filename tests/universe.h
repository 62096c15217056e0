/*
 * universe -- random models and workloads, told to the real library.
 *
 * For tests that compare a whole policy with something else: a kernel, a naive
 * evaluator.  Every universe has nodes, a service, zones, segments, both IP
 * versions, pods that ended, and pods on their node's network, so that every
 * kind of end and of entry meets every other.
 */
#ifndef TESTS_UNIVERSE_H
#define TESTS_UNIVERSE_H

#include "classifiers/inventory/inventory.h"
#include "classifiers/outside.h"
#include "facts.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define UNIVERSE_APPS      4
#define UNIVERSE_WORKLOADS 10
#define UNIVERSE_NODES     2
/* Ports that entries and questions are about: these many from this on. */
#define UNIVERSE_PORT  1000
#define UNIVERSE_PORTS 7

struct universe {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
	struct report *report;
};

/* A small generator: the same universes on every machine. */
static inline uint32_t
roll(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33) % sides;
}

/* --- models --------------------------------------------------------------- */

static inline void
write_port(struct text *out, uint64_t *state)
{
	unsigned low = UNIVERSE_PORT + roll(state, UNIVERSE_PORTS);

	switch (roll(state, 8)) {
	case 0:
		break; /* any */
	case 1:
		text_format(out, ", port: udp/%u", low);
		break;
	case 2:
		text_format(out, ", port: %u", low);
		break;
	case 3:
		text_format(out, ", port: [icmp, tcp/%u, udp/%u-%u]", low, low,
		    low + 2);
		break;
	case 4:
		text_add(out, ", port: main");
		break;
	default:
		text_format(
		    out, ", port: tcp/%u-%u", low, low + roll(state, 3));
		break;
	}
}

static inline void
write_peer(struct text *out, uint64_t *state)
{
	static const char *const peers[] = {
	    "any: true",
	    "application: a0",
	    "application: a1",
	    "application: a2",
	    "application: \"n1/a*\"",
	    "same: namespace",
	    "same: [namespace, node]",
	    "same: \"label:env\"",
	    "role: special",
	    "labels: {env: prod}",
	    "labels: {\"!env\": true}",
	    "node: true",
	    "external: {}",
	    "external: {cidr: [203.0.113.0/24, \"2001:db8:7::/48\"]}",
	    "external: {dns: \"*.example.com\"}",
	    "external: {country: DE, cidr: 203.0.113.0/24}",
	    "zone: lan",
	    "zone: inner",
	};

	text_format(
	    out, "{%s}", peers[roll(state, sizeof(peers) / sizeof(peers[0]))]);
}

static inline void
write_peers(struct text *out, uint64_t *state)
{
	unsigned count = roll(state, 4);

	text_add_char(out, '[');
	for (unsigned i = 0; i < count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		write_peer(out, state);
	}
	text_add_char(out, ']');
}

static inline void
write_entries(
    struct text *out, uint64_t *state, const char *key, const char *peers)
{
	unsigned count = roll(state, 4);

	text_format(out, "%s:%s\n", key, count == 0 ? " []" : "");
	for (unsigned i = 0; i < count; i++) {
		text_format(out, "  - {name: e%u%s", i,
		    roll(state, 3) == 0 ? ", app: redis" : "");
		write_port(out, state);
		text_format(out, ", %s: ", peers);
		write_peers(out, state);
		text_add(out, "}\n");
	}
}

static inline void
write_segment(struct text *out, uint64_t *state)
{
	static const char *const boundaries[] = {
	    "from: {labels: {env: test}}",
	    "to: {labels: {env: test}}",
	    "from: {external: {}}",
	    "to: {external: {cidr: 203.0.113.0/24}}",
	    "to: {external: {dns: \"*.example.net\"}}",
	    "from: {application: a2}, except: [{from: {same: namespace}}]",
	    "to: {zone: lan}",
	    "from: {application: \"a*\", same: node}",
	    "to: {namespace: n0, same: node}",
	};

	if (roll(state, 3) == 0)
		return;
	text_format(out,
	    "---\nsegment: guarded\nmatch: [{labels: {env: prod}}]\n"
	    "isolate:\n  - {%s}\n  - {%s}\n",
	    boundaries[roll(state, 3)], boundaries[3 + roll(state, 6)]);
}

static inline void
write_models(struct text *out, uint64_t *state)
{
	/* The role must be somebody's; this model matches nothing here. */
	text_add(out,
	    "model: nobody\nmatch: [{application: none}]\nrole: special\n"
	    "---\nzone: lan\ncidr: [10.50.0.0/24, \"fd50::/64\"]\n"
	    "---\nzone: inner\ncidr: [10.50.0.16/28]\n");
	for (unsigned m = 0; m < UNIVERSE_APPS; m++) {
		if (roll(state, 4) == 0)
			continue;
		text_format(
		    out, "---\nmodel: m%u\nmatch: [{application: a%u", m, m);
		if (roll(state, 3) == 0)
			text_format(out, ", namespace: n%u", roll(state, 2));
		text_add(out, "}]\n");
		if (roll(state, 2) == 0)
			text_add(out, "role: special\n");
		write_entries(out, state, "provides", "from");
		if (roll(state, 2) == 0)
			write_entries(out, state, "needs", "to");
	}
	if (roll(state, 3) == 0)
		text_add(out, "---\nmodel: net\nmatch: [{zone: lan}]\n"
			      "provides: [{port: tcp/1001, from: [{any: true}]"
			      "}]\n");
	write_segment(out, state);
}

/* --- workloads ------------------------------------------------------------ */

static inline struct address
universe_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return address_from_ipv4((const uint8_t[]){a, b, c, d});
}

static inline struct address
universe_ipv6(uint8_t high, uint8_t low)
{
	uint8_t octets[16] = {0xfd, high, [15] = low};

	return address_from_ipv6(octets);
}

static inline void
put_workload(struct inventory_draft *draft, uint64_t *state, unsigned number,
    bool labelled)
{
	static const char *const environments[] = {"prod", "test"};
	char namespace[16], name[16], application[16], node[16];
	unsigned on = roll(state, UNIVERSE_NODES);
	struct label labels[3] = {
	    {"app", application}, {"env", environments[roll(state, 2)]}};
	struct address addresses[2] = {
	    universe_ipv4(10, 0, 0, (uint8_t)(number + 1)),
	    universe_ipv6(0, (uint8_t)(number + 1)),
	};
	struct container_port port = {
	    (uint16_t)(UNIVERSE_PORT + roll(state, UNIVERSE_PORTS)),
	    PROTOCOL_TCP, "main"};
	struct container container = {
	    .name = "c", .ports = &port, .port_count = roll(state, 2)};
	struct probe probe = {
	    (uint16_t)(UNIVERSE_PORT + roll(state, UNIVERSE_PORTS)), "tcp"};
	struct workload_fact fact = {
	    .workload =
		{
		    .id = name,
		    .cluster = "",
		    .orchestrator = "kubernetes",
		    .namespace = namespace,
		    .name = name,
		    .node = roll(state, 5) == 0 ? "" : node,
		    .labels = {labels, 1 + roll(state, 2)},
		    .containers = &container,
		    .container_count = 1,
		    .probes = &probe,
		    .probe_count = roll(state, 2),
		    .addresses = addresses,
		    .address_count = 1 + roll(state, 2),
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	};

	if (labelled)
		labels[fact.workload.labels.count++] =
		    (struct label){"pod", name};
	(void)snprintf(namespace, sizeof(namespace), "n%u", roll(state, 2));
	(void)snprintf(name, sizeof(name), "w%u", number);
	(void)snprintf(application, sizeof(application), "a%u",
	    roll(state, UNIVERSE_APPS));
	(void)snprintf(node, sizeof(node), "k%u", on);
	if (number == 0) {
		/* On its node's network. */
		fact.workload.node = node;
		fact.workload.host_network = true;
		addresses[0] = universe_ipv4(10, 9, 0, (uint8_t)(on + 1));
		fact.workload.address_count = 1;
	} else if (number == 1) {
		fact.workload.until = (struct instant){NS_PER_SECOND};
	}
	(void)state_workload(draft, &fact);
}

static inline void
put_node(struct inventory_draft *draft, unsigned number)
{
	char name[16];
	struct address address = universe_ipv4(10, 9, 0, (uint8_t)(number + 1));
	struct prefix network = {universe_ipv4(10, 0, 0, 0), 96 + 24};
	struct node_fact fact = {
	    .node = {.name = name},
	    .addresses = &address,
	    .address_count = 1,
	    .pod_networks = &network,
	    .pod_network_count = number == 0,
	};

	(void)snprintf(name, sizeof(name), "k%u", number);
	state_node(draft, &fact);
}

static inline void
put_service(struct inventory_draft *draft)
{
	struct address address = universe_ipv4(10, 96, 0, 1);
	struct service_port ports[] = {
	    {.port = 1002,
		.protocol = PROTOCOL_TCP,
		.name = "",
		.target = 1001,
		.target_name = ""},
	    {.port = 1003,
		.protocol = PROTOCOL_TCP,
		.name = "",
		.target_name = "main"},
	    {.port = 1004,
		.protocol = PROTOCOL_UDP,
		.name = "",
		.target = 1000,
		.target_name = ""},
	    /* Leads to a port that another one leads on from. */
	    {.port = 1005,
		.protocol = PROTOCOL_TCP,
		.name = "",
		.target = 1002,
		.target_name = ""},
	};
	struct label selector = {"app", "a0"};
	struct service_fact fact = {
	    .service =
		{
		    .namespace = "n0",
		    .name = "s0",
		    .addresses = &address,
		    .address_count = 1,
		    .ports = ports,
		    .port_count = sizeof(ports) / sizeof(ports[0]),
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	    .selector = {&selector, 1},
	};

	state_service(draft, &fact);
}

/* --- the whole ------------------------------------------------------------ */

/*
 * Makes a universe.
 *
 * labelled   every pod has a label of its own, so that labels can choose it
 * returns    false, with what is wrong on stderr, when it cannot be made
 */
static inline bool
universe_make(struct universe *universe, uint64_t *state, bool labelled)
{
	static const char *const name[] = {"universe.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	struct inventory_draft *draft = inventory_draft_new();
	const char *texts[1];
	struct text models;

	*universe = (struct universe){.report = report_new()};
	text_init(&models, 65536);
	write_models(&models, state);
	texts[0] = models.at;
	universe->library =
	    library_parse(name, texts, layer, 1, universe->report);
	if (universe->library == NULL) {
		report_print(universe->report, stderr);
		fputs(models.at, stderr);
	}
	text_release(&models);
	if (universe->library == NULL) {
		inventory_draft_free(draft);
		return false;
	}
	for (size_t i = 0; i < library_zone_count(universe->library); i++)
		state_zone(draft, library_zone(universe->library, i));
	for (unsigned i = 0; i < UNIVERSE_NODES; i++)
		put_node(draft, i);
	for (unsigned i = 0; i < UNIVERSE_WORKLOADS; i++)
		put_workload(draft, state, i, labelled);
	put_service(draft);
	universe->inventory = inventory_publish(draft, universe->report);
	inventory_draft_free(draft);
	universe->policy = policy_new(universe->library, universe->inventory);
	return true;
}

static inline void
universe_free(struct universe *universe)
{
	policy_free(universe->policy);
	inventory_free(universe->inventory);
	library_free(universe->library);
	report_free(universe->report);
}

/* What a kernel knows of an outside end besides its address. */
static const struct outside universe_unseen = {
    .names_unseen = true,
    .server_name_unseen = true,
};

/*
 * Somebody to ask about: pods, nodes, the service, both zones, outside
 * addresses in and out of a named network, and one that nobody holds.
 */
static inline struct address
universe_address(uint64_t *state, bool ipv4)
{
	uint8_t low = (uint8_t)(1 + roll(state, UNIVERSE_WORKLOADS));
	uint8_t outside[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = low};

	switch (roll(state, 12)) {
	case 0:
		return ipv4 ? universe_ipv4(10, 9, 0, (uint8_t)(1 + low % 2))
			    : universe_ipv6(0x50, low);
	case 1:
		return ipv4 ? universe_ipv4(10, 96, 0, 1)
			    : universe_ipv6(0, 200);
	case 2:
		return ipv4 ? universe_ipv4(10, 50, 0, (uint8_t)(low * 3))
			    : address_from_ipv6(outside);
	case 3:
		return ipv4 ? universe_ipv4(198, 51, 100, low)
			    : universe_ipv6(0x99, low);
	case 4:
		return ipv4 ? universe_ipv4(203, 0, 113, low)
			    : address_from_ipv6(outside);
	case 5:
		return ipv4 ? universe_ipv4(10, 0, 0, 200)
			    : universe_ipv6(0, low);
	default:
		return ipv4 ? universe_ipv4(10, 0, 0, low)
			    : universe_ipv6(0, low);
	}
}

#endif
