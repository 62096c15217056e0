/*
 * flow_lines -- a small world and what is expected of flows in it, as text.
 *
 * One line a fact or an expectation; `#` begins a comment:
 *
 *   namespace shop env=prod
 *   node n1
 *   zone lan 10.99.0.0/24
 *   workload shop/db image postgres ports 5432/pg labels tier=back node n1
 *   allow shop/orders -> shop/db tcp/5432 postgresql
 *   deny shop/db -> external 203.0.113.9 tcp/80 http external
 *   allow shop/db -> external 203.0.113.9 as example.com tcp/443 tls
 *   unmodelled shop/orders -> shop/basket tcp/8080 http
 *
 * A workload's keys: image, kind, node, labels, ports; several values are
 * joined by commas.  Its application is what stands after the slash.  An end
 * is `namespace/name`, `node NAME`, `external ADDRESS` or `zone ADDRESS`; a
 * server outside may be followed by `as NAME`, which TLS asked for.  The
 * application is what the payload shows, `-` when it shows nothing.  A denied
 * flow's last word is the deviation.
 *
 * Test code: whatever cannot be read ends the test with its place.
 */
#ifndef TESTS_FLOW_LINES_H
#define TESTS_FLOW_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/outside.h"
#include "facts.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define FLOW_LINES_WORDS 24
#define FLOW_LINES_ITEMS 16
#define FLOW_LINES_START ((struct instant){INT64_C(1000) * NS_PER_SECOND})

/* Where we read, for messages. */
struct flow_place {
	const char *file;
	unsigned line;
};

#define FLOW_FAIL(place, ...)                                                  \
	do {                                                                   \
		print_error("%s:%u: ", (place).file, (place).line);            \
		fail_msg(__VA_ARGS__);                                         \
	} while (0)

struct flow_world {
	struct arena *arena;
	struct inventory_draft *draft;
	struct map *addresses; /* text of each `namespace/name` and node */
	unsigned workloads, nodes;
	struct inventory *inventory;
	struct policy *policy;
};

/* One expectation that was asked. */
struct flow_line {
	struct flow_place place;
	enum verdict_kind expected;
	const char *deviation; /* of a denied one */
	struct question question;
	struct verdict verdict;
};

/* Called for every expectation after it was asked. */
typedef void flow_line_heard(const struct flow_line *line, void *context);

struct flow_words {
	struct flow_place place;
	const char *at[FLOW_LINES_WORDS];
	size_t count;
};

/* --- words ---------------------------------------------------------------- */

/* Cuts a line, which is changed, into words; a comment ends it. */
static inline struct flow_words
flow_words(struct flow_place place, char *line)
{
	struct flow_words words = {.place = place};
	char *rest = NULL;

	line[strcspn(line, "#")] = '\0';
	for (char *word = strtok_r(line, " \t", &rest); word != NULL;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (words.count == FLOW_LINES_WORDS)
			FLOW_FAIL(place, "too many words");
		words.at[words.count++] = word;
	}
	return words;
}

/* The values of `a,b,c`, in the arena. */
static inline size_t
flow_items(struct flow_world *world, struct flow_place place, const char *text,
    char *items[FLOW_LINES_ITEMS])
{
	char *rest = NULL;
	char *copy = arena_text(world->arena, text);
	size_t count = 0;

	for (char *item = strtok_r(copy, ",", &rest); item != NULL;
	     item = strtok_r(NULL, ",", &rest)) {
		if (count == FLOW_LINES_ITEMS)
			FLOW_FAIL(place, "too many items in '%s'", text);
		items[count++] = item;
	}
	return count;
}

/* --- facts ---------------------------------------------------------------- */

static inline int
flow_label_order(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return strcmp(left->key, right->key);
}

static inline struct labels
flow_labels(struct flow_world *world, struct flow_place place, const char *text)
{
	char *items[FLOW_LINES_ITEMS];
	size_t count = flow_items(world, place, text, items);
	struct label *labels =
	    arena_array(world->arena, count, sizeof(*labels));

	for (size_t i = 0; i < count; i++) {
		char *equals = strchr(items[i], '=');

		if (equals == NULL)
			FLOW_FAIL(place, "a label is key=value: %s", items[i]);
		*equals = '\0';
		labels[i] = (struct label){items[i], equals + 1};
	}
	qsort(labels, count, sizeof(*labels), flow_label_order);
	return (struct labels){labels, count};
}

