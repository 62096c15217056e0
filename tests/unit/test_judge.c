/*
 * The judge, asked about small worlds: each case is a model text, two ends and
 * an application, and the verdict that a person would give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "facts.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define START ((struct instant){INT64_C(1000) * NS_PER_SECOND})

/* The world of every case: two namespaces of one environment, one of another */
struct end {
	const char *namespace, *name, *application, *image, *environment, *node;
	const char *address;
	uint16_t port;
};

static const struct end ends[] = {
    {"shop", "web-1", "web", "nginx:1.25", "prod", "n1", "10.0.0.1", 80},
    {"shop", "carts-1", "carts", "carts:1", "prod", "n1", "10.0.0.2", 8080},
    {"shop", "db-0", "db", "redis:7", "prod", "n2", "10.0.0.3", 6379},
    {"shop", "db-1", "db", "redis:7", "prod", "n1", "10.0.0.4", 6379},
    {"ops", "tool-1", "tool", "tool:1", "prod", "n1", "10.0.0.5", 0},
    {"stage", "carts-1", "carts", "carts:1", "stage", "n2", "10.0.0.6", 8080},
};

static const char *const models[] = {
    "model: redis\n"
    "match: [{image: redis}]\n"
    "role: cache\n"
    "provides:\n"
    "  - name: client\n"
    "    app: redis\n"
    "    port: tcp/6379\n"
    "    from: [{role: application, same: namespace}]\n"
    "  - name: replication\n"
    "    app: redis\n"
    "    port: tcp/6379\n"
    "    from: [{same: application}]\n"
    "needs:\n"
    "  - name: replication\n"
    "    app: redis\n"
    "    port: tcp/6379\n"
    "    to: [{same: application}]\n"
    "severity: high\n",
    "model: web\n"
    "match: [{image: nginx}]\n"
    "role: web\n"
    "provides:\n"
    "  - {name: http, app: http, port: tcp/80}\n"
    "needs:\n"
    "  - {name: upstream, app: [http, grpc], port: tcp/8080,\n"
    "     to: [{role: application, same: namespace}]}\n"
    "  - {name: pay, app: tls, port: tcp/443,\n"
    "     to: [{external: {cidr: 198.51.100.0/24}}]}\n",
    "segment: production\n"
    "match: [{labels: {env: prod}}]\n"
    "isolate:\n"
    "  - from: {labels: {env: stage}}\n"
    "severity: critical\n",
};

#define MODEL_COUNT (sizeof(models) / sizeof(models[0]))
#define END_COUNT   (sizeof(ends) / sizeof(ends[0]))

/* On the network of its node, where nothing tells it from the node. */
static const struct end host_end = {
    "shop", "agent-1", "agent", "agent:1", "prod", "n3", NULL, 9100};

struct world {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
};

