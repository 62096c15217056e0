/*
 * waiting -- flows whose ends nobody has named yet, and what is known of them.
 *
 *   absent -> waiting   judged while nobody is known to have held an end
 *   waiting -> said     the grace time is over: its verdict is `unknown`
 *   any -> absent       its ends were named, or nobody waits any longer
 *
 * A copy is kept of each, for most flows are over when metadata that is late
 * comes.  Bounded; what finds no room keeps its verdict and is counted
 * (late.h).  Does not know how flows are judged.  One thread at a time.
 */
#ifndef SENSOR_RUN_WAITING_H
#define SENSOR_RUN_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/appid.h"
#include "classifiers/inventory/late.h"
#include "classifiers/outside.h"
#include "classifiers/server_name.h"
#include "classifiers/translation.h"
#include "sensor/flow.h"
#include "sensor/run/observation.h"

struct waiting; /* opaque */

/* Flows that wait at once; about 1 KiB each, taken as it is needed. */
#define WAITING_MAXIMUM 16384

/* RFC 1035, 2.3.4: 255 octets of a name, and the NUL. */
#define WAITING_NAME_SIZE 256

struct waiting_flow {
	struct flow flow; /* as it was last seen */
	struct appid_flow appid;
	struct server_name asked; /* its text is `name` */
	char name[WAITING_NAME_SIZE];
	uint32_t conversation; /* of a flow in progress */
	bool said;
	bool over; /* the flow has ended; then all below is its own */
	enum flow_reason reason;
	struct flow_amount amount;
	struct outside_notes notes;
	struct translation_flow view;
	uint8_t came_to; /* as its conversation says, when said */
	bool noted;
	struct instant since;
	/* The list's own. */
	uint64_t sequence;
	uint32_t slot, older, newer;
	bool used;
};

/*
 * Makes an owned, empty list for waiting_free().
 *
 * conversations   that there are, at most
 * grace           nanoseconds until a verdict is said
 */
struct waiting *waiting_new(uint32_t conversations, int64_t grace);
void waiting_free(struct waiting *waiting);

/* The flow of a conversation in progress that waits, or NULL. */
struct waiting_flow *waiting_find(
    struct waiting *waiting, uint32_t conversation);

/* Another flow begins to wait; NULL, and counted, when there is no room. */
struct waiting_flow *waiting_add(
    struct waiting *waiting, uint32_t conversation, struct instant now);

/* Keeps what is known of the flow now. */
void waiting_keep(struct waiting_flow *one, const struct flow *flow,
    const struct appid_flow *appid, const struct server_name *asked);

/* The flow has ended: its conversation will be another's. */
void waiting_end(struct waiting *waiting, struct waiting_flow *one);

/* The next flow whose verdict is to be said now, the longest first, or NULL;
 * the caller sets `said`, or lets it go. */
struct waiting_flow *waiting_due(struct waiting *waiting, struct instant now);

/* The next flow that nobody waits for any longer, to be let go, or NULL. */
struct waiting_flow *waiting_expired(
    struct waiting *waiting, struct instant now);

/* The longest of all, or NULL. */
struct waiting_flow *waiting_oldest(struct waiting *waiting);

/* It waits no more. */
void waiting_let_go(struct waiting *waiting, struct waiting_flow *one);

/*
 * There is a newer inventory: asks about every flow that waits, in the order in
 * which they came.
 *
 * again      whether it is named now, and was let go
 */
void waiting_ask(struct waiting *waiting, struct instant now,
    bool (*again)(struct waiting_flow *one, void *context), void *context);

struct late_counts waiting_counts(const struct waiting *waiting);

#endif
