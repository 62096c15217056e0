/*
 * journal_disk -- waits for the disk, so that nobody else does.
 *
 * fdatasync(2) takes as long as the disk likes: seconds, on one that is busy or
 * breaks.  A thread that does nothing else makes the call, one at a time.  The
 * caller's thread begins and asks; neither waits.
 */
#ifndef ALERTS_JOURNAL_DISK_H
#define ALERTS_JOURNAL_DISK_H

#include <stdbool.h>

struct journal_disk; /* opaque */

/* Makes an owned one for journal_disk_free(); its thread begins when it is
 * needed first. */
struct journal_disk *journal_disk_new(void);

/* Waits for what has begun; NULL is allowed. */
void journal_disk_free(struct journal_disk *disk);

/*
 * Begins to synchronise a file, which the caller may close at once.
 *
 * returns    false when it cannot: the last one is still on its way, or there
 *            is no thread to be had
 */
bool journal_disk_begin(struct journal_disk *disk, int file);

/* The error that the last one ended with, once; or 0. */
int journal_disk_error(struct journal_disk *disk);

#endif
