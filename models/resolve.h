/*
 * resolve -- decides which models apply to an identity.
 *
 * Layers, what adds and what replaces, what is served, what a workload declares
 * of itself, and imported policies: all of it comes together here and nowhere
 * else.  Does not know other identities.
 */
#ifndef MODELS_RESOLVE_H
#define MODELS_RESOLVE_H

#include <stddef.h>

#include "classifiers/application.h"

struct arena;
struct identity;
struct library;
struct network_models;
struct report;

/* What identities are resolved with; everything is borrowed. */
struct resolution {
	struct arena *arena; /* owns what comes of it */
	const struct library *library;
	const struct network_models *imported; /* or NULL */
	/* Applications it was seen to serve, for `match: - serves:`. */
	const enum application *served;
	size_t served_count;
	/* Gets mistakes in what a workload declares; NULL drops them. */
	struct report *report;
};

/* Decides models and segments of an identity whose kind and example are set. */
void identity_resolve(
    const struct resolution *resolution, struct identity *identity);

#endif
