/*
 * declared -- what `port: declared` comes to for one workload.
 *
 * A workload declares the ports of its containers, those that services lead to
 * on it, and those of its probes; and their names say what is spoken there.
 */
#ifndef MODELS_DECLARED_H
#define MODELS_DECLARED_H

struct arena;
struct identity;
struct model;

/*
 * The model as it is for the identity: an entry for each declared port in the
 * place of one that asks for all of them.
 *
 * returns    the model itself when it does not ask; NULL when it is a general
 *            one and nothing is declared: then it is not for this identity
 */
const struct model *declared_model(struct arena *arena,
    const struct model *model, const struct identity *identity);

#endif
