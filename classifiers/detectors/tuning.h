/*
 * tuning -- what operators set for detectors: for all, and for some flows.
 *
 * Plain data, made of the `detectors:` of models' files by tuning_make.h and
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

/* Settings of one detector. */
struct tuned {
	struct place place;
	bool is_for; /* for flows that fit all of these that are given: */
	struct peers client, destination, workload; /* the last: either end */
	const enum application *applications;
	size_t application_count; /* 0: any */
	struct ports ports;       /* of the destination */
	/* What is set. */
	bool sets_off, off;
	bool sets_severity;
	enum severity severity;
	uint32_t sets; /* bit per setting */
	double values[DETECTOR_SETTINGS_MAXIMUM];
};

/* Later ones win; what is for some flows wins over what is for all. */
struct tuned_list {
	struct tuned *at;
	size_t count;
};

struct tuning {
	struct tuned_list *detectors; /* by the row's order */
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
 * tuning     or NULL: all as usual
 * index      of the detector in its row
 */
struct tuned_values tuning_values(const struct tuning *tuning, size_t index,
    const struct detector *detector, const struct sighting *sighting);

/* Whether some flows have settings of their own. */
bool tuning_is_by_flow(const struct tuning *tuning, size_t index);

#endif
