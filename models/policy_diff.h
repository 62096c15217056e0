/*
 * policy_diff -- what two policies state differently.
 *
 * Compares what is stated, not where it is written: a model that only moved in
 * its file, or states the same in other entries, makes no difference.  Pure.
 */
#ifndef MODELS_POLICY_DIFF_H
#define MODELS_POLICY_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct inventory;
struct library;
struct policy;
struct policy_lines; /* opaque: a policy as lines, in the order of statements */

/* Makes an owned, empty list for policy_lines_free(). */
struct policy_lines *policy_lines_new(bool json);
void policy_lines_free(struct policy_lines *lines);

/* Adds a line as policy_print() writes it; copied. */
void policy_lines_add(struct policy_lines *lines, const char *line);

/* Adds a whole policy; see policy_print() for `at`. */
void policy_lines_print(struct policy_lines *lines, struct policy *policy,
    const struct library *library, const struct inventory *inventory,
    struct instant at);

struct policy_changes {
	size_t added, removed;
};

/*
 * Hands every change to `change`, in the order of the statements; of two that
 * differ in nothing but their place, the first.  Both lists are of one form.
 */
struct policy_changes policy_diff(struct policy_lines *old,
    struct policy_lines *new,
    void (*change)(bool added, const char *line, void *context), void *context);

#endif
