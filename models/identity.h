/*
 * identity -- workloads that policy cannot tell apart, as one thing.
 *
 * Policy is about what a workload is, not which one it is: all pods of one
 * Deployment have one identity, and so have all outside addresses that the
 * models' networks do not divide.  An identity knows the models that apply to
 * it and the segments it is in.  Does not know flows or verdicts.
 */
#ifndef MODELS_IDENTITY_H
#define MODELS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"

struct address;
struct arena;
struct library;
struct network_models;
struct node;
struct outside;
struct report;
struct text;
struct workload;
struct zone;

enum identity_kind {
	IDENTITY_WORKLOAD,
	IDENTITY_NODE,
	IDENTITY_ZONE,
	IDENTITY_EXTERNAL,
};

/* A service port and the container port that it leads to, perhaps the same. */
struct port_alias {
	uint8_t protocol;
	uint16_t service, target;
	const char *name; /* of the service's port, or "" */
};

struct identity {
	enum identity_kind kind;
	uint32_t number;  /* from 0 in order of creation */
	const char *name; /* `shop/carts`, `node/worker-b`, `zone/lan`, ... */
	/* One of those it stands for, by kind; else NULL. */
	const struct workload *workload;
	const struct node *node;
	const struct zone *zone;
	const struct address *address;
	/* What else an outside address is known by, or NULL; what could not
	 * be seen is taken for what models ask for when `generous` says so. */
	const struct outside *outside;
	bool generous;

	/* Those of the deciding layer that match, then the workload's own. */
	const struct model **models;
	size_t model_count;
	size_t matched_count;            /* of those, without its own */
	const struct segment **segments; /* that it is in */
	size_t segment_count;
	/* An imported NetworkPolicy states this side, so that below the
	 * operator's layer nothing is heard of it. */
	bool imported_provides, imported_needs;
	bool states_provides; /* some model says who may call it */
	bool states_needs;    /* and some what it may open */
	bool has_stranger;    /* a container of it is known to no model */

	const struct port_alias *aliases; /* of services in front of it */
	size_t alias_count;
};

/*
 * Appends octets that are equal exactly for workloads of one identity:
 * everything that models can ask about, without what differs from pod to pod
 * (its name, the hash labels of its controller).
 *
 * aliases    of the services in front of it
 */
void identity_key(struct text *out, const struct workload *workload,
    const struct port_alias *aliases, size_t alias_count);

/* The same for a node. */
void identity_key_node(struct text *out, const struct node *node);

/* Whether a model of the identity has a say in who may call it (`provides`)
 * or in what it may open. */
bool identity_heeds(
    const struct identity *identity, const struct model *model, bool provides);

/* Whether some entry of a `match:` fits, given what it was seen to serve. */
bool identity_fits_any(const struct selector *selectors, size_t count,
    const struct identity *identity, const enum application *served,
    size_t served_count);

/* Whether the model's `match:` fits, whatever layer decides in the end; what is
 * served is not asked. */
bool identity_matches(
    const struct identity *identity, const struct model *model);

/*
 * Which entry of `match:` chose the model for the identity; one that only asks
 * what is served counts last.  NULL when none fits.
 */
const struct selector *identity_selector(
    const struct identity *identity, const struct model *model);

/* A label of the identity: its own, or else its namespace's; or NULL. */
const char *identity_label(const struct identity *identity, const char *key);

/* Whether a label tells pods of one kind apart, and so is no part of a key. */
bool identity_label_is_volatile(const char *key);

/* Texts of a workload's identity; "" for every other kind. */
const char *identity_namespace(const struct identity *identity);
const char *identity_application(const struct identity *identity);

/*
 * Whether a model gives it the role; without any, and where a container is
 * known to no model, it is an `application`.
 */
bool identity_has_role(const struct identity *identity, const char *role);

bool identity_in_segment(
    const struct identity *identity, const struct segment *segment);

/* Whether every test holds for the identity's labels. */
bool identity_labels_fit(
    const struct identity *identity, const struct label_tests *tests);

/* Whether some glob of `patterns` fits the text. */
bool words_fit(const struct words *patterns, const char *text);

#endif
