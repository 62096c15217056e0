/*
 * report -- collects every mistake an operator made, each with its place.
 *
 * A reader of operator text goes on after a mistake and reports them all; the
 * top of the program prints them.  Bounded: after REPORT_MAXIMUM entries only
 * the counts grow.  One thread at a time.
 */
#ifndef SENSOR_BASE_REPORT_H
#define SENSOR_BASE_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REPORT_MAXIMUM 200

struct report; /* opaque */

/* Where something was written; `file` is borrowed, line 0 the whole file. */
struct place {
	const char *file;
	uint32_t line, column; /* from 1; column 0 means the whole line */
};

/* Makes an owned, empty report for report_free(). */
struct report *report_new(void);

/* NULL is allowed. */
void report_free(struct report *report);

/*
 * Adds an error: what is wrong and what to write instead, no full stop.  The
 * file name and the message are copied; a control character becomes a `?`.
 */
void report_error(struct report *report, struct place place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Adds a warning: it works, but hardly as meant. */
void report_warning(struct report *report, struct place place,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* How many were added, those beyond REPORT_MAXIMUM included. */
size_t report_errors(const struct report *report);
size_t report_warnings(const struct report *report);

/*
 * Prints `file:line:column: error: message` lines in the order of addition,
 * and a last line that counts what was left out, if anything was.
 */
void report_print(const struct report *report, FILE *out);

/*
 * The candidate nearest to a mistyped word, by edit distance (Damerau, with
 * neighbouring letters swapped as one step).
 *
 * candidates NULL-terminated array
 * returns    one of the candidates, borrowed: within a third of the word's
 *            length (at least 1), or else the first that it is short for; NULL
 *            for neither
 */
const char *nearest_word(const char *word, const char *const *candidates);

#endif
