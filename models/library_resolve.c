#include "models/library_resolve.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/inventory/workload.h"
#include "models/model_parse.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

/* Names shown of a circle; a longer one is no easier to find. */
#define CIRCLE_SHOWN 16

/* Two names of NAME_MAXIMUM, a layer, and what is between them. */
#define KEY_SIZE (2 * NAME_MAXIMUM + 16)

struct resolving {
	struct parse *parse;
	struct map *models;    /* by layer, segment and name */
	struct map *fragments; /* by layer and name */
	size_t entries;        /* of complete models and fragments */
};

/* --- names ---------------------------------------------------------------- */

/*
 * Names hold no space, so no two keys are alike.  A model inside a segment has
 * its name to itself: it is nobody's model outside.
 */
static const char *
key_of(char out[KEY_SIZE], enum layer layer, const struct segment *segment,
    const char *name)
{
	const char *inside = "";

	if (segment != NULL && segment->name != NULL)
		inside = segment->name;
	(void)snprintf(out, KEY_SIZE, "%d %s %s", (int)layer, inside, name);
	return out;
}

static void
report_taken(struct parse *parse, struct place place, const char *what,
    const char *name, const struct place *first)
{
	report_error(parse->report, place,
	    "%s '%s' is already defined at %s:%u:%u", what, name, first->file,
	    first->line, first->column);
}

static void
index_models(struct resolving *all)
{
	struct parse *parse = all->parse;

	for (size_t i = 0; i < parse->models.count; i++) {
		struct model_draft *draft = parse->models.at[i];
		const struct model *model = draft->model;
		const struct model_draft *first;
		char key[KEY_SIZE];

		if (model->name == NULL)
			continue;
		(void)key_of(key, model->layer, model->segment, model->name);
		first = map_get_text(all->models, key);
		if (first != NULL)
			report_taken(parse, model->place, "model", model->name,
			    &first->model->place);
		else
			(void)map_put_text(
			    all->models, arena_text(parse->arena, key), draft);
	}
}

static void
index_fragments(struct resolving *all)
{
	struct parse *parse = all->parse;

	for (size_t i = 0; i < parse->fragments.count; i++) {
		struct fragment_draft *draft = parse->fragments.at[i];
		const struct fragment_draft *first;
		char key[KEY_SIZE];

		if (draft->name == NULL)
			continue;
		(void)key_of(key, draft->layer, NULL, draft->name);
		first = map_get_text(all->fragments, key);
		if (first != NULL)
			report_taken(parse, draft->place, "fragment",
			    draft->name, &first->place);
		else
			(void)map_put_text(all->fragments,
			    arena_text(parse->arena, key), draft);
	}
}

/* --- references ----------------------------------------------------------- */

/* Names that may be referred to, each once, and where each was first given. */
struct names {
	const char **at; /* NULL-terminated, to serve as candidates */
	struct place *places;
	size_t count;
	struct map *map; /* name -> its slot in `at` */
};

static struct names
names_new(struct parse *parse, size_t maximum)
{
	return (struct names){
	    .at = arena_array(parse->arena, maximum + 1, sizeof(char *)),
	    .places = arena_array(parse->arena, maximum, sizeof(struct place)),
	    .map = map_new(maximum),
	};
}

/* The place where the name was given before, or NULL. */
static const struct place *
names_add(struct names *names, const char *name, struct place place)
{
	const char **slot;

	if (name == NULL)
		return NULL;
	assert(names->places != NULL);
	slot = map_get_text(names->map, name);
	if (slot != NULL)
		return &names->places[slot - names->at];
	names->places[names->count] = place;
	names->at[names->count] = name;
	(void)map_put_text(names->map, name, &names->at[names->count++]);
	return NULL;
}

static void
check_references(struct parse *parse, enum reference_kind kind,
    const char *what, struct names *names)
{
	for (size_t i = 0; i < parse->references.count; i++) {
		const struct reference *one = parse->references.at[i];

		if (one->kind == kind &&
		    map_get_text(names->map, one->name) == NULL)
			parse_unknown(
			    parse, one->place, what, one->name, names->at);
	}
	map_free(names->map);
}

static void
check_models(struct parse *parse)
{
	struct names models = names_new(parse, parse->models.count + 1);
	struct names roles = names_new(parse, parse->models.count + 1);

	/* What a workload is whose models give it no role. */
	(void)names_add(&roles, "application", (struct place){0});
	for (size_t i = 0; i < parse->models.count; i++) {
		const struct model_draft *draft = parse->models.at[i];
		const struct model *model = draft->model;

		(void)names_add(&models, model->name, model->place);
		(void)names_add(&roles, model->role, model->place);
	}
	check_references(parse, REFERENCE_MODEL, "model", &models);
	check_references(parse, REFERENCE_ROLE, "role", &roles);
}

