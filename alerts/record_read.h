/*
 * record_read -- reads flows back from records, to judge them once more.
 *
 * Takes what record_write_flow() and record_write_alert() wrote, and a short
 * form that a person can type:
 *
 *   {"time": "2026-11-21T06:28:00Z", "src_ip": "10.0.0.1",
 *    "dest_ip": "10.0.0.2", "dest_port": 6379, "proto": "tcp",
 *    "app_proto": "redis"}
 *
 * The source is the client.  Does not know workloads or models: a verdict in a
 * record is left alone.
 */
#ifndef ALERTS_RECORD_READ_H
#define ALERTS_RECORD_READ_H

#include <stdbool.h>

#include "classifiers/application.h"
#include "sensor/flow.h"

struct json;
struct outside;

enum record_kind {
	RECORD_FLOW,  /* a flow, an alert's flow, or the short form */
	RECORD_ALERT, /* the flow of an alert */
	RECORD_ELSE,  /* some other event: nothing was read */
	RECORD_WRONG, /* a flow that lacks something */
};

/* What is wrong with a record; a constant text and the key it is about. */
struct record_fault {
	const char *key;     /* such as `dest_ip` */
	const char *message; /* such as `is no address` */
};

/*
 * Reads what a record says of its client, or else its server, as an end that
 * is none of ours.  What it does not say of names was not seen.
 *
 * out        texts are borrowed from the record
 */
void record_read_outside(
    const struct json *record, bool client, struct outside *out);

/*
 * Reads one flow.  What a short record leaves out is as it mostly is: the
 * application was seen in the payload, the flow's beginning was seen, and the
 * server answered.
 *
 * flow       its end 0 is the client
 * fault      set on RECORD_WRONG
 */
enum record_kind record_read(const struct json *record, struct flow *flow,
    struct appid *appid, struct record_fault *fault);

#endif
