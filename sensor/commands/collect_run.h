/*
 * collect_run -- a command that runs one collector until a signal or its end.
 *
 * What `collect kubernetes`, `docker`, `mesos` and `cloudfoundry` have in
 * common: options, event loop, output, signals and the exit code.
 */
#ifndef SENSOR_COMMANDS_COLLECT_RUN_H
#define SENSOR_COMMANDS_COLLECT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/collect/collect_listener.h"

struct arena;
struct http;
struct loop;
struct option_table;

struct collect_run {
	struct loop *loop;
	struct http *http;
};

/* Where the value of an option goes. */
struct collect_place {
	size_t at;    /* offset in the source's options */
	bool seconds; /* an `unsigned` from 1 to 3600; else a `const char *` */
};

/* A collector and its command, as far as they differ from others. */
struct collect_source {
	const char *name;
	/* COLLECT_ROWS, then rows of its own. */
	const struct option_table *table;
	const struct collect_place *places; /* one for each row of its own */
	size_t size; /* octets of its options, which begin as zeroes */
	/*
	 * Whether what was given will do; else false, with a message.  May
	 * change the options; what it makes lives in the arena.
	 */
	bool (*check)(struct arena *arena, void *options);
	/* Makes an owned collector for end(); borrows the options. */
	void *(*begin)(struct collect_run *run,
	    const struct collect_listener *listener, const void *options);
	void (*end)(void *collector);
};

/* Returns an exit code. */
int collect_command(const struct collect_source *source, int argc, char **argv);

#endif
