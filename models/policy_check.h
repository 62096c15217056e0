/*
 * policy_check -- what models come to that hardly anybody meant.
 *
 * Warnings that need an inventory: a model that matches nothing or never
 * applies, two that are for the same workloads, a peer that nobody is, a
 * segment's exception that another segment takes back.  Only about models of
 * the operator's own.
 */
#ifndef MODELS_POLICY_CHECK_H
#define MODELS_POLICY_CHECK_H

struct inventory;
struct library;
struct policy;
struct report;

/* Adds a warning for each, with its place and what to write instead. */
void policy_check(struct policy *policy, const struct library *library,
    const struct inventory *inventory, struct report *report);

#endif
