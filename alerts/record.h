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

#include "alerts/record_flow.h"
#include "sensor/base/instant.h"

struct finding;
struct text;

/* The longest record; what would not fit loses its labels first. */
#define RECORD_MAXIMUM ((size_t)64 * 1024)

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
