/*
 * capture_live -- takes packets from a network interface, through a filter.
 *
 * The kernel writes packets into a ring that it shares with us and wakes us
 * when a block of it is full or BLOCK_MS old.  What comes while the ring is
 * full is dropped there and counted: whoever takes packets never holds up the
 * network.  An open capture needs no right any more.  Does not decode and does
 * not know flows.  One thread at a time.
 */
#ifndef SENSOR_CAPTURE_LIVE_H
#define SENSOR_CAPTURE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sensor/base/instant.h"

struct capture_live; /* opaque */
struct packet;

#define CAPTURE_LIVE_FAULT_SIZE 512

/*
 * Octets of the ring.  A burst of a gigabit lasts a quarter of a second in it
 * while nobody takes packets, as during a reload.
 */
#define CAPTURE_LIVE_BUFFER         ((size_t)32 << 20)
#define CAPTURE_LIVE_BUFFER_MAXIMUM ((size_t)1 << 30)

/*
 * How long the kernel may keep a packet back before it wakes us.  A block of
 * the ring goes by then, whatever is in it: libpcap makes blocks of 128 KiB, so
 * the ring's 256 last for 5 s when few packets come, and as long as a burst
 * of 100,000 packets a second when many do.
 */
#define CAPTURE_LIVE_BLOCK_MS 20

struct capture_live_settings {
	const char *interface;
	const char *filter; /* a BPF expression, or NULL for every packet */
	size_t buffer;      /* octets of the ring; 0: CAPTURE_LIVE_BUFFER */
	bool promiscuous;   /* also what is for other stations */
	uint32_t number;    /* said in each packet as its interface */
};

/*
 * GRO joins segments to datagrams of 64 KiB, with the layers of tunnels around
 * them; BIG TCP's larger ones are cut, and their lengths are still right.
 * With the kernel's head of a packet they fit a block of 128 KiB.
 */
#define CAPTURE_LIVE_SNAPLEN (127 * 1024)

enum capture_live_status {
	CAPTURE_LIVE_OPEN,
	CAPTURE_LIVE_DOWN, /* for now: it goes on when the interface is up */
	CAPTURE_LIVE_GONE, /* the interface was removed */
};

/*
 * received = dropped + taken + what waits in the ring.  Packets that were
 * lost before they came to the ring are beside that.
 */
struct capture_live_counts {
	uint64_t received;  /* passed the filter */
	uint64_t dropped;   /* of them, for want of room in the ring */
	uint64_t interface; /* lost by the interface or its driver */
	uint64_t taken, octets;
	uint64_t downs; /* times the interface was found down */
};

/*
 * Opens an interface.
 *
 * fault      gets what is wrong and what would help, when NULL is returned
 * denied     gets whether it is a right that is missing
 * returns    an owned capture for capture_live_close(), or NULL
 */
struct capture_live *capture_live_open(
    const struct capture_live_settings *settings,
    char fault[CAPTURE_LIVE_FAULT_SIZE], bool *denied);

/* NULL is allowed. */
void capture_live_close(struct capture_live *capture);

/* Whether there is an interface of that name and it is up: else it cannot be
 * opened. */
bool capture_live_is_up(const char *interface);

/*
 * Shares the interface's packets with others (capture_fanout.h).
 *
 * members    captures there will be
 * group      0 for the first of them, which sets it
 * returns    false with what is wrong
 */
bool capture_live_share(struct capture_live *capture, uint32_t members,
    uint32_t *group, char fault[CAPTURE_LIVE_FAULT_SIZE]);

/* Packets of before that time were somebody else's: they are not handed over
 * and not counted. */
void capture_live_since(struct capture_live *capture, struct instant since);

/*
 * Goes on with the interface that has the name now, which was removed and is
 * there again: by the same socket, so whoever else has it sees packets again as
 * before, with the same ring and filter.  Takes the right to open captures.
 *
 * returns    false where that cannot be: the capture is shared with others, or
 *            the interface is of another kind
 */
bool capture_live_follow(struct capture_live *capture);

/* The number of the interface that it is bound to. */
uint32_t capture_live_index(const struct capture_live *capture);

/* Readable when there are packets. */
int capture_live_descriptor(const struct capture_live *capture);

const char *capture_live_interface(const struct capture_live *capture);

/* A LINKTYPE_ value, of all its packets. */
int capture_live_link_type(const struct capture_live *capture);

/*
 * Looks whether the interface is up, down or was removed, which no packet may
 * tell: libpcap takes no notice of one that goes down, and the one error that
 * says it was removed is lost when it was down before.
 */
void capture_live_look(struct capture_live *capture);

/* What the last capture_live_take() or capture_live_look() met. */
enum capture_live_status capture_live_status(
    const struct capture_live *capture);

/*
 * Hands over the packets that are there, without waiting.  The octets of one
 * stay where they are until the one after the next.
 *
 * most       packets
 * returns    packets handed over
 */
size_t capture_live_take(struct capture_live *capture, size_t most,
    void (*take)(const struct packet *packet, void *context), void *context);

/*
 * What was counted.  The kernel counts in 32 bits: asked at least every few
 * minutes, nothing is missed.
 */
struct capture_live_counts capture_live_counts(struct capture_live *capture);

/* The same of packets and octets taken alone, which costs nothing. */
void capture_live_taken(
    const struct capture_live *capture, uint64_t *taken, uint64_t *octets);

/* Interfaces that can be captured from, one a line. */
bool capture_live_list(FILE *out, char fault[CAPTURE_LIVE_FAULT_SIZE]);

#endif
