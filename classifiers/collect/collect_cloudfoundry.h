/*
 * collect_cloudfoundry -- follows what cfdot prints, and states facts.
 *
 * Diego's own API is protobuf behind mutual TLS, and cfdot speaks it on every
 * Diego machine: lines of `cfdot actual-lrps`, `desired-lrps` and `lrp-events`
 * are read from a file that grows or from a pipe.  A blank line says that all
 * actual LRPs were printed since the last one: what is not among them is then
 * stated as gone.  Where a Cloud Controller's address is given, names of apps,
 * spaces and organizations are asked there (API v3) again and again; addresses
 * it has none.  Does not know who takes the facts.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_CLOUDFOUNDRY_H
#define CLASSIFIERS_COLLECT_COLLECT_CLOUDFOUNDRY_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/collect/collect_listener.h"
#include "sensor/base/http.h"

struct collect_cloudfoundry; /* opaque */
struct loop;

/* Everything is borrowed for the collector's life. */
struct collect_cloudfoundry_settings {
	int lines;              /* a descriptor to read lines from */
	bool grows;             /* it is a file: wait for more at its end */
	const char *api;        /* `https://api.example.org`, or NULL */
	const char *token_file; /* a bearer token, read at each use; or NULL */
	struct http_pem authorities;
	unsigned poll_seconds; /* between two questions for names; 0: 60 */
};

/* Makes an owned collector that has begun, for collect_cloudfoundry_free(). */
struct collect_cloudfoundry *collect_cloudfoundry_new(struct loop *loop,
    struct http *http, const struct collect_cloudfoundry_settings *settings,
    const struct collect_listener *listener);

/* Not from its listener's calls; NULL is allowed. */
void collect_cloudfoundry_free(struct collect_cloudfoundry *collector);

#endif
