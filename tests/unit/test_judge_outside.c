/*
 * The judge about outside ends: names answered, servers asked for, countries
 * and networks, and what could not be seen of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "classifiers/inventory/image.h"
#include "classifiers/outside.h"
#include "facts.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/frame.h"

static const char models[] =
    "model: payer\n"
    "match: [{application: payer}]\n"
    "needs:\n"
    "  - {name: named, port: tcp/1, to: {external: "
    "{dns: [\"*.pay.example\", pay.example]}}}\n"
    "  - {name: asked, port: tcp/2, to: {external: {sni: \"*.pay.example\"}}}\n"
    "  - {name: country, port: tcp/3, to: {external: {country: [NO, DE]}}}\n"
    "  - {name: network, port: tcp/4, to: {external: {asn: 64500}}}\n"
    "  - {name: all, port: tcp/5, to: {external: {dns: a.pay.example, "
    "sni: a.pay.example, country: NO, asn: 64500, cidr: 198.51.100.0/24}}}\n"
    "---\n"
    "segment: inner\n"
    "match: [{application: inner}]\n"
    "isolate:\n"
    "  - to: {external: {}}\n"
    "    except: [{to: {external: {dns: ok.example}}}]\n"
    "  - from: {external: {country: XA}}\n";

struct world {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
};

static void
put(struct inventory_draft *draft, const char *application, const char *text)
{
	struct label label = {"app", application};
	struct address address;
	struct workload_fact fact = {
	    .workload = {.id = text,
		.orchestrator = "test",
		.namespace = "shop",
		.name = application,
		.labels = {&label, 1},
		.addresses = &address,
		.address_count = 1,
		.until = INSTANT_FUTURE},
	};

	assert_true(address_parse(text, &address));
	assert_true(state_workload(draft, &fact));
}

static int
make_world(void **state)
{
	static struct world world;
	const char *name = "t", *text = models;
	enum layer layer = LAYER_OPERATOR;
	struct report *report = report_new();
	struct inventory_draft *draft = inventory_draft_new();

	world.library = library_parse(&name, &text, &layer, 1, report);
	report_print(report, stderr);
	assert_non_null(world.library);
	put(draft, "payer", "10.0.0.1");
	put(draft, "inner", "10.0.0.2");
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

static struct verdict
ask(struct world *world, const char *client, const char *server, uint16_t port,
    const struct outside *outside)
{
	struct question question = {
	    .protocol = PROTOCOL_TCP,
	    .port = port,
	    .start = {NS_PER_SECOND},
	};
	struct address address;

	assert_true(address_parse(client, &address));
	question.client = inventory_who(
	    world->inventory, INVENTORY_ANY, &address, question.start);
	assert_true(address_parse(server, &address));
	question.server = inventory_who(
	    world->inventory, INVENTORY_ANY, &address, question.start);
	if (question.client.attribution == ATTRIBUTION_EXTERNAL)
		question.client_outside = outside;
	else
		question.server_outside = outside;
	return judge(world->policy, &question);
}

#define PAYER "10.0.0.1"
#define INNER "10.0.0.2"
#define END   "198.51.100.7"
#define OTHER "203.0.113.7"

static struct outside
known(const char *name, const char *server, const char *country, uint32_t asn)
{
	struct outside out = {
	    .names = {name},
	    .name_count = name != NULL,
	    .server_name = server,
	    .where = {.asn = asn},
	};

	(void)snprintf(out.where.country, 3, "%s", country);
	return out;
}

static void
test_each_key(void **state)
{
	static const struct {
		const char *name, *server, *country;
		uint32_t asn;
		uint16_t port;
		enum verdict_kind kind;
	} cases[] = {
	    {"x.pay.example", NULL, "XX", 1, 1, VERDICT_ALLOWED},
	    {"pay.example", NULL, "XX", 1, 1, VERDICT_ALLOWED},
	    {"x.y.pay.example", NULL, "XX", 1, 1, VERDICT_ALLOWED},
	    {"pay.example.evil", NULL, "XX", 1, 1, VERDICT_DEVIATION},
	    {"evilpay.example", NULL, "XX", 1, 1, VERDICT_DEVIATION},
	    {NULL, "x.pay.example", "XX", 1, 1, VERDICT_DEVIATION},
	    {NULL, "x.pay.example", "XX", 1, 2, VERDICT_ALLOWED},
	    {"x.pay.example", NULL, "XX", 1, 2, VERDICT_DEVIATION},
	    {NULL, NULL, "DE", 1, 3, VERDICT_ALLOWED},
	    {NULL, NULL, "FR", 1, 3, VERDICT_DEVIATION},
	    {NULL, NULL, "NO", 64500, 4, VERDICT_ALLOWED},
	    {NULL, NULL, "NO", 64501, 4, VERDICT_DEVIATION},
	    /* Every key holds, then each in turn does not. */
	    {"a.pay.example", "a.pay.example", "NO", 64500, 5, VERDICT_ALLOWED},
	    {"b.pay.example", "a.pay.example", "NO", 64500, 5,
		VERDICT_DEVIATION},
	    {"a.pay.example", "b.pay.example", "NO", 64500, 5,
		VERDICT_DEVIATION},
	    {"a.pay.example", "a.pay.example", "DE", 64500, 5,
		VERDICT_DEVIATION},
	    {"a.pay.example", "a.pay.example", "NO", 64501, 5,
		VERDICT_DEVIATION},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outside outside = known(cases[i].name, cases[i].server,
		    cases[i].country, cases[i].asn);
		struct verdict verdict =
		    ask(*state, PAYER, END, cases[i].port, &outside);

		if (verdict.kind != cases[i].kind)
			fail_msg(
			    "case %zu: %s", i, verdict_kind_name(verdict.kind));
	}
}

