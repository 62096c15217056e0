/*
 * model_edit -- the smallest change to the models that would allow a flow.
 *
 * One edit opens one side of one deviation: an entry for the server's model,
 * one for the client's, or an exception to a boundary.  Where a model
 * decides that nobody should change, a shipped one, a model is put beside it.
 * Whoever asks judges again with the edit, and asks again until nothing is
 * refused.  Does not know files: see library_load_edited().
 */
#ifndef MODELS_MODEL_EDIT_H
#define MODELS_MODEL_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/application.h"
#include "models/edit.h"

struct arena;
struct library;
struct verdict;

/* What shall be allowed; the verdict is a deviation. */
struct edit_wish {
	const struct verdict *verdict;
	const struct address *client, *server;
	const struct ports *ports;
	const enum application *applications;
	size_t application_count; /* 0: any */
};

/*
 * The applications that an edit has to name: the one that was seen or, where
 * none was, those that the nearest entry expects on that very port.
 *
 * returns    an array of `*count`, or NULL when nothing can be said
 */
const enum application *model_edit_applications(const struct verdict *verdict,
    const struct appid *seen, const struct ports *ports, struct arena *arena,
    size_t *count);

/* The edit for the side that the verdict names; texts are in the arena. */
struct model_edit model_edit_suggest(struct arena *arena,
    const struct library *library, const struct edit_wish *wish);

#endif