static void
put_end(struct inventory_draft *draft, const struct end *end)
{
	struct container_port port = {end->port, PROTOCOL_TCP, "main"};
	struct arena *arena = arena_new();
	struct container container = {
	    .name = "main",
	    .image = image_split(arena, end->image),
	    .ports = &port,
	    .port_count = end->port != 0,
	};
	struct label labels[] = {{"app", end->application}};
	struct address address;
	struct workload_fact fact = {
	    .workload =
		{
		    .id = end->address == NULL ? end->name : end->address,
		    .cluster = "",
		    .orchestrator = "test",
		    .namespace = end->namespace,
		    .name = end->name,
		    .node = end->node,
		    .labels = {labels, 1},
		    .containers = &container,
		    .container_count = 1,
		    .addresses = &address,
		    .address_count = end->address != NULL,
		    .host_network = end->address == NULL,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	};

	if (end->address != NULL)
		assert_true(address_parse(end->address, &address));
	assert_true(state_workload(draft, &fact));
	arena_free(arena);
}

static void
put_namespace(struct inventory_draft *draft, const char *name, const char *env)
{
	struct label label = {"env", env};
	struct namespace namespace = {name, {&label, 1}};

	state_namespace(draft, &namespace);
}

static void
put_node(struct inventory_draft *draft, const char *name, const char *text)
{
	struct address address;
	struct prefix pods;
	struct node_fact fact = {
	    .node = {.name = name},
	    .addresses = &address,
	    .address_count = 1,
	    .pod_networks = &pods,
	    .pod_network_count = 1,
	};

	assert_true(address_parse(text, &address));
	assert_null(prefix_parse("10.0.0.0/24", &pods));
	state_node(draft, &fact);
}

static int
make_world(void **state)
{
	static struct world world;
	const char *names[MODEL_COUNT];
	enum layer layers[MODEL_COUNT];
	struct report *report = report_new();
	struct inventory_draft *draft = inventory_draft_new();

	for (size_t i = 0; i < MODEL_COUNT; i++) {
		names[i] = "test.yaml";
		layers[i] = LAYER_LIBRARY;
	}
	world.library =
	    library_parse(names, models, layers, MODEL_COUNT, report);
	report_print(report, stderr);
	assert_non_null(world.library);
	for (size_t i = 0; i < END_COUNT; i++)
		put_end(draft, &ends[i]);
	put_end(draft, &host_end);
	put_namespace(draft, "shop", "prod");
	put_namespace(draft, "ops", "prod");
	put_namespace(draft, "stage", "stage");
	put_node(draft, "n1", "172.18.0.1");
	put_node(draft, "n2", "172.18.0.2");
	put_node(draft, "n3", "172.18.0.3");
	world.inventory = inventory_publish(draft, report);
	world.policy = policy_new(world.library, world.inventory);
	inventory_draft_free(draft);
	report_free(report);
	*state = &world;
	return 0;
}

static int
end_world(void **state)
{
	struct world *world = *state;

	policy_free(world->policy);
	inventory_free(world->inventory);
	library_free(world->library);
	return 0;
}

static struct party
who(const struct world *world, const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return inventory_who(world->inventory, INVENTORY_ANY, &address, START);
}

static struct verdict
ask(const struct world *world, const char *client, const char *server,
    uint16_t port, enum application application)
{
	struct question question = {
	    .client = who(world, client),
	    .server = who(world, server),
	    .protocol = PROTOCOL_TCP,
	    .port = port,
	    .appid = {application, APPLICATION_UNKNOWN,
		application == APPLICATION_UNKNOWN ? APP_NONE : APP_DPI},
	    .start = START,
	};

	return judge(world->policy, &question);
}

struct expectation {
	const char *why;
	const char *client, *server;
	uint16_t port;
	enum application application;
	enum verdict_kind kind;
	enum deviation deviation;
};

#define WEB       "10.0.0.1"
#define CARTS     "10.0.0.2"
#define DB        "10.0.0.3"
#define DB2       "10.0.0.4"
#define TOOL      "10.0.0.5"
#define STAGE     "10.0.0.6"
#define NODE1     "172.18.0.1"
#define NODE3     "172.18.0.3"
#define PAY       "198.51.100.7"
#define ELSEWHERE "203.0.113.9"
#define NOBODY    "10.0.0.99"

static const struct expectation expectations[] = {
    {"what the model provides", CARTS, DB, 6379, APPLICATION_REDIS,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"replication within the application", DB, DB2, 6379, APPLICATION_REDIS,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"hidden application on an allowed port", CARTS, DB, 6379,
	APPLICATION_UNKNOWN, VERDICT_ALLOWED, DEVIATION_NONE},
    {"a carrier may hide the application", CARTS, DB, 6379, APPLICATION_TLS,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"a mesh hides the application", CARTS, DB, 6379, APPLICATION_MESH,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"and on its own port the pod's", CARTS, DB, 4143, APPLICATION_MESH,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"but not on any port", CARTS, DB, 22, APPLICATION_MESH, VERDICT_DEVIATION,
	DEVIATION_PORT},
    {"other TLS hides no port", CARTS, DB, 4143, APPLICATION_TLS,
	VERDICT_DEVIATION, DEVIATION_PORT},
    {"nor does a mesh make a relationship", WEB, DB, 15008, APPLICATION_MESH,
	VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"another application on an allowed port", CARTS, DB, 6379,
	APPLICATION_HTTP, VERDICT_DEVIATION, DEVIATION_APPLICATION},
    {"an allowed pair on another port", CARTS, DB, 22, APPLICATION_REDIS,
	VERDICT_DEVIATION, DEVIATION_PORT},
    {"a web server has no business there", WEB, DB, 6379, APPLICATION_REDIS,
	VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"nor has another namespace", TOOL, DB, 6379, APPLICATION_REDIS,
	VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"a cache opens nothing to its clients", DB, CARTS, 8080, APPLICATION_HTTP,
	VERDICT_DEVIATION, DEVIATION_DIRECTION},
    {"a cache opens nothing outward", DB, ELSEWHERE, 443, APPLICATION_TLS,
	VERDICT_DEVIATION, DEVIATION_EXTERNAL},
    {"nobody outside reaches the cache", ELSEWHERE, DB, 6379, APPLICATION_REDIS,
	VERDICT_DEVIATION, DEVIATION_EXTERNAL},
    {"an outside network that a model names", WEB, PAY, 443, APPLICATION_TLS,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"and one that none names", WEB, ELSEWHERE, 443, APPLICATION_TLS,
	VERDICT_DEVIATION, DEVIATION_EXTERNAL},
    {"an isolated boundary outranks everything", STAGE, DB, 6379,
	APPLICATION_REDIS, VERDICT_DEVIATION, DEVIATION_SEGMENT},
    {"also where nothing is modelled", STAGE, CARTS, 8080, APPLICATION_HTTP,
	VERDICT_DEVIATION, DEVIATION_SEGMENT},
    {"left out from means anybody", ELSEWHERE, WEB, 80, APPLICATION_HTTP,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"upstream of the web server", WEB, CARTS, 8080, APPLICATION_HTTP,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"http2 may carry grpc", WEB, CARTS, 8080, APPLICATION_HTTP2,
	VERDICT_ALLOWED, DEVIATION_NONE},
    {"no model has an opinion", TOOL, CARTS, 8080, APPLICATION_HTTP,
	VERDICT_UNMODELLED, DEVIATION_NONE},
    {"a node opens its own pod's declared port", NODE1, DB2, 6379,
	APPLICATION_UNKNOWN, VERDICT_ALLOWED, DEVIATION_NONE},
    {"but no other node's", NODE1, DB, 6379, APPLICATION_UNKNOWN,
	VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"and no other port", NODE1, DB2, 22, APPLICATION_SSH, VERDICT_DEVIATION,
	DEVIATION_PORT},
    {"a pod on its node's network may be meant", NODE3, DB, 6379,
	APPLICATION_REDIS, VERDICT_ALLOWED, DEVIATION_NONE},
    {"what none of a node's pods may do", NODE3, DB, 22, APPLICATION_SSH,
	VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"whoever leaves with a node's address is not known", NODE1, ELSEWHERE, 443,
	APPLICATION_TLS, VERDICT_UNMODELLED, DEVIATION_NONE},
    {"nor is he where the node's own pods may not go there", NODE3, ELSEWHERE,
	443, APPLICATION_TLS, VERDICT_UNMODELLED, DEVIATION_NONE},
    {"a probe's way is nobody's wrong direction", DB2, NODE1, 40000,
	APPLICATION_UNKNOWN, VERDICT_DEVIATION, DEVIATION_RELATIONSHIP},
    {"an address that nobody held", WEB, NOBODY, 6379, APPLICATION_REDIS,
	VERDICT_UNKNOWN, DEVIATION_NONE},
};

static void
test_expectations(void **state)
{
	const struct world *world = *state;
	size_t count = sizeof(expectations) / sizeof(expectations[0]);

	for (size_t i = 0; i < count; i++) {
		const struct expectation *e = &expectations[i];
		struct verdict verdict =
		    ask(world, e->client, e->server, e->port, e->application);

		if (verdict.kind != e->kind ||
		    verdict.deviation != e->deviation)
			fail_msg("%s: %s %s", e->why,
			    verdict_kind_name(verdict.kind),
			    deviation_name(verdict.deviation) == NULL
				? ""
				: deviation_name(verdict.deviation));
	}
}

/*
 * Whatever leaves with a node's address may be any pod's that was masqueraded,
 * or of whoever came in by a NodePort: the node is named, and no pod of it.
 */
static void
test_masqueraded_is_the_nodes(void **state)
{
	const struct world *world = *state;
	static const char *const servers[] = {ELSEWHERE, DB, CARTS, NODE1};
	bool blamed = false;

	assert_int_equal(who(world, NODE3).attribution, ATTRIBUTION_AMBIGUOUS);
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		struct verdict verdict =
		    ask(world, NODE3, servers[i], 4444, APPLICATION_TLS);

		assert_int_not_equal(verdict.kind, VERDICT_ALLOWED);
		assert_null(who(world, NODE3).workload);
		if (verdict.client != NULL)
			assert_int_equal(verdict.client->kind, IDENTITY_NODE);
		blamed |=
		    verdict.kind == VERDICT_DEVIATION && verdict.client != NULL;
	}
	assert_true(blamed);
}

