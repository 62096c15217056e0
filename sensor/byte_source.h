/*
 * byte_source -- octets from a file, standard input or memory, unpacked.
 *
 * What is compressed with gzip or zstd is known by how it begins, not by its
 * name, and comes out unpacked, in pieces: however much is in it, memory stays
 * flat.  Does not know what the octets mean.
 */
#ifndef SENSOR_BYTE_SOURCE_H
#define SENSOR_BYTE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct byte_source; /* opaque */

#define BYTE_SOURCE_FAULT_SIZE 256

/*
 * Opens a file; `-` is standard input.
 *
 * fault      gets what is wrong and what would help, when NULL is returned;
 *            the path is not in it
 * returns    an owned source for byte_source_close(), or NULL
 */
struct byte_source *byte_source_open(
    const char *path, char fault[BYTE_SOURCE_FAULT_SIZE]);

/*
 * A source over `size` octets, borrowed until it is closed.
 *
 * most       octets that come at once, so that tests can reach every refill;
 *            0 for no limit
 * returns    as byte_source_open()
 */
struct byte_source *byte_source_memory(const void *octets, size_t size,
    size_t most, char fault[BYTE_SOURCE_FAULT_SIZE]);

/* Closes the source; NULL is allowed. */
void byte_source_close(struct byte_source *source);

/*
 * Reads as many octets as there are now, waiting for the first.
 *
 * size       at least 1
 * returns    how many; 0 at the end; -1 for a fault, now and ever after, when
 *            all that could be read has been given out
 */
long byte_source_read(struct byte_source *source, uint8_t *out, size_t size);

/* What the fault was and what would help. */
const char *byte_source_fault(const struct byte_source *source);

/* How the octets are compressed, such as `gzip`; NULL when they are not. */
const char *byte_source_packing(const struct byte_source *source);

/* Octets of the file taken so far, packed as they are, and in all (or 0). */
void byte_source_progress(
    const struct byte_source *source, uint64_t *done, uint64_t *total);

#endif
