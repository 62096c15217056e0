/*
 * finding_storm -- when many new findings become one; for finding.c alone.
 *
 *   by subject     one end does the same to many others: a scan
 *   by object      many ends do the same to one: a flood with made-up sources
 *   by signature   whoever and whomever, when too much is new altogether
 *
 * What a storm never takes is a deviation that was answered between ends that
 * are known.  Those from outside have storms of their own, of what was answered
 * and of what was not, so that sources that nobody can check hide neither what
 * a workload tries nor that somebody got through.
 *
 * Counts are kept in places that are few and taken over: who fills them all
 * loses a storm's count, which the bound of all findings makes up for.
 */
#ifndef ALERTS_FINDING_STORM_H
#define ALERTS_FINDING_STORM_H

#include <stdbool.h>

#include "alerts/finding_key.h"
#include "sensor/base/instant.h"

struct storms; /* opaque */

/*
 * One workload that meets as many new others in a minute with nothing but
 * refusals is doing one thing: Zeek's scan policy named 25 in five minutes a
 * scan, and a person reads a dozen alerts, not a hundred.
 */
#define FINDING_STORM    16
#define FINDING_STORM_NS (INT64_C(60) * NS_PER_SECOND)

/*
 * Of all subjects and objects together, and half of it from outside: at two
 * records of 2 to 3 KiB each some 1.5 MiB a minute, whatever arrives.  It is
 * sixteen storms of FINDING_STORM, more than anybody follows in a minute.
 */
#define FINDING_STORM_ALL 256

struct storms *storms_new(void);
void storms_free(struct storms *storms);

/* Whether a storm of that kind may stand for it, without regard to counts. */
bool storm_may_take(const struct cause *cause, enum storm_kind kind);

/*
 * Counts a finding that would be new and that no open storm of its subject or
 * object takes.
 *
 * returns    what is to stand for it; STORM_NONE: it is one of its own
 */
enum storm_kind storms_count(
    struct storms *storms, const struct cause *cause, struct instant at);

#endif
