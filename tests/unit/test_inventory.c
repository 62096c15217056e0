#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/inventory.h"
#include "facts.h"
#include "sensor/base/report.h"

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

/* A pod with one address, alive from `since` on. */
static struct workload_fact
pod(const char *id, const struct address *address, int64_t since,
    uint64_t version)
{
	return (struct workload_fact){
	    .workload =
		{
		    .id = id,
		    .orchestrator = "kubernetes",
		    .namespace = "shop",
		    .name = id,
		    .addresses = address,
		    .address_count = address == NULL ? 0 : 1,
		    .since = second(since),
		    .until = INSTANT_FUTURE,
		    .version = version,
		},
	    .seen = second(since),
	};
}

static struct party
who(const struct house *house, const char *text, struct instant at)
{
	struct address address = address_of(text);

	return inventory_who(house->inventory, INVENTORY_ANY, &address, at);
}

static void
assert_held(const struct house *house, const char *address, struct instant at,
    const char *id)
{
	struct party party = who(house, address, at);

	assert_int_equal(party.attribution, ATTRIBUTION_EXACT);
	assert_string_equal(party.workload->id, id);
}

static void
assert_attribution(const struct house *house, const char *address,
    struct instant at, enum attribution attribution)
{
	assert_string_equal(
	    attribution_name(who(house, address, at).attribution),
	    attribution_name(attribution));
}

/* A dies at 20.4; B is given its address and began, in whole seconds, at 20. */
static void
address_is_reused_within_a_second(void **state)
{
	struct house house = house_new();
	struct address address = address_of("10.0.0.1");
	struct workload_fact a = pod("a", &address, 10, 1);
	struct workload_fact b = pod("b", &address, 20, 2);
	struct instant end = {second(20).ns + 400 * NS_PER_MS};

	(void)state;
	assert_true(state_workload(house.draft, &a));
	assert_true(state_workload(house.draft, &b));
	state_end(house.draft, "a", end);
	house_publish(&house);
	assert_attribution(
	    &house, "10.0.0.1", second(9), ATTRIBUTION_UNATTRIBUTED);
	assert_held(&house, "10.0.0.1", second(10), "a");
	assert_held(&house, "10.0.0.1", (struct instant){end.ns - 1}, "a");
	assert_held(&house, "10.0.0.1", end, "b");
	assert_held(&house, "10.0.0.1", second(99999), "b");
	assert_int_equal(report_warnings(house.report), 0);
	house_free(&house);
}

static void
long_overlap_is_warned_of_and_the_older_holds(void **state)
{
	struct house house = house_new();
	struct address address = address_of("10.0.0.1");
	struct workload_fact a = pod("a", &address, 10, 1);
	struct workload_fact b = pod("b", &address, 20, 2);

	(void)state;
	state_workload(house.draft, &b);
	state_workload(house.draft, &a);
	state_end(house.draft, "a", second(26));
	house_publish(&house);
	assert_held(&house, "10.0.0.1", second(25), "a");
	assert_held(&house, "10.0.0.1", second(26), "b");
	assert_int_equal(report_warnings(house.report), 1);
	house_free(&house);
}

static void
overlap_of_five_seconds_is_no_warning(void **state)
{
	struct house house = house_new();
	struct address address = address_of("10.0.0.1");
	struct workload_fact a = pod("a", &address, 10, 1);
	struct workload_fact b = pod("b", &address, 20, 2);

	(void)state;
	state_workload(house.draft, &a);
	state_workload(house.draft, &b);
	state_end(house.draft, "a", second(25));
	house_publish(&house);
	assert_int_equal(report_warnings(house.report), 0);
	house_free(&house);
}

