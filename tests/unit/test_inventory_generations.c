/*
 * An inventory that is published again and again while facts come must be the
 * one that a fresh draft makes of all of them, in whatever order they come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"

#define FACTS     400
#define WORKLOADS 24
#define ADDRESSES 10
#define NODES     3
#define SERVICES  6
#define SECONDS   120

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static struct instant
second(int64_t s)
{
	return (struct instant){s * NS_PER_SECOND};
}

/* --- facts at random ----------------------------------------------------- */

/* A fact with room for all that it borrows. */
struct made {
	struct fact fact;
	char id[40], name[24], owner[24], values[2][16];
	struct label labels[2];
	struct address addresses[3];
	struct prefix network;
};

static struct address
address_number(uint32_t number)
{
	return address_from_ipv4(
	    (const uint8_t[]){10, 0, 0, (uint8_t)(number % ADDRESSES)});
}

static const char *const spaces[] = {"bank", "shop"};
static const char *const words[] = {"a", "b", "c"};

static void
make_labels(struct made *made, struct labels *labels, uint64_t *seed)
{
	static const char *const keys[] = {"app", "tier"};

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(made->values[i], sizeof(made->values[i]), "%s",
		    words[next_random(seed) % 3]);
		made->labels[i] = (struct label){keys[i], made->values[i]};
	}
	*labels = (struct labels){made->labels, 1 + next_random(seed) % 2};
}

static void
make_workload(struct made *made, uint64_t *seed)
{
	uint32_t number = next_random(seed) % WORKLOADS;
	struct workload *workload = &made->fact.workload.workload;

	(void)snprintf(made->id, sizeof(made->id), "w%u", number);
	(void)snprintf(made->name, sizeof(made->name), "pod-%u", number);
	made->fact.gone = next_random(seed) % 8 == 0;
	workload->namespace = spaces[number % 2];
	workload->name = made->name;
	workload->orchestrator = "kubernetes";
	workload->since = second(number);
	workload->until = INSTANT_FUTURE;
	workload->host_network = number % 6 == 0;
	workload->node = "n1";
	make_labels(made, &workload->labels, seed);
	made->addresses[0] = address_number(number);
	workload->addresses = made->addresses;
	workload->address_count = next_random(seed) % 4 == 0 ? 0 : 1;
	if (next_random(seed) % 2 == 0)
		return;
	made->fact.workload.owner_kind = "ReplicaSet";
	(void)snprintf(made->owner, sizeof(made->owner), "rs-%u", number % 4);
	made->fact.workload.owner_name = made->owner;
}

static void
make_owner(struct made *made, uint64_t *seed)
{
	uint32_t number = next_random(seed) % 4;
	const char *namespace = spaces[next_random(seed) % 2];

	(void)snprintf(made->name, sizeof(made->name), "rs-%u", number);
	(void)snprintf(made->owner, sizeof(made->owner), "deployment-%u",
	    next_random(seed) % 3);
	(void)snprintf(made->id, sizeof(made->id), "%s/ReplicaSet/%s",
	    namespace, made->name);
	made->fact.owner = (struct fact_owner){
	    namespace, "ReplicaSet", made->name, "Deployment", made->owner};
}

static void
make_service(struct made *made, uint64_t *seed)
{
	uint32_t number = next_random(seed) % SERVICES;
	struct fact_service *service = &made->fact.service;

	(void)snprintf(made->id, sizeof(made->id), "s%u", number);
	(void)snprintf(made->name, sizeof(made->name), "service-%u", number);
	made->fact.gone = next_random(seed) % 10 == 0;
	service->service.namespace = spaces[number % 2];
	service->service.name = made->name;
	service->service.since = second(number);
	made->addresses[0] =
	    address_from_ipv4((const uint8_t[]){10, 96, 0, (uint8_t)number});
	service->service.addresses = made->addresses;
	service->service.address_count = 1;
	if (number % 3 != 0)
		make_labels(made, &service->selector, seed);
}

static void
make_backends(struct made *made, uint64_t *seed)
{
	uint32_t number = next_random(seed) % SERVICES / 3 * 3;
	struct fact_backends *backends = &made->fact.backends;

	(void)snprintf(made->id, sizeof(made->id), "slice-%u", number);
	(void)snprintf(made->name, sizeof(made->name), "service-%u", number);
	made->fact.gone = next_random(seed) % 10 == 0;
	backends->namespace = spaces[number % 2];
	backends->service = made->name;
	backends->address_count = 1 + next_random(seed) % 3;
	for (size_t i = 0; i < backends->address_count; i++)
		made->addresses[i] = address_number(next_random(seed));
	backends->addresses = made->addresses;
}

