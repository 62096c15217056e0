/*
 * library -- loads every model, fragment, segment and zone of some directories.
 *
 * Strict: an unknown key, application, role, fragment, zone, segment or model
 * is an error with its place and the nearest known word, and so is a cyclic
 * `extends`.  Every mistake of every file is reported before giving up.
 */
#ifndef MODELS_LIBRARY_H
#define MODELS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "models/model.h"

struct arena;
struct model_edit;
struct tuning_draft;
struct library; /* opaque, immutable once loaded */

struct library_source {
	const char *path; /* a directory (searched for *.yaml) or a file */
	enum layer layer;
};

/*
 * Loads sources in order.
 *
 * returns    an owned library for library_free(), or NULL when `report` got an
 *            error
 */
struct library *library_load(
    const struct library_source *sources, size_t count, struct report *report);

/*
 * The same with edits made to what the sources say, in order; the files stay as
 * they are.
 */
struct library *library_load_edited(const struct library_source *sources,
    size_t count, const struct model_edit *edits, size_t edit_count,
    struct report *report);

/*
 * Where mistakes forbid a library, what is set for detectors is lost with it;
 * the witness sees it, and may report what is wrong with that as well.
 */
struct library_witness {
	void (*see)(const struct tuning_draft *draft, void *context);
	void *context;
};

struct library *library_load_witnessed(const struct library_source *sources,
    size_t count, const struct library_witness *witness, struct report *report);

/* The same from texts in memory, for tests: names[i] is for messages. */
struct library *library_parse(const char *const *names,
    const char *const *texts, const enum layer *layers, size_t count,
    struct report *report);

void library_free(struct library *library);

/* Everything in order of layer, then path, then place. */
size_t library_model_count(const struct library *library);
const struct model *library_model(const struct library *library, size_t index);
size_t library_segment_count(const struct library *library);
const struct segment *library_segment(
    const struct library *library, size_t index);
size_t library_zone_count(const struct library *library);
const struct zone *library_zone(const struct library *library, size_t index);

/* What is set for detectors; later ones win. */
size_t library_tuning_count(const struct library *library);
const struct tuning_draft *library_tuning(
    const struct library *library, size_t index);

/* A model by its name, the highest layer's, or NULL. */
const struct model *library_find(
    const struct library *library, const char *name);

/*
 * Reads entries that stand outside the library, as a list in YAML, with its
 * fragments, roles, models, segments and zones.
 *
 * arena      owns the entries
 * file       what they stand in, for messages; copied
 * provides   or needs
 * returns    false when `report` got an error; then there are no entries
 */
bool library_read_entries(const struct library *library, struct arena *arena,
    const char *file, const char *text, bool provides, struct report *report,
    struct entries *entries);

#endif
