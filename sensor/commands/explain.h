/*
 * explain -- one alert's proof, and the edit that would allow it.
 *
 * Judges the alert's flow again with the models and the inventory given, and
 * looks for the smallest edit of the models after which nothing of the finding
 * deviates: edit, judge again, and leave out whatever was not needed.
 */
#ifndef SENSOR_COMMANDS_EXPLAIN_H
#define SENSOR_COMMANDS_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/finding.h"
#include "models/model_edit.h"
#include "models/policy_opening.h"

struct json;
struct rejudge;
struct rejudged;
struct setup;
struct setup_paths;

/*
 * Both sides and the boundaries between them; no flow needs as many.  Beyond
 * it the search gives up and says so.
 */
#define EXPLAIN_EDITS_MAXIMUM 16

struct explanation {
	const struct json *alert; /* the record; borrowed */
	const char *uid;          /* as the record says it */
	uint64_t count;           /* flows of the finding, as last heard */

	const struct rejudged *flow; /* the alert's, judged by these models */
	char uid_now[FINDING_UID_SIZE]; /* of that verdict, or "" */
	size_t flows;                   /* of the finding that are known here */

	struct model_edit edits[EXPLAIN_EDITS_MAXIMUM];
	size_t edit_count;        /* 0: none is needed, or none was found */
	struct openings openings; /* other pairs that the edits let through */
};

/*
 * Explains the first flow of the list, which is the alert's; the others are
 * flow records in which more of the finding may be.
 *
 * explanation    its alert, uid and count are set
 * arena          holds what it points to
 */
void explain(struct explanation *explanation, struct rejudge *list,
    const struct setup_paths *paths, const struct setup *setup,
    struct arena *arena);

/* Writes everything to stdout. */
void explain_print_text(const struct explanation *explanation);
void explain_print_json(const struct explanation *explanation);

#endif
