/*
 * edit -- one change to what models say, as plain data.
 *
 * The library can be loaded as if it had been made; model_edit suggests some.
 */
#ifndef MODELS_EDIT_H
#define MODELS_EDIT_H

#include <stdbool.h>

#include "sensor/base/report.h"

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

/* `provides`, `needs` or `except`: the key that an item goes under. */
const char *model_edit_key(const struct model_edit *edit);

#endif
