/*
 * sink -- delivers record lines to a file or standard output.
 *
 * Lines are written whole, and every line that did not arrive is counted.
 * Replay waits for its sink; there a failure latches and is reported once by
 * sink_close().  A live sensor never waits: what its sink does not take now is
 * kept, up to a bound, until it does.
 */
#ifndef ALERTS_SINK_H
#define ALERTS_SINK_H

#include <stdint.h>
#include <sys/types.h>

struct sink; /* opaque */
struct text;

/*
 * Opens a sink; `-` is standard output, NULL one that takes nothing.
 *
 * error      gets a negative errno when NULL is returned
 * returns    an owned sink for sink_close()
 */
struct sink *sink_open(const char *path, int *error);

/* The same for a live sensor, at the end of what the file holds already. */
struct sink *sink_open_live(const char *path, int *error);

/*
 * Goes on in the file that has the name now, as after a rotation.
 *
 * returns    0, or a negative errno, and then the old one stays
 */
int sink_reopen(struct sink *sink, const char *path);

/* Makes a file that was opened here another user's; 0 or a negative errno. */
int sink_give(struct sink *sink, uid_t user, gid_t group);

/*
 * Whoever gets every record too, in the native form and before the sink does:
 * the journal.
 */
void sink_tee(struct sink *sink,
    void (*take)(const struct text *native, void *context), void *context);

/* Tells of a record that is about to be written in whatever form. */
void sink_tell(struct sink *sink, const struct text *native);

/* Whether lines go anywhere: if not, the caller need not write them. */
int sink_wants(const struct sink *sink);

/* Writes one line; the newline is added here. */
void sink_line(struct sink *sink, const struct text *line);

/* Lines written and lines lost so far; flushes, so that both are true. */
uint64_t sink_written(struct sink *sink);
uint64_t sink_lost(struct sink *sink);

/* Lines of a live sink that wait, and the last failure, as a negative errno. */
uint64_t sink_waiting(struct sink *sink);
size_t sink_waiting_octets(const struct sink *sink);
int sink_error(const struct sink *sink);

/* Flushes and closes; NULL is allowed.  returns 0 or a negative errno */
int sink_close(struct sink *sink);

#endif