/*
 * Segments and zones have no layers, unlike models: two of one name would both
 * hold, and nobody could say which one a peer means.
 */
static void
check_segments(struct parse *parse)
{
	struct names names = names_new(parse, parse->segments.count + 1);

	for (size_t i = 0; i < parse->segments.count; i++) {
		const struct segment *one = parse->segments.at[i];
		const struct place *first =
		    names_add(&names, one->name, one->place);

		if (first != NULL)
			report_taken(
			    parse, one->place, "segment", one->name, first);
	}
	check_references(parse, REFERENCE_SEGMENT, "segment", &names);
}

static void
check_zones(struct parse *parse)
{
	struct names names = names_new(parse, parse->zones.count + 1);

	for (size_t i = 0; i < parse->zones.count; i++) {
		const struct zone_draft *one = parse->zones.at[i];
		const struct place *first =
		    names_add(&names, one->zone->name, one->place);

		if (first != NULL)
			report_taken(
			    parse, one->place, "zone", one->zone->name, first);
	}
	check_references(parse, REFERENCE_ZONE, "zone", &names);
}

/* --- fragments ------------------------------------------------------------ */

/* Names of one kind for a suggestion; only ever made for a mistake. */
static void
report_unknown_fragment(struct resolving *all, const struct item *item)
{
	struct parse *parse = all->parse;
	const char **names = arena_array(
	    parse->arena, parse->fragments.count + 1, sizeof(*names));
	size_t count = 0;

	if (report_errors(parse->report) < REPORT_MAXIMUM)
		for (size_t i = 0; i < parse->fragments.count; i++) {
			const struct fragment_draft *one =
			    parse->fragments.at[i];

			if (one->name != NULL)
				names[count++] = one->name;
		}
	parse_unknown(parse, item->place, "fragment", item->use, names);
}

/* The entries of a fragment's side; none, after a report, when it has none. */
static struct entries
entries_of_use(struct resolving *all, enum layer layer, const struct item *item,
    bool provides)
{
	const struct fragment_draft *fragment = NULL;
	char key[KEY_SIZE];

	for (int at = (int)layer; fragment == NULL && at >= 0; at--)
		fragment = map_get_text(all->fragments,
		    key_of(key, (enum layer)at, NULL, item->use));
	if (fragment == NULL) {
		report_unknown_fragment(all, item);
		return (struct entries){0};
	}
	if (!(provides ? fragment->provides : fragment->needs).given)
		report_error(all->parse->report, item->place,
		    "fragment '%s' has no '%s'; it belongs under '%s'",
		    item->use, provides ? "provides" : "needs",
		    provides ? "needs" : "provides");
	return provides ? fragment->provided : fragment->needed;
}

/* --- entries -------------------------------------------------------------- */

/* A list under construction: what stands in it, and whose it is. */
struct merge {
	struct entry *at;
	bool *own; /* written or used here, not by the model it extends */
	size_t count;
};

static size_t
merge_find(const struct merge *merge, const char *name)
{
	for (size_t i = 0; i < merge->count; i++)
		if (merge->at[i].name != NULL &&
		    strcmp(merge->at[i].name, name) == 0)
			return i;
	return merge->count;
}

/* Takes the place of the extended model's entry of that name, or joins. */
static void
merge_add(struct parse *parse, struct merge *merge, const struct entry *entry,
    struct place place)
{
	size_t slot = merge->count;

	if (entry->name != NULL)
		slot = merge_find(merge, entry->name);
	if (slot < merge->count && merge->own[slot]) {
		report_error(parse->report, place,
		    "entry '%s' is already in this list, from line %u",
		    entry->name, merge->at[slot].place.line);
		return;
	}
	merge->at[slot] = *entry;
	merge->own[slot] = true;
	if (slot == merge->count)
		merge->count++;
}

static bool
has_room(
    struct resolving *all, struct place place, const char *key, size_t count)
{
	if (count > ENTRIES_MAXIMUM) {
		report_error(all->parse->report, place,
		    "'%s' comes to more than %zu entries", key,
		    ENTRIES_MAXIMUM);
		return false;
	}
	all->entries += count;
	if (all->entries <= LIBRARY_ENTRIES_MAXIMUM)
		return true;
	report_error(all->parse->report, place,
	    "the library comes to more than %zu entries",
	    LIBRARY_ENTRIES_MAXIMUM);
	all->entries -= count;
	return false;
}