static void
make_node(struct made *made, uint64_t *seed)
{
	uint32_t number = next_random(seed) % NODES;
	struct fact_node *node = &made->fact.node;

	(void)snprintf(made->id, sizeof(made->id), "n%u", number);
	made->fact.gone = next_random(seed) % 6 == 0;
	node->node.name = made->id;
	make_labels(made, &node->node.labels, seed);
	made->addresses[0] = address_from_ipv4(
	    (const uint8_t[]){172, 16, 0, (uint8_t)(number / 2)});
	node->addresses = made->addresses;
	node->address_count = 1;
	assert_null(prefix_parse("10.0.0.0/24", &made->network));
	node->pod_networks = &made->network;
	node->pod_network_count = number == 0;
}

static void
make_namespace(struct made *made, uint64_t *seed)
{
	(void)snprintf(
	    made->id, sizeof(made->id), "%s", spaces[next_random(seed) % 2]);
	made->fact.namespace.name = made->id;
	make_labels(made, &made->fact.namespace.labels, seed);
}

static void
make_policy(struct made *made, uint64_t *seed)
{
	(void)snprintf(
	    made->name, sizeof(made->name), "policy-%u", next_random(seed) % 3);
	(void)snprintf(made->id, sizeof(made->id), "shop/%s", made->name);
	made->fact.gone = next_random(seed) % 3 == 0;
	made->fact.policy.namespace = "shop";
	made->fact.policy.name = made->name;
	made->fact.policy.ingress = next_random(seed) % 2 == 0;
}

static void
make_fact(struct made *made, uint64_t version, uint64_t *seed)
{
	static void (*const makers[])(struct made *, uint64_t *) = {
	    [FACT_WORKLOAD] = make_workload,
	    [FACT_OWNER] = make_owner,
	    [FACT_SERVICE] = make_service,
	    [FACT_BACKENDS] = make_backends,
	    [FACT_NODE] = make_node,
	    [FACT_NAMESPACE] = make_namespace,
	    [FACT_POLICY] = make_policy,
	};
	static const enum fact_kind kinds[] = {FACT_WORKLOAD, FACT_WORKLOAD,
	    FACT_WORKLOAD, FACT_OWNER, FACT_SERVICE, FACT_BACKENDS, FACT_NODE,
	    FACT_NAMESPACE, FACT_POLICY};
	enum fact_kind kind =
	    kinds[next_random(seed) % (sizeof(kinds) / sizeof(*kinds))];

	*made = (struct made){.fact = {.kind = kind,
				  .id = made->id,
				  .version = version,
				  .at = second(30 + (int64_t)version / 8)}};
	makers[kind](made, seed);
}

/* --- what an inventory says ---------------------------------------------- */

static void
say_workload(struct text *out, const struct workload *one)
{
	text_format(out, "%s %lld..%lld %s/%s app=%s by %s kind=%s", one->id,
	    (long long)one->since.ns, (long long)one->until.ns, one->namespace,
	    one->name, one->application, one->application_source, one->kind);
	for (size_t i = 0; i < one->labels.count; i++)
		text_format(out, " %s=%s", one->labels.at[i].key,
		    one->labels.at[i].value);
	for (size_t i = 0; i < one->namespace_labels.count; i++)
		text_format(out, " ns:%s=%s", one->namespace_labels.at[i].key,
		    one->namespace_labels.at[i].value);
	text_add(out, "\n");
}

static void
say_lists(struct text *out, const struct inventory *inventory)
{
	for (size_t i = 0; i < inventory_workload_count(inventory); i++)
		say_workload(out, inventory_workload(inventory, i));
	for (size_t i = 0; i < inventory_node_count(inventory); i++) {
		const struct node *node = inventory_node(inventory, i);

		text_format(out, "node %s until %lld\n", node->name,
		    (long long)node->until.ns);
		for (size_t w = 0; w < node->host_workload_count; w++)
			say_workload(out, node->host_workloads[w]);
	}
	for (size_t i = 0; i < inventory_service_count(inventory); i++) {
		const struct service *one = inventory_service(inventory, i);

		text_format(out, "service %s until %lld\n", one->name,
		    (long long)one->until.ns);
		for (size_t b = 0; b < one->backend_count; b++)
			say_workload(out, one->backends[b]);
	}
	for (size_t i = 0; i < inventory_network_policy_count(inventory); i++)
		text_format(out, "policy %s %d\n",
		    inventory_network_policy(inventory, i)->name,
		    inventory_network_policy(inventory, i)->ingress);
}

