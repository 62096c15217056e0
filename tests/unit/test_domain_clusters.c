/* Which cluster's addresses are meant in a domain, and what is warned of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/domain_clusters.h"
#include "facts.h"
#include "made_frame.h"
#include "sensor/domain.h"

#define HOST 7

/* In every cluster a workload of the cluster's name holds the one address. */
struct world {
	struct inventory *inventory;
	struct domains *domains;
	struct domain_clusters *clusters;
	struct report *report;
};

static const struct place place = {"--domain", 1, 1};

static void
put_workload(struct inventory_draft *draft, const char *cluster)
{
	struct address own = made_host(HOST);
	struct workload_fact fact = {
	    .workload =
		{
		    .id = cluster,
		    .cluster = cluster,
		    .orchestrator = "test",
		    .namespace = "shop",
		    .name = cluster,
		    .node = "",
		    .addresses = &own,
		    .address_count = 1,
		    .until = INSTANT_FUTURE,
		},
	};

	assert_true(state_workload(draft, &fact));
}

/* Both lists end with a NULL. */
static struct world
make_world(const char *const *clusters, const char *const *domains)
{
	struct world world = {.domains = domains_new(), .report = report_new()};
	struct inventory_draft *draft = inventory_draft_new();

	for (; *clusters != NULL; clusters++)
		put_workload(draft, *clusters);
	for (; *domains != NULL; domains++)
		domains_add(world.domains, *domains, world.report, place);
	assert_int_equal(report_errors(world.report), 0);
	world.inventory = inventory_publish(draft, world.report);
	inventory_draft_free(draft);
	world.clusters = domain_clusters_new(
	    world.domains, world.inventory, world.report, place);
	return world;
}

/* The cluster whose workload is found, `nobody`, or `unclear`. */
static const char *
who(const struct world *world, uint16_t domain)
{
	struct address address = made_host(HOST);
	struct party party = inventory_who(world->inventory,
	    domain_clusters_of(world->clusters, domain), &address,
	    (struct instant){0});

	if (party.attribution == ATTRIBUTION_EXACT)
		return party.workload->name;
	return party.attribution == ATTRIBUTION_EXTERNAL ? "nobody" : "unclear";
}

static void
free_world(struct world *world)
{
	domain_clusters_free(world->clusters);
	domains_free(world->domains);
	inventory_free(world->inventory);
	report_free(world->report);
}

static void
test_a_domain_is_the_cluster_of_its_name(void **state)
{
	const char *const clusters[] = {"north", "south", NULL};
	const char *const domains[] = {"south=vlan:2", "north=vlan:1", NULL};
	struct world world = make_world(clusters, domains);

	(void)state;
	assert_string_equal(who(&world, 1), "south");
	assert_string_equal(who(&world, 2), "north");
	assert_string_equal(who(&world, 0), "nobody");
	assert_int_equal(report_warnings(world.report), 0);
	free_world(&world);
}

static void
test_what_is_not_declared_is_of_the_cluster_that_is_left(void **state)
{
	const char *const clusters[] = {"north", "south", NULL};
	const char *const domains[] = {"south=vlan:2", NULL};
	struct world world = make_world(clusters, domains);

	(void)state;
	assert_string_equal(who(&world, 1), "south");
	assert_string_equal(who(&world, 0), "north");
	free_world(&world);
}

static void
test_of_several_that_are_left_it_is_none(void **state)
{
	const char *const clusters[] = {"east", "north", "south", NULL};
	const char *const domains[] = {"south=vlan:2", NULL};
	struct world world = make_world(clusters, domains);

	(void)state;
	assert_string_equal(who(&world, 1), "south");
	assert_string_equal(who(&world, 0), "nobody");
	free_world(&world);
}

static void
test_a_domain_that_is_no_cluster(void **state)
{
	const char *const clusters[] = {"north", NULL};
	const char *const domains[] = {"nroth=vlan:2", NULL};
	struct world world = make_world(clusters, domains);
	uint32_t cluster = domain_clusters_of(world.clusters, 1);

	(void)state;
	assert_string_equal(who(&world, 1), "nobody");
	assert_string_equal(who(&world, 0), "north");
	assert_int_equal(report_warnings(world.report), 1);
	assert_int_equal(
	    inventory_age(world.inventory, cluster, (struct instant){0}), -1);
	free_world(&world);
}

/* Then domains keep flows apart, and that is all. */
static void
test_where_no_cluster_has_a_name(void **state)
{
	const char *const clusters[] = {"", NULL};
	const char *const domains[] = {"a=vlan:2", "b=vlan:3", NULL};
	struct world world = make_world(clusters, domains);

	(void)state;
	for (uint16_t domain = 0; domain <= 2; domain++)
		assert_string_equal(who(&world, domain), "");
	assert_int_equal(report_warnings(world.report), 0);
	free_world(&world);
}

static void
test_without_domains_it_is_anybody(void **state)
{
	const char *const clusters[] = {"north", "south", NULL};
	const char *const domains[] = {NULL};
	struct world world = make_world(clusters, domains);

	(void)state;
	assert_int_equal(domain_clusters_of(NULL, 0), INVENTORY_ANY);
	assert_int_equal(domain_clusters_of(world.clusters, 0), INVENTORY_ANY);
	assert_string_equal(who(&world, 0), "unclear");
	free_world(&world);
}

static void
test_by_the_name_in_a_record(void **state)
{
	const char *const clusters[] = {"north", NULL};
	const char *const domains[] = {NULL};
	struct world world = make_world(clusters, domains);
	const struct inventory *inventory = world.inventory;

	(void)state;
	assert_int_equal(domain_cluster_named(inventory, "north"),
	    inventory_cluster(inventory, "north"));
	assert_int_equal(
	    domain_cluster_named(inventory, "south"), INVENTORY_NONE);
	assert_int_equal(domain_cluster_named(inventory, NULL), INVENTORY_ANY);
	free_world(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_domain_is_the_cluster_of_its_name),
	    cmocka_unit_test(
		test_what_is_not_declared_is_of_the_cluster_that_is_left),
	    cmocka_unit_test(test_of_several_that_are_left_it_is_none),
	    cmocka_unit_test(test_a_domain_that_is_no_cluster),
	    cmocka_unit_test(test_where_no_cluster_has_a_name),
	    cmocka_unit_test(test_without_domains_it_is_anybody),
	    cmocka_unit_test(test_by_the_name_in_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
