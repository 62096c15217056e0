/*
 * kubernetes -- turns Kubernetes API objects into facts.
 *
 * Reads one object in its documented JSON form (core/v1 Pod, Service, Node,
 * Namespace; apps/v1 ReplicaSet, Deployment, ...; batch/v1 Job, CronJob;
 * discovery.k8s.io/v1 EndpointSlice; networking.k8s.io/v1 NetworkPolicy).
 * Objects may come from anybody: texts are bounded and missing fields are no
 * error.  Does not read files or the network.
 */
#ifndef CLASSIFIERS_SOURCES_KUBERNETES_H
#define CLASSIFIERS_SOURCES_KUBERNETES_H

#include <stdbool.h>

#include "sensor/base/instant.h"

struct fact_taker;
struct json;

enum kubernetes_event {
	KUBERNETES_PRESENT, /* it stands so; when it came to be is not said */
	KUBERNETES_CHANGED, /* it became so just then */
	KUBERNETES_DELETED, /* it stood so last */
};

/*
 * States one object as facts; an object that is deleted is stated as it stood
 * last, and then as gone.
 *
 * cluster    the cluster's name, or ""
 * at         when the event happened; INSTANT_PAST for a snapshot, which has
 *            no time of its own
 * returns    false when the kind is none that the inventory holds
 */
bool kubernetes_object(const struct fact_taker *taker, const char *cluster,
    const struct json *object, enum kubernetes_event event, struct instant at);

/* The same for an item of a typed list, whose kind only the list states. */
bool kubernetes_object_of(const struct fact_taker *taker, const char *cluster,
    const char *kind, const struct json *object, enum kubernetes_event event,
    struct instant at);

#endif
