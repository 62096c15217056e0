/*
 * detectors -- all detectors in a row: tells each what it wants to see.
 *
 * Owned by the assessment.  Knows the operator's tuning, counts what each
 * detector raised and what was dropped, saves and restores what they remember.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTORS_H
#define CLASSIFIERS_DETECTORS_DETECTORS_H

#include "classifiers/detectors/detector.h"

/* Every detector there is, in the order in which they are told. */
extern const struct detector *const detectors_all[];
extern const size_t detectors_count;

#endif
