/*
 * collect_run -- runs one collector until a signal or its end.
 *
 * The same for Docker, Mesos and Cloud Foundry: event loop, output, signals,
 * and the exit code.
 */
#ifndef SENSOR_RUN_COLLECT_RUN_H
#define SENSOR_RUN_COLLECT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/collect/collect_listener.h"

struct collect_options;
struct http;
struct loop;
struct option_table;

struct collect_run {
	struct loop *loop;
	struct http *http;
};

/* A collector, as far as it is the same for all. */
struct collect_source {
	const char *name;
	void *(*begin)(struct collect_run *run,
	    const struct collect_listener *listener, const void *settings);
	void (*end)(void *collector);
};

/*
 * Collects.
 *
 * settings   for the source's begin()
 * returns    an exit code
 */
int collect_run(const struct collect_source *source,
    const struct collect_options *options, const void *settings);

/* Reads a number of seconds, 1 to 3600; false, with a message, otherwise. */
bool collect_run_seconds(
    const struct option_table *table, const char *value, unsigned *out);

/* A seed that differs from run to run. */
uint64_t collect_run_seed(void);

#endif
