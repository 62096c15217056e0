/*
 * inventory_native -- reads hedgerow's own inventory files.
 *
 * Records, one a line, as collectors write them; and the YAML in which a
 * person names legacy hosts and zones.  docs/inventory.md documents both.
 * Which it is, is told by the content.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_NATIVE_H
#define CLASSIFIERS_SOURCES_INVENTORY_NATIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/sources/inventory_status.h"

struct fact_taker;
struct report;

/* Whether the text looks like one of the two. */
bool inventory_native_is(const char *octets, size_t size);

/*
 * Gives the facts of such a text.  Of records, those that cannot be read are
 * reported and left out; a YAML with any mistake is refused as a whole, and
 * each of its mistakes reported.
 */
enum inventory_file_status inventory_native_read(const struct fact_taker *taker,
    const char *path, const char *octets, size_t size, struct report *report);

#endif
