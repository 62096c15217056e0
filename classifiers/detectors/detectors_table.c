#include "classifiers/detectors/detectors.h"

/*
 * One line for each detector; `const struct detector detector_NAME` is declared
 * in detectors_table.h.
 */
const struct detector *const detectors_all[] = {
    NULL,
};

const size_t detectors_count =
    sizeof(detectors_all) / sizeof(detectors_all[0]) - 1;
