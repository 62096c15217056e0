/*
 * fields -- the members that the objects of all orchestrators have.
 *
 * Texts, times, ports, addresses and labels out of JSON objects that anybody
 * may have written: what is missing or of another type is nothing, never an
 * error.  Lists hold each thing once and one more than a fact may have, so that
 * the taker of the fact counts the cut.  Does not know any orchestrator.
 */
#ifndef CLASSIFIERS_SOURCES_FIELDS_H
#define CLASSIFIERS_SOURCES_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"
#include "sensor/base/instant.h"

struct arena;
struct json;

/* A member's text, or "". */
const char *field_text(const struct json *object, const char *key);

/*
 * A member's time; false when it has none.  What lies before 1970 is none:
 * Go writes its zero time as year 1.
 */
bool field_time(
    const struct json *object, const char *key, struct instant *out);

/* A member's port number, or 0. */
uint16_t field_port(const struct json *object, const char *key);

/* A member's integer as a version; 0 when it is none. */
uint64_t field_version(const struct json *object, const char *key);

/* IANA's number of `tcp`, `udp` or `sctp` in any case, or 0. */
uint8_t protocol_number(const char *name);

/* Growing lists, in an arena. */
struct address_set {
	struct address *at;
	size_t count, capacity;
};

struct prefix_set {
	struct prefix *at;
	size_t count, capacity;
};

struct port_set {
	struct container_port *at;
	size_t count, capacity;
};

struct label_set {
	struct label *at;
	size_t count, capacity;
};

/* `10.0.0.5` or `10.0.0.5/24`, whose length is left out; NULL is none. */
void address_set_add(
    struct arena *arena, struct address_set *set, const char *text);

void prefix_set_add(
    struct arena *arena, struct prefix_set *set, const char *text);

/* No port 0 and no protocol 0. */
void port_set_add(struct arena *arena, struct port_set *set,
    const struct container_port *port);

/* The first value of a key stays; texts are borrowed. */
void label_set_add(struct arena *arena, struct label_set *set, const char *key,
    const char *value);

/* Every member of the object that is a text. */
void label_set_add_object(
    struct arena *arena, struct label_set *set, const struct json *object);

/* The value of a key in a set, or "". */
const char *label_set_get(const struct label_set *set, const char *key);

struct labels label_set_labels(const struct label_set *set);

#endif
