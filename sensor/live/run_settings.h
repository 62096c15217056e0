/*
 * run_settings -- the configuration file, the environment and the command line
 * of `run` and `check`, one over the other.
 *
 * What is said at the command line wins over the environment
 * (run_environment.h), and that over the file (config.h); a list takes the
 * place of what it wins over.
 */
#ifndef SENSOR_LIVE_RUN_SETTINGS_H
#define SENSOR_LIVE_RUN_SETTINGS_H

#include "sensor/live/run_options.h"

/*
 * Reads the file, the environment, then the arguments.  Says on stderr what is
 * wrong.
 *
 * options    zeroed but for `table`, `take` and `context`
 */
enum options_status run_settings_read(
    struct run_options *options, int argc, char **argv);

/*
 * Reads them all again, as `again` of live_settings; `context` are the options.
 * What was read before stays, for whoever has begun with it goes on with it.
 */
const struct live_settings *run_settings_again(void *context);

#endif
