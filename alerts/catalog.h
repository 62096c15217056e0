/*
 * catalog -- the numbers and words of everything that hedgerow can raise.
 *
 * A public contract: a signature id is never given to anything else, and is
 * never reused after its signature is gone.  alerts/catalog.yaml is where it
 * is written down; the table is made from it and compiled in, so that a sensor
 * needs no file to say what it found.
 */
#ifndef ALERTS_CATALOG_H
#define ALERTS_CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "models/judge.h"

/* Of MITRE ATT&CK for Enterprise and for Containers. */
struct technique {
	const char *id;     /* `T1046`; NULL: none fits */
	const char *name;   /* `Network Service Discovery` */
	const char *tactic; /* `Discovery` */
	const char *tactic_id;
};

struct signature {
	uint32_t gid, id, revision;
	enum deviation deviation; /* that raises it, or DEVIATION_NONE */
	const char *detector;     /* that raises it, or NULL */
	enum severity severity;   /* where nothing else sets one */
	struct technique technique;
	const char *category; /* a Suricata classification's long name */
	const char *title;    /* a few words, always the same */
	const char *meaning;  /* what was seen */
	const char *remedy;   /* what a person can do about it */
};

/* The whole catalogue, by ascending id. */
extern const struct signature catalog_signatures[];
extern const size_t catalog_signature_count;

/* The signature of a kind of deviation; never NULL for a real one. */
const struct signature *catalog_deviation(enum deviation deviation);

/* A signature by its numbers, or NULL. */
const struct signature *catalog_find(int64_t gid, int64_t id);

/* A detector's signature by its id alone, which is unique; or NULL. */
const struct signature *catalog_detection(uint32_t id);

/* EVE's severity: 1 is the worst, 3 the least of ours. */
int catalog_eve_severity(enum severity severity);

#endif
