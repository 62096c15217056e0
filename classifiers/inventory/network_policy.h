/*
 * network_policy -- a Kubernetes NetworkPolicy as plain data.
 *
 * networking.k8s.io/v1, in the form in which the inventory keeps it.  Texts and
 * arrays are borrowed from the inventory.  Does not judge anything.
 */
#ifndef CLASSIFIERS_INVENTORY_NETWORK_POLICY_H
#define CLASSIFIERS_INVENTORY_NETWORK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"

struct arena;

/* Beyond these what a policy lists is cut and counted. */
#define NETWORK_RULES_MAXIMUM  ((size_t)256) /* each way */
#define NETWORK_PEERS_MAXIMUM  ((size_t)256) /* of a rule; ports too */
#define NETWORK_LABELS_MAXIMUM ((size_t)64)  /* tests and values */

enum label_rule_test {
	LABEL_RULE_IN,
	LABEL_RULE_NOT_IN,
	LABEL_RULE_EXISTS,
	LABEL_RULE_DOES_NOT_EXIST,
	LABEL_RULE_NEVER, /* nothing that the API knows: fits nobody */
};

/* One of `matchLabels` or `matchExpressions`. */
struct label_rule {
	const char *key;
	enum label_rule_test test;
	const char *const *values;
	size_t value_count;
};

/* All must hold; none at all is everything. */
struct label_selector {
	const struct label_rule *at;
	size_t count;
};

struct network_peer {
	const char *namespace; /* the policy's: where its pods are by default */
	bool has_pods, has_namespaces, has_block;
	struct label_selector pods, namespaces;
	/* `ipBlock`; one that is no network fits nobody. */
	bool block_is_faulty;
	struct prefix block;
	const struct prefix *excepts;
	size_t except_count;
};

struct network_port {
	uint8_t protocol;
	uint16_t first, last; /* 0 to 65535: all */
	const char *name;     /* of a container port, or "" */
};

/* One of `ingress` or `egress`. */
struct network_rule {
	const struct network_peer *peers;
	size_t peer_count; /* 0: anybody */
	const struct network_port *ports;
	size_t port_count; /* 0: any */
};

struct network_policy {
	const char *cluster; /* or "" */
	const char *namespace, *name;
	struct label_selector selector;
	bool ingress, egress; /* which ways it is about */
	const struct network_rule *ingress_rules, *egress_rules;
	size_t ingress_count, egress_count;
	uint64_t version; /* resourceVersion, or 0 */
};

/*
 * Whether the labels fit.
 *
 * value      of a label, or NULL; called with `context`
 */
bool label_selector_fits(const struct label_selector *selector,
    const char *(*value)(const char *key, const void *context),
    const void *context);

/* A deep copy; `*cut` counts what a limit left out. */
struct network_policy network_policy_copy(
    struct arena *arena, const struct network_policy *policy, uint64_t *cut);

#endif
