/*
 * inventory_argument -- what `--inventory [CLUSTER=]FILE[@FROM..TO]` says.
 *
 * Reads the file as that of the cluster, and as true from one time to the
 * other.  A file whose name holds an `=` or ends like a time is named with a
 * directory before it, or with `@..` behind it.
 */
#ifndef SENSOR_RUN_INVENTORY_ARGUMENT_H
#define SENSOR_RUN_INVENTORY_ARGUMENT_H

#include "classifiers/sources/inventory_file.h"

struct fact_taker;

/* Every fault goes to `report`. */
enum inventory_file_status inventory_argument_read(
    const char *text, struct fact_taker taker, struct report *report);

#endif
