/*
 * replay -- takes packets from a pcap or pcapng file, through a filter.
 *
 * The file may be compressed with gzip or zstd, and the interfaces of a pcapng
 * file may differ in every way.  Reads as fast as it is asked.  A fault in a
 * file ends that file; everything before it has been delivered.  Does not
 * decode and does not know flows.
 */
#ifndef SENSOR_REPLAY_H
#define SENSOR_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet;
struct replay; /* opaque */

#define REPLAY_FAULT_SIZE 640

enum replay_status {
	REPLAY_PACKET, /* *packet is the next one */
	REPLAY_END,    /* the file ended as it should */
	REPLAY_FAULT,  /* cut short or corrupt here, or in part not filtered */
};

/*
 * Opens a capture file; `-` is standard input.
 *
 * filter     a BPF expression, or NULL for every packet
 * fault      gets what is wrong and what would help, when NULL is returned
 * returns    an owned source for replay_close(), or NULL
 */
struct replay *replay_open(
    const char *path, const char *filter, char fault[REPLAY_FAULT_SIZE]);

/* Whether a file that can be read is no capture, packed or not. */
bool replay_is_foreign(const char *path);

/* Closes the file; NULL is allowed. */
void replay_close(struct replay *replay);

/*
 * Takes the next packet that passes the filter.  Its octets stay where they are
 * until the call after the next.
 *
 * A filter that means nothing on some link type of a pcapng file passes none
 * of its packets; the fault that says so comes at the end.
 */
enum replay_status replay_next(struct replay *replay, struct packet *packet);

/* What the fault was, after REPLAY_FAULT; names the path and the packet. */
const char *replay_fault(const struct replay *replay);

/*
 * The name of the interface that the last packet was captured at, by its
 * number: what the file says, or else the file's own name without its
 * directory.  Borrowed until the next packet.
 */
const char *replay_interface_name(
    const struct replay *replay, uint32_t interface);

/* Octets of the file, packed as it is, read so far and in all (0 when that is
 * not known). */
void replay_progress(
    const struct replay *replay, uint64_t *done, uint64_t *total);

/* The name of a link type for messages, such as `EN10MB`; never NULL. */
const char *replay_link_name(int link_type);

#endif
