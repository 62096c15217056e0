#include <inttypes.h>

#include "alerts/sentence.h"
#include "classifiers/inventory/inventory.h"
#include "models/identity.h"
#include "models/model_print.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_write.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/rejudge.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

#define LINE_MAXIMUM   ((size_t)1024 * 1024)
#define GROUPS_MAXIMUM ((size_t)1 << 20)

enum {
	ROW_AT = SETUP_ROW_COUNT,
	ROW_FLOWS,
	ROW_OUTPUT,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_AT] = {"at", 0, "TIME",
	"only workloads of that time, as 2026-11-21T06:28:00Z"},
    [ROW_FLOWS] = {"flows", 0, "FILE",
	"flow records: which of them nothing judged"},
    [ROW_OUTPUT] = {"output", 'o', "FORM", "text (default) or json"},
};

static const struct option_table table = {
    .usage = "hedgerow policy coverage [OPTION]...",
    .summary =
	"Says which workloads have a model and what chose it, which have "
	"none,\n"
	"and how large the shares are.  With flow records, also which flows\n"
	"no model has an opinion on, by pair.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow policy coverage --models pcaps/demo/models \\\n"
		"    --inventory pcaps/demo/metadata.json\n",
};

struct coverage_options {
	struct setup_paths paths;
	const char *flows; /* or NULL */
	struct instant at;
	bool json;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct coverage_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_AT:
		return options_time(&table, value, &options->at);
	case ROW_FLOWS:
		options->flows = value;
		return true;
	case ROW_OUTPUT:
		return options_output(&table, value, &options->json);
	default:
		return false;
	}
}

/* Everything under way; a row is an identity or a pair, each once. */
struct coverage {
	const struct coverage_options *options;
	struct arena *arena;
	struct map *kinds;  /* identity -> struct kind */
	struct map *groups; /* text of a group -> struct group */
	struct text line;
};

/* --- workloads ------------------------------------------------------------ */

struct kind {
	const struct identity *identity;
	size_t workloads;
};

static void
collect_kinds(struct coverage *coverage, const struct setup *setup)
{
	struct instant at = coverage->options->at;

	for (size_t i = 0; i < inventory_workload_count(setup->inventory);
	     i++) {
		const struct workload *workload =
		    inventory_workload(setup->inventory, i);
		const struct identity *identity;
		struct kind *kind;

		if (at.ns != INSTANT_PAST.ns && !workload_alive(workload, at))
			continue;
		identity = policy_workload(setup->policy, workload);
		kind = map_get(coverage->kinds, &identity, sizeof(identity));
		if (kind == NULL) {
			kind = arena_take(coverage->arena, sizeof(*kind));
			kind->identity = identity;
			map_put(coverage->kinds, &kind->identity,
			    sizeof(kind->identity), kind);
		}
		kind->workloads++;
	}
}

/* Of several patterns the first that fits is the reason. */
static bool
keep_fitting(struct words *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++) {
		struct words one = {&patterns->at[i], 1};

		if (!words_fit(&one, text))
			continue;
		*patterns = one;
		return true;
	}
	return false;
}

static struct selector
reason_of(const struct selector *selector, const struct workload *workload)
{
	struct selector reason = *selector;

	if (workload == NULL)
		return reason;
	(void)keep_fitting(&reason.namespaces, workload->namespace);
	(void)keep_fitting(&reason.applications, workload->application);
	(void)keep_fitting(&reason.kinds, workload->kind);
	for (size_t i = 0; i < workload->container_count; i++)
		if (keep_fitting(&reason.images,
			workload->containers[i].image.repository))
			break;
	return reason;
}

static void
add_because(struct text *out, const struct identity *identity,
    const struct model *model)
{
	const struct selector *selector = identity_selector(identity, model);
	struct selector reason;

	if (selector == NULL) {
		text_add(out, model->place.file);
		return;
	}
	reason = reason_of(selector, identity->workload);
	selector_print(out, &reason);
	text_format(
	    out, " (%s:%u)", selector->place.file, selector->place.line);
}

static void
print_kind_text(struct coverage *coverage, const struct kind *kind)
{
	const struct identity *identity = kind->identity;

	for (size_t i = 0; i < identity->model_count; i++) {
		const struct model *model = identity->models[i];

		text_clear(&coverage->line);
		text_format(&coverage->line, "%-32s %5zu  %-22s %-9s ",
		    identity->name, kind->workloads, model->name,
		    layer_name(model->layer));
		add_because(&coverage->line, identity, model);
		puts(coverage->line.at);
	}
	if (identity->model_count == 0)
		printf("%-32s %5zu  -\n", identity->name, kind->workloads);
}

