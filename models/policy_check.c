#include "models/policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/inventory/workload.h"
#include "models/library.h"
#include "models/model_print.h"
#include "models/peer.h"
#include "models/policy.h"
#include "models/policy_walk.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"

#define NAMES_MAXIMUM ((size_t)1 << 20)

/* Meetings that are looked at for one exception: a second's worth. */
#define MEETINGS_MAXIMUM 4000000

/* Names that there are, each once. */
struct names {
	struct map *map;
	const char **at; /* NULL-terminated, once all are there */
};

struct checking {
	struct policy *policy;
	const struct library *library;
	struct report *report;
	struct arena *arena;
	struct identities ends;
	struct names applications, namespaces, images;
	struct map *twins; /* -> struct twin */
};

/* --- names that there are ------------------------------------------------- */

static void
names_add(struct checking *checking, struct names *names, const char *name)
{
	char *copy;

	if (name[0] == '\0' || map_get_text(names->map, name) != NULL)
		return;
	copy = arena_text(checking->arena, name);
	(void)map_put_text(names->map, copy, copy);
}

static void
names_close(struct checking *checking, struct names *names)
{
	size_t count = map_count(names->map);

	names->at = arena_array(checking->arena, count + 1, sizeof(*names->at));
	for (size_t i = 0; i < count; i++)
		names->at[i] = map_at(names->map, i);
}

static void
collect_names(struct checking *checking)
{
	checking->applications.map = map_new(NAMES_MAXIMUM);
	checking->namespaces.map = map_new(NAMES_MAXIMUM);
	checking->images.map = map_new(NAMES_MAXIMUM);
	for (size_t i = 0; i < checking->ends.count; i++) {
		const struct workload *one = checking->ends.at[i]->workload;

		if (one == NULL)
			continue;
		names_add(checking, &checking->applications, one->application);
		names_add(checking, &checking->applications,
		    checking->ends.at[i]->name);
		names_add(checking, &checking->namespaces, one->namespace);
		for (size_t c = 0; c < one->container_count; c++)
			names_add(checking, &checking->images,
			    one->containers[c].image.repository);
	}
	names_close(checking, &checking->applications);
	names_close(checking, &checking->namespaces);
	names_close(checking, &checking->images);
}

static void
release_names(struct checking *checking)
{
	map_free(checking->applications.map);
	map_free(checking->namespaces.map);
	map_free(checking->images.map);
}

/* Whether some name fits; else `*nearest` gets what was probably meant. */
static bool
some_name_fits(const struct names *names, const struct words *patterns,
    const char **nearest)
{
	*nearest = NULL;
	for (size_t i = 0; i < map_count(names->map); i++)
		if (words_fit(patterns, names->at[i]))
			return true;
	for (size_t i = 0; i < patterns->count && *nearest == NULL; i++)
		*nearest = nearest_word(patterns->at[i], names->at);
	return false;
}

/* --- models --------------------------------------------------------------- */

/* Models of the shipped library are for clusters that have more than this. */
static bool
is_own(const struct model *model)
{
	return model->layer == LAYER_OPERATOR || model->layer == LAYER_LEARNED;
}

static bool
asks_what_is_served(const struct model *model)
{
	for (size_t i = 0; i < model->selector_count; i++)
		if (model->selectors[i].serves != APPLICATION_UNKNOWN)
			return true;
	return false;
}

/* The word of `match:` that fits nothing at all, if one does. */
static bool
tell_odd_word(struct checking *checking, const struct model *model,
    const struct selector *selector)
{
	const struct {
		const char *key;
		const struct words *words;
		const struct names *names;
	} keys[] = {
	    {"namespace", &selector->namespaces, &checking->namespaces},
	    {"application", &selector->applications, &checking->applications},
	    {"image", &selector->images, &checking->images},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *nearest;

		if (keys[i].words->count == 0 ||
		    some_name_fits(keys[i].names, keys[i].words, &nearest))
			continue;
		report_warning(checking->report, selector->place,
		    "model '%s' matches nothing: no workload has %s '%s'%s%s%s",
		    model->name, keys[i].key, keys[i].words->at[0],
		    nearest == NULL ? "; see `hedgerow workloads`"
				    : "; did you mean '",
		    nearest == NULL ? "" : nearest,
		    nearest == NULL ? "" : "'?");
		return true;
	}
	return false;
}

