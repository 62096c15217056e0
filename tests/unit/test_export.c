/*
 * What is compiled for label-based targets, against a naive evaluator.
 *
 * The evaluator knows NetworkPolicy as the Kubernetes documentation states it
 * ("Network Policies", and the API reference of networking.k8s.io/v1), reads
 * the YAML that was written, and knows nothing of models.  Where it and the
 * judge differ, the list of losses must say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/export.h"
#include "models/identity.h"
#include "models/judge.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/yaml_read.h"
#include "universe.h"

#define UNIVERSES 300
#define QUESTIONS 80

/* --- the naive evaluator -------------------------------------------------- */

/* One end: a pod, or an address that is none's. */
struct naive_end {
	const struct workload *pod; /* or NULL */
	struct address address;
};

static bool
scalar_is(const struct yaml_node *node, const char *text)
{
	return node != NULL && strcmp(node->scalar, text) == 0;
}

static bool
naive_labels_match(const struct yaml_node *selector, const struct workload *pod)
{
	const struct yaml_node *labels = yaml_get(selector, "matchLabels");
	const struct yaml_node *tests = yaml_get(selector, "matchExpressions");

	for (size_t i = 0; labels != NULL && i < labels->count; i++) {
		const char *value =
		    labels_get(&pod->labels, labels->keys[i]->scalar);

		if (value == NULL ||
		    strcmp(value, labels->values[i]->scalar) != 0)
			return false;
	}
	for (size_t i = 0; tests != NULL && i < tests->count; i++) {
		const struct yaml_node *test = tests->values[i];

		assert_true(
		    scalar_is(yaml_get(test, "operator"), "DoesNotExist"));
		if (labels_get(&pod->labels, yaml_get(test, "key")->scalar) !=
		    NULL)
			return false;
	}
	return true;
}

static bool
naive_in_block(const struct yaml_node *block, const struct address *address)
{
	const struct yaml_node *except = yaml_get(block, "except");
	struct prefix prefix;

	assert_null(prefix_parse(yaml_get(block, "cidr")->scalar, &prefix));
	if (!prefix_contains(&prefix, address))
		return false;
	for (size_t i = 0; except != NULL && i < except->count; i++) {
		assert_null(prefix_parse(except->values[i]->scalar, &prefix));
		if (prefix_contains(&prefix, address))
			return false;
	}
	return true;
}

static bool
naive_peer_matches(const struct yaml_node *peer, const struct naive_end *other)
{
	const struct yaml_node *block = yaml_get(peer, "ipBlock");
	const struct yaml_node *namespace;

	if (block != NULL)
		return naive_in_block(block, &other->address);
	if (other->pod == NULL)
		return false;
	namespace = yaml_get(
	    yaml_get(yaml_get(peer, "namespaceSelector"), "matchLabels"),
	    "kubernetes.io/metadata.name");
	return scalar_is(namespace, other->pod->namespace) &&
	       naive_labels_match(yaml_get(peer, "podSelector"), other->pod);
}

static bool
naive_port_matches(
    const struct yaml_node *port, uint8_t protocol, unsigned number)
{
	const struct yaml_node *end = yaml_get(port, "endPort");
	unsigned long first = strtoul(yaml_get(port, "port")->scalar, NULL, 10);
	unsigned long last =
	    end == NULL ? first : strtoul(end->scalar, NULL, 10);

	return scalar_is(yaml_get(port, "protocol"),
		   protocol == PROTOCOL_TCP ? "TCP" : "UDP") &&
	       number >= first && number <= last;
}

static bool
naive_rule_matches(const struct yaml_node *rule, const char *peers_key,
    const struct naive_end *other, uint8_t protocol, unsigned number)
{
	const struct yaml_node *peers = yaml_get(rule, peers_key);
	const struct yaml_node *ports = yaml_get(rule, "ports");
	bool peer = peers == NULL, port = ports == NULL;

	for (size_t i = 0; peers != NULL && i < peers->count; i++)
		peer = peer || naive_peer_matches(peers->values[i], other);
	for (size_t i = 0; ports != NULL && i < ports->count; i++)
		port = port ||
		       naive_port_matches(ports->values[i], protocol, number);
	return peer && port;
}

