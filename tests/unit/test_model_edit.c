/*
 * Edits that would allow a flow: their text, that they do what they are for
 * when they are made, and whom they let through as well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "facts.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/model_edit.h"
#include "models/policy.h"
#include "models/policy_opening.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define START ((struct instant){INT64_C(1000) * NS_PER_SECOND})

static const char shipped[] = "model: redis\n"
			      "match: [{image: redis}]\n"
			      "provides:\n"
			      "  - {name: from-odd, app: redis, "
			      "port: tcp/6379, from: []}\n"
			      "needs: []\n";

static const char own[] =
    "model: web\n"
    "match: [{application: web}]\n"
    "provides:\n"
    "  - {name: http, app: http, port: tcp/80, from: {application: none}}\n"
    "  - {name: from-tool, port: tcp/9, from: []}\n"
    "---\n"
    "model: tool\n"
    "match: [{application: tool}]\n"
    "needs:\n"
    "  - {name: dns, app: dns, port: udp/53}\n"
    "---\n"
    "model: child\n"
    "match: [{application: child}]\n"
    "extends: web\n"
    "---\n"
    "segment: guarded\n"
    "match: [{namespace: stage}]\n"
    "isolate:\n"
    "  - to: {external: {}}\n"
    "  - from: {namespace: shop}\n";

struct end {
	const char *namespace, *application, *image, *address;
};

static const struct end ends[] = {
    {"shop", "web", "web:1", "10.0.0.1"},
    {"stage", "web", "web:1", "10.0.0.2"},
    {"shop", "tool", "tool:1", "10.0.0.3"},
    {"shop", "db", "redis:7", "10.0.0.4"},
    {"shop", "plain", "plain:1", "10.0.0.5"},
    {"shop", "child", "child:1", "10.0.0.6"},
    {"shop", "o*d", "odd:1", "10.0.0.7"},
};

struct world {
	char own_path[64], shipped_path[64];
	struct arena *arena;
	struct inventory *inventory;
	struct library *library;
	struct policy *policy;
};

static void
write_file(char path[64], const char *text)
{
	int descriptor;

	(void)snprintf(path, 64, "/tmp/hedgerow-edit-XXXXXX");
	descriptor = mkstemp(path);
	assert_true(descriptor >= 0);
	assert_int_equal(
	    write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	close(descriptor);
}

static void
put_end(
    struct world *world, struct inventory_draft *draft, const struct end *end)
{
	struct container container = {
	    .name = "main", .image = image_split(world->arena, end->image)};
	struct address address;
	struct workload_fact fact = {
	    .workload =
		{
		    .id = end->address,
		    .cluster = "",
		    .orchestrator = "test",
		    .namespace = end->namespace,
		    .name = end->application,
		    .node = "",
		    .containers = &container,
		    .container_count = 1,
		    .addresses = &address,
		    .address_count = 1,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	    .annotation = end->application,
	};

	assert_true(address_parse(end->address, &address));
	assert_true(state_workload(draft, &fact));
}

static struct library *
load(const struct world *world, const struct model_edit *edits, size_t count)
{
	struct library_source sources[] = {
	    {world->shipped_path, LAYER_LIBRARY},
	    {world->own_path, LAYER_OPERATOR},
	};
	struct report *report = report_new();
	struct library *library =
	    library_load_edited(sources, 2, edits, count, report);

	report_print(report, stderr);
	report_free(report);
	return library;
}

static int
make_world(void **state)
{
	static struct world world;
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();

	world.arena = arena_new();
	write_file(world.own_path, own);
	write_file(world.shipped_path, shipped);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		put_end(&world, draft, &ends[i]);
	world.inventory = inventory_publish(draft, report);
	world.library = load(&world, NULL, 0);
	assert_non_null(world.library);
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

	unlink(world->own_path);
	unlink(world->shipped_path);
	policy_free(world->policy);
	library_free(world->library);
	inventory_free(world->inventory);
	arena_free(world->arena);
	return 0;
}

/* --- cases ---------------------------------------------------------------- */

