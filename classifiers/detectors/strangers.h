/*
 * strangers -- attempts of clients that nobody has heard of before.
 *
 * Floods and scans are made of them: one flow of a packet or two, from an
 * address that comes once.  To tell detectors of each would cost more than all
 * else that is done with it.  So an attempt is kept back here, until
 *
 *   - the same client is heard of again: then it is known, and both are told in
 *     full, the one kept back first.  Nothing about it was lost;
 *   - or its target stands out: STRANGERS_STANDS_OUT of them within
 *     STRANGERS_WINDOW.  Then its side is told (SIGHTED_LONE), of those kept
 *     back too, and nothing is remembered of who made them.  Of a target that
 *     had STRANGERS_EACH in that time about one of STRANGERS_SHARE is told,
 *     and stands for those before it; which one, only the secret knows.
 *
 * A client that is known and made STRANGERS_BUSY of them in that time is told
 * of by shares as well.  All of it is saved with what detectors remember, but
 * for attempts in a domain of the operator's, whose number may be another's
 * after a restart.
 *
 * What is never told: attempts of clients that come once, below
 * STRANGERS_STANDS_OUT for each target in each window; every bound of a
 * detector is above that.  And what made room: a ring of STRANGERS_KEPT
 * attempts forgets the oldest.  Whoever is known already is forgotten last, so
 * that a flood does not make a stranger of him, and attempts at a target that
 * is flooded push out nobody else's.  Targets that the inventory knows have a
 * table of their own.
 *
 * Two that share a place are mixed up only to be told in full, which is right
 * at any time.  Knows no detectors, inventories or sightings.  All of a fixed
 * size.  One thread at a time.
 */
#ifndef CLASSIFIERS_DETECTORS_STRANGERS_H
#define CLASSIFIERS_DETECTORS_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/flow.h"

struct beside;
struct hash_key;
struct strangers; /* opaque */

#define STRANGERS_KEPT       32768
#define STRANGERS_STANDS_OUT 4
#define STRANGERS_WINDOW     (600 * NS_PER_SECOND) /* as scan_many.c's */
#define STRANGERS_EACH       256
#define STRANGERS_BUSY       1024 /* of one client */
#define STRANGERS_SHARE      16

/*
 * What detectors may still want to know of an attempt; of arrays the first is
 * end 0's, as in a flow.  The first three are this module's own.
 */
struct lone_attempt {
	uint64_t target; /* hash of whose it is */
	int64_t first_ns;
	uint8_t told;
	uint8_t client; /* 0 or 1: the end that made it */
	uint16_t domain;
	uint32_t interface;
	struct flow_end ends[2];
	uint32_t lasted_us;
	uint64_t packet; /* number of its first */
	uint16_t octets[2];
	uint16_t application;
	uint8_t packets[2], payloads[2], tcp_flags[2];
	uint8_t protocol, icmp_type, icmp_code;
	uint8_t direction, state, reason, confidence;
	uint8_t came_to; /* by its verdict; the caller's to say */
	bool answered, refused, judged;
};

/* What is to be told now. */
struct strangers_told {
	bool in_full;        /* the client is known; else of its target alone */
	bool before_counted; /* `before`: its target was told already */
	/* The one at hand is to be told as that many; 0: not at all. */
	uint32_t stands_for;
	size_t beside_count;
	/* Kept back until now: the client's own, to be told in full before;
	 * or NULL. */
	const struct lone_attempt *before;
	/* Its target's, to be told as lone ones before. */
	const struct lone_attempt *beside[STRANGERS_STANDS_OUT - 1];
};

/* Makes an owned one for strangers_free(). */
struct strangers *strangers_new(const struct hash_key *key);
void strangers_free(struct strangers *strangers);

/*
 * Takes an attempt.
 *
 * target     a key of whose the server is, or 0: its address's
 * told       gets what is to be told, good until the next call
 * returns    where the attempt is kept: the caller writes it there, but for
 *            this module's own; or NULL
 */
struct lone_attempt *strangers_take(struct strangers *strangers,
    const struct flow_end *client, const struct flow_end *server,
    uint64_t target, struct instant first, struct strangers_told *told);

/*
 * That client is told of in full; gets what was kept back of it, or NULL.
 * Good until the next strangers_take().
 */
const struct lone_attempt *strangers_recall(struct strangers *strangers,
    const struct address *client, bool *was_counted);

/*
 * The next attempt that stands for others that wait, and how; NULL when none
 * waits.  To be asked for once a second, and at the end.
 */
const struct lone_attempt *strangers_waiting(
    struct strangers *strangers, struct strangers_told *told);

/* What is to be saved of it, and how that is restored: before the first
 * attempt is taken. */
struct beside strangers_beside(struct strangers *strangers);

struct strangers_counts {
	uint64_t taken; /* = known + kept + lone */
	uint64_t known; /* of known clients */
	uint64_t kept;  /* kept back, and not told when they came */
	uint64_t lone;  /* of a target that stands out */
	uint64_t lost;  /* made room before anybody asked for them */
};
struct strangers_counts strangers_counts(const struct strangers *strangers);

#endif
