#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/workload.h"
#include "models/model_parse.h"
#include "sensor/base/arena.h"

/* --- segments ------------------------------------------------------------- */

/*
 * One item of `except:`, written `{to: ...}` like the boundary it loosens, for
 * that is how a person reads it back.
 */
static const struct yaml_node *
exception(struct parse *parse, const struct yaml_node *node, bool inward)
{
	const char *word = inward ? "from" : "to";
	const char *other = inward ? "to" : "from";
	const char *const known[] = {word, NULL};
	const struct yaml_node *key = yaml_get(node, other);

	if (key != NULL) {
		report_error(parse->report, parse_place(parse, node),
		    "an exception to '%s' is written with '%s', not '%s'", word,
		    word, other);
		return NULL;
	}
	if (node->kind == YAML_MAPPING && yaml_get(node, word) == NULL) {
		report_error(parse->report, parse_place(parse, node),
		    "an exception is written as the boundary is, e.g. "
		    "{%s: {zone: NAME}}",
		    word);
		return NULL;
	}
	if (!parse_keys(parse, node, "'except'", known))
		return NULL;
	return yaml_get(node, word);
}

static struct peers
parse_except(struct parse *parse, const struct yaml_node *node, bool inward)
{
	struct peers *each =
	    arena_array(parse->arena, list_count(node), sizeof(*each));
	struct peers all = {.given = true};
	struct peer *at;

	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *peers =
		    exception(parse, list_at(node, i), inward);

		if (peers != NULL)
			each[i] =
			    parse_peers(parse, peers, inward ? "from" : "to");
		all.count += each[i].count;
	}
	at = arena_array(parse->arena, all.count, sizeof(*at));
	all.at = at;
	for (size_t i = 0; i < list_count(node); i++)
		for (size_t p = 0; p < each[i].count; p++)
			*at++ = each[i].at[p];
	return all;
}

static void
parse_boundary(
    struct parse *parse, const struct yaml_node *node, struct boundary *out)
{
	static const char *const known[] = {"from", "to", "except", NULL};
	const struct yaml_node *from = yaml_get(node, "from");
	const struct yaml_node *to = yaml_get(node, "to");
	const struct yaml_node *except = yaml_get(node, "except");

	out->place = parse_place(parse, node);
	if (!parse_keys(parse, node, "'isolate'", known))
		return;
	if ((from == NULL) == (to == NULL)) {
		report_error(parse->report, out->place,
		    "an entry of 'isolate' has 'from' or 'to', one of them; "
		    "write two entries for both directions");
		return;
	}
	out->inward = from != NULL;
	out->peers = parse_peers(
	    parse, out->inward ? from : to, out->inward ? "from" : "to");
	if (out->peers.count == 0)
		report_error(parse->report, out->place,
		    "a boundary without peers isolates from nobody; for "
		    "everybody write {any: true}");
	if (except != NULL)
		out->except = parse_except(parse, except, out->inward);
}

static void
parse_boundaries(
    struct parse *parse, const struct yaml_node *node, struct segment *out)
{
	struct boundary *at =
	    arena_array(parse->arena, list_count(node), sizeof(*at));

	for (size_t i = 0; i < list_count(node); i++)
		parse_boundary(parse, list_at(node, i), &at[i]);
	out->boundaries = at;
	out->boundary_count = list_count(node);
}

static void
parse_nested(struct parse *parse, const struct yaml_node *node,
    const struct segment *segment)
{
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);

		if (yaml_get(item, "model") == NULL)
			report_error(parse->report, parse_place(parse, item),
			    "'models' of a segment takes models, each with "
			    "'model: NAME'");
		else
			parse_model(parse, item, segment);
	}
}

void
parse_segment(struct parse *parse, const struct yaml_node *node)
{
	static const char *const known[] = {"segment", "describes", "match",
	    "isolate", "compliance", "severity", "models", NULL};
	struct segment *segment = arena_take(parse->arena, sizeof(*segment));
	const struct yaml_node *match = yaml_get(node, "match");
	const struct yaml_node *isolate = yaml_get(node, "isolate");
	const struct yaml_node *compliance = yaml_get(node, "compliance");
	const struct yaml_node *severity = yaml_get(node, "severity");
	const struct yaml_node *models = yaml_get(node, "models");

	if (!parse_has_room(parse, node))
		return;
	(void)parse_keys(parse, node, "a segment", known);
	segment->place = parse_place(parse, node);
	segment->layer = parse->layer;
	segment->severity = SEVERITY_MEDIUM;
	segment->name = parse_name(parse, yaml_get(node, "segment"), "segment");
	if (match != NULL)
		segment->selectors = parse_selectors(
		    parse, match, false, &segment->selector_count);
	else
		report_error(parse->report, segment->place,
		    "a segment needs 'match', which says who is inside");
	if (isolate != NULL)
		parse_boundaries(parse, isolate, segment);
	if (compliance != NULL)
		segment->compliance =
		    parse_words(parse, compliance, "compliance");
	if (severity != NULL)
		segment->severity = parse_severity(parse, severity);
	pile_add(&parse->segments, segment);
	if (models != NULL)
		parse_nested(parse, models, segment);
}

/* --- zones ---------------------------------------------------------------- */

static int
label_compare(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return strcmp(left->key, right->key);
}

static struct labels
zone_labels(struct parse *parse, const struct yaml_node *node)
{
	struct label *at;
	size_t count = 0;

	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, parse_place(parse, node),
		    "'labels' takes labels and values, e.g. {site: london}");
		return (struct labels){0};
	}
	at = arena_array(parse->arena, node->count, sizeof(*at));
	for (size_t i = 0; i < node->count; i++) {
		at[count].key =
		    parse_text(parse, node->keys[i], "labels", KEY_MAXIMUM);
		at[count].value =
		    parse_text(parse, node->values[i], "labels", WORD_MAXIMUM);
		if (at[count].key != NULL && at[count].value != NULL)
			count++;
	}
	qsort(at, count, sizeof(*at), label_compare);
	return (struct labels){at, count};
}

void
parse_zone(struct parse *parse, const struct yaml_node *node)
{
	static const char *const known[] = {
	    "zone", "describes", "cidr", "labels", NULL};
	struct zone_draft *draft = arena_take(parse->arena, sizeof(*draft));
	struct zone *zone = arena_take(parse->arena, sizeof(*zone));
	const struct yaml_node *cidr = yaml_get(node, "cidr");
	const struct yaml_node *labels = yaml_get(node, "labels");

	if (!parse_has_room(parse, node))
		return;
	(void)parse_keys(parse, node, "a zone", known);
	*draft = (struct zone_draft){parse_place(parse, node), zone};
	zone->name = parse_name(parse, yaml_get(node, "zone"), "zone");
	if (cidr != NULL)
		zone->prefixes =
		    parse_prefixes(parse, cidr, &zone->prefix_count);
	else
		report_error(parse->report, draft->place,
		    "a zone needs 'cidr', its networks, e.g. [10.20.0.0/16]");
	if (labels != NULL)
		zone->labels = zone_labels(parse, labels);
	pile_add(&parse->zones, draft);
}
