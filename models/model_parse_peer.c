#include <ctype.h>
#include <string.h>

#include "models/model_parse.h"
#include "sensor/base/arena.h"

/* Notes that the document counts on each of these names to exist. */
static void
refer(struct parse *parse, enum reference_kind kind,
    const struct yaml_node *node, const struct words *words)
{
	/* After a faulty word places and words are no longer in step; the
	 * library will not load then anyway. */
	if (words->count != list_count(node))
		return;
	for (size_t i = 0; i < words->count; i++) {
		struct reference *reference =
		    arena_take(parse->arena, sizeof(*reference));

		*reference = (struct reference){
		    kind, words->at[i], parse_place(parse, list_at(node, i))};
		pile_add(&parse->references, reference);
	}
}

/* The words under a key, none when it is not there. */
static struct words
words_under(
    struct parse *parse, const struct yaml_node *mapping, const char *key)
{
	const struct yaml_node *node = yaml_get(mapping, key);

	if (node == NULL)
		return (struct words){0};
	return parse_words(parse, node, key);
}

static struct words
names_under(struct parse *parse, const struct yaml_node *mapping,
    const char *key, enum reference_kind kind)
{
	struct words words = words_under(parse, mapping, key);

	if (yaml_get(mapping, key) != NULL)
		refer(parse, kind, yaml_get(mapping, key), &words);
	return words;
}

/* --- labels --------------------------------------------------------------- */

/* A label may be empty in Kubernetes, so "" is a value like any other. */
static struct words
label_values(struct parse *parse, const struct yaml_node *node)
{
	const char **at =
	    arena_array(parse->arena, list_count(node), sizeof(*at));
	size_t count = 0;

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'labels': an empty list of values fits no label");
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);

		if (item->kind == YAML_SCALAR && !item->plain &&
		    item->scalar[0] == '\0')
			at[count] = "";
		else
			at[count] =
			    parse_text(parse, item, "labels", WORD_MAXIMUM);
		if (at[count] != NULL)
			count++;
	}
	return (struct words){at, count};
}

static bool
parse_label(struct parse *parse, const struct yaml_node *key,
    const struct yaml_node *value, struct label_test *out)
{
	const char *name = parse_text(parse, key, "labels", KEY_MAXIMUM);

	if (name == NULL)
		return false;
	if (name[0] == '!') {
		*out =
		    (struct label_test){.key = name + 1, .test = LABEL_ABSENT};
		if (name[1] != '\0')
			return true;
		report_error(parse->report, parse_place(parse, key),
		    "'!' needs a label after it, e.g. '\"!env\": true'");
		return false;
	}
	*out = (struct label_test){.key = name, .test = LABEL_ONE_OF};
	out->values = label_values(parse, value);
	if (out->values.count == 1 && strcmp(out->values.at[0], "*") == 0)
		*out = (struct label_test){.key = name, .test = LABEL_PRESENT};
	return true;
}

static struct label_tests
labels_under(struct parse *parse, const struct yaml_node *mapping)
{
	const struct yaml_node *node = yaml_get(mapping, "labels");
	struct label_test *at;
	size_t count = 0;

	if (node == NULL)
		return (struct label_tests){0};
	if (node->kind != YAML_MAPPING || node->count == 0) {
		report_error(parse->report, parse_place(parse, node),
		    "'labels' takes labels and values, e.g. {env: production}");
		return (struct label_tests){0};
	}
	at = arena_array(parse->arena, node->count, sizeof(*at));
	for (size_t i = 0; i < node->count; i++)
		if (parse_label(
			parse, node->keys[i], node->values[i], &at[count]))
			count++;
	return (struct label_tests){at, count};
}

/* --- match ---------------------------------------------------------------- */

/* A model is chosen by repository: tags and digests change at each release */
static void
check_images(struct parse *parse, const struct yaml_node *node)
{
	for (size_t i = 0; node != NULL && i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		size_t length;

		if (item->kind != YAML_SCALAR)
			continue;
		length = strcspn(item->scalar, ":@");
		if (item->scalar[length] != '\0')
			report_error(parse->report, parse_place(parse, item),
			    "'image' has no registry port, tag or digest; "
			    "write '%.*s'",
			    (int)(length < 80 ? length : 80), item->scalar);
	}
}

