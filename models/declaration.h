/*
 * declaration -- what a workload says of itself, as a model of its own.
 *
 * A deployment may carry its `provides` and `needs` in annotations of its
 * pods; they join the models that match, in whichever layer decides.  Whoever
 * may deploy a pod may write them, so they say no more than its own models
 * could: the other end's have to agree, and no segment opens.
 */
#ifndef MODELS_DECLARATION_H
#define MODELS_DECLARATION_H

struct arena;
struct identity;
struct library;
struct model;
struct report;

/*
 * The model of an identity's example, or NULL when it declares nothing.  Its
 * severity is medium until whoever asks says what models it joins.
 *
 * report     gets mistakes, each with the pod as its place; NULL drops them.
 *            A side with a mistake counts as not declared
 */
struct model *declaration_model(struct arena *arena,
    const struct library *library, const struct identity *identity,
    struct report *report);

#endif
