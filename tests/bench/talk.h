/*
 * talk -- turns scripts into packets, many conversations side by side.
 *
 * TCP talks have a handshake, segments of full size, an acknowledgement for
 * every second one, and a goodbye; their packets are interleaved by time with
 * those of all other talks.  At most TALKS_MAXIMUM run at once.
 */
#ifndef TESTS_BENCH_TALK_H
#define TESTS_BENCH_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/wire.h"

struct random;
struct script;
struct talks; /* opaque */

#define TALKS_MAXIMUM 16384

/* Owned, for talks_free(). */
struct talks *talks_new(struct wire *wire);
void talks_free(struct talks *talks);

/*
 * Begins a conversation at `at_us`.
 *
 * returns    its script, to be written before the next call, or NULL when too
 *            many run at once
 */
struct script *talks_begin(struct talks *talks, uint64_t at_us,
    struct wire_end client, struct wire_end server, struct random *random);

/* Writes every packet that comes before `until_us`. */
void talks_run(struct talks *talks, uint64_t until_us);

/* Writes all that is left. */
void talks_finish(struct talks *talks);

#endif
