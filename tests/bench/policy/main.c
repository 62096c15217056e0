/*
 * policy -- what a verdict and a pod event cost in a large cluster.
 *
 *   policy [--check]
 *
 * Makes a small cluster and one a hundred times as large (100 000 workloads,
 * 10 000 statements), the same on every machine, and says what they cost: as
 * counts, which are exact, and as times in one process, of which the ratios
 * count.  --check exits 1 when a bar is missed; docs/performance.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"
#include "tests/bench/random.h"
#include "tests/facts.h"

#define NAMESPACES 20
#define PEERS      10 /* applications that each one calls */
#define QUESTIONS  1000000
#define EVENTS     20
#define START      ((struct instant){INT64_C(1000) * NS_PER_SECOND})
#define PORT       8080

/* Bars: see docs/performance.md. */
#define BAR_GROWTH  12.0 /* a verdict in the large one, in small ones */
#define BAR_FLOOR   6.0  /* a verdict, in look-ups of its two addresses */
#define BAR_SERVICE 3.0  /* one through a service, in those of a pod */

struct cluster {
	unsigned apps, pods; /* pods of each application */
	struct library *library;
	struct inventory_draft *draft;
	struct inventory *inventory;
	struct policy *policy;
	struct report *report;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- making it ------------------------------------------------------------ */

/* Application `a` calls those after it in its namespace, in a circle. */
static unsigned
peer_of(const struct cluster *cluster, unsigned app, unsigned index)
{
	return (app + NAMESPACES * (index + 1)) % cluster->apps;
}

static void
write_model(const struct cluster *cluster, unsigned app, struct text *out)
{
	text_format(out,
	    "---\nmodel: app-%u\nmatch: [{application: app-%u}]\n"
	    "provides: [{app: http, port: tcp/%u, from: {application: [",
	    app, app, PORT);
	for (unsigned i = 0; i < PEERS; i++)
		text_format(out, "%sapp-%u", i == 0 ? "" : ", ",
		    (app + cluster->apps -
			NAMESPACES * (i + 1) % cluster->apps) %
			cluster->apps);
	text_format(out,
	    "], same: namespace}}]\n"
	    "needs: [{app: http, port: tcp/%u, to: {application: [",
	    PORT);
	for (unsigned i = 0; i < PEERS; i++)
		text_format(out, "%sapp-%u", i == 0 ? "" : ", ",
		    peer_of(cluster, app, i));
	text_add(out, "], same: namespace}}]\n");
}

static struct address
address_of(unsigned number)
{
	return address_from_ipv4((const uint8_t[]){10, (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number});
}

static struct address
service_address(unsigned app)
{
	return address_from_ipv4(
	    (const uint8_t[]){172, 20, (uint8_t)(app >> 8), (uint8_t)app});
}

static void
put_pod(
    struct cluster *cluster, struct arena *arena, unsigned app, unsigned number)
{
	const char *name = arena_format(arena, "app-%u", app);
	struct label labels[] = {{"app", name}, {"env", "prod"},
	    {"pod-template-hash", arena_format(arena, "%u", number)}};
	struct container_port port = {PORT, PROTOCOL_TCP, "http"};
	struct container container = {
	    .name = "main",
	    .image = image_split(arena, arena_format(arena, "own/%s:1", name)),
	    .ports = &port,
	    .port_count = 1,
	};
	struct address address = address_of(number + 1);
	struct workload_fact fact = {
	    .workload =
		{
		    .id = arena_format(arena, "pod-%u", number),
		    .cluster = "",
		    .orchestrator = "kubernetes",
		    .namespace = arena_format(arena, "n%u", app % NAMESPACES),
		    .name = arena_format(arena, "%s-%u", name, number),
		    .node = "",
		    .labels = {labels, 3},
		    .containers = &container,
		    .container_count = 1,
		    .addresses = &address,
		    .address_count = 1,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	};

	(void)state_workload(cluster->draft, &fact);
}

static void
put_service(struct cluster *cluster, struct arena *arena, unsigned app)
{
	const char *name = arena_format(arena, "app-%u", app);
	struct address address = service_address(app);
	struct service_port port = {.port = 80,
	    .protocol = PROTOCOL_TCP,
	    .name = "",
	    .target = PORT,
	    .target_name = ""};
	struct label selector = {"app", name};
	struct service_fact fact = {
	    .service = {.namespace =
			    arena_format(arena, "n%u", app % NAMESPACES),
		.name = name,
		.addresses = &address,
		.address_count = 1,
		.ports = &port,
		.port_count = 1,
		.since = {0},
		.until = INSTANT_FUTURE},
	    .selector = {&selector, 1},
	};

	state_service(cluster->draft, &fact);
}

static struct cluster
make_cluster(unsigned apps, unsigned pods)
{
	static const char *const name[] = {"bench.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	struct cluster cluster = {.apps = apps, .pods = pods};
	struct arena *arena = arena_new();
	const char *texts[1];
	struct text models;

	cluster.report = report_new();
	cluster.draft = inventory_draft_new();
	text_init(&models, (size_t)64 * 1024 * 1024);
	for (unsigned a = 0; a < apps; a++) {
		write_model(&cluster, a, &models);
		put_service(&cluster, arena, a);
		for (unsigned p = 0; p < pods; p++)
			put_pod(&cluster, arena, a, a * pods + p);
	}
	texts[0] = models.at;
	cluster.library = library_parse(name, texts, layer, 1, cluster.report);
	report_print(cluster.report, stderr);
	if (cluster.library == NULL)
		exit(1);
	cluster.inventory = inventory_publish(cluster.draft, cluster.report);
	cluster.policy = policy_new(cluster.library, cluster.inventory);
	text_release(&models);
	arena_free(arena);
	return cluster;
}

static void
free_cluster(struct cluster *cluster)
{
	policy_free(cluster->policy);
	inventory_free(cluster->inventory);
	inventory_draft_free(cluster->draft);
	library_free(cluster->library);
	report_free(cluster->report);
}

/* --- asking --------------------------------------------------------------- */

/* Nine in ten are allowed; the tenth calls somebody that it should not. */
static struct question
question_about(
    const struct cluster *cluster, struct random *random, bool service)
{
	unsigned app = (unsigned)random_below(random, cluster->apps);
	unsigned other =
	    random_below(random, 10) == 0
		? (unsigned)random_below(random, cluster->apps)
		: peer_of(cluster, app, (unsigned)random_below(random, PEERS));
	struct address from =
	    address_of(app * cluster->pods +
		       (unsigned)random_below(random, cluster->pods) + 1);
	struct address to =
	    address_of(other * cluster->pods +
		       (unsigned)random_below(random, cluster->pods) + 1);

	if (service)
		to = service_address(other);
	return (struct question){
	    .client =
		inventory_who(cluster->inventory, INVENTORY_ANY, &from, START),
	    .server =
		inventory_who(cluster->inventory, INVENTORY_ANY, &to, START),
	    .protocol = PROTOCOL_TCP,
	    .port = service ? 80 : PORT,
	    .appid = {APPLICATION_HTTP, APPLICATION_UNKNOWN, APP_DPI},
	    .start = START,
	};
}

struct asked {
	double floor, verdict; /* nanoseconds of one */
	uint64_t allowed;
};

static struct asked
ask(struct cluster *cluster, bool service)
{
	struct asked asked = {0};
	struct random random = {20261121};
	double begin = seconds();

	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct question question =
		    question_about(cluster, &random, service);

		asked.allowed += question.client.workload != NULL;
	}
	asked.floor = (seconds() - begin) / QUESTIONS * 1e9;
	asked.allowed = 0;
	random = (struct random){20261121};
	begin = seconds();
	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct question question =
		    question_about(cluster, &random, service);

		asked.allowed +=
		    judge(cluster->policy, &question).kind == VERDICT_ALLOWED;
	}
	asked.verdict = (seconds() - begin) / QUESTIONS * 1e9 - asked.floor;
	return asked;
}

/* --- events --------------------------------------------------------------- */

struct event {
	struct policy_counts cost;
	double followed; /* microseconds, with the first verdict after */
};

static struct policy_counts
less(struct policy_counts a, struct policy_counts b)
{
	a.identities -= b.identities;
	a.pairs -= b.pairs;
	a.keyed -= b.keyed;
	a.resolved -= b.resolved;
	a.stated -= b.stated;
	a.octets -= b.octets;
	return a;
}

/* A pod of a known application comes up, and calls what it needs. */
static struct event
add_pod(struct cluster *cluster, unsigned number)
{
	struct arena *arena = arena_new();
	struct inventory *old = cluster->inventory;
	struct policy_counts before = policy_counts(cluster->policy);
	struct address from = address_of(number + 1);
	struct address to =
	    address_of(peer_of(cluster, 0, 0) * cluster->pods + 1);
	struct question question = {
	    .protocol = PROTOCOL_TCP,
	    .port = PORT,
	    .appid = {APPLICATION_HTTP, APPLICATION_UNKNOWN, APP_DPI},
	    .start = START,
	};
	struct event event;
	double begin;

	put_pod(cluster, arena, 0, number);
	cluster->inventory = inventory_publish(cluster->draft, cluster->report);
	question.client =
	    inventory_who(cluster->inventory, INVENTORY_ANY, &from, START);
	question.server =
	    inventory_who(cluster->inventory, INVENTORY_ANY, &to, START);
	begin = seconds();
	policy_follow(cluster->policy, cluster->inventory);
	if (judge(cluster->policy, &question).kind != VERDICT_ALLOWED)
		exit(1);
	event.followed = (seconds() - begin) * 1e6;
	event.cost = less(policy_counts(cluster->policy), before);
	inventory_free(old);
	arena_free(arena);
	return event;
}

static bool
tell(const char *what, double value, double bar)
{
	printf("%s %s, at most %g: %.2f\n", value <= bar ? "ok    " : "MISSED",
	    what, bar, value);
	return value <= bar;
}

static void
print_cluster(
    const char *name, struct cluster *cluster, const struct asked *asked)
{
	struct policy_counts counts = policy_counts(cluster->policy);
	size_t workloads = inventory_workload_count(cluster->inventory);

	printf(
	    "%-6s %8zu workloads %6llu identities %6llu pairs  verdict "
	    "%4.0f ns (%.1f million/s), look-ups %4.0f ns  policy %.1f MiB\n",
	    name, workloads, (unsigned long long)counts.identities,
	    (unsigned long long)counts.pairs, asked->verdict,
	    1e3 / asked->verdict, asked->floor,
	    (double)counts.octets / 1048576);
}

int
main(int argc, char **argv)
{
	struct cluster small = make_cluster(100, 10);
	struct cluster large = make_cluster(1000, 100);
	struct asked warm = ask(&small, false);
	struct asked few = ask(&small, false);
	struct asked many, services;
	struct event event = {0};
	double first, followed = 0;
	bool fine = true;

	first = seconds();
	many = ask(&large, false);
	first = seconds() - first;
	many = ask(&large, false);
	services = ask(&large, true);
	services = ask(&large, true);
	print_cluster("small", &small, &few);
	print_cluster("large", &large, &many);
	printf("large  first million verdicts with all that is made on the way "
	       "%.2f s; allowed %llu of %d\n",
	    first, (unsigned long long)many.allowed, QUESTIONS);
	for (unsigned i = 0; i < EVENTS; i++) {
		event = add_pod(&large, 1000 * 100 + i);
		followed += event.followed / EVENTS;
	}
	printf("event  a new pod: %llu models decided, %llu pairs stated, %llu "
	       "workloads looked up; following and the first verdict %.0f us\n",
	    (unsigned long long)event.cost.resolved,
	    (unsigned long long)event.cost.stated,
	    (unsigned long long)event.cost.keyed, followed);
	fine &= tell(
	    "a verdict, large / small", many.verdict / few.verdict, BAR_GROWTH);
	fine &= tell("a verdict / its two look-ups", many.verdict / many.floor,
	    BAR_FLOOR);
	fine &= tell("a verdict, service / pod",
	    services.verdict / many.verdict, BAR_SERVICE);
	fine &= tell(
	    "models decided by a pod event", (double)event.cost.resolved, 0);
	fine &=
	    tell("pairs stated by a pod event", (double)event.cost.stated, 0);
	(void)warm;
	free_cluster(&small);
	free_cluster(&large);
	return argc > 1 && strcmp(argv[1], "--check") == 0 && !fine;
}
