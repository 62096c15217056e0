/*
 * translation -- joins what is seen of one connection before and after an
 * address in it was translated, as a service's virtual one into a backend's.
 *
 * A tap near the node that translates sees each packet twice: to 10.96.0.10:53,
 * and a moment later, the same but for the address, to the pod behind it.
 * Those are two flows to the flow table.  The packets tell that they belong
 * together: the same fingerprint (flow_duplicate.h) at the same time and in
 * the same network (domain.h), one end in common, and the other ends a
 * service's address and one of its backends on the port that it leads to.
 * Which view comes first does not matter, nor whether the beginning was seen.
 *
 * Ports that a host publishes and addresses that it masquerades are nobody's
 * service, and without an inventory nothing is.  Of those, TCP's are joined by
 * a packet that only who has heard the other end could send (two random
 * numbers of 32 bits, RFC 9293, 3.4.1): whoever sent it has its own address
 * where it was seen first, and there is the connection; the other is its copy.
 * A node that sends on what a workload sent needs no such proof.
 *
 *   alone -> joined    a packet of one view is met in the other
 *   joined -> joined   the service's view goes on to another backend, as UDP
 *                      from one client's port does in time
 *   joined -> alone    the other view's flow has ended
 *
 * The backend's view is the connection; the service's view is a copy of it.
 * Where both addresses are translated nothing is joined.  Packets that wait for
 * their other view are kept in a fixed table, in which a newer one takes the
 * place of the oldest.  Knows the inventory; does not know verdicts.  Time is
 * the packets' own.  One thread at a time.
 */
#ifndef CLASSIFIERS_TRANSLATION_H
#define CLASSIFIERS_TRANSLATION_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/appid.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct domain_clusters;
struct heard;
struct translation; /* opaque */

/* Packets that wait at once; a power of two. */
#define TRANSLATION_ENTRIES 4096

/* Flows whose verdict waits at once. */
#define TRANSLATION_HELD 1024

/* Where a connection went before it was translated. */
struct service_view {
	const struct service *service; /* NULL when that was not seen */
	struct address address;
	uint16_t port;
};

/*
 * A flow as it was when it was first shown.  Views outlive the table's flows in
 * nothing, but whoever tracks flows may be ahead of whoever joins them.
 */
struct flow_view {
	struct flow_end ends[2];
	struct instant first;
	uint64_t serial; /* of the packet that opened it; 0: not shown yet */
	uint16_t domain;
	uint8_t protocol;
};

/* What is kept per flow; zeroed for a new flow, open only to be stored. */
struct translation_flow {
	struct flow_view flow;          /* set by the first packet */
	struct translation_flow *other; /* the joined view, or NULL */
	struct service_view service;    /* of a backend's view */
	uint64_t packets;               /* shown, copies among them */
	uint64_t duplicates; /* of the other view, beside the flow's own */
	bool is_copy;        /* it is the service's view of a connection */
	bool held;           /* it waits for translation_due() */
	bool settled;        /* the caller's word: it stays a flow of its own */
};

struct translation_counts {
	uint64_t joined;  /* pairs of views */
	uint64_t evicted; /* packets that made room before their time */
	uint64_t hurried; /* flows that there was no room to wait for */
};

/*
 * Makes an owned table for translation_free(); borrows what it is given.
 *
 * clusters   whose addresses are meant, or NULL for anybody's
 */
struct translation *translation_new(
    const struct inventory *inventory, const struct domain_clusters *clusters);
void translation_free(struct translation *translation);

/* Goes on with a newer inventory; the old one may be freed after, for what it
 * named in a service_view is not looked at here. */
void translation_follow(struct translation *translation,
    const struct inventory *inventory, const struct domain_clusters *clusters);

/*
 * Whether a packet of a flow has to be shown: every one to a service's address,
 * which may go on to another backend at any time; of other flows the first
 * ones, and then ever fewer, for the other view may have begun anew.
 *
 * packet     its number among the flow's packets that are no duplicates, from 1
 */
static inline bool
translation_wants(bool to_service, uint64_t packet)
{
	return to_service || packet <= 3 || (packet & (packet - 1)) == 0;
}

/*
 * The same where there are no services: the first packets of a connection in
 * which both ends were heard.
 */
static inline bool
translation_wants_answer(const struct flow *flow)
{
	return flow->protocol == PROTOCOL_TCP && flow->packets[0] > 0 &&
	       flow->packets[1] > 0 && flow->packets[0] + flow->packets[1] <= 3;
}

/* Whether one of the ends is a service's address in the cluster, as of the
 * flow's start. */
bool translation_is_to_service(const struct inventory *inventory,
    uint32_t cluster, const struct flow *flow);

/*
 * Shows a packet that was counted in its flow.  When two views are joined the
 * packets of the service's view so far become duplicates of the backend's;
 * after that each of them is one.
 *
 * state      this flow's own; stays where it is until translation_end()
 * serial     of the packet; never less than an earlier one's
 * now        never before an earlier one
 * returns    whether the flow is a copy: not to be judged or reported
 */
bool translation_packet(struct translation *translation,
    struct translation_flow *state, const struct flow *flow,
    const struct heard *heard, uint64_t serial, struct instant now);

/* The flow has ended; its other view goes on alone. */
void translation_end(struct translation_flow *state);

/* A flow as it was when its verdict began to wait. */
struct held_flow {
	uint32_t number; /* the caller's */
	struct flow flow;
	struct appid_flow appid;
};

/*
 * Whether a verdict has to wait: the flow goes to a service, is younger than
 * a copy may be late, and its other view may still come.  translation_due()
 * brings it back.
 *
 * held       the flow and what is known of it; copied while it waits
 * returns    false too when too many wait already
 */
bool translation_hold(struct translation *translation,
    struct translation_flow *state, const struct held_flow *held,
    const struct party *server, struct instant now);

/*
 * The next flow that has waited and was not joined, to be judged now; valid
 * until the next call.  NULL when there is none.
 */
const struct held_flow *translation_due(
    struct translation *translation, struct instant now);

struct translation_counts translation_counts(
    const struct translation *translation);

#endif
