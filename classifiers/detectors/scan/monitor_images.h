/*
 * monitor_images -- images whose business is to ask whether others are there.
 *
 * By the documentation of each: it pings hosts or connects to ports that its
 * operator lists, in rounds.  Pure.
 */
#ifndef CLASSIFIERS_DETECTORS_SCAN_MONITOR_IMAGES_H
#define CLASSIFIERS_DETECTORS_SCAN_MONITOR_IMAGES_H

#include <stdbool.h>

struct workload;

/* Whether a container of the workload has such an image. */
bool monitor_images_has(const struct workload *workload);

#endif
