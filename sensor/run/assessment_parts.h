/*
 * assessment_parts -- what assessment.c and assessment_late.c share; for nobody
 * else.
 */
#ifndef SENSOR_RUN_ASSESSMENT_PARTS_H
#define SENSOR_RUN_ASSESSMENT_PARTS_H

#include <assert.h>

#include "classifiers/detectors/strangers.h"
#include "classifiers/known_servers.h"
#include "models/policy.h"
#include "sensor/base/text.h"
#include "sensor/run/assessment.h"
#include "sensor/run/detection.h"
#include "sensor/run/doubts.h"
#include "sensor/run/end_names.h"
#include "sensor/run/waiting.h"

/*
 * What is kept of every flow: an octet, for a flood reads and writes it of all.
 * All but `noted` is valid once judged.
 */
struct conversation {
	bool judged : 1;
	bool client : 1;       /* which of its two ends */
	uint8_t direction : 2; /* enum direction_confidence */
	uint8_t came_to : 3;   /* enum verdict_kind, or one of these */
	bool noted : 1;        /* there are notes */
};

enum {
	CAME_TO_BLANKET = VERDICT_DEVIATION + 1, /* allowed; verdict.blanket */
	CAME_TO_INFRASTRUCTURE,                  /* never judged */
};

static_assert(DIRECTION_HANDSHAKE < 4 && CAME_TO_INFRASTRUCTURE < 8,
    "conversations have two bits and three for them");

static inline bool
talk_is_infrastructure(const struct conversation *talk)
{
	return talk->judged && talk->came_to == CAME_TO_INFRASTRUCTURE;
}

static inline enum verdict_kind
talk_verdict(const struct conversation *talk)
{
	return talk->came_to > VERDICT_DEVIATION
		   ? VERDICT_ALLOWED
		   : (enum verdict_kind)talk->came_to;
}

/* Who the ends of a flow were: of one that began then, between those addresses
 * (end_names_again()). */
struct named_ends {
	struct instant began;
	uint32_t ends[2]; /* their numbers */
};

/* What a flow came to. */
struct judgement {
	uint32_t generation; /* of the inventory that the ends are of */
	uint32_t policies;   /* and of the policy that the verdict borrows of */
	struct party client, server;
	struct verdict verdict;
};

struct assessment {
	struct assessment_parts parts;
	struct translation *translation;
	struct outside_observer *outside;
	struct known_servers *known;
	struct findings *findings;
	struct detection *detection; /* NULL: no detectors, and those two */
	struct end_names *names;
	struct named_ends *named; /* by conversation */
	struct conversation *conversations;
	struct outside_notes *notes;
	struct translation_flow *views;
	struct judgement *judgements; /* NULL: no flow will be reported */
	struct waiting *waiting;      /* NULL: nothing comes late */
	uint32_t flows;               /* conversations, at most */
	uint32_t generation;          /* of the inventory; 0: the first */
	uint32_t policies;            /* that came before this one */
	struct doubts doubts;         /* about flows of some times */
	struct text line;             /* the record being written */
	struct text said;             /* the same in another form */
	bool watching;
	struct instant since, now; /* valid when watching */
	struct instant wall;       /* what a clock on it shows now */
	uint64_t packet;           /* number of the one at hand */
	uint64_t order;            /* and what it is observed by */
	/* Of the flow at hand, where it is not kept or changed. */
	struct judgement judgement;
	struct flow flow;
	const struct subject *at_hand; /* valid while detectors are told */
	uint64_t observed;             /* observations so far */
	/* The last that detectors were told of, in which of them, and by which
	 * order. */
	struct known_flow told;
	uint64_t told_at, told_order;
	/* The last flow whose ends were put into its judgement, and when. */
	uint32_t ready;
	uint64_t ready_at;
	struct strangers *strangers; /* NULL: no detectors */
	struct instant ticks; /* when detectors and strangers are told next */
	struct outside client_outside, server_outside;
	struct outside_reader outside_reader; /* of `told`, when asked for */
	bool outside_is_read;
	struct assessment_counts counts;
};

/* The number of a flow that is over. */
#define NO_CONVERSATION UINT32_MAX

/* A flow at hand, with all that is known of it. */
struct subject {
	uint32_t number;         /* of its conversation */
	const struct flow *flow; /* turned round where that is known */
	const struct appid_flow *appid;
	struct server_name asked;
	struct conversation *talk;
	struct translation_flow *view;
	struct judgement *judgement;
	struct outside_notes *notes;
};