static bool
naive_has_type(const struct yaml_node *spec, const char *type)
{
	const struct yaml_node *types = yaml_get(spec, "policyTypes");

	for (size_t i = 0; i < types->count; i++)
		if (scalar_is(types->values[i], type))
			return true;
	return false;
}

/*
 * Not isolated unless some policy selects the pod for the direction; then
 * what any of those policies allows.
 */
static bool
naive_side(struct yaml_node **policies, size_t count, bool ingress,
    const struct naive_end *self, const struct naive_end *other,
    uint8_t protocol, unsigned number)
{
	bool isolated = false;

	if (self->pod == NULL)
		return true;
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *spec = yaml_get(policies[i], "spec");
		const struct yaml_node *meta =
		    yaml_get(policies[i], "metadata");
		const struct yaml_node *rules =
		    yaml_get(spec, ingress ? "ingress" : "egress");

		if (!scalar_is(
			yaml_get(meta, "namespace"), self->pod->namespace) ||
		    !naive_labels_match(
			yaml_get(spec, "podSelector"), self->pod) ||
		    !naive_has_type(spec, ingress ? "Ingress" : "Egress"))
			continue;
		isolated = true;
		for (size_t r = 0; rules != NULL && r < rules->count; r++)
			if (naive_rule_matches(rules->values[r],
				ingress ? "from" : "to", other, protocol,
				number))
				return true;
	}
	return !isolated;
}

/* --- both, on the same question ------------------------------------------- */

struct compiled {
	struct arena *arena;
	struct text yaml, losses;
	struct yaml_node **policies;
	size_t count;
};

static struct compiled
compile(const struct universe *u)
{
	struct export_options options = {.at = INSTANT_PAST};
	struct compiled compiled = {.arena = arena_new()};

	text_init(&compiled.yaml, EXPORT_MAXIMUM);
	text_init(&compiled.losses, EXPORT_MAXIMUM);
	export_policy(u->policy, u->library, u->inventory, EXPORT_NETWORKPOLICY,
	    &options, &compiled.yaml);
	options.losses = true;
	export_policy(u->policy, u->library, u->inventory, EXPORT_NETWORKPOLICY,
	    &options, &compiled.losses);
	compiled.count = yaml_read(compiled.arena, "export", compiled.yaml.at,
	    compiled.yaml.length, u->report, &compiled.policies);
	if (report_errors(u->report) > 0)
		report_print(u->report, stderr);
	assert_int_equal(report_errors(u->report), 0);
	return compiled;
}

static void
release(struct compiled *compiled)
{
	text_release(&compiled->yaml);
	text_release(&compiled->losses);
	arena_free(compiled->arena);
}

static bool
pair_is_lost(
    const struct compiled *compiled, const char *client, const char *server)
{
	char pair[256];

	(void)snprintf(pair, sizeof(pair), "%s -> %s", client, server);
	return strstr(compiled->losses.at, pair) != NULL;
}

/* As a peer, what stands at a node's address is the node. */
static const char *
peer_name(const struct party *party, const struct identity *identity,
    char room[static 128])
{
	if (party->node == NULL)
		return identity->name;
	(void)snprintf(room, 128, "node/%s", party->node->name);
	return room;
}

/* Whether the losses say something of these two. */
static bool
is_lost(const struct compiled *compiled, const struct question *question,
    const struct verdict *verdict)
{
	const char *client = verdict->client->name;
	const char *server = verdict->server->name;
	char one[128], other[128];

	return pair_is_lost(compiled, client, server) ||
	       pair_is_lost(compiled, client,
		   peer_name(&question->server, verdict->server, one)) ||
	       pair_is_lost(compiled,
		   peer_name(&question->client, verdict->client, other),
		   server);
}

