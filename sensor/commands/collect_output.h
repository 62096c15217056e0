/*
 * collect_output -- where a collector's facts go: Redis, or a file of records.
 *
 * The same options and the same behaviour for every collector: only what
 * differs is written, and what a complete list no longer has is written as
 * gone, also where a predecessor wrote it that was killed.  A file is added to,
 * never begun anew, and a half-written last line is cut off.
 */
#ifndef SENSOR_COMMANDS_COLLECT_OUTPUT_H
#define SENSOR_COMMANDS_COLLECT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/fact.h"

struct loop;
struct option_table;
struct collect_output; /* opaque */

struct collect_options {
	const char *redis;   /* URL, or NULL */
	const char *file;    /* `-` is standard output; or NULL */
	const char *cluster; /* or NULL */
	bool once;
};

/*
 * The options that say this, the same for every collector: COLLECT_ROWS comes
 * first in its table, and its own rows follow from COLLECT_ROW_COUNT.
 */
enum {
	COLLECT_ROW_REDIS,
	COLLECT_ROW_OUTPUT,
	COLLECT_ROW_CLUSTER,
	COLLECT_ROW_ONCE,
	COLLECT_ROW_COUNT,
};

/* clang-format off */
#define COLLECT_ROWS                                                           \
	[COLLECT_ROW_REDIS] = {"redis", 0, "URL",                              \
	    "write to Redis: redis://HOST, unix:///PATH or @FILE (its URL)"},  \
	[COLLECT_ROW_OUTPUT] = {"output", 'o', "FILE",                         \
	    "write records to a file, one a line; - is standard output"},      \
	[COLLECT_ROW_CLUSTER] = {"cluster", 0, "NAME",                         \
	    "the cluster's name, where a sensor knows several"},               \
	[COLLECT_ROW_ONCE] = {"once", 0, NULL,                                 \
	    "list everything once, and end"}
/* clang-format on */

/* Takes one of these options; false, with a message, when it cannot. */
bool collect_options_take(const struct option_table *table,
    struct collect_options *options, size_t row, const char *value);

/*
 * Whether they name one place to write to; else false, with a message.  Sets
 * the cluster's name where none was given.
 */
bool collect_options_check(
    const struct option_table *table, struct collect_options *options);

/* Whoever collects: what the output tells it, never from within its calls. */
struct collect_output_events {
	/* All that was taken is written. */
	void (*settled)(void *context);
	/* It cannot be written to any more; why was said on stderr. */
	void (*broken)(void *context);
	void *context;
};

/*
 * Opens the output; says on stderr why it cannot.
 *
 * source     `kubernetes`, `docker`, ...
 * options    borrowed, as is the loop
 * returns    owned, for collect_output_close(), or NULL
 */
struct collect_output *collect_output_open(struct loop *loop,
    const struct collect_options *options, const char *source,
    const struct collect_output_events *events);

/* Whoever takes the facts; lives as long as the output. */
struct fact_taker collect_output_taker(struct collect_output *output);

/*
 * A list of everything of these kinds (COLLECT_KIND) begins, and has ended:
 * what was not stated between the two went away at `at`.  One that breaks off
 * is begun anew.
 */
void collect_output_list_begins(struct collect_output *output, unsigned kinds);
void collect_output_list_ends(
    struct collect_output *output, unsigned kinds, struct instant at);

/*
 * Not all of the list that is under way could be read: what was not stated
 * stays, until the next list of these kinds ends.
 */
void collect_output_list_keeps(struct collect_output *output, unsigned kinds);

/*
 * A list begins anew or is over, of which the collector says itself what went
 * away; see inventory_writer_lists_again().
 */
void collect_output_lists_again(
    struct collect_output *output, unsigned kinds, bool begins);

/*
 * What the source said that could not be read, all in all; for the heartbeat
 * and the sum at the end.
 */
void collect_output_losses(
    struct collect_output *output, uint64_t mended, uint64_t left_out);

/* What was cut of facts before they came here; for the sum at the end. */
void collect_output_cut(struct collect_output *output, uint64_t count);

/* Whether all that was taken is written. */
bool collect_output_is_settled(const struct collect_output *output);

/*
 * Ends writing; says on stderr what could not be.  What Redis has not yet
 * taken is lost, and written by the next run.
 *
 * returns    false when a file could not be written
 */
bool collect_output_close(struct collect_output *output);

#endif
