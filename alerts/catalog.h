/*
 * catalog -- the numbers and words of everything that hedgerow can raise.
 *
 * A public contract: a signature id is never given to anything else, and is
 * never reused after its signature is gone.  gid 100 is a deviation from
 * policy; 101, 102 and 103 are kept for learned baselines, detectors and
 * nDPI's risks.
 */
#ifndef ALERTS_CATALOG_H
#define ALERTS_CATALOG_H

#include <stdint.h>

#include "models/judge.h"

#define GID_POLICY 100

struct signature {
	uint32_t gid, id, revision;
	const char *category; /* a Suricata classification's long name */
	const char *title;    /* a few words, always the same */
	const char *remedy;   /* what a person can do about it */
};

/* The signature of a kind of deviation; never NULL for a real one. */
const struct signature *catalog_deviation(enum deviation deviation);

/* EVE's severity: 1 is the worst, 3 the least of ours. */
int catalog_eve_severity(enum severity severity);

#endif
