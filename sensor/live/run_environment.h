/*
 * run_environment -- the environment as a place for options.
 *
 * Each option of `run` and `check` may stand there under its name,
 * HEDGEROW_STATS_INTERVAL for --stats-interval, and what only the configuration
 * file has under its section and key, HEDGEROW_JOURNAL_SYNC.  It wins over the
 * file, and the command line over it.  Lists have blanks between their items;
 * a switch is true or false.
 */
#ifndef SENSOR_LIVE_RUN_ENVIRONMENT_H
#define SENSOR_LIVE_RUN_ENVIRONMENT_H

#include <stdbool.h>

struct run_options;

#define RUN_ENVIRONMENT_PREFIX "HEDGEROW_"

/*
 * Reads what stands there; says on stderr what is wrong: a value, or a word
 * that is near to one of ours.
 *
 * environment    as environ(7) has it; the options borrow of it
 * returns        whether nothing was wrong
 */
bool run_environment_read(
    struct run_options *options, const char *const *environment);

/* The value of --config there, or NULL. */
const char *run_environment_config(const char *const *environment);

#endif
