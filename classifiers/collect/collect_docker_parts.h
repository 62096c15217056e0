/*
 * collect_docker_parts -- what the files of the Docker collector share.
 *
 * collect_docker.c goes through the lists step by step,
 * collect_docker_inspect.c inspects what is due, collect_docker_events.c hears
 * what changes.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_DOCKER_PARTS_H
#define CLASSIFIERS_COLLECT_COLLECT_DOCKER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/collect/collect_changes.h"
#include "classifiers/collect/collect_docker.h"
#include "classifiers/collect/collect_fetch.h"
#include "classifiers/sources/docker.h"
#include "classifiers/sources/fields.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

/* Objects that are inspected at once: an engine has better things to do. */
#define INSPECTIONS 4

/* An Id is 64 hexadecimal digits, a Swarm's 25 letters; names may be longer. */
#define OBJECT_ID_MAXIMUM ((size_t)256)

struct due {
	struct due *next;
	bool network; /* else a container */
	struct instant at;
	char id[OBJECT_ID_MAXIMUM + 1];
};

struct inspection {
	struct collect_docker *collector;
	struct collect_fetch *fetch; /* or NULL: free */
	struct due *due;
};

enum step {
	STEP_VERSION,
	STEP_INFO,
	STEP_NETWORKS,
	STEP_NETWORKS_KNOWN, /* once all are inspected */
	STEP_NODES,
	STEP_SERVICES,
	STEP_TASKS,
	STEP_CONTAINERS,
	STEP_CONTAINERS_KNOWN,
	STEP_REST, /* nothing to list for now */
};

struct collect_docker {
	struct loop *loop;
	struct http *http;
	struct collect_docker_settings settings;
	struct collect_listener listener;
	struct collect_changes *changes;
	struct fact_taker taker; /* what has passed the changes */
	struct docker *docker;
	/* By container: the id of the workload that it is just now. */
	struct rack *current;

	enum step step;
	struct collect_fetch *fetch; /* of the step */
	unsigned minor;              /* of the API version 1.N; 0: not known */
	uint64_t list;
	bool full;     /* it is a full list, else the Swarm's alone */
	bool manager;  /* of a Swarm */
	bool lossy;    /* not all of the list could be read */
	bool left_out; /* a container was, and that was said */
	bool listed;
	unsigned failures;
	uint64_t random;
	struct loop_timer *retry, *poll, *beat, *work;
	struct collect_fetch *ping;

	struct http_request *events;
	struct text line; /* of the events, as far as it has come */

	struct due *first, *last; /* due to be inspected, each once */
	struct rack *waiting;     /* those, by `c` or `n` and the id */
	struct inspection inspections[INSPECTIONS];
};

/* collect_docker.c */
void collector_ask(const struct collect_docker *collector, struct http_ask *ask,
    const char *path, struct arena *arena);

/* Something failed: all is begun again, after a while. */
void collector_fail(struct collect_docker *collector, const char *what,
    const struct http_end *end, const char *fault);

/* Goes on with the step at hand, if nothing more is due. */
void collector_go_on(struct collect_docker *collector);

/* A workload that a container was went away. */
void collector_container_gone(
    struct collect_docker *collector, const char *id, struct instant at);

/* collect_docker_inspect.c */
void collector_is_due(struct collect_docker *collector, const char *id,
    bool network, struct instant at);
bool collector_all_inspected(const struct collect_docker *collector);
void collector_inspect(struct collect_docker *collector);
void collector_drop_inspections(struct collect_docker *collector);

/* collect_docker_events.c */
void collector_hear(struct collect_docker *collector);

#endif