static inline void
flow_read_namespace(struct flow_world *world, const struct flow_words *words)
{
	struct namespace namespace = {.name = words->at[1]};

	if (words->count > 2)
	namespace.labels = flow_labels(world, words->place, words->at[2]);
	state_namespace(world->draft, &namespace);
}

static inline void
flow_keep_address(struct flow_world *world, const struct flow_words *words,
    const char *name, const char *address)
{
	if (map_get_text(world->addresses, name) != NULL)
		FLOW_FAIL(words->place, "%s is there already", name);
	(void)map_put_text(world->addresses, arena_text(world->arena, name),
	    arena_text(world->arena, address));
}

static inline void
flow_read_node(struct flow_world *world, const struct flow_words *words)
{
	struct address address;
	struct prefix pods;
	char text[32];
	struct node_fact fact = {
	    .node = {.name = words->at[1]},
	    .addresses = &address,
	    .address_count = 1,
	    .pod_networks = &pods,
	    .pod_network_count = 1,
	};

	(void)snprintf(text, sizeof(text), "172.18.0.%u", ++world->nodes);
	assert_true(address_parse(text, &address));
	assert_null(prefix_parse("10.0.0.0/16", &pods));
	flow_keep_address(world, words, words->at[1], text);
	state_node(world->draft, &fact);
}

static inline void
flow_read_zone(struct flow_world *world, const struct flow_words *words)
{
	struct prefix prefix;
	struct zone zone = {
	    .name = words->at[1], .prefixes = &prefix, .prefix_count = 1};

	if (words->count != 3 || prefix_parse(words->at[2], &prefix) != NULL)
		FLOW_FAIL(words->place, "write: zone NAME NETWORK");
	state_zone(world->draft, &zone);
}

/* `80/http`, or `53/udp/dns`. */
static inline struct container_port
flow_container_port(struct flow_place place, const char *text)
{
	char *after = NULL;
	struct container_port port = {
	    .number = (uint16_t)strtoul(text, &after, 10),
	    .protocol = PROTOCOL_TCP,
	};

	if (*after != '/')
		FLOW_FAIL(place, "a port is NUMBER/NAME: %s", text);
	after++;
	if (strncmp(after, "udp/", 4) == 0) {
		port.protocol = PROTOCOL_UDP;
		after += 4;
	}
	port.name = after;
	return port;
}