/* The first fact has no address; the one that has comes three seconds late. */
static void
late_address_is_held_from_the_start(void **state)
{
	struct house house = house_new();
	struct address address = address_of("10.0.0.1");
	struct workload_fact early = pod("a", NULL, 10, 1);
	struct workload_fact late = pod("a", &address, 10, 2);

	(void)state;
	late.seen = second(13);
	state_workload(house.draft, &early);
	state_workload(house.draft, &late);
	house_publish(&house);
	assert_int_equal(inventory_workload_count(house.inventory), 1);
	assert_held(&house, "10.0.0.1", second(10), "a");
	house_free(&house);
}

static void
older_version_never_wins(void **state)
{
	struct house house = house_new();
	struct address old = address_of("10.0.0.1");
	struct address new = address_of("10.0.0.2");
	struct workload_fact first = pod("a", &old, 10, 900);
	struct workload_fact second_fact = pod("a", &new, 10, 1000);

	(void)state;
	assert_true(state_workload(house.draft, &second_fact));
	assert_false(state_workload(house.draft, &first));
	assert_int_equal(inventory_draft_counts(house.draft).stale, 1);
	house_publish(&house);
	assert_held(&house, "10.0.0.2", second(11), "a");
	assert_attribution(
	    &house, "10.0.0.1", second(11), ATTRIBUTION_EXTERNAL);
	house_free(&house);
}

static void
version_zero_is_taken_in_order(void **state)
{
	struct house house = house_new();
	struct workload_fact first = pod("a", NULL, 10, 900);
	struct workload_fact unversioned = pod("a", NULL, 10, 0);
	struct workload_fact stale = pod("a", NULL, 10, 800);

	(void)state;
	unversioned.workload.name = "renamed";
	assert_true(state_workload(house.draft, &first));
	assert_true(state_workload(house.draft, &unversioned));
	assert_false(state_workload(house.draft, &stale));
	house_publish(&house);
	assert_string_equal(
	    inventory_workload(house.inventory, 0)->name, "renamed");
	house_free(&house);
}

/*
 * The fact of version 5 says when it ended; a snapshot of version 7 says it in
 * whole seconds.  Either order gives the same end.
 */
static void
end_does_not_depend_on_the_order(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct house house = house_new();
		struct workload_fact event = pod("a", NULL, 10, 5);
		struct workload_fact snapshot = pod("a", NULL, 10, 7);

		event.workload.until =
		    (struct instant){second(20).ns + 300 * NS_PER_MS};
		snapshot.workload.until = second(20);
		state_workload(house.draft, order == 0 ? &event : &snapshot);
		state_workload(house.draft, order == 0 ? &snapshot : &event);
		house_publish(&house);
		assert_int_equal(
		    inventory_workload(house.inventory, 0)->until.ns,
		    event.workload.until.ns);
		house_free(&house);
	}
}

static void
replaced_address_is_given_back(void **state)
{
	struct house house = house_new();
	struct address old = address_of("10.0.0.1");
	struct address new = address_of("10.0.0.2");
	struct workload_fact before = pod("a", &old, 10, 1);
	struct workload_fact after = pod("a", &new, 10, 2);

	(void)state;
	after.seen = second(50);
	state_workload(house.draft, &before);
	state_workload(house.draft, &after);
	house_publish(&house);
	assert_held(&house, "10.0.0.1", second(49), "a");
	assert_attribution(
	    &house, "10.0.0.1", second(50), ATTRIBUTION_UNATTRIBUTED);
	assert_attribution(
	    &house, "10.0.0.2", second(49), ATTRIBUTION_UNATTRIBUTED);
	assert_held(&house, "10.0.0.2", second(50), "a");
	house_free(&house);
}

static void
dual_stack_is_one_workload(void **state)
{
	struct house house = house_new();
	struct address both[] = {address_of("10.0.0.1"), address_of("fd00::1")};
	struct workload_fact a = pod("a", both, 10, 1);

	(void)state;
	a.workload.address_count = 2;
	state_workload(house.draft, &a);
	house_publish(&house);
	assert_held(&house, "10.0.0.1", second(10), "a");
	assert_held(&house, "fd00::1", second(10), "a");
	assert_ptr_equal(who(&house, "10.0.0.1", second(10)).workload,
	    who(&house, "fd00::1", second(10)).workload);
	assert_int_equal(
	    inventory_workload(house.inventory, 0)->address_count, 2);
	house_free(&house);
}

