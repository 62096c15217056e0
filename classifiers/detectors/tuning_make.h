/*
 * tuning_make -- looks up what operators wrote under `detectors:`.
 *
 * An unknown detector or setting, a number out of its bounds: each is an error
 * with its place and the nearest known word.
 */
#ifndef CLASSIFIERS_DETECTORS_TUNING_MAKE_H
#define CLASSIFIERS_DETECTORS_TUNING_MAKE_H

#include "classifiers/detectors/tuning.h"

struct library;
struct report;
struct tuning_draft;

/*
 * Makes the tuning of a row of detectors.
 *
 * library    borrowed by the tuning for its life
 * returns    owned, for tuning_free(); what is wrong is left out of it
 */
struct tuning *tuning_make(const struct library *library,
    const struct detector *const *table, size_t count, struct report *report);

/* Reports what is wrong in one draft, for where there is no library. */
void tuning_check(const struct tuning_draft *draft,
    const struct detector *const *table, size_t count, struct report *report);

/* NULL is allowed. */
void tuning_free(struct tuning *tuning);

#endif
