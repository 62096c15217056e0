#include "models/model_parse.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

void
pile_add(struct pile *pile, void *item)
{
	if (pile->count == pile->capacity) {
		pile->capacity = pile->capacity == 0 ? 64 : pile->capacity * 2;
		pile->at =
		    reallocate(pile->at, pile->capacity, sizeof(*pile->at));
	}
	pile->at[pile->count++] = item;
}

void
pile_release(struct pile *pile)
{
	free(pile->at);
	*pile = (struct pile){0};
}

/* --- entries -------------------------------------------------------------- */

static void
parse_applications(
    struct parse *parse, const struct yaml_node *node, struct entry *entry)
{
	enum application *at =
	    arena_array(parse->arena, list_count(node), sizeof(*at));

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'app' is an empty list; leave the key out for any");
	for (size_t i = 0; i < list_count(node); i++) {
		enum application one =
		    parse_application(parse, list_at(node, i), "app");

		if (one != APPLICATION_UNKNOWN)
			at[entry->application_count++] = one;
	}
	entry->applications = at;
}

static void
parse_messages(
    struct parse *parse, const struct yaml_node *node, struct entry *entry)
{
	static const char *const known[] = {"http", "tls", "dns", "sql",
	    "redis", "mongodb", "ssh", "icmp", NULL};

	entry->has_messages = true;
	if (parse_keys(parse, node, "'messages'", known))
		report_warning(parse->report, parse_place(parse, node),
		    "'messages' is not judged yet: any message fits");
}

/* `from:` under `needs:` is the commonest slip of all. */
static bool
check_direction(
    struct parse *parse, const struct yaml_node *node, bool provides)
{
	const char *wrong = provides ? "to" : "from";

	for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++) {
		if (strcmp(node->keys[i]->scalar, wrong) != 0)
			continue;
		report_error(parse->report, parse_place(parse, node->keys[i]),
		    "'%s' does not belong under '%s'; here it is '%s'", wrong,
		    provides ? "provides" : "needs", provides ? "from" : "to");
		return false;
	}
	return true;
}

static void
parse_use(struct parse *parse, const struct yaml_node *node, bool in_fragment,
    struct item *out)
{
	static const char *const known[] = {"use", NULL};

	(void)parse_keys(parse, node, "'use'", known);
	if (in_fragment)
		report_error(parse->report, out->place,
		    "a fragment cannot use another; write the entries here or "
		    "use both where they are needed");
	else
		out->use = parse_name(parse, yaml_get(node, "use"), "use");
}

static void
parse_entry(struct parse *parse, const struct yaml_node *node, bool provides,
    struct entry *out)
{
	static const char *const inward[] = {
	    "name", "app", "port", "from", "messages", "judged", "use", NULL};
	static const char *const outward[] = {
	    "name", "app", "port", "to", "messages", "judged", "use", NULL};
	const char *peers_key = provides ? "from" : "to";
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *app = yaml_get(node, "app");
	const struct yaml_node *port = yaml_get(node, "port");
	const struct yaml_node *peers = yaml_get(node, peers_key);
	const struct yaml_node *messages = yaml_get(node, "messages");
	const struct yaml_node *judged = yaml_get(node, "judged");

	out->place = parse_place(parse, node);
	if (!check_direction(parse, node, provides))
		return;
	if (!parse_keys(parse, node, "an entry", provides ? inward : outward))
		return;
	if (node->count == 0)
		report_error(parse->report, out->place,
		    "an empty entry would allow everything; if that is meant, "
		    "write {%s: {any: true}}",
		    peers_key);
	if (name != NULL)
		out->name = parse_name(parse, name, "name");
	if (app != NULL)
		parse_applications(parse, app, out);
	if (port != NULL)
		out->ports = parse_ports(parse, port);
	if (out->ports.declared && !provides)
		report_error(parse->report, parse_place(parse, port),
		    "'declared' is about one's own ports, so it belongs under "
		    "'provides'; here write numbers or a port's name");
	if (peers != NULL)
		out->peers = parse_peers(parse, peers, peers_key);
	if (messages != NULL)
		parse_messages(parse, messages, out);
	if (judged != NULL)
		out->unjudged = !parse_truth(parse, judged, "judged");
}

