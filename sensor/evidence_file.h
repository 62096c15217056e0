/*
 * evidence_file -- packets with comments into a pcapng file that is rotated.
 *
 * Everything that reads captures reads it (draft-ietf-opsawg-pcapng): each
 * packet is an Enhanced Packet Block with its interface, its time in
 * nanoseconds and a comment that says what it proves.  When the file is as
 * large as it may be it becomes PATH.1, what was PATH.1 becomes PATH.2, and so
 * on; the oldest goes.
 *
 * Blocks are whole whatever happens: what a full disk took of one is cut off
 * again, and the packet is counted as lost.  Nothing waits: packets of one
 * evidence_file_flush() are one write.  Knows neither flows nor findings.
 */
#ifndef SENSOR_EVIDENCE_FILE_H
#define SENSOR_EVIDENCE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct evidence_file; /* opaque */
struct evidence_packet;

#define EVIDENCE_FILE_SIZE_DEFAULT  (UINT64_C(64) << 20)
#define EVIDENCE_FILE_SIZE_LEAST    (UINT64_C(1) << 20)
#define EVIDENCE_FILE_SIZE_MOST     (UINT64_C(1) << 40)
#define EVIDENCE_FILE_COUNT_DEFAULT 8
#define EVIDENCE_FILE_COUNT_MOST    1000

/* Longer comments are cut. */
#define EVIDENCE_COMMENT_MAXIMUM 1024

struct evidence_file_settings {
	const char *path;    /* borrowed for the file's life */
	uint64_t size;       /* octets of one file, at most */
	uint32_t count;      /* files, the one being written included */
	bool keeps;          /* what is there is rotated, not written over */
	const char *program; /* who wrote it; borrowed */
};

struct evidence_file_counts {
	uint64_t packets, octets; /* written */
	uint64_t lost;            /* packets that could not be */
	uint64_t rotations;
	int error; /* of the last loss, a negative errno; 0: none yet */
};

/*
 * Opens the file.
 *
 * error      gets a negative errno when NULL is returned
 * returns    an owned file for evidence_file_close(), or NULL
 */
struct evidence_file *evidence_file_open(
    const struct evidence_file_settings *settings, int *error);

/* Makes it another user's; 0 or a negative errno. */
int evidence_file_give(struct evidence_file *file, uid_t user, gid_t group);

/* Adds a packet to what the next flush writes. */
void evidence_file_packet(struct evidence_file *file,
    const struct evidence_packet *packet, const char *comment);

/* Writes what was added. */
void evidence_file_flush(struct evidence_file *file);

/*
 * Goes on in the file that has the name now, as after somebody else's
 * rotation.
 *
 * returns    0, or a negative errno, and then the old one stays
 */
int evidence_file_reopen(struct evidence_file *file);

struct evidence_file_counts evidence_file_counts(
    const struct evidence_file *file);

/* Flushes and closes; NULL is allowed. */
void evidence_file_close(struct evidence_file *file);

#endif
