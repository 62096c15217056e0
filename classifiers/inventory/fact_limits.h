/*
 * fact_limits -- beyond these, what a fact says is cut and counted.
 */
#ifndef CLASSIFIERS_INVENTORY_FACT_LIMITS_H
#define CLASSIFIERS_INVENTORY_FACT_LIMITS_H

#include <stddef.h>

#define INVENTORY_TEXT_MAXIMUM       ((size_t)4096) /* octets */
#define INVENTORY_LABELS_MAXIMUM     ((size_t)256)
#define INVENTORY_CONTAINERS_MAXIMUM ((size_t)64)
#define INVENTORY_ADDRESSES_MAXIMUM  ((size_t)64)   /* prefixes too */
#define INVENTORY_PORTS_MAXIMUM      ((size_t)128)  /* and probes */
#define INVENTORY_BACKENDS_MAXIMUM   ((size_t)1024) /* of one slice */

#endif
