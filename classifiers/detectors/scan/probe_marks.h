/*
 * probe_marks -- what the first payload of a client says of it: in which
 * protocol it asks, and whether a scanner is known to ask just so.
 *
 * The marks are facts of public programs (nmap-service-probes); matching needs
 * no state.  Does not know flows.
 */
#ifndef CLASSIFIERS_DETECTORS_SCAN_PROBE_MARKS_H
#define CLASSIFIERS_DETECTORS_SCAN_PROBE_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"

struct probe_marks {
	int protocol;  /* enum application, as it begins; or UNKNOWN */
	uint32_t tool; /* a bit of its own for each probe of a scanner; or 0 */
};

struct probe_marks probe_marks_of(const uint8_t *octets, size_t size);

#endif