struct side
parse_entries(struct parse *parse, const struct yaml_node *node,
    const char *key, bool in_fragment)
{
	bool provides = strcmp(key, "provides") == 0;
	struct side side = {.given = true};

	if (node->kind == YAML_SCALAR) {
		report_error(parse->report, parse_place(parse, node),
		    "'%s' takes entries; write [] for none, or leave the key "
		    "out to have no opinion",
		    key);
		return side;
	}
	if (list_count(node) > ENTRIES_MAXIMUM) {
		report_error(parse->report, parse_place(parse, node),
		    "'%s' has more than %zu entries", key, ENTRIES_MAXIMUM);
		return side;
	}
	side.count = list_count(node);
	side.at = arena_array(parse->arena, side.count, sizeof(*side.at));
	for (size_t i = 0; i < side.count; i++) {
		const struct yaml_node *item = list_at(node, i);

		side.at[i].place = parse_place(parse, item);
		if (yaml_get(item, "use") != NULL)
			parse_use(parse, item, in_fragment, &side.at[i]);
		else
			parse_entry(parse, item, provides, &side.at[i].entry);
	}
	return side;
}

static struct side
parse_side(struct parse *parse, const struct yaml_node *mapping,
    const char *key, bool in_fragment)
{
	const struct yaml_node *node = yaml_get(mapping, key);

	if (node == NULL)
		return (struct side){0};
	return parse_entries(parse, node, key, in_fragment);
}

/* --- models --------------------------------------------------------------- */

static void
parse_tags(
    struct parse *parse, const struct yaml_node *node, struct model *model)
{
	struct tag *at;

	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, parse_place(parse, node),
		    "'tags' takes keys and values, e.g. {data: customer}");
		return;
	}
	at = arena_array(parse->arena, node->count, sizeof(*at));
	for (size_t i = 0; i < node->count; i++) {
		struct tag tag = {.key = parse_text(parse, node->keys[i],
				      "tags", KEY_MAXIMUM),
		    .value = parse_text(
			parse, node->values[i], "tags", WORD_MAXIMUM)};

		if (tag.key != NULL && tag.value != NULL)
			at[model->tag_count++] = tag;
	}
	model->tags = at;
}

/* Line breaks are welcome here, and nowhere else. */
static const char *
parse_description(struct parse *parse, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR &&
	    strlen(node->scalar) <= DESCRIPTION_MAXIMUM)
		return arena_text(parse->arena, node->scalar);
	report_error(parse->report, parse_place(parse, node),
	    "'describes' takes a text of at most %zu octets",
	    DESCRIPTION_MAXIMUM);
	return NULL;
}

static void
parse_origin(
    struct parse *parse, const struct yaml_node *node, struct model *model)
{
	static const char *const known[] = {"learned", "general", NULL};
	const char *word = parse_text(parse, node, "origin", WORD_MAXIMUM);

	if (word == NULL)
		return;
	if (strcmp(word, "learned") == 0)
		model->layer = LAYER_LEARNED;
	else if (strcmp(word, "general") == 0)
		model->layer = LAYER_GENERAL;
	else
		parse_unknown(
		    parse, parse_place(parse, node), "origin", word, known);
}

/* The keys that have one word each. */
static void
parse_words_of_model(struct parse *parse, const struct yaml_node *node,
    struct model_draft *draft)
{
	struct model *model = draft->model;
	const struct yaml_node *version = yaml_get(node, "version");
	const struct yaml_node *describes = yaml_get(node, "describes");
	const struct yaml_node *role = yaml_get(node, "role");
	const struct yaml_node *severity = yaml_get(node, "severity");
	const struct yaml_node *origin = yaml_get(node, "origin");
	const struct yaml_node *adds = yaml_get(node, "adds");

	model->version = 1;
	if (version != NULL)
		(void)parse_number(
		    parse, version, "version", UINT32_MAX, &model->version);
	if (describes != NULL)
		model->describes = parse_description(parse, describes);
	if (role != NULL)
		model->role = parse_name(parse, role, "role");
	model->severity = SEVERITY_MEDIUM;
	draft->gives_severity = severity != NULL;
	if (severity != NULL)
		model->severity = parse_severity(parse, severity);
	if (origin != NULL)
		parse_origin(parse, origin, model);
	if (adds != NULL)
		model->adds = parse_truth(parse, adds, "adds");
}

