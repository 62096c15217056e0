/*
 * cloudfoundry -- turns what Diego and the Cloud Controller say into facts.
 *
 * Reads the JSON values that cfdot prints one a line (`cfdot actual-lrps`,
 * `desired-lrps`, `lrp-events`; models/actual_lrp.proto, desired_lrp.proto and
 * events.proto of cloudfoundry/bbs, whose JSON names are theirs), and resources
 * and pages of the Cloud Controller's API v3 (/v3/apps, /v3/processes,
 * /v3/spaces, /v3/organizations; docs/v3 of cloudfoundry/cloud_controller_ng).
 *
 * An instance's names are its own metric tags, those of its desired LRP, or
 * what the Cloud Controller says of its process guid, in this order.  Its
 * namespace is `<organization>/<space>`.  Names may come after instances:
 * cloudfoundry_refresh() then gives those instances again.
 *
 * Objects may come from anybody: missing members are no error.  Does not read
 * files or the network.
 */
#ifndef CLASSIFIERS_SOURCES_CLOUDFOUNDRY_H
#define CLASSIFIERS_SOURCES_CLOUDFOUNDRY_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct cloudfoundry; /* what is known of one foundation; opaque */
struct fact_taker;
struct json;

/* Instances, or objects of any other kind, of one foundation. */
#define CLOUDFOUNDRY_OBJECTS_MAXIMUM ((size_t)1 << 18)

enum cloudfoundry_kind {
	CLOUDFOUNDRY_NONE,
	CLOUDFOUNDRY_ACTUAL,   /* `cfdot actual-lrps` */
	CLOUDFOUNDRY_DESIRED,  /* `cfdot desired-lrps` */
	CLOUDFOUNDRY_EVENT,    /* `cfdot lrp-events` */
	CLOUDFOUNDRY_RESOURCE, /* an app, process, space or organization */
	CLOUDFOUNDRY_PAGE,     /* a page of resources */
};

/* What an object is, by the members that it has. */
enum cloudfoundry_kind cloudfoundry_kind_of(const struct json *object);

/*
 * Makes an owned foundation for cloudfoundry_free().
 *
 * cluster    the foundation's name, or ""; borrowed, as is the taker
 */
struct cloudfoundry *cloudfoundry_new(
    const char *cluster, const struct fact_taker *taker);
void cloudfoundry_free(struct cloudfoundry *foundry);

/*
 * Notes names, and gives instances.
 *
 * at         when it was heard; INSTANT_PAST for a file
 * returns    false when the object is none of Cloud Foundry's
 */
bool cloudfoundry_give(
    struct cloudfoundry *foundry, const struct json *object, struct instant at);

/* Gives again the instances whose names have changed since. */
void cloudfoundry_refresh(struct cloudfoundry *foundry, struct instant at);

/*
 * A list of all actual LRPs begins, and has ended: instances that were known
 * and were not given in between are given as gone.
 */
void cloudfoundry_list_begin(struct cloudfoundry *foundry);
void cloudfoundry_list_end(struct cloudfoundry *foundry, struct instant at);

#endif
