/*
 * cloudfoundry_parts -- what the files that read Cloud Foundry share.
 *
 * cloudfoundry.c knows instances, cloudfoundry_names.c who they are.  Nobody
 * else includes this.
 */
#ifndef CLASSIFIERS_SOURCES_CLOUDFOUNDRY_PARTS_H
#define CLASSIFIERS_SOURCES_CLOUDFOUNDRY_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/cloudfoundry.h"
#include "classifiers/sources/fields.h"
#include "sensor/base/json_read.h"

struct arena;
struct rack;

struct cloudfoundry {
	const char *cluster;
	const struct fact_taker *taker;
	/* By guid: a cloudfoundry_named. */
	struct rack *desired;   /* process guid: image, app guid, tags */
	struct rack *processes; /* process: type, app guid */
	struct rack *apps;      /* app: name, space guid, labels */
	struct rack *spaces;    /* space: name, organization guid */
	struct rack *organizations;
	bool names_changed;
	/*
	 * By instance guid: a kept fact, whose version is the number of the
	 * list that it was last in; Diego's instances have no versions.  Its
	 * labels are those that the instance itself came with.
	 */
	struct rack *instances;
	uint64_t lists;
};

/* A name, what it belongs to, and labels; one block. */
struct cloudfoundry_named {
	const char *name, *parent;
	size_t size; /* of the block */
	struct labels labels;
};

/* Who an instance is; texts of the arena, of the foundation, or constant. */
struct cloudfoundry_names {
	const char *application, *space, *organization; /* or "" */
	const char *process_type, *image;               /* or "" */
	struct label_set labels;
};

/* Notes a desired LRP, a resource or a page; false when it is none. */
bool cloudfoundry_learn(
    struct cloudfoundry *foundry, const struct json *object);

/* A desired LRP went away. */
void cloudfoundry_forget(
    struct cloudfoundry *foundry, const char *process_guid);

/*
 * Finds out who an instance is.
 *
 * own        the labels that it came with
 */
struct cloudfoundry_names cloudfoundry_find_names(
    const struct cloudfoundry *foundry, struct arena *arena,
    const char *process_guid, const struct labels *own);

#endif
