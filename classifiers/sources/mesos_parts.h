/*
 * mesos_parts -- what the files that read Mesos share.
 *
 * mesos.c knows states and events, mesos_task.c what a task is.  Nobody else
 * includes this.
 */
#ifndef CLASSIFIERS_SOURCES_MESOS_PARTS_H
#define CLASSIFIERS_SOURCES_MESOS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/fields.h"
#include "classifiers/sources/mesos.h"
#include "sensor/base/json_read.h"

struct rack;

struct mesos {
	const char *cluster;
	const struct fact_taker *taker;
	struct rack *frameworks; /* by id: a mesos_named, without address */
	struct rack *agents;     /* by id: a mesos_named */
	/*
	 * By `<framework>/<task>`: a kept fact, whose version is the number
	 * of the state that it was last in; Mesos has no versions.
	 */
	struct rack *tasks;
	bool keeps; /* what the next state lacks */
	uint64_t states;
};

struct mesos_named {
	bool has_address;
	struct address address;
	char name[];
};

/* A member that is a text (/state) or an object with a `value` (v1). */
const char *mesos_id(const struct json *object, const char *key);

/* Whether a task in that state never runs again. */
bool mesos_is_final(const char *state);

/* A status' time, or `otherwise`. */
struct instant mesos_time(const struct json *status, struct instant otherwise);

/* `<framework>/<task>`, the key of a task, from the arena. */
const char *mesos_key(
    struct arena *arena, const char *framework, const char *task);

/* The id of the workload of a task, from the arena. */
const char *mesos_workload_id(
    const struct mesos *mesos, struct arena *arena, const char *key);

/* The addresses that a status says the task has. */
void mesos_add_addresses(struct arena *arena, struct address_set *addresses,
    const struct json *status);

/* Reads a task, gives it, and keeps it unless it has ended. */
void mesos_read_task(struct mesos *mesos, const struct json *task,
    const char *framework, struct instant at);

#endif
