/*
 * A policy over the life of a cluster: what a pod event costs, that a policy
 * which followed its inventory answers like one made anew, and how what is
 * served chooses models.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "facts.h"
#include "models/judge.h"
#include "sensor/base/arena.h"
#include "universe.h"

#define START ((struct instant){INT64_C(1000) * NS_PER_SECOND})

/* --- a cluster that changes ----------------------------------------------- */

struct cluster {
	struct library *library;
	struct inventory_draft *draft;
	struct inventory *inventory;
	struct policy *policy;
	struct report *report;
};

static const char *const models[] = {
    "model: store\nmatch: [{application: db}]\n"
    "provides: [{app: redis, port: tcp/6379, from: {application: web}}]\n"
    "---\nmodel: cache\nmatch: [{serves: memcached}]\nprovides: []\n"
    "---\nmodel: admin\nadds: true\nmatch: [{serves: ssh}]\n"
    "provides: [{app: ssh, port: tcp/22, from: {application: web}}]\n"};

static void
put_pod(struct cluster *cluster, const char *name, const char *application,
    const char *label, uint8_t number)
{
	struct label labels[] = {{"app", application}, {"tier", label}};
	struct address address = universe_ipv4(10, 0, 0, number);
	struct workload_fact fact = {
	    .workload =
		{
		    .id = name,
		    .cluster = "",
		    .orchestrator = "kubernetes",
		    .namespace = "shop",
		    .name = name,
		    .node = "",
		    .labels = {labels, 2},
		    .addresses = &address,
		    .address_count = 1,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	};

	assert_true(state_workload(cluster->draft, &fact));
}

static void
put_front(struct cluster *cluster, uint16_t port)
{
	struct address address = universe_ipv4(10, 96, 0, 1);
	struct service_port ports[] = {{.port = port,
	    .protocol = PROTOCOL_TCP,
	    .name = "",
	    .target = 6379,
	    .target_name = ""}};
	struct label selector = {"app", "db"};
	struct service_fact fact = {
	    .service = {.namespace = "shop",
		.name = "db",
		.addresses = &address,
		.address_count = 1,
		.ports = ports,
		.port_count = 1,
		.since = {0},
		.until = INSTANT_FUTURE},
	    .selector = {&selector, 1},
	    .version = port,
	};

	state_service(cluster->draft, &fact);
}

/* What the draft knows by now becomes the inventory; the old one is gone. */
static void
follow(struct cluster *cluster)
{
	struct inventory *old = cluster->inventory;

	cluster->inventory = inventory_publish(cluster->draft, cluster->report);
	policy_follow(cluster->policy, cluster->inventory);
	inventory_free(old);
}

static struct verdict
ask(const struct cluster *cluster, uint8_t client, uint8_t server,
    uint16_t port, enum application application)
{
	struct address from = universe_ipv4(10, 0, 0, client);
	struct address to = universe_ipv4(10, 0, 0, server);
	struct question question = {
	    .client =
		inventory_who(cluster->inventory, INVENTORY_ANY, &from, START),
	    .server =
		inventory_who(cluster->inventory, INVENTORY_ANY, &to, START),
	    .protocol = PROTOCOL_TCP,
	    .port = port,
	    .appid = {application, APPLICATION_UNKNOWN, APP_DPI},
	    .start = START,
	};

	return judge(cluster->policy, &question);
}

static int
begin(void **state)
{
	static const char *const name[] = {"test.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	struct cluster *cluster = allocate(1, sizeof(*cluster));

	cluster->report = report_new();
	cluster->library =
	    library_parse(name, models, layer, 1, cluster->report);
	report_print(cluster->report, stderr);
	assert_non_null(cluster->library);
	cluster->draft = inventory_draft_new();
	put_pod(cluster, "web-1", "web", "front", 1);
	put_pod(cluster, "db-1", "db", "back", 2);
	put_pod(cluster, "tool-1", "tool", "back", 3);
	put_front(cluster, 16379);
	cluster->inventory = inventory_publish(cluster->draft, cluster->report);
	cluster->policy = policy_new(cluster->library, cluster->inventory);
	*state = cluster;
	return 0;
}

static int
end(void **state)
{
	struct cluster *cluster = *state;

	policy_free(cluster->policy);
	inventory_free(cluster->inventory);
	inventory_draft_free(cluster->draft);
	library_free(cluster->library);
	report_free(cluster->report);
	free(cluster);
	return 0;
}

/* --- what an event costs -------------------------------------------------- */

static void
test_pod_of_a_known_kind_costs_no_policy(void **state)
{
	struct cluster *cluster = *state;
	struct verdict old = ask(cluster, 1, 2, 6379, APPLICATION_REDIS);
	struct policy_counts before, after;

	assert_int_equal(old.kind, VERDICT_ALLOWED);
	before = policy_counts(cluster->policy);
	put_pod(cluster, "web-2", "web", "front", 4);
	follow(cluster);
	assert_int_equal(
	    ask(cluster, 4, 2, 6379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
	after = policy_counts(cluster->policy);
	assert_int_equal(after.resolved, before.resolved);
	assert_int_equal(after.stated, before.stated);
	assert_int_equal(after.identities, before.identities);
	/* What was said before is still there to be read. */
	assert_string_equal(old.client->name, "shop/web");
	assert_string_equal(old.statement->server->name, "shop/db");
}

static void
test_pod_of_a_new_kind_costs_its_own(void **state)
{
	struct cluster *cluster = *state;
	struct policy_counts before, after;

	(void)ask(cluster, 1, 2, 6379, APPLICATION_REDIS);
	(void)ask(cluster, 3, 2, 6379, APPLICATION_REDIS);
	before = policy_counts(cluster->policy);
	put_pod(cluster, "new-1", "new", "front", 5);
	follow(cluster);
	assert_int_equal(ask(cluster, 5, 2, 6379, APPLICATION_REDIS).kind,
	    VERDICT_DEVIATION);
	(void)ask(cluster, 3, 2, 6379, APPLICATION_REDIS);
	after = policy_counts(cluster->policy);
	assert_int_equal(after.resolved, before.resolved + 1);
	/* Its pair, and the other way round, which is asked for `direction`. */
	assert_int_equal(after.stated, before.stated + 2);
}

static void
test_changed_service_changes_its_backends_alone(void **state)
{
	struct cluster *cluster = *state;
	struct policy_counts before, after;

	assert_int_equal(
	    ask(cluster, 1, 2, 16379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
	(void)ask(cluster, 3, 1, 80, APPLICATION_HTTP);
	before = policy_counts(cluster->policy);
	put_front(cluster, 26379);
	follow(cluster);
	assert_int_equal(ask(cluster, 1, 2, 16379, APPLICATION_REDIS).kind,
	    VERDICT_DEVIATION);
	assert_int_equal(
	    ask(cluster, 1, 2, 26379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
	(void)ask(cluster, 3, 1, 80, APPLICATION_HTTP);
	after = policy_counts(cluster->policy);
	assert_int_equal(after.resolved, before.resolved + 1);
}

/* --- what is served ------------------------------------------------------- */

static const struct workload *
pod(const struct cluster *cluster, uint8_t number)
{
	struct address address = universe_ipv4(10, 0, 0, number);

	return inventory_who(cluster->inventory, INVENTORY_ANY, &address, START)
	    .workload;
}

static void
test_served_joins_only_where_it_adds(void **state)
{
	struct cluster *cluster = *state;

	policy_serves(cluster->policy, pod(cluster, 2), APPLICATION_MEMCACHED);
	assert_int_equal(
	    ask(cluster, 1, 2, 6379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
	assert_int_equal(
	    ask(cluster, 1, 2, 22, APPLICATION_SSH).kind, VERDICT_DEVIATION);
	policy_serves(cluster->policy, pod(cluster, 2), APPLICATION_SSH);
	assert_int_equal(
	    ask(cluster, 1, 2, 22, APPLICATION_SSH).kind, VERDICT_ALLOWED);
	assert_int_equal(
	    ask(cluster, 1, 2, 6379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
}

static void
test_served_chooses_where_nothing_else_does(void **state)
{
	struct cluster *cluster = *state;
	struct policy_counts before = policy_counts(cluster->policy);

	assert_int_equal(ask(cluster, 1, 3, 11211, APPLICATION_MEMCACHED).kind,
	    VERDICT_UNMODELLED);
	/* No model asks for it, so it costs nothing. */
	policy_serves(cluster->policy, pod(cluster, 3), APPLICATION_HTTP);
	assert_int_equal(
	    policy_counts(cluster->policy).resolved, before.resolved + 2);
	policy_serves(cluster->policy, pod(cluster, 3), APPLICATION_MEMCACHED);
	assert_int_equal(ask(cluster, 1, 3, 11211, APPLICATION_MEMCACHED).kind,
	    VERDICT_DEVIATION);
	/* It is known of the kind, and outlives an inventory. */
	follow(cluster);
	assert_int_equal(ask(cluster, 1, 3, 11211, APPLICATION_MEMCACHED).kind,
	    VERDICT_DEVIATION);
}

/* --- a life of many kinds ------------------------------------------------- */

#define LIFE 6000 /* kinds of pod, of which each dies before the next one */

/*
 * A pod that changes its image's label again and again is one kind after the
 * other, and only the last of them lives.
 */
static void
test_the_dead_are_forgotten(void **state)
{
	struct cluster *cluster = *state;
	struct policy_counts counts = {0};
	uint64_t most = 0;
	int renewed = 0;
	char label[32];

	for (int i = 0; i < LIFE; i++) {
		struct instant now = {START.ns + i};
		struct verdict verdict;

		(void)snprintf(label, sizeof(label), "build-%d", i);
		put_pod(cluster, "new-1", "new", label, 5);
		(void)inventory_forget(cluster->draft, now);
		follow(cluster);
		if (policy_is_worn(cluster->policy)) {
			struct policy *old = cluster->policy;

			cluster->policy = policy_renew(old);
			policy_free(old);
			renewed++;
		}
		verdict = ask(cluster, 5, 2, 6379, APPLICATION_REDIS);
		assert_int_equal(verdict.kind, VERDICT_DEVIATION);
		assert_string_equal(verdict.client->name, "shop/new");
		counts = policy_counts(cluster->policy);
		assert_in_range(counts.identities, 2, 1100);
		most = counts.octets > most ? counts.octets : most;
	}
	assert_in_range(renewed, 5, 20);
	/* What 1100 kinds and their pairs take, and more. */
	assert_in_range(most, 1, 16 * 1024 * 1024);
}

static void
test_the_living_are_remembered(void **state)
{
	struct cluster *cluster = *state;
	struct policy *old = cluster->policy;
	struct verdict before;
	char label[32];

	policy_serves(old, pod(cluster, 3), APPLICATION_MEMCACHED);
	before = ask(cluster, 1, 2, 6379, APPLICATION_REDIS);
	for (int i = 0; !policy_is_worn(old); i++) {
		assert_true(i < LIFE);
		(void)snprintf(label, sizeof(label), "build-%d", i);
		put_pod(cluster, "new-1", "new", label, 5);
		(void)inventory_forget(
		    cluster->draft, (struct instant){START.ns + i});
		follow(cluster);
		(void)ask(cluster, 5, 2, 6379, APPLICATION_REDIS);
	}
	cluster->policy = policy_renew(old);
	assert_int_equal(ask(cluster, 1, 3, 11211, APPLICATION_MEMCACHED).kind,
	    VERDICT_DEVIATION);
	assert_int_equal(
	    ask(cluster, 1, 2, 6379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
	assert_true(policy_counts(cluster->policy).identities < 8);
	/* What was borrowed stays good as long as the old one. */
	assert_string_equal(before.client->name, "shop/web");
	assert_string_equal(before.statement->server->name, "shop/db");
	policy_free(old);
}

/* Many kinds that live are no reason to begin again. */
static void
test_growing_is_not_dying(void **state)
{
	struct cluster *cluster = *state;
	char name[32];

	for (int i = 0; i < 1500; i++) {
		(void)snprintf(name, sizeof(name), "kind-%d", i);
		put_pod(cluster, name, name, "front", (uint8_t)(5 + i % 250));
	}
	follow(cluster);
	for (size_t i = 0; i < inventory_workload_count(cluster->inventory);
	     i++)
		(void)policy_workload(
		    cluster->policy, inventory_workload(cluster->inventory, i));
	assert_true(policy_counts(cluster->policy).identities > 1500);
	assert_false(policy_is_worn(cluster->policy));
}

#define KINDS 520 /* which come to more pairs than are kept */

/* Everybody asks about everybody, and all of them live. */
static void
test_pairs_have_a_bound(void **state)
{
	struct cluster *cluster = *state;
	struct policy *old = cluster->policy;
	uint64_t most;
	char name[32];

	for (int i = 0; i < KINDS; i++) {
		(void)snprintf(name, sizeof(name), "kind-%d", i);
		put_pod(cluster, name, name, "front", (uint8_t)(5 + i % 250));
	}
	follow(cluster);
	for (size_t i = 0; i < KINDS; i++)
		for (size_t j = 0; j < KINDS; j++)
			(void)policy_pair(old,
			    policy_workload(
				old, inventory_workload(cluster->inventory, i)),
			    policy_workload(
				old, inventory_workload(cluster->inventory, j)),
			    false);
	most = policy_counts(old).octets;
	assert_true(policy_is_worn(old));
	cluster->policy = policy_renew(old);
	policy_free(old);
	assert_false(policy_is_worn(cluster->policy));
	assert_true(policy_counts(cluster->policy).octets < most / 2);
	assert_int_equal(
	    ask(cluster, 1, 2, 6379, APPLICATION_REDIS).kind, VERDICT_ALLOWED);
}

/* --- the naive way: a policy made anew ------------------------------------ */

#define HISTORIES   60
#define GENERATIONS 8
#define QUESTIONS   24

static struct inventory *
random_inventory(
    const struct library *library, struct report *report, uint64_t *state)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct inventory *inventory;

	for (size_t i = 0; i < library_zone_count(library); i++)
		state_zone(draft, library_zone(library, i));
	for (unsigned i = 0; i < UNIVERSE_NODES; i++)
		put_node(draft, i);
	for (unsigned i = 0; i < UNIVERSE_WORKLOADS; i++)
		put_workload(draft, state, i, false);
	if (roll(state, 2) == 0)
		put_service(draft);
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	return inventory;
}

static struct question
random_question(const struct inventory *inventory, uint64_t *state)
{
	bool ipv4 = roll(state, 3) > 0;
	struct address from = universe_address(state, ipv4);
	struct address to = universe_address(state, ipv4);
	enum application spoken =
	    roll(state, 2) == 0 ? APPLICATION_REDIS : APPLICATION_HTTP;
	struct question question = {
	    .client = inventory_who(inventory, INVENTORY_ANY, &from, START),
	    .server = inventory_who(inventory, INVENTORY_ANY, &to, START),
	    .protocol = roll(state, 4) == 0 ? PROTOCOL_UDP : PROTOCOL_TCP,
	    .port = (uint16_t)(UNIVERSE_PORT + roll(state, UNIVERSE_PORTS)),
	    .appid = {spoken, APPLICATION_UNKNOWN, APP_DPI},
	    .start = START,
	};

	return question;
}

/* The same words, for identities of two policies are never the same. */
static void
expect_same(const struct verdict *followed, const struct verdict *anew)
{
	assert_int_equal(followed->kind, anew->kind);
	assert_int_equal(followed->deviation, anew->deviation);
	assert_int_equal(followed->severity, anew->severity);
	assert_ptr_equal(followed->entry, anew->entry);
	assert_ptr_equal(followed->boundary, anew->boundary);
	if (anew->client != NULL)
		assert_string_equal(followed->client->name, anew->client->name);
	if (anew->server != NULL)
		assert_string_equal(followed->server->name, anew->server->name);
}

static void
test_following_is_being_made_anew(void **unused)
{
	uint64_t state = 20261121;
	size_t deviations = 0;

	(void)unused;
	for (int h = 0; h < HISTORIES; h++) {
		struct universe universe;

		assert_true(universe_make(&universe, &state, false));
		for (int g = 0; g < GENERATIONS; g++) {
			struct inventory *next = random_inventory(
			    universe.library, universe.report, &state);
			struct policy *anew =
			    policy_new(universe.library, next);

			policy_follow(universe.policy, next);
			inventory_free(universe.inventory);
			universe.inventory = next;
			for (int q = 0; q < QUESTIONS; q++) {
				struct question question =
				    random_question(next, &state);
				struct verdict one =
				    judge(universe.policy, &question);
				struct verdict other = judge(anew, &question);

				expect_same(&one, &other);
				deviations += one.kind == VERDICT_DEVIATION;
			}
			policy_free(anew);
		}
		universe_free(&universe);
	}
	assert_true(deviations > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_pod_of_a_known_kind_costs_no_policy, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_pod_of_a_new_kind_costs_its_own, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_changed_service_changes_its_backends_alone, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_served_joins_only_where_it_adds, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_served_chooses_where_nothing_else_does, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_the_dead_are_forgotten, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_the_living_are_remembered, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_growing_is_not_dying, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_pairs_have_a_bound, begin, end),
	    cmocka_unit_test(test_following_is_being_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
