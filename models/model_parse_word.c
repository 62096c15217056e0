#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "models/model_parse.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* Up to this many candidates are all named when none is near. */
#define CANDIDATES_SHOWN 12

struct place
parse_place(const struct parse *parse, const struct yaml_node *node)
{
	return (struct place){parse->file, node->line, node->column};
}

/* `a`, `b` or `c`; empty when there are too many to be of help. */
static void
candidates_add(struct text *out, const char *const *candidates)
{
	size_t count = 0;

	while (candidates[count] != NULL)
		count++;
	if (count == 0 || count > CANDIDATES_SHOWN)
		return;
	text_add(out, "; known: ");
	for (size_t i = 0; i < count; i++)
		text_format(out, "%s%s", i == 0 ? "" : ", ", candidates[i]);
}

void
parse_unknown(struct parse *parse, struct place place, const char *what,
    const char *word, const char *const *candidates)
{
	const char *nearest = NULL;
	struct text hint;

	/* Words nobody will read are not worth the search: it is what would
	 * make a large text full of mistakes slow. */
	if (report_errors(parse->report) < REPORT_MAXIMUM)
		nearest = nearest_word(word, candidates);
	text_init(&hint, 4096);
	if (nearest != NULL)
		text_format(&hint, "; did you mean '%s'?", nearest);
	else
		candidates_add(&hint, candidates);
	report_error(
	    parse->report, place, "unknown %s '%.80s'%s", what, word, hint.at);
	text_release(&hint);
}

static bool
is_candidate(const char *word, const char *const *candidates)
{
	for (; *candidates != NULL; candidates++)
		if (strcmp(word, *candidates) == 0)
			return true;
	return false;
}

bool
parse_keys(struct parse *parse, const struct yaml_node *node, const char *what,
    const char *const *candidates)
{
	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, parse_place(parse, node),
		    "%s is written as 'key: value' pairs", what);
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *key = node->keys[i];
		char of[64];

		if (is_candidate(key->scalar, candidates))
			continue;
		(void)snprintf(of, sizeof(of), "key of %s", what);
		parse_unknown(parse, parse_place(parse, key), of, key->scalar,
		    candidates);
	}
	return true;
}

/* `key:` with nothing after it, which YAML reads as null, and null itself. */
static bool
is_empty(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR &&
	       (node->scalar[0] == '\0' ||
		   (node->plain && (strcmp(node->scalar, "~") == 0 ||
				       strcmp(node->scalar, "null") == 0)));
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

const char *
parse_text(struct parse *parse, const struct yaml_node *node, const char *what,
    size_t maximum)
{
	struct place place = parse_place(parse, node);

	if (node->kind != YAML_SCALAR) {
		report_error(parse->report, place,
		    "'%s' takes a word, not a %s", what,
		    node->kind == YAML_MAPPING ? "mapping" : "list");
		return NULL;
	}
	if (is_empty(node)) {
		report_error(parse->report, place,
		    "'%s' has no value; leave the key out or give one", what);
		return NULL;
	}
	if (strlen(node->scalar) > maximum) {
		report_error(parse->report, place,
		    "'%s' is longer than %zu octets", what, maximum);
		return NULL;
	}
	if (has_control(node->scalar)) {
		report_error(parse->report, place,
		    "'%s' holds a control character", what);
		return NULL;
	}
	return arena_text(parse->arena, node->scalar);
}

const char *
parse_name(struct parse *parse, const struct yaml_node *node, const char *what)
{
	const char *name = parse_text(parse, node, what, NAME_MAXIMUM);

	if (name == NULL)
		return NULL;
	/* isalnum() only of ASCII: the program keeps the C locale. */
	for (const char *c = name; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) ||
		    (c > name && strchr("._-/", *c) != NULL))
			continue;
		report_error(parse->report, parse_place(parse, node),
		    "'%s': a name begins with a letter or digit and has only "
		    "letters, digits, '.', '_', '-' and '/'",
		    what);
		return NULL;
	}
	return name;
}

bool
parse_number(struct parse *parse, const struct yaml_node *node,
    const char *what, uint32_t maximum, uint32_t *out)
{
	uint64_t value = 0;
	const char *c = node->kind == YAML_SCALAR ? node->scalar : "";

	for (; isdigit((unsigned char)*c) && value <= maximum; c++)
		value = value * 10 + (uint64_t)(*c - '0');
	if (*c != '\0' || value == 0 || value > maximum) {
		report_error(parse->report, parse_place(parse, node),
		    "'%s' takes a whole number from 1 to %u", what, maximum);
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

bool
parse_truth(struct parse *parse, const struct yaml_node *node, const char *what)
{
	if (node->kind == YAML_SCALAR && strcmp(node->scalar, "true") == 0)
		return true;
	if (node->kind != YAML_SCALAR || strcmp(node->scalar, "false") != 0)
		report_error(parse->report, parse_place(parse, node),
		    "'%s' is true or false", what);
	return false;
}

struct words
parse_words(struct parse *parse, const struct yaml_node *node, const char *what)
{
	const char **at;
	size_t count = 0;

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'%s' is an empty list; leave the key out or name one",
		    what);
	at = arena_array(parse->arena, list_count(node), sizeof(*at));
	for (size_t i = 0; i < list_count(node); i++) {
		at[count] =
		    parse_text(parse, list_at(node, i), what, WORD_MAXIMUM);
		if (at[count] != NULL)
			count++;
	}
	return (struct words){at, count};
}

const struct prefix *
parse_prefixes(struct parse *parse, const struct yaml_node *node, size_t *count)
{
	struct prefix *prefixes =
	    arena_array(parse->arena, list_count(node), sizeof(*prefixes));

	*count = 0;
	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'cidr' is an empty list; name a network, e.g. "
		    "10.0.0.0/8");
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *word =
		    parse_text(parse, item, "cidr", WORD_MAXIMUM);
		const char *fault;

		if (word == NULL)
			continue;
		fault = prefix_parse(word, &prefixes[*count]);
		if (fault == NULL)
			(*count)++;
		else
			report_error(parse->report, parse_place(parse, item),
			    "'cidr': '%.80s': %s", word, fault);
	}
	return prefixes;
}

enum severity
parse_severity(struct parse *parse, const struct yaml_node *node)
{
	static const char *const names[] = {
	    "low", "medium", "high", "critical", NULL};
	const char *word = parse_text(parse, node, "severity", WORD_MAXIMUM);

	if (word == NULL)
		return SEVERITY_MEDIUM;
	for (int i = SEVERITY_LOW; i <= SEVERITY_CRITICAL; i++)
		if (strcmp(word, severity_name((enum severity)i)) == 0)
			return (enum severity)i;
	parse_unknown(parse, parse_place(parse, node), "severity", word, names);
	return SEVERITY_MEDIUM;
}

enum application
parse_application(
    struct parse *parse, const struct yaml_node *node, const char *what)
{
	const char *word = parse_text(parse, node, what, WORD_MAXIMUM);

	if (word == NULL)
		return APPLICATION_UNKNOWN;
	if (is_candidate(word, application_names()))
		return application_find(word);
	parse_unknown(parse, parse_place(parse, node), "application", word,
	    application_names());
	return APPLICATION_UNKNOWN;
}
