/*
 * library_edit -- puts an edit into what was parsed (private to library).
 *
 * The drafts come out as they would from files in which somebody had made the
 * edit, so that `extends` passes it on in the same way.
 */
#ifndef MODELS_LIBRARY_EDIT_H
#define MODELS_LIBRARY_EDIT_H

struct model_edit;
struct parse;

/* Makes the edit; what cannot be done goes to the report. */
void library_edit(struct parse *parse, const struct model_edit *edit);

#endif