static void
put_node(struct house *house, const char *name, const char *address,
    const char *network)
{
	struct address own = address_of(address);
	struct prefix prefix;
	struct node_fact fact = {
	    .node.name = name,
	    .addresses = &own,
	    .address_count = 1,
	    .pod_networks = &prefix,
	    .pod_network_count = 1,
	};

	assert_null(prefix_parse(network, &prefix));
	state_node(house->draft, &fact);
}

static void
host_network_is_ambiguous_while_it_lives(void **state)
{
	struct house house = house_new();
	struct address address = address_of("172.16.0.1");
	struct workload_fact proxy = pod("proxy", &address, 10, 1);
	struct party party;

	(void)state;
	proxy.workload.host_network = true;
	proxy.workload.node = "n1";
	put_node(&house, "n1", "172.16.0.1", "10.0.0.0/24");
	state_workload(house.draft, &proxy);
	state_end(house.draft, "proxy", second(20));
	house_publish(&house);
	assert_attribution(&house, "172.16.0.1", second(9), ATTRIBUTION_NODE);
	assert_attribution(&house, "172.16.0.1", second(20), ATTRIBUTION_NODE);
	party = who(&house, "172.16.0.1", second(15));
	assert_int_equal(party.attribution, ATTRIBUTION_AMBIGUOUS);
	assert_null(party.workload);
	assert_string_equal(party.node->name, "n1");
	assert_int_equal(party.node->host_workload_count, 1);
	assert_string_equal(party.node->host_workloads[0]->id, "proxy");
	house_free(&house);
}

/* Nobody has stated the node itself: its pods' word is all there is. */
static void
node_is_known_by_its_pods(void **state)
{
	struct house house = house_new();
	struct address address = address_of("172.16.0.1");
	struct address host = address_of("172.16.0.2");
	struct workload_fact proxy = pod("proxy", &address, 10, 1);

	(void)state;
	proxy.workload.host_network = true;
	proxy.workload.node = "n1";
	state_workload(house.draft, &proxy);
	state_node_address(house.draft, "n2", &host);
	house_publish(&house);
	assert_int_equal(inventory_node_count(house.inventory), 2);
	assert_attribution(
	    &house, "172.16.0.1", second(15), ATTRIBUTION_AMBIGUOUS);
	assert_attribution(&house, "172.16.0.2", second(15), ATTRIBUTION_NODE);
	house_free(&house);
}

static void
put_service(struct house *house, const char *name, const char *address,
    const struct labels *selector, int64_t since, int64_t until)
{
	struct address own = address_of(address);
	struct service_fact fact = {
	    .service =
		{
		    .namespace = "shop",
		    .name = name,
		    .addresses = &own,
		    .address_count = 1,
		    .since = second(since),
		    .until = second(until),
		},
	    .selector = *selector,
	};

	state_service(house->draft, &fact);
}

static void
service_selects_its_backends(void **state)
{
	struct house house = house_new();
	struct label app[] = {{"app", "db"}, {"tier", "data"}};
	struct label other[] = {{"app", "db"}};
	struct labels selector = {app, 2};
	struct workload_fact in = pod("in", NULL, 10, 1);
	struct workload_fact out = pod("out", NULL, 10, 1);
	struct workload_fact elsewhere = pod("elsewhere", NULL, 10, 1);
	struct party party;

	(void)state;
	in.workload.labels = selector;
	out.workload.labels = (struct labels){other, 1};
	elsewhere.workload.labels = selector;
	elsewhere.workload.namespace = "bank";
	state_workload(house.draft, &in);
	state_workload(house.draft, &out);
	state_workload(house.draft, &elsewhere);
	put_service(&house, "db", "10.96.0.1", &selector, 10, 20);
	house_publish(&house);
	party = who(&house, "10.96.0.1", second(10));
	assert_int_equal(party.attribution, ATTRIBUTION_SERVICE);
	assert_int_equal(party.service->backend_count, 1);
	assert_string_equal(party.service->backends[0]->id, "in");
	/* Known, and a service's: but there was no service then. */
	assert_attribution(
	    &house, "10.96.0.1", second(9), ATTRIBUTION_UNATTRIBUTED);
	assert_attribution(
	    &house, "10.96.0.1", second(20), ATTRIBUTION_UNATTRIBUTED);
	house_free(&house);
}

