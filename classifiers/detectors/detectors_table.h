/*
 * detectors_table -- the detectors there are, each in a file of its own.
 *
 * For detectors_table.c, and for tests of one of them.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTORS_TABLE_H
#define CLASSIFIERS_DETECTORS_DETECTORS_TABLE_H

#include "classifiers/detectors/detector.h"

#endif
