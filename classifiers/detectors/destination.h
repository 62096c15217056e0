/*
 * destination -- an outside end by the name that a client knows it by.
 *
 * One service has many addresses, and a beacon's server moves; the name that
 * was asked for in TLS, or that DNS answered, stays.  No state.
 */
#ifndef CLASSIFIERS_DETECTORS_DESTINATION_H
#define CLASSIFIERS_DETECTORS_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

struct sighted_end;

/* Whether more than its address is known of an outside end. */
bool destination_is_named(const struct sighted_end *end);

/* The name, or what the end is called otherwise; borrowed. */
const char *destination_name(const struct sighted_end *end);

/* The same on every sensor and in every run. */
uint64_t destination_key(const struct sighted_end *end);

#endif
