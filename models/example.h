/*
 * example -- copies of those that identities stand for.
 *
 * An identity outlives the inventory that it was first seen in, so whatever
 * policy may ask about its workload, node or zone is copied.  Addresses, times
 * and whatever else tells one pod from another are left out.
 */
#ifndef MODELS_EXAMPLE_H
#define MODELS_EXAMPLE_H

struct arena;
struct node;
struct workload;
struct zone;

const struct workload *example_workload(
    struct arena *arena, const struct workload *workload);
const struct node *example_node(struct arena *arena, const struct node *node);
const struct zone *example_zone(struct arena *arena, const struct zone *zone);

#endif