static void
service_without_selector_has_its_endpoints(void **state)
{
	struct house house = house_new();
	struct labels none = {NULL, 0};
	struct address address = address_of("10.0.0.1");
	struct workload_fact a = pod("a", &address, 10, 1);
	struct party party;

	(void)state;
	state_workload(house.draft, &a);
	put_service(&house, "db", "10.96.0.1", &none, 10, 20);
	state_backend(house.draft, "shop", "db", &address);
	state_backend(house.draft, "shop", "db", &address);
	house_publish(&house);
	party = who(&house, "10.96.0.1", second(10));
	assert_int_equal(party.service->backend_count, 1);
	assert_string_equal(party.service->backends[0]->id, "a");
	house_free(&house);
}

static void
service_made_anew_is_another(void **state)
{
	struct house house = house_new();
	struct labels none = {NULL, 0};

	(void)state;
	put_service(&house, "db", "10.96.0.1", &none, 10, 20);
	put_service(&house, "db", "10.96.0.2", &none, 30, 40);
	house_publish(&house);
	assert_int_equal(inventory_service_count(house.inventory), 2);
	assert_attribution(
	    &house, "10.96.0.1", second(15), ATTRIBUTION_SERVICE);
	assert_attribution(
	    &house, "10.96.0.2", second(35), ATTRIBUTION_SERVICE);
	house_free(&house);
}

static void
put_zone(struct house *house, const char *name, const char *prefix)
{
	struct prefix own;
	struct zone zone = {.name = name, .prefixes = &own, .prefix_count = 1};

	assert_null(prefix_parse(prefix, &own));
	state_zone(house->draft, &zone);
}

static void
narrowest_zone_wins_and_workloads_outrank_it(void **state)
{
	struct house house = house_new();
	struct address address = address_of("192.168.7.7");
	struct workload_fact a = pod("a", &address, 10, 1);

	(void)state;
	put_zone(&house, "office", "192.168.0.0/16");
	put_zone(&house, "printers", "192.168.7.0/24");
	put_zone(&house, "six", "::/0");
	state_workload(house.draft, &a);
	house_publish(&house);
	assert_string_equal(
	    who(&house, "192.168.7.1", second(1)).zone->name, "printers");
	assert_string_equal(
	    who(&house, "192.168.8.1", second(1)).zone->name, "office");
	assert_string_equal(
	    who(&house, "2001:db8::1", second(1)).zone->name, "six");
	assert_attribution(
	    &house, "198.51.100.1", second(1), ATTRIBUTION_EXTERNAL);
	assert_held(&house, "192.168.7.7", second(10), "a");
	assert_attribution(&house, "192.168.7.7", second(9), ATTRIBUTION_ZONE);
	assert_int_equal(report_warnings(house.report), 0);
	house_free(&house);
}

static void
zone_in_a_pod_network_is_warned_of(void **state)
{
	struct house house = house_new();

	(void)state;
	put_node(&house, "n1", "172.16.0.1", "10.1.0.0/16");
	put_zone(&house, "wrong", "10.1.2.0/24");
	put_zone(&house, "wide", "10.0.0.0/8");
	house_publish(&house);
	assert_int_equal(report_warnings(house.report), 1);
	assert_string_equal(
	    who(&house, "10.1.2.3", second(1)).zone->name, "wrong");
	house_free(&house);
}