/* A port guess is shown, never judged: it neither satisfies nor contradicts. */
static void
test_port_guess_proves_nothing(void **state)
{
	const struct world *world = *state;
	struct question question = {
	    .client = who(world, CARTS),
	    .server = who(world, DB),
	    .protocol = PROTOCOL_TCP,
	    .port = 6379,
	    .appid = {APPLICATION_HTTP, APPLICATION_UNKNOWN, APP_PORT},
	    .start = START,
	};

	assert_int_equal(judge(world->policy, &question).kind, VERDICT_ALLOWED);
}

/* What was not accepted is judged, and said to be no more than an attempt. */
static void
test_attempt_is_said(void **state)
{
	const struct world *world = *state;
	struct question question = {
	    .client = who(world, WEB),
	    .server = who(world, DB),
	    .protocol = PROTOCOL_TCP,
	    .port = 6379,
	    .start = START,
	    .attempted = true,
	};
	struct verdict verdict = judge(world->policy, &question);

	assert_int_equal(verdict.kind, VERDICT_DEVIATION);
	assert_true(verdict.attempted);
	question.attempted = false;
	assert_false(judge(world->policy, &question).attempted);
}

static void
test_reversed_guess_is_never_a_deviation(void **state)
{
	const struct world *world = *state;
	struct question question = {
	    .client = who(world, DB),
	    .server = who(world, CARTS),
	    .protocol = PROTOCOL_TCP,
	    .port = 40000,
	    .start = START,
	    .may_be_reversed = true,
	};

	assert_int_equal(judge(world->policy, &question).kind, VERDICT_UNKNOWN);
	question.may_be_reversed = false;
	assert_int_equal(
	    judge(world->policy, &question).kind, VERDICT_DEVIATION);
}

