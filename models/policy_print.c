#include "models/policy_print.h"

#include "models/library.h"
#include "models/model_print.h"
#include "models/policy.h"
#include "models/policy_walk.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_write.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

#define LINES_MAXIMUM ((size_t)1 << 24)
#define LINE_MAXIMUM  ((size_t)16 * 1024)

/* Everything under way while the policy is written. */
struct printing {
	struct policy *policy;
	struct arena *arena;
	struct map *lines; /* texts by themselves, each once */
	struct text line;
	bool json;
};

/* --- one statement -------------------------------------------------------- */

/*
 * What is not judged is mostly so for everybody: a line for each of them would
 * hide what is stated.
 */
static const char *
client_name(const struct statement *statement)
{
	/* Every node probes its own pods. */
	if (statement->origin != STATEMENT_MODEL)
		return "node/*";
	if (statement_is_unjudged(statement) && statement->needs == NULL)
		return "*";
	return statement->client->name;
}

static const char *
server_name(const struct statement *statement)
{
	return statement_is_unjudged(statement) && statement->provides == NULL
		   ? "*"
		   : statement->server->name;
}

static const char *
action_name(const struct statement *statement)
{
	return statement_is_unjudged(statement) ? "unjudged" : "allow";
}

static void
print_applications(struct text *out, const struct statement *statement)
{
	const struct entry *provides = statement->provides;
	const struct entry *needs = statement->needs;

	if (provides != NULL && provides->application_count > 0)
		applications_print(out, provides);
	else if (needs != NULL && needs->application_count > 0)
		applications_print(out, needs);
	else
		text_add(out, "any");
}

static void
print_ports(struct text *out, const struct statement *statement)
{
	struct ports ports = {
	    .at = statement->ports, .count = statement->port_count};

	if (ports.count == 0)
		text_add(out, "any");
	else
		ports_print(out, &ports);
}

void
statement_print(struct text *out, const struct statement *statement)
{
	text_format(
	    out, "%s -> %s  ", client_name(statement), server_name(statement));
	print_applications(out, statement);
	text_add(out, "  ");
	print_ports(out, statement);
}

static void
print_side(struct text *out, const struct model *model, const char *list,
    const struct entry *entry)
{
	text_format(out, "%s.%s.%s (%s:%u)", model->name, list, entry->name,
	    entry->place.file, entry->place.line);
}

static void
print_origin(struct text *out, const struct statement *statement)
{
	switch (statement->origin) {
	case STATEMENT_MODEL:
		if (statement->provides != NULL)
			print_side(out, statement->provider, "provides",
			    statement->provides);
		if (statement->provides != NULL && statement->needs != NULL)
			text_add(out, " + ");
		if (statement->needs != NULL)
			print_side(
			    out, statement->needer, "needs", statement->needs);
		break;
	case STATEMENT_PROBE:
		text_add(out, "probe port of the pod");
		break;
	case STATEMENT_PORT:
		text_add(out, "declared port of a pod without probes");
		break;
	}
}

/* --- lines ---------------------------------------------------------------- */

static void
keep_line(struct printing *printing)
{
	char *copy;

	if (map_get_text(printing->lines, printing->line.at) != NULL)
		return;
	copy = arena_text_n(
	    printing->arena, printing->line.at, printing->line.length);
	map_put_text(printing->lines, copy, copy);
}

static void
write_json(struct printing *printing, const struct statement *statement)
{
	struct json_writer json = json_to(&printing->line);
	struct text piece;

	text_init(&piece, LINE_MAXIMUM);
	json_object_open(&json, NULL);
	json_put_string(&json, "action", action_name(statement));
	json_put_string(&json, "client", client_name(statement));
	json_put_string(&json, "server", server_name(statement));
	print_applications(&piece, statement);
	json_put_string(&json, "application", piece.at);
	text_clear(&piece);
	print_ports(&piece, statement);
	json_put_string(&json, "port", piece.at);
	text_clear(&piece);
	print_origin(&piece, statement);
	json_put_string(&json, "because", piece.at);
	json_object_close(&json);
	text_release(&piece);
}

/*
 * What nobody wrote is nobody's to review: that a program may be called on what
 * it declares would be a line for each two programs of a namespace.
 */
static bool
is_general(const struct statement *statement)
{
	return statement->origin == STATEMENT_MODEL &&
	       statement->needs == NULL && statement->provider != NULL &&
	       statement->provider->layer == LAYER_GENERAL;
}

