/*
 * inventory: what an inventory of many workloads costs.
 *
 * Prints one line a figure, in processor time: how long facts take to be put
 * and published, what one changed pod costs until it is visible, lookups a
 * second, and memory.
 *
 *   inventory [WORKLOADS [FILE]]
 *
 * With a file, that is read instead of made facts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_file.h"
#include "sensor/base/report.h"

#define LOOKUPS 5000000
#define EVENTS  1000

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct address
address_of(uint32_t number)
{
	return address_from_ipv4((const uint8_t[]){10, (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number});
}

/* A pod of its application, twenty of which make one. */
static bool
put_pod(struct inventory_draft *draft, uint32_t number, uint64_t version,
    const char *tier)
{
	char id[48], name[48], application[24], space[16], owner[40];
	struct address address = address_of(number);
	struct label labels[] = {
	    {"app.kubernetes.io/name", application},
	    {"pod-template-hash", "7d9f8b6c5d"},
	    {"tier", tier},
	};
	struct container container = {.name = "server",
	    .image = {.name = application, .base = application}};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .id = id,
	    .version = version,
	    .at = {(int64_t)version * NS_PER_MS},
	    .workload =
		{
		    .workload =
			{
			    .orchestrator = "kubernetes",
			    .namespace = space,
			    .name = name,
			    .labels = {labels, 3},
			    .containers = &container,
			    .container_count = 1,
			    .addresses = &address,
			    .address_count = 1,
			    .since = {0},
			    .until = INSTANT_FUTURE,
			},
		    .owner_kind = "ReplicaSet",
		    .owner_name = owner,
		},
	};

	(void)snprintf(id, sizeof(id), "kubernetes::pod-%08u", number);
	(void)snprintf(application, sizeof(application), "app-%u", number / 20);
	(void)snprintf(owner, sizeof(owner), "%s-7d9f8b6c5d", application);
	(void)snprintf(name, sizeof(name), "%s-%05x", owner, number);
	(void)snprintf(space, sizeof(space), "ns-%u", number / 20 % 100);
	return inventory_put(draft, &fact);
}

static void
put_service(struct inventory_draft *draft, uint32_t number)
{
	char name[24], space[16];
	struct address address = address_from_ipv4((const uint8_t[]){
	    172, 20, (uint8_t)(number >> 8), (uint8_t)number});
	struct label selector = {"app.kubernetes.io/name", name};
	struct fact fact = {
	    .kind = FACT_SERVICE,
	    .id = name,
	    .at = INSTANT_PAST,
	    .service = {.service = {.namespace = space,
			    .name = name,
			    .addresses = &address,
			    .address_count = 1,
			    .since = {0}},
		.selector = {&selector, 1}},
	};

	(void)snprintf(name, sizeof(name), "app-%u", number);
	(void)snprintf(space, sizeof(space), "ns-%u", number % 100);
	(void)inventory_put(draft, &fact);
}

static void
measure_load(struct inventory_draft *draft, uint32_t count, const char *path,
    struct report *report)
{
	double begin = seconds();

	if (path != NULL)
		(void)inventory_file_read(draft, path, report);
	for (uint32_t i = 0; path == NULL && i < count / 20; i++)
		put_service(draft, i);
	for (uint32_t i = 0; path == NULL && i < count; i++)
		(void)put_pod(draft, i, 1000 + i, "a");
	printf("load            %10.3f s\n", seconds() - begin);
}

static int
compare_times(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* One pod changes its labels; what until anybody can ask for it? */
static void
measure_events(
    struct inventory_draft *draft, uint32_t count, struct report *report)
{
	static double times[EVENTS];
	struct inventory *last = inventory_publish(draft, report);

	for (uint32_t i = 0; i < EVENTS; i++) {
		double begin = seconds();
		struct inventory *next;

		(void)put_pod(
		    draft, i * 97 % count, UINT64_C(10000000) + i, "b");
		next = inventory_publish(draft, report);
		times[i] = seconds() - begin;
		inventory_free(last);
		last = next;
	}
	inventory_free(last);
	qsort(times, EVENTS, sizeof(*times), compare_times);
	printf("event to visible%10.0f us median, %.0f us of 99 %%\n",
	    times[EVENTS / 2] * 1e6, times[EVENTS * 99 / 100] * 1e6);
}

static void
measure_lookups(const struct inventory *inventory, uint32_t count)
{
	struct instant at = {NS_PER_SECOND * INT64_C(1000000000)};
	size_t addresses = inventory_address_count(inventory);
	double begin = seconds();
	uint64_t found = 0;
	uint32_t number = 1;

	(void)count;
	for (size_t i = 0; i < LOOKUPS; i++) {
		const struct address *address;

		number = number * 1664525u + 1013904223u;
		address = inventory_address(inventory, number % addresses);
		found += inventory_who(inventory, INVENTORY_ANY, address, at)
			     .attribution != ATTRIBUTION_EXTERNAL;
	}
	printf("lookups         %10.0f a second (%" PRIu64 " found)\n",
	    LOOKUPS / (seconds() - begin), found);
}

int
main(int argc, char **argv)
{
	uint32_t count =
	    argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct inventory *inventory;
	struct rusage usage;
	double begin;

	measure_load(draft, count, argc > 2 ? argv[2] : NULL, report);
	begin = seconds();
	inventory = inventory_publish(draft, report);
	printf("first publish   %10.3f s\n", seconds() - begin);
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("memory          %10ld MB\n", usage.ru_maxrss / 1024);
	printf("workloads       %10zu\n", inventory_workload_count(inventory));
	measure_lookups(inventory, count);
	inventory_free(inventory);
	if (argc <= 2)
		measure_events(draft, count, report);
	inventory_draft_free(draft);
	report_print(report, stderr);
	report_free(report);
	return 0;
}
