#include "models/identity.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "classifiers/workload.h"
#include "models/declaration.h"
#include "models/declared.h"
#include "models/library.h"
#include "models/network_model.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/*
 * Labels that controllers add to tell pods of one kind apart (Kubernetes:
 * "Well-Known Labels, Annotations and Taints"); kept in an identity they would
 * make one identity per pod or per rollout.
 */
static const char *const volatile_labels[] = {
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
};

bool
identity_label_is_volatile(const char *key)
{
	size_t count = sizeof(volatile_labels) / sizeof(volatile_labels[0]);

	for (size_t i = 0; i < count; i++)
		if (strcmp(key, volatile_labels[i]) == 0)
			return true;
	return false;
}

/* The terminating NUL is part of the key, so that parts cannot run together */
static void
key_add(struct text *key, const char *part)
{
	text_add_n(key, part, strlen(part) + 1);
}

static void
key_add_labels(struct text *key, const struct labels *labels)
{
	for (size_t i = 0; i < labels->count; i++) {
		if (identity_label_is_volatile(labels->at[i].key))
			continue;
		key_add(key, labels->at[i].key);
		key_add(key, labels->at[i].value);
	}
	key_add(key, "");
}

static void
key_add_containers(struct text *key, const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct container *c = &workload->containers[i];

		key_add(key, c->image.repository);
		for (size_t p = 0; p < c->port_count; p++)
			text_format(key, "%u/%u/%s,", c->ports[p].protocol,
			    c->ports[p].number, c->ports[p].name);
		key_add(key, "");
	}
	for (size_t i = 0; i < workload->probe_count; i++)
		text_format(key, "%u,", workload->probes[i].port);
}

void
identity_key(struct text *out, const struct workload *workload,
    const struct port_alias *aliases, size_t alias_count)
{
	key_add(out, workload->cluster);
	key_add(out, workload->orchestrator);
	key_add(out, workload->namespace);
	key_add(out, workload->application);
	key_add(out, workload->kind);
	key_add_labels(out, &workload->labels);
	key_add_labels(out, &workload->namespace_labels);
	key_add_containers(out, workload);
	key_add(out, workload->provides == NULL ? "" : workload->provides);
	key_add(out, workload->needs == NULL ? "" : workload->needs);
	for (size_t i = 0; i < alias_count; i++) {
		text_add_n(out, (const char *)&aliases[i].protocol,
		    sizeof(aliases[i].protocol));
		text_add_n(out, (const char *)&aliases[i].service,
		    sizeof(aliases[i].service));
		text_add_n(out, (const char *)&aliases[i].target,
		    sizeof(aliases[i].target));
		key_add(out, aliases[i].name);
	}
}

void
identity_key_node(struct text *out, const struct node *node)
{
	/* No cluster has this name, so no workload has this key. */
	key_add(out, "node/");
	key_add(out, node->name);
	key_add_labels(out, &node->labels);
}

const char *
identity_label(const struct identity *identity, const char *key)
{
	if (identity->workload != NULL)
		return workload_label(identity->workload, key);
	if (identity->node != NULL)
		return labels_get(&identity->node->labels, key);
	if (identity->zone != NULL)
		return labels_get(&identity->zone->labels, key);
	return NULL;
}

const char *
identity_namespace(const struct identity *identity)
{
	return identity->workload == NULL ? "" : identity->workload->namespace;
}

const char *
identity_application(const struct identity *identity)
{
	return identity->workload == NULL ? ""
					  : identity->workload->application;
}

bool
identity_has_role(const struct identity *identity, const char *role)
{
	bool any = false;

	for (size_t i = 0; i < identity->model_count; i++) {
		if (identity->models[i]->role == NULL)
			continue;
		if (strcmp(identity->models[i]->role, role) == 0)
			return true;
		any = true;
	}
	return !any && identity->kind == IDENTITY_WORKLOAD &&
	       strcmp(role, "application") == 0;
}

bool
identity_in_segment(
    const struct identity *identity, const struct segment *segment)
{
	for (size_t i = 0; i < identity->segment_count; i++)
		if (identity->segments[i] == segment)
			return true;
	return false;
}

bool
words_fit(const struct words *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->at[i], text, 0) == 0)
			return true;
	return false;
}

static bool
label_fits(const struct label_test *test, const char *value)
{
	switch (test->test) {
	case LABEL_PRESENT:
		return value != NULL;
	case LABEL_ABSENT:
		return value == NULL;
	case LABEL_ONE_OF:
		return value != NULL && words_fit(&test->values, value);
	}
	return false;
}

