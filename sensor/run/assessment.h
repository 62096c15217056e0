/*
 * assessment -- what is said of a flow, judged and reported.
 *
 *   translation_*     is that flow another, before its address was translated?
 *   attribute_flow    who held both addresses when it began?
 *   judge             is that what their models expect?
 *   findings_add      was that said already?
 *   record_write_*    say it
 *
 * All that spans flows is here, and is asked in the order of packets: names
 * that DNS answered, both views of one connection, servers that are known,
 * findings.  A flow is judged once: as soon as its application is final and
 * its server has answered (a flow to a service not before its other view can
 * have come), or else when it ends.  With a grace time, a flow with an end that
 * nobody has named waits for it (waiting.h), and is judged anew when a name
 * comes even later.  Of the inventory nothing is kept that outlives it: ends
 * are named again where a newer one has taken its place.  One thread at a time.
 */
#ifndef SENSOR_RUN_ASSESSMENT_H
#define SENSOR_RUN_ASSESSMENT_H

#include <stdint.h>

#include "alerts/finding.h"
#include "alerts/format.h"
#include "alerts/record.h"
#include "alerts/record_doubt.h"
#include "classifiers/inventory/late.h"
#include "classifiers/outside.h"
#include "classifiers/translation.h"
#include "sensor/base/hash.h"
#include "sensor/run/detection.h"
#include "sensor/run/observation.h"
#include "sensor/run/tally.h"

struct assessment; /* opaque */
struct detection;
struct detectors_parts;
struct domain_clusters;
struct domains;
struct geography;
struct inventory;
struct policy;
struct sink;

/* All borrowed. */
struct assessment_parts {
	const struct inventory *inventory; /* who held which address, when */
	struct policy *policy;             /* what their models come to */
	const struct geography *geography; /* of the outside, or NULL */
	const struct domains *domains;     /* networks, or NULL for one */
	/* Whose addresses are in them, or NULL for anybody's. */
	const struct domain_clusters *clusters;
	struct record_source source; /* named in every record */
	/* Where there are several, their names by the numbers of packets. */
	const char *const *interfaces;
	size_t interface_count;
	struct sink *alerts, *flows; /* where records go */
	enum format format;          /* in which form */
	/* What RFC 5424 asks for; enterprise 0: as usual. */
	struct format_settings syslog;
	/*
	 * How long a verdict waits for a name that may come late, in
	 * nanoseconds; 0 where everything that will ever be known is known.
	 */
	int64_t grace;
	/* What looks for anomalies, its hook left out; NULL: nothing does. */
	const struct detectors_parts *detectors;
	struct finding_times times; /* zeroed: as usual */
	/* Called for every finding that is closed; may be NULL. */
	void (*closed)(const struct finding *finding, void *context);
	void *context;
	/* Called for every finding that is new, before it is said; may be
	 * NULL. */
	void (*raised)(const struct finding *finding,
	    const struct record_flow *about, struct instant at, void *context);
	void *raised_context;
};

/* Flows that ended + forgotten = sum of verdicts + infrastructure + copies. */
struct assessment_counts {
	uint64_t verdicts[VERDICT_DEVIATION + 1]; /* flows by verdict */
	uint64_t infrastructure;                  /* flows never judged */
	uint64_t copies;     /* flows that were a view of another one */
	uint64_t forgotten;  /* flows with a verdict whose end was not told */
	uint64_t duplicates; /* packets that are in flow->duplicates */
	/* Deviating flows by what deviates, and what was raised by how severe
	 * it is: the sum of these is findings.emitted. */
	uint64_t deviations[DEVIATION_RELATIONSHIP + 1];
	uint64_t severities[SEVERITY_CRITICAL + 1];
	/* Ends of flows by what was known of them, each time it was asked. */
	uint64_t attributions[ATTRIBUTION_STALE + 1];
	struct finding_counts findings;
	struct detection_counts detection; /* zeroes without detectors */
	struct outside_counts outside;
	struct translation_counts translation;
	struct late_counts late; /* flows whose ends nobody had named */
	struct tally tally;      /* the same again, as it came */
};

/*
 * Makes an owned assessment for assessment_free().
 *
 * flows      conversations there are, at most
 */
struct assessment *assessment_new(const struct assessment_parts *parts,
    uint32_t flows, const struct hash_key *key);
void assessment_free(struct assessment *assessment);

/* Records from here on name this capture file. */
void assessment_set_file(
    struct assessment *assessment, const char *pcap_filename);

/*
 * Goes on with a newer inventory of the same draft, and a policy that follows
 * it: flows that wait are asked about again.  The old ones may be freed after.
 *
 * clusters   of the newer one
 */
void assessment_follow(struct assessment *assessment,
    const struct inventory *inventory, const struct domain_clusters *clusters,
    struct policy *policy);

/* How often findings are said again, and when they are closed, from here on. */
void assessment_set_times(
    struct assessment *assessment, const struct finding_times *times);

/* Which detectors there are, what they count; NULL: none. */
struct detection *assessment_detection(const struct assessment *assessment);

/* Takes what is said next; `context` is the assessment. */
void assessment_observe(const struct observation *one, void *context);

/*
 * Nothing more will be said of a flow, not even its end: whoever observed it is
 * gone.  It is neither judged nor reported; `context` is the assessment.
 */
void assessment_forget(uint32_t conversation, void *context);

/*
 * Packets were lost, or the clock that stamps them stepped, between those
 * times: records of flows that went on then say so.
 */
void assessment_doubt(struct assessment *assessment, enum record_doubt kind,
    struct instant from, struct instant until);

/* Nothing more is said: closes every finding. */
void assessment_finish(struct assessment *assessment, struct instant now);

struct assessment_counts assessment_counts(const struct assessment *assessment);

#endif
