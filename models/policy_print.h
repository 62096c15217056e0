/*
 * policy_print -- writes the whole policy as text that people review.
 *
 * One line a statement, sorted, the same on every run:
 *
 *   allow  shop/carts -> shop/db  redis  tcp/6379  # redis.provides.client
 *   unjudged  * -> shop/db  any  tcp/15008  # redis.provides.mesh
 */
#ifndef MODELS_POLICY_PRINT_H
#define MODELS_POLICY_PRINT_H

#include <stdbool.h>

#include "sensor/base/instant.h"

struct inventory;
struct library;
struct policy;
struct statement;
struct text;

/* Appends `client -> server  application  ports`, the statement itself. */
void statement_print(struct text *out, const struct statement *statement);

/*
 * Hands every line, without newline, to `line`.
 *
 * at         only workloads alive then; INSTANT_PAST for all of every time
 * json       one JSON object a line instead of the text
 */
void policy_print(struct policy *policy, const struct library *library,
    const struct inventory *inventory, struct instant at, bool json,
    void (*line)(const char *text, void *context), void *context);

#endif
