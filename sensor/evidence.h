/*
 * evidence -- the packets that a flow began with, kept for a while.
 *
 * Whoever is told of a deviation wants to see the packets.  So the first ones
 * of every flow are copied into a ring, where they stay until the ring has
 * come round: what was captured before an alert can be written down then, and
 * so can what follows, for it comes into the ring like everything else.  Of
 * one flow no more than a share is in the ring at a time; a flow whose share
 * was overwritten may bring another, so a long flow costs little and is not
 * forgotten.
 *
 * All of it lies in one piece of memory without pointers.  One thread writes;
 * any other, or another process that maps the memory, may read meanwhile: what
 * was overwritten while it was read is left out.  A reader believes no offset
 * and no length that it finds there, since the writer is whoever parses what
 * hostile hosts send.
 *
 * Flows are known by their tag (flow_key.h).  Two flows of one tag share their
 * packets here; whoever reads can tell them by their addresses.
 */
#ifndef SENSOR_EVIDENCE_H
#define SENSOR_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"

struct packet;
struct evidence; /* opaque */

#define EVIDENCE_MEMORY_DEFAULT ((size_t)64 << 20)
#define EVIDENCE_MEMORY_LEAST   ((size_t)1 << 20)
#define EVIDENCE_MEMORY_MOST    ((size_t)16 << 30)

/* Of one flow; what decides about it is said within its first packets. */
#define EVIDENCE_PACKETS_DEFAULT 24
#define EVIDENCE_PACKETS_MOST    1024
#define EVIDENCE_OCTETS_DEFAULT  (16 * 1024)
#define EVIDENCE_OCTETS_MOST     (1024 * 1024)

/* Longer packets are cut: frames are whole, what GRO has joined is not. */
#define EVIDENCE_SNAPLEN 2048

/* Interfaces have names of so many octets, as in Linux or a capture file. */
#define EVIDENCE_INTERFACES 64
#define EVIDENCE_NAME_SIZE  64

struct evidence_settings {
	size_t memory;    /* octets of the ring; the index is beside it */
	uint32_t packets; /* of one flow in the ring */
	size_t octets;    /* likewise */
};

#define EVIDENCE_SETTINGS_DEFAULT                                              \
	{                                                                      \
		EVIDENCE_MEMORY_DEFAULT, EVIDENCE_PACKETS_DEFAULT,             \
		    EVIDENCE_OCTETS_DEFAULT                                    \
	}

/* offered = kept + beyond */
struct evidence_counts {
	uint64_t offered;
	uint64_t kept;
	uint64_t beyond;    /* their flow had its share already */
	uint64_t forgotten; /* flows whose packets cannot be found any more,
			       for want of room in the index */
};

/* A packet as it is read back. */
struct evidence_packet {
	struct instant at;                  /* as stamped by the capture */
	uint64_t number;                    /* in its source */
	uint32_t length;                    /* octets that were on the wire */
	uint32_t captured;                  /* octets that are there */
	int link_type;                      /* a LINKTYPE_ value */
	char interface[EVIDENCE_NAME_SIZE]; /* "": none was named */
	uint8_t octets[EVIDENCE_SNAPLEN];
};

/*
 * Makes an empty one in memory of its own, which processes that are forked
 * from here share; what is not used of it takes no room.
 *
 * returns    an owned one for evidence_free(), or NULL when there is no memory
 */
struct evidence *evidence_new(const struct evidence_settings *settings);

/*
 * Another writer takes the place of one that died, and of what that left only
 * memory is of use: everything is forgotten.
 */
void evidence_restart(
    struct evidence *evidence, const struct evidence_settings *settings);

/* Gives back this process' share; `settings` as it was made with. */
void evidence_free(
    struct evidence *evidence, const struct evidence_settings *settings);

/* Octets that it takes in all. */
size_t evidence_size(const struct evidence_settings *settings);

/* Packets from here on were captured at that interface; NULL for none. */
void evidence_set_interface(struct evidence *evidence, const char *name);

/* Asks the memory for what evidence_packet() will read first. */
void evidence_prefetch(const struct evidence *evidence, uint32_t tag);

/* Keeps a packet of a flow, if the flow has room left. */
void evidence_packet(
    struct evidence *evidence, uint32_t tag, const struct packet *packet);

/*
 * Hands over the packets of a flow that are still there, in their order.
 *
 * settings   those that it was made with, for what stands in the memory may
 *            be anything
 * from       position to begin at, 0 for everything; is set behind what was
 *            handed over
 * take       gets each packet; borrowed for the call
 * missed     set when packets between were overwritten
 * returns    packets handed over
 */
size_t evidence_read(const struct evidence *evidence,
    const struct evidence_settings *settings, uint32_t tag, uint64_t *from,
    void (*take)(const struct evidence_packet *packet, void *context),
    void *context, bool *missed);

struct evidence_counts evidence_counts(const struct evidence *evidence);

#endif
