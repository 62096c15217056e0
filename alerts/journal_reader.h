/*
 * journal_reader -- reads a journal's records in order, from any of them on.
 *
 * Any number of readers, in this process or another, while the journal is
 * written: at its end they wait for more.  Torn and rotten places are left out
 * and counted; what is whole behind them is found again.
 */
#ifndef ALERTS_JOURNAL_READER_H
#define ALERTS_JOURNAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/journal_frame.h"

struct journal_reader; /* opaque */

/* Names of segments are the number of their first record, in decimal. */
#define JOURNAL_SUFFIX    ".journal"
#define JOURNAL_NAME_SIZE 32

/* What a segment begins with, so that whoever meets one knows what it is. */
#define JOURNAL_MAGIC      "HEDGEJ1\n"
#define JOURNAL_MAGIC_SIZE ((size_t)8)

/* The name of the segment that begins with this record. */
void journal_segment_name(uint64_t first, char name[JOURNAL_NAME_SIZE]);

/*
 * The first records of all segments of a directory, in order.
 *
 * firsts     gets an owned array for free()
 * returns    how many, or a negative errno
 */
long journal_segments(int directory, uint64_t **firsts);

/*
 * Opens a directory to read it.
 *
 * from       the first record wanted; 0 and 1 are the oldest that is kept
 * error      gets a negative errno when NULL is returned
 * returns    an owned reader for journal_reader_free()
 */
struct journal_reader *journal_reader_new(
    const char *directory, uint64_t from, int *error);

/* NULL is allowed. */
void journal_reader_free(struct journal_reader *reader);

/*
 * The next record that is there.
 *
 * record     borrowed until the next call
 * returns    false at the end, for now
 */
bool journal_reader_next(
    struct journal_reader *reader, struct journal_record *record);

/* The number that the next record of a journal would get; 1 of none. */
uint64_t journal_reader_end(const char *directory);

/*
 * How many records from `expected` on no reader will get, for their segments
 * were dropped.  What is left of the segment that is open can be read even
 * then: it has to be asked for while there are two segments, and now and then
 * later on; a reader that was asked too late says 0, and meets the gap when it
 * reads on.
 */
uint64_t journal_reader_gone(struct journal_reader *reader, uint64_t expected);

/* Octets that were no records. */
uint64_t journal_reader_damaged(const struct journal_reader *reader);

/* Where the last record that was read ended, and in which segment. */
uint64_t journal_reader_offset(const struct journal_reader *reader);
uint64_t journal_reader_segment(const struct journal_reader *reader);

#endif
