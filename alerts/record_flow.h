/*
 * record_flow -- all that is known of a flow when something is said of it.
 *
 * What findings are made from, and what sentences and records are written from.
 */
#ifndef ALERTS_RECORD_FLOW_H
#define ALERTS_RECORD_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/translation.h"
#include "models/judge.h"
#include "sensor/flow.h"

struct outside;

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

#endif