/*
 * One side with its fragments spliced in, over the extended model's.  An
 * explicit `[]` is nothing at all, or an extension could never take away.
 */
static struct entries
merge_side(struct resolving *all, const struct side *side, enum layer layer,
    struct place place, const struct entries *base, bool provides)
{
	struct arena *arena = all->parse->arena;
	size_t kept = side->given && side->count == 0 ? 0 : base->count;
	size_t total = kept;
	struct entries *used;
	struct merge merge = {.count = kept};

	if (!side->given)
		return *base;
	used = arena_array(arena, side->count, sizeof(*used));
	for (size_t i = 0; i < side->count; i++) {
		const struct item *item = &side->at[i];

		if (item->use != NULL)
			used[i] = entries_of_use(all, layer, item, provides);
		else
			used[i] = (struct entries){true, &item->entry, 1};
		total += used[i].count;
	}
	if (!has_room(all, place, provides ? "provides" : "needs", total))
		return (struct entries){.given = true};
	merge.at = arena_array(arena, total, sizeof(*merge.at));
	merge.own = arena_array(arena, total, sizeof(*merge.own));
	for (size_t i = 0; i < kept; i++)
		merge.at[i] = base->at[i];
	for (size_t i = 0; i < side->count; i++)
		for (size_t e = 0; e < used[i].count; e++)
			merge_add(all->parse, &merge, &used[i].at[e],
			    side->at[i].place);
	return (struct entries){true, merge.at, merge.count};
}

/* Made-up names count from the entry's place in its list: `provides-2`. */
static struct entries
name_entries(
    struct parse *parse, const struct entries *entries, const char *key)
{
	struct merge merge = {.count = entries->count};
	size_t number = 0, named = 0;

	while (named < entries->count && entries->at[named].name != NULL)
		named++;
	if (named == entries->count)
		return *entries; /* inherited whole, most often: share it */
	merge.at = arena_array(parse->arena, entries->count, sizeof(*merge.at));
	for (size_t i = 0; i < entries->count; i++)
		merge.at[i] = entries->at[i];
	for (size_t i = 0; i < entries->count; i++) {
		char name[32];

		if (merge.at[i].name != NULL)
			continue;
		if (number < i)
			number = i;
		do
			(void)snprintf(
			    name, sizeof(name), "%s-%zu", key, ++number);
		while (merge_find(&merge, name) < merge.count);
		merge.at[i].name = arena_text(parse->arena, name);
	}
	return (struct entries){entries->given, merge.at, merge.count};
}

/* --- extends -------------------------------------------------------------- */

static void
report_unknown_base(struct resolving *all, const struct model_draft *draft)
{
	struct parse *parse = all->parse;
	const char **names =
	    arena_array(parse->arena, parse->models.count + 1, sizeof(*names));
	size_t count = 0;

	if (draft->model->name != NULL &&
	    strcmp(draft->model->name, draft->extends) == 0) {
		report_error(parse->report, draft->extends_place,
		    "'%s' extends itself: no lower layer has a model of that "
		    "name",
		    draft->extends);
		return;
	}
	if (report_errors(parse->report) < REPORT_MAXIMUM)
		for (size_t i = 0; i < parse->models.count; i++) {
			const struct model_draft *one = parse->models.at[i];

			if (one->model->name != NULL &&
			    one->model->segment == NULL &&
			    one->model->layer <= draft->model->layer)
				names[count++] = one->model->name;
		}
	parse_unknown(
	    parse, draft->extends_place, "model", draft->extends, names);
}

/* The nearest model of that name that is not the draft itself. */
static struct model_draft *
find_base(struct resolving *all, const struct model_draft *draft)
{
	const struct model *model = draft->model;
	char key[KEY_SIZE];

	for (int layer = (int)model->layer; layer >= 0; layer--) {
		struct model_draft *inside = map_get_text(
		    all->models, key_of(key, (enum layer)layer, model->segment,
				     draft->extends));
		struct model_draft *outside = map_get_text(all->models,
		    key_of(key, (enum layer)layer, NULL, draft->extends));

		if (inside != NULL && inside != draft)
			return inside;
		if (outside != NULL && outside != draft)
			return outside;
	}
	report_unknown_base(all, draft);
	return NULL;
}

