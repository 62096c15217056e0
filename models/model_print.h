/*
 * model_print -- writes a model back as text that loads to the same model.
 *
 * The text stands alone: fragments and `extends` are written out.
 */
#ifndef MODELS_MODEL_PRINT_H
#define MODELS_MODEL_PRINT_H

#include "models/model.h"

struct text;

/* Appends the model as one YAML document. */
void model_print(struct text *out, const struct model *model);

/* Appends one entry of `match:` in flow form. */
void selector_print(struct text *out, const struct selector *selector);

/* Appends one peer, ports or application list in the language's flow form. */
void peer_print(struct text *out, const struct peer *peer);
void peers_print(struct text *out, const struct peers *peers);
void ports_print(struct text *out, const struct ports *ports);
void applications_print(struct text *out, const struct entry *entry);

#endif
