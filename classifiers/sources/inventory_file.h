/*
 * inventory_file -- reads inventory files, whatever their form.
 *
 * Forms are recognised by their content: a Kubernetes List or single object
 * (`kubectl get ... -A -o json`), or a Kubernetes watch log (one event a line,
 * with `time`, `type` and `object`), or hedgerow's own records or YAML.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_FILE_H
#define CLASSIFIERS_SOURCES_INVENTORY_FILE_H

#include <stddef.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/inventory_status.h"

struct inventory_draft;
struct report;

/* The largest inventory file that is read, in octets. */
#define INVENTORY_FILE_MAXIMUM ((size_t)1 << 30)

/*
 * Reads a file into the draft.  Every fault goes to `report` with its line.
 */
enum inventory_file_status inventory_file_read(
    struct inventory_draft *draft, const char *path, struct report *report);

/* The same for octets in memory; `path` is for messages. */
enum inventory_file_status inventory_file_parse(struct inventory_draft *draft,
    const char *path, const char *octets, size_t size, struct report *report);

/* Both, for whoever takes facts. */
enum inventory_file_status inventory_file_read_to(
    struct fact_taker taker, const char *path, struct report *report);
enum inventory_file_status inventory_file_parse_to(struct fact_taker taker,
    const char *path, const char *octets, size_t size, struct report *report);

#endif
