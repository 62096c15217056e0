/*
 * collect_cloudfoundry_parts -- what the files of that collector share.
 *
 * collect_cloudfoundry.c reads lines, collect_cloudfoundry_names.c asks the
 * Cloud Controller.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_CLOUDFOUNDRY_PARTS_H
#define CLASSIFIERS_COLLECT_COLLECT_CLOUDFOUNDRY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/collect/collect_changes.h"
#include "classifiers/collect/collect_cloudfoundry.h"
#include "classifiers/collect/collect_fetch.h"
#include "classifiers/sources/cloudfoundry.h"
#include "classifiers/sources/fields.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

#define URL_MAXIMUM ((size_t)4096)

struct collect_cloudfoundry {
	struct loop *loop;
	struct http *http;
	struct collect_cloudfoundry_settings settings;
	struct collect_listener listener;
	struct collect_changes *changes;
	struct fact_taker taker; /* what has passed the changes */
	struct cloudfoundry *foundry;

	struct loop_watch *watch;  /* of a pipe, or NULL */
	struct loop_timer *more;   /* of a file: look again */
	struct loop_timer *settle; /* give again what has got names */
	struct text line;
	uint64_t list, lines, unread;
	bool lossy; /* not all of the list could be read */
	bool listed, at_end, ended;

	struct collect_fetch *fetch;
	struct loop_timer *ask;
	struct text url; /* of the page to ask for next */
	size_t resource; /* which list it is of */
	bool named;      /* the Cloud Controller was asked once */
	unsigned failures;
	uint64_t random;
};

/* collect_cloudfoundry.c: with `once`, whether that was all. */
void foundry_consider(struct collect_cloudfoundry *collector);

/* collect_cloudfoundry_names.c */
void foundry_ask(void *context);
void foundry_drop(struct collect_cloudfoundry *collector);

#endif