static void
parse_selector(struct parse *parse, const struct yaml_node *node, bool serves,
    struct selector *out)
{
	static const char *const known[] = {"image", "labels", "namespace",
	    "application", "kind", "orchestrator", "cluster", "zone", "serves",
	    NULL};
	const struct yaml_node *served = yaml_get(node, "serves");

	out->place = parse_place(parse, node);
	if (!parse_keys(parse, node, "'match'", known))
		return;
	if (node->count == 0)
		report_error(parse->report, out->place,
		    "an empty 'match' would choose everything; if that is "
		    "meant, write {namespace: \"*\"}");
	out->images = words_under(parse, node, "image");
	check_images(parse, yaml_get(node, "image"));
	out->namespaces = words_under(parse, node, "namespace");
	out->applications = words_under(parse, node, "application");
	out->kinds = words_under(parse, node, "kind");
	out->orchestrators = words_under(parse, node, "orchestrator");
	out->clusters = words_under(parse, node, "cluster");
	out->zones = names_under(parse, node, "zone", REFERENCE_ZONE);
	out->labels = labels_under(parse, node);
	if (served != NULL && serves)
		out->serves = parse_application(parse, served, "serves");
	else if (served != NULL)
		report_error(parse->report, parse_place(parse, served),
		    "'serves' chooses a model; a segment is matched by names "
		    "and labels");
}

const struct selector *
parse_selectors(struct parse *parse, const struct yaml_node *node, bool serves,
    size_t *count)
{
	struct selector *at =
	    arena_array(parse->arena, list_count(node), sizeof(*at));

	*count = list_count(node);
	if (*count == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'match' is an empty list, so nothing could ever match");
	for (size_t i = 0; i < *count; i++)
		parse_selector(parse, list_at(node, i), serves, &at[i]);
	return at;
}

/* --- external ------------------------------------------------------------- */

#define HOST_PATTERN                                                           \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*?"

/* Patterns of hosts' names: what no name can have would never fit. */
static struct words
hosts_under(
    struct parse *parse, const struct yaml_node *mapping, const char *key)
{
	const struct yaml_node *node = yaml_get(mapping, key);
	struct words words = words_under(parse, mapping, key);

	for (size_t i = 0; node != NULL && i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		size_t length;

		if (item->kind != YAML_SCALAR || item->scalar[0] == '\0')
			continue;
		length = strlen(item->scalar);
		if (strspn(item->scalar, HOST_PATTERN) == length &&
		    item->scalar[length - 1] != '.')
			continue;
		report_error(parse->report, parse_place(parse, item),
		    "'%s' takes names of hosts as \"*.example.com\", without "
		    "scheme, port, path or final dot",
		    key);
	}
	return words;
}

/* ISO 3166-1 alpha-2, in form only: which codes exist changes. */
static void
check_countries(struct parse *parse, const struct yaml_node *node)
{
	for (size_t i = 0; node != NULL && i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);

		if (item->kind != YAML_SCALAR || item->scalar[0] == '\0' ||
		    (strlen(item->scalar) == 2 &&
			isupper((unsigned char)item->scalar[0]) &&
			isupper((unsigned char)item->scalar[1])))
			continue;
		report_error(parse->report, parse_place(parse, item),
		    "country '%.80s' is not a code of two capital letters, "
		    "e.g. US",
		    item->scalar);
	}
}

static void
parse_asns(
    struct parse *parse, const struct yaml_node *node, struct external *out)
{
	uint32_t *asns =
	    arena_array(parse->arena, list_count(node), sizeof(*asns));

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'asn' is an empty list; leave the key out or name one");
	for (size_t i = 0; i < list_count(node); i++)
		if (parse_number(parse, list_at(node, i), "asn", UINT32_MAX,
			&asns[out->asn_count]))
			out->asn_count++;
	out->asns = asns;
}

static const struct external *
parse_external(struct parse *parse, const struct yaml_node *node)
{
	static const char *const known[] = {
	    "cidr", "dns", "sni", "country", "asn", NULL};
	struct external *out = arena_take(parse->arena, sizeof(*out));
	const struct yaml_node *cidr = yaml_get(node, "cidr");
	const struct yaml_node *asn = yaml_get(node, "asn");

	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, parse_place(parse, node),
		    "'external' is {} for any outside address, or e.g. "
		    "{cidr: [192.0.2.0/24]}");
		return out;
	}
	(void)parse_keys(parse, node, "'external'", known);
	if (cidr != NULL)
		out->prefixes = parse_prefixes(parse, cidr, &out->prefix_count);
	out->dns = hosts_under(parse, node, "dns");
	out->sni = hosts_under(parse, node, "sni");
	out->countries = words_under(parse, node, "country");
	check_countries(parse, yaml_get(node, "country"));
	if (asn != NULL)
		parse_asns(parse, asn, out);
	return out;
}

