/*
 * detectors -- all detectors in a row: tells each what it wants to see.
 *
 * Owned by the assessment.  Knows the operator's tuning (tuning.h), counts what
 * each detector was told and raised and what was dropped, and hands the rest
 * on.  What detectors remember is saved and restored by detectors_state.h.
 * One thread at a time.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTORS_H
#define CLASSIFIERS_DETECTORS_DETECTORS_H

#include "classifiers/detectors/detector.h"
#include "sensor/base/hash.h"

struct beside;
struct detectors; /* opaque */
struct tuning;

/* Every detector there is, in the order in which they are told: one line each
 * in detectors_table.c. */
extern const struct detector *const detectors_all[];
extern const size_t detectors_count;

/* More than this are no row. */
#define DETECTORS_MAXIMUM 32

/*
 * Packets of a million that may be lost while a flow goes on before a detector
 * by absence is not told of it: one of a hundred makes a request that was
 * answered look unanswered about as often, which is more than what detectors
 * count by.
 */
#define DETECTORS_LOSS_BOUND 10000

struct detectors_parts {
	const struct detector *const *table; /* borrowed */
	size_t count;
	const struct tuning *tuning; /* borrowed, or NULL for the standard */
	struct hash_key key;         /* a secret live, zeroed in replay */
	uint32_t loss_bound;         /* packets of a million */
	bool nowhere;                /* nobody knows where the outside is */
	/* Called for what is raised and not dropped; all is borrowed. */
	void (*raise)(const struct detector *detector,
	    const struct anomaly *anomaly, const struct sighting *sighting,
	    void *context);
	void *context;
};

struct detector_counts {
	uint64_t told;    /* sightings */
	uint64_t lossy;   /* sightings not told: too many packets were lost */
	uint64_t raised;  /* anomalies: = off + those handed on */
	uint64_t off;     /* of them dropped: switched off for that flow */
	uint64_t held;    /* entries of its memories */
	uint64_t evicted; /* entries that made room for others */
};

/* Opens every detector of the table; owned, for detectors_free(). */
struct detectors *detectors_new(const struct detectors_parts *parts);
void detectors_free(struct detectors *detectors);

/* Bits of sighting_kind and message_kind that any of them wants. */
uint32_t detectors_kinds(const struct detectors *detectors);
uint32_t detectors_messages(const struct detectors *detectors);

void detectors_see(
    struct detectors *detectors, const struct sighting *sighting);

/* Whether anybody looks for something that there may be in that message of a
 * flow; if not, it need not be told. */
bool detectors_want(struct detectors *detectors, const struct flow *flow,
    const struct message *message);

/* Time is now; they are told once a second. */
void detectors_clock(struct detectors *detectors, struct instant now);

/* Goes on with other settings; what is remembered stays. */
void detectors_tune(struct detectors *detectors, const struct tuning *tuning);

/* What somebody beside the detectors remembers is saved with theirs: see
 * beside.h.  Takes a copy; what it borrows outlives the row. */
void detectors_set_beside(
    struct detectors *detectors, const struct beside *beside);

/* NULL: nobody. */
const struct beside *detectors_beside(const struct detectors *detectors);

/* By the table's order. */
struct detector_counts detectors_counts_of(
    const struct detectors *detectors, size_t index);

/* The memory `index` of that detector and its name, or NULL behind the last. */
struct memory *detectors_memory(const struct detectors *detectors,
    size_t detector, size_t index, const char **name);

/* The table that they were made of. */
const struct detector *detectors_at(
    const struct detectors *detectors, size_t index);
size_t detectors_size(const struct detectors *detectors);
struct hash_key detectors_key(const struct detectors *detectors);

#endif
