/*
 * Imported NetworkPolicies against a naive evaluator, over random clusters.
 *
 * The naive one knows the rules of the API reference and nothing of models: a
 * way that no policy of a pod is about is open; else some rule of some policy
 * must hold; both ends must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/kubernetes.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

enum { CLUSTERS = 300, FLOWS = 80, PODS = 6, POLICIES = 4, RULES = 3 };

/* The outside: 198.51.100.0/24, of which policies may except one half. */
#define OUTSIDES 3
static const char *const outsides[OUTSIDES] = {
    "198.51.100.7", "198.51.100.200", "203.0.113.9"};

/* A selector on the label `k`, whose values are v0, v1 or none (-1). */
struct pick {
	enum {
		PICK_ALL,
		PICK_LABEL,
		PICK_IN,
		PICK_NOT,
		PICK_HAS,
		PICK_NONE
	} how;
	int value;
};

struct who {
	enum { WHO_PODS, WHO_NAMESPACES, WHO_BOTH, WHO_BLOCK } how;
	struct pick pods, namespaces;
	enum { BLOCK_ALL, BLOCK_NET, BLOCK_HALF } block;
};

struct rule {
	int who_count, port_count;
	struct who who[2];
	struct {
		int first, last; /* last -1: no endPort; first -1: no port */
		bool named;
	} ports[2];
};

struct rules {
	int namespace;
	struct pick pods;
	bool types_given, ingress, egress;
	int ingress_count, egress_count;
	struct rule in[RULES], out[RULES];
};

struct cluster {
	int namespace_labels[2];
	struct {
		int namespace, label, named; /* port 8000 + named is `web` */
	} pods[PODS];
	struct rules policies[POLICIES];
};

static int
roll(uint64_t *seed, int sides)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (int)(*seed >> 33) % sides;
}

/* --- random clusters ------------------------------------------------------ */

static struct pick
random_pick(uint64_t *seed)
{
	struct pick pick;

	pick.how = (unsigned)roll(seed, 6);
	pick.value = roll(seed, 2);
	return pick;
}

static struct rule
random_rule(uint64_t *seed)
{
	struct rule rule = {roll(seed, 3), roll(seed, 3), {{0}}, {{0}}};

	for (int i = 0; i < 2; i++) {
		rule.who[i].how = (unsigned)roll(seed, 4);
		rule.who[i].pods = random_pick(seed);
		rule.who[i].namespaces = random_pick(seed);
		rule.who[i].block = (unsigned)roll(seed, 3);
		rule.ports[i].first = 8000 + roll(seed, 3);
		rule.ports[i].last = -1;
		if (roll(seed, 3) == 0)
			rule.ports[i].last =
			    rule.ports[i].first + roll(seed, 2);
		rule.ports[i].named = roll(seed, 4) == 0;
		if (roll(seed, 6) == 0)
			rule.ports[i].first = -1;
	}
	return rule;
}

static struct cluster
random_cluster(uint64_t *seed)
{
	struct cluster cluster;

	for (int i = 0; i < 2; i++)
		cluster.namespace_labels[i] = roll(seed, 3) - 1;
	for (int i = 0; i < PODS; i++) {
		cluster.pods[i].namespace = roll(seed, 2);
		cluster.pods[i].label = roll(seed, 3) - 1;
		cluster.pods[i].named = roll(seed, 3);
	}
	for (int i = 0; i < POLICIES; i++) {
		struct rules *rules = &cluster.policies[i];

		rules->namespace = roll(seed, 2);
		rules->pods = random_pick(seed);
		rules->types_given = roll(seed, 2) == 0;
		rules->ingress = roll(seed, 2) == 0;
		rules->egress = !rules->ingress || roll(seed, 2) == 0;
		rules->ingress_count = roll(seed, RULES + 1);
		rules->egress_count = roll(seed, RULES + 1);
		for (int r = 0; r < RULES; r++) {
			rules->in[r] = random_rule(seed);
			rules->out[r] = random_rule(seed);
		}
	}
	return cluster;
}

/* --- the naive evaluator -------------------------------------------------- */

static bool
picks(const struct pick *pick, int label)
{
	switch (pick->how) {
	case PICK_ALL:
		return true;
	case PICK_LABEL:
	case PICK_IN:
		return label == pick->value;
	case PICK_NOT:
		return label != pick->value;
	case PICK_HAS:
		return label >= 0;
	case PICK_NONE:
		return label < 0;
	}
	return false;
}

