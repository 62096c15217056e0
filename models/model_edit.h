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
#include "models/model.h"

struct arena;
struct library;
struct verdict;

/* The file of every entry that an edit made, where places are shown. */
#define EDIT_FILE "(the edit)"

enum edit_kind {
	EDIT_ENTRY,     /* an item for `provides` or `needs` of a model */
	EDIT_MODEL,     /* a model of its own, beside the shipped one */
	EDIT_EXCEPTION, /* an item for `except` of a boundary */
};

struct model_edit {
	enum edit_kind kind;
	struct place place; /* of the model that decided, or of the boundary */
	const char *name;   /* of that model or segment */
	bool inward;        /* about `provides` or `from`, else `needs`, `to` */
	const char *yaml;   /* what to add, without indentation, no newline */
};

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

/* `provides`, `needs` or `except`: the key that an item goes under. */
const char *model_edit_key(const struct model_edit *edit);

#endif