static void
pod_network_is_the_clusters(void **state)
{
	struct house house = house_new();

	(void)state;
	put_node(&house, "n1", "172.16.0.1", "10.1.0.0/16");
	house_publish(&house);
	assert_attribution(
	    &house, "10.1.2.3", second(1), ATTRIBUTION_UNATTRIBUTED);
	assert_attribution(&house, "10.2.2.3", second(1), ATTRIBUTION_EXTERNAL);
	house_free(&house);
}

/* What is private may be anybody's, until something is said of somebody. */
static void
nobody_is_known(void **state)
{
	static const char *const private[] = {
	    "10.0.0.1", "172.31.255.9", "192.168.7.7", "100.64.0.1", "fd00::1"};
	static const char *const public[] = {"172.32.0.1", "192.169.0.1",
	    "100.128.0.1", "198.51.100.1", "2001:db8::1"};
	struct house house = house_new();

	(void)state;
	house_publish(&house);
	for (size_t i = 0; i < 5; i++) {
		assert_attribution(
		    &house, private[i], second(1), ATTRIBUTION_UNATTRIBUTED);
		assert_attribution(
		    &house, public[i], second(1), ATTRIBUTION_EXTERNAL);
	}
	put_zone(&house, "office", "192.168.7.0/24");
	house_publish(&house);
	assert_attribution(&house, "10.0.0.1", second(1), ATTRIBUTION_EXTERNAL);
	house_free(&house);
}

/* --- names --------------------------------------------------------------- */

static const struct workload *
publish_one(struct house *house, const struct workload_fact *fact)
{
	state_workload(house->draft, fact);
	house_publish(house);
	return inventory_workload(house->inventory, 0);
}

static void
assert_named(const struct workload *workload, const char *application,
    const char *source, const char *kind)
{
	assert_string_equal(workload->application, application);
	assert_string_equal(workload->application_source, source);
	assert_string_equal(workload->kind, kind);
}

/* All of it is there; what is best is taken away again and again. */
static void
best_name_decides(void **state)
{
	struct label labels[] = {
	    {"app", "by-app"},
	    {"app.kubernetes.io/name", "by-name"},
	    {"com.docker.compose.service", "by-compose"},
	    {"com.docker.swarm.service.name", "by-swarm"},
	    {"pod-template-hash", "5d4"},
	    {"service.istio.io/canonical-name", "by-mesh"},
	};
	static const size_t worse[] = {5, 1, 0, 2, 3};
	static const char *const names[][2] = {
	    {"by-mesh", "label service.istio.io/canonical-name"},
	    {"by-name", "label app.kubernetes.io/name"},
	    {"by-app", "label app"},
	    {"by-compose", "label com.docker.compose.service"},
	    {"by-swarm", "label com.docker.swarm.service.name"},
	};
	struct container container = {.name = "c",
	    .image = {"x/by-image", "", "x/by-image", "by-image", "", ""}};
	struct workload_fact fact = pod("a", NULL, 10, 1);
	struct house house = house_new();

	(void)state;
	fact.workload.containers = &container;
	fact.workload.container_count = 1;
	fact.workload.labels = (struct labels){labels, 6};
	fact.owner_kind = "ReplicaSet";
	fact.owner_name = "by-owner-5d4";
	fact.annotation = "by-annotation";
	assert_named(publish_one(&house, &fact), "by-annotation",
	    "annotation hedgerow.io/app", "Deployment");
	fact.annotation = NULL;
	for (size_t i = 0; i < 5; i++) {
		assert_named(publish_one(&house, &fact), names[i][0],
		    names[i][1], "Deployment");
		labels[worse[i]].value = "";
	}
	assert_named(publish_one(&house, &fact), "by-owner", "owner Deployment",
	    "Deployment");
	fact.owner_kind = fact.owner_name = NULL;
	assert_named(publish_one(&house, &fact), "by-image", "image", "Pod");
	fact.workload.container_count = 0;
	assert_named(publish_one(&house, &fact), "a", "name", "Pod");
	house_free(&house);
}

