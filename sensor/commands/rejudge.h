/*
 * rejudge -- judges flows of records anew, without their packets.
 *
 * Attributes, learns what is served and judges as pipeline.c does, so a flow
 * gets the verdict that a sensor with these models and this inventory gives
 * it.  Keeps every flow in memory: what a workload was seen to serve counts
 * for flows that were judged later, whatever the order of the lines.
 */
#ifndef SENSOR_COMMANDS_REJUDGE_H
#define SENSOR_COMMANDS_REJUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "alerts/record.h"
#include "classifiers/outside.h"
#include "sensor/flow.h"

struct geography;
struct inventory;
struct json;
struct policy;
struct report;

/* Most flows of one list, and the largest file of them, in octets. */
#define REJUDGE_FLOWS_MAXIMUM ((size_t)4 * 1024 * 1024)
#define REJUDGE_FILE_MAXIMUM  ((size_t)1 << 30)

struct rejudged {
	struct record_flow about; /* its flow is the one below */
	struct flow flow;
	struct outside client_outside, server_outside; /* if it is one */
	unsigned line;                                 /* from 1 */
};

struct rejudge; /* opaque: a list of flows */

/* Makes an owned, empty list for rejudge_free(). */
struct rejudge *rejudge_new(void);
void rejudge_free(struct rejudge *list);

/*
 * Adds the flow of a record; one of another kind is left out.
 *
 * returns    false, after an error in the report, when it is not usable
 */
bool rejudge_add(struct rejudge *list, const struct json *record,
    const char *file, unsigned line, struct report *report);

/*
 * Adds every flow of a file with a record on each line, and says on stderr
 * which lines are not usable.
 *
 * returns    EXIT_DONE, or EXIT_INPUT when something was left out for that
 */
int rejudge_read(struct rejudge *list, const char *path);

/* What flows are judged by. */
struct rejudge_parts {
	const struct inventory *inventory;
	const struct geography *geography; /* or NULL */
	struct policy *policy;
};

/*
 * Judges all of them; the policy learns what is served.  Where an outside end
 * is comes from its record or, if that does not say, from the databases.
 */
void rejudge_all(struct rejudge *list, const struct rejudge_parts *parts);

/* In the order of addition. */
size_t rejudge_count(const struct rejudge *list);
const struct rejudged *rejudge_at(const struct rejudge *list, size_t index);

/* `allowed`, `deviation`, ..., or `infrastructure` for what is never judged. */
const char *rejudge_verdict(const struct rejudged *one);

#endif
