/*
 * Two clusters with the same namespaces, labels, names and node names: each
 * one's NetworkPolicies are about its own pods, and `same:` never means a
 * namespace, an application or a node of the other.
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
#include "sensor/frame.h"

#define CLUSTERS 2

static const char *const clusters[CLUSTERS] = {"north", "south"};

static void
put_object(struct inventory_draft *draft, const char *cluster, const char *text)
{
	struct fact_taker taker = inventory_taker(draft);
	struct json_fault fault;
	struct json *object = json_parse(text, strlen(text), &fault);

	if (object == NULL)
		fail_msg("%s: %s", text, fault.message);
	assert_true(kubernetes_object(
	    &taker, cluster, object, KUBERNETES_PRESENT, INSTANT_PAST));
	json_free(object);
}

/* In cluster `number`, 10.<number>.0.<last>. */
static void
put_pod(struct inventory_draft *draft, int number, const char *app, int last)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"%s-%d\", \"uid\": "
	    "\"%d\", \"namespace\": \"shop\", \"labels\": {\"app\": \"%s\"}}, "
	    "\"spec\": {\"nodeName\": \"w\"}, \"status\": {\"podIP\": "
	    "\"10.%d.0.%d\", \"hostIP\": \"172.18.%d.1\"}}",
	    app, last, last, app, number, last, number);
	put_object(draft, clusters[number], text);
}

static void
put_node(struct inventory_draft *draft, int number)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
	    "{\"kind\": \"Node\", \"metadata\": {\"name\": \"w\"}, "
	    "\"status\": {\"addresses\": [{\"type\": \"InternalIP\", "
	    "\"address\": \"172.18.%d.1\"}]}}",
	    number);
	put_object(draft, clusters[number], text);
}

struct world {
	struct report *report;
	struct library *library;
	struct inventory_draft *draft;
	struct inventory *inventory;
	struct policy *policy;
};

/* `policy` is of the first cluster; NULL for none. */
static void
world_make(struct world *world, const char *model, const char *policy)
{
	const char *name = "t.yaml";
	enum layer layer = LAYER_OPERATOR;

	world->report = report_new();
	world->library = library_parse(&name, &model, &layer, 1, world->report);
	report_print(world->report, stderr);
	assert_non_null(world->library);
	world->draft = inventory_draft_new();
	for (int i = 0; i < CLUSTERS; i++) {
		put_node(world->draft, i);
		put_pod(world->draft, i, "db", 1);
		put_pod(world->draft, i, "web", 2);
		put_pod(world->draft, i, "tool", 3);
		put_pod(world->draft, i, "db", 4);
	}
	if (policy != NULL)
		put_object(world->draft, clusters[0], policy);
	world->inventory = inventory_publish(world->draft, world->report);
	world->policy = policy_new(world->library, world->inventory);
}

static void
world_free(struct world *world)
{
	policy_free(world->policy);
	inventory_free(world->inventory);
	inventory_draft_free(world->draft);
	library_free(world->library);
	report_free(world->report);
}

static struct party
who(const struct world *world, const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return inventory_who(
	    world->inventory, INVENTORY_ANY, &address, (struct instant){0});
}

static char
ask(const struct world *world, const char *client, const char *server)
{
	struct question question = {
	    .client = who(world, client),
	    .server = who(world, server),
	    .protocol = PROTOCOL_TCP,
	    .port = 6379,
	};

	return "AUKD"[judge(world->policy, &question).kind];
}

static const char north_policy[] =
    "{\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"NetworkPolicy\","
    " \"metadata\": {\"name\": \"db\", \"namespace\": \"shop\"},"
    " \"spec\": {\"podSelector\": {\"matchLabels\": {\"app\": \"db\"}},"
    " \"ingress\": [{\"from\": [{\"podSelector\": {\"matchLabels\":"
    " {\"app\": \"web\"}}}]}]}}";

static const char north_open_policy[] =
    "{\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"NetworkPolicy\","
    " \"metadata\": {\"name\": \"db\", \"namespace\": \"shop\"},"
    " \"spec\": {\"podSelector\": {\"matchLabels\": {\"app\": \"db\"}},"
    " \"ingress\": [{\"from\": [{\"namespaceSelector\": {}}]}]}}";

static const char no_model[] = "model: none\nmatch: [{application: none}]\n";

static void
test_a_policy_selects_pods_of_its_cluster(void **state)
{
	struct world world;

	(void)state;
	world_make(&world, no_model, north_policy);
	assert_int_equal(ask(&world, "10.0.0.2", "10.0.0.1"), 'A');
	assert_int_equal(ask(&world, "10.0.0.3", "10.0.0.1"), 'D');
	/* Nothing is said of the other cluster's database. */
	assert_int_equal(ask(&world, "10.1.0.2", "10.1.0.1"), 'U');
	assert_int_equal(ask(&world, "10.1.0.3", "10.1.0.1"), 'U');
	world_free(&world);
}

static void
test_a_policy_lets_in_pods_of_its_cluster(void **state)
{
	struct world world;

	(void)state;
	world_make(&world, no_model, north_policy);
	assert_int_equal(ask(&world, "10.1.0.2", "10.0.0.1"), 'D');
	world_free(&world);
	/* Every namespace is every one of its cluster. */
	world_make(&world, no_model, north_open_policy);
	assert_int_equal(ask(&world, "10.0.0.3", "10.0.0.1"), 'A');
	assert_int_equal(ask(&world, "10.1.0.3", "10.0.0.1"), 'D');
	world_free(&world);
}

/* Its own node reaches a pod; one of that name elsewhere is another. */
static void
test_the_node_is_that_of_its_cluster(void **state)
{
	struct world world;

	(void)state;
	world_make(&world, no_model, north_policy);
	assert_int_equal(ask(&world, "172.18.0.1", "10.0.0.1"), 'A');
	assert_int_equal(ask(&world, "172.18.1.1", "10.0.0.1"), 'D');
	world_free(&world);
}

static void
test_same_is_of_one_cluster(void **state)
{
	static const struct {
		const char *same, *near, *far;
	} cases[] = {
	    {"same: namespace", "10.0.0.2", "10.1.0.2"},
	    {"same: application", "10.0.0.4", "10.1.0.4"},
	    {"node: true, same: node", "172.18.0.1", "172.18.1.1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world world;
		char model[256];

		(void)snprintf(model, sizeof(model),
		    "model: db\nmatch: [{application: db}]\n"
		    "provides: [{from: [{%s}]}]\n",
		    cases[i].same);
		world_make(&world, model, NULL);
		assert_int_equal(ask(&world, cases[i].near, "10.0.0.1"), 'A');
		assert_int_equal(ask(&world, cases[i].far, "10.0.0.1"), 'D');
		world_free(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_policy_selects_pods_of_its_cluster),
	    cmocka_unit_test(test_a_policy_lets_in_pods_of_its_cluster),
	    cmocka_unit_test(test_the_node_is_that_of_its_cluster),
	    cmocka_unit_test(test_same_is_of_one_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
