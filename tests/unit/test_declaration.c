/*
 * What pods declare in annotations, from the API object to the verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
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

static const char models[] =
    "model: redis\n"
    "match: [{application: store}]\n"
    "role: cache\n"
    "provides:\n"
    "  - {name: client, app: redis, port: tcp/6379,\n"
    "     from: {application: web}}\n"
    "severity: high\n"
    "---\n"
    "fragment: names\n"
    "needs:\n"
    "  - {name: names, app: dns, port: udp/53, to: {application: dns}}\n";

struct world {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
	char *said; /* of declarations */
};

/* One pod of each line; the last two are annotations or NULL. */
struct pod {
	const char *name, *application, *address, *provides, *needs;
};

static void
put_pod(struct inventory_draft *draft, const struct pod *pod)
{
	struct fact_taker taker = inventory_taker(draft);
	char text[2048], annotations[1024] = "";
	struct json_fault fault;
	struct json *object;

	if (pod->provides != NULL)
		(void)snprintf(annotations, sizeof(annotations),
		    "\"hedgerow.io/provides\": \"%s\"", pod->provides);
	if (pod->needs != NULL)
		(void)snprintf(annotations + strlen(annotations),
		    sizeof(annotations) - strlen(annotations),
		    "%s\"hedgerow.io/needs\": \"%s\"",
		    annotations[0] == '\0' ? "" : ", ", pod->needs);
	(void)snprintf(text, sizeof(text),
	    "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"%s\", "
	    "\"namespace\": \"shop\", \"labels\": {\"app\": \"%s\"}, "
	    "\"annotations\": {%s}}, \"status\": {\"podIP\": \"%s\"}}",
	    pod->name, pod->application, annotations, pod->address);
	object = json_parse(text, strlen(text), &fault);
	assert_non_null(object);
	assert_true(kubernetes_object(
	    &taker, "", object, KUBERNETES_PRESENT, INSTANT_PAST));
	json_free(object);
}

static char *
printed(const struct report *report)
{
	char *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	report_print(report, out);
	(void)fclose(out);
	return said;
}

static struct world
world_of(const struct pod *pods, size_t count)
{
	const char *name = "t", *text = models;
	enum layer layer = LAYER_LIBRARY;
	struct report *report = report_new();
	struct inventory_draft *draft = inventory_draft_new();
	struct world world;

	world.library = library_parse(&name, &text, &layer, 1, report);
	assert_non_null(world.library);
	for (size_t i = 0; i < count; i++)
		put_pod(draft, &pods[i]);
	world.inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	world.policy = policy_new(world.library, world.inventory);
	policy_check_declarations(world.policy, report);
	world.said = printed(report);
	report_free(report);
	return world;
}

static void
world_end(struct world *world)
{
	policy_free(world->policy);
	inventory_free(world->inventory);
	library_free(world->library);
	free(world->said);
}

static struct verdict
ask(struct world *world, const char *client, const char *server,
    uint8_t protocol, uint16_t port, enum application application)
{
	struct question question = {
	    .protocol = protocol,
	    .port = port,
	    .appid = {application, APPLICATION_UNKNOWN, APP_DPI},
	};
	struct address address;

	assert_true(address_parse(client, &address));
	question.client = inventory_who(
	    world->inventory, INVENTORY_ANY, &address, question.start);
	assert_true(address_parse(server, &address));
	question.server = inventory_who(
	    world->inventory, INVENTORY_ANY, &address, question.start);
	return judge(world->policy, &question);
}

#define STORE "10.0.0.1"
#define WEB   "10.0.0.2"
#define TOOL  "10.0.0.3"
#define DNS   "10.0.0.4"

static const struct pod pods[] = {
    {"store-0", "store", STORE,
	"[{app: redis, port: tcp/6379, from: {application: tool}}]", NULL},
    {"web-1", "web", WEB, NULL,
	"[{app: redis, to: {role: cache}}, {use: names}]"},
    {"tool-1", "tool", TOOL, NULL, NULL},
    {"dns-1", "dns", DNS, NULL, NULL},
};

