/*
 * redis_load -- reads the inventory out of Redis once, for commands that end.
 */
#ifndef SENSOR_RUN_REDIS_LOAD_H
#define SENSOR_RUN_REDIS_LOAD_H

#include "classifiers/inventory/fact.h"

/*
 * Gives everything that Redis holds to the taker; says on stderr why it
 * cannot, and when what it gives is old or not complete.
 *
 * url        as the operator wrote it
 * returns    EXIT_DONE, EXIT_USAGE for the URL, EXIT_INPUT when Redis is not
 *            there or holds no inventory that can be read
 */
int redis_load(const char *url, struct fact_taker taker);

#endif