/* `waiting` extends `first`, which waits for it through those between. */
static void
report_circle(struct parse *parse, const struct model_draft *waiting,
    const struct model_draft *first)
{
	const char *names[CIRCLE_SHOWN];
	size_t count = 0, length = 0;
	struct text circle;

	for (const struct model_draft *at = waiting; at != NULL;
	     at = at == first ? NULL : at->waiting, length++)
		if (count < CIRCLE_SHOWN)
			names[count++] = at->model->name;
	text_init(&circle, 4096);
	text_add(&circle, first->model->name);
	if (length > count)
		text_add(&circle, " -> ...");
	else
		count--; /* the last one is `first` itself */
	while (count > 0)
		text_format(&circle, " -> %s", names[--count]);
	report_error(parse->report, first->extends_place,
	    "'extends' goes in a circle: %s -> %s", circle.at,
	    first->model->name);
	text_release(&circle);
}

static void
inherit(struct model_draft *draft, const struct model *base)
{
	struct model *model = draft->model;

	model->extends = base;
	if (!draft->gives_match) {
		model->selectors = base->selectors;
		model->selector_count = base->selector_count;
	}
	if (!draft->gives_severity)
		model->severity = base->severity;
	if (!draft->gives_tags) {
		model->tags = base->tags;
		model->tag_count = base->tag_count;
	}
	if (model->role == NULL)
		model->role = base->role;
	if (model->describes == NULL)
		model->describes = base->describes;
}

/* The base, if there is one, is complete already. */
static void
complete(struct resolving *all, struct model_draft *draft)
{
	static const struct model nothing = {.describes = ""};
	struct model *model = draft->model;
	const struct model *base =
	    draft->base == NULL ? &nothing : draft->base->model;
	struct entries provides, needs;

	if (draft->base != NULL)
		inherit(draft, base);
	if (model->describes == NULL)
		model->describes = "";
	provides = merge_side(all, &draft->provides, model->layer, model->place,
	    &base->provides, true);
	needs = merge_side(all, &draft->needs, model->layer, model->place,
	    &base->needs, false);
	model->provides = name_entries(all->parse, &provides, "provides");
	model->needs = name_entries(all->parse, &needs, "needs");
	draft->state = DRAFT_DONE;
}

/* Follows `extends` to its root without recursion, for it may be long. */
static void
resolve_model(struct resolving *all, struct model_draft *draft)
{
	struct model_draft *waiting = NULL, *at = draft;

	while (at != NULL && at->state == DRAFT_NEW) {
		at->state = DRAFT_OPEN;
		at->waiting = waiting;
		waiting = at;
		if (at->extends != NULL)
			at->base = find_base(all, at);
		at = at->base;
	}
	if (at != NULL && at->state == DRAFT_OPEN) {
		assert(waiting != NULL);
		report_circle(all->parse, waiting, at);
		waiting->base = NULL;
	}
	for (; waiting != NULL; waiting = waiting->waiting)
		complete(all, waiting);
}

static void
resolve_fragment(struct resolving *all, struct fragment_draft *fragment)
{
	static const struct entries nothing = {.given = false};

	fragment->provided = merge_side(all, &fragment->provides,
	    fragment->layer, fragment->place, &nothing, true);
	fragment->needed = merge_side(all, &fragment->needs, fragment->layer,
	    fragment->place, &nothing, false);
}

void
library_resolve(struct parse *parse)
{
	struct resolving all = {
	    .parse = parse,
	    .models = map_new(DOCUMENTS_MAXIMUM),
	    .fragments = map_new(DOCUMENTS_MAXIMUM),
	};

	index_models(&all);
	index_fragments(&all);
	for (size_t i = 0; i < parse->fragments.count; i++)
		resolve_fragment(&all, parse->fragments.at[i]);
	for (size_t i = 0; i < parse->models.count; i++)
		resolve_model(&all, parse->models.at[i]);
	check_models(parse);
	check_segments(parse);
	check_zones(parse);
	map_free(all.fragments);
	map_free(all.models);
}

struct entries
library_resolve_side(struct parse *parse, const struct side *side,
    struct place place, bool provides)
{
	static const struct entries nothing = {.given = false};
	struct resolving all = {
	    .parse = parse,
	    .fragments = map_new(DOCUMENTS_MAXIMUM),
	};
	struct entries entries;

	index_fragments(&all);
	entries =
	    merge_side(&all, side, LAYER_OPERATOR, place, &nothing, provides);
	entries =
	    name_entries(parse, &entries, provides ? "provides" : "needs");
	check_models(parse);
	check_segments(parse);
	check_zones(parse);
	map_free(all.fragments);
	return entries;
}