static void
print_kind_json(struct coverage *coverage, const struct kind *kind)
{
	const struct identity *identity = kind->identity;
	struct json_writer json;
	struct text because;

	text_init(&because, LINE_MAXIMUM);
	text_clear(&coverage->line);
	json = json_to(&coverage->line);
	json_object_open(&json, NULL);
	json_put_string(&json, "workload", identity->name);
	json_put_int(&json, "count", (int64_t)kind->workloads);
	json_put_bool(&json, "modelled", identity->model_count > 0);
	json_put_bool(&json, "states_needs", identity->states_needs);
	json_array_open(&json, "models");
	for (size_t i = 0; i < identity->model_count; i++) {
		json_object_open(&json, NULL);
		json_put_string(&json, "model", identity->models[i]->name);
		json_put_string(
		    &json, "layer", layer_name(identity->models[i]->layer));
		text_clear(&because);
		add_because(&because, identity, identity->models[i]);
		json_put_string(
		    &json, "because", because.length == 0 ? NULL : because.at);
		json_object_close(&json);
	}
	json_array_close(&json);
	json_object_close(&json);
	puts(coverage->line.at);
	text_release(&because);
}

/* --- shares --------------------------------------------------------------- */

struct shares {
	size_t kinds, workloads;
	size_t modelled_kinds, modelled_workloads;
	size_t own_kinds;     /* by models of the operator's, in some part */
	size_t general_kinds; /* by nothing but what they declare */
	size_t closed_kinds;  /* that also say what they need */
};

static struct shares
sum_up(const struct coverage *coverage)
{
	struct shares shares = {.kinds = map_count(coverage->kinds)};

	for (size_t i = 0; i < shares.kinds; i++) {
		const struct kind *kind = map_at(coverage->kinds, i);
		const struct identity *identity = kind->identity;
		bool own = false, general = true;

		shares.workloads += kind->workloads;
		if (identity->model_count == 0)
			continue;
		for (size_t m = 0; m < identity->model_count; m++)
			switch (identity->models[m]->layer) {
			case LAYER_GENERAL:
				break;
			case LAYER_LIBRARY:
				general = false;
				break;
			case LAYER_LEARNED:
			case LAYER_OPERATOR:
				general = false;
				own = true;
				break;
			}
		shares.modelled_kinds++;
		shares.modelled_workloads += kind->workloads;
		shares.own_kinds += own;
		shares.general_kinds += general;
		shares.closed_kinds += identity->states_needs;
	}
	return shares;
}

static size_t
percent(size_t part, size_t whole)
{
	return whole == 0 ? 0 : part * 100 / whole;
}

static void
print_shares_text(const struct shares *shares)
{
	printf("\napplications  %zu of %zu (%zu %%) have a model: %zu one of "
	       "your own, %zu a shipped one, %zu the general one\n",
	    shares->modelled_kinds, shares->kinds,
	    percent(shares->modelled_kinds, shares->kinds), shares->own_kinds,
	    shares->modelled_kinds - shares->own_kinds - shares->general_kinds,
	    shares->general_kinds);
	printf("workloads     %zu of %zu (%zu %%) have a model\n",
	    shares->modelled_workloads, shares->workloads,
	    percent(shares->modelled_workloads, shares->workloads));
	printf("needs         %zu of %zu (%zu %%) have a model that says whom "
	       "they may call\n",
	    shares->closed_kinds, shares->kinds,
	    percent(shares->closed_kinds, shares->kinds));
}

static void
print_shares_json(struct coverage *coverage, const struct shares *shares)
{
	struct json_writer json;

	text_clear(&coverage->line);
	json = json_to(&coverage->line);
	json_object_open(&json, NULL);
	json_object_open(&json, "shares");
	json_put_int(&json, "applications", (int64_t)shares->kinds);
	json_put_int(
	    &json, "applications_modelled", (int64_t)shares->modelled_kinds);
	json_put_int(&json, "applications_own", (int64_t)shares->own_kinds);
	json_put_int(
	    &json, "applications_general", (int64_t)shares->general_kinds);
	json_put_int(
	    &json, "applications_with_needs", (int64_t)shares->closed_kinds);
	json_put_int(&json, "workloads", (int64_t)shares->workloads);
	json_put_int(
	    &json, "workloads_modelled", (int64_t)shares->modelled_workloads);
	json_object_close(&json);
	json_object_close(&json);
	puts(coverage->line.at);
}

/* What is to be done comes first: no model at all, and one that guesses. */
#define RANKS 3
static int
rank_of(const struct identity *identity)
{
	int rank = identity->model_count > 0 ? 1 : 0;

	for (size_t i = 0; i < identity->model_count; i++)
		if (identity->models[i]->layer != LAYER_GENERAL)
			rank = 2;
	return rank;
}

static void
print_workloads(struct coverage *coverage)
{
	bool json = coverage->options->json;
	struct shares shares = sum_up(coverage);

	if (!json)
		printf("%-32s %5s  %-22s %-9s %s\n", "APPLICATION", "COUNT",
		    "MODEL", "LAYER", "BECAUSE");
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < map_count(coverage->kinds); i++) {
			const struct kind *kind = map_at(coverage->kinds, i);

			if (rank_of(kind->identity) != rank)
				continue;
			(json ? print_kind_json : print_kind_text)(
			    coverage, kind);
		}
	if (json)
		print_shares_json(coverage, &shares);
	else
		print_shares_text(&shares);
}

/* --- flows ---------------------------------------------------------------- */

/* Flows of one pair, application and port that nothing judged. */
struct group {
	const struct rejudged *example;
	const char *text;
	size_t flows;
};

