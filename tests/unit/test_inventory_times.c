#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/fact_frame.h"
#include "classifiers/inventory/inventory.h"
#include "facts.h"
#include "sensor/base/report.h"

/*
 * Time in the inventory: states of a workload, ends of everything, clusters,
 * frames, memory, silence.
 */
struct house {
	struct inventory_draft *draft;
	struct report *report;
	struct inventory *inventory;
};

static struct house
house_new(void)
{
	return (struct house){inventory_draft_new(), report_new(), NULL};
}

static void
house_publish(struct house *house)
{
	inventory_free(house->inventory);
	house->inventory = inventory_publish(house->draft, house->report);
}

static void
house_free(struct house *house)
{
	inventory_free(house->inventory);
	inventory_draft_free(house->draft);
	report_free(house->report);
}

static struct address
address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

static struct instant
second(int64_t s)
{
	return (struct instant){s * NS_PER_SECOND};
}

static struct party
who_in(const struct house *house, const char *cluster, const char *text,
    int64_t at)
{
	struct address address = address_of(text);
	uint32_t number = cluster == NULL
			      ? INVENTORY_ANY
			      : inventory_cluster(house->inventory, cluster);

	return inventory_who(house->inventory, number, &address, second(at));
}

static struct party
who(const struct house *house, const char *text, int64_t at)
{
	return who_in(house, NULL, text, at);
}

static void
assert_attribution(struct party party, enum attribution attribution)
{
	assert_string_equal(
	    attribution_name(party.attribution), attribution_name(attribution));
}

/* A pod of an application in a cluster, as it was seen at that time. */
static void
put_pod(const struct fact_taker *taker, const char *cluster, const char *id,
    const char *text, const char *application, uint64_t version, int64_t at)
{
	struct address address = address_of(text);
	struct label label = {"app", application};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = cluster,
	    .id = id,
	    .version = version,
	    .at = at < 0 ? INSTANT_PAST : second(at),
	    .workload.workload =
		{
		    .orchestrator = "kubernetes",
		    .namespace = "shop",
		    .name = id,
		    .labels = {&label, 1},
		    .addresses = &address,
		    .address_count = 1,
		    .since = second(10),
		    .until = INSTANT_FUTURE,
		},
	};

	(void)fact_give(taker, &fact);
}

static void
put_gone(const struct fact_taker *taker, enum fact_kind kind,
    const char *cluster, const char *id, int64_t at)
{
	struct fact fact = {.kind = kind,
	    .gone = true,
	    .cluster = cluster,
	    .id = id,
	    .at = second(at)};

	(void)fact_give(taker, &fact);
}

/* --- states -------------------------------------------------------------- */

static void
assert_application(
    const struct house *house, int64_t at, const char *application)
{
	struct party party = who(house, "10.0.0.1", at);

	assert_attribution(party, ATTRIBUTION_EXACT);
	assert_string_equal(party.workload->application, application);
}

/* In both orders: labels of the time of the flow, not of now. */
static void
a_flow_is_of_the_state_that_held_then(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct house house = house_new();
		struct fact_taker taker = inventory_taker(house.draft);

		for (int i = 0; i < 2; i++)
			if (i == order)
				put_pod(
				    &taker, "", "a", "10.0.0.1", "old", 5, 20);
			else
				put_pod(
				    &taker, "", "a", "10.0.0.1", "new", 6, 30);
		house_publish(&house);
		assert_application(&house, 10, "old");
		assert_application(&house, 29, "old");
		assert_application(&house, 30, "new");
		assert_int_equal(inventory_workload_count(house.inventory), 2);
		assert_int_equal(who(&house, "10.0.0.1", 30).workload->began.ns,
		    second(10).ns);
		house_free(&house);
	}
}

/* Status changes are no states, however many there are. */
static void
what_is_said_again_is_one_state(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);

	(void)state;
	for (uint64_t i = 0; i < 500; i++)
		put_pod(&taker, "", "a", "10.0.0.1", i == 0 ? "old" : "new",
		    i + 1, 20 + (int64_t)i);
	house_publish(&house);
	assert_int_equal(inventory_workload_count(house.inventory), 2);
	assert_application(&house, 20, "old");
	assert_application(&house, 21, "new");
	assert_application(&house, 900, "new");
	house_free(&house);
}