/* Whether the losses say that it is no pod, and so has no policy. */
static bool
is_host(const struct compiled *compiled, const struct identity *identity)
{
	char host[256];

	(void)snprintf(
	    host, sizeof(host), "\"statement\":\"%s at ", identity->name);
	return strstr(compiled->losses.at, host) != NULL;
}

/* Kinds that one label chooses may do what any of them may. */
static bool
is_blurred(const struct compiled *compiled, const struct identity *identity)
{
	char kinds[256];

	(void)snprintf(kinds, sizeof(kinds), " kinds of %s\"", identity->name);
	return strstr(compiled->losses.at, kinds) != NULL;
}

struct tally {
	unsigned allowed, denied, lost, blurred;
};

static bool
can_be_asked(const struct party *party)
{
	return party->attribution == ATTRIBUTION_EXACT ||
	       party->attribution == ATTRIBUTION_ZONE ||
	       party->attribution == ATTRIBUTION_EXTERNAL ||
	       party->attribution == ATTRIBUTION_NODE ||
	       party->attribution == ATTRIBUTION_AMBIGUOUS;
}

/* A node always reaches its own pods, whatever policies say. */
static bool
is_own_node(const struct party *client, const struct party *server)
{
	return client->node != NULL && server->workload != NULL &&
	       strcmp(client->node->name, server->workload->node) == 0;
}

static void
settle(const struct compiled *compiled, const struct question *question,
    const struct verdict *verdict, bool passes, const char *asked,
    struct tally *tally)
{
	bool denied = verdict->kind == VERDICT_DEVIATION;

	tally->allowed += !denied;
	tally->denied += denied;
	if (denied && passes &&
	    (is_lost(compiled, question, verdict) ||
		is_host(compiled, verdict->client) ||
		is_host(compiled, verdict->server))) {
		tally->lost++;
	} else if (denied && passes &&
		   (is_blurred(compiled, verdict->client) ||
		       is_blurred(compiled, verdict->server))) {
		tally->blurred++;
	} else if (denied == passes) {
		fputs(compiled->yaml.at, stderr);
		fail_msg("%s: the policies %s it, the judge says %s", asked,
		    passes ? "pass" : "drop", verdict_kind_name(verdict->kind));
	}
}

static void
ask(const struct universe *u, const struct compiled *compiled, uint64_t *state,
    int number, struct tally *tally)
{
	struct instant at = {INSTANT_FUTURE.ns - 1};
	bool ipv4 = roll(state, 3) > 0;
	struct address from = universe_address(state, ipv4);
	struct address to = universe_address(state, ipv4);
	struct question question = {
	    .client = inventory_who(u->inventory, INVENTORY_ANY, &from, at),
	    .server = inventory_who(u->inventory, INVENTORY_ANY, &to, at),
	    .client_outside = &universe_unseen,
	    .server_outside = &universe_unseen,
	    .protocol = roll(state, 3) > 0 ? PROTOCOL_TCP : PROTOCOL_UDP,
	    .port = (uint16_t)(UNIVERSE_PORT + roll(state, UNIVERSE_PORTS)),
	    .start = at,
	};
	struct naive_end client = {question.client.workload, from};
	struct naive_end server = {question.server.workload, to};
	struct verdict verdict = judge(u->policy, &question);
	char text[256], a[ADDRESS_TEXT_SIZE], b[ADDRESS_TEXT_SIZE];

	/* Only pods have policies. */
	if ((client.pod == NULL && server.pod == NULL) ||
	    !can_be_asked(&question.client) ||
	    !can_be_asked(&question.server) ||
	    is_own_node(&question.client, &question.server))
		return;
	address_print(&from, a);
	address_print(&to, b);
	(void)snprintf(text, sizeof(text), "universe %d: %s -> %s %u/%u",
	    number, a, b, question.protocol, question.port);
	settle(compiled, &question, &verdict,
	    naive_side(compiled->policies, compiled->count, false, &client,
		&server, question.protocol, question.port) &&
		naive_side(compiled->policies, compiled->count, true, &server,
		    &client, question.protocol, question.port),
	    text, tally);
}