/* --- peers ---------------------------------------------------------------- */

static bool
parse_same(struct parse *parse, const struct yaml_node *node, struct same *out)
{
	static const char *const known[] = {
	    "application", "namespace", "segment", "node", "label:KEY", NULL};
	const char *word =
	    parse_text(parse, node, "same", KEY_MAXIMUM + strlen("label:"));

	if (word == NULL)
		return false;
	for (int i = SAME_APPLICATION; i < SAME_LABEL; i++) {
		out->kind = (enum same_kind)i;
		if (strcmp(word, same_kind_name(out->kind)) == 0)
			return true;
	}
	if (strncmp(word, "label:", strlen("label:")) == 0 &&
	    word[strlen("label:")] != '\0') {
		*out = (struct same){SAME_LABEL, word + strlen("label:")};
		return true;
	}
	if (strcmp(word, "label") == 0 || strcmp(word, "label:") == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'same: label' names no label; write e.g. 'label:env'");
	else
		parse_unknown(parse, parse_place(parse, node),
		    "word under 'same'", word, known);
	return false;
}

static void
parse_sames(struct parse *parse, const struct yaml_node *node, struct peer *out)
{
	struct same *at =
	    arena_array(parse->arena, list_count(node), sizeof(*at));

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'same' is an empty list; leave the key out or name one");
	for (size_t i = 0; i < list_count(node); i++)
		if (parse_same(parse, list_at(node, i), &at[out->same_count]))
			out->same_count++;
	out->sames = at;
}

/* A key that says something only when it is true. */
static bool
true_under(
    struct parse *parse, const struct yaml_node *mapping, const char *key)
{
	const struct yaml_node *node = yaml_get(mapping, key);

	if (node == NULL)
		return false;
	if (node->kind == YAML_SCALAR && strcmp(node->scalar, "true") == 0)
		return true;
	report_error(parse->report, parse_place(parse, node),
	    "'%s' can only be true; leave the key out otherwise", key);
	return false;
}

static void
parse_peer(struct parse *parse, const struct yaml_node *node, struct peer *out)
{
	static const char *const known[] = {"application", "model", "role",
	    "namespace", "labels", "segment", "same", "node", "zone",
	    "external", "any", NULL};
	const struct yaml_node *same = yaml_get(node, "same");
	const struct yaml_node *external = yaml_get(node, "external");

	out->place = parse_place(parse, node);
	if (!parse_keys(parse, node, "a peer", known))
		return;
	if (node->count == 0)
		report_error(parse->report, out->place,
		    "an empty peer; write {any: true} for anybody");
	out->any = true_under(parse, node, "any");
	out->node = true_under(parse, node, "node");
	out->applications = words_under(parse, node, "application");
	out->models = names_under(parse, node, "model", REFERENCE_MODEL);
	out->roles = names_under(parse, node, "role", REFERENCE_ROLE);
	out->namespaces = words_under(parse, node, "namespace");
	out->segments = names_under(parse, node, "segment", REFERENCE_SEGMENT);
	out->zones = names_under(parse, node, "zone", REFERENCE_ZONE);
	out->labels = labels_under(parse, node);
	if (same != NULL)
		parse_sames(parse, same, out);
	if (external != NULL)
		out->external = parse_external(parse, external);
}

struct peers
parse_peers(struct parse *parse, const struct yaml_node *node, const char *what)
{
	struct peers peers = {.given = true};
	struct peer *at;

	if (node->kind == YAML_SCALAR) {
		report_error(parse->report, parse_place(parse, node),
		    "'%s' takes peers, e.g. {role: database}, or [] for nobody",
		    what);
		return peers;
	}
	peers.count = list_count(node);
	at = arena_array(parse->arena, peers.count, sizeof(*at));
	for (size_t i = 0; i < peers.count; i++)
		parse_peer(parse, list_at(node, i), &at[i]);
	peers.at = at;
	return peers;
}
