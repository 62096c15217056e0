/*
 * kubernetes_parts -- what the readers of the single kinds share.
 *
 * kubernetes.c tells the kinds apart and calls the one file that knows it.
 * Nobody else includes this.
 */
#ifndef CLASSIFIERS_SOURCES_KUBERNETES_PARTS_H
#define CLASSIFIERS_SOURCES_KUBERNETES_PARTS_H

#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/kubernetes.h"
#include "sensor/base/json_read.h"

struct arena;

/* One object on its way to the taker. */
struct kubernetes_reading {
	const struct fact_taker *taker;
	struct arena *arena; /* what this object's fact needs, and no longer */
	const char *cluster;
	const char *kind;
	const struct json *object, *metadata, *spec, *status;
	const char *namespace, *name; /* or "" */
	uint64_t version;             /* resourceVersion, or 0 */
	enum kubernetes_event event;
	struct instant at;
};

typedef void kubernetes_reader(const struct kubernetes_reading *reading);

kubernetes_reader kubernetes_read_pod;       /* kubernetes_pod.c */
kubernetes_reader kubernetes_read_service;   /* kubernetes_service.c */
kubernetes_reader kubernetes_read_endpoints; /* kubernetes_service.c */
kubernetes_reader kubernetes_read_node;      /* kubernetes_node.c */
kubernetes_reader kubernetes_read_policy;    /* kubernetes_policy.c */

/* A fact of the object's cluster, version and time, of no content yet. */
struct fact kubernetes_fact(const struct kubernetes_reading *reading,
    enum fact_kind kind, const char *id);

/* Gives the fact, and once more as gone if the object was deleted. */
void kubernetes_give(
    const struct kubernetes_reading *reading, const struct fact *fact);

/* A member's text, or "". */
const char *kubernetes_text(const struct json *object, const char *key);

/* A member's time; false when it has none. */
bool kubernetes_time(
    const struct json *object, const char *key, struct instant *out);

/* A member that is a map of texts, in the document's order. */
struct labels kubernetes_labels(
    struct arena *arena, const struct json *object, const char *key);

/* TCP where nothing is said, as the API has it; 0 for what is none of ours. */
uint8_t kubernetes_protocol(const struct json *object);

/* A member's port number, or 0. */
uint16_t kubernetes_port(const struct json *object, const char *key);

/* The owner that controls the object, or the first; NULL when it has none. */
const struct json *kubernetes_owner(const struct json *metadata);

/* A growing list of addresses, each once. */
struct address_list {
	struct address *at;
	size_t count, capacity;
	size_t maximum; /* 0: INVENTORY_ADDRESSES_MAXIMUM */
};

/* Adds an address, if the text is one; NULL is none. */
void kubernetes_add_address(
    struct arena *arena, struct address_list *list, const char *text);

#endif