/* --- assessment.c --------------------------------------------------------- */

struct subject subject_of(struct assessment *assessment, uint32_t number,
    const struct flow *flow, const struct appid_flow *appid);

/*
 * Names the ends, and turns the flow round where that is known better.
 *
 * returns    whether there is more than a guess about who the client is
 */
bool assessment_attribute(
    struct assessment *assessment, struct subject *subject);

/* Judges for good, and counts. */
void assessment_settle(struct assessment *assessment, struct subject *subject,
    bool direction_known);

/* A server that accepted is known from now on. */
void assessment_learn_server(
    struct assessment *assessment, const struct subject *subject);

/* The flow has ended, and has its last verdict: detectors are told, and its
 * record is written. */
void assessment_say_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason);

/* All that a record says of the flow. */
struct record_flow assessment_record(
    const struct assessment *assessment, const struct subject *subject);

/* Names of ends that are outside, as of the verdict. */
void assessment_recall(struct assessment *assessment,
    const struct subject *subject, const struct party *client,
    const struct party *server);

/* --- assessment_detect.c -------------------------------------------------- */

void detect_open(struct assessment *assessment, const struct hash_key *key);

/* The flow has its verdict, or is infrastructure. */
void detect_ready(struct assessment *assessment, struct subject *subject);

/* It goes on, or something was said in it. */
void detect_observed(struct assessment *assessment, struct subject *subject,
    const struct observation *one);

void detect_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason);

/* Its number will be another's before it has a verdict. */
void detect_give_up(struct assessment *assessment, struct subject *subject);

/* It is another one's copy. */
void detect_forget(
    struct assessment *assessment, const struct subject *subject);

/* What detectors are told of a flow whose ends are in its judgement. */
struct known_flow *known_flow(
    struct assessment *assessment, const struct subject *subject);

/* The same of one whose ends were named before; NULL where they are not known
 * by that any more. */
struct known_flow *known_by_name(
    struct assessment *assessment, const struct subject *subject);

/*
 * Puts the ends of a flow into its judgement: they are in that of one that is
 * reported; else of what was judged there is only a bit.
 */
void known_ask(struct assessment *assessment, struct subject *subject);

/* The same of one that ends, wherever its ends are. */
struct known_flow *known_at_end(
    struct assessment *assessment, struct subject *subject);

/* What was known last is not to be used any more: its number may be another's
 * now, or what it borrows of is gone. */
void known_forget(struct assessment *assessment);

/* Whether it got its verdict a moment ago: its ends are in its judgement. */
bool known_is_judged_now(
    const struct assessment *assessment, const struct subject *subject);

/* --- assessment_lone.c ---------------------------------------------------- */

/*
 * A flow has ended: whether that need not be told, for it is a stranger's
 * attempt that was kept back, or was told as such.
 */
bool lone_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason);

/* What was said in the flow waits for its end: an echo request of a stranger is
 * mostly all that ever comes of him. */
bool lone_waits(const struct subject *subject);

/* Something else is told of that client: what was kept back of it comes
 * first. */
void lone_recall(struct assessment *assessment, const struct party *client);

/* Tells what waits for another of its kind; once a second, and at the end. */
void lone_clock(struct assessment *assessment);
void lone_finish(struct assessment *assessment);

/* --- assessment_late.c ---------------------------------------------------- */

/* Whether the verdict waits for names; then the flow is kept. */
bool late_waits(struct assessment *assessment, struct subject *subject,
    const struct flow *as_seen);

/* The flow ends; whether its record is still to be said. */
bool late_ends(struct assessment *assessment, struct subject *subject,
    const struct observation *one);

/* The same of a flow that is a copy, and is not judged. */
void late_ends_as_copy(
    struct assessment *assessment, const struct subject *subject);

/* The flow of that conversation is gone without an end. */
void late_forget(struct assessment *assessment, uint32_t conversation);

/* Says what has waited for its time. */
void late_clock(struct assessment *assessment);

/* Says all that still waits. */
void late_finish(struct assessment *assessment);

/* Judges a flow in progress anew, by another policy. */
void late_again(struct assessment *assessment, struct subject *subject);

/* Ends of an older inventory are named by this one. */
void late_refresh(struct assessment *assessment, struct subject *subject);

/* The service that the flow went to, as this inventory has it. */
struct service_view late_service(
    const struct assessment *assessment, const struct subject *subject);

/* Whose addresses the flow's are. */
uint32_t assessment_cluster(
    const struct assessment *assessment, const struct flow *flow);

#endif
