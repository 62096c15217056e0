/*
 * flowtable -- remembers every conversation in progress, up to a fixed number.
 *
 * Knows frames and time.  Does not know workloads, applications or alerts;
 * whoever needs more per flow keeps an array indexed by `flow->slot`.
 *
 *   absent -> attempt       flowtable_track() meets a new key
 *   attempt -> established  the other end has spoken, or TCP of one end alone
 *                           shows that it did
 *   any -> finished         TCP: RST, or FIN from both ends; flow_tcp.h says
 *                           which are believed
 *   any -> absent           reported once, with its reason; only then is the
 *                           slot reused
 *
 * Time is given (packet_clock.h) and moves forward only; the stamps of
 * packets stand in their flows and move nothing.  When the table is full the
 * least useful flow makes room: the longest idle of attempts, finished flows,
 * answered datagrams and TCP of one end alone, and other established TCP last.
 * New flows are never refused, for a flood must not hide what comes with it;
 * nor does a flood tear flows apart whose handshake is under way.
 *
 * A packet that is seen again (flow_duplicate.h) adds to its flow's duplicates
 * and to nothing else.  One thread at a time.
 */
#ifndef SENSOR_FLOWTABLE_H
#define SENSOR_FLOWTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct flow_place;
struct flow_store;
struct frame;
struct packet;
struct flowtable; /* opaque */

#define FLOWTABLE_CAPACITY_DEFAULT ((uint32_t)1 << 18)
#define FLOWTABLE_CAPACITY_MAXIMUM ((uint32_t)1 << 24)

/*
 * Idle times after which a flow ends, in nanoseconds.  The defaults and what
 * they are taken from stand in flowtable.c.
 */
struct flow_timeouts {
	int64_t tcp_attempt, tcp_established, tcp_finished;
	int64_t udp_attempt, udp_established;
	int64_t other;
};

extern const struct flow_timeouts flow_timeouts_default;

/* Called once per ended flow; `flow` is borrowed until the call returns. */
typedef void flow_ended(
    struct flow *flow, enum flow_reason reason, void *context);

struct flowtable_counts {
	uint64_t created, ended, evicted;
	uint64_t live;
	uint64_t errors_matched, errors_orphaned; /* ICMP errors by flow */
	uint64_t duplicates;  /* packets seen again in their flow */
	uint64_t strays;      /* TCP segments that are no part of their flow */
	uint64_t disbelieved; /* FIN and RST that are not */
};

/* What the table found out about one frame. */
struct heard {
	int sender;           /* 0 or 1: the end of the flow that sent it */
	bool duplicate;       /* a copy of a packet that was counted before */
	uint32_t fingerprint; /* flow_fingerprint() of it, unless an error */
};

/*
 * Makes a table that never allocates again.
 *
 * capacity   flows, 1 to FLOWTABLE_CAPACITY_MAXIMUM
 * key        of the hash; a secret live, a constant in replay
 * returns    an owned table for flowtable_free(), or NULL with errno ENOMEM
 */
struct flowtable *flowtable_new(uint32_t capacity, const struct hash_key *key,
    const struct flow_timeouts *timeouts, flow_ended *ended, void *context);

/*
 * The same with the slots of a store, borrowed, which has room for those of all
 * its tables; then `flow->slot` is below the store's capacity.
 */
struct flowtable *flowtable_new_in(struct flow_store *store, uint32_t capacity,
    const struct hash_key *key, const struct flow_timeouts *timeouts,
    flow_ended *ended, void *context);

/* Frees the table without reporting; call flowtable_end_all() before it. */
void flowtable_free(struct flowtable *table);

/*
 * Counts a decoded frame (status FRAME_OK) in its flow, which is made when it
 * is new.  Ends the flows whose time is up first, and the old flow where a new
 * connection reuses its key.  An ICMP error marks the flow it quotes as
 * refused and makes no flow of its own.
 *
 * place      the frame's, by flow_place_of() under the table's key, or NULL
 * now        never before an earlier one
 * returns    the flow, borrowed until it is reported as ended, or NULL for an
 *            ICMP error
 */
struct flow *flowtable_track(struct flowtable *table,
    const struct packet *packet, const struct frame *frame,
    const struct flow_place *place, struct instant now, struct heard *heard);

/* Asks the memory for what flowtable_track() will read first. */
void flowtable_prefetch(
    const struct flowtable *table, const struct flow_place *place);

/* A slot that will most likely be another flow's soon, or NO_SLOT. */
uint32_t flowtable_upcoming(const struct flowtable *table);

/* Ends every flow that is idle for its time at `now`. */
void flowtable_expire(struct flowtable *table, struct instant now);

/* The flow that began first, or NULL when there is none. */
const struct flow *flowtable_oldest(const struct flowtable *table);

/* Ends that flow as FLOW_SHUTDOWN. */
void flowtable_end_oldest(struct flowtable *table);

/* Ends every flow in this way. */
void flowtable_end_all(struct flowtable *table);

struct flowtable_counts flowtable_counts(const struct flowtable *table);

#endif