static void
test_network_is_asked_too(void **state)
{
	struct outside outside =
	    known("a.pay.example", "a.pay.example", "NO", 64500);

	assert_int_equal(
	    ask(*state, PAYER, OTHER, 5, &outside).kind, VERDICT_DEVIATION);
}

static void
test_any_of_several_names(void **state)
{
	struct outside outside = known("cdn.example", NULL, "NO", 1);

	outside.names[1] = "x.pay.example";
	outside.name_count = 2;
	assert_int_equal(
	    ask(*state, PAYER, END, 1, &outside).kind, VERDICT_ALLOWED);
	outside.name_count = 1;
	assert_int_equal(
	    ask(*state, PAYER, END, 1, &outside).kind, VERDICT_DEVIATION);
}

/* What nobody could see is no deviation, and no allowance. */
static void
test_unseen(void **state)
{
	struct outside outside = known(NULL, NULL, "FR", 1);
	struct verdict verdict;

	outside.names_unseen = true;
	verdict = ask(*state, PAYER, END, 1, &outside);
	assert_int_equal(verdict.kind, VERDICT_UNKNOWN);
	assert_int_equal(verdict.deviation, DEVIATION_NONE);
	assert_int_equal(
	    ask(*state, PAYER, END, 2, &outside).kind, VERDICT_DEVIATION);
	outside.server_name_unseen = true;
	assert_int_equal(
	    ask(*state, PAYER, END, 2, &outside).kind, VERDICT_UNKNOWN);
	/* What was seen still decides. */
	assert_int_equal(
	    ask(*state, PAYER, END, 5, &outside).kind, VERDICT_DEVIATION);
	outside = known(NULL, NULL, "", 0);
	assert_int_equal(
	    ask(*state, PAYER, END, 3, &outside).kind, VERDICT_UNKNOWN);
	assert_int_equal(
	    ask(*state, PAYER, END, 4, &outside).kind, VERDICT_UNKNOWN);
	/* Nothing on that port would ever do. */
	assert_int_equal(
	    ask(*state, PAYER, END, 9, &outside).kind, VERDICT_DEVIATION);
}

static void
test_boundaries(void **state)
{
	struct outside outside = known("ok.example", NULL, "NO", 1);

	assert_int_equal(
	    ask(*state, INNER, END, 1, &outside).kind, VERDICT_UNMODELLED);
	outside.name_count = 0;
	assert_int_equal(
	    ask(*state, INNER, END, 1, &outside).deviation, DEVIATION_SEGMENT);
	outside.names_unseen = true;
	assert_int_equal(
	    ask(*state, INNER, END, 1, &outside).kind, VERDICT_UNKNOWN);
	outside = known(NULL, NULL, "XA", 1);
	assert_int_equal(
	    ask(*state, END, INNER, 1, &outside).deviation, DEVIATION_SEGMENT);
	outside = known(NULL, NULL, "XB", 1);
	assert_int_equal(
	    ask(*state, END, INNER, 1, &outside).kind, VERDICT_UNMODELLED);
	/* A country that is not known crosses nothing. */
	outside = known(NULL, NULL, "", 1);
	assert_int_equal(
	    ask(*state, END, INNER, 1, &outside).kind, VERDICT_UNMODELLED);
}

/* Outsiders choose names, and must not choose how many identities there are. */
static void
test_identities_are_few(void **state)
{
	struct world *world = *state;
	const struct identity *first = NULL;

	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct outside outside;
		struct address address = {{0}};
		const struct identity *identity;

		(void)snprintf(name, sizeof(name), "n%d.example", i);
		outside = known(name, name, "FR", (uint32_t)i + 1);
		address.octets[0] = 0x20;
		address.octets[15] = (uint8_t)i;
		identity =
		    policy_external(world->policy, &address, &outside, false);
		if (first == NULL)
			first = identity;
		assert_ptr_equal(identity, first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_key),
	    cmocka_unit_test(test_network_is_asked_too),
	    cmocka_unit_test(test_any_of_several_names),
	    cmocka_unit_test(test_unseen),
	    cmocka_unit_test(test_boundaries),
	    cmocka_unit_test(test_identities_are_few),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