/* Ends below PODS are pods, the others outside. */
static bool
is_who(const struct cluster *c, const struct rules *rules,
    const struct who *who, int end)
{
	int namespace = end < PODS ? c->pods[end].namespace : 0;

	if (who->how == WHO_BLOCK) {
		if (who->block == BLOCK_ALL)
			return true;
		if (end < PODS || end == PODS + 2)
			return false;
		return who->block == BLOCK_NET || end == PODS;
	}
	if (end >= PODS)
		return false;
	if (who->how == WHO_PODS)
		return namespace == rules->namespace &&
		       picks(&who->pods, c->pods[end].label);
	return picks(&who->namespaces, c->namespace_labels[namespace]) &&
	       (who->how == WHO_NAMESPACES ||
		   picks(&who->pods, c->pods[end].label));
}

static bool
rule_holds(const struct cluster *c, const struct rules *rules,
    const struct rule *rule, int peer, int server, int port)
{
	bool who = rule->who_count == 0, on = rule->port_count == 0;

	for (int i = 0; i < rule->who_count; i++)
		who |= is_who(c, rules, &rule->who[i], peer);
	for (int i = 0; i < rule->port_count; i++) {
		int first = rule->ports[i].first, last = rule->ports[i].last;

		if (first < 0)
			on = true;
		else if (rule->ports[i].named)
			on |= server < PODS &&
			      port == 8000 + c->pods[server].named;
		else
			on |=
			    port >= first && port <= (last < 0 ? first : last);
	}
	return who && on;
}

/* -1: nothing is said of it; else whether it is allowed. */
static int
one_way(const struct cluster *c, bool ingress, int client, int server, int port)
{
	int pod = ingress ? server : client, said = -1;

	for (int p = 0; pod < PODS && p < POLICIES; p++) {
		const struct rules *rules = &c->policies[p];
		int count =
		    ingress ? rules->ingress_count : rules->egress_count;
		bool about = ingress || rules->egress_count > 0;

		if (rules->types_given)
			about = ingress ? rules->ingress : rules->egress;
		if (!about || rules->namespace != c->pods[pod].namespace ||
		    !picks(&rules->pods, c->pods[pod].label))
			continue;
		if (said < 0)
			said = 0;
		for (int r = 0; r < count; r++)
			if (rule_holds(c, rules,
				ingress ? &rules->in[r] : &rules->out[r],
				ingress ? client : server, server, port))
				said = 1;
	}
	return said;
}

static enum verdict_kind
naive(const struct cluster *c, int client, int server, int port)
{
	int in = one_way(c, true, client, server, port);
	int out = one_way(c, false, client, server, port);

	if (in < 0 && out < 0)
		return VERDICT_UNMODELLED;
	return in == 0 || out == 0 ? VERDICT_DEVIATION : VERDICT_ALLOWED;
}

/* --- the same as API objects ---------------------------------------------- */

static void
print_pick(struct text *out, const struct pick *pick)
{
	static const char *const operators[] = {
	    [PICK_IN] = "In",
	    [PICK_NOT] = "NotIn",
	    [PICK_HAS] = "Exists",
	    [PICK_NONE] = "DoesNotExist",
	};

	if (pick->how == PICK_ALL) {
		text_add(out, "{}");
		return;
	}
	if (pick->how == PICK_LABEL) {
		text_format(
		    out, "{\"matchLabels\": {\"k\": \"v%d\"}}", pick->value);
		return;
	}
	text_format(out,
	    "{\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"%s\"",
	    operators[pick->how]);
	if (pick->how == PICK_IN || pick->how == PICK_NOT)
		text_format(out, ", \"values\": [\"v%d\"]", pick->value);
	text_add(out, "}]}");
}

static void
print_who(struct text *out, const struct who *who)
{
	static const char *const blocks[] = {
	    "{\"ipBlock\": {\"cidr\": \"0.0.0.0/0\"}}",
	    "{\"ipBlock\": {\"cidr\": \"198.51.100.0/24\"}}",
	    "{\"ipBlock\": {\"cidr\": \"198.51.100.0/24\", "
	    "\"except\": [\"198.51.100.128/25\"]}}",
	};

	if (who->how == WHO_BLOCK) {
		text_add(out, blocks[who->block]);
		return;
	}
	text_add(out, "{");
	if (who->how != WHO_NAMESPACES) {
		text_add(out, "\"podSelector\": ");
		print_pick(out, &who->pods);
	}
	if (who->how == WHO_BOTH)
		text_add(out, ", ");
	if (who->how != WHO_PODS) {
		text_add(out, "\"namespaceSelector\": ");
		print_pick(out, &who->namespaces);
	}
	text_add(out, "}");
}

