/*
 * library_check -- what is written well and hardly meant.
 *
 * Warnings that need nothing but the models: an entry that an earlier one makes
 * needless, a peer that nobody can be, a boundary that keeps nobody out.  What
 * only an inventory shows is policy_check's.
 */
#ifndef MODELS_LIBRARY_CHECK_H
#define MODELS_LIBRARY_CHECK_H

struct library;
struct report;

/* Adds a warning for each, with its place and what to write instead. */
void library_check(const struct library *library, struct report *report);

#endif
