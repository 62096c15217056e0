/*
 * finding -- says a thing once, then counts it.
 *
 * A finding is keyed by who met whom (workload identities; the address where
 * an end is outside), the kind of deviation, and the application, or the
 * server's port where the application stayed unknown.  Attempts that nobody
 * answered share one finding per pair and kind, whatever their ports, so a
 * scan is one finding and never hides a deviation that was answered.  What a
 * detector raises is keyed by its signature, by whose doing it is, with whom,
 * and about what.
 *
 *   absent -> new       the first sight: an alert is written at once
 *   new -> ongoing      more of the same: written once per update time
 *   any -> closed       quiet for the quiet time, or the run ended; what a
 *                       detector raised, FINDING_PATIENCE times as long
 *
 * A storm is one finding: when one subject has FINDING_STORM findings of one
 * signature within FINDING_STORM_NS, its next ones become a single one of the
 * subject alone, until that is closed.  Of deviations only attempts do.  So do
 * those that many do to one object: attempts, and whatever comes from outside.
 * Of all these no more than FINDING_STORM_ALL are new within that time; what is
 * beyond is one finding of its signature, until new ones may be had again.
 *
 * The uid is the same on every sensor and every run.  Time is the packets'
 * own.  Bounded: when the table is full the longest quiet finding is closed
 * to make room.  One thread at a time.
 */
#ifndef ALERTS_FINDING_H
#define ALERTS_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/finding_key.h"
#include "alerts/record_flow.h"
#include "sensor/base/instant.h"

struct anomaly;
struct detector;
struct findings; /* opaque */
struct signature;
struct text;

#define FINDINGS_DEFAULT  ((size_t)65536)
#define FINDING_UPDATE_NS (INT64_C(300) * NS_PER_SECOND)
#define FINDING_QUIET_NS  (INT64_C(900) * NS_PER_SECOND)
/*
 * Detectors look back over a day (a slow scan, a beacon each hour, a daily
 * copy), so what is quiet for less goes on: 96 quarters of an hour.  A storm
 * stands for too much to be kept as long.
 */
#define FINDING_PATIENCE 96

/* How often a finding is said again, what silence closes it; 0: as above. */
struct finding_times {
	int64_t update, quiet; /* nanoseconds */
};

/* Percent: what a detector is less sure of is a step less severe than its
 * signature. */
#define FINDING_SURE 60

enum finding_state { FINDING_NEW, FINDING_ONGOING, FINDING_CLOSED };

/* What a detector said last; texts are owned by the table. */
struct finding_anomaly {
	const char *detector; /* a constant name; NULL: a deviation */
	uint8_t confidence;   /* percent */
	char *subject;        /* names; `object` is NULL for several or none */
	char *object, *about;
	char *evidence; /* members of a JSON object, or NULL */
	char *silent_if;
	enum verdict_kind verdict; /* of the first flow, if judged */
	bool judged;
};

/* Copies of what has to be said again; texts are owned by the table. */
struct finding {
	char uid[FINDING_UID_SIZE];
	enum finding_state state;
	uint64_t count;
	struct instant first_seen, last_seen; /* on the wall */
	const struct signature *catalogued;
	struct finding_anomaly anomaly; /* of a detector */
	enum storm_kind storm;
	enum deviation deviation; /* or DEVIATION_NONE */
	enum severity severity;
	bool attempted;
	char *signature;       /* the sentence of its alert */
	char *client, *server; /* names of both ends; of a storm's many the
				* first and `and many others` */
	char *client_key, *server_key;
	const char *application; /* a constant name */
	uint16_t port;
	uint8_t protocol;
	struct instant flow_start; /* of the first flow */
	uint64_t flow_id;
};

/* Called when something is to be written; `finding` is borrowed. */
struct finding_hooks {
	/* `about` and `finding` of the first sight */
	void (*raise)(const struct finding *finding,
	    const struct record_flow *about, const char *signature,
	    struct instant at, void *context);
	/* goes on or has closed */
	void (*update)(
	    const struct finding *finding, struct instant at, void *context);
	void *context;
};

/* raised = emitted + suppressed + dropped, always. */
struct finding_counts {
	uint64_t raised;     /* deviating flows and anomalies handed in */
	uint64_t emitted;    /* of them written as alerts */
	uint64_t suppressed; /* of them counted in a finding that was written */
	uint64_t dropped;    /* of them lost for want of room */
	uint64_t findings;   /* opened; one that comes back counts again */
	uint64_t storms;     /* of them those that stand for many */
};

/* Makes an owned table of at most `maximum` open findings. */
struct findings *findings_new(
    size_t maximum, const struct finding_hooks *hooks);
void findings_free(struct findings *findings);

/* Goes by other times from here on. */
void findings_set_times(
    struct findings *findings, const struct finding_times *times);

/*
 * What a clock on the wall shows while what passes is `now`: they part where
 * stamps step back (packet_clock.h).  What is said from here on is stamped by
 * the wall; what waits goes by what passes.
 */
void findings_set_wall(
    struct findings *findings, struct instant wall, struct instant now);

/* A flow deviates; `about->verdict.kind` is VERDICT_DEVIATION. */
void findings_add(struct findings *findings, const struct record_flow *about,
    struct instant at);

/* A detector raised this at a flow. */
void findings_add_anomaly(struct findings *findings,
    const struct detector *detector, const struct anomaly *anomaly,
    const struct record_flow *about, struct instant at);

/* Says what goes on and was not said for its time, and closes what has been
 * quiet long enough at `now`. */
void findings_expire(struct findings *findings, struct instant now);

/* Closes everything, oldest first. */
void findings_close_all(struct findings *findings, struct instant now);

struct finding_counts findings_counts(const struct findings *findings);

/* `new`, `ongoing`, `closed`. */
const char *finding_state_name(enum finding_state state);

#endif