static void
say_holder(struct text *out, const struct inventory *inventory,
    const struct address *address, struct instant at)
{
	struct party party =
	    inventory_who(inventory, INVENTORY_ANY, address, at);
	char printed[ADDRESS_TEXT_SIZE];

	address_print(address, printed);
	text_format(out, "%s at %lld: %s", printed, (long long)at.ns,
	    attribution_name(party.attribution));
	if (party.workload != NULL)
		say_workload(out, party.workload);
	text_format(out, " %s %s\n", party.node == NULL ? "" : party.node->name,
	    party.service == NULL ? "" : party.service->name);
}

static void
say(struct text *out, const struct inventory *inventory)
{
	say_lists(out, inventory);
	for (int at = 0; at < SECONDS; at += 3) {
		for (uint32_t a = 0; a < ADDRESSES; a++) {
			struct address address = address_number(a);

			say_holder(out, inventory, &address, second(at));
		}
		for (uint8_t a = 0; a < SERVICES; a++) {
			struct address address =
			    address_from_ipv4((const uint8_t[]){10, 96, 0, a});
			struct address node =
			    address_from_ipv4((const uint8_t[]){172, 16, 0, a});

			say_holder(out, inventory, &address, second(at));
			say_holder(out, inventory, &node, second(at));
		}
	}
}

static void
assert_same_lines(const char *one, const char *other)
{
	size_t line = 0;

	for (size_t i = 0; one[i] != '\0' || other[i] != '\0'; i++) {
		if (one[i] != other[i])
			fail_msg("%.*s\nand\n%.*s",
			    (int)strcspn(one + line, "\n"), one + line,
			    (int)strcspn(other + line, "\n"), other + line);
		if (one[i] == '\n')
			line = i + 1;
	}
}

static void
assert_same(const struct inventory *a, const struct inventory *b)
{
	struct text one, other;

	text_init(&one, (size_t)1 << 24);
	text_init(&other, (size_t)1 << 24);
	say(&one, a);
	say(&other, b);
	assert_same_lines(one.at, other.at);
	text_release(&one);
	text_release(&other);
}

/* --- tests --------------------------------------------------------------- */

static struct inventory *
all_at_once(const struct made *facts, const size_t *order, size_t count)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct inventory *inventory;

	for (size_t i = 0; i < count; i++)
		(void)inventory_put(draft, &facts[order[i]].fact);
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	report_free(report);
	return inventory;
}

static void
fill(struct made *facts, size_t *order, uint64_t *seed)
{
	for (size_t i = 0; i < FACTS; i++) {
		make_fact(&facts[i], i + 1, seed);
		/* make_fact() assigned the whole, so the id points here. */
		facts[i].fact.id = facts[i].id;
		order[i] = i;
	}
}

/* Generations are freed in any order, some before and some after the next. */
static void
generations_say_what_a_fresh_draft_says(void **state)
{
	static struct made facts[FACTS];
	size_t order[FACTS];
	uint64_t seed = 11;

	(void)state;
	for (int round = 0; round < 12; round++) {
		struct inventory_draft *draft = inventory_draft_new();
		struct report *report = report_new();
		struct inventory *kept[4] = {NULL}, *fresh;

		fill(facts, order, &seed);
		for (size_t i = 0; i < FACTS; i++) {
			size_t place = next_random(&seed) % 4;

			(void)inventory_put(draft, &facts[i].fact);
			if (next_random(&seed) % 9 != 0 && i + 1 < FACTS)
				continue;
			inventory_free(kept[place]);
			kept[place] = inventory_publish(draft, report);
			fresh = all_at_once(facts, order, i + 1);
			assert_same(kept[place], fresh);
			inventory_free(fresh);
		}
		inventory_draft_free(draft);
		for (size_t i = 0; i < 4; i++)
			inventory_free(kept[i]);
		report_free(report);
	}
}

static void
shuffle(size_t *order, uint64_t *seed)
{
	for (size_t i = FACTS - 1; i > 0; i--) {
		size_t other = next_random(seed) % (i + 1);
		size_t kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

/* What a fact says goes by its version and time, not by when it comes. */
static void
order_does_not_matter(void **state)
{
	static struct made facts[FACTS];
	size_t order[FACTS];
	uint64_t seed = 23;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct inventory *one, *other;

		fill(facts, order, &seed);
		/* Revival goes by time, and an owner is never disowned. */
		for (size_t i = 0; i < FACTS; i++)
			if (facts[i].fact.kind == FACT_WORKLOAD ||
			    facts[i].fact.kind == FACT_BACKENDS)
				facts[i].fact.gone = false;
		one = all_at_once(facts, order, FACTS);
		shuffle(order, &seed);
		other = all_at_once(facts, order, FACTS);
		assert_same(one, other);
		inventory_free(one);
		inventory_free(other);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(generations_say_what_a_fresh_draft_says),
	    cmocka_unit_test(order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
