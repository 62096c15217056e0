/*
 * tuning_draft -- what `detectors:` says, before anybody has asked which
 * detectors there are.
 *
 * Detectors stand above models, so names of detectors and of their settings are
 * words here, with their places; classifiers/detectors/tuning_make.h looks them
 * up.  Everything is in the library's arena.
 */
#ifndef MODELS_TUNING_DRAFT_H
#define MODELS_TUNING_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "models/model.h"

/* Most settings under one detector; more are a mistake anyhow. */
#define TUNING_WORDS_MAXIMUM ((size_t)32)

/*
 * `distinct_targets: 50`.  What is no number is a mistake, unless its name is
 * one already: `severty: low`.
 */
struct tuning_word {
	const char *name;
	struct place place, value_place;
	double value;
	bool is_number;
};

/* One mapping under `detectors:`, or one entry of its `for:`. */
struct tuning_draft {
	struct place place;
	const char *detector; /* or `all` */
	struct place detector_place;
	enum layer layer;
	bool is_for; /* an entry of `for:`; then at least one is given: */
	struct peers client, destination, workload;
	const enum application *applications;
	size_t application_count; /* 0: any */
	struct ports ports;
	/* What is set. */
	bool sets_off, off;
	bool sets_severity;
	enum severity severity;
	const struct tuning_word *words;
	size_t word_count;
};

#endif