static void
test_verdict_names_its_line(void **state)
{
	const struct world *world = *state;
	struct verdict verdict = ask(world, WEB, DB, 6379, APPLICATION_REDIS);
	struct text source;

	text_init(&source, 100);
	assert_true(verdict_source(&verdict, &source));
	assert_string_equal(source.at, "test.yaml:5");
	assert_string_equal(verdict.model->name, "redis");
	assert_int_equal(verdict.severity, SEVERITY_HIGH);
	text_release(&source);
}

/* A workload that nothing matches gets its model by what it serves. */
static void
test_served_application_chooses_the_model(void **state)
{
	static const char *const text[] = {"model: cache\n"
					   "match: [{serves: redis}]\n"
					   "role: cache\n"
					   "provides: []\n"};
	static const char *const name[] = {"cache.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	struct world world = *(struct world *)*state;
	struct report *report = report_new();

	world.library = library_parse(name, text, layer, 1, report);
	assert_non_null(world.library);
	world.policy = policy_new(world.library, world.inventory);
	assert_int_equal(ask(&world, TOOL, CARTS, 8080, APPLICATION_REDIS).kind,
	    VERDICT_UNMODELLED);
	policy_serves(
	    world.policy, who(&world, CARTS).workload, APPLICATION_REDIS);
	assert_int_equal(ask(&world, TOOL, CARTS, 8080, APPLICATION_REDIS).kind,
	    VERDICT_DEVIATION);
	policy_free(world.policy);
	library_free(world.library);
	report_free(report);
}

/* What anybody may do anywhere is allowed, and no opinion about anybody. */
static void
test_who_names_nobody_says_little(void **state)
{
	static const char *const text[] = {
	    "model: tool\n"
	    "match: [{image: tool}]\n"
	    "needs:\n"
	    "  - {name: carts, to: [{application: carts}]}\n"
	    "  - {name: fetch, app: http, to: [{any: true}]}\n"
	    "  - {name: web, port: tcp/443, to: [{any: true}]}\n"
	    "  - {name: anything, to: [{any: true}]}\n"
	    "---\n"
	    "model: carts\n"
	    "match: [{image: carts}]\n"
	    "provides: [{name: all, from: [{any: true}]}]\n"
	    "needs:\n"
	    "  - {name: outside, to: [{external: {}}]}\n"
	    "  - {name: bank, to: [{external: {cidr: 198.51.100.0/24}}]}\n"};
	static const char *const name[] = {"blanket.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	static const struct {
		const char *client, *server;
		uint16_t port;
		enum application application;
		bool blanket;
	} cases[] = {
	    {TOOL, ELSEWHERE, 8088, APPLICATION_SSH, true},
	    {TOOL, WEB, 4444, APPLICATION_UNKNOWN, false}, /* maybe http */
	    {TOOL, WEB, 4444, APPLICATION_SSH, true},
	    {TOOL, ELSEWHERE, 8088, APPLICATION_HTTP, false},
	    {TOOL, ELSEWHERE, 443, APPLICATION_TLS, false},
	    {TOOL, CARTS, 4444, APPLICATION_SSH, false},
	    {CARTS, ELSEWHERE, 443, APPLICATION_TLS, true},
	    {CARTS, PAY, 443, APPLICATION_TLS, false},
	};
	struct world world = *(struct world *)*state;
	struct report *report = report_new();

	world.library = library_parse(name, text, layer, 1, report);
	report_print(report, stderr);
	assert_non_null(world.library);
	world.policy = policy_new(world.library, world.inventory);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict = ask(&world, cases[i].client,
		    cases[i].server, cases[i].port, cases[i].application);

		if (verdict.kind != VERDICT_ALLOWED ||
		    verdict.blanket != cases[i].blanket)
			fail_msg("case %zu: %d", i, verdict.kind);
	}
	policy_free(world.policy);
	library_free(world.library);
	report_free(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expectations),
	    cmocka_unit_test(test_masqueraded_is_the_nodes),
	    cmocka_unit_test(test_port_guess_proves_nothing),
	    cmocka_unit_test(test_attempt_is_said),
	    cmocka_unit_test(test_reversed_guess_is_never_a_deviation),
	    cmocka_unit_test(test_verdict_names_its_line),
	    cmocka_unit_test(test_served_application_chooses_the_model),
	    cmocka_unit_test(test_who_names_nobody_says_little),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