static void
print_rules(struct text *out, const struct rule *rules, int count,
    const char *key, const char *peers)
{
	text_format(out, ", \"%s\": [", key);
	for (int r = 0; r < count; r++) {
		const struct rule *rule = &rules[r];

		text_format(out, "%s{\"%s\": [", r > 0 ? ", " : "", peers);
		for (int i = 0; i < rule->who_count; i++) {
			text_add(out, i > 0 ? ", " : "");
			print_who(out, &rule->who[i]);
		}
		text_add(out, "], \"ports\": [");
		for (int i = 0; i < rule->port_count; i++) {
			int first = rule->ports[i].first;

			text_format(
			    out, "%s{\"protocol\": \"TCP\"", i > 0 ? ", " : "");
			if (first >= 0 && rule->ports[i].named)
				text_add(out, ", \"port\": \"web\"");
			else if (first >= 0)
				text_format(out, ", \"port\": %d", first);
			if (first >= 0 && !rule->ports[i].named &&
			    rule->ports[i].last >= 0)
				text_format(out, ", \"endPort\": %d",
				    rule->ports[i].last);
			text_add(out, "}");
		}
		text_add(out, "]}");
	}
	text_add(out, "]");
}

static void
put_object(struct inventory_draft *draft, const char *text)
{
	struct fact_taker taker = inventory_taker(draft);
	struct json_fault fault;
	struct json *object = json_parse(text, strlen(text), &fault);

	if (object == NULL)
		fail_msg("%s: %s", text, fault.message);
	assert_true(kubernetes_object(
	    &taker, "", object, KUBERNETES_PRESENT, INSTANT_PAST));
	json_free(object);
}

static void
put_policy(struct inventory_draft *draft, const struct rules *rules, int number)
{
	struct text out;

	text_init(&out, 65536);
	text_format(&out,
	    "{\"apiVersion\": \"networking.k8s.io/v1\", "
	    "\"kind\": \"NetworkPolicy\", \"metadata\": {\"name\": \"p%d\", "
	    "\"namespace\": \"n%d\"}, \"spec\": {\"podSelector\": ",
	    number, rules->namespace);
	print_pick(&out, &rules->pods);
	if (rules->types_given)
		text_format(&out, ", \"policyTypes\": [%s%s%s]",
		    rules->ingress ? "\"Ingress\"" : "",
		    rules->ingress && rules->egress ? ", " : "",
		    rules->egress ? "\"Egress\"" : "");
	print_rules(&out, rules->in, rules->ingress_count, "ingress", "from");
	print_rules(&out, rules->out, rules->egress_count, "egress", "to");
	text_add(&out, "}}");
	put_object(draft, out.at);
	text_release(&out);
}

static const char *
label_text(int label, char out[32])
{
	(void)snprintf(out, 32, label < 0 ? "{}" : "{\"k\": \"v%d\"}", label);
	return out;
}

static struct inventory *
inventory_of(const struct cluster *cluster)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct inventory *inventory;
	char text[1024], label[32];

	for (int i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"kind\": \"Namespace\", \"metadata\": {\"name\": "
		    "\"n%d\", \"labels\": %s}}",
		    i, label_text(cluster->namespace_labels[i], label));
		put_object(draft, text);
	}
	for (int i = 0; i < PODS; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"pod%d\", "
		    "\"namespace\": \"n%d\", \"labels\": %s}, \"spec\": "
		    "{\"nodeName\": \"w%d\", \"containers\": [{\"name\": "
		    "\"c\", \"image\": \"c\", \"ports\": [{\"name\": \"web\", "
		    "\"containerPort\": %d}]}]}, \"status\": {\"podIP\": "
		    "\"10.0.0.%d\"}}",
		    i, cluster->pods[i].namespace,
		    label_text(cluster->pods[i].label, label), i,
		    8000 + cluster->pods[i].named, i + 1);
		put_object(draft, text);
	}
	for (int i = 0; i < POLICIES; i++)
		put_policy(draft, &cluster->policies[i], i);
	inventory = inventory_publish(draft, report);
	report_free(report);
	inventory_draft_free(draft);
	return inventory;
}

static struct party
party_of(const struct inventory *inventory, int end)
{
	struct address address;
	char text[32];

	(void)snprintf(text, sizeof(text), "10.0.0.%d", end + 1);
	assert_true(
	    address_parse(end < PODS ? text : outsides[end - PODS], &address));
	return inventory_who(
	    inventory, INVENTORY_ANY, &address, (struct instant){0});
}

