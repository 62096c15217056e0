/*
 * translation -- joins what is seen of one connection before and after a
 * service's virtual address was translated into a backend's.
 *
 * A tap near the node that translates sees each packet twice: to 10.96.0.10:53,
 * and a moment later, the same but for the address, to the pod behind it.
 * Those are two flows to the flow table.  The packets tell that they belong
 * together: the same fingerprint (flow_duplicate.h) at the same time, one end
 * in common, and the other ends a service's address and one of its backends on
 * the port that it leads to.  Which view comes first does not matter, nor
 * whether the beginning was seen.
 *
 *   alone -> joined    a packet of one view is met in the other
 *   joined -> joined   the service's view goes on to another backend, as UDP
 *                      from one client's port does in time
 *   joined -> alone    the other view's flow has ended
 *
 * The backend's view is the connection; the service's view is a copy of it.
 * Packets that wait for their other view are kept in a fixed table, in which a
 * newer one takes the place of the oldest.  Knows the inventory; does not know
 * verdicts.  Translation of the client's address (masquerading) is not undone.
 * Time is the packets' own.  One thread at a time.
 */
#ifndef CLASSIFIERS_TRANSLATION_H
#define CLASSIFIERS_TRANSLATION_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/inventory.h"
#include "sensor/base/instant.h"

struct flow;
struct heard;
struct translation; /* opaque */

/* Packets that wait at once; a power of two. */
#define TRANSLATION_ENTRIES 4096

/* Flows whose verdict waits at once. */
#define TRANSLATION_HELD 1024

/* Packets of a flow that are looked at before it is taken to be alone. */
#define TRANSLATION_LOOKS 3

/* Where a connection went before it was translated. */
struct service_view {
	const struct service *service; /* NULL when that was not seen */
	struct address address;
	uint16_t port;
};

/* What is kept per flow; zeroed for a new flow, open only to be stored. */
struct translation_flow {
	struct flow *flow;              /* set by the first frame */
	struct translation_flow *other; /* the joined view, or NULL */
	struct service_view service;    /* of a backend's view */
	uint8_t looks;
	bool is_copy; /* it is the service's view of a connection */
	bool held;    /* it waits for translation_due() */
	bool settled; /* the caller's word: it stays a flow of its own */
};

struct translation_counts {
	uint64_t joined;  /* pairs of views */
	uint64_t evicted; /* packets that made room before their time */
	uint64_t hurried; /* flows that there was no room to wait for */
};

/* Makes an owned table for translation_free(); borrows the inventory. */
struct translation *translation_new(const struct inventory *inventory);
void translation_free(struct translation *translation);

/* Whether the next frame has to be shown: cheap, for every packet. */
static inline bool
translation_wants(const struct translation_flow *state)
{
	return state->looks < TRANSLATION_LOOKS || state->is_copy;
}

/*
 * Shows a frame that was counted in its flow.  When two views are joined the
 * packets of the service's view so far become duplicates of the backend's;
 * after that each of them is one.
 *
 * state      this flow's own; stays where it is until translation_end()
 * now        never before an earlier one
 * returns    whether the flow is a copy: not to be classified, judged or
 *            reported
 */
bool translation_frame(struct translation *translation,
    struct translation_flow *state, struct flow *flow,
    const struct heard *heard, struct instant now);

/* The flow has ended; its other view goes on alone. */
void translation_end(struct translation_flow *state);

/*
 * Whether a verdict has to wait: the flow goes to a service, is younger than
 * a copy may be late, and its other view may still come.  translation_due()
 * brings it back.
 *
 * returns    false too when too many wait already
 */
bool translation_hold(struct translation *translation,
    struct translation_flow *state, const struct party *server,
    struct instant now);

/*
 * The next flow that has waited and was not joined, to be judged now; or NULL.
 */
struct flow *translation_due(
    struct translation *translation, struct instant now);

struct translation_counts translation_counts(
    const struct translation *translation);

#endif
