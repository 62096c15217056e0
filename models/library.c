#include "models/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/workload.h"
#include "models/edit.h"
#include "models/library_edit.h"
#include "models/library_resolve.h"
#include "models/model_parse.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"

struct library {
	struct arena *arena; /* holds all that follows */
	const struct model **models;
	size_t model_count;
	const struct segment **segments;
	size_t segment_count;
	const struct zone **zones;
	size_t zone_count;
	/* The drafts, for entries that are read later. */
	struct parse parse;
};

/* One text to read, from a file unless it is here. */
struct source {
	const char *name;
	const char *text; /* or NULL */
	enum layer layer;
	size_t number; /* as given, to sort stably */
};

/* --- sources -------------------------------------------------------------- */

static void
source_add(struct arena *arena, struct pile *sources, const char *name,
    const char *text, enum layer layer)
{
	struct source *source = arena_take(arena, sizeof(*source));

	*source = (struct source){name, text, layer, sources->count};
	pile_add(sources, source);
}

static void
report_unreadable(struct report *report, const char *path, long error)
{
	report_error(report, (struct place){.file = path}, "cannot be read: %s",
	    error == -EINVAL ? "it is neither a file nor a directory"
			     : strerror((int)-error));
}

static void
list_directory(struct arena *arena, struct report *report,
    const struct library_source *directory, struct pile *sources)
{
	static const char *const suffixes[] = {".yaml", ".yml"};
	size_t before = sources->count;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char **paths;
		long count =
		    file_list(arena, directory->path, suffixes[i], &paths);

		if (count < 0) {
			report_unreadable(report, directory->path, count);
			return;
		}
		for (long p = 0; p < count; p++)
			source_add(
			    arena, sources, paths[p], NULL, directory->layer);
	}
	if (sources->count == before)
		report_warning(report, (struct place){.file = directory->path},
		    "there is no *.yaml or *.yml in this directory");
}

static int
source_compare(const void *a, const void *b)
{
	const struct source *left = *(void *const *)a;
	const struct source *right = *(void *const *)b;
	int order;

	if (left->layer != right->layer)
		return left->layer < right->layer ? -1 : 1;
	order = strcmp(left->name, right->name);
	if (order != 0)
		return order;
	return left->number < right->number ? -1 : 1;
}

/* --- reading -------------------------------------------------------------- */

static void
read_text(struct parse *parse, const char *text, size_t size)
{
	/* The trees are many times larger than what is kept of them. */
	struct arena *trees = arena_new();
	struct yaml_node **documents;
	size_t count = yaml_read(
	    trees, parse->file, text, size, parse->report, &documents);

	for (size_t i = 0; i < count; i++)
		parse_document(parse, documents[i]);
	arena_free(trees);
}

/* Returns whether there was something to read. */
static bool
read_source(struct parse *parse, const struct source *source)
{
	char *octets;
	size_t size;
	int error;

	parse->file = arena_text(parse->arena, source->name);
	parse->layer = source->layer;
	if (source->text != NULL) {
		read_text(parse, source->text, strlen(source->text));
		return true;
	}
	error = file_read(source->name, YAML_MAXIMUM_SIZE, &octets, &size);
	if (error != 0) {
		report_unreadable(parse->report, source->name, error);
		return false;
	}
	read_text(parse, octets, size);
	free(octets);
	return true;
}

/* --- the outcome ---------------------------------------------------------- */

/* By layer; within one, the order of reading is that of path and place. */
static void
keep_models(struct library *library, const struct parse *parse)
{
	size_t total = parse->models.count;

	library->models =
	    arena_array(library->arena, total, sizeof(*library->models));
	for (int layer = LAYER_GENERAL; layer <= LAYER_OPERATOR; layer++)
		for (size_t i = 0; i < total; i++) {
			const struct model_draft *one = parse->models.at[i];

			if ((int)one->model->layer == layer)
				library->models[library->model_count++] =
				    one->model;
		}
}

static struct library *
keep(const struct parse *parse)
{
	struct library *library = allocate(1, sizeof(*library));

	library->arena = parse->arena;
	library->parse = *parse;
	library->parse.report = NULL;
	keep_models(library, parse);
	library->segment_count = parse->segments.count;
	library->segments = arena_array(
	    parse->arena, parse->segments.count, sizeof(*library->segments));
	for (size_t i = 0; i < parse->segments.count; i++)
		library->segments[i] = parse->segments.at[i];
	library->zone_count = parse->zones.count;
	library->zones = arena_array(
	    parse->arena, parse->zones.count, sizeof(*library->zones));
	for (size_t i = 0; i < parse->zones.count; i++) {
		const struct zone_draft *one = parse->zones.at[i];

		library->zones[i] = one->zone;
	}
	return library;
}

static void
release_drafts(struct parse *parse)
{
	pile_release(&parse->models);
	pile_release(&parse->fragments);
	pile_release(&parse->segments);
	pile_release(&parse->zones);
	pile_release(&parse->tunings);
}

static void
show(const struct parse *parse, const struct library_witness *witness)
{
	for (size_t i = 0; witness != NULL && i < parse->tunings.count; i++)
		witness->see(parse->tunings.at[i], witness->context);
}

/* What is done with what was read. */
struct loading {
	const struct model_edit *edits;
	size_t edit_count;
	const struct library_witness *witness; /* or NULL */
	struct report *report;
	size_t errors; /* that the report had before anything */
};

