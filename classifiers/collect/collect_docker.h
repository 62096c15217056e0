/*
 * collect_docker -- follows a Docker Engine, and its Swarm, and states facts.
 *
 * Asks for the engine's API version, begins to listen to its events, then
 * lists what runs and inspects each; after that, what an event names is
 * inspected anew.  An engine forgets its events (it keeps 256), so after every
 * loss of the connection everything is listed again.  What a new list no
 * longer has is stated as gone.  On a manager the Swarm's nodes, services and
 * tasks, whose moves are no events, are asked for again and again.  Does not
 * know who takes the facts.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_DOCKER_H
#define CLASSIFIERS_COLLECT_COLLECT_DOCKER_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/collect/collect_listener.h"
#include "sensor/base/http.h"

struct collect_docker; /* opaque */
struct loop;

/* Everything is borrowed for the collector's life. */
struct collect_docker_settings {
	const char *url;         /* `http://docker`, `https://host:2376` */
	const char *unix_socket; /* or NULL */
	struct http_pem authorities, certificate, key;
	unsigned poll_seconds; /* between two lists of a Swarm; 0: 10 */
};

/* Makes an owned collector that has begun, for collect_docker_free(). */
struct collect_docker *collect_docker_new(struct loop *loop, struct http *http,
    const struct collect_docker_settings *settings,
    const struct collect_listener *listener);

/* Not from its listener's calls; NULL is allowed. */
void collect_docker_free(struct collect_docker *collector);

/* Whether everything is listed and events are being heard. */
bool collect_docker_is_current(const struct collect_docker *collector);

#endif
