/*
 * arena -- memory that dies all at once.
 *
 * Serves start-up and reload: configuration, models, inventory, policy.  It
 * never serves a packet.  Running out of memory here ends the program with a
 * message, for nothing could start without it.  One thread at a time.
 */
#ifndef SENSOR_BASE_ARENA_H
#define SENSOR_BASE_ARENA_H

#include <stddef.h>

struct arena; /* opaque */

/* Makes an empty, owned arena for arena_free(). */
struct arena *arena_new(void);

/*
 * The same, with room for just so many octets before it grows: for a thing that
 * is copied once and kept long.
 */
struct arena *arena_sized(size_t octets);

/* Frees the arena and everything taken from it; NULL is allowed. */
void arena_free(struct arena *arena);

/* Zeroed memory of `size` octets, aligned for any type, borrowed. */
void *arena_take(struct arena *arena, size_t size);

/* A zeroed array; asserts that count x size does not overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of a NUL-terminated text; NULL stays NULL. */
char *arena_text(struct arena *arena, const char *text);

/* A NUL-terminated copy of `length` characters. */
char *arena_text_n(struct arena *arena, const char *text, size_t length);

/* A formatted text. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Octets that arena_sized() needs to hold all that was taken so far. */
size_t arena_used(const struct arena *arena);

/* Octets taken from the system so far. */
size_t arena_size(const struct arena *arena);

/*
 * Malloc and realloc that end the program when there is no memory; for
 * start-up only.  allocate() zeroes.  The result is owned, for free().
 */
void *allocate(size_t count, size_t size);
void *reallocate(void *memory, size_t count, size_t size);

/*
 * A large zeroed array of which perhaps little is ever used: pages of its own,
 * that take no memory before they are touched.  What allocate() gets may have
 * been somebody else's before, and is cleared whole.  Owned, for free_sparse()
 * of the same count and size.
 */
void *allocate_sparse(size_t count, size_t size);
void free_sparse(void *memory, size_t count, size_t size);

#endif
