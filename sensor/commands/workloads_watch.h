/*
 * workloads_watch -- says each change of who is who, as it becomes visible.
 *
 * What `workloads --watch` does: a line for each workload that is there, and
 * then for each that is new, changed, over or forgotten, until it is told to
 * end.  What is seen here at a time is what a sensor judges by from then on.
 */
#ifndef SENSOR_COMMANDS_WORKLOADS_WATCH_H
#define SENSOR_COMMANDS_WORKLOADS_WATCH_H

#include <stdbool.h>

struct identity;
struct setup_paths;
struct text;
struct workload;

struct workloads_watch {
	const struct setup_paths *paths;
	const char *saved; /* file to begin with and to keep, or NULL */
	bool json;
	/* Appends the workload as the list has it. */
	void (*write)(struct text *out, const struct workload *workload,
	    const struct identity *identity);
};

/* Returns an exit code, after SIGINT or SIGTERM. */
int workloads_watch(const struct workloads_watch *watch);

#endif