struct expectation {
	const char *why;
	const char *client, *server;
	uint16_t port;
	enum application application;
	const char *edits;  /* `KIND NAME KEY: YAML` lines */
	const char *opened; /* `client -> server` lines, its own pair too */
};

static const struct expectation expectations[] = {
    {"the server's model, for both it is for", "10.0.0.5", "10.0.0.1", 80,
	APPLICATION_HTTP,
	"0 web provides: - {name: from-plain, app: http, port: tcp/80, "
	"from: {application: plain, same: namespace}}\n",
	"shop/plain -> shop/child\nshop/plain -> shop/web\n"},
    {"the client's needs", "10.0.0.3", "10.0.0.5", 443, APPLICATION_TLS,
	"0 tool needs: - {name: to-plain, app: tls, port: tcp/443, "
	"to: {application: plain, same: namespace}}\n",
	"shop/tool -> shop/plain\n"},
    {"both sides, with a name that is free", "10.0.0.3", "10.0.0.1", 9,
	APPLICATION_UNKNOWN,
	"0 web provides: - {name: from-tool-2, port: tcp/9, "
	"from: {application: tool, same: namespace}}\n"
	"0 tool needs: - {name: to-web, port: tcp/9, "
	"to: {application: web, same: namespace}}\n",
	"shop/tool -> shop/web\n"},
    {"a hidden application is the one that is expected there", "10.0.0.5",
	"10.0.0.4", 6379, APPLICATION_UNKNOWN,
	"1 redis provides: model: db-also\n"
	"match: [{application: db, namespace: shop}]\n"
	"adds: true\n"
	"provides:\n"
	"  - {name: from-plain, app: redis, port: tcp/6379, "
	"from: {application: plain, same: namespace}}\n",
	"shop/plain -> shop/db\n"},
    {"an outside address", "10.0.0.3", "192.0.2.7", 443, APPLICATION_TLS,
	"0 tool needs: - {name: to-outside, app: tls, port: tcp/443, "
	"to: {external: {cidr: [\"192.0.2.7\"]}}}\n",
	"shop/tool -> 192.0.2.7\n"},
    {"a boundary alone", "10.0.0.2", "192.0.2.7", 443, APPLICATION_TLS,
	"2 guarded except: - {to: {external: {cidr: [\"192.0.2.7\"]}}}\n",
	"stage/web -> 192.0.2.7\n"},
    {"a boundary and the model behind it", "10.0.0.5", "10.0.0.2", 80,
	APPLICATION_HTTP,
	"2 guarded except: - {from: {application: plain, namespace: shop}}\n"
	"0 web provides: - {name: from-plain, app: http, port: tcp/80, "
	"from: {application: plain, namespace: shop}}\n",
	"shop/plain -> shop/child\nshop/plain -> shop/web\n"
	"shop/plain -> stage/web\n"},
    {"a name with a pattern's letters", "10.0.0.7", "10.0.0.1", 80,
	APPLICATION_HTTP,
	"0 web provides: - {name: from-o-d, app: http, port: tcp/80, "
	"from: {application: \"o\\\\*d\", same: namespace}}\n",
	"shop/o*d -> shop/child\nshop/o*d -> shop/web\n"},
};

/* What is under way in one case. */
struct trial {
	const struct world *world;
	const struct expectation *expected;
	struct model_edit edits[4];
	size_t count;
	struct library *library;
	struct policy *policy;
	struct question question;
	struct port_range range;
	struct ports ports;
	const enum application *applications;
	size_t application_count;
};

static struct party
who(const struct world *world, const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return inventory_who(world->inventory, INVENTORY_ANY, &address, START);
}

static void
reload(struct trial *trial)
{
	policy_free(trial->policy);
	library_free(trial->library);
	trial->library = load(trial->world, trial->edits, trial->count);
	assert_non_null(trial->library);
	trial->policy = policy_new(trial->library, trial->world->inventory);
}

