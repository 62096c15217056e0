/*
 * policy_opening -- whom an edit of the models lets through as well.
 *
 * Meets everybody with everybody, before the edit and after it, and names the
 * pairs that may now do what was asked for and might not before.
 */
#ifndef MODELS_POLICY_OPENING_H
#define MODELS_POLICY_OPENING_H

#include <stddef.h>

#include "classifiers/application.h"
#include "models/model.h"

struct arena;
struct inventory;
struct library;
struct outside;
struct policy;

/* One set of models, made to policy for one inventory. */
struct policy_side {
	struct policy *policy;
	const struct library *library;
};

/* What the edit is about, and outside addresses that it may name. */
struct policy_probe {
	const struct ports *ports;
	const enum application *applications;
	size_t application_count; /* 0: any */
	const struct address *outside[2];
	const struct outside *known[2]; /* what else is, or NULL */
};

struct opening {
	const char *client, *server; /* names of identities, or an address */
};

struct openings {
	const struct opening *at; /* in order of the inventory, each once */
	size_t count;
};

/*
 * Pairs that `after` lets through and `before` does not, in the arena.
 *
 * before, after    of one inventory, which both were made for
 */
struct openings policy_openings(struct arena *arena,
    const struct inventory *inventory, const struct policy_side *before,
    const struct policy_side *after, const struct policy_probe *probe);

#endif
