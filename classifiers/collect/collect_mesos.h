/*
 * collect_mesos -- follows a Mesos master and states facts.
 *
 * Subscribes to the operator API v1: the first event has the whole cluster,
 * the others what changes.  Any master will do, for one that does not lead
 * says who does.  A master that is silent for five of its heartbeats is gone;
 * then, as after any loss of the connection, everything is heard anew, and
 * what is not there any more is stated as gone.  Does not know who takes the
 * facts.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_MESOS_H
#define CLASSIFIERS_COLLECT_COLLECT_MESOS_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/collect/collect_listener.h"
#include "sensor/base/http.h"

struct collect_mesos; /* opaque */
struct loop;

/* Everything is borrowed for the collector's life. */
struct collect_mesos_settings {
	const char *url;             /* `http://master:5050` */
	const char *user, *password; /* HTTP basic authentication, or NULL */
	struct http_pem authorities, certificate, key;
};

/* Makes an owned collector that has begun, for collect_mesos_free(). */
struct collect_mesos *collect_mesos_new(struct loop *loop, struct http *http,
    const struct collect_mesos_settings *settings,
    const struct collect_listener *listener);

/* Not from its listener's calls; NULL is allowed. */
void collect_mesos_free(struct collect_mesos *collector);

/* Whether the state was heard, and changes are. */
bool collect_mesos_is_current(const struct collect_mesos *collector);

#endif
