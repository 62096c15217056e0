/*
 * `detectors:`: settings for all, and with `for:` for some workloads,
 * destinations and applications, who are named as peers of models are.
 */
#include <stdlib.h>
#include <string.h>

#include "models/model_parse.h"
#include "models/tuning_draft.h"
#include "sensor/base/arena.h"

/* Most entries of one `for:`. */
#define FOR_MAXIMUM ((size_t)1024)

static bool
is_any(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* Digits and a point: what strtod() reads besides is no number of ours. */
static bool
read_value(const struct yaml_node *node, double *out)
{
	const char *text = node->kind == YAML_SCALAR ? node->scalar : "";
	size_t length = strlen(text);
	char *end = NULL;

	if (length > 0 && length <= 20 && node->plain &&
	    strspn(text, "0123456789.") == length) {
		*out = strtod(text, &end);
		return *end == '\0' && text[0] != '.';
	}
	return false;
}

/* Policy's words have no meaning here: a detector judges nobody. */
static void
refuse_policy(struct parse *parse, const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->at[i];

		if (peer->models.count + peer->roles.count +
			peer->segments.count + peer->same_count >
		    0)
			report_error(parse->report, peer->place,
			    "'model', 'role', 'segment' and 'same' are not "
			    "asked of detectors; name it by 'application', "
			    "'namespace', 'labels', 'zone', 'node' or "
			    "'external'");
	}
}

static void
parse_end(struct parse *parse, const struct yaml_node *mapping, const char *key,
    struct peers *out)
{
	const struct yaml_node *node = yaml_get(mapping, key);

	if (node == NULL)
		return;
	*out = parse_peers(parse, node, key);
	refuse_policy(parse, out);
}

static void
parse_apps(
    struct parse *parse, const struct yaml_node *node, struct tuning_draft *out)
{
	enum application *at;

	if (node == NULL)
		return;
	at = arena_array(parse->arena, list_count(node), sizeof(*at));
	for (size_t i = 0; i < list_count(node); i++) {
		enum application one =
		    parse_application(parse, list_at(node, i), "app");

		if (one != APPLICATION_UNKNOWN)
			at[out->application_count++] = one;
	}
	out->applications = at;
}

/* Whatever key is no word of the language is some detector's setting. */
static void
parse_settings(struct parse *parse, const struct yaml_node *node,
    const char *const *language, struct tuning_draft *out)
{
	const struct yaml_node *off = yaml_get(node, "off");
	const struct yaml_node *severity = yaml_get(node, "severity");
	struct tuning_word *at =
	    arena_array(parse->arena, node->count, sizeof(*at));

	out->sets_off = off != NULL;
	if (off != NULL)
		out->off = parse_truth(parse, off, "off");
	out->sets_severity = severity != NULL;
	if (severity != NULL)
		out->severity = parse_severity(parse, severity);
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *key = node->keys[i];
		struct tuning_word word = {
		    .place = parse_place(parse, key),
		    .value_place = parse_place(parse, node->values[i]),
		};

		if (is_any(key->scalar, language) ||
		    out->word_count >= TUNING_WORDS_MAXIMUM)
			continue;
		word.name = arena_text(parse->arena, key->scalar);
		word.is_number = read_value(node->values[i], &word.value);
		at[out->word_count++] = word;
	}
	out->words = at;
}

static void
parse_for(struct parse *parse, const struct yaml_node *node,
    const struct tuning_draft *of)
{
	static const char *const language[] = {"client", "destination",
	    "workload", "app", "port", "off", "severity", NULL};
	struct tuning_draft *out = arena_take(parse->arena, sizeof(*out));
	const struct yaml_node *ports = yaml_get(node, "port");

	*out = (struct tuning_draft){
	    .place = parse_place(parse, node),
	    .detector = of->detector,
	    .detector_place = of->detector_place,
	    .layer = of->layer,
	    .is_for = true,
	};
	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, out->place,
		    "'for' takes entries such as {client: {application: "
		    "shop/carts}, off: true}");
		return;
	}
	parse_end(parse, node, "client", &out->client);
	parse_end(parse, node, "destination", &out->destination);
	parse_end(parse, node, "workload", &out->workload);
	parse_apps(parse, yaml_get(node, "app"), out);
	if (ports != NULL)
		out->ports = parse_ports(parse, ports);
	if (!out->client.given && !out->destination.given &&
	    !out->workload.given && yaml_get(node, "app") == NULL &&
	    ports == NULL)
		report_error(parse->report, out->place,
		    "an entry of 'for' says for whom: 'client', "
		    "'destination', 'workload', 'app' or 'port'");
	parse_settings(parse, node, language, out);
	if (!out->sets_off && !out->sets_severity && out->word_count == 0)
		report_error(parse->report, out->place,
		    "an entry of 'for' sets something: 'off', 'severity' or "
		    "a setting of the detector");
	pile_add(&parse->tunings, out);
}

static void
parse_detector(struct parse *parse, const struct yaml_node *key,
    const struct yaml_node *node)
{
	static const char *const language[] = {"for", "off", "severity", NULL};
	struct tuning_draft *out = arena_take(parse->arena, sizeof(*out));
	const struct yaml_node *some = yaml_get(node, "for");

	*out = (struct tuning_draft){
	    .place = parse_place(parse, node),
	    .detector = arena_text(parse->arena, key->scalar),
	    .detector_place = parse_place(parse, key),
	    .layer = parse->layer,
	};
	if (node->kind != YAML_MAPPING) {
		report_error(parse->report, out->place,
		    "'%.80s' takes settings, e.g. {off: true}", key->scalar);
		return;
	}
	parse_settings(parse, node, language, out);
	pile_add(&parse->tunings, out);
	if (some == NULL)
		return;
	if (list_count(some) > FOR_MAXIMUM) {
		report_error(parse->report, parse_place(parse, some),
		    "'for' has more than %zu entries", FOR_MAXIMUM);
		return;
	}
	for (size_t i = 0; i < list_count(some); i++)
		parse_for(parse, list_at(some, i), out);
}

void
parse_detectors(struct parse *parse, const struct yaml_node *node)
{
	static const char *const known[] = {"detectors", "describes", NULL};
	const struct yaml_node *detectors = yaml_get(node, "detectors");

	if (!parse_has_room(parse, node) ||
	    !parse_keys(parse, node, "'detectors'", known))
		return;
	if (detectors->kind != YAML_MAPPING) {
		report_error(parse->report, parse_place(parse, detectors),
		    "'detectors' takes detectors and their settings, e.g. "
		    "{scan: {off: true}}");
		return;
	}
	for (size_t i = 0; i < detectors->count; i++)
		parse_detector(parse, detectors->keys[i], detectors->values[i]);
}