/* --- ends ---------------------------------------------------------------- */

static void
services_and_nodes_end(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);
	struct address own = address_of("172.16.0.1");
	struct address virtual = address_of("10.96.0.1");
	struct node_fact node = {
	    .node = {.name = "n1"}, .addresses = &own, .address_count = 1};
	struct fact service = {
	    .kind = FACT_SERVICE,
	    .id = "s1",
	    .at = INSTANT_PAST,
	    .service.service = {.namespace = "shop",
		.name = "web",
		.addresses = &virtual,
		.address_count = 1,
		.since = second(5)},
	};

	(void)state;
	state_node(house.draft, &node);
	(void)inventory_put(house.draft, &service);
	put_gone(&taker, FACT_NODE, "", "n1", 50);
	put_gone(&taker, FACT_SERVICE, "", "s1", 60);
	house_publish(&house);
	assert_attribution(who(&house, "172.16.0.1", 49), ATTRIBUTION_NODE);
	assert_attribution(
	    who(&house, "172.16.0.1", 50), ATTRIBUTION_UNATTRIBUTED);
	assert_attribution(who(&house, "10.96.0.1", 59), ATTRIBUTION_SERVICE);
	assert_attribution(
	    who(&house, "10.96.0.1", 60), ATTRIBUTION_UNATTRIBUTED);
	house_free(&house);
}

/* A service without a selector has the backends that its slice named then. */
static void
a_changed_slice_replaces(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);
	struct address address = address_of("10.0.0.2");
	struct service_fact service = {.service = {.namespace = "shop",
					   .name = "db",
					   .since = second(0),
					   .until = INSTANT_FUTURE}};
	struct fact slice = {
	    .kind = FACT_BACKENDS,
	    .id = "shop/db-1",
	    .at = INSTANT_PAST,
	    .backends = {"shop", "db", &address, 1},
	};

	(void)state;
	put_pod(&taker, "", "a", "10.0.0.1", "db", 1, -1);
	put_pod(&taker, "", "b", "10.0.0.2", "db", 1, -1);
	state_service(house.draft, &service);
	(void)inventory_put(house.draft, &slice);
	house_publish(&house);
	assert_int_equal(
	    inventory_service(house.inventory, 0)->backend_count, 1);
	address = address_of("10.0.0.1");
	slice.at = second(5);
	(void)inventory_put(house.draft, &slice);
	house_publish(&house);
	/* The one before held its address only after it was named no more. */
	assert_int_equal(
	    inventory_service(house.inventory, 0)->backend_count, 1);
	assert_string_equal(
	    inventory_service(house.inventory, 0)->backends[0]->id, "a");
	house_free(&house);
}

static void
what_is_over_is_forgotten(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);
	struct address address = address_of("10.0.0.1");
	struct inventory *before;

	(void)state;
	put_pod(&taker, "", "a", "10.0.0.1", "old", 1, 20);
	put_gone(&taker, FACT_WORKLOAD, "", "a", 40);
	put_pod(&taker, "", "b", "10.0.0.2", "old", 2, 20);
	put_pod(&taker, "", "b", "10.0.0.2", "new", 3, 30);
	before = inventory_publish(house.draft, house.report);
	assert_int_equal(inventory_forget(house.draft, second(40)), 0);
	assert_int_equal(inventory_forget(house.draft, second(41)), 1);
	house_publish(&house);
	assert_attribution(who(&house, "10.0.0.1", 30), ATTRIBUTION_EXTERNAL);
	assert_int_equal(inventory_workload_count(house.inventory), 1);
	assert_string_equal(
	    who(&house, "10.0.0.2", 25).workload->application, "new");
	/* What was published is as it was. */
	assert_int_equal(
	    inventory_who(before, INVENTORY_ANY, &address, second(30))
		.attribution,
	    ATTRIBUTION_EXACT);
	inventory_free(before);
	house_free(&house);
}

/* A year of pods that live a minute each takes the memory of an hour. */
static void
churn_is_bounded(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);
	char id[24], address[24];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(id, sizeof(id), "pod-%d", i);
		(void)snprintf(address, sizeof(address), "10.0.0.%d", i % 200);
		put_pod(&taker, "", id, address, "job", 1, i);
		put_gone(&taker, FACT_WORKLOAD, "", id, i + 60);
		if (i % 500 == 0) {
			(void)inventory_forget(house.draft, second(i - 600));
			house_publish(&house);
			assert_true(
			    inventory_workload_count(house.inventory) < 2000);
		}
	}
	house_free(&house);
}