static void
owners_are_walked_to_the_root(void **state)
{
	struct house house = house_new();
	struct workload_fact fact = pod("a", NULL, 10, 1);

	(void)state;
	fact.owner_kind = "Job";
	fact.owner_name = "backup-29920708";
	assert_named(
	    publish_one(&house, &fact), "backup", "owner CronJob", "CronJob");
	/* The Job itself says that nobody owns it. */
	state_owner(house.draft, "shop", "Job", "backup-29920708", NULL, NULL);
	assert_named(
	    publish_one(&house, &fact), "backup-29920708", "owner Job", "Job");
	state_owner(house.draft, "shop", "Job", "backup-29920708", "CronJob",
	    "nightly");
	assert_named(
	    publish_one(&house, &fact), "nightly", "owner CronJob", "CronJob");
	fact.owner_kind = "ReplicaSet";
	fact.owner_name = "web-abc";
	assert_named(publish_one(&house, &fact), "web-abc", "owner ReplicaSet",
	    "ReplicaSet");
	fact.owner_kind = "Node";
	fact.owner_name = "n1";
	assert_named(publish_one(&house, &fact), "a", "name", "Pod");
	house_free(&house);
}

static void
owners_in_a_circle_end(void **state)
{
	struct house house = house_new();
	struct workload_fact fact = pod("a", NULL, 10, 1);

	(void)state;
	fact.owner_kind = "X";
	fact.owner_name = "x";
	state_owner(house.draft, "shop", "X", "x", "Y", "y");
	state_owner(house.draft, "shop", "Y", "y", "X", "x");
	assert_string_equal(
	    publish_one(&house, &fact)->application_source, "owner X");
	house_free(&house);
}

static void
labels_fall_back_to_the_namespace(void **state)
{
	struct house house = house_new();
	struct label own[] = {{"env", "prod"}};
	struct label shared[] = {{"unit", "retail"}, {"env", "test"}};
	struct namespace namespace = {"shop", {shared, 2}};
	struct workload_fact fact = pod("a", NULL, 10, 1);
	const struct workload *workload;

	(void)state;
	fact.workload.labels = (struct labels){own, 1};
	state_namespace(house.draft, &namespace);
	workload = publish_one(&house, &fact);
	assert_string_equal(workload_label(workload, "env"), "prod");
	assert_string_equal(workload_label(workload, "unit"), "retail");
	assert_null(workload_label(workload, "none"));
	house_free(&house);
}

/* --- bounds, order, age -------------------------------------------------- */

static void
excess_is_cut_and_counted(void **state)
{
	char keys[INVENTORY_LABELS_MAXIMUM + 4][8];
	char wide[INVENTORY_TEXT_MAXIMUM + 10] = {0};
	struct address addresses[INVENTORY_ADDRESSES_MAXIMUM + 3];
	struct label labels[INVENTORY_LABELS_MAXIMUM + 4];
	struct workload_fact fact = pod("a", addresses, 10, 1);
	struct house house = house_new();
	const struct workload *workload;

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	for (size_t i = 0; i < INVENTORY_LABELS_MAXIMUM + 4; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		labels[i] = (struct label){keys[i], "v"};
	}
	for (size_t i = 0; i < INVENTORY_ADDRESSES_MAXIMUM + 3; i++)
		addresses[i] =
		    address_from_ipv4((const uint8_t[]){10, 0, 0, (uint8_t)i});
	fact.workload.name = wide;
	fact.workload.labels =
	    (struct labels){labels, INVENTORY_LABELS_MAXIMUM + 4};
	fact.workload.address_count = INVENTORY_ADDRESSES_MAXIMUM + 3;
	workload = publish_one(&house, &fact);
	assert_int_equal(strlen(workload->name), INVENTORY_TEXT_MAXIMUM);
	assert_int_equal(workload->labels.count, INVENTORY_LABELS_MAXIMUM);
	assert_int_equal(workload->address_count, INVENTORY_ADDRESSES_MAXIMUM);
	assert_int_equal(inventory_draft_counts(house.draft).cut, 1 + 4 + 3);
	assert_int_equal(report_warnings(house.report), 1);
	for (size_t i = 1; i < workload->labels.count; i++)
		assert_true(strcmp(workload->labels.at[i - 1].key,
				workload->labels.at[i].key) < 0);
	house_free(&house);
}

