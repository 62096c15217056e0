/*
 * record -- writes flows, alerts and findings in the native form.
 *
 * Suricata's EVE, extended: one JSON object a line, with `src_workload`,
 * `dest_workload`, `policy`, `finding` and `service` added.  The source is
 * always the client.  alerts/record.schema.json is its schema.  Pure: writes
 * into a text and keeps nothing.
 */
#ifndef ALERTS_RECORD_H
#define ALERTS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/translation.h"
#include "models/judge.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct finding;
struct outside;
struct text;

/* The longest record; what would not fit loses its labels first. */
#define RECORD_MAXIMUM ((size_t)64 * 1024)

/* What is the same in every record of a run. */
struct record_source {
	const char *host;          /* the sensor's name */
	const char *interface;     /* live, when there is one; else NULL */
	const char *pcap_filename; /* replay; else NULL */
};

/* All that is known of one flow; everything is borrowed. */
struct record_flow {
	const struct flow *flow;
	const char *domain;    /* of its addresses; NULL: none is declared */
	const char *interface; /* that it came from; NULL: as the source */
	unsigned doubts;       /* bits of record_doubt.h */
	struct appid appid;
	struct party client, server;
	const struct outside *client_outside, *server_outside; /* or NULL */
	struct service_view service; /* seen before it was translated */
	bool judged; /* false for infrastructure: then no policy is written */
	struct verdict verdict;
	int64_t metadata_age_ns; /* -1: not known */
	uint64_t packet;         /* packet number that this is said at */
};

/* A finished flow, as an EVE `flow` event. */
void record_write_flow(struct text *out, const struct record_source *source,
    const struct record_flow *about, enum flow_reason reason);

/*
 * A deviation seen for the first time, as an EVE `alert` event.
 *
 * at         packet time at which it is said
 * signature  the sentence, see sentence.h
 */
void record_write_alert(struct text *out, const struct record_source *source,
    const struct record_flow *about, const struct finding *finding,
    const char *signature, struct instant at);

/* A finding that goes on or has ended, as a `finding` event. */
void record_write_finding(struct text *out, const struct record_source *source,
    const struct finding *finding, struct instant at);

#endif
