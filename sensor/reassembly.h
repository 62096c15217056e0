/*
 * reassembly -- collects fragments until their datagrams are whole.
 *
 *   absent -> waiting   reassembly_add() meets the first fragment of a datagram
 *   waiting -> absent   every octet has come: handed out whole
 *                       its time is up, the room is needed for newer ones, or
 *                       the capture ends: handed out as far as it came, so
 *                       that fragments hide nobody
 *                       fragments overlap, or say differently where it ends:
 *                       dropped
 *
 * A whole datagram is still known for a moment, for where a packet is seen at
 * two places, the copies of its last fragments come after it is whole.
 *
 * What is handed out is one frame for all its fragments, with their packets
 * and octets summed; a tunnel in it is decoded on into, and a fragment in it
 * is collected in its turn.  Memory is taken once; work per fragment depends
 * on its size alone.  Time is given (packet_clock.h) and moves forward only.
 * Does not know flows.  One thread at a time.
 *
 * Datagrams are told apart by addresses, identification, domain, VLANs and
 * tunnel, and in IPv4 by protocol (RFC 791, 3.2; RFC 8200, 4.5).  A frame that
 * is handed out is in its fragments' domain.
 *
 * Overlaps.  What we put together has to be what the receiver does, or a sender
 * could show us other ports than it.  Receivers differ (Novak, "Target-Based
 * Fragmentation Reassembly", 2005); containers run on Linux, which since 4.19
 * (CVE-2018-5391) drops a datagram of either family whose fragments overlap, as
 * RFC 5722 asks for IPv6, or dispute its end, and unlike there begins it anew
 * with a later fragment.  So do we.  A fragment of which every octet has come
 * in one run (datagram.h) is a repetition there and here, whatever its octets,
 * and changes nothing: IP does not repeat itself, so most often it is the copy
 * of a packet, and counts as `repeated` alone.  The price is that a datagram
 * seen in two divisions, before and after a router that divides it further, is
 * dropped where the two come mixed.
 */
#ifndef SENSOR_REASSEMBLY_H
#define SENSOR_REASSEMBLY_H

#include <stddef.h>
#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/datagram.h"

struct frame;
struct packet;
struct reassembly; /* opaque */

struct reassembly_limits {
	uint32_t datagrams; /* waiting at once, at least 1 */
	size_t octets;      /* they hold, at least DATAGRAM_MAXIMUM + 1 */
	int64_t timeout;    /* ns from a datagram's first fragment */
};

/* Where the numbers are from stands in reassembly.c. */
extern const struct reassembly_limits reassembly_limits_default;

/*
 * Called with a frame of status FRAME_OK for each datagram that gives one.
 * Both are borrowed until the call returns; `packet` is the datagram with the
 * number and the time of the last of its fragments.
 */
typedef void datagram_ready(
    const struct packet *packet, const struct frame *frame, void *context);

/* begun = whole + timed_out + evicted + overlapped + ended + live */
struct reassembly_counts {
	uint64_t fragments;

	/* Fragments that were refused. */
	uint64_t empty;      /* without octets */
	uint64_t too_long;   /* ends where no datagram can */
	uint64_t misaligned; /* IPv6, not the last, and not of whole units */

	/* Fragments that were taken and are odd. */
	uint64_t trimmed;      /* IPv4, the same: its odd octets, as in Linux */
	uint64_t tiny;         /* the first, without a whole transport header */
	uint64_t repeated;     /* every octet had come; in no frame's sums */
	uint64_t overlapping;  /* some octets had come */
	uint64_t contradicted; /* says otherwise where the datagram ends */

	/* Datagrams. */
	uint64_t begun;
	uint64_t whole;
	uint64_t timed_out;
	uint64_t evicted;    /* to make room */
	uint64_t overlapped; /* dropped: overlapping or contradicted */
	uint64_t ended;      /* the capture did */
	uint64_t live;
	uint64_t unreadable; /* gave no frame: no beginning, or a bad one */
};

/*
 * Makes a reassembly that never allocates again.
 *
 * key        of the hash; a secret live, a constant in replay
 * returns    owned, for reassembly_free(), or NULL with errno ENOMEM
 */
struct reassembly *reassembly_new(const struct reassembly_limits *limits,
    const struct hash_key *key, datagram_ready *ready, void *context);

/* Frees it without handing out; call reassembly_end_all() before it. */
void reassembly_free(struct reassembly *reassembly);

/*
 * Takes a frame of status FRAME_FRAGMENT.  What is ready with it is handed out
 * before the call returns: what has waited too long, what made room, and the
 * fragment's own datagram if it is whole.
 */
void reassembly_add(struct reassembly *reassembly, const struct packet *packet,
    const struct frame *fragment, struct instant now);

/* Hands out what has waited too long at `now`. */
void reassembly_expire(struct reassembly *reassembly, struct instant now);

/* Hands out all that waits, oldest first. */
void reassembly_end_all(struct reassembly *reassembly);

struct reassembly_counts reassembly_counts(const struct reassembly *reassembly);

#endif