bool
identity_labels_fit(
    const struct identity *identity, const struct label_tests *tests)
{
	for (size_t i = 0; i < tests->count; i++) {
		const struct label_test *test = &tests->at[i];

		if (!label_fits(test, identity_label(identity, test->key)))
			return false;
	}
	return true;
}

static bool
image_fits(const struct words *patterns, const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++)
		if (words_fit(
			patterns, workload->containers[i].image.repository))
			return true;
	return false;
}

/* An empty list of words asks nothing. */
static bool
asked_and_unfit(const struct words *patterns, const char *text)
{
	return patterns->count > 0 && !words_fit(patterns, text);
}

static bool
selector_fits_workload(
    const struct selector *selector, const struct workload *workload)
{
	if (selector->images.count > 0 &&
	    !image_fits(&selector->images, workload))
		return false;
	return selector->zones.count == 0 &&
	       !asked_and_unfit(&selector->namespaces, workload->namespace) &&
	       !asked_and_unfit(
		   &selector->applications, workload->application) &&
	       !asked_and_unfit(&selector->kinds, workload->kind) &&
	       !asked_and_unfit(
		   &selector->orchestrators, workload->orchestrator) &&
	       !asked_and_unfit(&selector->clusters, workload->cluster);
}

/* Zones carry a name and labels; whatever else is asked they do not have. */
static bool
selector_fits_zone(const struct selector *selector, const struct zone *zone)
{
	return selector->images.count == 0 && selector->namespaces.count == 0 &&
	       selector->applications.count == 0 &&
	       selector->kinds.count == 0 &&
	       selector->orchestrators.count == 0 &&
	       selector->clusters.count == 0 &&
	       !asked_and_unfit(&selector->zones, zone->name);
}

static bool
serves_fits(enum application serves, const enum application *served,
    size_t served_count)
{
	if (serves == APPLICATION_UNKNOWN)
		return true;
	for (size_t i = 0; i < served_count; i++)
		if (served[i] == serves)
			return true;
	return false;
}

static bool
selector_fits(const struct selector *selector, const struct identity *identity,
    const enum application *served, size_t served_count)
{
	if (identity->workload != NULL) {
		if (!selector_fits_workload(selector, identity->workload))
			return false;
	} else if (identity->zone != NULL) {
		if (!selector_fits_zone(selector, identity->zone))
			return false;
	} else {
		return false;
	}
	return identity_labels_fit(identity, &selector->labels) &&
	       serves_fits(selector->serves, served, served_count);
}

static bool
any_selector_fits(const struct selector *selectors, size_t count,
    const struct identity *identity, const enum application *served,
    size_t served_count)
{
	for (size_t i = 0; i < count; i++)
		if (selector_fits(
			&selectors[i], identity, served, served_count))
			return true;
	return false;
}

bool
identity_matches(const struct identity *identity, const struct model *model)
{
	return (model->segment == NULL ||
		   identity_in_segment(identity, model->segment)) &&
	       any_selector_fits(
		   model->selectors, model->selector_count, identity, NULL, 0);
}

const struct selector *
identity_selector(const struct identity *identity, const struct model *model)
{
	for (int serves = 0; serves < 2; serves++)
		for (size_t i = 0; i < model->selector_count; i++) {
			const struct selector *selector = &model->selectors[i];
			const enum application *served =
			    serves != 0 ? &selector->serves : NULL;

			if (selector_fits(selector, identity, served,
				served == NULL ? 0 : 1))
				return selector;
		}
	return NULL;
}

static void
resolve_segments(struct arena *arena, const struct library *library,
    struct identity *identity)
{
	size_t total = library_segment_count(library);

	identity->segments =
	    arena_array(arena, total, sizeof(*identity->segments));
	identity->segment_count = 0;
	for (size_t i = 0; i < total; i++) {
		const struct segment *segment = library_segment(library, i);

		if (any_selector_fits(segment->selectors,
			segment->selector_count, identity, NULL, 0))
			identity->segments[identity->segment_count++] = segment;
	}
}

/* Models under way to an identity, and what it was seen to serve. */
struct matching {
	const struct resolution *resolution;
	struct identity *identity;
	const struct model **at; /* with room for all */
	size_t count;
	/* Of whom `serves:` is asked. */
	enum { SERVES_NOBODY, SERVES_ADDING, SERVES_ALL } serves;
};