static void
add_statement(struct printing *printing, const struct statement *statement)
{
	if (is_general(statement))
		return;
	text_clear(&printing->line);
	if (printing->json) {
		write_json(printing, statement);
	} else {
		text_format(&printing->line, "%-5s  ", action_name(statement));
		statement_print(&printing->line, statement);
		text_add(&printing->line, "  # ");
		print_origin(&printing->line, statement);
	}
	keep_line(printing);
}

static void
add_boundary(struct printing *printing, const struct segment *segment,
    const struct boundary *boundary)
{
	struct text peers;

	text_init(&peers, LINE_MAXIMUM);
	peers_print(&peers, &boundary->peers);
	if (boundary->except.count > 0) {
		text_add(&peers, " except ");
		peers_print(&peers, &boundary->except);
	}
	text_clear(&printing->line);
	if (printing->json) {
		struct json_writer json = json_to(&printing->line);

		json_object_open(&json, NULL);
		json_put_string(&json, "action", "deny");
		json_put_string(&json, boundary->inward ? "server" : "client",
		    segment->name);
		json_put_string(
		    &json, boundary->inward ? "client" : "server", peers.at);
		json_object_close(&json);
	} else if (boundary->inward) {
		text_format(&printing->line,
		    "deny   %s -> segment/%s  any  any  # isolate (%s:%u)",
		    peers.at, segment->name, boundary->place.file,
		    boundary->place.line);
	} else {
		text_format(&printing->line,
		    "deny   segment/%s -> %s  any  any  # isolate (%s:%u)",
		    segment->name, peers.at, boundary->place.file,
		    boundary->place.line);
	}
	text_release(&peers);
	keep_line(printing);
}

/* --- everything ----------------------------------------------------------- */

static bool
is_stated(const struct pair *pair, const struct statement *statement)
{
	for (size_t i = 0; i < pair->count; i++)
		if (pair->statements[i].provides == statement->provides &&
		    pair->statements[i].needs == statement->needs)
			return true;
	return false;
}

/*
 * The same pair with the outside end that no model names, or NULL when there
 * is no other: what holds for every outside end is said once.
 */
static const struct pair *
pair_of_anybody(
    struct printing *printing, const struct pair *pair, bool same_node)
{
	struct address nobody = {{0}};
	const struct identity *anybody =
	    policy_external(printing->policy, &nobody, NULL, false);
	const struct identity *client = pair->client, *server = pair->server;

	if (client->kind == IDENTITY_EXTERNAL)
		client = anybody;
	if (server->kind == IDENTITY_EXTERNAL)
		server = anybody;
	if (client == pair->client && server == pair->server)
		return NULL;
	return policy_pair(printing->policy, client, server, same_node);
}

static void
add_pair(const struct pair *pair, bool same_node, void *context)
{
	struct printing *printing = context;
	const struct pair *any = pair_of_anybody(printing, pair, same_node);

	for (size_t i = 0; i < pair->count; i++)
		if (any == NULL || !is_stated(any, &pair->statements[i]))
			add_statement(printing, &pair->statements[i]);
}

static int
compare_lines(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static void
hand_out(struct printing *printing,
    void (*line)(const char *text, void *context), void *context)
{
	size_t count = map_count(printing->lines);
	const char **sorted =
	    arena_array(printing->arena, count, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = map_at(printing->lines, i);
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_lines);
	for (size_t i = 0; i < count; i++)
		line(sorted[i], context);
}

void
policy_print(struct policy *policy, const struct library *library,
    const struct inventory *inventory, struct instant at, bool json,
    void (*line)(const char *text, void *context), void *context)
{
	struct printing printing = {
	    .policy = policy,
	    .arena = arena_new(),
	    .lines = map_new(LINES_MAXIMUM),
	    .json = json,
	};
	struct identities ends =
	    policy_walk_ends(policy, library, inventory, at, printing.arena);

	text_init(&printing.line, LINE_MAXIMUM);
	policy_walk_pairs(policy, &ends, add_pair, &printing);
	for (size_t i = 0; i < library_segment_count(library); i++) {
		const struct segment *segment = library_segment(library, i);

		for (size_t b = 0; b < segment->boundary_count; b++)
			add_boundary(
			    &printing, segment, &segment->boundaries[b]);
	}
	hand_out(&printing, line, context);
	text_release(&printing.line);
	map_free(printing.lines);
	arena_free(printing.arena);
}
