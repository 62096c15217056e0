/*
 * collect_kubernetes -- follows a Kubernetes API server and states facts.
 *
 * Lists every kind that the inventory holds, in pages, then watches it from
 * where the list stood; resumes a watch that broke, and lists again where the
 * server has forgotten what came since (410 Gone).  What a second list no
 * longer has is stated as gone.  A kind that may not be read, or that the
 * server does not have, is said once and does not stop the others.  Objects
 * are read one by one: memory is bounded by the largest object and the number
 * of ids.  Does not know who takes the facts.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_KUBERNETES_H
#define CLASSIFIERS_COLLECT_COLLECT_KUBERNETES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/collect/collect_listener.h"
#include "classifiers/collect/kubeconfig.h"

struct http;
struct loop;
struct collect_kubernetes; /* opaque */

/* Everything is borrowed for the collector's life. */
struct collect_kubernetes_settings {
	const struct kubernetes_access *access;
	const char *namespace;  /* only this one; NULL: all */
	unsigned page;          /* objects of one answer; 0: 500 */
	unsigned watch_seconds; /* a watch is renewed after; 0: 300 */
};

/*
 * Makes an owned collector that has begun, for collect_kubernetes_free().
 *
 * listener   copied.  `listed` comes when every kind that may be read was, and
 *            again after a list that had to be repeated; never while pods may
 *            not be read, for then what else there is, is not all
 */
struct collect_kubernetes *collect_kubernetes_new(struct loop *loop,
    struct http *http, const struct collect_kubernetes_settings *settings,
    const struct collect_listener *listener);

/* Not from its listener's calls; NULL is allowed. */
void collect_kubernetes_free(struct collect_kubernetes *collector);

/* Whether every kind that may be read is listed and being watched. */
bool collect_kubernetes_is_current(const struct collect_kubernetes *collector);

/* What happened since it began. */
struct collect_kubernetes_counts {
	uint64_t lists;    /* completed, of one kind each */
	uint64_t watches;  /* begun */
	uint64_t events;   /* of watches, bookmarks included */
	uint64_t relists;  /* because the server had forgotten */
	uint64_t unread;   /* objects that are no JSON or too large */
	uint64_t mended;   /* characters that are no text */
	uint64_t gone;     /* facts that only a new list showed to be gone */
	uint64_t failures; /* of requests */
};
struct collect_kubernetes_counts collect_kubernetes_counts(
    const struct collect_kubernetes *collector);

#endif