static void
test_joins_what_matches(void **state)
{
	struct world world = world_of(pods, 4);

	(void)state;
	assert_string_equal(world.said, "");
	/* The annotation opens to the tool; the model still to the web. */
	assert_int_equal(
	    ask(&world, TOOL, STORE, PROTOCOL_TCP, 6379, APPLICATION_REDIS)
		.kind,
	    VERDICT_ALLOWED);
	assert_int_equal(
	    ask(&world, WEB, STORE, PROTOCOL_TCP, 6379, APPLICATION_REDIS).kind,
	    VERDICT_ALLOWED);
	assert_int_equal(
	    ask(&world, DNS, STORE, PROTOCOL_TCP, 6379, APPLICATION_REDIS).kind,
	    VERDICT_DEVIATION);
	world_end(&world);
}

static void
test_needs_alone_close_nothing_inward(void **state)
{
	struct world world = world_of(pods, 4);

	(void)state;
	assert_int_equal(
	    ask(&world, WEB, DNS, PROTOCOL_UDP, 53, APPLICATION_DNS).kind,
	    VERDICT_ALLOWED);
	assert_int_equal(
	    ask(&world, WEB, TOOL, PROTOCOL_TCP, 80, APPLICATION_HTTP).kind,
	    VERDICT_DEVIATION);
	assert_int_equal(
	    ask(&world, TOOL, WEB, PROTOCOL_TCP, 80, APPLICATION_HTTP).kind,
	    VERDICT_UNMODELLED);
	world_end(&world);
}

static void
test_pods_that_declare_otherwise_are_others(void **state)
{
	static const struct pod two[] = {
	    {"web-1", "web", WEB, NULL, NULL},
	    {"web-2", "web", TOOL, NULL, "[]"},
	    {"dns-1", "dns", DNS, NULL, NULL},
	};
	struct world world = world_of(two, 3);

	(void)state;
	assert_int_equal(
	    ask(&world, WEB, DNS, PROTOCOL_UDP, 53, APPLICATION_DNS).kind,
	    VERDICT_UNMODELLED);
	assert_int_equal(
	    ask(&world, TOOL, DNS, PROTOCOL_UDP, 53, APPLICATION_DNS).kind,
	    VERDICT_DEVIATION);
	world_end(&world);
}

static void
test_mistakes(void **state)
{
	static const struct pod faulty[] = {
	    {"web-1", "web", WEB, NULL, "[{app: reddis, to: {role: cash}}]"},
	    {"web-2", "web", TOOL, NULL, "[{app: reddis, to: {role: cash}}]"},
	    {"dns-1", "dns", DNS, "[{from: {any: true}}]", "[{use: nams}"},
	};
	struct world world = world_of(faulty, 3);

	(void)state;
	/* Of one identity once, and each with its pod. */
	assert_non_null(strstr(world.said,
	    "pod shop/web-1 annotation hedgerow.io/needs:1:8: error: unknown "
	    "application 'reddis'; did you mean 'redis'?\n"));
	assert_non_null(strstr(world.said,
	    "pod shop/web-1 annotation hedgerow.io/needs:1:27: error: unknown "
	    "role 'cash'"));
	assert_null(strstr(world.said, "shop/web-2"));
	assert_non_null(
	    strstr(world.said, "pod shop/dns-1 annotation hedgerow.io/needs:"));
	/* A side with a mistake is not declared; the other one is. */
	assert_int_equal(
	    ask(&world, WEB, DNS, PROTOCOL_UDP, 53, APPLICATION_DNS).kind,
	    VERDICT_ALLOWED);
	assert_int_equal(
	    ask(&world, DNS, WEB, PROTOCOL_TCP, 1, APPLICATION_SSH).kind,
	    VERDICT_UNMODELLED);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_joins_what_matches),
	    cmocka_unit_test(test_needs_alone_close_nothing_inward),
	    cmocka_unit_test(test_pods_that_declare_otherwise_are_others),
	    cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
