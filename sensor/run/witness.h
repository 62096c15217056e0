/*
 * witness -- writes down the packets that a finding was raised by.
 *
 * When a finding is raised, what evidence.h still has of its first flow goes
 * into the evidence file, each packet with the finding's uid and sentence as
 * its comment; then, for some seconds, what follows of that flow.  A bounded
 * number of findings is looked after at once: one more, and the oldest is done
 * early.  Further flows of a finding are counted by it and not written.
 *
 * Does not write records and does not judge.  One thread at a time, whoever
 * writes the evidence.
 */
#ifndef SENSOR_RUN_WITNESS_H
#define SENSOR_RUN_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/evidence.h"
#include "sensor/evidence_file.h"

struct finding;
struct record_flow;
struct witness; /* opaque */

/* Pieces of evidence that are looked through: one for each worker. */
#define WITNESS_SOURCES 32

/* Findings that are looked after at once. */
#define WITNESS_FINDINGS 256

/* How long a flow is followed after its alert, as packets tell the time. */
#define WITNESS_FOLLOW_DEFAULT (10 * NS_PER_SECOND)
#define WITNESS_FOLLOW_MOST    (3600 * NS_PER_SECOND)

struct witness_settings {
	struct evidence_settings evidence;
	struct evidence_file_settings file;
	int64_t follow; /* nanoseconds */
};

/* Findings that were raised = whole + partial + none, when all are done. */
struct witness_counts {
	uint64_t findings; /* raised while there was a witness */
	uint64_t whole;    /* with every packet from the flow's first on, or
			      as many as one flow may have */
	uint64_t partial;  /* some of their packets were gone already */
	uint64_t none;     /* all of them were */
	uint64_t hurried;  /* of them, those that were done early */
	struct evidence_file_counts file;
};

/*
 * Opens the file.
 *
 * error      gets a negative errno when NULL is returned
 * returns    an owned witness for witness_free(), or NULL
 */
struct witness *witness_new(
    const struct witness_settings *settings, int *error);
void witness_free(struct witness *witness);

/*
 * Looks through one more piece of evidence from here on.
 *
 * evidence   borrowed for the witness' life; of the settings' size
 * secret     that its tags are made with; copied
 */
void witness_source(struct witness *witness, const struct evidence *evidence,
    const struct hash_key *secret);

/* A finding is raised; the form of assessment_parts' hook. */
void witness_raised(const struct finding *finding,
    const struct record_flow *about, struct instant at, void *witness);

/* Time goes on, or packets have come: writes what has followed. */
void witness_look(struct witness *witness, struct instant now);

/* Whether there is anything to look for. */
bool witness_is_busy(const struct witness *witness);

/* Nothing more comes. */
void witness_finish(struct witness *witness);

/* See evidence_file.h. */
int witness_reopen(struct witness *witness);
int witness_give(struct witness *witness, uid_t user, gid_t group);

struct witness_counts witness_counts(const struct witness *witness);

#endif