static bool
is_unjudged(const struct rejudged *one)
{
	return one->about.judged &&
	       (one->about.verdict.kind == VERDICT_UNMODELLED ||
		   one->about.verdict.kind == VERDICT_UNKNOWN);
}

static void
add_to_group(struct coverage *coverage, const struct rejudged *one)
{
	struct text *line = &coverage->line;
	struct group *group;

	text_clear(line);
	text_format(line, "%-11s ", rejudge_verdict(one));
	sentence_party(line, &one->about.client);
	text_add(line, " -> ");
	sentence_party(line, &one->about.server);
	text_format(
	    line, "  %s  ", application_name(one->about.appid.application));
	sentence_transport(line, &one->flow);
	group = map_get_text(coverage->groups, line->at);
	if (group == NULL) {
		group = arena_take(coverage->arena, sizeof(*group));
		group->example = one;
		group->text = arena_text(coverage->arena, line->at);
		if (!map_put_text(coverage->groups, group->text, group))
			return;
	}
	group->flows++;
}

static int
compare_groups(const void *a, const void *b)
{
	const struct group *left = *(struct group *const *)a;
	const struct group *right = *(struct group *const *)b;

	if (left->flows != right->flows)
		return left->flows > right->flows ? -1 : 1;
	return strcmp(left->text, right->text);
}

static void
print_group_json(struct coverage *coverage, const struct group *group)
{
	const struct rejudged *one = group->example;
	struct json_writer json;
	struct text name;

	text_init(&name, LINE_MAXIMUM);
	text_clear(&coverage->line);
	json = json_to(&coverage->line);
	json_object_open(&json, NULL);
	json_put_string(&json, "verdict", rejudge_verdict(one));
	sentence_party(&name, &one->about.client);
	json_put_string(&json, "client", name.at);
	text_clear(&name);
	sentence_party(&name, &one->about.server);
	json_put_string(&json, "server", name.at);
	json_put_string(
	    &json, "app_proto", application_name(one->about.appid.application));
	text_clear(&name);
	sentence_transport(&name, &one->flow);
	json_put_string(&json, "port", name.at);
	json_put_int(&json, "flows", (int64_t)group->flows);
	json_object_close(&json);
	puts(coverage->line.at);
	text_release(&name);
}

static void
print_groups(struct coverage *coverage)
{
	size_t count = map_count(coverage->groups);
	const struct group **sorted =
	    arena_array(coverage->arena, count + 1, sizeof(struct group *));

	for (size_t i = 0; i < count; i++)
		sorted[i] = map_at(coverage->groups, i);
	qsort(sorted, count, sizeof(struct group *), compare_groups);
	for (size_t i = 0; i < count; i++)
		if (coverage->options->json)
			print_group_json(coverage, sorted[i]);
		else
			printf("%s  x%zu\n", sorted[i]->text, sorted[i]->flows);
}

static void
print_flows(struct coverage *coverage, const struct rejudge *list)
{
	size_t unjudged = 0, judged = 0;

	for (size_t i = 0; i < rejudge_count(list); i++) {
		const struct rejudged *one = rejudge_at(list, i);

		judged += one->about.judged && !is_unjudged(one);
		if (!is_unjudged(one))
			continue;
		unjudged++;
		add_to_group(coverage, one);
	}
	if (!coverage->options->json)
		printf("flows         %zu of %zu (%zu %%) were judged by "
		       "nothing\n",
		    unjudged, judged + unjudged,
		    percent(unjudged, judged + unjudged));
	print_groups(coverage);
}

/* --- run ------------------------------------------------------------------ */

static int
cover(const struct coverage_options *options, const struct setup *setup)
{
	struct coverage coverage = {
	    .options = options,
	    .arena = arena_new(),
	    .kinds = map_new(INVENTORY_MAXIMUM),
	    .groups = map_new(GROUPS_MAXIMUM),
	};
	struct rejudge *list = rejudge_new();
	int code = EXIT_DONE;

	text_init(&coverage.line, LINE_MAXIMUM);
	/* First of all, for what flows show to be served may choose models. */
	if (options->flows != NULL) {
		code = rejudge_read(list, options->flows);
		rejudge_all(list, &(struct rejudge_parts){setup->inventory,
				      setup->geography, setup->policy});
	}
	collect_kinds(&coverage, setup);
	print_workloads(&coverage);
	if (options->flows != NULL)
		print_flows(&coverage, list);
	rejudge_free(list);
	text_release(&coverage.line);
	map_free(coverage.kinds);
	map_free(coverage.groups);
	arena_free(coverage.arena);
	return setup->damaged ? EXIT_INPUT : code;
}

int
command_policy_coverage(int argc, char **argv)
{
	struct coverage_options options = {.at = INSTANT_PAST};
	struct setup setup;
	int code;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (!setup_has_inventory(&options.paths)) {
		options_complain(&table, "no --inventory or --redis to cover");
		return EXIT_USAGE;
	}
	code = setup_load(&options.paths, &setup);
	if (code == EXIT_DONE)
		code = cover(&options, &setup);
	setup_release(&setup);
	return code;
}