static void
repetition_loses_nothing(void **state)
{
	char wide[INVENTORY_TEXT_MAXIMUM] = {0};
	struct label label = {"text", wide};
	struct address address = address_of("10.0.0.1");
	struct workload_fact fact = pod("a", &address, 10, 1);
	struct house house = house_new();

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	fact.workload.labels = (struct labels){&label, 1};
	put_node(&house, "n1", "172.16.0.1", "10.0.0.0/24");
	/* 80 MB in all, which is several times what makes it copy afresh. */
	for (uint64_t i = 2; i < 20000; i++) {
		fact.workload.version = i;
		assert_true(state_workload(house.draft, &fact));
	}
	house_publish(&house);
	assert_held(&house, "10.0.0.1", second(10), "a");
	assert_string_equal(
	    workload_label(inventory_workload(house.inventory, 0), "text"),
	    wide);
	assert_attribution(&house, "172.16.0.1", second(1), ATTRIBUTION_NODE);
	house_free(&house);
}

static void
walks_are_sorted(void **state)
{
	struct house house = house_new();
	struct workload_fact z = pod("z", NULL, 10, 1);
	struct workload_fact b = pod("b", NULL, 20, 1);
	struct workload_fact a = pod("a", NULL, 20, 1);

	(void)state;
	b.workload.name = a.workload.name = "same";
	a.workload.since = second(30);
	z.workload.namespace = "bank";
	state_workload(house.draft, &a);
	state_workload(house.draft, &b);
	state_workload(house.draft, &z);
	house_publish(&house);
	assert_string_equal(inventory_workload(house.inventory, 0)->id, "z");
	assert_string_equal(inventory_workload(house.inventory, 1)->id, "b");
	assert_string_equal(inventory_workload(house.inventory, 2)->id, "a");
	house_free(&house);
}

static void
age_is_since_a_source_was_heard(void **state)
{
	struct house house = house_new();

	(void)state;
	state_seen(house.draft, second(30));
	state_seen(house.draft, second(10));
	state_seen(house.draft, INSTANT_PAST);
	house_publish(&house);
	assert_int_equal(
	    inventory_age(house.inventory, INVENTORY_ANY, second(9)), -1);
	assert_int_equal(
	    inventory_age(house.inventory, INVENTORY_ANY, second(10)), 0);
	assert_int_equal(
	    inventory_age(house.inventory, INVENTORY_ANY, second(29)),
	    19 * NS_PER_SECOND);
	assert_int_equal(
	    inventory_age(house.inventory, INVENTORY_ANY, second(31)),
	    NS_PER_SECOND);
	house_free(&house);
}

static void
draft_stays_usable(void **state)
{
	struct house house = house_new();
	struct address address = address_of("10.0.0.1");
	struct workload_fact a = pod("a", &address, 10, 1);
	struct inventory *before;
	struct party party;

	(void)state;
	state_workload(house.draft, &a);
	before = inventory_publish(house.draft, house.report);
	state_end(house.draft, "a", second(20));
	house_publish(&house);
	party = inventory_who(before, INVENTORY_ANY, &address, second(30));
	assert_int_equal(party.attribution, ATTRIBUTION_EXACT);
	assert_attribution(
	    &house, "10.0.0.1", second(30), ATTRIBUTION_UNATTRIBUTED);
	inventory_free(before);
	house_free(&house);
}

/* --- a naive oracle ------------------------------------------------------ */

#define ORACLE_WORKLOADS 60
#define ORACLE_ADDRESSES 4
#define ORACLE_SECONDS   40

struct plain {
	char id[8];
	int address, since, until;
};

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

