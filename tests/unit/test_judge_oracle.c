/*
 * The judge against a naive one, over random universes.
 *
 * The naive judge knows the rules as the manual states them and nothing of
 * identities, pairs or statements: some entry of the server's models must fit,
 * if it has any, and some entry of the client's, if they state needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/inventory/inventory.h"
#include "facts.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define UNIVERSES  400
#define QUESTIONS  60
#define WORKLOADS  8
#define APPS       4 /* workload applications a0 .. a3 */
#define NAMESPACES 2
#define ENTRIES    3
#define START      ((struct instant){INT64_C(1000) * NS_PER_SECOND})

static const enum application spoken[] = {
    APPLICATION_REDIS, APPLICATION_SSH, APPLICATION_MYSQL, APPLICATION_AMQP};

/* One random entry: an application or any, a port range, and one peer. */
struct rule {
	int app;       /* index of spoken[], or -1 for any */
	int low, high; /* ports 1000 + low to 1000 + high */
	enum {
		PEER_ANY,
		PEER_APPLICATION,
		PEER_SAME_NAMESPACE,
		PEER_ROLE
	} peer;
	int application; /* PEER_APPLICATION */
};

/* The model of one application, in every namespace or in one. */
struct rules {
	bool exists, states_needs, has_role;
	int namespace; /* or -1 for both */
	struct rule provides[ENTRIES], needs[ENTRIES];
	int provides_count, needs_count;
};

struct universe {
	struct rules models[APPS];
	struct {
		int application, namespace;
	} workloads[WORKLOADS];
};

/* A small generator: the same universes on every machine. */
static uint32_t
roll(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33) % sides;
}

static struct rule
random_rule(uint64_t *state)
{
	struct rule rule = {
	    .app = (int)roll(state, 5) - 1,
	    .low = (int)roll(state, 4),
	    .peer = roll(state, 4),
	    .application = (int)roll(state, APPS),
	};

	rule.high = rule.low + (int)roll(state, 3);
	return rule;
}

static struct universe
random_universe(uint64_t *state)
{
	struct universe universe = {0};

	for (int m = 0; m < APPS; m++) {
		struct rules *rules = &universe.models[m];

		rules->exists = roll(state, 4) > 0;
		rules->states_needs = roll(state, 2) > 0;
		rules->has_role = roll(state, 2) > 0;
		rules->namespace = (int)roll(state, 3) - 1;
		rules->provides_count = (int)roll(state, ENTRIES + 1);
		rules->needs_count = (int)roll(state, ENTRIES + 1);
		for (int i = 0; i < ENTRIES; i++) {
			rules->provides[i] = random_rule(state);
			rules->needs[i] = random_rule(state);
		}
	}
	for (int w = 0; w < WORKLOADS; w++) {
		universe.workloads[w].application = (int)roll(state, APPS);
		universe.workloads[w].namespace = (int)roll(state, NAMESPACES);
	}
	return universe;
}

/* --- the naive judge ------------------------------------------------------ */

static const struct rules *
naive_model(const struct universe *u, int w)
{
	const struct rules *rules = &u->models[u->workloads[w].application];

	if (!rules->exists ||
	    (rules->namespace >= 0 &&
		rules->namespace != u->workloads[w].namespace))
		return NULL;
	return rules;
}

static bool
naive_rule_fits(const struct universe *u, const struct rule *rule, int self,
    int other, int port, int app)
{
	const struct rules *model = naive_model(u, other);

	if (rule->app >= 0 && rule->app != app)
		return false;
	if (port < rule->low || port > rule->high)
		return false;
	switch (rule->peer) {
	case PEER_ANY:
		return true;
	case PEER_APPLICATION:
		return u->workloads[other].application == rule->application;
	case PEER_SAME_NAMESPACE:
		return u->workloads[other].namespace ==
		       u->workloads[self].namespace;
	case PEER_ROLE:
		return model != NULL && model->has_role;
	}
	return false;
}

static bool
naive_side_fits(const struct universe *u, const struct rule *rules, int count,
    int self, int other, int port, int app)
{
	for (int i = 0; i < count; i++)
		if (naive_rule_fits(u, &rules[i], self, other, port, app))
			return true;
	return false;
}

static enum verdict_kind
naive_judge(const struct universe *u, int client, int server, int port, int app)
{
	const struct rules *s = naive_model(u, server);
	const struct rules *c = naive_model(u, client);
	bool modelled = s != NULL || (c != NULL && c->states_needs);

	if (!modelled)
		return VERDICT_UNMODELLED;
	if (s != NULL && !naive_side_fits(u, s->provides, s->provides_count,
			     server, client, port, app))
		return VERDICT_DEVIATION;
	if (c != NULL && c->states_needs &&
	    !naive_side_fits(
		u, c->needs, c->needs_count, client, server, port, app))
		return VERDICT_DEVIATION;
	return VERDICT_ALLOWED;
}

/* --- the same universe, told to the real one ------------------------------ */

