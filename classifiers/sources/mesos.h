/*
 * mesos -- turns the state of a Mesos master into facts.
 *
 * Reads JSON of two APIs: the master's /state (src/common/http.cpp and
 * src/master/readonly_handler.cpp of apache/mesos) and the operator API v1:
 * GET_STATE and the events of SUBSCRIBE (include/mesos/v1/master/master.proto
 * and mesos.proto; docs/operator-http-api.md).
 *
 * Of Marathon's tasks the name is the app's path reversed, with dots
 * (`web.shop` for /shop/web): the first word is the application, the others
 * the namespace.  Any other framework's name is the namespace of its tasks, and
 * a task's name its application.
 *
 * What a master says of a task it says once; later events tell only its new
 * state, so what is known is kept.  Objects may come from anybody: missing
 * members are no error.  Does not read files or the network.
 */
#ifndef CLASSIFIERS_SOURCES_MESOS_H
#define CLASSIFIERS_SOURCES_MESOS_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct fact_taker;
struct json;
struct mesos; /* what is known of one cluster; opaque */

/* Tasks, agents or frameworks of one cluster. */
#define MESOS_OBJECTS_MAXIMUM ((size_t)1 << 18)

/* Whether this is a state or an event of Mesos. */
bool mesos_is(const struct json *object);

/*
 * Makes an owned cluster for mesos_free().
 *
 * cluster    the cluster's name, or ""; borrowed, as is the taker
 */
struct mesos *mesos_new(const char *cluster, const struct fact_taker *taker);
void mesos_free(struct mesos *mesos);

/*
 * Gives what a state or an event says.  A state is whole: tasks that were
 * known and are not in it are given as gone.
 *
 * at         when it was heard; INSTANT_PAST for a file
 * returns    false when the object is none of Mesos'
 */
bool mesos_give(
    struct mesos *mesos, const struct json *object, struct instant at);

/* Of the next state not all could be read: tasks that it lacks stay. */
void mesos_keep(struct mesos *mesos);

/*
 * Whether the object is a whole state, after which the cluster is known as it
 * is.
 */
bool mesos_is_state(const struct json *object);

/* Seconds between two heartbeats, as SUBSCRIBED said, or `otherwise`. */
double mesos_heartbeat(const struct json *object, double otherwise);

#endif
