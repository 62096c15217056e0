/*
 * fact_alike -- whether two facts of a workload say the same of it.
 *
 * A workload's object changes often and says something else seldom: its status
 * gets an address, a digest, a time.  What counts is what names it, what models
 * look at, and where it is.  Does not know who asks.
 */
#ifndef CLASSIFIERS_INVENTORY_FACT_ALIKE_H
#define CLASSIFIERS_INVENTORY_FACT_ALIKE_H

#include <stdbool.h>

#include "classifiers/inventory/fact.h"

/*
 * Whether both are of one state: addresses and times apart, and what one of
 * them does not know yet (node, digests).
 */
bool fact_workload_alike(
    const struct fact_workload *a, const struct fact_workload *b);

/* Whether what holds addresses now has given some of the earlier ones up. */
bool fact_workload_moved(
    const struct fact_workload *before, const struct fact_workload *now);

#endif
