#include "models/identity.h"

#include <fnmatch.h>

#include "classifiers/inventory/workload.h"
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
	key_add(out, node->cluster);
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
	return (!any || identity->has_stranger) &&
	       identity->kind == IDENTITY_WORKLOAD &&
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

bool
identity_fits_any(const struct selector *selectors, size_t count,
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
	       identity_fits_any(
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

bool
identity_heeds(
    const struct identity *identity, const struct model *model, bool provides)
{
	return model->layer == LAYER_OPERATOR ||
	       !(provides ? identity->imported_provides
			  : identity->imported_needs);
}