static void
test_against_the_naive_one(void **state)
{
	struct report *report = report_new();
	struct library *library = library_parse(NULL, NULL, NULL, 0, report);
	uint64_t seed = 11;
	unsigned kinds[VERDICT_DEVIATION + 1] = {0};
	struct inventory *old = NULL;
	struct policy *policy = NULL;

	(void)state;
	for (int i = 0; i < CLUSTERS; i++) {
		struct cluster cluster = random_cluster(&seed);
		struct inventory *inventory = inventory_of(&cluster);

		/* Most policies live through clusters with other policies. */
		if (i % 8 == 0) {
			policy_free(policy);
			policy = policy_new(library, inventory);
		} else {
			policy_follow(policy, inventory);
		}
		inventory_free(old);
		old = inventory;

		for (int f = 0; f < FLOWS; f++) {
			int client = roll(&seed, PODS + OUTSIDES);
			int server = roll(&seed, PODS + OUTSIDES);
			int port = 8000 + roll(&seed, 4);
			struct question question = {
			    .client = party_of(inventory, client),
			    .server = party_of(inventory, server),
			    .protocol = PROTOCOL_TCP,
			    .port = (uint16_t)port,
			};
			enum verdict_kind expected, found;

			/* A pod is on its own node, which always may. */
			if (client == server)
				continue;
			expected = naive(&cluster, client, server, port);
			found = judge(policy, &question).kind;
			if (found != expected)
				fail_msg("cluster %d: %d -> %d on %d is %s, "
					 "not %s",
				    i, client, server, port,
				    verdict_kind_name(found),
				    verdict_kind_name(expected));
			kinds[found]++;
		}
	}
	policy_free(policy);
	inventory_free(old);
	assert_true(kinds[VERDICT_ALLOWED] > 1000);
	assert_true(kinds[VERDICT_DEVIATION] > 1000);
	assert_true(kinds[VERDICT_UNMODELLED] > 1000);
	library_free(library);
	report_free(report);
}

/* --- how they join models ------------------------------------------------- */

static const char lone_policy[] =
    "{\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"NetworkPolicy\","
    " \"metadata\": {\"name\": \"db\", \"namespace\": \"n0\"},"
    " \"spec\": {\"podSelector\": {\"matchLabels\": {\"app\": \"db\"}},"
    " \"ingress\": [{\"from\": [{\"podSelector\": {\"matchLabels\":"
    " {\"app\": \"web\"}}}], \"ports\": [{\"port\": 6379}]}]}}";

static void
put_pod(struct inventory_draft *draft, const char *app, int number)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"%s\", "
	    "\"namespace\": \"n0\", \"labels\": {\"app\": \"%s\"}}, "
	    "\"spec\": {\"nodeName\": \"w\"}, \"status\": {\"podIP\": "
	    "\"10.0.0.%d\", \"hostIP\": \"172.18.0.1\"}}",
	    app, app, number);
	put_object(draft, text);
}

/* What three clients and the node are told on port 6379, as letters. */
static void
expect_answers(enum layer layer, const char *object, const char *expected)
{
	static const char model[] =
	    "model: db\nmatch: [{application: db}]\nrole: cache\n"
	    "provides: [{from: {application: job}}]\nneeds: []\n";
	static const char *const clients[] = {
	    "10.0.0.2", "10.0.0.3", "10.0.0.4", "172.18.0.1"};
	const char *name = "t", *text = model;
	struct report *report = report_new();
	struct library *library =
	    library_parse(&name, &text, &layer, 1, report);
	struct inventory_draft *draft = inventory_draft_new();
	struct inventory *inventory;
	struct policy *policy;
	char found[8] = "";

	put_pod(draft, "db", 1);
	put_pod(draft, "web", 2);
	put_pod(draft, "job", 3);
	put_pod(draft, "tool", 4);
	put_object(draft, object);
	inventory = inventory_publish(draft, report);
	policy = policy_new(library, inventory);
	for (int i = 0; i < 4; i++) {
		struct question question = {
		    .protocol = PROTOCOL_TCP, .port = 6379};
		struct address address;

		assert_true(address_parse(clients[i], &address));
		question.client = inventory_who(
		    inventory, INVENTORY_ANY, &address, question.start);
		question.server = party_of(inventory, 0);
		found[i] = "AUKD"[judge(policy, &question).kind];
	}
	assert_string_equal(found, expected);
	policy_free(policy);
	inventory_free(inventory);
	inventory_draft_free(draft);
	library_free(library);
	report_free(report);
}

static void
test_stands_in_the_operators_layer(void **state)
{
	(void)state;
	/* Above the library's model, beside the operator's. */
	expect_answers(LAYER_LIBRARY, lone_policy, "ADDA");
	expect_answers(LAYER_OPERATOR, lone_policy, "AADA");
}

static void
test_no_policy_of_ours(void **state)
{
	static const char calico[] =
	    "{\"apiVersion\": \"crd.projectcalico.org/v1\", "
	    "\"kind\": \"NetworkPolicy\", \"metadata\": {\"name\": \"db\", "
	    "\"namespace\": \"n0\"}, \"spec\": {\"podSelector\": {}}}";

	(void)state;
	expect_answers(LAYER_LIBRARY, calico, "DADD");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_the_naive_one),
	    cmocka_unit_test(test_stands_in_the_operators_layer),
	    cmocka_unit_test(test_no_policy_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