/* The oldest that covers the moment; of equal ones the first to end. */
static const struct plain *
naive_who(const struct plain *all, int address, int at)
{
	const struct plain *best = NULL;

	for (size_t i = 0; i < ORACLE_WORKLOADS; i++) {
		const struct plain *one = &all[i];

		if (one->address != address || at < one->since ||
		    at >= one->until)
			continue;
		if (best == NULL || one->since < best->since ||
		    (one->since == best->since && one->until < best->until))
			best = one;
	}
	return best;
}

static void
fill_at_random(struct house *house, struct plain *all, uint64_t *seed)
{
	for (size_t i = 0; i < ORACLE_WORKLOADS; i++) {
		struct plain *one = &all[i];
		struct address address;
		struct workload_fact fact;

		snprintf(one->id, sizeof(one->id), "w%02zu", i);
		one->address = (int)(next_random(seed) % ORACLE_ADDRESSES);
		one->since = (int)(next_random(seed) % ORACLE_SECONDS);
		one->until = one->since + (int)(next_random(seed) % 12);
		address = address_from_ipv4(
		    (const uint8_t[]){10, 0, 0, (uint8_t)one->address});
		fact = pod(one->id, &address, one->since, 1);
		state_workload(house->draft, &fact);
		state_end(house->draft, one->id, second(one->until));
	}
}

static void
agrees_with_a_naive_oracle(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct house house = house_new();
		struct plain all[ORACLE_WORKLOADS];

		fill_at_random(&house, all, &seed);
		house_publish(&house);
		for (int a = 0; a < ORACLE_ADDRESSES; a++)
			for (int at = -1; at < ORACLE_SECONDS + 13; at++) {
				const struct plain *wanted =
				    naive_who(all, a, at);
				struct address address = address_from_ipv4(
				    (const uint8_t[]){10, 0, 0, (uint8_t)a});
				struct party got =
				    inventory_who(house.inventory,
					INVENTORY_ANY, &address, second(at));

				assert_int_equal(
				    got.workload == NULL, wanted == NULL);
				if (wanted != NULL)
					assert_string_equal(
					    got.workload->id, wanted->id);
			}
		house_free(&house);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(address_is_reused_within_a_second),
	    cmocka_unit_test(long_overlap_is_warned_of_and_the_older_holds),
	    cmocka_unit_test(overlap_of_five_seconds_is_no_warning),
	    cmocka_unit_test(late_address_is_held_from_the_start),
	    cmocka_unit_test(older_version_never_wins),
	    cmocka_unit_test(version_zero_is_taken_in_order),
	    cmocka_unit_test(end_does_not_depend_on_the_order),
	    cmocka_unit_test(replaced_address_is_given_back),
	    cmocka_unit_test(dual_stack_is_one_workload),
	    cmocka_unit_test(host_network_is_ambiguous_while_it_lives),
	    cmocka_unit_test(node_is_known_by_its_pods),
	    cmocka_unit_test(service_selects_its_backends),
	    cmocka_unit_test(service_without_selector_has_its_endpoints),
	    cmocka_unit_test(service_made_anew_is_another),
	    cmocka_unit_test(narrowest_zone_wins_and_workloads_outrank_it),
	    cmocka_unit_test(zone_in_a_pod_network_is_warned_of),
	    cmocka_unit_test(pod_network_is_the_clusters),
	    cmocka_unit_test(nobody_is_known),
	    cmocka_unit_test(best_name_decides),
	    cmocka_unit_test(owners_are_walked_to_the_root),
	    cmocka_unit_test(owners_in_a_circle_end),
	    cmocka_unit_test(labels_fall_back_to_the_namespace),
	    cmocka_unit_test(excess_is_cut_and_counted),
	    cmocka_unit_test(repetition_loses_nothing),
	    cmocka_unit_test(walks_are_sorted),
	    cmocka_unit_test(age_is_since_a_source_was_heard),
	    cmocka_unit_test(draft_stays_usable),
	    cmocka_unit_test(agrees_with_a_naive_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
