/*
 * workers -- shards on threads of their own.
 *
 * Frames are handed over in batches, with a copy of their octets; what the
 * shards say comes back on the caller's thread, in an order that does not
 * depend on the number of workers.  A few batches are on their way at once:
 * when all of them are, the caller waits.  Does not know what frames or
 * observations mean.  Called from one thread.
 */
#ifndef SENSOR_RUN_WORKERS_H
#define SENSOR_RUN_WORKERS_H

#include <stdint.h>

#include "sensor/run/observation.h"
#include "sensor/run/shard.h"

struct frame;
struct workers; /* opaque */

#define WORKERS_MAXIMUM 8

/*
 * Starts `threads` workers, 1 to WORKERS_MAXIMUM; shard i is worker
 * (i % threads)'s from now on.
 *
 * shards     borrowed; their taker is set
 * take       gets the observations
 * returns    an owned crew for workers_free(), or NULL when there are not as
 *            many threads to be had
 */
struct workers *workers_new(struct shard *const *shards, uint32_t shard_count,
    uint32_t threads, take_observation *take, void *context);

/* Ends the threads; workers_drain() comes before.  NULL is allowed. */
void workers_free(struct workers *workers);

/* Hands a frame over to its shard. */
void workers_frame(struct workers *workers, const struct frame *frame,
    const struct flow_place *place, struct moment moment);

/* Hands the time over to every shard. */
void workers_clock(struct workers *workers, struct moment moment);

/* Waits until all that was handed over is done and has come back. */
void workers_drain(struct workers *workers);

#endif
