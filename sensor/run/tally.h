/*
 * tally -- what was judged, in counters that never sink.
 *
 * `struct assessment_counts` says how flows stand: one that is judged anew,
 * for the models changed or a name came late, leaves one sum for another.  Who
 * asks for rates wants each verdict counted when it is given.  Every label
 * these become is one of a list that is compiled in, so their number has a
 * bound, whatever packets say.
 */
#ifndef SENSOR_RUN_TALLY_H
#define SENSOR_RUN_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "models/judge.h"

struct finding;
struct flow;

enum tally_transport {
	TALLY_TCP,
	TALLY_UDP,
	TALLY_ICMP,
	TALLY_ICMPV6,
	TALLY_SCTP,
	TALLY_OTHER,
	TALLY_TRANSPORTS,
};

/* After the verdicts: never judged, and another flow's copy. */
enum {
	TALLY_INFRASTRUCTURE = VERDICT_DEVIATION + 1,
	TALLY_COPY,
	TALLY_ENDS,
};

/* Beyond these the catalogue's signatures are counted as the last. */
#define TALLY_SIGNATURES 256

struct tally {
	/* Verdicts given; of those that deviate, how. */
	uint64_t verdicts[VERDICT_DEVIATION + 1];
	uint64_t deviations[DEVIATION_RELATIONSHIP + 1];
	/* Flows that ended, by their last verdict, and what they spoke. */
	uint64_t ends[TALLY_TRANSPORTS][TALLY_ENDS];
	uint64_t applications[APPLICATION_COUNT][APP_DPI + 1];
	/* Alerts, by their place in the catalogue. */
	uint64_t alerts[TALLY_SIGNATURES][SEVERITY_CRITICAL + 1];
};

void tally_verdict(struct tally *tally, const struct verdict *verdict);

/* `end` is a verdict_kind, or one of those after it. */
void tally_end(struct tally *tally, const struct flow *flow,
    const struct appid *appid, int end);

void tally_alert(struct tally *tally, const struct finding *finding);

/* `tcp`, ..., `other`; `allowed`, ..., `infrastructure`, `copy`. */
const char *tally_transport_name(enum tally_transport transport);
const char *tally_end_name(int end);

#endif
