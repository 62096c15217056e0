/*
 * journal_cursor -- how far a sink has come in a journal.
 *
 * A small file beside the segments, replaced as a whole.  A cursor that is lost
 * or damaged counts as none: its sink gets again what the journal still has,
 * with the same ids.
 */
#ifndef ALERTS_JOURNAL_CURSOR_H
#define ALERTS_JOURNAL_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_CURSOR_NAME 128 /* characters of a name, and the NUL */

struct journal_cursor {
	uint64_t next;    /* the first record that was not acknowledged */
	uint64_t dropped; /* records that were gone before they were read */
	uint64_t refused; /* records that the target will never take */
};

/*
 * Reads a sink's cursor.
 *
 * directory  of the journal
 * name       letters, digits, `.`, `_` and `-`
 * returns    false, with `*cursor` all zero, when there is none
 */
bool journal_cursor_load(
    int directory, const char *name, struct journal_cursor *cursor);

/* returns    0 or a negative errno; then the old cursor is still there */
int journal_cursor_save(
    int directory, const char *name, const struct journal_cursor *cursor);

/* The lowest and highest `next` of all; 0 and 0 when there is no cursor. */
void journal_cursor_span(int directory, uint64_t *lowest, uint64_t *highest);

#endif
