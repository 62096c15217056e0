/*
 * sentence -- says a deviation in words that tell a person what to do.
 *
 * `shop/frontend spoke redis to shop/carts-db on tcp/6379; only shop/carts may`
 */
#ifndef ALERTS_SENTENCE_H
#define ALERTS_SENTENCE_H

#include "alerts/record_flow.h"

struct text;

/* One end by the name a person uses: a workload, node, zone, or address. */
void sentence_party(struct text *out, const struct party *party);

/* `tcp/6379`, `icmp`, or `protocol 47`, in the words that models use. */
void sentence_transport(struct text *out, const struct flow *flow);

/* The whole sentence, no full stop. */
void sentence_deviation(struct text *out, const struct record_flow *about);

/* What the nearest statement expects, such as `redis on tcp/6379 from ...`. */
void sentence_expected(struct text *out, const struct record_flow *about);

/* What was seen, such as `redis on tcp/6379 from shop/frontend`. */
void sentence_observed(struct text *out, const struct record_flow *about);

/* The statement in the form of `policy show`, without its comment. */
void sentence_statement(struct text *out, const struct statement *statement);

#endif
