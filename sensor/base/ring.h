/*
 * ring -- records from one process to another through memory that both share.
 *
 * One process writes, another reads, and neither waits for the other: what
 * finds no room is refused, and the writer decides what that means.  A record
 * is there as a whole or not at all, also when its writer dies while he writes.
 *
 * The reader believes nothing that lies in the shared memory: he copies each
 * record before anybody looks at it, and what cannot be makes the ring broken.
 * Does not know what records mean.  One thread on either side.
 */
#ifndef SENSOR_BASE_RING_H
#define SENSOR_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shared memory that a ring needs beside its octets. */
#define RING_HEADER 256

/* Zeroed memory is an empty ring. */
struct ring {
	struct ring_shared *shared; /* borrowed */
	uint8_t *octets;            /* the same memory, behind it */
	uint64_t capacity;          /* a power of two */
	uint64_t at;                /* own place: where to go on */
	uint64_t end;               /* writer: of the record at hand */
	bool broken;                /* reader: what was there is no record */
};

/*
 * One side of a ring; both make their own.  A writer goes on where the one
 * before him left off.
 *
 * memory     RING_HEADER octets and `capacity` more, aligned to 64
 */
struct ring ring_writer(void *memory, size_t capacity);
struct ring ring_reader(void *memory, size_t capacity);

/* Octets that a record may still have, as far as the writer knows. */
size_t ring_room(const struct ring *ring);

/*
 * Writes one record of `size` octets, which come in pieces: begin, as many
 * puts as it takes, and the end, with which it is there.
 *
 * returns    false, with nothing begun, when there is no room
 */
bool ring_begin(struct ring *ring, uint32_t kind, size_t size);
void ring_put(struct ring *ring, const void *octets, size_t size);
void ring_end(struct ring *ring);

/* All of that for a record that is one piece. */
bool ring_write(
    struct ring *ring, uint32_t kind, const void *octets, size_t size);

/* Whether the reader wants to be woken; asked after writing, says so once. */
bool ring_wake(struct ring *ring);

/*
 * Copies the next record out.
 *
 * record     gets its octets, at most `most` of them
 * returns    false when there is none, or the ring is broken
 */
bool ring_read(
    struct ring *ring, uint32_t *kind, void *record, size_t most, size_t *size);

/* Octets that wait to be read. */
size_t ring_waiting(const struct ring *ring);

/*
 * The reader is going to sleep until ring_wake() says that he is wanted.
 *
 * returns    false when something has come meanwhile: he should read first
 */
bool ring_sleep(struct ring *ring);

/* Lets go of all that is there, and is not broken any more. */
void ring_skip(struct ring *ring);

#endif