void
parse_model(struct parse *parse, const struct yaml_node *node,
    const struct segment *segment)
{
	static const char *const known[] = {"model", "version", "describes",
	    "match", "role", "provides", "needs", "tags", "severity", "origin",
	    "adds", "extends", NULL};
	struct model_draft *draft = arena_take(parse->arena, sizeof(*draft));
	struct model *model = arena_take(parse->arena, sizeof(*model));
	const struct yaml_node *match = yaml_get(node, "match");
	const struct yaml_node *tags = yaml_get(node, "tags");
	const struct yaml_node *extends = yaml_get(node, "extends");

	if (!parse_has_room(parse, node))
		return;
	(void)parse_keys(parse, node, "a model", known);
	draft->model = model;
	model->place = parse_place(parse, node);
	model->layer = parse->layer;
	model->segment = segment;
	model->name = parse_name(parse, yaml_get(node, "model"), "model");
	parse_words_of_model(parse, node, draft);
	draft->gives_match = match != NULL;
	if (match != NULL)
		model->selectors =
		    parse_selectors(parse, match, true, &model->selector_count);
	draft->gives_tags = tags != NULL;
	if (tags != NULL)
		parse_tags(parse, tags, model);
	draft->provides = parse_side(parse, node, "provides", false);
	draft->needs = parse_side(parse, node, "needs", false);
	if (extends != NULL) {
		draft->extends = parse_name(parse, extends, "extends");
		draft->extends_place = parse_place(parse, extends);
	} else if (match == NULL) {
		report_error(parse->report, model->place,
		    "a model needs 'match', which says what it is for");
	}
	pile_add(&parse->models, draft);
}

static void
parse_fragment(struct parse *parse, const struct yaml_node *node)
{
	static const char *const known[] = {
	    "fragment", "describes", "provides", "needs", NULL};
	struct fragment_draft *draft = arena_take(parse->arena, sizeof(*draft));

	if (!parse_has_room(parse, node))
		return;
	(void)parse_keys(parse, node, "a fragment", known);
	draft->place = parse_place(parse, node);
	draft->layer = parse->layer;
	draft->name = parse_name(parse, yaml_get(node, "fragment"), "fragment");
	draft->provides = parse_side(parse, node, "provides", true);
	draft->needs = parse_side(parse, node, "needs", true);
	if (!draft->provides.given && !draft->needs.given)
		report_error(parse->report, draft->place,
		    "a fragment needs 'provides' or 'needs'");
	pile_add(&parse->fragments, draft);
}

/* --- documents ------------------------------------------------------------ */

bool
parse_has_room(struct parse *parse, const struct yaml_node *node)
{
	if (parse->documents++ == DOCUMENTS_MAXIMUM)
		report_error(parse->report, parse_place(parse, node),
		    "more than %zu models, fragments, segments and zones",
		    DOCUMENTS_MAXIMUM);
	return parse->documents <= DOCUMENTS_MAXIMUM;
}

static const char *const document_kinds[] = {
    "model", "fragment", "segment", "zone", "detectors", NULL};

static bool
parse_kind(struct parse *parse, const struct yaml_node *node, const char *kind)
{
	if (strcmp(kind, "model") == 0)
		parse_model(parse, node, NULL);
	else if (strcmp(kind, "fragment") == 0)
		parse_fragment(parse, node);
	else if (strcmp(kind, "segment") == 0)
		parse_segment(parse, node);
	else if (strcmp(kind, "zone") == 0)
		parse_zone(parse, node);
	else if (strcmp(kind, "detectors") == 0)
		parse_detectors(parse, node);
	else
		return false;
	return true;
}

/* The first key says what it is; a later one is taken when only that does. */
void
parse_document(struct parse *parse, const struct yaml_node *node)
{
	if (node->kind != YAML_MAPPING || node->count == 0) {
		report_error(parse->report, parse_place(parse, node),
		    "a document begins with 'model:', 'fragment:', 'segment:', "
		    "'zone:' or 'detectors:'");
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		if (parse_kind(parse, node, node->keys[i]->scalar))
			return;
	parse_unknown(parse, parse_place(parse, node->keys[0]),
	    "kind of document", node->keys[0]->scalar, document_kinds);
}
