/*
 * journal -- keeps every alert on disk until its sinks have it.
 *
 * A directory of segments, each a file of checksummed records in order
 * (journal_frame.h), named by its first record.  A record is handed to the
 * kernel before journal_append() returns, so `kill -9` loses none; a crash of
 * the whole machine loses what was not synchronised yet.  What such an end left
 * torn is cut off and counted when the journal is opened.
 *
 * Bounded by size and age: the oldest segment is dropped whole, and every sink
 * counts what it had not read.  When the disk is full, segments that every
 * cursor has passed go first; then records wait in memory, bounded too; then
 * they are lost and counted.  One process writes, which a lock sees to.  One
 * thread.
 */
#ifndef ALERTS_JOURNAL_H
#define ALERTS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"

struct journal; /* opaque */

#define JOURNAL_FAULT_SIZE 256

/* When records are made to survive a crash of the machine (fdatasync). */
enum journal_sync {
	JOURNAL_SYNC_INTERVAL, /* once a second */
	JOURNAL_SYNC_EVERY,    /* after each record */
	JOURNAL_SYNC_NEVER,    /* when the kernel likes */
};

/* Zero is a fitting default. */
struct journal_settings {
	enum journal_sync sync;
	uint64_t maximum; /* octets on disk; 0: 1 GiB */
	uint64_t segment; /* octets of one file; 0: 16 MiB */
	int64_t age;      /* nanoseconds; 0: 30 days */
	size_t waiting; /* octets in memory while the disk is full; 0: 4 MiB */
	/* Called when writing begins to fail and works again; or NULL. */
	void (*say)(const char *message, void *context);
	void *context;
};

/* kept = written + waiting, and handed in = kept + lost. */
struct journal_counts {
	uint64_t kept;     /* records taken since it was opened */
	uint64_t waiting;  /* of them not on disk yet */
	uint64_t lost;     /* no room anywhere, or too long */
	uint64_t torn;     /* octets cut off or left out when it was opened */
	uint64_t dropped;  /* segments, for size or age */
	uint64_t segments; /* on disk */
	uint64_t octets;   /* of them */
	uint64_t failures; /* of writes and synchronisations */
};

/*
 * Opens a journal to write it, and makes it if need be.
 *
 * directory  its parent exists
 * settings   copied
 * fault      gets what is wrong when NULL is returned
 * error      gets a negative errno then
 * returns    an owned journal for journal_close()
 */
struct journal *journal_open(const char *directory,
    const struct journal_settings *settings, struct instant now,
    char fault[JOURNAL_FAULT_SIZE], int *error);

/*
 * Appends one record.
 *
 * returns    false when it is lost, which is counted
 */
bool journal_append(struct journal *journal, const char *octets, size_t size,
    struct instant now);

/* Writes what waits, synchronises and drops when it is time; call often. */
void journal_tick(struct journal *journal, struct instant now);

/* The number that the next record gets. */
uint64_t journal_next(const struct journal *journal);

struct journal_counts journal_counts(const struct journal *journal);

/* Octets on disk behind a place where a reader is; segment 0: all. */
uint64_t journal_octets_behind(
    const struct journal *journal, uint64_t segment, uint64_t offset);

/* Whether writing fails just now, and why; NULL when it does not. */
const char *journal_trouble(const struct journal *journal);

/*
 * Writes and synchronises all; NULL is allowed.
 *
 * returns    records that could not be written and are lost now
 */
uint64_t journal_close(struct journal *journal);

#endif