/* Every image is a container; the first has all ports. */
static inline void
flow_containers(struct flow_world *world, const struct flow_words *words,
    const char *images, const char *ports, struct workload *workload)
{
	char *items[FLOW_LINES_ITEMS];
	size_t count = flow_items(world, words->place, images, items);
	struct container *containers =
	    arena_array(world->arena, count, sizeof(*containers));
	struct container_port *list;

	for (size_t i = 0; i < count; i++) {
		containers[i] = (struct container){.name = items[i]};
		containers[i].image = image_split(world->arena, items[i]);
	}
	workload->containers = containers;
	workload->container_count = count;
	if (ports == NULL || count == 0)
		return;
	count = flow_items(world, words->place, ports, items);
	list = arena_array(world->arena, count, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = flow_container_port(words->place, items[i]);
	containers[0].ports = list;
	containers[0].port_count = count;
}

/* The values of a workload's keys; what is not given stays as it is. */
struct flow_keys {
	const char *image, *kind, *node, *labels, *ports;
};

static inline struct flow_keys
flow_read_keys(const struct flow_words *words)
{
	struct flow_keys keys = {.image = "", .kind = "Deployment", .node = ""};

	for (size_t i = 2; i < words->count; i += 2) {
		const char *key = words->at[i], **value = NULL;

		if (strcmp(key, "image") == 0)
			value = &keys.image;
		else if (strcmp(key, "kind") == 0)
			value = &keys.kind;
		else if (strcmp(key, "node") == 0)
			value = &keys.node;
		else if (strcmp(key, "labels") == 0)
			value = &keys.labels;
		else if (strcmp(key, "ports") == 0)
			value = &keys.ports;
		if (value == NULL || i + 1 == words->count)
			FLOW_FAIL(words->place, "what is '%s'?", key);
		else
			*value = words->at[i + 1];
	}
	return keys;
}

static inline void
flow_read_workload(struct flow_world *world, const struct flow_words *words)
{
	char *namespace = arena_text(world->arena, words->at[1]);
	char *name = strchr(namespace, '/');
	struct flow_keys keys = flow_read_keys(words);
	unsigned number = ++world->workloads;
	struct address address;
	char text[32];
	struct workload_fact fact = {
	    .workload = {.cluster = "",
		.orchestrator = "kubernetes",
		.node = keys.node,
		.addresses = &address,
		.address_count = 1,
		.until = INSTANT_FUTURE},
	    .owner_kind = keys.kind,
	};

	if (name == NULL)
		FLOW_FAIL(words->place, "a workload is NAMESPACE/NAME");
	*name++ = '\0';
	(void)snprintf(
	    text, sizeof(text), "10.0.%u.%u", number / 200, number % 200 + 1);
	assert_true(address_parse(text, &address));
	fact.workload.id = arena_text(world->arena, text);
	fact.workload.namespace = namespace;
	fact.workload.name = fact.owner_name = fact.annotation = name;
	if (keys.labels != NULL)
		fact.workload.labels =
		    flow_labels(world, words->place, keys.labels);
	flow_containers(world, words, keys.image, keys.ports, &fact.workload);
	flow_keep_address(world, words, words->at[1], text);
	assert_true(state_workload(world->draft, &fact));
}

/* --- expectations --------------------------------------------------------- */

/* One end, from the word at `*i` on. */
static inline struct party
flow_end(struct flow_world *world, const struct flow_words *words, size_t *i)
{
	const char *word = *i < words->count ? words->at[(*i)++] : "";
	enum attribution expected = ATTRIBUTION_EXACT;
	const char *text;
	struct address address;
	struct party party;

	if (strcmp(word, "node") == 0)
		expected = ATTRIBUTION_NODE;
	else if (strcmp(word, "external") == 0)
		expected = ATTRIBUTION_EXTERNAL;
	else if (strcmp(word, "zone") == 0)
		expected = ATTRIBUTION_ZONE;
	if (expected != ATTRIBUTION_EXACT)
		word = *i < words->count ? words->at[(*i)++] : "";
	text = expected == ATTRIBUTION_EXTERNAL || expected == ATTRIBUTION_ZONE
		   ? word
		   : map_get_text(world->addresses, word);
	if (text == NULL || !address_parse(text, &address))
		FLOW_FAIL(words->place, "who is '%s'?", word);
	party = inventory_who(
	    world->inventory, INVENTORY_ANY, &address, FLOW_LINES_START);
	if (party.attribution != expected)
		FLOW_FAIL(words->place, "'%s' is %s", word,
		    attribution_name(party.attribution));
	return party;
}

static inline void
flow_port(
    const struct flow_words *words, const char *text, struct question *question)
{
	char *after;

	if (strcmp(text, "icmp") == 0) {
		question->protocol = PROTOCOL_ICMP;
		return;
	}
	if (strncmp(text, "tcp/", 4) == 0)
		question->protocol = PROTOCOL_TCP;
	else if (strncmp(text, "udp/", 4) == 0)
		question->protocol = PROTOCOL_UDP;
	else
		FLOW_FAIL(words->place, "what port is '%s'?", text);
	question->port = (uint16_t)strtoul(text + 4, &after, 10);
	if (*after != '\0' || question->port == 0)
		FLOW_FAIL(words->place, "what port is '%s'?", text);
}

static inline struct appid
flow_appid(const struct flow_words *words, const char *name)
{
	struct appid appid = {.confidence = APP_NONE};

	if (strcmp(name, "-") == 0)
		return appid;
	appid.application = application_find(name);
	appid.confidence = APP_DPI;
	if (appid.application == APPLICATION_UNKNOWN)
		FLOW_FAIL(words->place, "what application is '%s'?", name);
	return appid;
}

static inline void
flow_ask(struct flow_world *world, const struct flow_words *words,
    enum verdict_kind expected, flow_line_heard *heard, void *context)
{
	struct outside outside = {.server_name = NULL};
	struct flow_line line = {.place = words->place,
	    .expected = expected,
	    .question = {.start = FLOW_LINES_START}};
	size_t i = 1, wanted = expected == VERDICT_DEVIATION ? 3 : 2;

	line.question.client = flow_end(world, words, &i);
	if (i >= words->count || strcmp(words->at[i++], "->") != 0)
		FLOW_FAIL(words->place, "'->' stands between the two ends");
	line.question.server = flow_end(world, words, &i);
	if (i + 1 < words->count && strcmp(words->at[i], "as") == 0) {
		outside.server_name = words->at[i + 1];
		line.question.server_outside = &outside;
		i += 2;
	}
	if (words->count - i != wanted)
		FLOW_FAIL(words->place, "the ends are followed by port and "
					"application; a denied one by its "
					"deviation, too");
	flow_port(words, words->at[i], &line.question);
	line.question.appid = flow_appid(words, words->at[i + 1]);
	if (expected == VERDICT_DEVIATION)
		line.deviation = words->at[i + 2];
	line.verdict = judge(world->policy, &line.question);
	heard(&line, context);
}

/* --- files ---------------------------------------------------------------- */

/* Reads facts (`heard` NULL) or asks expectations (otherwise) of one line. */
static inline void
flow_read_line(struct flow_world *world, const struct flow_words *words,
    flow_line_heard *heard, void *context)
{
	static const struct {
		const char *word;
		void (*read)(struct flow_world *, const struct flow_words *);
	} facts[] = {
	    {"namespace", flow_read_namespace},
	    {"node", flow_read_node},
	    {"zone", flow_read_zone},
	    {"workload", flow_read_workload},
	};
	static const struct {
		const char *word;
		enum verdict_kind kind;
	} asks[] = {
	    {"allow", VERDICT_ALLOWED},
	    {"deny", VERDICT_DEVIATION},
	    {"unmodelled", VERDICT_UNMODELLED},
	};

	if (words->count == 0)
		return;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (strcmp(words->at[0], facts[i].word) == 0) {
			if (words->count < 2)
				FLOW_FAIL(words->place, "which one?");
			if (heard == NULL)
				facts[i].read(world, words);
			return;
		}
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (strcmp(words->at[0], asks[i].word) == 0) {
			if (heard != NULL)
				flow_ask(
				    world, words, asks[i].kind, heard, context);
			return;
		}
	FLOW_FAIL(words->place, "what is '%s'?", words->at[0]);
}

static inline void
flow_read_file(struct flow_world *world, const char *path,
    flow_line_heard *heard, void *context)
{
	struct flow_place place = {.file = path};
	char *octets, *line, *rest;
	size_t size;

	if (file_read(path, 1 << 20, &octets, &size) != 0)
		fail_msg("%s cannot be read", path);
	for (rest = octets; (line = strsep(&rest, "\n")) != NULL;) {
		struct flow_words words;

		place.line++;
		words = flow_words(place, arena_text(world->arena, line));
		flow_read_line(world, &words, heard, context);
	}
	free(octets);
}

/*
 * Builds the world of `base` and `path` and asks every expectation of `path`.
 */
static inline void
flow_lines_run(const struct library *library, const char *base,
    const char *path, flow_line_heard *heard, void *context)
{
	struct flow_world world = {
	    .arena = arena_new(),
	    .draft = inventory_draft_new(),
	    .addresses = map_new(64),
	};
	struct report *report = report_new();

	for (size_t i = 0; i < library_zone_count(library); i++)
		state_zone(world.draft, library_zone(library, i));
	flow_read_file(&world, base, NULL, NULL);
	flow_read_file(&world, path, NULL, NULL);
	world.inventory = inventory_publish(world.draft, report);
	report_print(report, stderr);
	assert_int_equal(report_warnings(report), 0);
	world.policy = policy_new(library, world.inventory);
	flow_read_file(&world, path, heard, context);
	policy_free(world.policy);
	inventory_free(world.inventory);
	report_free(report);
	map_free(world.addresses);
	inventory_draft_free(world.draft);
	arena_free(world.arena);
}

#endif