static void
test_networkpolicy_against_naive(void **unused)
{
	uint64_t state = 411;
	struct tally labelled = {0}, blurred = {0};

	(void)unused;
	for (int i = 0; i < UNIVERSES; i++) {
		struct universe u;
		struct compiled compiled;

		assert_true(universe_make(&u, &state, i % 2 == 0));
		compiled = compile(&u);
		for (int q = 0; q < QUESTIONS; q++)
			ask(&u, &compiled, &state, i,
			    i % 2 == 0 ? &labelled : &blurred);
		release(&compiled);
		universe_free(&u);
	}
	/* Most of what is denied must be denied by both, or little is shown. */
	assert_true(labelled.allowed > 1000);
	assert_true(labelled.denied > 1000);
	assert_int_equal(labelled.blurred, 0);
	assert_true(labelled.lost * 5 < labelled.denied);
	assert_true(blurred.denied > 1000);
	assert_true((blurred.lost + blurred.blurred) * 3 < blurred.denied);
}

/* --- every format --------------------------------------------------------- */

/* Whatever the universe: the same octets twice, and losses that are JSON. */
static void
test_every_format_is_stable(void **unused)
{
	uint64_t state = 7;

	(void)unused;
	for (int i = 0; i < 20; i++) {
		struct universe u;

		assert_true(universe_make(&u, &state, i % 2 == 0));
		for (int f = EXPORT_NFTABLES; f <= EXPORT_JSON; f++) {
			struct export_options options = {.at = INSTANT_PAST};
			struct text one, two;
			size_t losses;

			text_init(&one, EXPORT_MAXIMUM);
			text_init(&two, EXPORT_MAXIMUM);
			losses = export_policy(u.policy, u.library, u.inventory,
			    (enum export_format)f, &options, &one);
			assert_int_equal(losses,
			    export_policy(u.policy, u.library, u.inventory,
				(enum export_format)f, &options, &two));
			assert_string_equal(one.at, two.at);
			assert_true(losses > 0);
			assert_false(one.overflow);
			text_release(&one);
			text_release(&two);
		}
		universe_free(&u);
	}
}

/* The JSON form has every application, and losses stand in it too. */
static void
test_json_is_json(void **unused)
{
	uint64_t state = 99;
	struct universe u;
	struct export_options options = {.at = INSTANT_PAST};
	struct json_fault fault;
	struct json *document;
	struct text out;

	(void)unused;
	assert_true(universe_make(&u, &state, false));
	text_init(&out, EXPORT_MAXIMUM);
	export_policy(
	    u.policy, u.library, u.inventory, EXPORT_JSON, &options, &out);
	document = json_parse(out.at, out.length, &fault);
	assert_non_null(document);
	assert_int_equal(json_number(json_get(document, "version"), 0), 1);
	assert_true(json_count(json_get(document, "ends")) > 10);
	assert_true(json_count(json_get(document, "pairs")) > 10);
	assert_true(json_count(json_get(document, "losses")) > 0);
	json_free(document);
	text_release(&out);
	universe_free(&u);
}

static void
test_format_names(void **unused)
{
	const char *const *names = export_format_names();
	enum export_format format;

	(void)unused;
	for (size_t i = 0; names[i] != NULL; i++) {
		assert_true(export_format_find(names[i], &format));
		assert_int_equal(format, i);
	}
	assert_false(export_format_find("nftable", &format));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_networkpolicy_against_naive),
	    cmocka_unit_test(test_every_format_is_stable),
	    cmocka_unit_test(test_json_is_json),
	    cmocka_unit_test(test_format_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