static void
tell_unmatched(struct checking *checking, const struct model *model)
{
	for (size_t i = 0; i < model->selector_count; i++)
		if (tell_odd_word(checking, model, &model->selectors[i]))
			return;
	report_warning(checking->report, model->place,
	    "model '%s' matches nothing: each key fits somebody, and all of "
	    "them nobody; see `hedgerow workloads`",
	    model->name);
}

static bool
has_model(const struct identity *identity, const struct model *model)
{
	for (size_t i = 0; i < identity->model_count; i++)
		if (identity->models[i]->selectors == model->selectors &&
		    strcmp(identity->models[i]->name, model->name) == 0)
			return true;
	return false;
}

/* A model that stands in its place: of a higher layer, and replacing. */
static const struct model *
winner_over(const struct identity *identity, const struct model *model)
{
	for (size_t i = 0; i < identity->matched_count; i++)
		if (identity->models[i]->layer > model->layer &&
		    !identity->models[i]->adds)
			return identity->models[i];
	return NULL;
}

static void
check_model(struct checking *checking, const struct model *model)
{
	const struct model *winner = NULL;
	size_t matched = 0, applied = 0;

	for (size_t i = 0; i < checking->ends.count; i++) {
		const struct identity *end = checking->ends.at[i];

		if (!identity_matches(end, model))
			continue;
		matched++;
		applied += has_model(end, model);
		if (winner == NULL)
			winner = winner_over(end, model);
	}
	if (matched == 0 && !asks_what_is_served(model))
		tell_unmatched(checking, model);
	else if (matched > 0 && applied == 0 && winner != NULL)
		report_warning(checking->report, model->place,
		    "model '%s' never applies: '%s' (%s:%u) of a higher layer "
		    "stands in its place wherever it matches; give that one "
		    "'adds: true', or leave this one out",
		    model->name, winner->name, winner->place.file,
		    winner->place.line);
}

/* Models that replace each other would be for the same workloads. */
struct twin {
	struct {
		uint64_t ends; /* a digest of those that it matches */
		const struct segment *segment;
		uint64_t layer;
	} key;
	const struct model *model;
};

/*
 * A digest of all that a model matches, 0 for nothing: each end adds a number
 * that looks random, so that two sets are hardly ever taken for one.
 */
static uint64_t
digest_of(const struct checking *checking, const struct model *model)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < checking->ends.count; i++)
		if (identity_matches(checking->ends.at[i], model)) {
			uint64_t word = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

			digest += (word ^ (word >> 29)) *
				  UINT64_C(0xbf58476d1ce4e5b9);
		}
	return digest;
}

static void
check_twin(struct checking *checking, const struct model *model)
{
	struct twin *twin = arena_take(checking->arena, sizeof(*twin));
	const struct twin *first;

	twin->model = model;
	twin->key.ends = digest_of(checking, model);
	twin->key.segment = model->segment;
	twin->key.layer = (uint64_t)model->layer;
	if (twin->key.ends == 0 || model->adds)
		return;
	first = map_get(checking->twins, &twin->key, sizeof(twin->key));
	if (first == NULL) {
		map_put(checking->twins, &twin->key, sizeof(twin->key), twin);
		return;
	}
	report_warning(checking->report, model->place,
	    "models '%s' and '%s' (%s:%u) are for the same workloads, and both "
	    "apply: what either allows is allowed; make one of them of both, "
	    "or say 'adds: true' in this one if that is meant",
	    model->name, first->model->name, first->model->place.file,
	    first->model->place.line);
}

/* --- peers ---------------------------------------------------------------- */

static void
check_peer(struct checking *checking, const struct peer *peer)
{
	const char *nearest;

	if (peer->applications.count > 0 &&
	    !some_name_fits(
		&checking->applications, &peer->applications, &nearest))
		report_warning(checking->report, peer->place,
		    "nobody fits: no workload has application '%s'%s%s%s",
		    peer->applications.at[0],
		    nearest == NULL ? "" : "; did you mean '",
		    nearest == NULL ? "" : nearest,
		    nearest == NULL ? "" : "'?");
	else if (peer->namespaces.count > 0 &&
		 !some_name_fits(
		     &checking->namespaces, &peer->namespaces, &nearest))
		report_warning(checking->report, peer->place,
		    "nobody fits: no workload is in namespace '%s'%s%s%s",
		    peer->namespaces.at[0],
		    nearest == NULL ? "" : "; did you mean '",
		    nearest == NULL ? "" : nearest,
		    nearest == NULL ? "" : "'?");
}