/*
 * What is served chooses a model only where nothing else does, or a model that
 * joins others anyway.
 */
static bool
matches(const struct matching *matching, const struct model *model)
{
	const struct resolution *resolution = matching->resolution;
	bool heard = matching->serves == SERVES_ALL ||
		     (matching->serves == SERVES_ADDING && model->adds);

	if (model->segment != NULL &&
	    !identity_in_segment(matching->identity, model->segment))
		return false;
	return any_selector_fits(model->selectors, model->selector_count,
	    matching->identity, resolution->served,
	    heard ? resolution->served_count : 0);
}

/* Adds the models of one layer; says whether one of them replaces the rest. */
static bool
match_layer(struct matching *matching, enum layer layer)
{
	const struct library *library = matching->resolution->library;
	bool decided = false;

	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *model = library_model(library, i);

		if (model->layer != layer || !matches(matching, model))
			continue;
		model = declared_model(
		    matching->resolution->arena, model, matching->identity);
		if (model == NULL)
			continue;
		matching->at[matching->count++] = model;
		if (!model->adds)
			decided = true;
	}
	return decided;
}

bool
identity_heeds(
    const struct identity *identity, const struct model *model, bool provides)
{
	return model->layer == LAYER_OPERATOR ||
	       !(provides ? identity->imported_provides
			  : identity->imported_needs);
}

/*
 * Models that match, of the highest layer with one.
 *
 * general    whether those may that are for whatever has no other
 */
static void
match_layers(struct matching *matching, bool general)
{
	static const enum layer order[] = {
	    LAYER_OPERATOR, LAYER_LEARNED, LAYER_LIBRARY, LAYER_GENERAL};
	size_t layers = general ? 4 : 3;

	matching->count = 0;
	for (size_t i = 0; i < layers; i++)
		if (match_layer(matching, order[i]))
			break;
}

static void
resolve_matched(struct matching *matching, const struct model *declared)
{
	struct identity *identity = matching->identity;
	bool general = declared == NULL || !declared->provides.given;

	matching->serves = SERVES_NOBODY;
	match_layers(matching, false);
	matching->serves = matching->count > 0 ? SERVES_ADDING : SERVES_ALL;
	match_layers(matching, general);
	identity->matched_count = matching->count;
	identity->states_provides = matching->count > 0;
	identity->states_needs = false;
	for (size_t i = 0; i < matching->count; i++)
		if (matching->at[i]->needs.given)
			identity->states_needs = true;
}

/*
 * Adds what the deployment says itself.  `provides` left out of a model is
 * nobody; here it is no opinion, for a pod may well say only what it needs.
 */
static void
add_stated(struct matching *matching, const struct model *model)
{
	matching->at[matching->count++] = model;
	if (model->provides.given)
		matching->identity->states_provides = true;
	if (model->needs.given)
		matching->identity->states_needs = true;
}

static void
resolve_imported(struct matching *matching)
{
	const struct network_models *imported = matching->resolution->imported;
	struct identity *identity = matching->identity;

	identity->imported_provides = identity->imported_needs = false;
	for (size_t i = 0; imported != NULL && i < imported->count; i++) {
		const struct model *model = imported->at[i].model;

		if (!network_model_selects(&imported->at[i], identity))
			continue;
		add_stated(matching, model);
		if (model->provides.given)
			identity->imported_provides = true;
		if (model->needs.given)
			identity->imported_needs = true;
	}
}

void
identity_resolve(const struct resolution *resolution, struct identity *identity)
{
	struct matching matching = {resolution, identity, .count = 0};
	size_t room = library_model_count(resolution->library) + 1;
	struct model *declared;

	if (resolution->imported != NULL)
		room += resolution->imported->count;
	matching.at = allocate(room, sizeof(*matching.at));
	identity->model_count = 0;
	resolve_segments(resolution->arena, resolution->library, identity);
	declared = declaration_model(resolution->arena, resolution->library,
	    identity, resolution->report);
	resolve_matched(&matching, declared);
	if (declared != NULL) {
		if (matching.count > 0)
			declared->severity = matching.at[0]->severity;
		add_stated(&matching, declared);
	}
	resolve_imported(&matching);
	identity->models = arena_array(
	    resolution->arena, matching.count, sizeof(*identity->models));
	if (matching.count > 0)
		memcpy(identity->models, matching.at,
		    matching.count * sizeof(*matching.at));
	identity->model_count = matching.count;
	free(matching.at);
}
