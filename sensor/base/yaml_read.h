/*
 * yaml_read -- reads YAML into a tree that remembers places (libyaml adapter).
 *
 * Every node keeps its line and column, so that a mistake in meaning can be
 * shown where it was typed.  Anchors and aliases are refused (they make small
 * texts large), and so are duplicate keys, tags, and nesting over 32.  Does not
 * know models.
 */
#ifndef SENSOR_BASE_YAML_READ_H
#define SENSOR_BASE_YAML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct report;

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
	enum yaml_kind kind;
	uint32_t line, column; /* from 1 */
	/* YAML_SCALAR */
	const char *scalar; /* NUL-terminated, no NUL inside */
	bool plain;         /* written without quotes */
	/* YAML_SEQUENCE: values alone; YAML_MAPPING: keys[i] -> values[i] */
	size_t count;
	struct yaml_node **keys; /* scalars only */
	struct yaml_node **values;
};

/* The largest text that is read, in octets. */
#define YAML_MAXIMUM_SIZE ((size_t)16 * 1024 * 1024)

/*
 * Reads every document of a text.
 *
 * arena      owns the nodes
 * file       the name for messages; copied
 * report     gets each fault; reading stops at the first in a text, but the
 *            documents before it are returned
 * documents  gets an arena array of document roots (never NULL roots: an empty
 *            document is left out)
 * returns    how many there are
 */
size_t yaml_read(struct arena *arena, const char *file, const char *octets,
    size_t size, struct report *report, struct yaml_node ***documents);

/* The value under a key, or NULL; NULL for anything but a mapping. */
const struct yaml_node *yaml_get(
    const struct yaml_node *mapping, const char *key);

#endif