/* What a model has from another is that one's to correct. */
static void
check_entries(struct checking *checking, const struct model *model,
    const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct peers *peers = &entries->at[i].peers;

		if (strcmp(entries->at[i].place.file, model->place.file) != 0)
			continue;
		for (size_t p = 0; p < peers->count; p++)
			check_peer(checking, &peers->at[p]);
	}
}

/* --- segments ------------------------------------------------------------- */

static void
check_members(struct checking *checking, const struct segment *segment)
{
	for (size_t i = 0; i < checking->ends.count; i++)
		if (identity_in_segment(checking->ends.at[i], segment))
			return;
	report_warning(checking->report, segment->place,
	    "segment '%s' has no members, so it guards nobody; see "
	    "`hedgerow workloads -o json` for what `match` can ask",
	    segment->name);
}

static bool
is_excepted(const struct boundary *boundary, const struct identity *member,
    const struct identity *outsider)
{
	struct meeting meeting = {member, outsider, false};

	return peers_fit(&boundary->peers, &meeting) &&
	       peers_fit(&boundary->except, &meeting);
}

/* An exception that another segment's boundary takes back again. */
static bool
check_exception(struct checking *checking, const struct segment *segment,
    const struct boundary *boundary, const struct identity *member,
    const struct identity *outsider)
{
	const struct pair *pair;

	if (!is_excepted(boundary, member, outsider))
		return false;
	pair = boundary->inward
		   ? policy_pair(checking->policy, outsider, member, false)
		   : policy_pair(checking->policy, member, outsider, false);
	if (pair->boundary == NULL || pair->boundary == boundary)
		return false;
	report_warning(checking->report, boundary->place,
	    "contradiction: segment '%s' excepts %s -> %s, and segment '%s' "
	    "(%s:%u) isolates them; every boundary holds, so except them there "
	    "too, or here neither",
	    segment->name, pair->client->name, pair->server->name,
	    pair->segment->name, pair->boundary->place.file,
	    pair->boundary->place.line);
	return true;
}

static void
check_boundary(struct checking *checking, const struct segment *segment,
    const struct boundary *boundary)
{
	size_t meetings = 0;

	if (!boundary->except.given)
		return;
	for (size_t m = 0; m < checking->ends.count; m++) {
		const struct identity *member = checking->ends.at[m];

		if (!identity_in_segment(member, segment))
			continue;
		for (size_t o = 0; o < checking->ends.count; o++) {
			const struct identity *outsider = checking->ends.at[o];

			if (identity_in_segment(outsider, segment))
				continue;
			if (meetings++ == MEETINGS_MAXIMUM ||
			    check_exception(
				checking, segment, boundary, member, outsider))
				return;
		}
	}
}

/* --- everything ----------------------------------------------------------- */

void
policy_check(struct policy *policy, const struct library *library,
    const struct inventory *inventory, struct report *report)
{
	struct checking checking = {
	    .policy = policy,
	    .library = library,
	    .report = report,
	    .arena = arena_new(),
	    .twins = map_new(NAMES_MAXIMUM),
	};

	checking.ends = policy_walk_ends(
	    policy, library, inventory, INSTANT_PAST, checking.arena);
	collect_names(&checking);
	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *model = library_model(library, i);

		if (!is_own(model))
			continue;
		check_model(&checking, model);
		check_twin(&checking, model);
		check_entries(&checking, model, &model->provides);
		check_entries(&checking, model, &model->needs);
	}
	for (size_t i = 0; i < library_segment_count(library); i++) {
		const struct segment *segment = library_segment(library, i);

		check_members(&checking, segment);
		for (size_t b = 0; b < segment->boundary_count; b++)
			check_boundary(
			    &checking, segment, &segment->boundaries[b]);
	}
	release_names(&checking);
	map_free(checking.twins);
	arena_free(checking.arena);
}
