/*
 * tuning -- what operators set for detectors: for all, and for some flows.
 *
 * Plain data, made of the `detectors:` of models' files by tuning_parse.h and
 * immutable afterwards.  docs/detectors.md is the manual.  Does not know what
 * detectors do.
 */
#ifndef CLASSIFIERS_DETECTORS_TUNING_H
#define CLASSIFIERS_DETECTORS_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/detectors/detector.h"
#include "models/model.h"

/* What an end has to be; every part that is given must hold. */
struct tuned_end {
	bool given;
	struct words applications; /* globs; `namespace/name` binds both */
	struct words namespaces;   /* globs */
	struct label_tests labels;
	struct words zones;
	const struct prefix *prefixes;
	size_t prefix_count;
	struct words names;     /* globs: answered or asked for, outside */
	struct words countries; /* outside */
	bool external;          /* none of the cluster's */
};

/* Settings of one detector. */
struct tuned {
	struct place place;
	/* Whose: everybody's where nothing is given. */
	struct tuned_end client, server;
	const enum application *applications;
	size_t application_count; /* 0: any */
	struct ports ports;
	/* What is set. */
	bool sets_off, off;
	bool sets_severity;
	enum severity severity;
	uint32_t sets; /* bit per setting */
	double values[DETECTOR_SETTINGS_MAXIMUM];
};

/* Later ones win. */
struct tuned_list {
	const struct tuned *at;
	size_t count;
};

struct tuning {
	const struct tuned_list *detectors; /* by the row's order */
	size_t count;
};

/* What settings come to. */
struct tuned_values {
	bool off;
	bool sets_severity;
	enum severity severity;
	double values[DETECTOR_SETTINGS_MAXIMUM];
};

/*
 * Settings of a detector, for a flow or, where it is NULL, for none in
 * particular.
 *
 * index      of the detector in its row
 */
struct tuned_values tuning_values(const struct tuning *tuning, size_t index,
    const struct detector *detector, const struct sighting *sighting);

/* Whether some flows have settings of their own. */
bool tuning_is_by_flow(const struct tuning *tuning, size_t index);

#endif
