/*
 * sink -- delivers record lines to a file or standard output.
 *
 * Lines are written whole.  A failure latches: it is reported once by
 * sink_close(), and every line that did not arrive is counted.  Replay may
 * wait for a sink; a live sensor never does (its sinks come with the journal).
 */
#ifndef ALERTS_SINK_H
#define ALERTS_SINK_H

#include <stdint.h>

struct sink; /* opaque */
struct text;

/*
 * Opens a sink; `-` is standard output, NULL one that takes nothing.
 *
 * error      gets a negative errno when NULL is returned
 * returns    an owned sink for sink_close()
 */
struct sink *sink_open(const char *path, int *error);

/* Whether lines go anywhere: if not, the caller need not write them. */
int sink_wants(const struct sink *sink);

/* Writes one line; the newline is added here. */
void sink_line(struct sink *sink, const struct text *line);

/* Lines written and lines lost so far; flushes, so that both are true. */
uint64_t sink_written(struct sink *sink);
uint64_t sink_lost(struct sink *sink);

/* Flushes and closes; NULL is allowed.  returns 0 or a negative errno */
int sink_close(struct sink *sink);

#endif
