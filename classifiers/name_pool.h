/*
 * name_pool -- host names that live as long as their flows, in a fixed number
 * of places.
 *
 * Few flows have a name, so a place in every flow would be a waste.  Places
 * are numbered from 1; 0 is nobody's.  Does not know flows.  One thread at a
 * time.
 */
#ifndef CLASSIFIERS_NAME_POOL_H
#define CLASSIFIERS_NAME_POOL_H

#include <stdint.h>

struct name_pool; /* opaque */

/* Makes an owned pool for name_pool_free(). */
struct name_pool *name_pool_new(uint32_t places);
void name_pool_free(struct name_pool *pool);

/* Copies a name of less than HOST_NAME_SIZE octets; 0 when there is no room,
 * which is counted. */
uint32_t name_pool_keep(struct name_pool *pool, const char *name);

/* The name at a place, borrowed until it is given back; NULL for place 0. */
const char *name_pool_text(const struct name_pool *pool, uint32_t place);

/* Gives a place back and sets it to 0. */
void name_pool_return(struct name_pool *pool, uint32_t *place);

/* Names that found no room. */
uint64_t name_pool_refused(const struct name_pool *pool);

#endif
