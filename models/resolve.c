#include "models/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/workload.h"
#include "models/declaration.h"
#include "models/declared.h"
#include "models/identity.h"
#include "models/library.h"
#include "models/network_model.h"
#include "sensor/base/arena.h"

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

		if (identity_fits_any(segment->selectors,
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
	return identity_fits_any(model->selectors, model->selector_count,
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

/* --- programs beside those that models know ------------------------------- */

/*
 * What stands beside a program to serve it, and is none itself.  No model has
 * these images: Linkerd's proxy, and what upstream charts put into pods
 * (kube-prometheus' reloader, Grafana's k8s-sidecar, and so on).
 */
static const char *const sidecar_images[] = {"*linkerd/proxy", "*-reloader",
    "*configmap-reload", "*/k8s-sidecar", "*/kube-rbac-proxy", "*/git-sync",
    "*/pause"};

static const struct words sidecars = {
    sidecar_images, sizeof(sidecar_images) / sizeof(sidecar_images[0])};

static bool
is_stranger(const struct library *library, const char *repository)
{
	if (words_fit(&sidecars, repository))
		return false;
	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *model = library_model(library, i);

		for (size_t s = 0; s < model->selector_count; s++)
			if (model->selectors[s].images.count > 0 &&
			    words_fit(&model->selectors[s].images, repository))
				return false;
	}
	return true;
}

/*
 * Whether a shipped model was chosen by one container's image, and another
 * container is a program that nobody knows.  Then the model cannot speak for
 * the pod: an NGINX beside a program of somebody's own does not keep that from
 * its database.  A label or a name speaks for all of it.
 */
static bool
has_stranger(const struct matching *matching)
{
	const struct workload *workload = matching->identity->workload;
	const struct library *library = matching->resolution->library;

	if (workload == NULL || matching->count == 0)
		return false;
	for (size_t i = 0; i < matching->count; i++) {
		const struct model *model = matching->at[i];
		const struct selector *selector =
		    identity_selector(matching->identity, model);

		if (model->layer != LAYER_LIBRARY || selector == NULL ||
		    selector->images.count == 0)
			return false;
	}
	for (size_t i = 0; i < workload->container_count; i++)
		if (is_stranger(
			library, workload->containers[i].image.repository))
			return true;
	return false;
}

/* Joins what may be guessed of the stranger, and leaves the rest open. */
static void
join_stranger(struct matching *matching)
{
	struct identity *identity = matching->identity;
	size_t known = matching->count;

	identity->has_stranger = true;
	identity->states_needs = false;
	(void)match_layer(matching, LAYER_GENERAL);
	identity->states_provides = matching->count > known;
	identity->matched_count = matching->count;
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
	identity->has_stranger = false;
	if (general && has_stranger(matching))
		join_stranger(matching);
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