static void
edit_until_allowed(struct trial *trial)
{
	struct verdict verdict;

	for (reload(trial);; reload(trial)) {
		struct edit_wish wish = {
		    .verdict = &verdict,
		    .client = &trial->question.client.address,
		    .server = &trial->question.server.address,
		    .ports = &trial->ports,
		};

		verdict = judge(trial->policy, &trial->question);
		if (verdict.kind != VERDICT_DEVIATION)
			return;
		if (verdict.boundary == NULL && trial->applications == NULL)
			trial->applications = model_edit_applications(&verdict,
			    &trial->question.appid, &trial->ports,
			    trial->world->arena, &trial->application_count);
		wish.applications = trial->applications;
		wish.application_count = trial->application_count;
		assert_true(trial->count < 4);
		trial->edits[trial->count++] = model_edit_suggest(
		    trial->world->arena, trial->library, &wish);
	}
}

static void
check_edits(const struct trial *trial)
{
	struct text text;

	text_init(&text, 65536);
	for (size_t i = 0; i < trial->count; i++)
		text_format(&text, "%d %s %s: %s\n", trial->edits[i].kind,
		    trial->edits[i].name, model_edit_key(&trial->edits[i]),
		    trial->edits[i].yaml);
	assert_string_equal(text.at, trial->expected->edits);
	text_release(&text);
}

static void
check_openings(const struct trial *trial)
{
	const struct world *world = trial->world;
	struct policy_side before = {world->policy, world->library};
	struct policy_side after = {trial->policy, trial->library};
	struct address outside;
	struct policy_probe probe = {
	    .ports = &trial->ports,
	    .applications = trial->applications,
	    .application_count = trial->application_count,
	    .outside = {NULL, &outside},
	};
	struct openings openings;
	struct text text;

	assert_true(address_parse("192.0.2.7", &outside));
	openings = policy_openings(
	    world->arena, world->inventory, &before, &after, &probe);
	text_init(&text, 65536);
	for (size_t i = 0; i < openings.count; i++)
		text_format(&text, "%s -> %s\n", openings.at[i].client,
		    openings.at[i].server);
	assert_string_equal(text.at, trial->expected->opened);
	text_release(&text);
}

static void
edits_allow_what_they_are_for(void **state)
{
	const struct world *world = *state;

	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]);
	     i++) {
		const struct expectation *one = &expectations[i];
		struct trial trial = {
		    .world = world,
		    .expected = one,
		    .range = {PROTOCOL_TCP, one->port, one->port, NULL},
		    .question =
			{
			    .client = who(world, one->client),
			    .server = who(world, one->server),
			    .protocol = PROTOCOL_TCP,
			    .port = one->port,
			    .appid = {one->application, APPLICATION_UNKNOWN,
				one->application == APPLICATION_UNKNOWN
				    ? APP_NONE
				    : APP_DPI},
			    .start = START,
			},
		};

		trial.ports = (struct ports){.at = &trial.range, .count = 1};
		edit_until_allowed(&trial);
		check_edits(&trial);
		check_openings(&trial);
		policy_free(trial.policy);
		library_free(trial.library);
	}
}

/* An edit of what is not there is a mistake, not a crash. */
static void
edit_of_nothing(void **state)
{
	const struct world *world = *state;
	struct model_edit edits[] = {
	    {EDIT_ENTRY, {world->own_path, 77, 1}, "web", true, "- {name: x}"},
	    {EDIT_ENTRY, {world->own_path, 1, 1}, "web", true, "- {nome: x}"},
	    {EDIT_EXCEPTION, {world->own_path, 1, 1}, "guarded", true,
		"- {from: {any: true}}"},
	    {EDIT_MODEL, {world->own_path, 1, 1}, "web", true, "model: ["},
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
		assert_null(load(world, &edits[i], 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edits_allow_what_they_are_for),
	    cmocka_unit_test(edit_of_nothing),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