/* Takes the arena. */
static struct library *
load(struct arena *arena, struct pile *sources, const struct loading *loading)
{
	struct report *report = loading->report;
	struct parse parse = {.arena = arena, .report = report};
	struct library *library = NULL;
	/* A directory that cannot be read was reported. */
	bool whole = report_errors(report) == loading->errors;

	if (sources->count > 0)
		qsort(sources->at, sources->count, sizeof(*sources->at),
		    source_compare);
	for (size_t i = 0; i < sources->count; i++)
		whole &= read_source(&parse, sources->at[i]);
	for (size_t i = 0; i < loading->edit_count; i++)
		library_edit(&parse, &loading->edits[i]);
	/* Else what nobody could read would be missed everywhere. */
	if (whole)
		library_resolve(&parse);
	if (report_errors(report) == loading->errors)
		library = keep(&parse);
	else
		show(&parse, loading->witness);
	pile_release(&parse.references);
	if (library == NULL) {
		release_drafts(&parse);
		arena_free(arena);
	} else {
		library->parse.references = (struct pile){0};
	}
	pile_release(sources);
	return library;
}

struct library *
library_load(
    const struct library_source *sources, size_t count, struct report *report)
{
	return library_load_edited(sources, count, NULL, 0, report);
}

static struct library *
load_files(const struct library_source *sources, size_t count,
    const struct loading *loading)
{
	struct arena *arena = arena_new();
	struct report *report = loading->report;
	struct pile files = {0};

	for (size_t i = 0; i < count; i++) {
		if (file_is_directory(sources[i].path))
			list_directory(arena, report, &sources[i], &files);
		else
			source_add(arena, &files, sources[i].path, NULL,
			    sources[i].layer);
	}
	return load(arena, &files, loading);
}

struct library *
library_load_edited(const struct library_source *sources, size_t count,
    const struct model_edit *edits, size_t edit_count, struct report *report)
{
	return load_files(sources, count,
	    &(struct loading){
		.edits = edits,
		.edit_count = edit_count,
		.report = report,
		.errors = report_errors(report),
	    });
}

struct library *
library_load_witnessed(const struct library_source *sources, size_t count,
    const struct library_witness *witness, struct report *report)
{
	return load_files(sources, count,
	    &(struct loading){
		.witness = witness,
		.report = report,
		.errors = report_errors(report),
	    });
}

struct library *
library_parse(const char *const *names, const char *const *texts,
    const enum layer *layers, size_t count, struct report *report)
{
	struct arena *arena = arena_new();
	struct pile sources = {0};

	for (size_t i = 0; i < count; i++)
		source_add(arena, &sources, names[i], texts[i], layers[i]);
	return load(arena, &sources,
	    &(struct loading){
		.report = report,
		.errors = report_errors(report),
	    });
}

void
library_free(struct library *library)
{
	if (library == NULL)
		return;
	release_drafts(&library->parse);
	arena_free(library->arena);
	free(library);
}

/* --- entries from elsewhere ----------------------------------------------- */

bool
library_read_entries(const struct library *library, struct arena *arena,
    const char *file, const char *text, bool provides, struct report *report,
    struct entries *entries)
{
	struct parse parse = library->parse;
	struct arena *trees = arena_new();
	size_t errors = report_errors(report);
	struct yaml_node **documents;
	struct side side;

	parse.arena = arena;
	parse.report = report;
	parse.file = arena_text(arena, file);
	*entries = (struct entries){0};
	if (yaml_read(trees, parse.file, text, strlen(text), report,
		&documents) == 1) {
		side = parse_entries(&parse, documents[0],
		    provides ? "provides" : "needs", false);
		*entries = library_resolve_side(
		    &parse, &side, parse_place(&parse, documents[0]), provides);
	} else if (report_errors(report) == errors) {
		report_error(report, (struct place){.file = parse.file},
		    "one list of entries is expected");
	}
	pile_release(&parse.references);
	arena_free(trees);
	if (report_errors(report) == errors)
		return true;
	*entries = (struct entries){0};
	return false;
}

/* --- questions ------------------------------------------------------------ */

size_t
library_model_count(const struct library *library)
{
	return library->model_count;
}

const struct model *
library_model(const struct library *library, size_t index)
{
	return library->models[index];
}

size_t
library_segment_count(const struct library *library)
{
	return library->segment_count;
}

const struct segment *
library_segment(const struct library *library, size_t index)
{
	return library->segments[index];
}

size_t
library_zone_count(const struct library *library)
{
	return library->zone_count;
}

const struct zone *
library_zone(const struct library *library, size_t index)
{
	return library->zones[index];
}

size_t
library_tuning_count(const struct library *library)
{
	return library->parse.tunings.count;
}

const struct tuning_draft *
library_tuning(const struct library *library, size_t index)
{
	return library->parse.tunings.at[index];
}

/* One that stands in a segment only when no other has the name. */
const struct model *
library_find(const struct library *library, const char *name)
{
	const struct model *nested = NULL;

	for (size_t i = library->model_count; i-- > 0;) {
		const struct model *model = library->models[i];

		if (strcmp(model->name, name) != 0)
			continue;
		if (model->segment == NULL)
			return model;
		if (nested == NULL)
			nested = model;
	}
	return nested;
}