/* --- clusters ------------------------------------------------------------ */

static void
clusters_have_their_own_addresses(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);

	(void)state;
	put_pod(&taker, "east", "a", "10.0.0.1", "web", 1, -1);
	put_pod(&taker, "west", "a", "10.0.0.1", "db", 1, -1);
	put_pod(&taker, "west", "c", "10.0.0.3", "db", 1, -1);
	house_publish(&house);
	assert_string_equal(
	    who_in(&house, "east", "10.0.0.1", 20).workload->application,
	    "web");
	assert_string_equal(
	    who_in(&house, "west", "10.0.0.1", 20).workload->application, "db");
	assert_attribution(
	    who_in(&house, "east", "10.0.0.3", 20), ATTRIBUTION_EXTERNAL);
	/* Nobody can tell, and nobody guesses. */
	assert_attribution(
	    who(&house, "10.0.0.1", 20), ATTRIBUTION_UNATTRIBUTED);
	assert_attribution(who(&house, "10.0.0.3", 20), ATTRIBUTION_EXACT);
	assert_int_equal(report_warnings(house.report), 0);
	assert_int_equal(
	    inventory_cluster(house.inventory, "north"), INVENTORY_ANY);
	house_free(&house);
}

/* --- silence ------------------------------------------------------------- */

static void
what_was_said_too_long_ago_is_stale(void **state)
{
	struct house house = house_new();
	struct fact_taker taker = inventory_taker(house.draft);

	(void)state;
	inventory_set_patience(house.draft, 60 * NS_PER_SECOND);
	put_pod(&taker, "", "a", "10.0.0.1", "web", 1, 20);
	state_seen(house.draft, second(20));
	state_seen(house.draft, second(200));
	house_publish(&house);
	assert_attribution(who(&house, "10.0.0.1", 80), ATTRIBUTION_EXACT);
	assert_attribution(who(&house, "10.0.0.1", 81), ATTRIBUTION_STALE);
	assert_null(who(&house, "10.0.0.1", 81).workload);
	assert_attribution(who(&house, "10.0.0.1", 200), ATTRIBUTION_EXACT);
	assert_attribution(who(&house, "8.8.8.8", 81), ATTRIBUTION_EXTERNAL);
	/* Before anything was heard there is nothing to be stale. */
	assert_attribution(who(&house, "10.0.0.1", 15), ATTRIBUTION_EXACT);
	house_free(&house);
}

/* --- frames -------------------------------------------------------------- */

/* Two snapshots of one pod, of two days. */
static void
a_frame_is_true_from_one_time_to_the_other(void **state)
{
	struct house house = house_new();
	struct fact_frame *frame = fact_frame_new(
	    inventory_taker(house.draft), "east", second(100), second(200));
	struct fact_taker taker = fact_frame_taker(frame);

	(void)state;
	put_pod(&taker, "", "kubernetes::a", "10.0.0.1", "web", 1, -1);
	put_pod(&taker, "", "kubernetes::b", "10.0.0.2", "web", 1, 300);
	fact_frame_end(frame);
	house_publish(&house);
	assert_int_equal(inventory_workload_count(house.inventory), 1);
	assert_attribution(
	    who(&house, "10.0.0.1", 99), ATTRIBUTION_UNATTRIBUTED);
	assert_string_equal(
	    who_in(&house, "east", "10.0.0.1", 100).workload->id,
	    "kubernetes:east:a");
	assert_attribution(
	    who(&house, "10.0.0.1", 200), ATTRIBUTION_UNATTRIBUTED);
	house_free(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_is_of_the_state_that_held_then),
	    cmocka_unit_test(what_is_said_again_is_one_state),
	    cmocka_unit_test(services_and_nodes_end),
	    cmocka_unit_test(a_changed_slice_replaces),
	    cmocka_unit_test(what_is_over_is_forgotten),
	    cmocka_unit_test(churn_is_bounded),
	    cmocka_unit_test(clusters_have_their_own_addresses),
	    cmocka_unit_test(what_was_said_too_long_ago_is_stale),
	    cmocka_unit_test(a_frame_is_true_from_one_time_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