static void
write_rules(struct text *out, const char *key, const char *peers,
    const struct rule *rules, int count)
{
	text_format(out, "%s:%s\n", key, count == 0 ? " []" : "");
	for (int i = 0; i < count; i++) {
		const struct rule *rule = &rules[i];

		text_format(out, "  - port: tcp/%d-%d\n", 1000 + rule->low,
		    1000 + rule->high);
		if (rule->app >= 0)
			text_format(out, "    app: %s\n",
			    application_name(spoken[rule->app]));
		text_format(out, "    %s: [", peers);
		switch (rule->peer) {
		case PEER_ANY:
			text_add(out, "{any: true}");
			break;
		case PEER_APPLICATION:
			text_format(
			    out, "{application: a%d}", rule->application);
			break;
		case PEER_SAME_NAMESPACE:
			text_add(out, "{same: namespace}");
			break;
		case PEER_ROLE:
			text_add(out, "{role: special}");
			break;
		}
		text_add(out, "]\n");
	}
}

static struct library *
tell_models(const struct universe *u, struct report *report)
{
	static const char *const name[] = {"universe.yaml"};
	static const enum layer layer[] = {LAYER_OPERATOR};
	const char *texts[1];
	struct library *library;
	struct text out;

	text_init(&out, 65536);
	/* The role must be somebody's; this model matches nothing here. */
	text_add(&out, "model: nobody\nmatch: [{application: none}]\n"
		       "role: special\n");
	for (int m = 0; m < APPS; m++) {
		const struct rules *rules = &u->models[m];

		if (!rules->exists)
			continue;
		text_format(
		    &out, "---\nmodel: m%d\nmatch: [{application: a%d", m, m);
		if (rules->namespace >= 0)
			text_format(&out, ", namespace: n%d", rules->namespace);
		text_add(&out, "}]\n");
		if (rules->has_role)
			text_add(&out, "role: special\n");
		write_rules(&out, "provides", "from", rules->provides,
		    rules->provides_count);
		if (rules->states_needs)
			write_rules(&out, "needs", "to", rules->needs,
			    rules->needs_count);
	}
	texts[0] = out.at;
	library = library_parse(name, texts, layer, 1, report);
	if (library == NULL)
		report_print(report, stderr);
	text_release(&out);
	assert_non_null(library);
	return library;
}

static struct address
address_of(int w)
{
	uint8_t octets[4] = {10, 0, 0, (uint8_t)(w + 1)};

	return address_from_ipv4(octets);
}

static struct inventory *
tell_workloads(const struct universe *u, struct report *report)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct inventory *inventory;

	for (int w = 0; w < WORKLOADS; w++) {
		char namespace[16], name[16], application[16];
		struct label label = {"app", application};
		struct address address = address_of(w);
		struct workload_fact fact = {
		    .workload =
			{
			    .id = name,
			    .cluster = "",
			    .orchestrator = "test",
			    .namespace = namespace,
			    .name = name,
			    .node = "",
			    .labels = {&label, 1},
			    .addresses = &address,
			    .address_count = 1,
			    .until = INSTANT_FUTURE,
			},
		};

		(void)snprintf(namespace, sizeof(namespace), "n%d",
		    u->workloads[w].namespace);
		(void)snprintf(name, sizeof(name), "w%d", w);
		(void)snprintf(application, sizeof(application), "a%d",
		    u->workloads[w].application);
		assert_true(state_workload(draft, &fact));
	}
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	return inventory;
}

static void
ask_about(const struct universe *u, struct policy *policy,
    const struct inventory *inventory, uint64_t *state, int universe,
    int seen[VERDICT_DEVIATION + 1])
{
	int client = (int)roll(state, WORKLOADS);
	int server = (int)roll(state, WORKLOADS);
	int port = (int)roll(state, 7);
	int app = (int)roll(state, 4);
	struct address from = address_of(client), to = address_of(server);
	struct question question = {
	    .client = inventory_who(inventory, INVENTORY_ANY, &from, START),
	    .server = inventory_who(inventory, INVENTORY_ANY, &to, START),
	    .protocol = PROTOCOL_TCP,
	    .port = (uint16_t)(1000 + port),
	    .appid = {spoken[app], APPLICATION_UNKNOWN, APP_DPI},
	    .start = START,
	};
	enum verdict_kind naive = naive_judge(u, client, server, port, app);
	enum verdict_kind real = judge(policy, &question).kind;

	seen[naive]++;
	if (real != naive)
		fail_msg("universe %d, w%d -> w%d tcp/%d %s: %s, not %s",
		    universe, client, server, 1000 + port,
		    application_name(spoken[app]), verdict_kind_name(real),
		    verdict_kind_name(naive));
}

static void
test_random_universes(void **unused)
{
	uint64_t state = 20261121;
	int seen[VERDICT_DEVIATION + 1] = {0};

	(void)unused;
	for (int i = 0; i < UNIVERSES; i++) {
		struct universe u = random_universe(&state);
		struct report *report = report_new();
		struct library *library = tell_models(&u, report);
		struct inventory *inventory = tell_workloads(&u, report);
		struct policy *policy = policy_new(library, inventory);

		for (int q = 0; q < QUESTIONS; q++)
			ask_about(&u, policy, inventory, &state, i, seen);
		policy_free(policy);
		inventory_free(inventory);
		library_free(library);
		report_free(report);
	}
	/* Universes in which one answer never comes would prove little. */
	assert_true(seen[VERDICT_ALLOWED] > 500);
	assert_true(seen[VERDICT_UNMODELLED] > 500);
	assert_true(seen[VERDICT_DEVIATION] > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_universes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
